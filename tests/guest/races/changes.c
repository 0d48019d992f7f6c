// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests races between the killer and changes: of the limit, of the program, of
 * the user. The other files of this room have the rest.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "mmlimit.h"

static unsigned int grace_ms(void)
{
	return 500 * ktap_slowdown();
}

/* The old timer must not fire into the new grace. */
KTAP_TEST(removed_and_set_again_has_a_grace_of_its_own, 20, "attacks")
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
	execl("/bin/sleep", "sleep", "100000", NULL);
	return -errno;
}

KTAP_TEST(process_that_leaves_its_memory_by_exec_in_time_lives, 20, "attacks")
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

	memset(argument, '0', sizeof(argument) - 1);
	for (int i = 0; i < ARGUMENTS; i++)
		arguments[i + 2] = argument;
	execv("/bin/sleep", arguments);
	return -errno;
}

KTAP_TEST(exec_that_crosses_the_limit_dies, 20, "attacks")
{
	struct worker worker, small;

	small = start_holding(USER_A, MIB);
	worker = start_holding(USER_A, 8 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MIB), 0);
	EXPECT_EQ(worker_call(&worker, exec_with_long_arguments, 0),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(worker_call(&small, held_damage, 0), 0);
	worker_end(&small);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(user_namespace_is_no_way_out, 20, "attacks")
{
	for (int mapped = 0; mapped < 2; mapped++) {
		struct worker worker = worker_start(USER_A);

		ASSERT_EQ(mmlimit_set(USER_A, 12 * MIB), 0);
		ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
		/* Root in there, or nobody: here it is the user. */
		if (mapped)
			worker_map_uids(&worker, "0 10070 1\n");
		ASSERT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
		EXPECT_GE(usage_exact(USER_A), 8 * MIB);
		EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE),
			  WORKER_DIED);
		EXPECT_TRUE(worker_was_killed(&worker));
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(uid_used_again_starts_from_nothing, 20, "attacks")
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
		/*
		 * The difference is what the test itself has touched in
		 * between.
		 */
		EXPECT_LE(usage_exact(USER_A), first + 16 * PAGE);
		EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE),
			  WORKER_DIED);
		EXPECT_TRUE(worker_was_killed(&worker));
		usage_wait_for_nothing(USER_A);
		close(fd);
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
}
