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
