// SPDX-License-Identifier: GPL-2.0-only
/* The task monitor under real concurrency: for a guest with several CPUs. */
#define _GNU_SOURCE 1
#include <unistd.h>

#include "ktap.h"
#include "taskmonitor_tests.h"

static void there_are_several_cpus(void)
{
	EXPECT_GT(sysconf(_SC_NPROCESSORS_ONLN), 1);
}

static const struct ktap_test tests[] = {
	KTAP_TEST(there_are_several_cpus, 10),
	KTAP_TEST(many_processes_are_sampled_at_once, 60),
	KTAP_TEST(overload_leaves_rounds_out_and_goes_on, 60),
	KTAP_TEST(memory_pressure_takes_the_oldest_and_sampling_goes_on, 300),
	KTAP_TEST(unload_under_load_leaves_nothing, 300),
	KTAP_TEST(storm_of_processes_readers_and_reclaim_is_survived, 300),
};

KTAP_TESTS(tests);
