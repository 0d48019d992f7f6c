// SPDX-License-Identifier: GPL-2.0-only
/* /proc/oom: processes are killed by the list while others write and read it. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crowd.h"
#include "ktap.h"
#include "memory.h"
#include "mmlimit.h"
#include "oomlist.h"
#include "oomlist_tests.h"
#include "pressure.h"
#include "processes.h"
#include "random.h"
#include "usage.h"
#include "user.h"

#define LISTED 80
#define EACH (4 * MIB)
#define DEATHS 30
#define WRITERS 2
#define READERS 2
#define INNOCENT (48 * MIB)

/* Whom the writers list */
static pid_t listed[LISTED];

static bool lists_have_been(const pid_t *found, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		while (j < LISTED && listed[j] != found[i])
			j++;
		if (j == LISTED)
			return false;
	}
	return true;
}

/* In a root worker, until it is killed: all of them, in any order */
static long write_for_ever(long seed)
{
	struct random random = random_from(seed);
	pid_t pids[LISTED], other;

	memcpy(pids, listed, sizeof(pids));
	for (;;) {
		for (size_t i = LISTED; --i;) {
			size_t j = random_below(&random, i + 1);

			other = pids[i];
			pids[i] = pids[j];
			pids[j] = other;
		}
		oomlist_set(pids, LISTED);
	}
	return 0;
}

static long read_for_ever(long piece)
{
	static pid_t found[OOMLIST_MAX];

	for (;;) {
		size_t count = oomlist_read_by(piece, found, OOMLIST_MAX);

		if (count > LISTED || !lists_have_been(found, count))
			return -1;
	}
}

static void start_all(struct worker *workers)
{
	for (int i = 0; i < WRITERS + READERS; i++) {
		workers[i] = worker_start(i < WRITERS ? 0 : USER_B);
		process_set_oom_score_adj(workers[i].pid, "-1000");
	}
	for (int i = 0; i < WRITERS + READERS; i++)
		worker_send(&workers[i],
			    i < WRITERS ? write_for_ever : read_for_ever,
			    i < WRITERS ? (long)ktap_seed() + i : 5 + 200 * i);
}

static void end_all(struct worker *workers)
{
	for (int i = 0; i < WRITERS + READERS; i++) {
		EXPECT_TRUE(worker_alive(&workers[i]));
		ASSERT_EQ(kill(workers[i].pid, SIGKILL), 0);
		EXPECT_TRUE(worker_was_killed(&workers[i]));
	}
	ASSERT_EQ(oomlist_write("\n"), 0);
}

static long take(long bytes)
{
	return held_grow(bytes / PAGE);
}

static struct crowd start_crowd(void)
{
	struct crowd crowd = crowd_make(LISTED);

	crowd_start(&crowd);
	while (crowd.count < LISTED)
		crowd_add(&crowd, USER_A, take, EACH);
	crowd_settle(&crowd);
	memcpy(listed, crowd.pids, sizeof(listed));
	oomlist_set(listed, LISTED);
	return crowd;
}

static void expect_intact(struct worker *worker)
{
	EXPECT_EQ(worker_call(worker, held_damage, 0), 0);
	worker_end(worker);
}

void machine_runs_out_while_lists_are_written(void)
{
	struct worker innocent = start_holding(USER_B, INNOCENT);
	struct worker others[WRITERS + READERS];
	struct pressure pressure = pressure_begin();
	struct crowd crowd = start_crowd();

	start_all(others);
	ktap_waiting_for("%d deaths", DEATHS);
	while (crowd_number(&crowd, CROWD_KILLED) < DEATHS)
		pressure_grow(&pressure, MIB);
	ktap_waiting_for(NULL);
	end_all(others);
	expect_intact(&innocent);
	pressure_end(&pressure);
	crowd_end(&crowd);
}

void limit_kills_while_lists_are_written(void)
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_POLICY,
				      .policy = MM_LIMIT_USER_RANKED };
	struct worker innocent = start_holding(USER_B, INNOCENT);
	struct worker others[WRITERS + READERS];
	struct crowd crowd = start_crowd();
	unsigned long limit;

	ASSERT_EQ(mmlimit_set(USER_A, MMLIMIT_NONE - 1), 0);
	ASSERT_EQ(mmlimit_change(&attr), 0);
	limit = usage_exact(USER_A);
	start_all(others);
	while (crowd_number(&crowd, CROWD_KILLED) < DEATHS) {
		limit -= MIB;
		ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
		usleep(5000 * ktap_slowdown());
	}
	EXPECT_LE(usage_exact(USER_A), limit);
	end_all(others);
	expect_intact(&innocent);
	crowd_end(&crowd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
