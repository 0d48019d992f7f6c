// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests reclaim beside others: memory that must not be touched, and users that
 * exit, end or reclaim at the same time.
 */
#define _GNU_SOURCE 1
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/reclaim.h"
#include "lib/slabs.h"
#include "lib/usage.h"

#define LIMIT (RECLAIM_MIB(64) * MIB)
/* A page fault in a file maps so much at most. */
#define FAULT_AROUND (64 * KIB)
#define SWAP (RECLAIM_MIB(320) * MIB)

/* In a worker of root: a child of another user has all that it has, too. */
static long share_with(long uid)
{
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		user_become(uid);
		raise(SIGSTOP);
		_exit(EXIT_SUCCESS);
	}
	ASSERT_EQ(waitpid(pid, NULL, WUNTRACED), pid);
	return pid;
}

static long become(long uid)
{
	user_become(uid);
	return 0;
}

KTAP_TEST(memory_shared_with_another_user_stays, 60, "reclaim")
{
	struct worker worker;
	long other;

	reclaim_begin(SWAP);
	worker = start_holding(0, LIMIT * 3 / 4);
	other = worker_call(&worker, share_with, USER_B);
	ASSERT_GT(other, 0);
	ASSERT_EQ(worker_call(&worker, become, USER_A), 0);
	reclaim_limit_with(USER_A, LIMIT, 50, MM_LIMIT_SWAP_UNBOUNDED);
	/* It has too little of its own to get below the threshold. */
	ASSERT_TRUE(worker_lives_for(&worker, 500 * ktap_slowdown()));
	EXPECT_GT(reclaim_read(USER_A).scanned, 0);
	EXPECT_EQ(process_status(other, "VmSwap:") * KIB, 0);
	EXPECT_GE(usage_exact(USER_A), LIMIT / 2);
	ASSERT_EQ(kill(other, SIGKILL), 0);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

static struct region locked, shared;

static long lock_and_share(long bytes)
{
	shared = region_map_shared(bytes / PAGE);
	region_touch(&shared, 0, shared.pages);
	locked = region_map(bytes / PAGE);
	region_touch(&locked, 0, locked.pages);
	ASSERT_EQ(mlock((void *)locked.base, bytes), 0);
	return 0;
}

static long major_faults_of_both(long unused)
{
	struct rusage before, after;

	ASSERT_EQ(getrusage(RUSAGE_SELF, &before), 0);
	ASSERT_EQ(region_damage(&locked, 0, locked.pages), 0);
	ASSERT_EQ(region_damage(&shared, 0, shared.pages), 0);
	ASSERT_EQ(getrusage(RUSAGE_SELF, &after), 0);
	return after.ru_majflt - before.ru_majflt;
}

KTAP_TEST(locked_and_shared_memory_stays, 60, "reclaim")
{
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(0);
	ASSERT_EQ(worker_call(&worker, lock_and_share, LIMIT / 4), 0);
	ASSERT_EQ(worker_call(&worker, become, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), 0);
	EXPECT_GE(reclaim_read(USER_A).swap, LIMIT / 2);
	EXPECT_GE(process_status(worker.pid, "RssShmem:") * KIB, LIMIT / 4);
	/* The difference is pages of the program. */
	EXPECT_LE(worker_call(&worker, major_faults_of_both, 0), 4);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(two_users_reclaim_at_once, 60, "reclaim")
{
	static const uid_t users[] = { USER_A, USER_B };
	struct worker workers[2];

	reclaim_begin(SWAP);
	for (int i = 0; i < 2; i++) {
		reclaim_limit(users[i], LIMIT);
		workers[i] = worker_start(users[i]);
	}
	for (int i = 0; i < 2; i++)
		worker_send(&workers[i], held_grow, 2 * LIMIT / PAGE);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(worker_receive(&workers[i]), 0);
	for (int i = 0; i < 2; i++) {
		EXPECT_GE(reclaim_read(users[i]).swap, LIMIT / 2);
		reclaim_end(users[i], &workers[i]);
	}
	reclaim_finish();
}

/* Half of what a worker has to swap out that grows to twice its limit */
#define SOME_PAGES (LIMIT / 8 / PAGE)

/* Waits for a moment in the middle of reclaim: so many pages have gone out. */
static void wait_for_swap_outs(unsigned long long pages)
{
	ktap_waiting_for("%llu pages to be swapped out", pages);
	while (limit_read(USER_A).swapped_out < pages)
		usleep(200);
	ktap_waiting_for(NULL);
}

KTAP_TEST(exit_during_reclaim_leaves_nothing, 120, "reclaim account_smp")
{
	const int rounds = ktap_volume("endings");
	struct random numbers = random_from(ktap_seed());
	unsigned long long outs;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT / 4);
	for (int round = 0; round < rounds; round++) {
		worker = worker_start(USER_A);
		outs = limit_read(USER_A).swapped_out;
		worker_send(&worker, held_grow, LIMIT / 2 / PAGE);
		wait_for_swap_outs(outs + 1 +
				   random_below(&numbers, SOME_PAGES));
		ASSERT_EQ(kill(worker.pid, SIGKILL), 0);
		EXPECT_TRUE(worker_was_killed(&worker));
		usage_wait_for(USER_A, 0);
		EXPECT_EQ(usage_exact(USER_A), 0);
	}
	EXPECT_EQ(reclaim_read(USER_A).swap, 0);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

KTAP_TEST(limit_removed_during_reclaim_lets_go, 120, "reclaim account_smp")
{
	const int rounds = ktap_volume("endings");
	struct random numbers = random_from(ktap_seed());
	struct worker worker;

	reclaim_begin(SWAP);
	for (int round = 0; round < rounds; round++) {
		reclaim_limit(USER_A, LIMIT / 4);
		worker = worker_start(USER_A);
		worker_send(&worker, held_grow, LIMIT / 2 / PAGE);
		wait_for_swap_outs(1 + random_below(&numbers, SOME_PAGES));
		ASSERT_EQ(mmlimit_remove(USER_A), 0);
		EXPECT_EQ(worker_receive(&worker), 0);
		EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
		worker_end(&worker);
	}
	reclaim_finish();
}

KTAP_TEST(unlimited_user_is_not_touched, 60, "reclaim")
{
	struct worker worker, other;

	reclaim_begin(SWAP);
	other = start_holding(USER_B, LIMIT / 2);
	reclaim_limit(USER_A, LIMIT);
	worker = start_holding(USER_A, 2 * LIMIT);
	EXPECT_EQ(process_status(other.pid, "VmSwap:") * KIB, 0);
	worker_end(&other);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

/* In a worker of root: it can lock all that it will have, too, when it is a user's. */
static long lock_all(long unused)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &none))
		return -errno;
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ? -errno : 0;
}

/*
 * Three turns of the hand tell that there is nothing to be had, and the killer comes before
 * the first of its own rounds, of a tenth of a second each. Of much memory, turns take longer,
 * but not as long as the ten rounds that are made for what may be had.
 */
KTAP_TEST(user_with_nothing_but_locked_memory_is_killed_at_once, 5, "reclaim")
{
	struct worker worker, other;
	uint64_t began_us;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	/* What has been swapped out before does not count. */
	other = start_holding(USER_A, LIMIT / 4);
	ASSERT_EQ(worker_call(&other, held_swap_out, 0), 0);
	EXPECT_GT(limit_read(USER_A).swapped_out, 0);
	worker = worker_start(0);
	ASSERT_EQ(worker_call(&worker, lock_all, 0), 0);
	ASSERT_EQ(worker_call(&worker, become, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, LIMIT / 2 / PAGE), 0);
	began_us = ktap_now_us();
	EXPECT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_LT(ktap_now_us(),
		  began_us + 100000ULL * ktap_slowdown() * RECLAIM_TIMES);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

/* How often an area has been changed and changed back; shared with the test */
static struct region changes;

/* Its address space is locked for nearly all of the time. */
static long keep_locked(long bytes)
{
	struct region region = region_map(bytes / PAGE);
	char *base = (char *)region.base;

	region_touch(&region, 0, region.pages);
	while (!mprotect(base, bytes, PROT_READ) &&
	       !mprotect(base, bytes, PROT_READ | PROT_WRITE))
		changes.base[0]++;
	return -errno;
}

static long spin(long unused)
{
	while (getppid())
		continue;
	return 0;
}

/*
 * The one with the lock hardly comes to run. Whoever is at the limit waits for as long as the
 * killer gives to reclaim: ten rounds of a tenth of a second for each eighth that comes free.
 */
KTAP_TEST(user_that_keeps_its_memory_locked_is_not_waited_for, 60, "reclaim")
{
	const struct sched_param none = { 0 };
	struct worker holder, worker, other;
	struct mm_limit_attr attr;
	uint64_t began_us;
	long grown;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	changes = region_map_common(1);
	holder = worker_start(USER_A);
	worker_send(&holder, keep_locked, LIMIT * 3 / 4);
	worker = worker_start(USER_A);
	while (changes.base[0] < 10)
		usleep(1000);
	ASSERT_EQ(sched_setscheduler(holder.pid, SCHED_IDLE, &none), 0);
	other = worker_start(USER_B);
	worker_send(&other, spin, 0);
	began_us = ktap_now_us();
	grown = worker_call(&worker, held_grow, LIMIT / PAGE);
	/* Otherwise this would show nothing. */
	EXPECT_LT(changes.base[0], 1000);
	EXPECT_LE(ktap_now_us(), began_us + 8000000ULL * ktap_slowdown());
	attr = limit_read(USER_A);
	/* Somebody was killed, the holder or the other, or there was enough to swap out. */
	EXPECT_TRUE(attr.kills == 1 || (grown == 0 && attr.swap >= LIMIT / 2));
	/* What a page fault of each of the two maps, in a file's pages */
	EXPECT_LE(attr.peak, LIMIT + 2 * FAULT_AROUND);
	region_unmap(&changes);
	kill(other.pid, SIGKILL);
	kill(holder.pid, SIGKILL);
	worker_wait(&other);
	worker_wait(&holder);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	if (grown == WORKER_DIED)
		worker_wait(&worker);
	else
		worker_end(&worker);
	reclaim_finish();
}

#define ROUNDS 60
#define SMALL (4 * MIB)

/*
 * A limit takes more than a KiB. Its user's thread reclaims at the limit, and for room for what
 * it forks: both hold the limit meanwhile.
 */
KTAP_TEST(limits_that_reclaim_and_go_leave_no_memory_behind, 120, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;
	long before = 0, child;

	reclaim_begin(SWAP);
	limits_log_table(false);
	for (int round = -5; round < ROUNDS; round++) {
		if (!round)
			before = slabs_used();
		/* Nothing in the background, so nobody else makes room. */
		reclaim_limit_with(USER_A, SMALL, 100, MM_LIMIT_SWAP_UNBOUNDED);
		worker = start_holding(USER_A, SMALL + SMALL / 4);
		attr = limit_read(USER_A);
		EXPECT_GT(attr.direct_reclaims, 0);
		child = worker_call(&worker, worker_fork_stopped, 0);
		ASSERT_GT(child, 0);
		EXPECT_GT(limit_read(USER_A).swapped_out, attr.swapped_out);
		EXPECT_EQ(worker_call(&worker, worker_kill_child, child), 0);
		worker_end(&worker);
		ASSERT_EQ(mmlimit_remove(USER_A), 0);
	}
	slabs_expect_grown_less(before, ROUNDS / 2);
	limits_log_table(true);
	reclaim_finish();
}
