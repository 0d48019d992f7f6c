// SPDX-License-Identifier: GPL-2.0-only
/* Tests how far users get beyond their limits before the killer stops them. */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/prepared.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/usage.h"

#define THREADS 8

/* The kernel logs only so many kills of a user in a while, hence one each. */
static uid_t user_of_round(int round)
{
	return TEST_USER_FIRST + round;
}

/*
 * The next kill must be of this user. Returns by how many pages the user was
 * above the limit then.
 */
static unsigned long overshoot(struct klog *log, uid_t uid, unsigned long limit)
{
	struct kill_line kill;

	ASSERT_TRUE(klog_next_kill(log, &kill));
	EXPECT_EQ(kill.uid, uid);
	EXPECT_EQ(kill.mm_max, limit);
	EXPECT_GT(kill.user_rss, limit);
	return (kill.user_rss - limit) / PAGE;
}

static void expect_not_one_page_beyond_limits(void)
{
	const int limits = ktap_volume("limits");
	struct klog log = klog_open();

	share_progress();
	for (int round = 0; round < limits; round++) {
		unsigned long fits = 1 + 4 * (round % 100), limit;
		uid_t uid = user_of_round(round);
		struct worker worker;

		ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
		worker = start_prepared(uid, 500);
		ASSERT_EQ(worker_call(&worker, grow_and_count, 1), 0);
		limit = usage_exact(uid) + fits * PAGE;
		ASSERT_EQ(mmlimit_set(uid, limit), 0);
		EXPECT_EQ(worker_call(&worker, grow_and_count, 450),
			  WORKER_DIED);
		EXPECT_EQ(*kill_progress, fits);
		EXPECT_TRUE(worker_was_killed(&worker));
		/* The one that was being touched */
		EXPECT_EQ(overshoot(&log, uid, limit), 1);
		EXPECT_EQ(mmlimit_remove(uid), 0);
	}
	printf("%d limits, each exceeded by one page\n", limits);
	klog_close(&log);
}

KTAP_TEST(toucher_gets_not_one_page_beyond_the_limit, 60, "kill enforce_smp")
{
	expect_not_one_page_beyond_limits();
}

KTAP_TEST(exact_is_exact_again, 30, "enforce")
{
	static const char *const others[] = { "alloc", "hybrid", "periodic" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct worker worker;

		ASSERT_EQ(file_write(TRIGGER, others[i]), 0);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
		worker = start_holding(USER_A, 4 * MIB);
		ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
		EXPECT_GE(usage_exact(USER_A), 4 * MIB);
		worker_end(&worker);
		usage_wait_for(USER_A, 0);
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
	expect_not_one_page_beyond_limits();
}

/*
 * Each thread's share of a region whose page tables are there: more than fits,
 * for a thread at its end would touch memory of another kind.
 */
#define SHARE 2048

/**
 * struct race - what threads that grow and the test tell each other
 * @ready: threads that wait for the start
 * @go: the start
 * @touched: pages that each thread has touched
 */
struct race {
	unsigned int ready;
	unsigned int go;
	unsigned long touched[THREADS];
};

static struct region race_page, race_region;

static struct race *race(void)
{
	return (struct race *)race_page.base;
}

static void touch_next(int thread)
{
	unsigned long *touched = &race()->touched[thread];

	region_touch(&race_region, thread * SHARE + *touched, 1);
	__atomic_add_fetch(touched, 1, __ATOMIC_SEQ_CST);
}

static void *grow_from_the_start(void *number)
{
	int thread = (long)number;

	/*
	 * From here on, each turn of the loops below touches nothing but its
	 * page.
	 */
	touch_next(thread);
	__atomic_add_fetch(&race()->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&race()->go, __ATOMIC_SEQ_CST))
		sched_yield();
	while (race()->touched[thread] < SHARE)
		touch_next(thread);
	return NULL;
}

static long start_threads(long unused)
{
	pthread_t thread;

	race_region = region_map(THREADS * SHARE);
	for (size_t page = 0; page < race_region.pages; page++)
		if (page % (TABLE_SPAN / PAGE) == 0)
			region_touch(&race_region, page, 1);
	region_drop(&race_region, 0, race_region.pages);
	for (long i = 0; i < THREADS; i++)
		ASSERT_EQ(pthread_create(&thread, NULL, grow_from_the_start,
					 (void *)i),
			  0);
	while (__atomic_load_n(&race()->ready, __ATOMIC_SEQ_CST) < THREADS)
		sched_yield();
	return 0;
}

static unsigned long pages_touched(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < THREADS; i++)
		sum += race()->touched[i];
	return sum;
}

/* Returns by how many pages the user was above its limit. */
static unsigned long race_against_the_limit(struct klog *log, uid_t uid,
					    unsigned long fits)
{
	struct worker worker;
	unsigned long limit, before;

	memset(race(), 0, sizeof(struct race));
	ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
	worker = worker_start(uid);
	ASSERT_EQ(worker_call(&worker, start_threads, 0), 0);
	before = pages_touched();
	limit = usage_exact(uid) + fits * PAGE;
	ASSERT_EQ(mmlimit_set(uid, limit), 0);
	__atomic_store_n(&race()->go, 1, __ATOMIC_SEQ_CST);
	/* It does not answer: it is the one that dies. */
	EXPECT_TRUE(worker_was_killed(&worker));
	/* No thread went on after a touch that did not fit any more. */
	EXPECT_LE(pages_touched() - before, fits);
	EXPECT_EQ(mmlimit_remove(uid), 0);
	return overshoot(log, uid, limit);
}

KTAP_TEST(threads_get_no_more_than_one_page_each_beyond_the_limit, 120,
	  "kill enforce_smp")
{
	const int limits = ktap_volume("limits");
	struct random numbers = random_from(ktap_seed());
	unsigned long most = 0, sum = 0;
	struct klog log = klog_open();

	race_page = region_map_common(1);
	for (int round = 0; round < limits; round++) {
		unsigned long fits = 50 + random_below(&numbers, SHARE - 100),
			      over;

		over = race_against_the_limit(&log, user_of_round(round), fits);
		EXPECT_GE(over, 1);
		EXPECT_LE(over, THREADS);
		sum += over;
		most = over > most ? over : most;
	}
	printf("%d limits, %d threads: %lu pages beyond at most, %lu.%02lu on average\n",
	       limits, THREADS, most, sum / limits,
	       sum % limits * 100 / limits);
	klog_close(&log);
}
