// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: what it tells the kernel and when, and how it is a daemon. */
#define _GNU_SOURCE 1
#include "ktap.h"
#include "oomrankd_tests.h"

static const struct ktap_test tests[] = {
	KTAP_TEST(list_is_what_dry_run_prints, 20),
	KTAP_TEST(more_memory_comes_first, 20),
	KTAP_TEST(who_may_not_be_killed_is_not_listed, 20),
	KTAP_TEST(top_bounds_the_list, 20),
	KTAP_TEST(names_confuse_nobody, 20),
	KTAP_TEST(process_behind_a_dead_first_thread_is_listed, 20),
	KTAP_TEST(namespace_of_ones_own_is_no_privilege, 20),
	KTAP_TEST(processes_that_come_and_go_are_no_trouble, 60),
	KTAP_TEST(ranks_at_intervals_without_pressure, 30),
	KTAP_TEST(pressure_wakes_it, 60),
	KTAP_TEST(goes_on_without_pressure_information, 30),
	KTAP_TEST(sighup_ranks_now, 20),
	KTAP_TEST(sigterm_takes_the_list_back, 20),
	KTAP_TEST(is_a_daemon_when_its_parent_exits, 20),
	KTAP_TEST(second_one_is_refused, 20),
	KTAP_TEST(wake_ups_take_no_memory, 30),
	KTAP_TEST(works_when_memory_is_nearly_gone, 60),
	KTAP_TEST(its_first_is_the_systems_first, 60),
	KTAP_TEST(wrong_usage_and_refusals_of_it_are_explained, 20),
};

KTAP_TESTS(tests);
