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

#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/faults.h"
#include "lib/monitor.h"
#include "lib/user.h"

/* So many samples are set aside when the module is loaded (taskmonitor.h). */
#define RESERVE 64

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
	EXPECT_EQ(monitor_count("recycled"), 100 - RESERVE);
	EXPECT_EQ(monitor_samples(0, NULL, NULL), RESERVE);
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

static int start_init(void)
{
	return monitor_start(1);
}

static void expect_running_or_not(int error)
{
	EXPECT_EQ(monitor_count("running"), !error);
	EXPECT_EQ(monitor_stop(1), error ? -ESRCH : 0);
}

KTAP_TEST(starting_survives_each_failure_of_an_allocation, 20, "faults")
{
	monitor_load("");
	fail_prepare();
	/* The file, the task, its sample */
	EXPECT_GE(fail_each(start_init, expect_running_or_not), 3);
	monitor_unload();
}

/* An open file, since to open it can fail, too */
static int module;

static int load_with(const char *parameters)
{
	return syscall(SYS_finit_module, module, parameters, 0) ? -errno : 0;
}

static int load(void)
{
	return load_with("target=1");
}

/* The kernel looks at parameters when it has the module in place, before its files. */
static int load_and_be_refused(void)
{
	return load_with("target=x");
}

/* Not while the module is put in place: there ARM's kernel does not look whether it has memory. */
KTAP_TEST(module_that_cannot_be_loaded_leaves_nothing_behind, 120, "faults")
{
	unsigned int nth, failures = 0, first;
	bool failed;
	int error;

	/* The kernel's own slabs leak a name then, which kmemleak would be told of. */
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		ktap_skip("slabs leak names when their files cannot be made");
	monitor_delete();
	module = open(MONITOR_MODULE, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(module, 0);
	printf("expect-splat ^kobject: \n"
	       "expect-splat ^__kmem_cache_create_args.taskmonitor_sample. failed\n"
	       "expect-splat ^debugfs: out of free dentries\n");
	fail_prepare();
	first = fail_count(load_and_be_refused);
	nth = first;
	do {
		failed = fail_in_call(++nth, load, &error);
		if (!error) {
			EXPECT_EQ(monitor_start(1), -EEXIST);
			ASSERT_EQ(monitor_delete(), 0);
		}
		failures += error != 0;
		monitor_expect_no_trace();
	} while (failed && nth < first + 1000);
	printf("allocations %u to %u, of which %u were fatal\n", first + 1,
	       nth - 1, failures);
	EXPECT_LT(nth, first + 1000);
	/* Those of the slab, the reserve, the thread, and the files */
	EXPECT_GT(failures, RESERVE);
	EXPECT_EQ(error, 0);
	close(module);
}
