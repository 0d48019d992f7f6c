// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that processes are killed by /proc/oom while others write and read it.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/crowd.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/pressure.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

#define LISTED 40
#define EACH (4 * MIB)
#define WRITERS 2
#define READERS 2
#define INNOCENT (32 * MIB)

/* The processes that the writers list */
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

/* For a root worker: lists all of them, in any order, until it is killed. */
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

/* Processes that have so much each, and are listed in the order of their birth */
static struct crowd start_crowd(unsigned long bytes)
{
	struct crowd crowd = crowd_make(LISTED);

	crowd_start(&crowd);
	while (crowd.count < LISTED)
		crowd_add(&crowd, USER_A, take, bytes);
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

KTAP_TEST(machine_runs_out_while_lists_are_written, 300, "oomlist oomlist_smp")
{
	struct worker innocent = start_holding(USER_B, INNOCENT);
	struct worker others[WRITERS + READERS];
	struct pressure pressure = pressure_begin();
	const unsigned int deaths = ktap_volume("deaths");
	struct crowd crowd = start_crowd(EACH);

	start_all(others);
	ktap_waiting_for("%u deaths", deaths);
	while (crowd_number(&crowd, CROWD_KILLED) < deaths)
		pressure_grow(&pressure, MIB);
	ktap_waiting_for(NULL);
	end_all(others);
	expect_intact(&innocent);
	pressure_end(&pressure);
	crowd_end(&crowd);
}

KTAP_TEST(limit_kills_while_lists_are_written, 300, "oomlist oomlist_smp")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_POLICY,
				      .policy = MM_LIMIT_USER_RANKED };
	struct worker innocent = start_holding(USER_B, INNOCENT);
	struct worker others[WRITERS + READERS];
	struct crowd crowd = start_crowd(EACH);
	const unsigned int deaths = ktap_volume("deaths");
	unsigned long limit;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_change(&attr), 0);
	limit = usage_exact(USER_A);
	start_all(others);
	while (crowd_number(&crowd, CROWD_KILLED) < deaths) {
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

/* Lists that each has to write or read, at least */
#define ENOUGH ((long)ktap_volume("lists"))

/*
 * The workers share the number of those that have done enough; all go on until
 * all have.
 */
static struct region shared;

static bool go_on(long lists)
{
	if (lists == ENOUGH)
		__atomic_fetch_add(&shared.base[0], 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&shared.base[0], __ATOMIC_SEQ_CST) <
	       READERS + WRITERS;
}

/* Writes the list upwards and downwards by turns, in one write and in many. */
static long write_lists(long seed)
{
	static char text[12 * LISTED];
	long written = 0;

	for (; go_on(written); written++) {
		bool up = (seed + written) % 2;
		size_t length = 0, piece;
		int fd = open(OOMLIST, O_WRONLY);

		ASSERT_GE(fd, 0);
		for (int i = 0; i < LISTED; i++)
			length += sprintf(text + length, "%d\n",
					  listed[up ? i : LISTED - 1 - i]);
		piece = written % 3 ? length : 100;
		for (size_t at = 0; at < length; at += piece) {
			size_t left = length - at;

			ASSERT_EQ(write(fd, text + at,
					left < piece ? left : piece),
				  left < piece ? left : piece);
		}
		ASSERT_EQ(close(fd), 0);
	}
	return written;
}

static long read_lists(long piece)
{
	static pid_t found[OOMLIST_MAX];
	long lists = 0;

	for (; go_on(lists); lists++) {
		bool up;

		ASSERT_EQ(oomlist_read_by(piece, found, OOMLIST_MAX), LISTED);
		up = found[0] == listed[0];
		for (int i = 0; i < LISTED; i++)
			ASSERT_EQ(found[i], listed[up ? i : LISTED - 1 - i]);
	}
	return lists;
}

KTAP_TEST(readers_see_one_list_or_the_other, 120, "oomlist oomlist_smp")
{
	struct worker readers[READERS], writers[WRITERS];
	struct crowd crowd = start_crowd(PAGE);

	shared = region_map_common(1);
	for (int i = 0; i < READERS; i++)
		readers[i] = worker_start(USER_B);
	for (int i = 0; i < WRITERS; i++)
		writers[i] = worker_start(0);
	for (int i = 0; i < READERS; i++)
		worker_send(&readers[i], read_lists, i ? 1000 * i : 7);
	for (int i = 0; i < WRITERS; i++)
		worker_send(&writers[i], write_lists, i);
	for (int i = 0; i < WRITERS; i++) {
		EXPECT_GE(worker_receive(&writers[i]), ENOUGH);
		worker_end(&writers[i]);
	}
	for (int i = 0; i < READERS; i++) {
		EXPECT_GE(worker_receive(&readers[i]), ENOUGH);
		worker_end(&readers[i]);
	}
	crowd_end(&crowd);
	region_unmap(&shared);
}
