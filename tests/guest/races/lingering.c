// SPDX-License-Identifier: GPL-2.0-only
/* Tests what becomes of others while a victim lingers that cannot die, with its memory. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/captive.h"
#include "lib/exiting.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"

#define LIMIT (40 * MIB)

/* Shared memory: only the exit of the last that maps it gives it back. */
static struct region shared;

static long touch_shared(long pages)
{
	region_touch(&shared, 0, pages);
	return 0;
}

/* A captive that holds 24 MiB which nobody can take, and so many pages that can be taken */
static struct worker start_captive(struct captivity *captivity, long pages)
{
	struct worker victim;

	/* What others map, too, is no gain from its death, and is held by it. */
	limits_count("rss");
	captivity_begin(captivity);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	shared = region_map_shared(24 * MIB / PAGE);
	victim = worker_start(USER_A);
	ASSERT_EQ(worker_call(&victim, touch_shared, 24 * MIB / PAGE), 0);
	ASSERT_EQ(worker_call(&victim, held_grow, pages), 0);
	captivity_take(captivity, &victim);
	return victim;
}

static void expect_kill_of(const struct worker *victim)
{
	ktap_waiting_for("the kill");
	while (!limit_read(USER_A).kills)
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_EQ(limit_read(USER_A).kill_pid, victim->pid);
}

/* One that has been chosen as the victim, since @other grows and waits for room */
static struct worker start_lingering(struct captivity *captivity,
				     struct worker *other)
{
	struct worker victim = start_captive(captivity, 0);

	*other = start_holding(USER_A, 4 * MIB);
	worker_send(other, held_grow, 20 * MIB / PAGE);
	expect_kill_of(&victim);
	return victim;
}

static void end_lingering(struct captivity *captivity, struct worker *victim)
{
	EXPECT_TRUE(worker_alive(victim));
	captivity_end(captivity);
	EXPECT_TRUE(worker_was_killed(victim));
	region_unmap(&shared);
}

KTAP_TEST(memory_that_cannot_be_taken_is_written_off, 20, "attacks")
{
	struct worker victim, other, next;
	struct captivity captivity;
	uint64_t began_us;

	began_us = ktap_now_us();
	victim = start_lingering(&captivity, &other);
	/* Ten rounds of 100 ms have been in vain: then the others have to go. */
	EXPECT_EQ(worker_receive(&other), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&other));
	EXPECT_GE(ktap_now_us(), began_us + 1000000);

	/* The victim's memory still counts. */
	next = start_holding(USER_A, 8 * MIB);
	EXPECT_EQ(worker_call(&next, held_grow, 12 * MIB / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&next));
	end_lingering(&captivity, &victim);
	next = start_holding(USER_A, 30 * MIB);
	EXPECT_EQ(worker_call(&next, held_damage, 0), 0);
	worker_end(&next);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_count("held");
}

static unsigned int rounds_until_stuck(struct klog *log)
{
	unsigned int rounds = 0;

	ktap_waiting_for("the end of force");
	for (;;) {
		if (!klog_next(log)) {
			usleep(1000);
			continue;
		}
		if (strstr(log->text, "stuck: "))
			break;
		rounds += strstr(log->text, "force: ") != NULL;
	}
	ktap_waiting_for(NULL);
	return rounds;
}

/* The first of two more takes a part of what is too much, which the second one sees. */
KTAP_TEST(ten_rounds_in_vain_are_counted_after_what_comes_back, 20, "attacks")
{
	struct captivity captivity;
	struct worker victim, other;
	struct klog log;

	klog_rest();
	log = klog_open();
	victim = start_captive(&captivity, 4 * MIB / PAGE);
	other = start_holding(USER_A, 4 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) - 16 * MIB), 0);
	EXPECT_EQ(rounds_until_stuck(&log), 2 + 10);
	EXPECT_TRUE(worker_was_killed(&other));
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	end_lingering(&captivity, &victim);
	klog_close(&log);
	limits_count("held");
}

/* It cannot be killed when others are written off, and ends later. */
KTAP_TEST(process_that_ends_is_waited_for_after_others_were_written_off, 20,
	  "attacks")
{
	struct worker victim, protected, other, next;
	struct captivity captivity;

	protected = start_holding(USER_A, 4 * MIB);
	process_set_oom_score_adj(protected.pid, "-1000");
	victim = start_lingering(&captivity, &other);
	EXPECT_EQ(worker_receive(&other), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&other));

	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	next = start_holding(USER_A, 2 * MIB);
	exiting_begin(&protected, 7);
	process_set_oom_score_adj(protected.pid, "0");
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MIB), 0);
	worker_send(&next, held_grow, 3 * MIB / PAGE);
	EXPECT_TRUE(worker_lives_for(&next, 300 * ktap_slowdown()));
	exiting_release(&protected);
	EXPECT_EQ(WEXITSTATUS(worker_wait(&protected)), 7);
	EXPECT_EQ(worker_receive(&next), 0);
	EXPECT_EQ(worker_call(&next, held_damage, 0), 0);
	worker_end(&next);
	end_lingering(&captivity, &victim);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	limits_count("held");
}

KTAP_TEST(removal_while_a_victim_lingers_spares_the_others, 20, "attacks")
{
	struct captivity captivity;
	struct worker victim, other;

	victim = start_lingering(&captivity, &other);
	EXPECT_TRUE(worker_alive(&other));
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	/* It waited for room, and no longer needs any. */
	EXPECT_EQ(worker_receive(&other), 0);
	/* Past all rounds of killing by force */
	EXPECT_TRUE(worker_lives_for(&other, 2000 * ktap_slowdown()));
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	end_lingering(&captivity, &victim);
	limits_count("held");
}

static struct region removed;

static long touch_removed(long pages)
{
	region_touch(&removed, 0, pages);
	return 0;
}

/* Memory of another process goes, which has no part in it, since it waits, too. */
KTAP_TEST(room_is_taken_while_a_victim_lingers, 20, "attacks")
{
	struct worker victim, other, mapping;
	struct captivity captivity;

	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	removed = region_map_shared(4 * MIB / PAGE);
	victim = start_captive(&captivity, 0);
	other = start_holding(USER_A, 4 * MIB);
	mapping = worker_start(USER_A);
	ASSERT_EQ(worker_call(&mapping, touch_removed, 4 * MIB / PAGE), 0);
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MIB), 0);
	worker_send(&other, held_grow, 4 * MIB / PAGE);
	expect_kill_of(&victim);
	process_wait_for(other.pid, 'D');

	ASSERT_EQ(madvise((void *)removed.base, 4 * MIB, MADV_REMOVE), 0);
	EXPECT_EQ(worker_receive(&other), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	worker_end(&mapping);
	end_lingering(&captivity, &victim);
	region_unmap(&removed);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	limits_count("held");
}

KTAP_TEST(victim_that_is_protected_too_late_still_counts_as_gone, 20, "attacks")
{
	struct captivity captivity;
	struct worker victim, other;

	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	victim = start_lingering(&captivity, &other);
	process_set_oom_score_adj(victim.pid, "-1000");
	/* A reason to look again */
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_TRUE(worker_lives_for(&other, 300 * ktap_slowdown()));
	end_lingering(&captivity, &victim);
	EXPECT_EQ(worker_receive(&other), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	limits_count("held");
}

KTAP_TEST(lowering_while_a_victim_lingers_kills_at_once, 20, "attacks")
{
	struct worker victim, other, small;
	struct captivity captivity;

	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	small = start_holding(USER_A, MIB);
	victim = start_lingering(&captivity, &other);
	EXPECT_TRUE(worker_lives_for(&other, 300 * ktap_slowdown()));
	/* Room for the victim, that counts as gone, and the small one */
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&other));
	EXPECT_TRUE(worker_lives_for(&small, 300 * ktap_slowdown()));

	/* The same limit again is no reason to take anybody else. */
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_lives_for(&small, 300 * ktap_slowdown()));
	end_lingering(&captivity, &victim);
	EXPECT_EQ(worker_call(&small, held_damage, 0), 0);
	worker_end(&small);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	limits_count("held");
}

static long take_everything(long unused)
{
	struct region region = region_map(1024 * MIB / PAGE);

	region_touch(&region, 0, region.pages);
	return 0;
}

/*
 * The killer of a limit waits for a victim, holds no lock and needs no memory:
 * the system's own killer goes about its business.
 */
KTAP_TEST(system_out_of_memory_while_a_victim_lingers_kills_as_ever, 60,
	  "attacks")
{
	struct worker victim, other, hog;
	struct captivity captivity;
	struct klog log = klog_open();

	printf("expect-splat invoked oom-killer\n"
	       "expect-splat ^Out of memory\n"
	       "expect-splat page allocation failure: order:0\n"
	       "expect-splat ^percpu: allocation failed\n");
	fflush(stdout);
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	victim = start_lingering(&captivity, &other);
	hog = worker_start(USER_B);
	process_set_oom_score_adj(hog.pid, "1000");
	EXPECT_EQ(worker_call(&hog, take_everything, 0), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&hog));
	klog_wait(&log, "Out of memory: Killed process");
	EXPECT_TRUE(worker_alive(&other));

	end_lingering(&captivity, &victim);
	EXPECT_EQ(worker_receive(&other), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	klog_close(&log);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	limits_count("held");
}
