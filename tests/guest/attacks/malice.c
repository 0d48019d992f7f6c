// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that neither a user nor a careless daemon can turn the limits against
 * other users.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/user.h"

/* For a root worker: does what a daemon does that starts a user's program. */
static long vfork_and_become(long uid)
{
	pid_t child = vfork();
	int status;

	if (child == 0) {
		syscall(SYS_setresuid32, uid, uid, uid);
		_exit(0);
	}
	ASSERT_GT(child, 0);
	ASSERT_EQ(waitpid(child, &status, 0), child);
	return status;
}

KTAP_TEST(vfork_child_of_a_user_leaves_the_daemon_its_memory, 20, "enforce")
{
	struct worker daemon = worker_start(0);
	struct usage usage;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(worker_call(&daemon, held_grow, 16 * MIB / PAGE), 0);
	EXPECT_EQ(worker_call(&daemon, vfork_and_become, USER_A), 0);
	EXPECT_TRUE(usage_read(USER_A, &usage));
	EXPECT_EQ(usage.charged, 0);
	EXPECT_EQ(usage.mms, 0);

	EXPECT_EQ(mmlimit_set(USER_A, 0), 0);
	EXPECT_EQ(worker_call(&daemon, held_damage, 0), 0);
	worker_end(&daemon);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/*
 * The user goes above its limit and below it again and again, so that some
 * crossing falls into the end of a grace. If a crossing got lost, the worker
 * would wait for the killer for ever, and the test would time out.
 */
KTAP_TEST(hovering_at_the_end_of_a_grace_leaves_nobody_waiting, 30, "enforce")
{
	const unsigned int grace_ms = 20 * ktap_slowdown();
	const size_t pages = 2 * MIB / PAGE;
	const int rounds = ktap_volume("graces");
	unsigned int deaths = 0;
	uint64_t end_us;

	/* Room for the worker itself and half of the pages */
	ASSERT_EQ(mmlimit_set_time(USER_A, 2 * MIB, grace_ms), 0);
	for (int round = 0; round < rounds; round++) {
		struct worker worker = worker_start(USER_A);
		long answer = 0;

		end_us = ktap_now_us() + 5000ULL * grace_ms;
		while (ktap_now_us() < end_us && answer != WORKER_DIED) {
			answer = worker_call(&worker, held_grow, pages);
			if (answer == 0)
				answer = worker_call(&worker, held_shrink,
						     pages);
		}
		if (answer == WORKER_DIED) {
			EXPECT_TRUE(worker_was_killed(&worker));
			deaths++;
		} else {
			worker_end(&worker);
		}
		usage_wait_for(USER_A, 0);
	}
	printf("%u of %d were above at the end of a grace\n", deaths, rounds);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/*
 * For a root worker: takes the user's real uid, and is out of the killer's
 * reach.
 */
static long become_protected(long uid)
{
	ASSERT_EQ(file_write("/proc/self/oom_score_adj", "-1000"), 0);
	return syscall(SYS_setresuid32, uid, 0, 0) ? -errno : 0;
}

KTAP_TEST(exceeding_after_being_stuck_begins_a_new_grace, 20, "enforce")
{
	const unsigned int grace_ms = 200 * ktap_slowdown();
	struct worker protected = worker_start(0), other;
	struct klog log = klog_open();
	uint64_t began_us;

	klog_rest();
	ASSERT_EQ(mmlimit_set_time(USER_A, 8 * MIB, grace_ms), 0);
	ASSERT_EQ(worker_call(&protected, become_protected, USER_A), 0);
	ASSERT_EQ(worker_call(&protected, held_grow, 16 * MIB / PAGE), 0);
	klog_wait(&log, "stuck: ");
	ASSERT_EQ(worker_call(&protected, held_shrink, 16 * MIB / PAGE), 0);

	other = worker_start(USER_A);
	began_us = ktap_now_us();
	worker_call(&other, held_grow, 16 * MIB / PAGE);
	EXPECT_TRUE(worker_was_killed(&other));
	EXPECT_GE(ktap_now_us() - began_us, grace_ms * 1000ULL);

	worker_end(&protected);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* In a user's worker */
static long set_and_remove(long times)
{
	for (long i = 0; i < times; i++) {
		ASSERT_EQ(mmlimit_set_time(USER_A, 0, 60000), 0);
		ASSERT_EQ(mmlimit_remove(USER_A), 0);
	}
	return 0;
}

/*
 * The log may have at most 20 changes and 20 other lines in five seconds, and
 * no table.
 */
KTAP_TEST(user_cannot_flood_the_log, 60, "enforce")
{
	const unsigned int times = 100;
	struct worker worker = worker_start(USER_A);
	struct klog log = klog_open();
	uint64_t began_us = ktap_now_us(), periods;
	unsigned int changes = 0, graces = 0;

	ASSERT_EQ(worker_call(&worker, set_and_remove, times), 0);
	periods = 1 + (ktap_now_us() - began_us) / 5000000;
	while (klog_next(&log)) {
		changes += strstr(log.text, "Added: ") ||
			   strstr(log.text, "Removed: ");
		graces += strstr(log.text, "grace: ") != NULL;
	}
	printf("%u calls, %u changes and %u graces logged\n", 2 * times,
	       changes, graces);
	EXPECT_GT(changes, 0);
	EXPECT_LE(changes, 20 * (periods + 1));
	EXPECT_LE(graces, 20 * (periods + 1));
	EXPECT_LT(changes, 2 * times);
	worker_end(&worker);
	klog_close(&log);
}

/* Uids that a user has in a namespace of its own, beside its own, which is 0 there */
#define SUBORDINATES 200
#define SUBORDINATE_FIRST 20000

/* A user has more than it allows itself, for a moment. */
KTAP_PROGRAM(exceeds_for_a_moment)
{
	uid_t uid = getuid();

	return mmlimit_set_time(uid, 0, 60000) || mmlimit_remove(uid);
}

/* As each of them, by its number in there: a program's memory is its user's from its start. */
static long exceed_as_each(long users)
{
	for (long uid = 1; uid <= users; uid++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			ASSERT_EQ(syscall(SYS_setresuid32, uid, uid, uid), 0);
			execl("/proc/self/exe", "exceeds_for_a_moment", NULL);
			_exit(EXIT_FAILURE);
		}
		ASSERT_GT(pid, 0);
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		ASSERT_EQ(status, 0);
	}
	return 0;
}

/* All of them together may log what one user may: whoever has made them pays for that, too. */
KTAP_TEST(users_that_one_has_made_cannot_flood_the_log, 60, "enforce")
{
	struct worker worker = worker_start(USER_B);
	struct klog log = klog_open();
	uint64_t began_us, periods;
	unsigned int graces = 0;
	char map[64];

	ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
	snprintf(map, sizeof(map), "0 %u 1\n1 %u %u\n", USER_B,
		 SUBORDINATE_FIRST, SUBORDINATES);
	worker_map_uids(&worker, map);
	began_us = ktap_now_us();
	ASSERT_EQ(worker_call(&worker, exceed_as_each, SUBORDINATES), 0);
	periods = 1 + (ktap_now_us() - began_us) / 5000000;
	while (klog_next(&log))
		graces += strstr(log.text, "grace: ") != NULL;
	printf("%u users, %u graces logged\n", SUBORDINATES, graces);
	EXPECT_GT(graces, 0);
	EXPECT_LE(graces, 20 * (periods + 1));
	worker_end(&worker);
	klog_close(&log);
}

/* A user is root in a namespace of its own, where it mounts with options that there are not. */
static long mount_with_nonsense(long times)
{
	ASSERT_EQ(unshare(CLONE_NEWUSER | CLONE_NEWNS), 0);
	for (long i = 0; i < times; i++) {
		EXPECT_EQ(mount("none", "/tmp", "tmpfs", 0, "nonsense"), -1);
		EXPECT_EQ(errno, EINVAL);
		EXPECT_EQ(mount("none", "/tmp", "devpts", 0, "nonsense"), -1);
		EXPECT_EQ(errno, EINVAL);
	}
	return 0;
}

/* Each of two places may log ten lines in five seconds. */
KTAP_TEST(mounts_of_a_user_cannot_flood_the_log, 60, "enforce")
{
	const unsigned int times = 100;
	struct worker worker = worker_start(USER_A);
	struct klog log = klog_open();
	uint64_t began_us = ktap_now_us(), periods;
	unsigned int lines = 0;

	ASSERT_EQ(worker_call(&worker, mount_with_nonsense, times), 0);
	periods = 1 + (ktap_now_us() - began_us) / 5000000;
	while (klog_next(&log))
		lines += strstr(log.text, "nonsense") ||
			 strstr(log.text, "devpts");
	printf("%u mounts, %u lines logged\n", 2 * times, lines);
	EXPECT_GT(lines, 0);
	EXPECT_LE(lines, 2 * 10 * (periods + 1));
	worker_end(&worker);
	klog_close(&log);
}

/* Returns how the kernel takes it to be told of so much pressure by a window of @us. */
static long watch_pressure(long us)
{
	char trigger[64];

	ASSERT_EQ(unshare(CLONE_NEWUSER), 0);
	snprintf(trigger, sizeof(trigger), "some %ld %ld\n", us / 2, us);
	return file_write("/proc/pressure/cpu", trigger);
}

/* Triggers of other windows have a real-time thread look at all of them all the time. */
KTAP_TEST(user_namespace_gives_no_real_time_triggers_of_pressure, 20, "enforce")
{
	EXPECT_EQ(user_run(USER_A, watch_pressure, 500000), -EINVAL);
	EXPECT_EQ(user_run(USER_A, watch_pressure, 2000000), 0);
	EXPECT_EQ(file_write("/proc/pressure/cpu", "some 250000 500000\n"), 0);
}

static long read_the_log(long unused)
{
	char text[256];

	if (open("/dev/kmsg", O_RDONLY | O_NONBLOCK) >= 0)
		return 0;
	if (klogctl(3 /* SYSLOG_ACTION_READ_ALL */, text, sizeof(text)) >= 0)
		return 0;
	return -errno;
}

/* It has others' limits, and their processes. */
KTAP_TEST(users_cannot_read_the_log, 10, "enforce")
{
	EXPECT_EQ(user_run(USER_A, read_the_log, 0), -EPERM);
}

KTAP_TEST(users_themselves_fill_no_more_than_half_of_the_table, 20, "enforce")
{
	ASSERT_EQ(file_write(MAX_ENTRIES, "5"), 0);
	for (uid_t uid = TEST_USER_FIRST; uid < TEST_USER_FIRST + 3; uid++)
		EXPECT_EQ(limit_call_as(uid, SET(uid, 64 * MIB)), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, 64 * MIB)), -ENOSPC);
	EXPECT_EQ(mmlimit_set(USER_A, 64 * MIB), 0);
	EXPECT_EQ(mmlimit_set(USER_B, 64 * MIB), 0);
	EXPECT_EQ(mmlimit_set(USER_C, 64 * MIB), -ENOSPC);
	for (uid_t uid = TEST_USER_FIRST; uid < TEST_USER_FIRST + 3; uid++)
		EXPECT_EQ(mmlimit_remove(uid), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
}

/* Else the administrator could neither read nor remove it. */
KTAP_TEST(limit_below_a_raised_minimum_can_be_removed, 20, "enforce")
{
	ASSERT_EQ(mmlimit_set(USER_A, 64 * MIB), 0);
	ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_min_uid", "20000"), 0);
	EXPECT_EQ(mmlimit_set(USER_A, 32 * MIB), -EACCES);
	limit_expect(USER_A, 64 * MIB, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), -EACCES);
	ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_min_uid", "10000"), 0);
}

static long become(long uid)
{
	user_become(uid);
	return 0;
}

KTAP_TEST(init_of_a_container_with_others_in_it_is_spared, 20, "enforce")
{
	struct worker init, other;
	struct klog log;

	klog_rest();
	log = klog_open();
	/* The first child is the init of the new namespace. */
	ASSERT_EQ(unshare(CLONE_NEWPID), 0);
	init = worker_start(0);
	other = worker_start(USER_B);
	ASSERT_EQ(worker_call(&init, become, USER_A), 0);
	ASSERT_EQ(worker_call(&init, held_grow, 4 * MIB / PAGE), 0);

	EXPECT_EQ(mmlimit_set(USER_A, 2 * MIB), 0);
	klog_wait(&log, "stuck: uid=10070");
	EXPECT_EQ(worker_call(&init, held_damage, 0), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);

	/* Alone it is a process like any other. */
	worker_end(&other);
	EXPECT_EQ(mmlimit_set(USER_A, 2 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&init));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	klog_close(&log);
}

/* It has been the user's, whose memory it keeps, and is root again, as with sudo. */
static long become_for_a_moment(long uid)
{
	if (syscall(SYS_setresuid32, uid, 0, 0) ||
	    syscall(SYS_setresuid32, 0, 0, 0))
		return -errno;
	return 0;
}

/* Neither what is left of others nor a program of the user's own has its init spared. */
KTAP_TEST(init_of_a_container_is_not_spared_for_its_own, 20, "enforce")
{
	struct worker init, corpse, own;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(unshare(CLONE_NEWPID), 0);
	init = worker_start(0);
	corpse = worker_start(USER_B);
	own = worker_start(0);
	ASSERT_EQ(worker_call(&own, become_for_a_moment, USER_A), 0);
	ASSERT_EQ(kill(corpse.pid, SIGKILL), 0);
	process_wait_for(corpse.pid, 'Z');
	ASSERT_EQ(worker_call(&init, become, USER_A), 0);
	ASSERT_EQ(worker_call(&init, held_grow, 4 * MIB / PAGE), 0);

	EXPECT_EQ(mmlimit_set(USER_A, 2 * MIB), 0);
	ktap_waiting_for("the memory of the init");
	while (limit_read(USER_A).usage > 2 * MIB)
		usleep(1000);
	ktap_waiting_for(NULL);
	/* An init waits for all others in there. */
	EXPECT_TRUE(worker_was_killed(&corpse));
	EXPECT_TRUE(worker_was_killed(&own));
	EXPECT_TRUE(worker_was_killed(&init));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define RESTLESS 3

static long change_own_limit_for_ever(long uid)
{
	while (mmlimit_set(uid, 8 * MIB) == 0)
		;
	return -1;
}

KTAP_TEST(changing_ones_own_limit_does_not_hold_the_killer_up, 30, "enforce")
{
	struct worker restless[RESTLESS], grower;

	ASSERT_EQ(mmlimit_set_time(USER_A, 8 * MIB, 50 * ktap_slowdown()), 0);
	grower = worker_start(USER_A);
	for (int i = 0; i < RESTLESS; i++) {
		restless[i] = worker_start(USER_A);
		worker_send(&restless[i], change_own_limit_for_ever, USER_A);
	}
	worker_send(&grower, held_grow, 16 * MIB / PAGE);
	EXPECT_TRUE(worker_was_killed(&grower));
	for (int i = 0; i < RESTLESS; i++) {
		ASSERT_EQ(kill(restless[i].pid, SIGKILL), 0);
		EXPECT_TRUE(worker_was_killed(&restless[i]));
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
