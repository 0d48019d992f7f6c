// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests /proc/oom: which process is killed when the machine runs out of memory.
 */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/pressure.h"
#include "lib/processes.h"
#include "lib/swap.h"
#include "lib/user.h"

#define SMALL (24 * MIB)
#define BIG (64 * MIB)

static void expect_intact(struct worker *worker)
{
	EXPECT_EQ(worker_call(worker, held_damage, 0), 0);
	worker_end(worker);
}

KTAP_TEST(first_listed_goes_before_larger_ones, 60, "oomlist")
{
	struct worker w[2] = { start_holding(USER_A, SMALL),
			       start_holding(USER_B, BIG) };
	unsigned long before = system_oom_kills();
	struct pressure pressure = pressure_begin();

	OOMLIST_SET(w[0].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 2), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	EXPECT_EQ(system_oom_kills(), before + 1);
	OOMLIST_EXPECT_EMPTY();
	expect_intact(&w[1]);
	pressure_end(&pressure);
}

KTAP_TEST(candidates_go_in_the_order_of_the_list, 60, "oomlist")
{
	static const int order[] = { 2, 0, 3, 1 };
	struct worker w[5] = { start_holding(USER_A, SMALL),
			       start_holding(USER_B, SMALL),
			       start_holding(USER_A, SMALL),
			       start_holding(USER_C, SMALL),
			       start_holding(USER_B, BIG) };
	struct pressure pressure = pressure_begin();
	pid_t pids[4], left[4];

	for (int i = 0; i < 4; i++)
		pids[i] = left[i] = w[order[i]].pid;
	oomlist_set(pids, 4);
	for (int i = 0; i < 4; i++) {
		struct worker *next = &w[order[i]];

		oomlist_expect(pids + i, 4 - i);
		EXPECT_EQ(pressure_until_death(&pressure, next, 1), 0);
		EXPECT_TRUE(worker_was_killed(next));
		for (int j = i + 1; j < 4; j++)
			EXPECT_TRUE(worker_alive(&w[order[j]]));
		EXPECT_EQ(left[i], next->pid);
	}
	OOMLIST_EXPECT_EMPTY();
	expect_intact(&w[4]);
	pressure_end(&pressure);
}

KTAP_TEST(without_a_live_candidate_the_kernel_chooses, 60, "oomlist")
{
	for (int stale = 0; stale < 2; stale++) {
		struct worker w[2] = { start_holding(USER_A, SMALL),
				       start_holding(USER_B, BIG) };
		struct worker gone = worker_start(USER_A);
		struct pressure pressure = pressure_begin();

		ASSERT_EQ(oomlist_write("\n"), 0);
		if (stale)
			OOMLIST_SET(gone.pid, 32767);
		worker_end(&gone);
		EXPECT_EQ(pressure_until_death(&pressure, w, 2), 1);
		EXPECT_TRUE(worker_was_killed(&w[1]));
		expect_intact(&w[0]);
		pressure_end(&pressure);
	}
}

KTAP_TEST(protected_candidates_are_passed_over, 60, "oomlist")
{
	struct worker w[3] = { start_holding(USER_A, SMALL),
			       start_holding(USER_A, SMALL),
			       start_holding(USER_B, BIG) };
	struct pressure pressure = pressure_begin();

	process_set_oom_score_adj(w[0].pid, "-1000");
	/* Init, a kernel thread, one that is exempt */
	OOMLIST_SET(1, 2, w[0].pid, w[1].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 3), 1);
	EXPECT_TRUE(worker_was_killed(&w[1]));
	/* They were not taken. */
	OOMLIST_EXPECT(1, 2, w[0].pid);
	/* A process that is no longer exempt is a candidate again. */
	process_set_oom_score_adj(w[0].pid, "0");
	EXPECT_EQ(pressure_until_death(&pressure, w, 1), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	OOMLIST_EXPECT(1, 2);
	expect_intact(&w[2]);
	pressure_end(&pressure);
	ASSERT_EQ(oomlist_write("\n"), 0);
}

KTAP_TEST(recycled_number_is_not_killed, 60, "oomlist")
{
	struct worker w = start_holding(USER_A, MIB);
	struct worker big = start_holding(USER_B, BIG);
	struct pressure pressure = pressure_begin();
	pid_t pid;

	OOMLIST_SET(w.pid);
	worker_end(&w);
	pid = oomlist_fork_as(w.pid);
	if (!pid) {
		held_grow(SMALL / PAGE);
		for (;;)
			pause();
	}
	ASSERT_EQ(pid, w.pid);
	process_wait_for(pid, 'S');
	EXPECT_EQ(pressure_until_death(&pressure, &big, 1), 0);
	EXPECT_TRUE(worker_was_killed(&big));
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
	pressure_end(&pressure);
}

/* The administrator has asked for it, so it comes before any list. */
KTAP_TEST(allocating_task_goes_first_if_the_sysctl_says_so, 60, "oomlist")
{
	static const char sysctl[] = "/proc/sys/vm/oom_kill_allocating_task";
	struct worker listed = start_holding(USER_A, SMALL);
	struct worker grower = worker_start(USER_B);
	struct pressure pressure = pressure_begin();

	printf("expect-splat ^Out of memory .oom_kill_allocating_task.: Killed\n");
	OOMLIST_SET(listed.pid);
	pressure_leave(&pressure, BIG);
	ASSERT_EQ(file_write(sysctl, "1"), 0);
	EXPECT_EQ(worker_call(&grower, held_grow, HELD_PAGES), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&grower));
	ASSERT_EQ(file_write(sysctl, "0"), 0);
	OOMLIST_EXPECT(listed.pid);
	expect_intact(&listed);
	pressure_end(&pressure);
}

/* A person may press that key because the ranking is what went wrong. */
KTAP_TEST(sysrq_goes_by_no_list, 60, "oomlist")
{
	struct worker w[2] = { start_holding(USER_A, SMALL),
			       start_holding(USER_B, BIG) };
	struct pressure pressure = pressure_begin();

	OOMLIST_SET(w[0].pid);
	ASSERT_EQ(file_write("/proc/sysrq-trigger", "f"), 0);
	EXPECT_TRUE(worker_was_killed(&w[1]));
	OOMLIST_EXPECT(w[0].pid);
	expect_intact(&w[0]);
	pressure_end(&pressure);
}

#define SWAPPED (64 * MIB)

static long run_swapoff(long unused)
{
	return swap_off();
}

/*
 * It asks to be killed first. What it has brought back until then stays, so
 * others may have to follow.
 */
KTAP_TEST(swapoff_goes_before_the_list, 60, "oomlist")
{
	struct worker w[2] = { start_holding(USER_A, SMALL),
			       start_holding(USER_B, SWAPPED) };
	struct pressure pressure = pressure_begin();
	struct worker off = worker_start(0);
	unsigned long before = system_oom_kills();
	struct klog log = klog_open();
	pid_t pid;

	swap_on(SWAPPED);
	ASSERT_EQ(worker_call(&w[1], held_swap_out, 0), 0);
	EXPECT_GT(swap_used(), SWAPPED / 2);
	OOMLIST_SET(w[0].pid);
	pressure_leave(&pressure, SWAPPED / 4);
	EXPECT_EQ(system_oom_kills(), before);
	EXPECT_EQ(worker_call(&off, run_swapoff, 0), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&off));
	klog_wait(&log, "Killed process ");
	ASSERT_EQ(sscanf(strstr(log.text, "Killed process "),
			 "Killed process %d", &pid),
		  1);
	EXPECT_EQ(pid, off.pid);
	klog_close(&log);
	pressure_end(&pressure);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(kill(w[i].pid, SIGKILL), 0);
		EXPECT_TRUE(worker_was_killed(&w[i]));
	}
	EXPECT_EQ(swap_remove(), 0);
}
