// SPDX-License-Identifier: GPL-2.0-only
/* Tests that limits and memory cgroups do not mind each other. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <unistd.h>

#include <sys/eventfd.h>

#include "ktap/ktap.h"
#include "lib/cgroup.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/usage.h"
#include "mmlimit.h"

/* A worker of a user with a limit, in a cgroup with another */
static struct worker start_between(unsigned long limit, unsigned long max)
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	cgroup_make(max);
	worker = worker_start(USER_A);
	cgroup_enter(worker.pid);
	return worker;
}

static void end_between(void)
{
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(limit_below_memory_max_acts, 20, "memcg")
{
	unsigned long before;
	struct worker worker = start_between(8 * MIB, 64 * MIB);

	before = cgroup_kills();
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	EXPECT_EQ(cgroup_kills(), before);
	end_between();
}

KTAP_TEST(memory_max_below_the_limit_acts, 20, "memcg")
{
	unsigned long before;
	struct worker worker = start_between(64 * MIB, 8 * MIB);

	before = cgroup_kills();
	printf("expect-splat invoked oom-killer\n"
	       "expect-splat ^Memory cgroup out of memory\n");
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_EQ(cgroup_kills(), before + 1);
	end_between();
}

#define EVENTS 500

static int events[EVENTS];

static long open_events(long unused)
{
	for (int i = 0; i < EVENTS; i++) {
		events[i] = eventfd(0, 0);
		if (events[i] < 0)
			return -1;
	}
	return 0;
}

static long close_events(long unused)
{
	for (int i = 0; i < EVENTS; i++)
		close(events[i]);
	return 0;
}

/* A file, an eventfd, an inode and a dentry have more than this together. */
#define EVENT_BYTES 300

KTAP_TEST(both_are_charged_the_same_objects, 20, "memcg")
{
	struct worker worker = start_between(64 * MIB, 64 * MIB);
	unsigned long cgroup = cgroup_usage();
	struct held before = held_exact(USER_A), with;

	EXPECT_EQ(worker_call(&worker, open_events, 0), 0);
	with = held_exact(USER_A);
	EXPECT_GT(with.kernel, before.kernel + EVENTS * EVENT_BYTES);
	EXPECT_GT(cgroup_usage(), cgroup + EVENTS * EVENT_BYTES);
	EXPECT_EQ(worker_call(&worker, close_events, 0), 0);
	grace_periods_pass();
	EXPECT_LT(held_exact(USER_A).kernel,
		  with.kernel - EVENTS * EVENT_BYTES / 2);
	worker_end(&worker);
	end_between();
}

KTAP_TEST(process_that_leaves_a_cgroup_stays_charged_to_its_user, 20, "memcg")
{
	struct worker worker = start_between(8 * MIB, 64 * MIB);

	EXPECT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	cgroup_leave(worker.pid);
	EXPECT_GE(usage_exact(USER_A), 4 * MIB);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	end_between();
}

KTAP_TEST(frozen_process_is_killed_too, 20, "memcg")
{
	struct worker worker = start_between(64 * MIB, 64 * MIB);

	EXPECT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	cgroup_freeze();
	ASSERT_EQ(mmlimit_set(USER_A, 2 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	cgroup_thaw();
	end_between();
}
