// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the task monitor where allocations fail, in kernels that can make them
 * fail.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/failing.h"
#include "lib/monitor.h"
#include "lib/user.h"

#define FAILSLAB "/sys/kernel/debug/failslab/"
#define FAIL_PAGE "/sys/kernel/debug/fail_page_alloc/"

/* From now on each sample's allocation from its slab fails, or none does. */
static void fail_samples(bool fail)
{
	ASSERT_EQ(file_write("/sys/kernel/slab/taskmonitor_sample/failslab",
			     fail ? "1" : "0"),
		  0);
	ASSERT_EQ(file_write(FAILSLAB "verbose", "0"), 0);
	ASSERT_EQ(file_write(FAILSLAB "cache-filter", fail ? "Y" : "N"), 0);
	ASSERT_EQ(file_write(FAILSLAB "times", "-1"), 0);
	ASSERT_EQ(file_write(FAILSLAB "probability", fail ? "100" : "0"), 0);
}

KTAP_TEST(samples_come_from_the_reserve_when_the_slab_has_none, 20, "faults")
{
	struct worker workers[100];

	for (int i = 0; i < 100; i++)
		workers[i] = worker_start(0);
	monitor_load("period_ms=3600000");
	fail_samples(true);
	/* The first come from the reserve, the others from each other. */
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(monitor_start(workers[i].pid), 0);
	EXPECT_EQ(monitor_count("taken"), 100);
	EXPECT_EQ(monitor_count("recycled"), 36);
	EXPECT_EQ(monitor_samples(0, NULL, NULL), 64);
	EXPECT_EQ(monitor_samples(workers[0].pid, NULL, NULL), 0);
	EXPECT_EQ(monitor_samples(workers[99].pid, NULL, NULL), 1);
	EXPECT_EQ(monitor_count("running"), 100);
	fail_samples(false);
	monitor_unload();
	for (int i = 0; i < 100; i++)
		worker_end(&workers[i]);
}

KTAP_TEST(sampling_goes_on_while_the_slab_has_none, 20, "faults")
{
	struct monitor_sample first, last;
	uint64_t now;

	monitor_load("");
	monitor_set_period(5 * ktap_slowdown());
	ASSERT_EQ(monitor_start(getpid()), 0);
	monitor_wait_for("taken", 50);
	fail_samples(true);
	monitor_wait_for("taken", 250);
	EXPECT_EQ(monitor_count("lost"), 0);
	EXPECT_GE(monitor_count("recycled"), 100);
	now = ktap_now_us();
	EXPECT_GT(monitor_samples(0, &first, &last), 64);
	EXPECT_LE(now - last.time, 20000ULL * ktap_slowdown());
	/* No more samples are taken from others than are needed. */
	fail_samples(false);
	monitor_wait_for("taken", 300);
	EXPECT_LE(monitor_count("recycled"), 260);
	monitor_unload();
}

/* A reader that holds the oldest sample must not cost more than that one. */
KTAP_TEST(readers_do_not_keep_samples_from_coming, 20, "faults")
{
	int readers[20];
	char byte;

	monitor_load("");
	monitor_set_period(5 * ktap_slowdown());
	ASSERT_EQ(monitor_start(getpid()), 0);
	monitor_wait_for("taken", 10);
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		readers[i] = open(MONITOR_HISTORY, O_RDONLY | O_CLOEXEC);
		ASSERT_EQ(read(readers[i], &byte, 1), 1);
	}
	fail_samples(true);
	monitor_wait_for("taken", 500);
	EXPECT_EQ(monitor_count("lost"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		EXPECT_EQ(read(readers[i], &byte, 1), 1);
		close(readers[i]);
	}
	fail_samples(false);
	monitor_unload();
}

/* Any allocation may be the one, without a word in the log. */
static void prepare_to_fail(void)
{
	ASSERT_EQ(file_write(FAILSLAB "cache-filter", "N"), 0);
	ASSERT_EQ(file_write(FAIL_PAGE "min-order", "0"), 0);
	ASSERT_EQ(file_write(FAILSLAB "verbose", "0"), 0);
	ASSERT_EQ(file_write(FAIL_PAGE "verbose", "0"), 0);
	ASSERT_EQ(file_write(FAILSLAB "ignore-gfp-wait", "N"), 0);
	ASSERT_EQ(file_write(FAIL_PAGE "ignore-gfp-wait", "N"), 0);
}

static int start_init(void)
{
	return monitor_start(1);
}

KTAP_TEST(starting_survives_each_failure_of_an_allocation, 20, "faults")
{
	unsigned int nth = 0;
	bool failed;
	int error;

	monitor_load("");
	prepare_to_fail();
	do {
		failed = call_with_failure(++nth, start_init, &error);
		if (error)
			EXPECT_EQ(error, -ENOMEM);
		EXPECT_EQ(monitor_count("running"), !error);
		EXPECT_EQ(monitor_stop(1), error ? -ESRCH : 0);
	} while (failed && nth < 100);
	printf("%u allocations\n", nth - 1);
	EXPECT_LT(nth, 100);
	EXPECT_GT(nth, 3);
	monitor_unload();
}
