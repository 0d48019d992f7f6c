// SPDX-License-Identifier: GPL-2.0-only
/* Tests races with processes that die slowly, or not at all. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/captive.h"
#include "lib/exiting.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/swap.h"
#include "lib/usage.h"

#define LIMIT (40 * MIB)

/*
 * It is on its way out by itself, but has its memory still: a second kill would
 * be one too many.
 */
KTAP_TEST(exiting_process_is_waited_for, 20, "attacks")
{
	struct worker leaving, other;

	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	leaving = start_holding(USER_A, 24 * MIB);
	other = start_holding(USER_A, 4 * MIB);
	exiting_begin(&leaving, 7);

	worker_send(&other, held_grow, 20 * MIB / PAGE);
	EXPECT_TRUE(worker_lives_for(&other, 300 * ktap_slowdown()));
	/* It waits right behind the limit, and no further. */
	EXPECT_GT(usage_exact(USER_A), LIMIT);
	EXPECT_LE(usage_exact(USER_A), LIMIT + 2 * PAGE);
	exiting_release(&leaving);
	EXPECT_EQ(WEXITSTATUS(worker_wait(&leaving)), 7);
	EXPECT_EQ(worker_receive(&other), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

/* The process has, to the page, as much as the user is above the limit. */
KTAP_TEST(exiting_process_that_just_suffices_spares_the_others, 20, "attacks")
{
	struct worker leaving, other;
	unsigned long without;

	limits_count("rss");
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	other = start_holding(USER_A, 4 * MIB);
	without = usage_exact(USER_A);
	leaving = start_holding(USER_A, 24 * MIB);
	exiting_begin(&leaving, 7);
	ASSERT_EQ(mmlimit_set(USER_A, without), 0);
	EXPECT_TRUE(worker_lives_for(&other, 300 * ktap_slowdown()));
	exiting_release(&leaving);
	EXPECT_EQ(WEXITSTATUS(worker_wait(&leaving)), 7);
	EXPECT_EQ(usage_exact(USER_A), without);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	limits_count("held");
}

/*
 * It was not chosen as a victim, but it is counted on, so it must not keep its
 * memory.
 */
KTAP_TEST(exiting_process_that_is_held_loses_its_memory, 20, "attacks")
{
	struct worker leaving, other;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	leaving = start_holding(USER_A, 24 * MIB);
	other = start_holding(USER_A, 4 * MIB);
	exiting_begin(&leaving, 7);
	EXPECT_EQ(worker_call(&other, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	EXPECT_TRUE(worker_alive(&leaving));
	exiting_release(&leaving);
	worker_wait(&leaving);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define HELPER "/tmp/core_helper"
#define HELPER_PID "/tmp/core_helper.pid"

/* Dumps go to a program that reads nothing of them. */
static void dump_core_to_a_sleeper(void)
{
	FILE *script = fopen(HELPER, "we");

	ASSERT_TRUE(script);
	fprintf(script, "#!/bin/sh\necho $$ >%s\nexec sleep 100000\n",
		HELPER_PID);
	ASSERT_EQ(fchmod(fileno(script), 0755), 0);
	fclose(script);
	unlink(HELPER_PID);
	ASSERT_EQ(file_write("/proc/sys/kernel/core_pattern", "|" HELPER), 0);
}

static void end_sleeper(void)
{
	char text[16];

	ASSERT_EQ(file_write("/proc/sys/kernel/core_pattern", "core"), 0);
	ASSERT_EQ(file_read(HELPER_PID, text, sizeof(text)), 0);
	EXPECT_EQ(kill(atoi(text), SIGKILL), 0);
	process_wait_end(atoi(text));
	unlink(HELPER_PID);
	unlink(HELPER);
}

static long crash(long unused)
{
	ASSERT_EQ(prctl(PR_SET_DUMPABLE, 1), 0);
	abort();
	return 0;
}

static bool dump_has_begun(pid_t pid)
{
	char path[32], status[2048];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return !file_read(path, status, sizeof(status)) &&
	       strstr(status, "CoreDumping:\t1") && !access(HELPER_PID, F_OK);
}

KTAP_TEST(process_that_dumps_core_dies, 20, "attacks")
{
	struct worker dumping, other;

	/* It dies at once, not when it is pushed for taking so long. */
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	dump_core_to_a_sleeper();
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	dumping = start_holding(USER_A, 24 * MIB);
	other = start_holding(USER_A, 4 * MIB);
	worker_send(&dumping, crash, 0);
	ktap_waiting_for("the dump to begin");
	while (!dump_has_begun(dumping.pid))
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_TRUE(worker_lives_for(&dumping, 300 * ktap_slowdown()));

	EXPECT_EQ(worker_call(&other, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_TRUE(WIFSIGNALED(worker_wait(&dumping)));
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	end_sleeper();
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

KTAP_TEST(captive_victim_loses_its_memory, 20, "attacks")
{
	struct captivity captivity;
	struct worker victim, other;

	captivity_begin(&captivity);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	victim = start_holding(USER_A, 24 * MIB);
	other = start_holding(USER_A, 4 * MIB);
	captivity_take(&captivity, &victim);

	EXPECT_EQ(worker_call(&other, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_LE(usage_exact(USER_A), LIMIT);
	EXPECT_TRUE(worker_alive(&victim));
	EXPECT_EQ(process_state(victim.pid), 'D');
	captivity_end(&captivity);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Swap counts, so it is taken as well, and there is nothing left to bring back. */
KTAP_TEST(captive_victim_loses_its_swap, 20, "attacks")
{
	struct captivity captivity;
	struct worker victim, other;

	swap_on(64 * MIB);
	captivity_begin(&captivity);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	victim = start_holding(USER_A, 24 * MIB);
	ASSERT_EQ(worker_call(&victim, held_swap_out, 0), 0);
	EXPECT_GE(swap_used(), 24 * MIB);
	other = start_holding(USER_A, 4 * MIB);
	captivity_take(&captivity, &victim);
	EXPECT_EQ(worker_call(&other, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_LE(usage_exact(USER_A), LIMIT);
	EXPECT_LT(swap_used(), MIB);
	EXPECT_EQ(swap_remove(), 0);
	captivity_end(&captivity);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Swap becomes memory page by page: never more, not even for a moment. */
KTAP_TEST(swapoff_at_the_limit_kills_nobody, 20, "attacks")
{
	struct worker worker;
	unsigned long usage;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = start_holding(USER_A, 16 * MIB);
	for (int round = 0; round < 3; round++) {
		swap_on(64 * MIB);
		ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
		usage = usage_exact(USER_A);
		ASSERT_EQ(mmlimit_set(USER_A, usage), 0);
		EXPECT_GE(swap_used(), 16 * MIB);
		EXPECT_EQ(swap_off(), 0);
		EXPECT_EQ(usage_exact(USER_A), usage);
		EXPECT_EQ(limit_read(USER_A).exceeds, 0);
		EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	}
	EXPECT_EQ(swap_remove(), 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/*
 * An address space that a reader of /proc holds: its process is gone, but its
 * memory is not.
 */
KTAP_TEST(memory_of_a_victim_that_proc_holds_is_taken, 20, "attacks")
{
	struct captivity captivity;
	struct worker held, other;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	held = start_holding(USER_A, 24 * MIB);
	other = start_holding(USER_A, 4 * MIB);
	captivity_of_memory(&captivity, held.pid);
	EXPECT_EQ(worker_call(&other, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_LE(usage_exact(USER_A), LIMIT);
	EXPECT_TRUE(worker_was_killed(&held));
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	captivity_end(&captivity);
	worker_end(&other);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Shared memory: only the exit of the last that maps it gives it back. */
static struct region shared;

static long touch_shared(long pages)
{
	region_touch(&shared, 0, pages);
	return 0;
}

/*
 * A captive that holds 24 MiB which nobody can take, and has been chosen as the
 * victim, since @other grows and waits for room
 */
static struct worker start_lingering(struct captivity *captivity,
				     struct worker *other)
{
	struct worker victim;

	/* What others map, too, is no gain from its death, and is held by it. */
	limits_count("rss");
	captivity_begin(captivity);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	shared = region_map_shared(24 * MIB / PAGE);
	victim = worker_start(USER_A);
	ASSERT_EQ(worker_call(&victim, touch_shared, 24 * MIB / PAGE), 0);
	*other = start_holding(USER_A, 4 * MIB);
	captivity_take(captivity, &victim);
	worker_send(other, held_grow, 20 * MIB / PAGE);
	ktap_waiting_for("the kill");
	while (!limit_read(USER_A).kills)
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_EQ(limit_read(USER_A).kill_pid, victim.pid);
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

/* In a worker: stop another of the same user, now or on its way out */
static long trace_and_stop(long pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, 0) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		return -errno;
	return waitpid(pid, &status, __WALL) == pid ? 0 : -errno;
}

static long trace_exit(long pid)
{
	return ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT) ? -errno : 0;
}

KTAP_TEST(stopped_tracee_of_the_same_user_dies, 20, "attacks")
{
	struct worker tracee, tracer;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	tracee = start_holding(USER_A, 24 * MIB);
	tracer = start_holding(USER_A, 4 * MIB);
	ASSERT_EQ(worker_call(&tracee, become_dumpable, 0), 0);
	ASSERT_EQ(worker_call(&tracer, trace_and_stop, tracee.pid), 0);
	EXPECT_EQ(process_state(tracee.pid), 't');

	EXPECT_EQ(worker_call(&tracer, held_grow, 20 * MIB / PAGE), 0);
	/* Its tracer does not wait for it, so its zombie stays. */
	ktap_waiting_for("the tracee to be a zombie");
	process_wait_for(tracee.pid, 'Z');
	EXPECT_EQ(worker_call(&tracer, held_damage, 0), 0);
	worker_end(&tracer);
	EXPECT_TRUE(worker_was_killed(&tracee));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* The tracer never lets it go; for the killer that makes no difference. */
KTAP_TEST(own_tracer_cannot_shelter_a_victim, 20, "attacks")
{
	struct worker tracee, tracer;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	tracee = start_holding(USER_A, 24 * MIB);
	tracer = start_holding(USER_A, 4 * MIB);
	ASSERT_EQ(worker_call(&tracee, become_dumpable, 0), 0);
	ASSERT_EQ(worker_call(&tracer, trace_exit, tracee.pid), 0);
	EXPECT_EQ(worker_call(&tracer, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_EQ(process_state(tracee.pid), 't');
	EXPECT_LE(usage_exact(USER_A), LIMIT);
	EXPECT_EQ(worker_call(&tracer, held_damage, 0), 0);
	worker_end(&tracer);
	EXPECT_TRUE(worker_was_killed(&tracee));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
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
