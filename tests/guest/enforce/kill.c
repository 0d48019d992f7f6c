// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the killer: at which page it acts, which processes it takes, and how
 * many.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/exiting.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/prepared.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

static void expect_no_kill(struct klog *log)
{
	struct kill_line kill;

	while (klog_next_kill(log, &kill))
		KTAP_FAIL("expected no kill, got one of pid %d", kill.pid);
}

KTAP_TEST(usage_at_the_limit_lives_and_one_page_more_dies, 20, "kill")
{
	struct kill_line kill;
	struct worker worker;
	unsigned long limit;
	struct klog log;

	klog_rest();
	log = klog_open();
	usage_begin(USER_A);
	worker = start_prepared(USER_A, 100);
	limit = usage_exact(USER_A) + 50 * PAGE;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);

	ASSERT_EQ(worker_call(&worker, held_grow, 50), 0);
	EXPECT_EQ(usage_exact(USER_A), limit);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	expect_no_kill(&log);

	EXPECT_EQ(worker_call(&worker, held_grow, 1), WORKER_DIED);
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	EXPECT_EQ(kill.uid, USER_A);
	EXPECT_EQ(kill.mm_max, limit);
	EXPECT_EQ(kill.user_rss, limit + PAGE);
	EXPECT_EQ(kill.pid, worker.pid);
	EXPECT_EQ(kill.rss, kill.user_rss);
	expect_no_kill(&log);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A limit that is no whole number of pages allows the pages that fit. */
KTAP_TEST(part_of_a_page_above_the_limit_dies, 10, "kill")
{
	struct worker worker;
	unsigned long usage;

	usage_begin(USER_A);
	worker = start_prepared(USER_A, 10);
	usage = usage_exact(USER_A);
	ASSERT_EQ(mmlimit_set(USER_A, usage + 2 * PAGE - 1), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 1), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 1), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(victim_is_the_one_with_the_highest_rss, 20, "kill")
{
	unsigned long largest, usage;
	struct worker workers[3];
	struct kill_line kill;
	struct klog log;

	klog_rest();
	log = klog_open();
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	workers[0] = start_holding(USER_A, 10 * MIB);
	workers[1] = start_holding(USER_A, 30 * MIB);
	workers[2] = start_holding(USER_A, 20 * MIB);
	usage = usage_exact(USER_A);
	largest = usage_of_process(workers[1].pid);
	ASSERT_EQ(mmlimit_set(USER_A, usage + MIB), 0);

	/*
	 * The smallest crosses the limit; it waits for the killer, and lives.
	 */
	EXPECT_EQ(worker_call(&workers[0], held_grow, 2 * MIB / PAGE), 0);
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	EXPECT_EQ(kill.pid, workers[1].pid);
	EXPECT_GE(kill.rss + usage_slack(), largest);
	EXPECT_LE(kill.rss, largest + usage_slack());
	EXPECT_TRUE(worker_was_killed(&workers[1]));
	expect_no_kill(&log);
	EXPECT_EQ(worker_call(&workers[0], held_damage, 0), 0);
	EXPECT_EQ(worker_call(&workers[2], held_damage, 0), 0);
	worker_end(&workers[0]);
	worker_end(&workers[2]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(lowering_the_limit_kills_as_many_as_it_must, 10, "kill")
{
	struct worker workers[6];
	unsigned int live = 0;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		workers[i] = start_holding(USER_A, 8 * MIB);

	/* Room for three, with what else a process has, but not for four. */
	ASSERT_EQ(mmlimit_set(USER_A, 32 * MIB), 0);
	ktap_waiting_for("three of six workers to die");
	for (unsigned int dead = 0; dead < 3;) {
		dead = 0;
		for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
			dead += !worker_alive(&workers[i]);
		usleep(1000);
	}
	/* Whatever is still on its way comes within a kill's wait. */
	usleep(300000 * ktap_slowdown());
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		if (worker_alive(&workers[i])) {
			live++;
			EXPECT_EQ(worker_call(&workers[i], held_damage, 0), 0);
			worker_end(&workers[i]);
		} else {
			EXPECT_TRUE(worker_was_killed(&workers[i]));
		}
	}
	EXPECT_EQ(live, 3);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(raising_or_removing_the_limit_ends_the_killing, 10, "kill")
{
	struct worker workers[2];
	struct klog log;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	workers[0] = start_holding(USER_A, 8 * MIB);
	workers[1] = start_holding(USER_A, 4 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&workers[0]));
	ASSERT_EQ(mmlimit_set(USER_A, 16 * MIB), 0);
	log = klog_open();
	EXPECT_EQ(worker_call(&workers[1], held_grow, 4 * MIB / PAGE), 0);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(worker_call(&workers[1], held_grow, 40 * MIB / PAGE), 0);
	expect_no_kill(&log);
	worker_end(&workers[1]);
}

/* The other process that shares the worker's memory; it only waits. */
static int wait_for_ever(void *unused)
{
	for (;;)
		pause();
	return 0;
}

static long clone_sharer(long unused)
{
	static char stack[16384] __attribute__((aligned(16)));

	return clone(wait_for_ever, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		     NULL);
}

KTAP_TEST(processes_that_share_memory_die_together, 10, "kill")
{
	struct worker worker;
	pid_t sharer;
	int pidfd;

	/* All of them at once, and not only by force after a while */
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	worker = start_holding(USER_A, 4 * MIB);
	sharer = worker_call(&worker, clone_sharer, 0);
	ASSERT_GT(sharer, 0);
	pidfd = syscall(SYS_pidfd_open, sharer, 0);
	ASSERT_GE(pidfd, 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 20 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));

	/*
	 * It is not our child, so its last moments are seen through its pidfd.
	 */
	ktap_waiting_for(
		"the end of the process that shares the victim's memory");
	while (!syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0))
		usleep(1000);
	EXPECT_EQ(errno, ESRCH);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static void set_oom_score_adj(pid_t pid, const char *adj)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	ASSERT_EQ(file_write(path, adj), 0);
}

KTAP_TEST(protected_process_is_never_killed, 10, "kill")
{
	struct worker protected, other;
	struct klog log = klog_open();

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	protected = start_holding(USER_A, 16 * MIB);
	other = start_holding(USER_A, 1 * MIB);
	set_oom_score_adj(protected.pid, "-1000");

	/* The one that may be killed goes first, though it does not help. */
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&other));
	klog_wait(&log, "uid=10070, uRSS=");
	EXPECT_EQ(worker_call(&protected, held_grow, MIB / PAGE), 0);
	EXPECT_EQ(worker_call(&protected, held_damage, 0), 0);

	/*
	 * The limit holds for the next process of the user, too, which is the
	 * one that dies.
	 */
	other = worker_start(USER_A);
	EXPECT_TRUE(worker_was_killed(&other));
	EXPECT_TRUE(worker_alive(&protected));
	worker_end(&protected);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static void *grow_in_thread(void *unused)
{
	for (;;)
		held_grow(1);
	return NULL;
}

/* The leader ends, its thread goes on; the process is a zombie with memory. */
static long leave_a_thread_growing(long unused)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, grow_in_thread, NULL))
		return -1;
	syscall(SYS_exit, 0);
	return -1;
}

KTAP_TEST(process_whose_leader_has_exited_dies, 10, "kill")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	worker = start_holding(USER_A, 4 * MIB);
	EXPECT_EQ(worker_call(&worker, leave_a_thread_growing, 0), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(stopped_process_dies, 10, "kill")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = start_holding(USER_A, 16 * MIB);
	ASSERT_EQ(kill(worker.pid, SIGSTOP), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/*
 * An exit that takes longer than the wait after a kill: the memory is taken
 * by force meanwhile, and nobody else dies for it.
 */
KTAP_TEST(victim_that_is_slow_to_exit_is_enough, 20, "kill")
{
	struct worker victim, other;
	char wait_ms[16];

	snprintf(wait_ms, sizeof(wait_ms), "%u", 5 * ktap_slowdown());
	ASSERT_EQ(file_write(KILL_WAIT, wait_ms), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	victim = start_holding(USER_A, 160 * MIB);
	other = start_holding(USER_A, 16 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, 100 * MIB), 0);
	EXPECT_EQ(worker_call(&other, held_grow, 16 * MIB / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

/* A debugger can hold a process that is exiting, with its memory. */
KTAP_TEST(victim_held_by_a_debugger_loses_its_memory, 10, "kill")
{
	struct worker victim, other;

	ASSERT_EQ(mmlimit_set(USER_A, 40 * MIB), 0);
	victim = start_holding(USER_A, 16 * MIB);
	other = start_holding(USER_A, 8 * MIB);
	exiting_arm(&victim);
	worker_send(&victim, held_grow, 24 * MIB / PAGE);
	exiting_await(&victim);

	/* It is still there, but the other has room. */
	EXPECT_EQ(worker_call(&other, held_grow, 16 * MIB / PAGE), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	EXPECT_LE(usage_exact(USER_A), 40 * MIB);
	EXPECT_TRUE(worker_alive(&victim));
	exiting_release(&victim);
	EXPECT_TRUE(worker_was_killed(&victim));
	worker_end(&other);
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(limit_of_zero_allows_no_process, 10, "kill")
{
	struct worker before, after;

	before = start_holding(USER_A, MIB);
	ASSERT_EQ(mmlimit_set(USER_A, 0), 0);
	EXPECT_TRUE(worker_was_killed(&before));
	after = worker_start(USER_A);
	EXPECT_TRUE(worker_was_killed(&after));
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Real, effective and saved: root is left for good. */
static long become_user(long uid)
{
	user_become(uid);
	return 0;
}

KTAP_TEST(becoming_a_user_above_its_limit_dies, 10, "kill")
{
	struct worker small, large;

	ASSERT_EQ(mmlimit_set(USER_A, 12 * MIB), 0);
	small = start_holding(USER_A, 4 * MIB);
	large = start_holding(0, 16 * MIB);
	EXPECT_EQ(worker_call(&large, become_user, USER_A), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&large));
	EXPECT_EQ(worker_call(&small, held_damage, 0), 0);
	worker_end(&small);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(many_small_processes_count_together, 20, "kill")
{
	struct worker workers[40], bystander = start_holding(USER_B, 60 * MIB);
	unsigned int live = 0, total = ARRAY_SIZE(workers);

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	for (size_t i = 0; i < total; i++)
		workers[i] = worker_start(USER_A);
	for (size_t i = 0; i < total; i++)
		worker_send(&workers[i], held_grow, MIB / PAGE);
	for (size_t i = 0; i < total; i++)
		worker_receive(&workers[i]);
	EXPECT_LE(usage_exact(USER_A), 20 * MIB);
	for (size_t i = 0; i < total; i++)
		live += worker_call(&workers[i], held_damage, 0) == 0;
	/* A process is larger than 1 MiB and smaller than 2. */
	EXPECT_GE(live, 9);
	EXPECT_LE(live, 19);
	EXPECT_EQ(worker_call(&bystander, held_damage, 0), 0);
	worker_end(&bystander);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Every child has all the memory of the worker. */
static long fork_many(long count)
{
	while (count--) {
		pid_t pid = fork();

		ASSERT_GE(pid, 0);
		if (!pid)
			wait_for_ever(NULL);
	}
	return 0;
}

KTAP_TEST(forks_do_not_outrun_the_killer, 20, "kill")
{
	struct kill_line kill;
	struct worker worker;
	unsigned long before;
	struct klog log;
	int kills = 0;

	klog_rest();
	log = klog_open();
	ASSERT_EQ(mmlimit_set(USER_A, 30 * MIB), 0);
	worker = start_holding(USER_A, 8 * MIB);
	before = usage_exact(USER_A);
	worker_call(&worker, fork_many, 10);
	while (klog_next_kill(&log, &kill)) {
		/* One fork too many, not two */
		EXPECT_LE(kill.user_rss, 30 * MIB + before);
		kills++;
	}
	EXPECT_GT(kills, 0);
	EXPECT_LE(usage_exact(USER_A), 30 * MIB);
	EXPECT_GT(usage_exact(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
