// SPDX-License-Identifier: GPL-2.0-only
/* Tests pools: limits that many users share. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/rules.h"
#include "lib/usage.h"
#include "lib/user.h"

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

/* The range has users A, B and C. */
#define FIRST 10050
#define LAST 10099
#define LIMIT (40 * MIB)
#define NONE UINT64_MAX

#define KILLS "/proc/mm_limit_kills"

/* Much longer than growing takes, on a slow kernel, too */
#define GRACE_MS 3000

KTAP_TEST(members_of_a_pool_share_its_limit, 20, "rules rules_smp")
{
	struct worker a, b, other = start_holding(LAST + 1, LIMIT + MIB);
	struct kill_line kill;
	struct klog log;

	klog_rest();
	log = klog_open();
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	a = start_holding(USER_A, LIMIT / 2);
	b = start_holding(USER_B, LIMIT / 4);
	rule_expect(USER_A, POOL, FIRST, LAST, NONE);
	limit_expect(USER_A, LIMIT, 0);
	EXPECT_EQ(rule_read(FIRST, LAST).members, 2);
	pool_expect(FIRST, LAST, USER_A, USER_B);

	/* Who goes is the largest of all, not of those that belong to who grows. */
	EXPECT_EQ(worker_call(&b, held_grow, LIMIT / 4 / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&a));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	EXPECT_EQ(kill.uid, USER_A);
	EXPECT_EQ(kill.pid, a.pid);
	EXPECT_EQ(kill.mm_max, LIMIT);
	EXPECT_GT(kill.user_rss, LIMIT);
	EXPECT_LE(kill.user_rss, LIMIT + 2 * PAGE);
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 1);

	worker_end(&b);
	worker_end(&other);
	rule_wait_until_gone(USER_B);
	pool_expect(FIRST, LAST, 0, 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/*
 * The largest has, to the page, as much as the pool is above its limit, what the kernel
 * keeps for it included, which comes back later.
 */
KTAP_TEST(member_that_just_suffices_is_enough, 20, "rules")
{
	struct worker victim, other;
	unsigned long without;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT_HUGE), 0);
	other = start_holding(USER_A, 4 * MIB);
	grace_periods_pass();
	without = rule_read(FIRST, LAST).usage;
	/* It is counted on for a tenth of a second, which is too short on slow kernels. */
	if (ktap_slowdown() > 1)
		without += 64 * KIB;
	victim = start_holding(USER_B, 8 * MIB);
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, without), 0);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_TRUE(worker_lives_for(&other, 300 * ktap_slowdown()));
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 1);
	EXPECT_LE(rule_read(FIRST, LAST).usage, without);
	worker_end(&other);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(pool_that_is_set_below_what_its_members_have_acts_at_once, 20,
	  "rules rules_smp")
{
	struct worker a = start_holding(USER_A, LIMIT / 2);
	struct worker b = start_holding(USER_B, LIMIT / 4);
	struct worker c = start_holding(USER_C, LIMIT / 4);

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT * 3 / 4), 0);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	EXPECT_EQ(worker_call(&c, held_damage, 0), 0);
	usage_wait_for_nothing(USER_A);
	pool_expect(FIRST, LAST, USER_B, USER_C);
	worker_end(&b);
	worker_end(&c);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	limit_expect_none(USER_B);
}

static int file = -1;

static long fill_file(long bytes)
{
	file = syscall(SYS_memfd_create, "pool", 0);
	return file < 0 || fallocate(file, 0, 0, bytes) ? -errno : 0;
}

static long close_file(long unused)
{
	return close(file) ? -errno : 0;
}

KTAP_TEST(what_can_be_refused_is_refused_at_the_limit_of_a_pool, 20,
	  "rules rules_smp")
{
	struct worker a, b;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	a = worker_start(USER_A);
	b = start_holding(USER_B, LIMIT / 2);
	EXPECT_EQ(worker_call(&a, fill_file, LIMIT / 2), -ENOSPC);
	EXPECT_GE(rule_read(FIRST, LAST).refused, 1);
	EXPECT_EQ(worker_call(&a, close_file, 0), 0);
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	pool_expect(FIRST, LAST, USER_A, USER_B);
	EXPECT_EQ(worker_call(&a, fill_file, LIMIT / 4), 0);
	EXPECT_EQ(worker_call(&a, close_file, 0), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 0);
	worker_end(&a);
	worker_end(&b);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(member_is_limited_by_its_own_limit_and_by_the_pool_s, 20,
	  "rules rules_smp")
{
	struct worker a, b, c;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 4), 0);
	limit_expect(USER_A, LIMIT / 4, 0);
	rule_expect(USER_A, POOL, FIRST, LAST, LIMIT / 4);
	a = worker_start(USER_A);
	b = start_holding(USER_B, LIMIT / 4);
	EXPECT_EQ(worker_call(&a, held_grow, LIMIT / 4 / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 0);

	/* A limit above the pool's is no way out of it. */
	ASSERT_EQ(mmlimit_set(USER_A, 4 * LIMIT), 0);
	limit_expect(USER_A, LIMIT, 0);
	c = worker_start(USER_A);
	EXPECT_EQ(worker_call(&c, held_grow, LIMIT / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&c));
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 1);
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	worker_end(&b);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(what_a_member_binds_itself_by_is_no_way_out_of_its_pool, 20, "rules")
{
	struct worker worker;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	worker = worker_start(USER_A);
	EXPECT_EQ(limit_call_by(&worker, SET(USER_A, LIMIT_HUGE)), 0);
	rule_expect(USER_A, POOL, FIRST, LAST, LIMIT_HUGE);
	EXPECT_EQ(limit_call_by(&worker, REMOVE(USER_A)), 0);
	EXPECT_EQ(limit_call_by(&worker, REMOVE(USER_A)), -EPERM);
	rule_expect(USER_A, POOL, FIRST, LAST, NONE);
	EXPECT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(user_leaves_a_pool_for_the_rule_that_goes_for_it_then, 20, "rules")
{
	struct worker a = start_holding(USER_A, MIB);
	struct worker b = start_holding(USER_B, 2 * MIB);

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(rule_set(EACH, USER_A, USER_A, LIMIT), 0);
	pool_expect(FIRST, LAST, USER_B, 0);
	ASSERT_EQ(rule_set(POOL, USER_B, USER_A, LIMIT), 0);
	pool_expect(FIRST, LAST, 0, 0);
	pool_expect(USER_B, USER_A, USER_B, 0);
	ASSERT_EQ(rule_remove(USER_A, USER_A), 0);
	pool_expect(USER_B, USER_A, USER_A, USER_B);
	ASSERT_EQ(rule_remove(USER_B, USER_A), 0);
	pool_expect(FIRST, LAST, USER_A, USER_B);
	worker_end(&a);
	worker_end(&b);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(grace_of_a_pool_lets_its_members_run, 20, "rules")
{
	struct worker a, b;

	ASSERT_EQ(rule_set_time(POOL, FIRST, LAST, LIMIT, GRACE_MS), 0);
	a = start_holding(USER_A, LIMIT / 2);
	b = start_holding(USER_B, LIMIT / 4);
	EXPECT_EQ(worker_call(&b, held_grow, LIMIT / 2 / PAGE), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).state, MM_LIMIT_GRACE);
	EXPECT_EQ(worker_call(&b, held_shrink, LIMIT / 2 / PAGE), 0);
	EXPECT_TRUE(worker_lives_for(&b, 2 * GRACE_MS));
	EXPECT_EQ(rule_read(FIRST, LAST).state, MM_LIMIT_IDLE);

	EXPECT_EQ(worker_call(&b, held_grow, LIMIT / 2 / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&b));
	EXPECT_EQ(worker_call(&a, held_damage, 0), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).graces, 2);
	worker_end(&a);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(killer_on_order_looks_at_pools_too, 20, "rules")
{
	struct worker a, b;

	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	a = start_holding(USER_A, LIMIT * 3 / 4);
	b = start_holding(USER_B, LIMIT / 2);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 1);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	worker_end(&b);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(file_write(TRIGGER, "exact"), 0);
}

KTAP_TEST(each_trigger_notices_a_pool_above_its_limit, 60, "rules")
{
	static const char *const triggers[] = { "exact", "alloc", "hybrid" };

	for (size_t i = 0; i < ARRAY_SIZE(triggers); i++) {
		struct worker a, b;

		ASSERT_EQ(file_write(TRIGGER, triggers[i]), 0);
		ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
		a = start_holding(USER_A, LIMIT / 2);
		b = start_holding(USER_B, LIMIT / 4);
		EXPECT_EQ(worker_call(&b, held_grow, LIMIT / 4 / PAGE), 0);
		EXPECT_TRUE(worker_was_killed(&a));
		EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
		worker_end(&b);
		EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	}
	EXPECT_EQ(file_write(TRIGGER, "exact"), 0);
}

/* The pool with its limit, and with what else there is to it */
static void set_pool(struct mm_limit_attr attr)
{
	attr.fields |= MM_LIMIT_FIELD_MAX;
	attr.mm_max = LIMIT;
	attr.rule = POOL;
	attr.first = FIRST;
	attr.last = LAST;
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET_RULE, &attr, sizeof(attr)), 0);
}

/* A policy that looks through all candidates, of all members */
static void expect_victim(unsigned int policy)
{
	struct worker a, b;

	set_pool((struct mm_limit_attr){ .fields = MM_LIMIT_FIELD_POLICY,
					 .policy = policy });
	a = start_holding(USER_A, LIMIT / 2);
	b = start_holding(USER_B, LIMIT / 4);
	EXPECT_EQ(worker_call(&b, held_grow, LIMIT / 4 / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	worker_end(&b);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(policies_choose_among_all_members_of_a_pool, 60, "rules")
{
	expect_victim(MM_LIMIT_HIGHEST_RSS);
	expect_victim(MM_LIMIT_BADNESS);
	expect_victim(MM_LIMIT_MOST_PRIVATE);
	expect_victim(MM_LIMIT_USER_RANKED);
}

static char text[64 * KIB];

static long read_kills(long unused)
{
	char own[8 * KIB];
	long lines = 0;

	if (file_read(KILLS, own, sizeof(own)))
		return -EIO;
	for (const char *at = own; (at = strchr(at, '\n')); at++)
		lines++;
	/* What others have is not among what it is told. */
	if (strstr(own, "anon=") || strstr(own, "name1="))
		return -EPERM;
	return lines;
}

KTAP_TEST(kill_of_a_member_is_told_to_its_user_without_what_others_have, 20,
	  "rules")
{
	struct worker a, b, reader;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	reader = worker_start(USER_A);
	a = start_holding(USER_A, LIMIT / 2);
	b = start_holding(USER_B, LIMIT / 4);
	EXPECT_EQ(worker_call(&b, held_grow, LIMIT / 4 / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_EQ(worker_call(&reader, read_kills, 0), 1);
	EXPECT_EQ(worker_call(&b, read_kills, 0), 0);

	ASSERT_EQ(file_read(KILLS, text, sizeof(text)), 0);
	EXPECT_TRUE(!strncmp(text, "uid=10070 number=1 ", 19));
	EXPECT_TRUE(strstr(text, " pool=10050-10099\n"));
	EXPECT_TRUE(strstr(text, " name1="));
	worker_end(&b);
	worker_end(&reader);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(dry_run_of_a_pool_kills_nobody, 20, "rules")
{
	struct worker a, b;

	set_pool((struct mm_limit_attr){ .fields = MM_LIMIT_FIELD_FLAGS,
					 .flags = MM_LIMIT_DRY_RUN });
	a = start_holding(USER_A, LIMIT * 3 / 4);
	b = start_holding(USER_B, LIMIT / 2);
	while (!rule_read(FIRST, LAST).dry_kills)
		ktap_waiting_for("the pool's limit to tell who would die");
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 0);
	EXPECT_EQ(worker_call(&a, held_damage, 0), 0);
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	worker_end(&a);
	worker_end(&b);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

static long run_when_idle(long unused)
{
	const struct sched_param none = { 0 };

	(void)unused;
	return sched_setscheduler(0, SCHED_IDLE, &none) ? -errno : 0;
}

/*
 * Two small ones grow at the same time, beyond what all may have together, by less than
 * the large one gives back when it goes. That runs when they wait only, so they are there
 * whenever it has given some back.
 */
static void grow_beyond_once(uid_t large, uid_t first, uid_t second)
{
	struct worker a = start_holding(large, LIMIT / 2);
	struct worker b = start_holding(first, LIMIT / 8);
	struct worker c = start_holding(second, LIMIT / 8);

	EXPECT_EQ(worker_call(&a, run_when_idle, 0), 0);
	worker_send(&b, held_grow, LIMIT / 4 / PAGE);
	worker_send(&c, held_grow, LIMIT / 4 / PAGE);
	EXPECT_EQ(worker_receive(&b), 0);
	EXPECT_EQ(worker_receive(&c), 0);
	EXPECT_TRUE(worker_was_killed(&a));
	worker_end(&b);
	worker_end(&c);
}

/* What comes while the victim gives its memory back is the same breach. */
KTAP_TEST(pool_exceeds_its_limit_once_however_many_members_cross_it, 20,
	  "rules rules_smp")
{
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	grow_beyond_once(USER_A, USER_B, USER_C);
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 1);
	EXPECT_EQ(rule_read(FIRST, LAST).exceeds, 1);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(user_exceeds_its_limit_once_however_many_processes_cross_it, 20,
	  "rules rules_smp")
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	grow_beyond_once(USER_A, USER_A, USER_A);
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	EXPECT_EQ(limit_read(USER_A).exceeds, 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
