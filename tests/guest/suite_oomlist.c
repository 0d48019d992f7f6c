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
	KTAP_TEST(shell_and_its_tools_write_lists_of_any_length, 60),
	KTAP_TEST(bad_buffer_leaves_the_old_list, 10),
	KTAP_TEST(only_administrators_of_the_machine_write, 10),
};

KTAP_SUITE(tests)
