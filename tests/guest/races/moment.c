// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests races with what a process does just when the killer acts. The moment is
 * swept over the whole of it, on a machine where each moment is reproducible.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/syscall.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"

#define LARGE (8 * MIB)
#define SMALL MIB
/* Room for the small process, not for the large */
#define LIMIT (4 * MIB)

/* This is longer than exit, exec and fork of the large process take. */
#define SWEEP_US 3000

/* The wait is exact to the microsecond; the large process runs meanwhile. */
static void sleep_until(uint64_t moment_us)
{
	const struct timespec moment = {
		.tv_sec = moment_us / 1000000,
		.tv_nsec = moment_us % 1000000 * 1000,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL))
		continue;
}

/* Waits until the killer has done what it has to do. */
static void wait_for_room(void)
{
	struct usage usage;

	ktap_waiting_for("user %u to be below its limit", USER_A);
	while (usage_read(USER_A, &usage) && usage.charged > LIMIT)
		usleep(1000);
	ktap_waiting_for(NULL);
}

/*
 * A large process of a limited user does something, and at a moment during that
 * the limit comes that it is above. Whatever comes first: a small one is not to
 * blame and lives, the usage ends below the limit, and when all have gone
 * nothing is left of it.
 */
static void race(uid_t start_as, worker_fn action)
{
	const unsigned int steps = ktap_volume("moments");
	const uint64_t step_us = SWEEP_US * ktap_slowdown() / steps;
	struct worker small, large;
	uint64_t begin_us;

	limits_log_table(false);
	ASSERT_EQ(prctl(PR_SET_TIMERSLACK, 1), 0);
	for (unsigned int step = 0; step < steps; step++) {
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
		small = start_holding(USER_A, SMALL);
		large = start_holding(start_as, LARGE);
		begin_us = ktap_now_us();
		worker_send(&large, action, 0);
		sleep_until(begin_us + step * step_us);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);

		wait_for_room();
		EXPECT_EQ(worker_call(&small, held_damage, 0), 0);
		/* Another page, so that it would wait if that were due. */
		EXPECT_EQ(worker_call(&small, held_grow, 1), 0);
		/* All have to go, whatever has become of the large one. */
		ASSERT_EQ(mmlimit_set(USER_A, 0), 0);
		EXPECT_TRUE(worker_was_killed(&small));
		worker_wait(&large);
		usage_wait_for(USER_A, 0);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_log_table(true);
}

static long leave(long unused)
{
	_exit(EXIT_SUCCESS);
}

KTAP_TEST(exit_at_the_moment_of_a_kill_spares_the_others, 60, "attacks")
{
	race(USER_A, leave);
}

static long become_sleep(long unused)
{
	execl("/bin/sleep", "sleep", "100000", NULL);
	return -errno;
}

KTAP_TEST(exec_at_the_moment_of_a_kill_spares_the_others, 60, "attacks")
{
	race(USER_A, become_sleep);
}

static long fork_and_rest(long unused)
{
	pid_t pid = fork();

	while (pid >= 0)
		pause();
	return 0;
}

KTAP_TEST(fork_at_the_moment_of_a_kill_spares_the_others, 60, "attacks")
{
	race(USER_A, fork_and_rest);
}

static long vfork_and_become_sleep(long unused)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/bin/sleep", "sleep", "100000", NULL);
		_exit(EXIT_FAILURE);
	}
	while (pid >= 0)
		pause();
	return 0;
}

KTAP_TEST(vfork_at_the_moment_of_a_kill_spares_the_others, 60, "attacks")
{
	race(USER_A, vfork_and_become_sleep);
}

static void *rest_in_thread(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

static long leave_a_thread_behind(long unused)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, rest_in_thread, NULL))
		syscall(SYS_exit, 0);
	return 0;
}

KTAP_TEST(leader_exit_at_the_moment_of_a_kill_spares_the_others, 60, "attacks")
{
	race(USER_A, leave_a_thread_behind);
}

/* The process changes from root to the user. */
static long become_user(long unused)
{
	user_become(USER_A);
	return 0;
}

KTAP_TEST(setuid_at_the_moment_of_a_kill_spares_the_others, 60, "attacks")
{
	race(0, become_user);
}

static long shrink(long unused)
{
	held_shrink(LARGE / PAGE);
	return 0;
}

KTAP_TEST(unmap_at_the_moment_of_a_kill_spares_the_others, 60, "attacks")
{
	race(USER_A, shrink);
}
