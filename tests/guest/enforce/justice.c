// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests random crowds of processes under a limit: the victims are compared with
 * those of a model that knows the exact size of each process.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/prepared.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/usage.h"

#define CROWD 20
#define LARGEST 600 /* pages */

/* At least so many kills of one user are logged at once. */
#define LOGGED 10

/**
 * struct member - one of the user's processes
 * @worker: it
 * @size: what it is charged, in bytes
 * @pending: of that, what its counters may not have yet when the killer reads them:
 *	the page by which it crosses the limit, for that is charged first
 */
struct member {
	struct worker worker;
	unsigned long size;
	unsigned long pending;
};

/**
 * struct scenario - a user's processes and who looks on
 * @uid: the user; one each, for the sake of the log
 * @members: its processes, the largest first
 * @count: how many
 * @usage: what the user is charged
 * @bystanders: processes of others, each larger than any of @members
 * @log: the kernel's log, from before the limit
 */
struct scenario {
	uid_t uid;
	struct member members[CROWD];
	size_t count;
	unsigned long usage;
	struct worker bystanders[3];
	struct klog log;
};

static struct random numbers;

static int by_size(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return x->size < y->size ? 1 : x->size > y->size ? -1 : 0;
}

static bool has_equal(const struct scenario *scenario, unsigned long size)
{
	for (size_t i = 0; i < scenario->count; i++)
		if (scenario->members[i].size == size)
			return true;
	return false;
}

/*
 * Once a member has done everything that it does, it is charged the difference
 * between the user's charge with it and without it. Which of two equal members
 * would die is not this test's business, so there are none.
 */
static void add_member(struct scenario *scenario, long pages)
{
	struct member *member = &scenario->members[scenario->count];
	unsigned long usage;

	member->worker = start_prepared(scenario->uid, 2 * LARGEST);
	member->pending = 0;
	ASSERT_EQ(worker_call(&member->worker, held_grow, pages), 0);
	do {
		ASSERT_EQ(worker_call(&member->worker, held_grow, 1), 0);
		usage = usage_exact(scenario->uid);
		member->size = usage - scenario->usage;
	} while (has_equal(scenario, member->size));
	scenario->usage = usage;
	scenario->count++;
}

static void begin_scenario(struct scenario *scenario, uid_t uid)
{
	static const uid_t others[] = { 0, USER_B, USER_C };
	size_t count = 2 + random_below(&numbers, CROWD - 1);

	scenario->uid = uid;
	scenario->count = 0;
	scenario->usage = 0;
	ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_set(USER_C, LIMIT_HUGE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		scenario->bystanders[i] = worker_start(others[i]);
		ASSERT_EQ(worker_call(&scenario->bystanders[i], held_grow,
				      2 * LARGEST),
			  0);
	}
	while (scenario->count < count)
		add_member(scenario, random_below(&numbers, LARGEST));
	qsort(scenario->members, count, sizeof(*scenario->members), by_size);
	scenario->log = klog_open();
}

static void expect_unharmed(struct worker *worker)
{
	/* SIGKILL under way would come before the answer. */
	EXPECT_EQ(worker_call(worker, held_damage, 0), 0);
	worker_end(worker);
}

/* The logged kills must be of so many of the largest members, in this order. */
static void compare_log(struct scenario *scenario, size_t victims)
{
	struct kill_line kill;
	struct member *member;
	size_t lines = 0;

	for (; klog_next_kill(&scenario->log, &kill); lines++) {
		ASSERT_LT(lines, victims);
		member = &scenario->members[lines];
		EXPECT_EQ(kill.uid, scenario->uid);
		EXPECT_EQ(kill.pid, member->worker.pid);
		EXPECT_LE(kill.rss, member->size);
		EXPECT_GE(kill.rss + member->pending, member->size);
		EXPECT_GT(kill.user_rss, kill.mm_max);
		if (lines == 0)
			EXPECT_EQ(kill.user_rss, scenario->usage);
		else
			EXPECT_LE(kill.user_rss, scenario->usage);
	}
	EXPECT_GE(lines, victims < LOGGED ? victims : LOGGED);
}

/* Ends the scenario; so many of the largest must be dead, and nobody else. */
static void end_scenario(struct scenario *scenario, size_t victims)
{
	size_t i;

	for (i = 0; i < victims; i++)
		EXPECT_TRUE(worker_was_killed(&scenario->members[i].worker));
	/* After the removal nobody is chosen any more. */
	EXPECT_EQ(mmlimit_remove(scenario->uid), 0);
	compare_log(scenario, victims);
	for (i = victims; i < scenario->count; i++)
		expect_unharmed(&scenario->members[i].worker);
	for (i = 0; i < ARRAY_SIZE(scenario->bystanders); i++)
		expect_unharmed(&scenario->bystanders[i]);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
	klog_close(&scenario->log);
}

/* After ten waits others would be chosen, and rightly so. */
static void allow_slow_exits(void)
{
	char wait_ms[16];

	snprintf(wait_ms, sizeof(wait_ms), "%u", 100 * ktap_slowdown());
	ASSERT_EQ(file_write(KILL_WAIT, wait_ms), 0);
}

/*
 * As many of the largest must die as are needed: without the last of them, the
 * rest is too much.
 */
static size_t victims_for(const struct scenario *scenario, unsigned long limit)
{
	unsigned long usage = scenario->usage;
	size_t victims = 0;

	while (usage > limit)
		usage -= scenario->members[victims++].size;
	return victims;
}

static unsigned long smallest(const struct scenario *scenario)
{
	return scenario->members[scenario->count - 1].size;
}

KTAP_TEST(lowered_limits_kill_just_as_many_of_the_largest_as_they_must, 120,
	  "kill account_smp")
{
	const int crowds = ktap_volume("crowds");
	size_t processes = 0, killed = 0;
	struct scenario scenario;

	numbers = random_from(ktap_seed());
	allow_slow_exits();
	for (int i = 0; i < crowds; i++) {
		unsigned long limit;
		size_t victims;

		begin_scenario(&scenario, TEST_USER_FIRST + 100 + i);
		/* The limit is such that one has to go, and one can stay. */
		limit = smallest(&scenario) +
			random_below(&numbers,
				     scenario.usage - smallest(&scenario));
		victims = victims_for(&scenario, limit);
		ASSERT_EQ(mmlimit_set(scenario.uid, limit), 0);
		end_scenario(&scenario, victims);
		processes += scenario.count;
		killed += victims;
	}
	printf("%zu of %zu processes killed, as the model did\n", killed,
	       processes);
	EXPECT_GT(killed, 0);
	EXPECT_LT(killed, processes);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

/*
 * One process grows; it is the victim only if it is the largest when it crosses
 * the limit.
 */
static void cross_the_limit(struct scenario *scenario)
{
	size_t who = random_below(&numbers, scenario->count);
	unsigned long fits = random_below(&numbers, LARGEST / 2);
	struct member *grower = &scenario->members[who];
	bool dies;

	while (has_equal(scenario, grower->size + (fits + 1) * PAGE))
		fits++;
	ASSERT_EQ(mmlimit_set(scenario->uid, scenario->usage + fits * PAGE), 0);
	grower->size += (fits + 1) * PAGE;
	grower->pending = PAGE;
	scenario->usage += (fits + 1) * PAGE;
	dies = grower->size >= scenario->members[0].size;
	EXPECT_EQ(worker_call(&grower->worker, held_grow, fits + 1),
		  dies ? WORKER_DIED : 0);
	qsort(scenario->members, scenario->count, sizeof(*scenario->members),
	      by_size);
	end_scenario(scenario, 1);
}

KTAP_TEST(crossed_limits_kill_the_largest_and_nobody_else, 60,
	  "kill account_smp")
{
	const int crowds = ktap_volume("crowds");
	struct scenario scenario;

	numbers = random_from(ktap_seed() + 1);
	for (int i = 0; i < crowds; i++) {
		begin_scenario(&scenario, TEST_USER_FIRST + 100 + i);
		cross_the_limit(&scenario);
	}
}

/* The largest has, to the page, as much as the user is above the limit. */
KTAP_TEST(victim_that_just_suffices_is_enough, 20, "kill")
{
	struct worker victim, other;
	unsigned long without;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	other = start_holding(USER_A, 4 * MIB);
	without = usage_exact(USER_A);
	victim = start_holding(USER_A, 8 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, without), 0);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_TRUE(worker_lives_for(&other, 300 * ktap_slowdown()));
	EXPECT_EQ(usage_exact(USER_A), without);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static void *wait_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static long start_threads(long count)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32 * KIB);
	while (count--)
		if (pthread_create(&thread, &small, wait_for_ever, NULL))
			return -EAGAIN;
	return 0;
}

static unsigned long usage(void)
{
	grace_periods_pass();
	return limit_read(USER_A).usage;
}

/* Three quarters of it are enough, for what a thread has is an estimate. */
KTAP_TEST(threads_of_a_victim_are_counted_on, 20, "enforce")
{
	unsigned long without, threads;
	struct worker victim, other;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	other = start_holding(USER_A, 4 * MIB);
	without = usage();
	victim = start_holding(USER_A, 8 * MIB);
	threads = usage();
	ASSERT_EQ(worker_call(&victim, start_threads, 60), 0);
	threads = usage() - threads;
	printf("60 threads have %lu KiB\n", threads / KIB);
	/* They are counted on for a tenth of a second, which is too short on slow kernels. */
	without += ktap_slowdown() > 1 ? threads : threads / 4;
	ASSERT_EQ(mmlimit_set(USER_A, without), 0);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_TRUE(worker_lives_for(&other, 300 * ktap_slowdown()));
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	EXPECT_LE(limit_read(USER_A).usage, without);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
