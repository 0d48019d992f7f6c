/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of reclaim before kill, by the file that they are in. */
#ifndef GUEST_RECLAIM_TESTS_H
#define GUEST_RECLAIM_TESTS_H

/* reclaim_sets.c: which memory goes to swap, and when that is given up */
void hot_memory_stays_while_cold_memory_goes(void);
void background_begins_at_the_threshold(void);
void nothing_happens_below_the_threshold(void);
void fast_growth_is_reclaimed_directly_at_the_limit(void);
void long_system_call_stays_at_the_limit(void);
void many_processes_share_what_there_is(void);
void all_hot_memory_is_killed_within_the_bound(void);
void changed_threshold_ends_the_rest_of_the_background(void);
void periodic_limit_is_reclaimed_when_that_is_ordered(void);
void thrashing_user_wins_no_time_by_changing_its_own_limit(void);
void grace_comes_after_reclaim(void);

/* reclaim_swap.c: swap that is there, or not, or ends */
void without_swap_it_kills_as_without_the_flag(void);
void full_swap_is_followed_by_the_killer(void);
void swap_max_bounds_a_users_swap(void);
void swap_beyond_swap_max_counts(void);
void swap_beyond_a_lowered_swap_max_counts(void);
void swap_counts_again_without_the_flag(void);
void swapoff_in_the_middle_kills_what_does_not_fit(void);
void swapoff_with_room_hurts_nobody(void);
void fork_of_a_swapped_process_hurts_nobody(void);

/* reclaim_others.c: memory that is not to be touched, and others meanwhile */
void memory_shared_with_another_user_stays(void);
void locked_and_shared_memory_stays(void);
void two_users_reclaim_at_once(void);
void exit_during_reclaim_leaves_nothing(void);
void limit_removed_during_reclaim_lets_go(void);
void unlimited_user_is_not_touched(void);

#endif /* GUEST_RECLAIM_TESTS_H */
