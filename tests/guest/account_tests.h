/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of accounts that several suites run, each on machines of its own. */
#ifndef GUEST_ACCOUNT_TESTS_H
#define GUEST_ACCOUNT_TESTS_H

/* A limit that only serves to have the user charged */
#define ACCOUNT_HUGE (MMLIMIT_NONE - 1)

/* account_random.c */
void random_operations_are_charged_exactly(void);
void random_operations_while_limits_and_swap_come_and_go_are_charged_exactly(
	void);
void many_random_operations_are_charged_exactly(void);

/* account_handover.c */
void limit_set_while_processes_fault_finds_all_memory(void);
void limit_set_while_processes_come_and_go_finds_all_memory(void);
void setuid_while_threads_fault_moves_all_memory(void);

/* account_swap.c */
void swapped_pages_stay_charged(void);
void swapped_pages_of_processes_that_end_are_uncharged(void);

/* account_sharing.c */
void clone_vm_is_charged_once(void);
void shared_memory_stays_with_its_owner(void);
void vfork_is_charged_once(void);
void setuid_after_vfork_moves_nothing(void);
void threads_are_charged_exactly(void);
void setuid_of_a_single_thread_moves_nothing(void);
void pages_that_others_write_are_charged_to_the_owner(void);

#endif /* GUEST_ACCOUNT_TESTS_H */
