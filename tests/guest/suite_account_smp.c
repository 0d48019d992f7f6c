// SPDX-License-Identifier: GPL-2.0-only
/* Accounts under real concurrency: for a guest with several CPUs. */
#define _GNU_SOURCE 1
#include <unistd.h>

#include "account_tests.h"
#include "ktap.h"

static void there_are_several_cpus(void)
{
	EXPECT_GT(sysconf(_SC_NPROCESSORS_ONLN), 1);
}

static const struct ktap_test tests[] = {
	KTAP_TEST(there_are_several_cpus, 10),
	KTAP_TEST(limit_set_while_processes_fault_finds_all_memory, 60),
	KTAP_TEST(limit_set_while_processes_come_and_go_finds_all_memory, 60),
	KTAP_TEST(setuid_while_threads_fault_moves_all_memory, 60),
	KTAP_TEST(random_operations_are_charged_exactly, 300),
	KTAP_TEST(
		random_operations_while_limits_and_swap_come_and_go_are_charged_exactly,
		300),
	KTAP_TEST(many_random_operations_are_charged_exactly, 600),
};

KTAP_TESTS(tests);
