// SPDX-License-Identifier: GPL-2.0-only
/* /proc/oom: the list, and the system running out of memory with one. */
#define _GNU_SOURCE 1
#include "ktap.h"
#include "oomlist_tests.h"

static const struct ktap_test tests[] = {
	KTAP_TEST(list_is_read_in_the_order_of_ranks, 10),
	KTAP_TEST(new_list_replaces_the_old_one, 10),
	KTAP_TEST(malformed_list_leaves_the_old_one, 10),
	KTAP_TEST(empty_write_or_newline_clears_the_list, 10),
	KTAP_TEST(file_that_is_only_opened_changes_nothing, 10),
	KTAP_TEST(list_in_many_writes_is_one_list, 20),
	KTAP_TEST(one_bad_write_spoils_the_whole_list, 10),
	KTAP_TEST(rewinding_puts_a_list_in_force, 10),
	KTAP_TEST(write_in_the_middle_is_refused, 10),
	KTAP_TEST(writer_that_is_killed_changes_nothing, 10),
	KTAP_TEST(writer_that_exits_has_written_its_list, 10),
	KTAP_TEST(list_counts_when_nobody_can_add_to_it, 10),
	KTAP_TEST(shell_and_its_tools_write_lists_of_any_length, 60),
	KTAP_TEST(bad_buffer_leaves_the_old_list, 10),
	KTAP_TEST(only_administrators_of_the_machine_write, 10),
	KTAP_TEST(duplicates_and_strangers_are_left_out, 10),
	KTAP_TEST(list_of_all_numbers_holds_all_processes, 60),
	KTAP_TEST(process_leaves_the_list_when_it_ends, 10),
	KTAP_TEST(process_stays_listed_through_an_exec, 10),
	KTAP_TEST(recycled_number_is_nobody, 10),
	KTAP_TEST(any_piece_of_a_read_is_of_one_list, 10),
	KTAP_TEST(numbers_are_those_of_the_proc_they_go_through, 10),
	KTAP_TEST(hidden_processes_are_not_shown, 10),
	KTAP_TEST(times_are_those_of_stat, 10),
	KTAP_TEST(readers_see_one_list_or_the_other, 60),
	KTAP_TEST(first_listed_goes_before_larger_ones, 60),
	KTAP_TEST(candidates_go_in_the_order_of_the_list, 60),
	KTAP_TEST(without_a_live_candidate_the_kernel_chooses, 60),
	KTAP_TEST(protected_candidates_are_passed_over, 60),
	KTAP_TEST(recycled_number_is_not_killed, 60),
	KTAP_TEST(allocating_task_goes_first_if_the_sysctl_says_so, 60),
	KTAP_TEST(sysrq_goes_by_no_list, 60),
	KTAP_TEST(swapoff_goes_before_the_list, 60),
	KTAP_TEST(raw_io_candidate_ends_by_sigterm, 60),
	KTAP_TEST(others_get_no_sigterm, 60),
	KTAP_TEST(raw_io_candidate_that_ignores_sigterm_is_killed_in_time, 60),
	KTAP_TEST(raw_io_candidate_is_killed_at_once_without_a_wait, 60),
	KTAP_TEST(raw_io_candidate_that_needs_memory_gets_to_its_handler, 60),
	KTAP_TEST(sigterm_comes_only_once, 60),
	KTAP_TEST(who_outlives_sigterm_goes_first_the_next_time, 150),
	KTAP_TEST(who_has_outlived_sigterm_for_long_is_like_any_other, 150),
	KTAP_TEST(machine_runs_out_while_lists_are_written, 300),
	KTAP_TEST(limit_kills_while_lists_are_written, 300),
};

KTAP_TESTS(tests);
