// SPDX-License-Identifier: GPL-2.0-only
/* Tests rules that give each of many users a limit of its own. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mount.h>
#include <sys/stat.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/rules.h"
#include "lib/slabs.h"
#include "lib/usage.h"
#include "lib/user.h"

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

/* The range has users A, B and C. */
#define FIRST 10050
#define LAST 10099
#define LIMIT (20 * MIB)

KTAP_TEST(each_user_of_a_rule_has_a_limit_of_its_own, 20, "rules rules_smp")
{
	struct worker a, b;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	a = start_holding(USER_A, LIMIT - 4 * MIB);
	b = start_holding(USER_B, LIMIT - 4 * MIB);
	rule_expect(USER_A, EACH, FIRST, LAST, LIMIT);
	rule_expect(USER_B, EACH, FIRST, LAST, LIMIT);
	limit_expect(USER_A, LIMIT, 0);

	EXPECT_EQ(worker_call(&a, held_grow, 4 * MIB / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	worker_end(&b);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(processes_that_run_are_limited_by_a_rule_at_once, 20,
	  "rules rules_smp")
{
	struct worker large = start_holding(USER_A, LIMIT + MIB);
	struct worker small = start_holding(USER_B, LIMIT / 2);
	struct worker other = start_holding(LAST + 1, LIMIT + MIB);

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	EXPECT_TRUE(worker_was_killed(&large));
	EXPECT_EQ(worker_call(&small, held_damage, 0), 0);
	usage_exact(USER_B);
	/* Users beside the range are none of its business. */
	EXPECT_EQ(worker_call(&other, held_grow, LIMIT / PAGE), 0);
	limit_expect_none(LAST + 1);

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT / 2), 0);
	EXPECT_TRUE(worker_was_killed(&small));
	worker_end(&other);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(new_user_is_charged_from_its_first_page_and_forgotten_with_its_last,
	  20, "rules rules_smp")
{
	struct worker worker;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	rule_wait_until_gone(USER_A);
	worker = start_holding(USER_A, MIB);
	EXPECT_GE(usage_exact(USER_A), region_cost(MIB / PAGE));
	worker_end(&worker);
	rule_wait_until_gone(USER_A);
	limit_expect_none(USER_A);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(rule_that_goes_leaves_nobody_limited, 20, "rules rules_smp")
{
	struct worker worker;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	worker = start_holding(USER_A, LIMIT / 2);
	ASSERT_EQ(rule_remove(FIRST, LAST), 0);
	limit_expect_none(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), -ENODATA);

	/* Set again, it finds all that there is. */
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, 2 * LIMIT), 0);
	EXPECT_GE(usage_exact(USER_A), LIMIT + LIMIT / 2);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(limit_of_its_own_goes_before_a_rule_and_gives_way_when_it_is_removed,
	  20, "rules")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(mmlimit_set_time(USER_A, 2 * LIMIT, 100), 0);
	rule_expect(USER_A, MM_LIMIT_RULE_NONE, 0, 0, 2 * LIMIT);
	ASSERT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE + 1), 0);
	/* A change of the rule does not concern it. */
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT + MIB), 0);
	limit_expect(USER_A, 2 * LIMIT, 100);

	ASSERT_EQ(worker_call(&worker, held_shrink, LIMIT / PAGE), 0);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	rule_expect(USER_A, EACH, FIRST, LAST, LIMIT + MIB);
	/* What the rule has given goes with the rule only. */
	EXPECT_EQ(mmlimit_remove(USER_A), -ENODATA);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/* Without a size, what is not said is as the rule has it. */
KTAP_TEST(policy_alone_makes_the_rule_s_limit_the_user_s_own, 10, "rules")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_POLICY,
				      .policy = MM_LIMIT_BADNESS };
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(rule_set_time(EACH, FIRST, LAST, LIMIT, 50), 0);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	rule_expect(USER_A, MM_LIMIT_RULE_NONE, 0, 0, LIMIT);
	limit_expect(USER_A, LIMIT, 50);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_BADNESS);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	rule_expect(USER_A, EACH, FIRST, LAST, LIMIT);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(narrowest_rule_goes_for_a_user, 10, "rules")
{
	struct worker a = worker_start(USER_A), b = worker_start(USER_B);

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(rule_set(EACH, USER_A, USER_A, 2 * LIMIT), 0);
	ASSERT_EQ(rule_set(EACH, TEST_USER_FIRST, TEST_USER_LAST, 3 * LIMIT),
		  0);
	rule_expect(USER_A, EACH, USER_A, USER_A, 2 * LIMIT);
	rule_expect(USER_B, EACH, FIRST, LAST, LIMIT);
	ASSERT_EQ(rule_remove(USER_A, USER_A), 0);
	rule_expect(USER_A, EACH, FIRST, LAST, LIMIT);
	ASSERT_EQ(rule_remove(FIRST, LAST), 0);
	rule_expect(USER_A, EACH, TEST_USER_FIRST, TEST_USER_LAST, 3 * LIMIT);
	rule_expect(USER_B, EACH, TEST_USER_FIRST, TEST_USER_LAST, 3 * LIMIT);
	/* Of two that are equally wide, the one that begins lower does. */
	ASSERT_EQ(rule_set(EACH, USER_A - 1, USER_A, LIMIT), 0);
	ASSERT_EQ(rule_set(EACH, USER_A, USER_A + 1, LIMIT), 0);
	rule_expect(USER_A, EACH, USER_A - 1, USER_A, LIMIT);
	worker_end(&a);
	worker_end(&b);
	EXPECT_EQ(rule_remove(USER_A - 1, USER_A), 0);
	EXPECT_EQ(rule_remove(USER_A, USER_A + 1), 0);
	EXPECT_EQ(rule_remove(TEST_USER_FIRST, TEST_USER_LAST), 0);
}

static long rule_set_by_user(long bytes)
{
	return rule_set(EACH, FIRST, LAST, bytes);
}

static long rule_remove_by_user(long unused)
{
	return rule_remove(FIRST, LAST);
}

static long rule_read_by_user(long unused)
{
	struct mm_limit_attr attr = { .first = FIRST, .last = LAST };

	return limit_ctl(MM_LIMIT_CTL_GET_RULE, &attr, sizeof(attr));
}

KTAP_TEST(rules_are_the_administrator_s_alone, 10, "rules")
{
	EXPECT_EQ(user_run(USER_A, rule_set_by_user, LIMIT), -EPERM);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	EXPECT_EQ(user_run(USER_A, rule_remove_by_user, 0), -EPERM);
	EXPECT_EQ(user_run(USER_A, rule_read_by_user, 0), -EPERM);
	EXPECT_EQ(rule_read(FIRST, LAST).mm_max, LIMIT);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

static long read_range(long last)
{
	struct mm_limit_attr attr = { .uid = 0 };
	int ret = limit_ctl(MM_LIMIT_CTL_GET, &attr, sizeof(attr));

	return ret ? ret : (long)(last ? attr.last : attr.first);
}

KTAP_TEST(range_of_a_rule_is_as_the_namespace_of_its_reader_has_it, 10, "rules")
{
	struct worker worker = worker_start(USER_A);
	const int no_uid = 65534;
	char map[64];

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
	snprintf(map, sizeof(map), "0 %d 1\n5 %d 1\n", USER_A, FIRST);
	worker_map_uids(&worker, map);
	EXPECT_EQ(worker_call(&worker, read_range, false), 5);
	EXPECT_EQ(worker_call(&worker, read_range, true), no_uid);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(user_can_bind_itself_below_a_rule_but_not_leave_it, 10, "rules")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	EXPECT_EQ(limit_call_by(&worker, SET(USER_A, LIMIT + 1)), -EPERM);
	EXPECT_EQ(limit_call_by(&worker, REMOVE(USER_A)), -EPERM);
	EXPECT_EQ(limit_call_by(&worker, SET(USER_A, LIMIT / 2)), 0);
	limit_expect(USER_A, LIMIT / 2, 0);
	EXPECT_EQ(limit_call_by(&worker, REMOVE(USER_A)), 0);
	limit_expect(USER_A, LIMIT, 0);
	/* What it has bound itself by before ends with that. */
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(limit_call_by(&worker, SET(USER_A, LIMIT / 2)), 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	limit_expect(USER_A, LIMIT, 0);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/* Each call fails with the error, and there is no rule after it. */
static void expect_refused(struct mm_limit_attr attr, size_t size, long error)
{
	struct mm_limit_attr none = { .first = attr.first, .last = attr.last };

	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET_RULE, &attr, size), error);
	if (attr.first <= attr.last && attr.last != (uid_t)-1)
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET_RULE, &none, sizeof(none)),
			  -ENODATA);
}

KTAP_TEST(wrong_rules_are_refused_and_change_nothing, 10, "rules")
{
	const struct mm_limit_attr good = { .fields = MM_LIMIT_FIELD_MAX,
					    .mm_max = LIMIT,
					    .rule = EACH,
					    .first = FIRST,
					    .last = LAST };
	struct mm_limit_attr attr = good;

	attr.rule = MM_LIMIT_RULE_NONE;
	expect_refused(attr, sizeof(attr), -EINVAL);
	attr.rule = POOL + 1;
	expect_refused(attr, sizeof(attr), -EINVAL);
	attr = good;
	attr.last = FIRST - 1;
	expect_refused(attr, sizeof(attr), -EINVAL);
	attr.last = (uid_t)-1;
	expect_refused(attr, sizeof(attr), -EINVAL);
	attr = good;
	attr.first = 9999;
	expect_refused(attr, sizeof(attr), -EACCES);
	attr = good;
	attr.fields = MM_LIMIT_FIELD_GRACE;
	expect_refused(attr, sizeof(attr), -ENODATA);
	attr = good;
	attr.rule = POOL;
	attr.fields |= MM_LIMIT_FIELD_FLAGS;
	attr.flags = MM_LIMIT_RECLAIM;
	expect_refused(attr, sizeof(attr), -EINVAL);
	/* A structure in which there is no room for a rule */
	expect_refused(good, MM_LIMIT_ATTR_SIZE_VER3, -EINVAL);

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	EXPECT_EQ(rule_set(POOL, FIRST, LAST, 2 * LIMIT), -EEXIST);
	EXPECT_EQ(rule_read(FIRST, LAST).rule, EACH);
	EXPECT_EQ(rule_read(FIRST, LAST).mm_max, LIMIT);
	/* No kind: the rule keeps the one that it has. */
	EXPECT_EQ(rule_set(MM_LIMIT_RULE_NONE, FIRST, LAST, 2 * LIMIT), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).rule, EACH);
	EXPECT_EQ(rule_read(FIRST, LAST).mm_max, 2 * LIMIT);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(rules_count_in_the_table_and_those_that_they_limit_do_not, 20,
	  "rules")
{
	struct worker workers[4];
	char entries[16];

	ASSERT_EQ(file_read(MAX_ENTRIES, entries, sizeof(entries)), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "2"), 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		workers[i] = worker_start(FIRST + i);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(rule_set(EACH, USER_A, USER_A, LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_set(USER_B, LIMIT), -ENOSPC);
	/* No rule gives way, and whose limit did has the rule's then. */
	EXPECT_EQ(mmlimit_set_evict(FIRST, 2 * LIMIT), 1);
	limit_expect(FIRST, 2 * LIMIT, 0);
	rule_wait_until_gone(USER_A);
	EXPECT_EQ(mmlimit_set_evict(FIRST + 1, 2 * LIMIT), 1);
	rule_expect(FIRST, EACH, FIRST, LAST, LIMIT);
	EXPECT_EQ(mmlimit_remove(FIRST + 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		worker_end(&workers[i]);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(file_write(MAX_ENTRIES, entries), 0);
}

#define FOLDER "/tmp/rules"

static long write_file(long bytes)
{
	char page[PAGE] = { 1 };
	FILE *f = fopen(FOLDER "/file", "we");
	long ret = 0;

	if (!f)
		return -errno;
	for (long at = 0; !ret && at < bytes; at += PAGE)
		if (fwrite(page, sizeof(page), 1, f) != 1)
			ret = -errno;
	if (fclose(f) && !ret)
		ret = -errno;
	return ret;
}

KTAP_TEST(what_outlives_its_processes_keeps_its_user_charged, 30,
	  "rules rules_smp")
{
	struct worker worker;

	ASSERT_EQ(mkdir(FOLDER, 0700), 0);
	ASSERT_EQ(mount("none", FOLDER, "tmpfs", 0, "mode=1777"), 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(user_run(USER_A, write_file, LIMIT / 2), 0);
	EXPECT_EQ(held_exact(USER_A).file, LIMIT / 2);
	rule_expect(USER_A, EACH, FIRST, LAST, LIMIT);

	/* Its next process finds the room that is left. */
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, LIMIT / 2 / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(held_exact(USER_A).file, LIMIT / 2);

	ASSERT_EQ(unlink(FOLDER "/file"), 0);
	rule_wait_until_gone(USER_A);

	/* The same when the rule goes in between, and comes back. */
	ASSERT_EQ(user_run(USER_A, write_file, LIMIT / 2), 0);
	ASSERT_EQ(rule_remove(FIRST, LAST), 0);
	limit_expect_none(USER_A);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	EXPECT_EQ(held_exact(USER_A).file, LIMIT / 2);
	ASSERT_EQ(unlink(FOLDER "/file"), 0);
	rule_wait_until_gone(USER_A);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(umount(FOLDER), 0);
	EXPECT_EQ(rmdir(FOLDER), 0);
}

KTAP_TEST(what_is_counted_changes_for_users_of_a_rule_too, 20, "rules")
{
	struct worker worker;
	char counted[16];

	ASSERT_EQ(file_read(COUNTED, counted, sizeof(counted)), 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	worker = start_holding(USER_A, MIB);
	limits_count("rss");
	usage_exact(USER_A);
	limits_count("held");
	usage_exact(USER_A);
	limits_count(counted);
	worker_end(&worker);
	rule_wait_until_gone(USER_A);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/* The rows that /proc/mm_limits has, beside the heading */
static unsigned int rows(char *text, size_t size)
{
	unsigned int count = 0;

	ASSERT_EQ(file_read("/proc/mm_limits", text, size), 0);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		count++;
	return count - 1;
}

KTAP_TEST(proc_shows_rules_and_by_which_a_user_is_limited, 10, "rules")
{
	static char text[64 * KIB];
	struct worker worker;

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	EXPECT_EQ(rows(text, sizeof(text)), 1);
	EXPECT_TRUE(strstr(text, "\n10050-10099 20971520 0 highest_rss"));
	EXPECT_TRUE(strstr(text, " each 0\n"));
	worker = worker_start(USER_A);
	EXPECT_EQ(rows(text, sizeof(text)), 2);
	EXPECT_TRUE(strstr(text, "\n10070 20971520 0 highest_rss"));
	EXPECT_TRUE(strstr(text, " each:10050-10099 0\n"));
	worker_end(&worker);
	rule_wait_until_gone(USER_A);
	EXPECT_EQ(rows(text, sizeof(text)), 1);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(rows(text, sizeof(text)), 0);
}

/* What a reader without privilege sees of the limit that goes for it; for worker_call() */
static long read_own(long unused)
{
	static char text[64 * KIB];

	ASSERT_EQ(file_read("/proc/mm_limits", text, sizeof(text)), 0);
	ASSERT_EQ(file_read("/proc/mm_limit_kills", text, sizeof(text)), 0);
	return 0;
}

#define ROUNDS 500

/*
 * A rule takes more than a KiB, for its limit and the user that nobody is, which is half of
 * that; half of the rules are pools. Where KASAN is in use it keeps much of what is freed,
 * and kmemleak notices what this does not.
 */
KTAP_TEST(rules_that_come_and_go_leave_no_memory_behind, 60, "rules")
{
	struct worker worker = worker_start(USER_A);
	long before = 0;

	limits_log_table(false);
	for (int round = -10; round < ROUNDS; round++) {
		const unsigned int kind = round % 2 ? EACH : POOL;

		if (!round)
			before = slabs_used();
		ASSERT_EQ(rule_set(kind, FIRST, LAST, LIMIT), 0);
		ASSERT_EQ(rule_set(kind, FIRST, LAST, LIMIT + MIB), 0);
		ASSERT_EQ(worker_call(&worker, read_own, 0), 0);
		ASSERT_EQ(rule_remove(FIRST, LAST), 0);
	}
	slabs_expect_grown_less(before, ROUNDS / 2 / 4);
	worker_end(&worker);
	limits_log_table(true);
}
