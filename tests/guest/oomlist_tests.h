/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of /proc/oom, of which some run on machines with several CPUs, too. */
#ifndef GUEST_OOMLIST_TESTS_H
#define GUEST_OOMLIST_TESTS_H

/* oomlist_write.c: how a list is written */
void list_is_read_in_the_order_of_ranks(void);
void new_list_replaces_the_old_one(void);
void malformed_list_leaves_the_old_one(void);
void empty_write_or_newline_clears_the_list(void);
void file_that_is_only_opened_changes_nothing(void);
void list_in_many_writes_is_one_list(void);
void one_bad_write_spoils_the_whole_list(void);
void rewinding_puts_a_list_in_force(void);
void write_in_the_middle_is_refused(void);
void writer_that_is_killed_changes_nothing(void);
void writer_that_exits_has_written_its_list(void);
void shell_and_its_tools_write_lists_of_any_length(void);
void bad_buffer_leaves_the_old_list(void);
void only_administrators_of_the_machine_write(void);

/* oomlist_entries.c: who is listed */
void duplicates_and_strangers_are_left_out(void);
void list_of_all_numbers_holds_all_processes(void);
void process_leaves_the_list_when_it_ends(void);
void process_stays_listed_through_an_exec(void);
void recycled_number_is_nobody(void);
void any_piece_of_a_read_is_of_one_list(void);
void numbers_are_those_of_the_proc_they_go_through(void);
void hidden_processes_are_not_shown(void);
void times_are_those_of_stat(void);
void readers_see_one_list_or_the_other(void);

/* oomlist_oom.c: what happens when memory runs out */
void first_listed_goes_before_larger_ones(void);
void candidates_go_in_the_order_of_the_list(void);
void without_a_live_candidate_the_kernel_chooses(void);
void protected_candidates_are_passed_over(void);
void recycled_number_is_not_killed(void);
void allocating_task_goes_first_if_the_sysctl_says_so(void);

/* oomlist_term.c: candidates with raw access to hardware */
void raw_io_candidate_ends_by_sigterm(void);
void others_get_no_sigterm(void);
void raw_io_candidate_that_ignores_sigterm_is_killed_in_time(void);
void raw_io_candidate_is_killed_at_once_without_a_wait(void);
void raw_io_candidate_that_needs_memory_gets_to_its_handler(void);
void sigterm_comes_only_once(void);
void who_outlives_sigterm_goes_first_the_next_time(void);
void who_has_outlived_sigterm_for_long_is_like_any_other(void);

/* oomlist_storm.c: while lists are written and read */
void machine_runs_out_while_lists_are_written(void);
void limit_kills_while_lists_are_written(void);

#endif /* GUEST_OOMLIST_TESTS_H */
