// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests graces: how long a user may stay above its limit, and that the killer
 * acts when the time is over. All times are guest time.
 */
#define _GNU_SOURCE 1
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

/* Little memory, so that a victim is gone as soon as it is killed */
#define LIMIT (3 * MIB)

/*
 * On a release kernel this is long against everything that a test does
 * meanwhile.
 */
static unsigned int grace_base_ms = 500;

/*
 * A timer is as exact as the tick, 10 ms; then the victim still has to be
 * found, and to die.
 */
#define TOLERANCE_MS 30

static unsigned int grace_ms(void)
{
	return grace_base_ms * ktap_slowdown();
}

static uint64_t grace_us(void)
{
	return grace_ms() * 1000ULL;
}

/* A worker goes above its limit by few pages, so that the moment is exact. */
#define EXCESS_PAGES 64

/*
 * A worker of a user that has no other process, grown right up to the limit,
 * with all page tables it will need
 */
static struct worker start_at_limit(uid_t uid)
{
	struct worker worker = worker_start(uid);

	ASSERT_EQ(worker_call(&worker, held_prepare, 2 * LIMIT / PAGE), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 1), 0);
	/* The kernel may give a page back meanwhile. */
	while (usage_exact(uid) < LIMIT)
		ASSERT_EQ(worker_call(&worker, held_grow,
				      (LIMIT - usage_exact(uid)) / PAGE),
			  0);
	return worker;
}

static void exceed(struct worker *worker)
{
	ASSERT_EQ(worker_call(worker, held_grow, EXCESS_PAGES), 0);
}

static void recede(struct worker *worker)
{
	ASSERT_EQ(worker_call(worker, held_shrink, 2 * EXCESS_PAGES), 0);
}

/*
 * Whether the worker lives until that moment; waits until then, or until it
 * dies.
 */
static bool lives_until(struct worker *worker, uint64_t moment_us)
{
	struct pollfd fd = { .fd = worker->pidfd, .events = POLLIN };
	uint64_t now;

	while ((now = ktap_now_us()) < moment_us)
		if (poll(&fd, 1, (moment_us - now + 999) / 1000) != 0)
			return false;
	return worker_alive(worker);
}

static void expect_no_kill(struct klog *log)
{
	struct kill_line kill;

	while (klog_next_kill(log, &kill))
		KTAP_FAIL("expected no kill, got one of pid %d", kill.pid);
}

/*
 * The worker's grace began between two moments; it must die that much later,
 * not before, and not much after.
 */
static void expect_death_after_grace(struct worker *worker, uint64_t before_us,
				     uint64_t after_us)
{
	uint64_t died_us;

	EXPECT_TRUE(worker_was_killed(worker));
	died_us = ktap_now_us();
	printf("died %lld us after its grace\n",
	       (long long)(died_us - before_us - grace_us()));
	EXPECT_GE(died_us, before_us + grace_us());
	EXPECT_LE(died_us, after_us + grace_us() +
				   TOLERANCE_MS * 1000 * ktap_slowdown());
}

KTAP_TEST(freed_in_time_lives, 10, "enforce")
{
	struct klog log = klog_open();
	struct worker worker;
	uint64_t exceeded_us;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_at_limit(USER_A);
	exceed(&worker);
	exceeded_us = ktap_now_us();
	EXPECT_GT(usage_exact(USER_A), LIMIT);
	EXPECT_TRUE(lives_until(&worker, exceeded_us + grace_us() / 2));
	recede(&worker);
	EXPECT_TRUE(lives_until(&worker, exceeded_us + 2 * grace_us()));
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	worker_end(&worker);

	/* Each step is logged. */
	klog_wait(&log, "grace: uid=10070");
	klog_wait(&log, "normal: uid=10070");
	expect_no_kill(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(still_over_dies_at_the_deadline, 10, "enforce")
{
	uint64_t before_us, after_us;
	struct worker worker;

	/* The user exceeds its limit at several moments between two ticks. */
	for (int i = 0; i < 8; i++) {
		ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
		worker = start_at_limit(USER_A);
		EXPECT_TRUE(
			lives_until(&worker, ktap_now_us() + 1000 + 3300 * i));
		before_us = ktap_now_us();
		exceed(&worker);
		after_us = ktap_now_us();
		expect_death_after_grace(&worker, before_us, after_us);
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
}

KTAP_TEST(short_and_long_graces_end_as_exactly, 30, "enforce")
{
	static const unsigned int graces_ms[] = { 20,	100,  640,
						  1000, 3000, 10000 };
	uint64_t before_us, after_us;
	struct worker worker;

	for (size_t i = 0; i < ARRAY_SIZE(graces_ms); i++) {
		grace_base_ms = graces_ms[i];
		ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
		worker = start_at_limit(USER_A);
		before_us = ktap_now_us();
		exceed(&worker);
		after_us = ktap_now_us();
		printf("grace of %u ms: ", grace_ms());
		expect_death_after_grace(&worker, before_us, after_us);
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
}

KTAP_TEST(grows_as_it_likes_during_grace, 10, "enforce")
{
	uint64_t before_us, after_us;
	struct worker worker;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_at_limit(USER_A);
	before_us = ktap_now_us();
	exceed(&worker);
	after_us = ktap_now_us();
	/* The deadline is that of the first page too many. */
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(worker_call(&worker, held_grow, EXCESS_PAGES), 0);
		EXPECT_TRUE(lives_until(&worker,
					after_us + (i + 1) * grace_us() / 8));
	}
	expect_death_after_grace(&worker, before_us, after_us);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* The administrator's grace is not a time that the user has to take. */
KTAP_TEST(shorter_grace_of_its_own_ends_one_that_has_begun, 10, "enforce")
{
	uint64_t before_us, after_us;
	struct worker worker;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 20 * grace_ms()), 0);
	worker = start_at_limit(USER_A);
	exceed(&worker);
	EXPECT_TRUE(lives_until(&worker, ktap_now_us() + grace_us()));
	before_us = ktap_now_us();
	EXPECT_EQ(limit_call_by(&worker, SET_TIME(USER_A, LIMIT, grace_ms())),
		  0);
	after_us = ktap_now_us();
	expect_death_after_grace(&worker, before_us, after_us);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/*
 * The killer, which begins the grace, cannot run before the fork is done. Kernel memory would
 * be refused until then.
 */
KTAP_TEST(fork_goes_on_where_a_grace_is_about_to_begin, 10, "enforce")
{
	const struct sched_param first = { .sched_priority = 99 };
	/* Two thirds of it leave room for any program. */
	const unsigned long limit = 8 * MIB;
	struct worker worker;
	long child;

	limits_count("rss");
	ASSERT_EQ(mmlimit_set_time(USER_A, limit, 20 * grace_ms()), 0);
	worker = start_holding(USER_A, limit * 2 / 3);
	EXPECT_EQ(limit_read(USER_A).state, MM_LIMIT_IDLE);
	ASSERT_EQ(sched_setscheduler(worker.pid, SCHED_FIFO, &first), 0);
	child = worker_call(&worker, worker_fork_stopped, 0);
	EXPECT_GT(child, 0);
	EXPECT_GT(limit_read(USER_A).usage, limit);
	EXPECT_EQ(limit_read(USER_A).state, MM_LIMIT_GRACE);
	EXPECT_EQ(worker_call(&worker, worker_kill_child, child), 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_count("held");
}

KTAP_TEST(removed_during_grace_lives, 10, "enforce")
{
	struct klog log = klog_open();
	struct worker worker;
	uint64_t exceeded_us;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_at_limit(USER_A);
	exceed(&worker);
	exceeded_us = ktap_now_us();
	EXPECT_TRUE(lives_until(&worker, exceeded_us + grace_us() / 2));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_TRUE(lives_until(&worker, exceeded_us + 3 * grace_us()));
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	expect_no_kill(&log);
	worker_end(&worker);
}

/*
 * The limit is removed on both sides of the deadline: whoever lives when it is
 * gone must go on living.
 */
KTAP_TEST(removed_at_the_last_moment_lives, 30, "enforce")
{
	uint64_t exceeded_us, removing_us;
	struct worker worker;
	bool lives;

	for (int offset_ms = -24; offset_ms <= 24; offset_ms += 4) {
		ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
		worker = start_at_limit(USER_A);
		exceeded_us = ktap_now_us();
		exceed(&worker);
		lives_until(&worker,
			    exceeded_us + grace_us() +
				    offset_ms * 1000 * (int)ktap_slowdown());
		removing_us = ktap_now_us();
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
		/*
		 * A signal that was sent before the removal may not have been
		 * taken yet.
		 */
		lives = worker_call(&worker, held_grow, 1) == 0;
		printf("%d ms from the deadline: %s\n", offset_ms,
		       lives ? "lives" : "dead");
		if (lives) {
			EXPECT_TRUE(
				lives_until(&worker, removing_us + grace_us()));
			worker_end(&worker);
		} else {
			EXPECT_TRUE(worker_was_killed(&worker));
			EXPECT_GE(removing_us, exceeded_us + grace_us());
		}
	}
}

KTAP_TEST(raised_during_grace_lives, 10, "enforce")
{
	struct klog log = klog_open();
	struct worker worker;
	uint64_t exceeded_us;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_at_limit(USER_A);
	exceed(&worker);
	exceeded_us = ktap_now_us();
	EXPECT_TRUE(lives_until(&worker, exceeded_us + grace_us() / 2));
	ASSERT_EQ(mmlimit_set_time(USER_A, 2 * LIMIT, grace_ms()), 0);
	EXPECT_TRUE(lives_until(&worker, exceeded_us + 3 * grace_us()));
	expect_no_kill(&log);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(lowered_without_grace_dies_at_once, 10, "enforce")
{
	struct worker worker;
	uint64_t lowered_us;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_at_limit(USER_A);
	exceed(&worker);
	lowered_us = ktap_now_us();
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_LE(ktap_now_us(),
		  lowered_us + TOLERANCE_MS * 1000 * ktap_slowdown());
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* The user's own limit, as high and as long as the hard one allows */
static long set_own_limit_again(long bytes)
{
	return mmlimit_set_time(USER_A, bytes, grace_ms());
}

static long remove_own_limit(long unused)
{
	return mmlimit_remove(USER_A);
}

KTAP_TEST(own_limit_set_again_does_not_prolong_grace, 10, "enforce")
{
	uint64_t before_us, after_us;
	struct worker worker;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_at_limit(USER_A);
	before_us = ktap_now_us();
	exceed(&worker);
	after_us = ktap_now_us();
	/* All it can do: set, change, remove and set again */
	for (int i = 1; i < 6; i++) {
		EXPECT_TRUE(
			lives_until(&worker, after_us + i * grace_us() / 8));
		EXPECT_EQ(worker_call(&worker, set_own_limit_again,
				      LIMIT - i * PAGE),
			  0);
		if (i % 2)
			EXPECT_EQ(worker_call(&worker, remove_own_limit, 0), 0);
	}
	expect_death_after_grace(&worker, before_us, after_us);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(exceeding_anew_begins_a_new_grace, 10, "enforce")
{
	uint64_t first_us, before_us, after_us;
	struct worker worker;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_at_limit(USER_A);
	exceed(&worker);
	first_us = ktap_now_us();
	EXPECT_TRUE(lives_until(&worker, first_us + grace_us() / 2));
	recede(&worker);
	/*
	 * The first grace ends with the user below its limit; only then is it
	 * over.
	 */
	EXPECT_TRUE(lives_until(&worker, first_us + grace_us() * 5 / 4));
	/* Back to the limit, and then above it. */
	exceed(&worker);
	EXPECT_EQ(usage_exact(USER_A), LIMIT);
	before_us = ktap_now_us();
	exceed(&worker);
	after_us = ktap_now_us();
	EXPECT_TRUE(lives_until(&worker, before_us + grace_us() * 3 / 4));
	expect_death_after_grace(&worker, before_us, after_us);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(exceeding_right_after_a_kill_begins_a_new_grace, 10, "enforce")
{
	uint64_t before_us, after_us;
	struct worker worker;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	for (int i = 0; i < 3; i++) {
		worker = start_at_limit(USER_A);
		before_us = ktap_now_us();
		exceed(&worker);
		after_us = ktap_now_us();
		expect_death_after_grace(&worker, before_us, after_us);
		usage_wait_for(USER_A, 0);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(users_have_graces_of_their_own, 10, "enforce")
{
	uint64_t before_us[2], after_us[2];
	static const uid_t uids[] = { USER_A, USER_B };
	struct worker workers[2];

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(mmlimit_set_time(uids[i], LIMIT, grace_ms()), 0);
		workers[i] = start_at_limit(uids[i]);
	}
	for (int i = 0; i < 2; i++) {
		before_us[i] = ktap_now_us();
		exceed(&workers[i]);
		after_us[i] = ktap_now_us();
		EXPECT_TRUE(
			lives_until(&workers[1], after_us[0] + grace_us() / 2));
	}
	expect_death_after_grace(&workers[0], before_us[0], after_us[0]);
	expect_death_after_grace(&workers[1], before_us[1], after_us[1]);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(mmlimit_remove(uids[i]), 0);
}
