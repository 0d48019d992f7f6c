// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that no page is lost when an account starts to be charged, or memory
 * changes its user, while processes fault, fork and exit.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

#define WORKERS 4

/* Set by the test to end what the workers do; they share it. */
static struct region shared;

static bool go_on(void)
{
	return !__atomic_load_n(&shared.base[0], __ATOMIC_SEQ_CST);
}

static void let_go_on(bool on)
{
	__atomic_store_n(&shared.base[0], !on, __ATOMIC_SEQ_CST);
}

/* Touches and drops the same pages over and over; leaves some. */
static long fault(long pages)
{
	struct region region = region_map(pages);

	while (go_on()) {
		region_touch(&region, 0, pages);
		region_drop(&region, pages / 2, pages / 2);
	}
	region_touch(&region, 0, pages / 4);
	return 0;
}

static long fork_and_exit(long pages)
{
	struct region region = region_map(pages);

	region_touch(&region, 0, pages);
	while (go_on()) {
		pid_t pid = fork();

		ASSERT_GE(pid, 0);
		if (!pid) {
			region_touch(&region, 0, pages);
			_exit(EXIT_SUCCESS);
		}
		ASSERT_EQ(waitpid(pid, NULL, 0), pid);
	}
	region_unmap(&region);
	return 0;
}

/* One round: the limit comes while all workers are busy. */
static void limit_while_busy(struct worker *workers, worker_fn busy)
{
	let_go_on(true);
	for (int i = 0; i < WORKERS; i++)
		worker_send(&workers[i], busy, 300);
	usleep(1000);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	usleep(1000);
	let_go_on(false);
	for (int i = 0; i < WORKERS; i++)
		ASSERT_EQ(worker_receive(&workers[i]), 0);
}

static void limit_while(worker_fn busy)
{
	const int rounds = ktap_volume("handovers");
	struct worker workers[WORKERS];
	unsigned long walked, slack = WORKERS * usage_slack();

	shared = region_map_common(1);
	for (int i = 0; i < WORKERS; i++)
		workers[i] = worker_start(USER_A);
	for (int round = 0; round < rounds; round++) {
		limit_while_busy(workers, busy);
		/*
		 * The kernel's sum is compared with that of /proc, which knows
		 * nothing of it.
		 */
		walked = usage_of_processes(USER_A);
		EXPECT_GE(usage_exact(USER_A) + slack, walked);
		EXPECT_LE(usage_exact(USER_A), walked + slack);
		ASSERT_EQ(mmlimit_remove(USER_A), 0);
	}
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	for (int i = 0; i < WORKERS; i++)
		worker_end(&workers[i]);
	EXPECT_EQ(usage_exact(USER_A), 0);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(limit_set_while_processes_fault_finds_all_memory, 60,
	  "account account_smp")
{
	limit_while(fault);
}

KTAP_TEST(limit_set_while_processes_come_and_go_finds_all_memory, 60,
	  "account account_smp")
{
	limit_while(fork_and_exit);
}

static void *fault_in_thread(void *unused)
{
	fault(200);
	return NULL;
}

/* The leader becomes a user while its threads fault. */
static long become_a_user_among_faults(long uid)
{
	pthread_t threads[2];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, fault_in_thread,
					 NULL),
			  0);
	for (int i = 0; i < 20; i++)
		sched_yield();
	ASSERT_EQ(setresuid(uid, uid, 0), 0);
	let_go_on(false);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(pthread_join(threads[i], NULL), 0);
	return 0;
}

KTAP_TEST(setuid_while_threads_fault_moves_all_memory, 60,
	  "account account_smp")
{
	const int rounds = 20 * ktap_volume("moves");
	struct worker worker;

	shared = region_map_common(1);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT_HUGE), 0);
	for (int round = 0; round < rounds; round++) {
		uid_t uid = round % 2 ? USER_B : USER_A;

		let_go_on(true);
		worker = worker_start(0);
		ASSERT_EQ(worker_call(&worker, become_a_user_among_faults, uid),
			  0);
		EXPECT_GT(usage_exact(uid), 200 * PAGE);
		worker_end(&worker);
		EXPECT_EQ(usage_exact(uid), 0);
	}
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(mmlimit_remove(USER_B), 0);
}
