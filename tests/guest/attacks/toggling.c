// SPDX-License-Identifier: GPL-2.0-only
/* Tests that a user that changes its own limit in a loop wins nothing by it. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/growth.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/user.h"

#define LIMIT (16 * MIB)
#define GROWTH (48 * MIB)

/* A read() that does not come back before all of it is there */
static long read_much(long bytes)
{
	struct region region = region_map(bytes / PAGE);

	return read(open("/dev/zero", O_RDONLY), (void *)region.base, bytes);
}

/* Changes the user's own part, again and again, in both directions. */
static long toggle(long limit)
{
	for (unsigned int i = 0;; i++)
		mmlimit_set(USER_A, limit - (1 + i % 2) * MIB);
	return 0;
}

/* Prolongs grace periods of RCU: long walks over paths, by a process that is preempted. */
static long walk_paths(long unused)
{
	static char path[4000];

	for (size_t i = 0; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "./", 2);
	nice(19);
	for (;;)
		access(path, F_OK);
	return 0;
}

static void grow_while_toggled(int togglers, int walkers)
{
	const int count = togglers + walkers;
	struct worker *workers = calloc(count, sizeof(*workers));
	struct worker reader;
	unsigned long limit;
	uint64_t began_us;

	ASSERT_TRUE(workers);
	for (int i = 0; i < count; i++)
		workers[i] = worker_start(USER_A);
	reader = worker_start(USER_A);
	ASSERT_EQ(worker_call(&reader, become_dumpable, 0), 0);
	limit = growth_limit(workers, count, LIMIT);
	for (int i = 0; i < count; i++)
		worker_send(&workers[i], i < togglers ? toggle : walk_paths,
			    limit);
	began_us = ktap_now_us();
	worker_send(&reader, read_much, GROWTH);
	EXPECT_TRUE(worker_was_killed(&reader));
	printf("dead after %llu us\n",
	       (unsigned long long)(ktap_now_us() - began_us));
	/* The reader is not stopped in the middle of its call, but it is killed. */
	growth_expect_peak(limit + (count + 1) * GROWTH_FAULT);
	for (int i = 0; i < count; i++)
		kill(workers[i].pid, SIGKILL);
	for (int i = 0; i < count; i++)
		worker_wait(&workers[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	free(workers);
}

KTAP_TEST(toggling_its_own_part_wins_a_user_nothing, 20, "growth growth_smp")
{
	grow_while_toggled(1, 0);
}

KTAP_TEST(many_that_toggle_win_a_user_nothing, 30, "growth growth_smp")
{
	grow_while_toggled(ktap_volume("togglers"), 0);
}

KTAP_TEST(stretching_grace_periods_wins_a_user_nothing, 30, "growth growth_smp")
{
	grow_while_toggled(4, ktap_volume("walkers"));
}

/* Root's word is not put off by who changes its own part in a loop. */
KTAP_TEST(administrator_gets_through_to_a_toggling_user, 30,
	  "growth growth_smp")
{
	enum { CHANGES = 20 };
	const int togglers = ktap_volume("togglers");
	struct worker *workers = calloc(togglers, sizeof(*workers));
	unsigned long limit;
	uint64_t began_us;

	ASSERT_TRUE(workers);
	for (int i = 0; i < togglers; i++)
		workers[i] = worker_start(USER_A);
	limit = growth_limit(workers, togglers, LIMIT);
	for (int i = 0; i < togglers; i++)
		worker_send(&workers[i], toggle, limit);
	began_us = ktap_now_us();
	for (int i = 0; i < CHANGES; i++)
		ASSERT_EQ(mmlimit_set(USER_A, limit + i * MIB), 0);
	printf("%d changes in %llu us\n", CHANGES,
	       (unsigned long long)(ktap_now_us() - began_us));
	for (int i = 0; i < togglers; i++) {
		EXPECT_TRUE(worker_alive(&workers[i]));
		kill(workers[i].pid, SIGKILL);
		worker_wait(&workers[i]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	free(workers);
}

/*
 * A limit that an administrator sets replaces the one that the user bound
 * itself to.
 */
KTAP_TEST(privileged_set_is_final, 10, "growth growth_smp")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	ASSERT_EQ(limit_call_by(&worker, SET(USER_A, 10 * MIB)), 0);
	limit_expect(USER_A, 10 * MIB, 0);
	ASSERT_EQ(mmlimit_set(USER_A, 30 * MIB), 0);
	limit_expect(USER_A, 30 * MIB, 0);
	EXPECT_EQ(limit_read(USER_A).self_max, MM_LIMIT_ATTR_NONE);
	/* It may bind itself anew, below that. */
	ASSERT_EQ(limit_call_by(&worker, SET(USER_A, 12 * MIB)), 0);
	limit_expect(USER_A, 12 * MIB, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
