// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of the table, with users that nobody is.
 */

#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/slab.h>

#include "../account.h"
#include "../limit.h"
#include "../table.h"

#define FIRST_UID	3000000000U
#define MANY		300

static kuid_t user(unsigned int i)
{
	return KUIDT_INIT(FIRST_UID + i);
}

static int set(unsigned int i, unsigned long bytes, unsigned long grace_ms)
{
	const struct mm_limit_change change = {
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE,
		.mm_max = bytes,
		.grace_ms = grace_ms,
	};

	return mm_limit_set(user(i), &change, false);
}

static int set_evicting(unsigned int i, unsigned long bytes)
{
	const struct mm_limit_change change = {
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE,
		.mm_max = bytes,
	};

	return mm_limit_set(user(i), &change, true);
}

static int set_policy(unsigned int i, unsigned int policy)
{
	const struct mm_limit_change change = {
		.fields = MM_LIMIT_FIELD_POLICY,
		.settings.policy = policy,
	};

	return mm_limit_set(user(i), &change, false);
}

static bool stands(unsigned int i)
{
	struct mm_limit_part limit;

	return !mm_limit_get(user(i), &limit);
}

/* Be a user without privileges, until unbecome(). */
static const struct cred *become(struct kunit *test, unsigned int i)
{
	struct cred *cred = prepare_creds();

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->uid = user(i);
	cred->euid = user(i);
	cap_clear(cred->cap_effective);
	return override_creds(cred);
}

static void unbecome(const struct cred *old)
{
	const struct cred *cred = current_cred();

	revert_creds(old);
	put_cred(cred);
}

/* Leave room for so many limits besides those that stand. */
static void leave_room(struct kunit *test, unsigned int room)
{
	unsigned int nr = 0;
	struct user_struct *user;
	u64 key = 0;

	while ((user = mm_limit_table_next(&key))) {
		free_uid(user);
		nr++;
	}
	mm_limit_max_entries = nr + room;
}

struct settings {
	unsigned int max_entries;
	unsigned int log_table;
};

static int table_init(struct kunit *test)
{
	struct settings *old = kunit_kzalloc(test, sizeof(*old), GFP_KERNEL);

	if (!old)
		return -ENOMEM;
	old->max_entries = mm_limit_max_entries;
	old->log_table = mm_limit_log_table;
	test->priv = old;
	mm_limit_log_table = 0;
	return 0;
}

static void table_exit(struct kunit *test)
{
	struct settings *old = test->priv;
	unsigned int i;

	for (i = 0; i < MANY; i++)
		mm_limit_remove(user(i));
	if (!old)
		return;
	mm_limit_max_entries = old->max_entries;
	mm_limit_log_table = old->log_table;
}

static void limit_is_found_until_it_is_removed(struct kunit *test)
{
	struct mm_limit_part limit = {};

	KUNIT_EXPECT_FALSE(test, stands(0));
	KUNIT_EXPECT_EQ(test, set(0, 4096, 7), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_get(user(0), &limit), 0);
	KUNIT_EXPECT_EQ(test, limit.mm_max, 4096);
	KUNIT_EXPECT_EQ(test, limit.time_allow_exceed_ms, 7);
	KUNIT_EXPECT_FALSE(test, stands(1));
	KUNIT_EXPECT_EQ(test, mm_limit_remove(user(0)), 0);
	KUNIT_EXPECT_FALSE(test, stands(0));
	KUNIT_EXPECT_EQ(test, mm_limit_remove(user(0)), -ENODATA);
}

static void lower_part_with_the_shorter_grace_is_in_force(struct kunit *test)
{
	const struct cred *root;
	struct mm_limit_attr attr;

	KUNIT_EXPECT_EQ(test, set(0, 8192, 10), 0);
	root = become(test, 0);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 10), 0);
	KUNIT_EXPECT_EQ(test, set(0, 8193, 0), -EPERM);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 11), -EPERM);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 5), 0);
	unbecome(root);

	KUNIT_ASSERT_EQ(test, mm_limit_read(user(0), &attr), 0);
	KUNIT_EXPECT_EQ(test, attr.mm_max, 4096);
	KUNIT_EXPECT_EQ(test, attr.grace_ms, 5);
	KUNIT_EXPECT_EQ(test, attr.hard_max, 8192);
	KUNIT_EXPECT_EQ(test, attr.hard_grace_ms, 10);
	KUNIT_EXPECT_EQ(test, attr.self_max, 4096);
	KUNIT_EXPECT_EQ(test, attr.self_grace_ms, 5);
}

static void privileged_set_replaces_what_the_user_set(struct kunit *test)
{
	const struct cred *root;
	struct mm_limit_attr attr;

	KUNIT_EXPECT_EQ(test, set(0, 8192, 10), 0);
	root = become(test, 0);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 5), 0);
	unbecome(root);
	KUNIT_EXPECT_EQ(test, set(0, 16384, 7), 0);

	KUNIT_ASSERT_EQ(test, mm_limit_read(user(0), &attr), 0);
	KUNIT_EXPECT_EQ(test, attr.mm_max, 16384);
	KUNIT_EXPECT_EQ(test, attr.grace_ms, 7);
	KUNIT_EXPECT_EQ(test, attr.self_max, MM_LIMIT_ATTR_NONE);
}

static void users_act_on_themselves_only(struct kunit *test)
{
	const struct cred *root = become(test, 0);
	struct mm_limit_part limit;

	KUNIT_EXPECT_EQ(test, set(1, 4096, 0), -EPERM);
	KUNIT_EXPECT_EQ(test, mm_limit_get(user(1), &limit), -EPERM);
	KUNIT_EXPECT_EQ(test, mm_limit_remove(user(1)), -EPERM);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 0), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_remove(user(0)), 0);
	unbecome(root);
}

static void policy_stays_until_the_limit_becomes_a_hard_one(struct kunit *test)
{
	const struct cred *root;
	struct mm_limit_attr attr;

	KUNIT_EXPECT_EQ(test, set_policy(0, MM_LIMIT_BADNESS), -ENODATA);
	root = become(test, 0);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 0), 0);
	KUNIT_EXPECT_EQ(test, set_policy(0, MM_LIMIT_BADNESS), 0);
	KUNIT_EXPECT_EQ(test, set(0, 8192, 0), 0);
	KUNIT_ASSERT_EQ(test, mm_limit_read(user(0), &attr), 0);
	KUNIT_EXPECT_EQ(test, attr.policy, MM_LIMIT_BADNESS);
	unbecome(root);

	KUNIT_EXPECT_EQ(test, set(0, 16384, 0), 0);
	KUNIT_ASSERT_EQ(test, mm_limit_read(user(0), &attr), 0);
	KUNIT_EXPECT_EQ(test, attr.policy, MM_LIMIT_HIGHEST_RSS);

	root = become(test, 0);
	KUNIT_EXPECT_EQ(test, set_policy(0, MM_LIMIT_BADNESS), -EPERM);
	unbecome(root);
}

static void full_table_takes_updates_only(struct kunit *test)
{
	leave_room(test, 2);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 0), 0);
	KUNIT_EXPECT_EQ(test, set(1, 4096, 0), 0);
	KUNIT_EXPECT_EQ(test, set(2, 4096, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, set(1, 8192, 0), 0);
	KUNIT_EXPECT_EQ(test, set_evicting(1, 8192), 0);
	KUNIT_EXPECT_TRUE(test, stands(0));
	KUNIT_EXPECT_FALSE(test, stands(2));
}

static void limit_set_longest_ago_gives_way(struct kunit *test)
{
	leave_room(test, 0);
	if (mm_limit_max_entries)
		kunit_skip(test, "other limits stand");
	mm_limit_max_entries = 3;
	KUNIT_EXPECT_EQ(test, set(0, 4096, 0), 0);
	KUNIT_EXPECT_EQ(test, set(1, 4096, 0), 0);
	KUNIT_EXPECT_EQ(test, set(2, 4096, 0), 0);
	KUNIT_EXPECT_EQ(test, set(0, 8192, 0), 0); /* the most recent now */
	KUNIT_EXPECT_EQ(test, set_evicting(3, 4096), 1);
	KUNIT_EXPECT_TRUE(test, stands(0));
	KUNIT_EXPECT_FALSE(test, stands(1));
	KUNIT_EXPECT_TRUE(test, stands(2));
	KUNIT_EXPECT_TRUE(test, stands(3));
	KUNIT_EXPECT_EQ(test, set_evicting(1, 4096), 1);
	KUNIT_EXPECT_FALSE(test, stands(2));
}

static void users_evict_nobody(struct kunit *test)
{
	const struct cred *root;

	leave_room(test, 1);
	KUNIT_EXPECT_EQ(test, set(0, 4096, 0), 0);
	root = become(test, 1);
	KUNIT_EXPECT_EQ(test, set_evicting(1, 4096), -ENOSPC);
	unbecome(root);
	KUNIT_EXPECT_TRUE(test, stands(0));
}

static void nothing_evicts_from_an_empty_table(struct kunit *test)
{
	leave_room(test, 0);
	if (mm_limit_max_entries)
		kunit_skip(test, "other limits stand");
	KUNIT_EXPECT_EQ(test, set_evicting(0, 4096), -ENOSPC);
}

static void every_one_of_many_limits_is_found(struct kunit *test)
{
	struct mm_limit_part limit;
	unsigned int i;

	leave_room(test, MANY);
	for (i = 0; i < MANY; i++)
		KUNIT_ASSERT_EQ(test, set(i, i * PAGE_SIZE, i), 0);
	for (i = 0; i < MANY; i++) {
		KUNIT_ASSERT_EQ(test, mm_limit_get(user(i), &limit), 0);
		KUNIT_EXPECT_EQ(test, limit.mm_max, i * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, limit.time_allow_exceed_ms, i);
	}
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(limit_is_found_until_it_is_removed),
	KUNIT_CASE(lower_part_with_the_shorter_grace_is_in_force),
	KUNIT_CASE(privileged_set_replaces_what_the_user_set),
	KUNIT_CASE(users_act_on_themselves_only),
	KUNIT_CASE(policy_stays_until_the_limit_becomes_a_hard_one),
	KUNIT_CASE(full_table_takes_updates_only),
	KUNIT_CASE(limit_set_longest_ago_gives_way),
	KUNIT_CASE(users_evict_nobody),
	KUNIT_CASE(nothing_evicts_from_an_empty_table),
	KUNIT_CASE_SLOW(every_one_of_many_limits_is_found),
	{}
};

static struct kunit_suite table_suite = {
	.name = "mm_limit_table",
	.init = table_init,
	.exit = table_exit,
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
