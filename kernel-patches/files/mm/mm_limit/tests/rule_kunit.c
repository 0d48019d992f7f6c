// SPDX-License-Identifier: GPL-2.0-only
/* Per-user memory limits: tests of rules, for users that nobody is. */

#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/prandom.h>

#include "../account.h"
#include "../limit.h"
#include "../table.h"

#define FIRST_UID	3100000000U
#define RULES		64
#define WIDTH		200

static int set_rule(enum mm_limit_rule kind, uid_t first, uid_t last,
		    unsigned long bytes)
{
	const struct mm_limit_range range = {
		.rule = kind,
		.first = FIRST_UID + first,
		.last = FIRST_UID + last,
	};
	const struct mm_limit_change change = {
		.fields = MM_LIMIT_FIELD_MAX,
		.mm_max = bytes,
	};

	return mm_limit_set_rule(&range, &change);
}

static int remove_rule(uid_t first, uid_t last)
{
	const struct mm_limit_range range = {
		.first = FIRST_UID + first,
		.last = FIRST_UID + last,
	};

	return mm_limit_remove_rule(&range);
}

/* The size of the rule that goes for a user; 0: none does. */
static u64 rule_for(uid_t uid)
{
	struct mm_limit *rule = mm_limit_table_rule_for(FIRST_UID + uid);
	u64 mm_max = 0;

	if (rule) {
		mm_max = rule->hard.mm_max;
		mm_limit_put(rule);
	}
	return mm_max;
}

static struct user_struct *new_user(struct kunit *test, uid_t uid)
{
	struct user_struct *user = alloc_uid(KUIDT_INIT(FIRST_UID + uid));

	KUNIT_ASSERT_NOT_NULL(test, user);
	return user;
}

/* The limit that a user has: of so many bytes, by a rule or not */
static void expect_limit(struct kunit *test, uid_t uid, u64 mm_max, u32 rule)
{
	struct mm_limit_attr attr;

	KUNIT_ASSERT_EQ(test, mm_limit_read(KUIDT_INIT(FIRST_UID + uid), &attr),
			0);
	KUNIT_EXPECT_EQ(test, attr.mm_max, mm_max);
	KUNIT_EXPECT_EQ(test, attr.rule, rule);
}

static int rule_init(struct kunit *test)
{
	unsigned int *log_table = kunit_kzalloc(test, sizeof(*log_table),
						GFP_KERNEL);

	if (!log_table)
		return -ENOMEM;
	*log_table = mm_limit_log_table;
	test->priv = log_table;
	mm_limit_log_table = 0;
	return 0;
}

static void rule_exit(struct kunit *test)
{
	unsigned int *log_table = test->priv;

	if (log_table)
		mm_limit_log_table = *log_table;
}

static void narrowest_rule_goes_and_of_two_the_lower(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_EACH, 0, 99, 1), 0);
	KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_EACH, 10, 19, 2), 0);
	KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_POOL, 15, 24, 3), 0);
	KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_EACH, 15, 15, 4), 0);
	KUNIT_EXPECT_EQ(test, rule_for(0), 1);
	KUNIT_EXPECT_EQ(test, rule_for(10), 2);
	KUNIT_EXPECT_EQ(test, rule_for(15), 4);
	KUNIT_EXPECT_EQ(test, rule_for(16), 2);
	KUNIT_EXPECT_EQ(test, rule_for(20), 3);
	KUNIT_EXPECT_EQ(test, rule_for(99), 1);
	KUNIT_EXPECT_EQ(test, rule_for(100), 0);
	KUNIT_EXPECT_EQ(test, remove_rule(10, 19), 0);
	KUNIT_EXPECT_EQ(test, rule_for(16), 3);
	KUNIT_EXPECT_EQ(test, remove_rule(15, 24), 0);
	KUNIT_EXPECT_EQ(test, remove_rule(15, 15), 0);
	KUNIT_EXPECT_EQ(test, remove_rule(0, 99), 0);
	KUNIT_EXPECT_EQ(test, remove_rule(0, 99), -ENODATA);
}

struct range {
	uid_t first;
	uid_t last;
	bool set;
};

/* The size of the rule that goes for a user, by looking at each; sizes are indices. */
static u64 expected_for(const struct range *ranges, uid_t uid)
{
	unsigned int best = 0, i;
	uid_t width, least = U32_MAX;

	for (i = 1; i < RULES; i++) {
		width = ranges[i].last - ranges[i].first;
		if (!ranges[i].set || uid < ranges[i].first ||
		    uid > ranges[i].last || width > least ||
		    (width == least && ranges[i].first > ranges[best].first))
			continue;
		best = i;
		least = width;
	}
	return best;
}

static bool is_there(uid_t first, uid_t last)
{
	struct mm_limit *rule = mm_limit_table_rule(FIRST_UID + first,
						    FIRST_UID + last);

	if (rule)
		mm_limit_put(rule);
	return rule;
}

static void random_rules_go_for_whom_they_should(struct kunit *test)
{
	struct rnd_state random;
	struct range *ranges;
	unsigned int i;
	uid_t uid;

	ranges = kunit_kcalloc(test, RULES, sizeof(*ranges), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ranges);
	prandom_seed_state(&random, 1);
	for (i = 1; i < RULES; i++) {
		ranges[i].first = prandom_u32_state(&random) % WIDTH;
		ranges[i].last = ranges[i].first +
				 prandom_u32_state(&random) % (WIDTH / 4);
		ranges[i].set = !is_there(ranges[i].first, ranges[i].last);
		if (ranges[i].set)
			KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_EACH,
						       ranges[i].first,
						       ranges[i].last, i), 0);
		for (uid = 0; uid < WIDTH * 5 / 4; uid += 7)
			KUNIT_EXPECT_EQ(test, rule_for(uid),
					expected_for(ranges, uid));
	}
	for (i = 1; i < RULES; i++)
		if (ranges[i].set)
			KUNIT_EXPECT_EQ(test, remove_rule(ranges[i].first,
							  ranges[i].last), 0);
}

static void user_has_what_a_rule_gives_as_long_as_it_is_there(struct kunit *test)
{
	struct user_struct *before = new_user(test, 1), *after;
	struct mm_limit_attr attr;

	KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_EACH, 0, 9, 4096), 0);
	after = new_user(test, 2);
	expect_limit(test, 1, 4096, MM_LIMIT_RULE_EACH);
	expect_limit(test, 2, 4096, MM_LIMIT_RULE_EACH);
	KUNIT_EXPECT_EQ(test, set_rule(MM_LIMIT_RULE_EACH, 0, 9, 8192), 0);
	expect_limit(test, 2, 8192, MM_LIMIT_RULE_EACH);
	free_uid(after);
	KUNIT_EXPECT_EQ(test, mm_limit_read(KUIDT_INIT(FIRST_UID + 2), &attr),
			-ENODATA);
	KUNIT_EXPECT_EQ(test, remove_rule(0, 9), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_read(KUIDT_INIT(FIRST_UID + 1), &attr),
			-ENODATA);
	free_uid(before);
}

static void member_of_a_pool_is_counted_until_it_goes(struct kunit *test)
{
	const struct mm_limit_range range = {
		.first = FIRST_UID,
		.last = FIRST_UID + 9,
	};
	struct user_struct *user;
	struct mm_limit_attr attr;

	KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_POOL, 0, 9, 4096), 0);
	user = new_user(test, 1);
	expect_limit(test, 1, MM_LIMIT_ATTR_NONE, MM_LIMIT_RULE_POOL);
	KUNIT_EXPECT_EQ(test, mm_limit_read_rule(&range, &attr), 0);
	KUNIT_EXPECT_EQ(test, attr.members, 1);
	KUNIT_EXPECT_EQ(test, set_rule(MM_LIMIT_RULE_EACH, 1, 1, 8192), 0);
	expect_limit(test, 1, 8192, MM_LIMIT_RULE_EACH);
	KUNIT_EXPECT_EQ(test, mm_limit_read_rule(&range, &attr), 0);
	KUNIT_EXPECT_EQ(test, attr.members, 0);
	KUNIT_EXPECT_EQ(test, remove_rule(1, 1), 0);
	KUNIT_EXPECT_EQ(test, remove_rule(0, 9), 0);
	free_uid(user);
}

/*
 * Goes on to a user in the table. Those of earlier tests are there, too, as long as
 * somebody is yet to be told of them, which is about a jiffy.
 */
static bool comes_to(u64 *key, const struct user_struct *user)
{
	struct user_struct *found;

	while ((found = mm_limit_table_next(key))) {
		free_uid(found);
		if (found == user)
			return true;
	}
	return false;
}

/* Between the moments at which it can be found by uid, and at which its limit can */
static void user_may_change_what_it_was_given_before_that_is_shown(struct kunit *test)
{
	const struct mm_limit_change change = {
		.fields = MM_LIMIT_FIELD_MAX,
		.mm_max = 2048,
	};
	struct user_struct *user;
	struct mm_limit *rule;
	u64 key = 0;

	KUNIT_ASSERT_EQ(test, set_rule(MM_LIMIT_RULE_POOL, 0, 9, 4096), 0);
	user = alloc_nobody(KUIDT_INIT(FIRST_UID + 1));
	KUNIT_ASSERT_NOT_NULL(test, user);
	rule = mm_limit_table_rule_for(FIRST_UID + 1);
	KUNIT_ASSERT_EQ(test, mm_limit_give_first(user, rule), 0);
	mutex_lock(&user->mm_limit.limit_mutex);
	KUNIT_EXPECT_EQ(test, mm_limit_set_locked(user, false, &change), 0);
	mutex_unlock(&user->mm_limit.limit_mutex);
	mm_limit_show_first(user);
	KUNIT_EXPECT_TRUE(test, comes_to(&key, user));
	free_uid(user);
	/* The rule is still there when the user has gone. */
	KUNIT_EXPECT_TRUE(test, comes_to(&key, rule->user));
	mm_limit_put(rule);
	KUNIT_EXPECT_EQ(test, remove_rule(0, 9), 0);
}

static struct kunit_case rule_cases[] = {
	KUNIT_CASE(narrowest_rule_goes_and_of_two_the_lower),
	KUNIT_CASE(random_rules_go_for_whom_they_should),
	KUNIT_CASE(user_has_what_a_rule_gives_as_long_as_it_is_there),
	KUNIT_CASE(member_of_a_pool_is_counted_until_it_goes),
	KUNIT_CASE(user_may_change_what_it_was_given_before_that_is_shown),
	{}
};

static struct kunit_suite rule_suite = {
	.name = "mm_limit_rule",
	.init = rule_init,
	.exit = rule_exit,
	.test_cases = rule_cases,
};

kunit_test_suite(rule_suite);
