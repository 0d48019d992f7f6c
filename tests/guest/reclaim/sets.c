// SPDX-License-Identifier: GPL-2.0-only
/* Tests which memory reclaim swaps out, and when it gives up. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/reclaim.h"
#include "lib/swap.h"
#include "lib/usage.h"

#define LIMIT (RECLAIM_MIB(100) * MIB)
#define SWAP (RECLAIM_MIB(400) * MIB)

KTAP_TEST(hot_memory_stays_while_cold_memory_goes, 60, "reclaim")
{
	unsigned long hot = RECLAIM_MIB(20), cold = RECLAIM_MIB(200);
	/* All hot pages are used once for each MiB that is cold; so often in the second half */
	unsigned long uses = cold / 2 * (hot * MIB / PAGE);
	struct mm_limit_attr attr;
	struct worker worker;
	long refaults;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, hot_make, hot), 0);
	/*
	 * First, all has been used since the hand was there, so what it comes to when it has
	 * gone round once may be hot.
	 */
	ASSERT_EQ(worker_call(&worker, hot_beside_cold, cold - cold / 2), 0);
	refaults = -worker_call(&worker, hot_refaults, 0);
	ASSERT_EQ(worker_call(&worker, hot_beside_cold, cold / 2), 0);
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_EQ(attr.thrashed, 0);
	EXPECT_LE(attr.usage, LIMIT);
	EXPECT_GE(attr.swap, (hot + cold) * MIB - LIMIT);
	EXPECT_GT(attr.spared, hot * MIB / PAGE);

	refaults += worker_call(&worker, hot_refaults, 0);
	printf("%ld of %lu uses of hot pages found them gone\n", refaults,
	       uses);
	/* In turn, each would be swapped out once while LIMIT is gone through, as it is here. */
	EXPECT_LE(refaults, uses / 100);
	EXPECT_EQ(worker_call(&worker, hot_damage, 0), 0);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

/* Waits until a user has come down to so many bytes. */
static void wait_for_usage(uid_t uid, unsigned long bytes)
{
	while (limit_read(uid).usage > bytes) {
		ktap_waiting_for("user %u to have less than %lu bytes", uid,
				 bytes);
		usleep(10000);
	}
	ktap_waiting_for(NULL);
}

KTAP_TEST(background_begins_at_the_threshold, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 50, MM_LIMIT_SWAP_UNBOUNDED);
	/* So far below the limit that a slow kernel's background keeps up */
	worker = start_holding(USER_A, LIMIT * 3 / 4);
	/* It does nothing any more, so all it has gets cold. */
	wait_for_usage(USER_A, LIMIT / 2);
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.exceeds, 0);
	EXPECT_EQ(attr.direct_reclaims, 0);
	EXPECT_GE(attr.usage, LIMIT / 2 - LIMIT / 16);
	EXPECT_LT(attr.peak, LIMIT);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

/* A sixteenth below the threshold, where 32 pages at a time may have been one too many */
KTAP_TEST(background_takes_no_more_than_it_is_to, 60, "reclaim")
{
	const unsigned long target = LIMIT / 2 - LIMIT / 2 / 16;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 50, MM_LIMIT_SWAP_UNBOUNDED);
	worker = start_holding(USER_A, LIMIT * 3 / 4);
	wait_for_usage(USER_A, target);
	ASSERT_TRUE(worker_lives_for(&worker, 2000));
	EXPECT_LE(limit_read(USER_A).usage, target);
	EXPECT_GT(limit_read(USER_A).usage, target - 64 * PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(nothing_happens_below_the_threshold, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = start_holding(USER_A, LIMIT / 2);
	ASSERT_TRUE(worker_lives_for(&worker, 2000));
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.scanned, 0);
	EXPECT_EQ(attr.swap, 0);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(fast_growth_is_reclaimed_directly_at_the_limit, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	reclaim_begin(SWAP);
	/* Nothing in the background */
	reclaim_limit_with(USER_A, LIMIT, 100, MM_LIMIT_SWAP_UNBOUNDED);
	worker = start_holding(USER_A, 2 * LIMIT);
	attr = reclaim_read(USER_A);
	EXPECT_GT(attr.direct_reclaims, 0);
	EXPECT_LE(attr.usage, LIMIT);
	/* Each touch that crosses the limit waits for room. */
	EXPECT_LE(attr.peak, LIMIT + 2 * PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

static long read_zeros(long mib)
{
	struct region region = region_map(mib * MIB / PAGE);
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(read(fd, (void *)region.base, mib * MIB), mib * (long)MIB);
	close(fd);
	return 0;
}

/* The thread is in the kernel all the time, and reclaims there. */
KTAP_TEST(long_system_call_stays_at_the_limit, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, read_zeros, 2 * LIMIT / MIB), 0);
	wait_for_usage(USER_A, LIMIT);
	attr = reclaim_read(USER_A);
	printf("%lld bytes above the limit at most\n",
	       (long long)attr.peak - (long long)LIMIT);
	EXPECT_LE(attr.peak, LIMIT + 2 * PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

#define CROWD 8

KTAP_TEST(many_processes_share_what_there_is, 60, "reclaim")
{
	struct worker workers[CROWD];
	unsigned long limit;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT_HUGE);
	for (int i = 0; i < CROWD; i++)
		workers[i] = worker_start(USER_A);
	/* Programs and what they share cannot be swapped out. */
	limit = usage_exact(USER_A) + LIMIT;
	reclaim_limit(USER_A, limit);
	for (int i = 0; i < CROWD; i++)
		ASSERT_EQ(worker_call(&workers[i], held_grow, LIMIT / 4 / PAGE),
			  0);
	for (int i = 0; i < CROWD; i++) {
		EXPECT_EQ(worker_call(&workers[i], held_damage, 0), 0);
		EXPECT_LE(usage_exact(USER_A), limit);
	}
	EXPECT_GT(reclaim_read(USER_A).swapped_out, 0);
	for (int i = 1; i < CROWD; i++)
		worker_end(&workers[i]);
	reclaim_end(USER_A, &workers[0]);
	reclaim_finish();
}

/* A kernel that is slow swaps little in a second. */
#define THRASH_MS (ktap_slowdown() > 1 ? 10000 : 3000)

/* A worker has more hot memory than its user may have. */
static void expect_killed_within_the_bound(void)
{
	struct mm_limit_attr attr;
	struct worker worker;
	uint64_t begin;

	worker = worker_start(USER_A);
	/* It thrashes from here on, since this is more than fits. */
	begin = ktap_now_us();
	ASSERT_EQ(worker_call(&worker, hot_make, LIMIT * 5 / 4 / MIB), 0);
	EXPECT_EQ(worker_call(&worker, hot_use, 1000000), WORKER_DIED);
	printf("killed after %llu ms\n", (ktap_now_us() - begin) / 1000);
	/*
	 * The killer comes at the earliest after the first whole period. Up to
	 * two periods of a second begin before that, the last one has to end,
	 * and dying takes a while. Where swapping is slow, or there is much of it,
	 * periods last longer, until all has come back once.
	 */
	EXPECT_GE(ktap_now_us() - begin, THRASH_MS * 1000);
	EXPECT_LE(ktap_now_us() - begin,
		  (THRASH_MS + 4000 * ktap_slowdown() * RECLAIM_TIMES) * 1000);
	EXPECT_TRUE(worker_was_killed(&worker));
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 1);
	EXPECT_EQ(attr.thrashed, 1);
}

KTAP_TEST(all_hot_memory_is_killed_within_the_bound, 60, "reclaim")
{
	struct worker bystander;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	reclaim_thrash_after(THRASH_MS);
	bystander = start_holding(USER_A, MIB);
	expect_killed_within_the_bound();
	EXPECT_EQ(worker_call(&bystander, held_damage, 0), 0);
	worker_end(&bystander);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

/*
 * So many pages come back in each second, which is thrashing if it takes long: of all the
 * fifth part, or less where it takes longer.
 */
#define A_SECOND (LIMIT * 5 / 4 / PAGE / (ktap_slowdown() > 1 ? 20 : 5))

KTAP_TEST(user_that_loses_little_time_to_swap_is_not_thrashing, 60, "reclaim")
{
	const unsigned int seconds = 5 * THRASH_MS / 1000;
	struct mm_limit_attr before, after;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, hot_make, LIMIT * 5 / 4 / MIB), 0);
	reclaim_thrash_after(THRASH_MS);
	before = limit_read(USER_A);
	for (unsigned int i = 0; i < seconds; i++) {
		ASSERT_EQ(worker_call(&worker, hot_use_next, A_SECOND), 0);
		ASSERT_TRUE(worker_lives_for(&worker, 1000));
	}
	after = limit_read(USER_A);
	EXPECT_EQ(after.thrashed, 0);
	/* Most of what went came back, and as much as there is. */
	EXPECT_GE(after.refaults - before.refaults,
		  (after.swapped_out - before.swapped_out) * 3 / 4);
	EXPECT_GE((after.refaults - before.refaults) * PAGE, LIMIT * 5 / 4);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

/* The background rests at most so long. */
#define REST_MS 60000

KTAP_TEST(changed_threshold_ends_the_rest_of_the_background, 120, "reclaim")
{
	const struct mm_limit_attr lower = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_THRESHOLD,
		.threshold = 60,
	};
	struct worker worker;
	uint64_t begin;
	long times = 1;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, hot_make, LIMIT * 5 / 4 / MIB), 0);
	ktap_waiting_for("the background to rest");
	do {
		/* It must look twice while this lasts. */
		ASSERT_EQ(worker_call(&worker, hot_use, times++), 0);
		/* Nobody uses it any more, and nobody swaps it out. */
		ASSERT_TRUE(worker_lives_for(&worker, 2000));
	} while (limit_read(USER_A).usage <= LIMIT / 100 * 80);
	ktap_waiting_for(NULL);

	begin = ktap_now_us();
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &lower, sizeof(lower)), 0);
	wait_for_usage(USER_A, LIMIT / 100 * 60);
	EXPECT_LE(ktap_now_us() - begin, REST_MS / 3 * 1000ULL);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(periodic_limit_is_reclaimed_when_that_is_ordered, 60, "reclaim")
{
	struct worker worker;
	char wait_ms[16];

	/* The order reclaims for no more than ten times this. */
	snprintf(wait_ms, sizeof(wait_ms), "%u", 200 * ktap_slowdown());
	ASSERT_EQ(file_write(KILL_WAIT, wait_ms), 0);
	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	reclaim_begin(SWAP);
	/* Nothing in the background */
	reclaim_limit_with(USER_A, LIMIT, 100, MM_LIMIT_SWAP_UNBOUNDED);
	worker = start_holding(USER_A, LIMIT + LIMIT / 4);
	ASSERT_TRUE(worker_lives_for(&worker, 2000));
	EXPECT_GT(limit_read(USER_A).usage, LIMIT + LIMIT / 4);
	EXPECT_EQ(limit_read(USER_A).scanned, 0);

	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 0);
	EXPECT_LE(limit_read(USER_A).usage, LIMIT);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

static long change_own_for_ever(long bytes)
{
	for (;;) {
		ASSERT_EQ(mmlimit_set(USER_A, bytes), 0);
		usleep(100000);
	}
}

KTAP_TEST(thrashing_user_wins_no_time_by_changing_its_own_limit, 60, "reclaim")
{
	struct worker bystander;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	reclaim_thrash_after(THRASH_MS);
	limits_log_table(false);
	bystander = worker_start(USER_A);
	worker_send(&bystander, change_own_for_ever, LIMIT);
	expect_killed_within_the_bound();
	EXPECT_TRUE(worker_alive(&bystander));
	kill(bystander.pid, SIGKILL);
	EXPECT_TRUE(worker_was_killed(&bystander));
	limits_log_table(true);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

#define GRACE_MS 500

KTAP_TEST(grace_comes_after_reclaim, 60, "reclaim")
{
	struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_GRACE,
		.grace_ms = GRACE_MS * ktap_slowdown(),
	};
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	worker = start_holding(USER_A, 2 * LIMIT);
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.graces, 0);
	/* Room is no longer to be had, so it may stay above for a while. */
	ASSERT_EQ(worker_call(&worker, held_shrink, LIMIT * 3 / 2 / PAGE), 0);
	EXPECT_EQ(swap_off(), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), 0);
	EXPECT_EQ(limit_read(USER_A).graces, 1);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

/* Pages that the background lets wait at most (reclaim_types.h) */
#define QUEUE 512

static long held_now;

/* For worker_call(), like held_grow() and held_shrink() */
static long grow(long pages)
{
	held_now += pages;
	return held_grow(pages);
}

static long shrink_all(long unused)
{
	long pages = held_now;

	held_now = 0;
	return held_shrink(pages);
}

/* Pages that were found unused, and have not gone to swap yet */
static long waiting(const struct mm_limit_attr *attr)
{
	return attr->scanned - attr->spared - attr->swapped_out - attr->dropped;
}

static void run_first(pid_t pid, int policy, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	ASSERT_EQ(sched_setscheduler(pid, policy, &param), 0);
}

/*
 * The background has found what nobody uses, and before it has gone to swap the user comes to
 * its limit. Nobody else runs while it takes what waits. Returns how much that was, which is
 * what it has swapped out and not found itself.
 */
static long take_what_waits(struct worker *worker)
{
	struct mm_limit_attr before = limit_read(USER_A), after;
	/* What was given back while it waited is swapped out no more. */
	const long never = waiting(&before);

	ASSERT_EQ(worker_call(worker, grow, LIMIT * 7 / 8 / PAGE), 0);
	ktap_waiting_for("pages to wait for being swapped out");
	do {
		usleep(200 * ktap_slowdown());
		before = limit_read(USER_A);
	} while (waiting(&before) - never < QUEUE / 4 &&
		 before.usage > LIMIT * 5 / 8);
	ktap_waiting_for(NULL);
	run_first(worker->pid, SCHED_FIFO, 1);
	ASSERT_EQ(worker_call(worker, grow,
			      (LIMIT - before.usage) / PAGE + QUEUE / 4),
		  0);
	after = limit_read(USER_A);
	run_first(worker->pid, SCHED_OTHER, 0);
	printf("%ld waited, then %ld; found %llu more, %llu went\n",
	       waiting(&before) - never, waiting(&after) - never,
	       after.scanned - after.spared - before.scanned + before.spared,
	       after.swapped_out - before.swapped_out);
	return waiting(&before) - waiting(&after);
}

/* What is on its way to swap counts as gone there; what has gone does so no longer. */
KTAP_TEST(background_goes_on_where_pages_were_taken_that_it_had_found, 120,
	  "reclaim")
{
	const unsigned long target = LIMIT / 2 - LIMIT / 2 / 16;
	long taken = 0;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 50, MM_LIMIT_SWAP_UNBOUNDED);
	worker = worker_start(USER_A);
	/* Before the kernel's works, as its worker will be */
	run_first(0, SCHED_FIFO, 2);
	for (int round = 0; taken < 2 * QUEUE; round++) {
		struct mm_limit_attr attr;

		ASSERT_LT(round, 50);
		taken += take_what_waits(&worker);
		attr = limit_read(USER_A);
		EXPECT_EQ(attr.kills, 0);
		ASSERT_EQ(worker_call(&worker, shrink_all, 0), 0);
	}
	run_first(0, SCHED_OTHER, 0);
	printf("%ld pages were taken in all\n", taken);
	ASSERT_EQ(worker_call(&worker, grow, LIMIT * 3 / 4 / PAGE), 0);
	wait_for_usage(USER_A, target);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}
