// SPDX-License-Identifier: GPL-2.0-only
/* Tests the killer where several processes have one address space. */
#define _GNU_SOURCE 1
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/account_worker.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"

/* Workers and their children tell the test a pid here. */
static volatile unsigned long *report;

static void share_report(void)
{
	report = region_map_common(1).base;
}

/* In a worker: the child of vfork() grows, in the memory of both. */
static long vfork_and_grow(long uid)
{
	pid_t pid = vfork();

	if (!pid) {
		*report = getpid();
		if (uid && process_change_user_raw(uid))
			_exit(EXIT_FAILURE);
		held_grow(24 * MIB / PAGE);
		_exit(EXIT_SUCCESS);
	}
	return pid > 0 ? 0 : -errno;
}

static void expect_death_with_child(struct worker *worker)
{
	EXPECT_TRUE(worker_was_killed(worker));
	EXPECT_GT(*report, 0);
	process_wait_end(*report);
	usage_wait_for(USER_A, 0);
}

KTAP_TEST(vfork_parent_and_child_die_together, 20, "attacks")
{
	struct worker worker, small;
	uint64_t began_us;

	share_report();
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	small = start_holding(USER_A, MIB);
	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	worker = start_holding(USER_A, 8 * MIB);
	began_us = ktap_now_us();
	EXPECT_EQ(worker_call(&worker, vfork_and_grow, 0), WORKER_DIED);
	EXPECT_EQ(worker_call(&small, held_damage, 0), 0);
	worker_end(&small);
	expect_death_with_child(&worker);
	/* They die at once, and not only by force. */
	EXPECT_LT(ktap_now_us(), began_us + 60000000);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

/* It has only borrowed the memory: the limit is that of its parent's user. */
KTAP_TEST(vfork_child_of_another_user_dies_with_its_parent, 20, "attacks")
{
	struct worker worker, bystander;

	share_report();
	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	ASSERT_EQ(mmlimit_set(USER_B, 20 * MIB), 0);
	bystander = start_holding(USER_B, 16 * MIB);
	worker = worker_start(0);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
	EXPECT_EQ(worker_call(&worker, vfork_and_grow, USER_B), WORKER_DIED);
	expect_death_with_child(&worker);
	EXPECT_EQ(worker_call(&bystander, held_damage, 0), 0);
	worker_end(&bystander);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

static long share_memory(long uid)
{
	return process_share_memory(uid);
}

KTAP_TEST(sharer_of_another_user_dies_with_the_owner, 20, "attacks")
{
	struct worker worker, bystander;
	pid_t sharer;

	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT_HUGE), 0);
	bystander = start_holding(USER_B, 8 * MIB);
	worker = start_holding(0, 16 * MIB);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	sharer = worker_call(&worker, share_memory, USER_B);
	ASSERT_GT(sharer, 0);
	EXPECT_GE(usage_exact(USER_A), 16 * MIB);

	/* The other user's limit is no matter for it, */
	EXPECT_LT(usage_exact(USER_B), 16 * MIB);
	ASSERT_EQ(mmlimit_set(USER_B, 12 * MIB), 0);
	EXPECT_TRUE(worker_lives_for(&worker, 300 * ktap_slowdown()));
	EXPECT_EQ(process_state(sharer), 'S');

	/* its owner's is. */
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	process_wait_end(sharer);
	EXPECT_EQ(worker_call(&bystander, held_damage, 0), 0);
	worker_end(&bystander);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

/* The child of vfork(), and it alone, is out of the killer's reach. */
static int release[2];

static long vfork_protected(long unused)
{
	pid_t pid = vfork();
	char byte;

	if (!pid) {
		if (!file_write("/proc/self/oom_score_adj", "-1000"))
			*report = getpid();
		read(release[0], &byte, 1);
		_exit(EXIT_SUCCESS);
	}
	return pid > 0 ? 0 : -errno;
}

/* Effectively root again, which alone may protect */
static long regain_root(long unused)
{
	return setresuid(-1, 0, -1) ? -errno : 0;
}

KTAP_TEST(memory_shared_with_a_protected_process_stays, 20, "attacks")
{
	struct worker worker;

	share_report();
	ASSERT_EQ(pipe(release), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(0);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE), 0);
	ASSERT_EQ(worker_call(&worker, regain_root, 0), 0);
	worker_send(&worker, vfork_protected, 0);
	ktap_waiting_for("the child to be protected");
	while (!*report)
		usleep(1000);
	ktap_waiting_for(NULL);

	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	limit_wait_for_state(USER_A, MM_LIMIT_STUCK);
	EXPECT_TRUE(worker_lives_for(&worker, 300 * ktap_slowdown()));
	ASSERT_EQ(write(release[1], "x", 1), 1);
	EXPECT_EQ(worker_receive(&worker), 0);
	/* vfork() returns a little earlier than its child has left. */
	process_wait_end(*report);
	/* When it is alone, it can be killed. */
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Protects all processes but init, or puts that back. */
static void protect_all_but_init(bool protected)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	ASSERT_TRUE(proc);
	while ((entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    atoi(entry->d_name) > 1)
			process_set_oom_score_adj(atoi(entry->d_name),
						  protected ? "-1000" : "0");
	closedir(proc);
}

KTAP_TEST(init_is_never_killed, 20, "attacks")
{
	struct worker worker;

	limits_count("rss");
	ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_min_uid", "0"), 0);
	worker = start_holding(0, 8 * MIB);
	protect_all_but_init(true);
	process_set_oom_score_adj(worker.pid, "0");

	/* Everything that root runs is above, this test included. */
	EXPECT_EQ(mmlimit_set(0, MIB), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	limit_wait_for_state(0, MM_LIMIT_STUCK);
	EXPECT_EQ(process_state(1), 'S');
	EXPECT_EQ(mmlimit_remove(0), 0);
	protect_all_but_init(false);
	ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_min_uid", "10000"), 0);
	limits_count("held");
}
