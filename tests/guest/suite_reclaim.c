// SPDX-License-Identifier: GPL-2.0-only
/* Reclaim before kill. */
#include "ktap.h"
#include "reclaim_tests.h"

static const struct ktap_test tests[] = {
	KTAP_TEST(hot_memory_stays_while_cold_memory_goes, 60),
	KTAP_TEST(background_begins_at_the_threshold, 60),
	KTAP_TEST(nothing_happens_below_the_threshold, 60),
	KTAP_TEST(fast_growth_is_reclaimed_directly_at_the_limit, 60),
	KTAP_TEST(long_system_call_stays_at_the_limit, 60),
	KTAP_TEST(many_processes_share_what_there_is, 60),
	KTAP_TEST(all_hot_memory_is_killed_within_the_bound, 60),
	KTAP_TEST(changed_threshold_ends_the_rest_of_the_background, 120),
	KTAP_TEST(periodic_limit_is_reclaimed_when_that_is_ordered, 60),
	KTAP_TEST(thrashing_user_wins_no_time_by_changing_its_own_limit, 60),
	KTAP_TEST(grace_comes_after_reclaim, 60),
	KTAP_TEST(without_swap_it_kills_as_without_the_flag, 60),
	KTAP_TEST(full_swap_is_followed_by_the_killer, 60),
	KTAP_TEST(swap_max_bounds_a_users_swap, 60),
	KTAP_TEST(swap_beyond_swap_max_counts, 60),
	KTAP_TEST(swap_beyond_a_lowered_swap_max_counts, 60),
	KTAP_TEST(swap_counts_again_without_the_flag, 60),
	KTAP_TEST(swapoff_in_the_middle_kills_what_does_not_fit, 60),
	KTAP_TEST(swapoff_with_room_hurts_nobody, 60),
	KTAP_TEST(fork_of_a_swapped_process_hurts_nobody, 60),
	KTAP_TEST(memory_shared_with_another_user_stays, 60),
	KTAP_TEST(locked_and_shared_memory_stays, 60),
	KTAP_TEST(two_users_reclaim_at_once, 60),
	KTAP_TEST(exit_during_reclaim_leaves_nothing, 60),
	KTAP_TEST(limit_removed_during_reclaim_lets_go, 60),
	KTAP_TEST(unlimited_user_is_not_touched, 60),
};

KTAP_TESTS(tests);
