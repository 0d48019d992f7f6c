// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests rules for a great many users, which anybody can have that was given subordinate
 * uids: one open file keeps each.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/probe.h"
#include "lib/processes.h"
#include "lib/rules.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

#define FIRST 20000
#define LIMIT (16 * MIB)

/* Processes that change their user over and over, and the uids that each goes through */
#define CHANGERS 4
#define UIDS 500

/* In a worker of root's: an open file of each of so many users. Returns 0 or -errno. */
static long keep_users(long users)
{
	struct rlimit files = { users + 64, users + 64 };

	if (setrlimit(RLIMIT_NOFILE, &files))
		return -errno;
	for (long uid = FIRST; uid < FIRST + users; uid++) {
		if (syscall(SYS_setresuid, uid, uid, 0))
			return -errno;
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			return -errno;
		if (syscall(SYS_setresuid, 0, 0, 0))
			return -errno;
	}
	return 0;
}

/* How long it took for them to come, in microseconds: what a rule takes is compared with that. */
static uint64_t kept_us;

static struct worker start_keeping(unsigned int users)
{
	struct worker worker = worker_start(0);
	uint64_t began_us = ktap_now_us();

	ASSERT_EQ(worker_call(&worker, keep_users, users), 0);
	kept_us = ktap_now_us() - began_us;
	return worker;
}

/*
 * A change takes about half of what its users took; one that waited for a grace period for each
 * would take a hundred times that. Kernels that count what they execute count ours alone.
 */
#define TIMES_QUICK 4

static void expect_quick(const char *what, uint64_t began_us)
{
	uint64_t took_us = ktap_now_us() - began_us;

	printf("%s: %llu us, of %llu us for its users\n", what,
	       (unsigned long long)took_us, (unsigned long long)kept_us);
	EXPECT_LT(took_us, TIMES_QUICK * kept_us);
}

KTAP_TEST(rule_of_many_users_is_changed_about_as_fast_as_they_came, 120,
	  "rules")
{
	const unsigned int users = ktap_volume("users");
	struct worker worker = start_keeping(users);
	const uid_t last = FIRST + users - 1;
	uint64_t began_us;

	for (unsigned int kind = EACH; kind <= POOL; kind++) {
		const char *name = kind == EACH ? "each" : "pool";

		printf("%s\n", name);
		began_us = ktap_now_us();
		ASSERT_EQ(rule_set(kind, FIRST, last, LIMIT), 0);
		expect_quick("set", began_us);
		rule_expect(FIRST, kind, FIRST, last,
			    kind == EACH ? LIMIT : UINT64_MAX);
		rule_expect(last, kind, FIRST, last,
			    kind == EACH ? LIMIT : UINT64_MAX);

		began_us = ktap_now_us();
		ASSERT_EQ(rule_set(kind, FIRST, last, LIMIT / 2), 0);
		expect_quick("lowered", began_us);

		began_us = ktap_now_us();
		ASSERT_EQ(rule_remove(FIRST, last), 0);
		expect_quick("removed", began_us);
		limit_expect_none(FIRST);
		limit_expect_none(last);
	}
	worker_end(&worker);
}

/* Of the users up to this one, those that have a limit; this does not wait for a change's end. */
static unsigned int count_limited(uid_t last)
{
	struct mm_limit_user limit;
	unsigned int limited = 0;

	for (uid_t uid = FIRST; uid <= last; uid++)
		limited += !mmlimit_get(uid, &limit);
	return limited;
}

static void set_scheduler(int policy)
{
	const struct sched_param param = { .sched_priority = policy ==
							     SCHED_FIFO };

	ASSERT_EQ(sched_setscheduler(0, policy, &param), 0);
}

/*
 * A process sets a rule, or with no bytes removes it. It is killed when some of the users have
 * it, and must go before all have. Both processes come before what changes the users, so that
 * waiting for a CPU is no part of that.
 */
static void change_and_be_killed(uid_t last, uint64_t bytes)
{
	const unsigned int users = last - FIRST + 1;
	const unsigned int before = bytes ? 0 : users;
	unsigned int limited;
	int status;
	pid_t pid;

	set_scheduler(SCHED_FIFO);
	pid = fork();
	if (pid == 0) {
		long ret = bytes ? rule_set(EACH, FIRST, last, bytes) :
				   rule_remove(FIRST, last);
		_exit(ret ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	ASSERT_GT(pid, 0);
	ktap_waiting_for("the change to begin");
	while (count_limited(last) == before)
		usleep(200);
	ktap_waiting_for(NULL);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	limited = count_limited(last);
	printf("%s when %u of %u users had a limit\n",
	       WIFSIGNALED(status) ? "killed" : "ended", limited, users);
	/* With several CPUs it may be done meanwhile. */
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1) {
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_NE(limited, users - before);
	}
	set_scheduler(SCHED_OTHER);
}

/* Either the rule is there, and its users have its limit, or both are not. */
static void expect_all_or_nothing(uid_t last)
{
	struct mm_limit_attr attr = { .first = FIRST, .last = last };
	long ret;

	/* This waits for changes that were begun before. */
	EXPECT_EQ(rule_remove(FIRST - 1, last), -ENODATA);
	ret = limit_ctl(MM_LIMIT_CTL_GET_RULE, &attr, sizeof(attr));
	if (ret)
		EXPECT_EQ(ret, -ENODATA);
	for (uid_t uid = FIRST; uid <= last; uid += (last - FIRST) / 10) {
		if (ret)
			limit_expect_none(uid);
		else
			rule_expect(uid, EACH, FIRST, last, LIMIT);
	}
}

/* What was begun is finished, what was not is not there at all. */
KTAP_TEST(who_changes_a_rule_of_many_users_can_be_killed, 120,
	  "rules rules_smp")
{
	const unsigned int users = ktap_volume("users");
	struct worker worker = start_keeping(users);
	const uid_t last = FIRST + users - 1;

	change_and_be_killed(last, LIMIT);
	expect_all_or_nothing(last);
	ASSERT_EQ(rule_set(EACH, FIRST, last, LIMIT), 0);
	change_and_be_killed(last, 0);
	expect_all_or_nothing(last);
	/* A removal that was killed in time has not begun. */
	rule_remove(FIRST, last);
	limit_expect_none(FIRST);
	worker_end(&worker);
}

/* Members with memory: all of it is in the pool when the call returns, and nobody dies. */
KTAP_TEST(pool_has_all_that_many_users_hold_once_it_is_set, 60,
	  "rules rules_smp")
{
	struct worker keeper = start_keeping(150);
	struct worker workers[40];
	const uid_t last = FIRST + 149;

	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		workers[i] = start_holding(FIRST + 3 * i, 16 * PAGE);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(rule_set(POOL, FIRST, last, 4 * LIMIT), 0);
		EXPECT_EQ(rule_read(FIRST, last).members, 150);
		EXPECT_GE(pool_exact(FIRST, last),
			  ARRAY_SIZE(workers) * 16 * PAGE);
		/* A narrower rule takes some out, and gives them back. */
		ASSERT_EQ(rule_set(EACH, FIRST, FIRST + 60, LIMIT), 0);
		EXPECT_EQ(rule_read(FIRST, last).members, 89);
		pool_exact(FIRST, last);
		usage_exact(FIRST);
		ASSERT_EQ(rule_remove(FIRST, FIRST + 60), 0);
		EXPECT_EQ(rule_read(FIRST, last).members, 150);
		pool_exact(FIRST, last);
		EXPECT_EQ(rule_read(FIRST, last).kills, 0);
		ASSERT_EQ(rule_remove(FIRST, last), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		worker_end(&workers[i]);
	worker_end(&keeper);
}

/* In a user namespace, whose first uid is the user's own: others come and go. */
static long change_users(long changers)
{
	for (long i = 0; i < changers; i++) {
		uid_t first = 1 + i * UIDS, uid = first;

		if (fork())
			continue;
		for (;; uid = uid == first + UIDS - 1 ? first : uid + 1)
			if (syscall(SYS_setresuid, uid, uid, 0) ||
			    syscall(SYS_setresuid, 0, 0, 0))
				_exit(EXIT_FAILURE);
	}
	return 0;
}

static long spin(long processes)
{
	for (long i = 0; i < processes; i++)
		if (!fork())
			for (;;)
				getppid();
	return 0;
}

static long lead_group(long unused)
{
	(void)unused;
	return setpgid(0, 0) ? -errno : 0;
}

/* A user with a namespace of its own, and uids from @first on in it */
static struct worker start_in_namespace(uid_t uid, uid_t first)
{
	struct worker worker = worker_start(uid);
	char map[64];

	ASSERT_EQ(worker_call(&worker, lead_group, 0), 0);
	ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
	snprintf(map, sizeof(map), "0 %u 1\n1 %u %u\n", uid, first,
		 CHANGERS * UIDS);
	worker_map_uids(&worker, map);
	return worker;
}

/* Its children have come from it, so that they go along. */
static void end_in_namespace(struct worker *worker)
{
	ASSERT_EQ(kill(-worker->pid, SIGKILL), 0);
	worker_wait(worker);
}

/* How far a bystander comes beside so many processes of another user */
static long work_beside(worker_fn function)
{
	struct worker bystander = worker_start(USER_B);
	struct worker opponent = start_in_namespace(USER_A, FIRST);
	long done;

	ASSERT_EQ(worker_call(&opponent, function, CHANGERS), 0);
	/* The CPU time that it has in credit is gone soon. */
	usleep(2000000);
	done = worker_call(&bystander, probe_work, 2000);
	end_in_namespace(&opponent);
	worker_end(&bystander);
	return done;
}

KTAP_TEST(bystander_keeps_its_share_while_many_users_come_and_go, 60,
	  "fairness")
{
	long fair = work_beside(spin), got;

	for (unsigned int kind = EACH; kind <= POOL; kind++) {
		ASSERT_EQ(rule_set(kind, FIRST, FIRST + CHANGERS * UIDS, LIMIT),
			  0);
		got = work_beside(change_users);
		printf("%s: %ld%% of a fair share\n",
		       kind == EACH ? "each" : "pool", got * 100 / fair);
		/* A twentieth is what the kernel may take from others. */
		EXPECT_GE(got * 20, fair * 19);
		EXPECT_EQ(rule_remove(FIRST, FIRST + CHANGERS * UIDS), 0);
	}
}

/* As change_users(), but each of them binds itself, and changes that, before it goes. */
static long change_own_limits(long changers)
{
	for (long i = 0; i < changers; i++) {
		uid_t first = 1 + i * UIDS, uid = first;

		if (fork())
			continue;
		for (;; uid = uid == first + UIDS - 1 ? first : uid + 1) {
			if (syscall(SYS_setresuid, uid, uid, 0))
				_exit(EXIT_FAILURE);
			for (int j = 0; j < 400; j++)
				if (mmlimit_set(uid, LIMIT))
					_exit(EXIT_FAILURE);
			if (mmlimit_remove(uid) ||
			    syscall(SYS_setresuid, 0, 0, 0))
				_exit(EXIT_FAILURE);
		}
	}
	return 0;
}

/* Whoever has made them pays for what each has the kernel do. */
KTAP_TEST(bystander_keeps_its_share_while_many_users_change_their_limits, 60,
	  "fairness")
{
	long fair = work_beside(spin), got = work_beside(change_own_limits);

	printf("%ld%% of a fair share\n", got * 100 / fair);
	EXPECT_GE(got * 20, fair * 19);
	/* They were killed in the middle of it. */
	for (uid_t uid = FIRST; uid < FIRST + CHANGERS * UIDS; uid++)
		mmlimit_remove(uid);
}
