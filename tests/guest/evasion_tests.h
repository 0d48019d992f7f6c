/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of the suite evasions: what a user may try to get more memory. */
#ifndef GUEST_EVASION_TESTS_H
#define GUEST_EVASION_TESTS_H

/*
 * evasions_uncounted.c: memory that is in no resident set and so is not
 * counted, as Documentation/mm/mm_limit.rst says, and what stops it
 */
void tmpfs_file_counts_while_mapped_and_its_mount_has_a_size(void);
void memfd_counts_while_mapped_and_rlimit_fsize_stops_it(void);
void sysv_segment_counts_while_mapped_and_shmall_stops_it(void);
void pipes_do_not_count_and_pipe_user_pages_hard_stops_them(void);
void spliced_pages_do_not_count_and_pipe_user_pages_hard_stops_them(void);
void kernel_stacks_do_not_count_and_rlimit_nproc_stops_them(void);

#endif /* GUEST_EVASION_TESTS_H */
