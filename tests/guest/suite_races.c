// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races between the killer and everything else a process can be in the middle
 * of; the rest of them is in races_*.c.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "files.h"
#include "klog.h"
#include "ktap.h"
#include "memory.h"
#include "mmlimit.h"
#include "processes.h"
#include "race_tests.h"
#include "usage.h"

static unsigned int grace_ms(void)
{
	return 500 * ktap_slowdown();
}

/* The old timer must not fire into the new grace. */
static void removed_and_set_again_has_a_grace_of_its_own(void)
{
	struct worker worker = start_holding(USER_A, 8 * MIB);
	uint64_t set_us;

	ASSERT_EQ(mmlimit_set_time(USER_A, 4 * MIB, grace_ms()), 0);
	EXPECT_TRUE(worker_lives_for(&worker, grace_ms() / 2));
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	set_us = ktap_now_us();
	ASSERT_EQ(mmlimit_set_time(USER_A, 4 * MIB, grace_ms()), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_GE(ktap_now_us(), set_us + 1000ULL * grace_ms());
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long become_sleep(long unused)
{
	(void)unused;
	execl("/bin/sleep", "sleep", "100000", NULL);
	return -errno;
}

static void process_that_leaves_its_memory_by_exec_in_time_lives(void)
{
	struct worker worker = start_holding(USER_A, 8 * MIB);
	struct klog log = klog_open();

	klog_rest();
	ASSERT_EQ(mmlimit_set_time(USER_A, 4 * MIB, grace_ms()), 0);
	EXPECT_TRUE(worker_lives_for(&worker, grace_ms() / 2));
	worker_send(&worker, become_sleep, 0);
	klog_wait(&log, "normal: uid=10070");
	EXPECT_TRUE(worker_lives_for(&worker, 2 * grace_ms()));
	ASSERT_EQ(kill(worker.pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Their copy is in the memory of the program to come. */
#define ARGUMENT_KIB 100
#define ARGUMENTS 14

static long exec_with_long_arguments(long unused)
{
	static char argument[ARGUMENT_KIB * 1024];
	char *arguments[ARGUMENTS + 3] = { "sleep", "100000" };

	(void)unused;
	memset(argument, '0', sizeof(argument) - 1);
	for (int i = 0; i < ARGUMENTS; i++)
		arguments[i + 2] = argument;
	execv("/bin/sleep", arguments);
	return -errno;
}

static void exec_that_crosses_the_limit_dies(void)
{
	struct worker worker, small;

	small = start_holding(USER_A, MIB);
	worker = start_holding(USER_A, 8 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, MMLIMIT_NONE - 1), 0);
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MIB), 0);
	EXPECT_EQ(worker_call(&worker, exec_with_long_arguments, 0),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(worker_call(&small, held_damage, 0), 0);
	worker_end(&small);
	EXPECT_EQ(usage_exact(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long enter_user_namespace(long unused)
{
	(void)unused;
	return unshare(CLONE_NEWUSER) ? -errno : 0;
}

static void map_uids(struct worker *worker, const char *map)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", worker->pid);
	ASSERT_EQ(file_write(path, map), 0);
}

static void user_namespace_is_no_way_out(void)
{
	for (int mapped = 0; mapped < 2; mapped++) {
		struct worker worker = worker_start(USER_A);

		ASSERT_EQ(mmlimit_set(USER_A, 12 * MIB), 0);
		ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
		/* Root in there, or nobody: here it is the user. */
		if (mapped)
			map_uids(&worker, "0 10070 1\n");
		ASSERT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
		EXPECT_GE(usage_exact(USER_A), 8 * MIB);
		EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE),
			  WORKER_DIED);
		EXPECT_TRUE(worker_was_killed(&worker));
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static void uid_used_again_starts_from_nothing(void)
{
	struct worker worker;
	unsigned long first;
	char path[32];
	int fd;

	for (int limited = 1; limited >= 0; limited--) {
		ASSERT_EQ(mmlimit_set(USER_A, 12 * MIB), 0);
		worker = start_holding(USER_A, 8 * MIB);
		first = usage_exact(USER_A);
		/* Keeps the address space, but not what is in it. */
		snprintf(path, sizeof(path), "/proc/%d/mem", worker.pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		ASSERT_GE(fd, 0);
		worker_end(&worker);
		usage_wait_for(USER_A, 0);
		if (!limited) {
			ASSERT_EQ(mmlimit_remove(USER_A), 0);
			ASSERT_EQ(mmlimit_set(USER_A, 12 * MIB), 0);
		}
		worker = start_holding(USER_A, 8 * MIB);
		/* But for what the test itself has touched in between */
		EXPECT_LE(usage_exact(USER_A), first + 16 * PAGE);
		EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE),
			  WORKER_DIED);
		EXPECT_TRUE(worker_was_killed(&worker));
		EXPECT_EQ(usage_exact(USER_A), 0);
		close(fd);
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
}

static const struct ktap_test tests[] = {
	KTAP_TEST(exiting_process_is_waited_for, 20),
	KTAP_TEST(exiting_process_that_just_suffices_spares_the_others, 20),
	KTAP_TEST(exiting_process_that_is_held_loses_its_memory, 20),
	KTAP_TEST(process_that_dumps_core_dies, 20),
	KTAP_TEST(captive_victim_loses_its_memory, 20),
	KTAP_TEST(captive_victim_loses_its_swap, 20),
	KTAP_TEST(swapoff_at_the_limit_kills_nobody, 20),
	KTAP_TEST(memory_of_a_victim_that_proc_holds_is_taken, 20),
	KTAP_TEST(memory_that_cannot_be_taken_is_written_off, 20),
	KTAP_TEST(removal_while_a_victim_lingers_spares_the_others, 20),
	KTAP_TEST(lowering_while_a_victim_lingers_kills_at_once, 20),
	KTAP_TEST(stopped_tracee_of_the_same_user_dies, 20),
	KTAP_TEST(own_tracer_cannot_shelter_a_victim, 20),
	KTAP_TEST(system_out_of_memory_while_a_victim_lingers_kills_as_ever,
		  60),
	KTAP_TEST(vfork_parent_and_child_die_together, 20),
	KTAP_TEST(vfork_child_of_another_user_dies_with_its_parent, 20),
	KTAP_TEST(sharer_of_another_user_dies_with_the_owner, 20),
	KTAP_TEST(memory_shared_with_a_protected_process_stays, 20),
	KTAP_TEST(exit_at_the_moment_of_a_kill_spares_the_others, 60),
	KTAP_TEST(exec_at_the_moment_of_a_kill_spares_the_others, 60),
	KTAP_TEST(fork_at_the_moment_of_a_kill_spares_the_others, 60),
	KTAP_TEST(vfork_at_the_moment_of_a_kill_spares_the_others, 60),
	KTAP_TEST(leader_exit_at_the_moment_of_a_kill_spares_the_others, 60),
	KTAP_TEST(setuid_at_the_moment_of_a_kill_spares_the_others, 60),
	KTAP_TEST(unmap_at_the_moment_of_a_kill_spares_the_others, 60),
	KTAP_TEST(removed_and_set_again_has_a_grace_of_its_own, 20),
	KTAP_TEST(process_that_leaves_its_memory_by_exec_in_time_lives, 20),
	KTAP_TEST(exec_that_crosses_the_limit_dies, 20),
	KTAP_TEST(user_namespace_is_no_way_out, 20),
	KTAP_TEST(uid_used_again_starts_from_nothing, 20),
	KTAP_TEST(init_is_never_killed, 20),
};

KTAP_TESTS(tests);
