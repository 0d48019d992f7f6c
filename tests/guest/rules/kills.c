// SPDX-License-Identifier: GPL-2.0-only
/* Tests what rules remember of those who were killed, when their users have gone. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/rules.h"
#include "lib/usage.h"
#include "lib/user.h"

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

/* The range has users A, B and C. */
#define FIRST 10050
#define LAST 10149
#define LIMIT (8 * MIB)
#define KILLS "/proc/mm_limit_kills"

/* Histories that a rule keeps of users without a limit of it */
#define KEPT 64

/* Kills that are told of a user, as the caller may read them, and the last one's number */
struct told {
	unsigned int kills;
	unsigned int last;
};

static struct told read_told(uid_t uid)
{
	FILE *file = fopen(KILLS, "re");
	struct told told = { 0 };
	unsigned int of, number;
	char line[1024];

	ASSERT_TRUE(file);
	while (fgets(line, sizeof(line), file)) {
		ASSERT_EQ(sscanf(line, "uid=%u number=%u ", &of, &number), 2);
		if (of != uid)
			continue;
		/* Kills of one limit are told in their order. */
		EXPECT_GT(number, told.last);
		told.last = number;
		told.kills++;
	}
	ASSERT_EQ(fclose(file), 0);
	return told;
}

static void expect_told(uid_t uid, unsigned int kills, unsigned int last)
{
	struct told told = read_told(uid);

	EXPECT_EQ(told.kills, kills);
	EXPECT_EQ(told.last, last);
}

/* The same, once users that have gone are those of whom the rule keeps something. */
static void wait_for_told(uid_t uid, unsigned int kills, unsigned int last)
{
	struct told told = read_told(uid);

	while (told.kills != kills || told.last != last) {
		ktap_waiting_for(
			"%u kills of user %u up to %u, not %u up to %u", kills,
			uid, last, told.kills, told.last);
		usleep(1000);
		told = read_told(uid);
	}
	ktap_waiting_for(NULL);
}

/* For worker_call(): how many kills a user is told of */
static long told_to_me(long uid)
{
	return read_told(uid).kills;
}

/* A process of a user is killed for the user's limit; that was the last that it had. */
static void be_killed(uid_t uid)
{
	struct worker worker = worker_start(uid);

	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
}

static void be_killed_and_go(uid_t uid)
{
	be_killed(uid);
	rule_wait_until_gone(uid);
}

KTAP_TEST(kills_of_a_user_that_has_gone_are_told_to_root_and_to_itself, 20,
	  "rules rules_smp")
{
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	be_killed_and_go(USER_A);
	expect_told(USER_A, 1, 1);
	EXPECT_EQ(user_run(USER_A, told_to_me, USER_A), 1);
	EXPECT_EQ(user_run(USER_B, told_to_me, USER_A), 0);
	rule_wait_until_gone(USER_A);
	expect_told(USER_A, 1, 1);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(kills_are_told_at_each_moment_while_their_user_goes, 60,
	  "rules rules_smp")
{
	struct usage usage;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	for (int i = 1; i <= 8; i++) {
		be_killed(USER_A);
		ktap_waiting_for("user %d to go", USER_A);
		do {
			/* Who goes while this is read may be told of twice. */
			ASSERT_EQ(read_told(USER_A).last, i);
		} while (usage_read(USER_A, &usage));
		ktap_waiting_for(NULL);
	}
	expect_told(USER_A, 8, 8);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(user_that_comes_back_gets_its_kills_back_and_goes_on_numbering, 60,
	  "rules rules_smp")
{
	struct worker worker;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	for (int i = 1; i <= 10; i++) {
		be_killed_and_go(USER_A);
		expect_told(USER_A, i < 8 ? i : 8, i);
	}
	worker = worker_start(USER_A);
	expect_told(USER_A, 8, 10);
	EXPECT_EQ(worker_call(&worker, told_to_me, USER_A), 8);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/* Whether it has gone, is going or has come back before that: nothing is lost. */
KTAP_TEST(user_that_comes_back_at_once_loses_no_kill, 60, "rules rules_smp")
{
	const int kills = 40;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	for (int i = 1; i <= kills; i++)
		be_killed(USER_A);
	expect_told(USER_A, 8, kills);
	rule_wait_until_gone(USER_A);
	expect_told(USER_A, 8, kills);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(rule_that_is_changed_keeps_kills_and_one_that_goes_forgets_them, 20,
	  "rules")
{
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	be_killed_and_go(USER_A);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT + MIB), 0);
	expect_told(USER_A, 1, 1);
	ASSERT_EQ(rule_remove(FIRST, LAST), 0);
	expect_told(USER_A, 0, 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	be_killed_and_go(USER_A);
	expect_told(USER_A, 1, 1);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(kills_for_a_rule_outlive_a_limit_of_the_user_s_own, 20, "rules")
{
	struct worker worker;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	be_killed(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 2), 0);
	/* They are none of that limit, but still the user's to know. */
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_EQ(worker_call(&worker, told_to_me, USER_A), 1);
	expect_told(USER_A, 1, 1);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	be_killed(USER_A);
	expect_told(USER_A, 2, 2);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(user_takes_its_kills_along_to_the_rule_that_goes_for_it_then, 20,
	  "rules")
{
	struct worker worker;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	be_killed_and_go(USER_B);
	be_killed(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(rule_set(EACH, USER_A, USER_A, LIMIT), 0);
	be_killed(USER_A);
	expect_told(USER_A, 2, 2);
	worker_end(&worker);
	rule_wait_until_gone(USER_A);
	/* Whoever has gone is remembered by the rule that it had last. */
	ASSERT_EQ(rule_remove(FIRST, LAST), 0);
	expect_told(USER_A, 2, 2);
	expect_told(USER_B, 0, 0);

	/* With kills by both, the older ones come first. */
	worker = worker_start(USER_A);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(rule_remove(USER_A, USER_A), 0);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	be_killed(USER_A);
	expect_told(USER_A, 1, 1);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

static long bind(long bytes)
{
	return mmlimit_set(getuid(), bytes);
}

/* What a member of a pool has bound itself by is part of what the rule gave it. */
KTAP_TEST(kills_for_what_a_member_has_bound_itself_by_are_kept_too, 20, "rules")
{
	struct worker worker;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, 4 * LIMIT), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, bind, LIMIT), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	rule_wait_until_gone(USER_A);
	expect_told(USER_A, 1, 1);
	EXPECT_EQ(user_run(USER_A, told_to_me, USER_A), 1);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	expect_told(USER_A, 0, 0);
}

KTAP_TEST(rule_forgets_whoever_went_longest_ago_of_many, 120, "rules")
{
	const unsigned int more = 4;
	struct worker stays;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	/* Users that are there do not count. */
	be_killed(LAST);
	stays = worker_start(LAST);
	for (unsigned int i = 0; i < KEPT + more; i++)
		be_killed_and_go(FIRST + i);
	for (unsigned int i = 0; i < KEPT + more; i++)
		wait_for_told(FIRST + i, i >= more, i >= more);
	expect_told(LAST, 1, 1);
	/* Who comes back makes room, and goes last then. */
	be_killed_and_go(FIRST + more);
	be_killed_and_go(FIRST);
	wait_for_told(FIRST + more + 1, 0, 0);
	expect_told(FIRST + more, 2, 2);
	worker_end(&stays);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/* In a user namespace, for as many of its uids from 1 on: a program of theirs is killed. */
static long be_killed_as_subordinates(long uids)
{
	int status;

	for (long uid = 1; uid <= uids; uid++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (!setresuid(uid, uid, uid))
				execl("/usr/bin/hog", "hog", "16M", NULL);
			_exit(1);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return -errno;
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			return uid;
	}
	return 0;
}

KTAP_TEST(users_of_a_namespace_make_a_rule_forget_only_each_other, 120, "rules")
{
	const unsigned int more = 4, first = USER_C + 1;
	struct worker worker;
	char map[64];

	ASSERT_LE(first + KEPT + more, LAST + 1);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	be_killed_and_go(USER_B);
	be_killed_and_go(USER_C);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
	snprintf(map, sizeof(map), "0 %u 1\n1 %u %u\n", USER_A, first,
		 KEPT + more);
	worker_map_uids(&worker, map);
	ASSERT_EQ(worker_call(&worker, be_killed_as_subordinates, KEPT + more),
		  0);
	for (unsigned int i = 0; i < KEPT + more; i++)
		rule_wait_until_gone(first + i);
	wait_for_told(first + more + 1, 0, 0);
	expect_told(first + more + 2, 1, 1);
	expect_told(first + KEPT + more - 1, 1, 1);
	expect_told(USER_B, 1, 1);
	expect_told(USER_C, 1, 1);

	/* So it is with the user's own, which it has in common with them. */
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	rule_wait_until_gone(USER_A);
	wait_for_told(first + more + 2, 0, 0);
	expect_told(USER_A, 1, 1);
	expect_told(USER_B, 1, 1);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

static long be_killed_often(long rounds)
{
	static struct random numbers;
	struct region region;
	int status;

	numbers = random_from(ktap_seed() + getpid());
	while (rounds--) {
		uid_t uid = FIRST + random_below(&numbers, 8);
		pid_t pid = fork();

		if (pid == 0) {
			if (setgid(uid) || setuid(uid))
				_exit(1);
			region = region_map(LIMIT / PAGE);
			region_touch(&region, 0, LIMIT / PAGE);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return -errno;
	}
	return 0;
}

/* Each kill is remembered by one of the rules, or forgotten with it; no trace is left. */
KTAP_TEST(users_are_killed_and_go_while_rules_change, 120, "rules rules_smp")
{
	const int rounds = ktap_volume("rounds");
	struct random changes = random_from(ktap_seed());
	struct worker workers[4];

	limits_log_table(false);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i] = worker_start(0);
		worker_send(&workers[i], be_killed_often, rounds);
	}
	for (int i = 0; i < rounds; i++) {
		uid_t first = FIRST + random_below(&changes, 4);

		if (random_below(&changes, 3))
			rule_set(EACH, first, LAST, LIMIT);
		else
			rule_remove(first, LAST);
		if (random_below(&changes, 2))
			mmlimit_set(FIRST, LIMIT);
		else
			mmlimit_remove(FIRST);
		read_told(0);
		usleep(random_below(&changes, 2000));
	}
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		EXPECT_EQ(worker_receive(&workers[i]), 0);
		worker_end(&workers[i]);
	}
	for (uid_t first = FIRST; first < FIRST + 4; first++)
		rule_remove(first, LAST);
	mmlimit_remove(FIRST);
	for (uid_t uid = FIRST; uid < FIRST + 8; uid++) {
		rule_wait_until_gone(uid);
		expect_told(uid, 0, 0);
	}
	limits_log_table(true);
}
