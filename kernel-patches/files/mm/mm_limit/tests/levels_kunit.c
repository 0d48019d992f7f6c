// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of usages that are noticed below the limit.
 */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/sched/user.h>

#include "../enforce.h"

#define LIMIT	1600

static void clearly_below_is_a_sixteenth(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_rearm_level(1600), 1500);
	KUNIT_EXPECT_EQ(test, mm_limit_rearm_level(17), 16);
	KUNIT_EXPECT_EQ(test, mm_limit_rearm_level(3), 2);
	KUNIT_EXPECT_EQ(test, mm_limit_rearm_level(1), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_rearm_level(0), 0);
	KUNIT_EXPECT_GT(test, mm_limit_rearm_level(LONG_MAX), LONG_MAX / 2);
}

/* A limit of LIMIT pages that nobody finds */
static struct mm_limit *make_limit(struct kunit *test)
{
	struct user_struct *user = kunit_kzalloc(test, sizeof(*user), GFP_KERNEL);
	struct mm_limit *limit = kunit_kzalloc(test, sizeof(*limit), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, user);
	KUNIT_ASSERT_NOT_NULL(test, limit);
	mm_limit_user_init(user);
	limit->user = user;
	limit->levels.warned_at = -1;
	limit->settings.threshold = 80;
	mutex_init(&limit->enforce.mutex);
	return limit;
}

static void configure(struct mm_limit *limit, unsigned int flags,
		      unsigned int warn)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	const struct mm_limit_part part = { .mm_max = LIMIT * PAGE_SIZE };

	limit->settings.flags = flags;
	limit->settings.warn = warn;
	mutex_lock(&acct->limit_mutex);
	mm_limit_set_levels(limit, &part);
	mutex_unlock(&acct->limit_mutex);
}

static void lowest_level_is_what_charges_compare_with(struct kunit *test)
{
	struct mm_limit *limit = make_limit(test);
	struct mm_limit_account *acct = mm_limit_account(limit);

	configure(limit, 0, 0);
	KUNIT_EXPECT_EQ(test, acct->max, LIMIT);
	KUNIT_EXPECT_EQ(test, acct->counter.max, LIMIT);
	configure(limit, 0, 50);
	KUNIT_EXPECT_EQ(test, acct->max, LIMIT);
	KUNIT_EXPECT_EQ(test, acct->counter.max, LIMIT / 2);
	configure(limit, MM_LIMIT_RECLAIM, 90);
	KUNIT_EXPECT_EQ(test, acct->counter.max, LIMIT * 80 / 100);
	configure(limit, MM_LIMIT_DRY_RUN, 0);
	KUNIT_EXPECT_EQ(test, acct->max, LONG_MAX);
	KUNIT_EXPECT_EQ(test, acct->counter.max, LIMIT);
	configure(limit, 0, 0);
	KUNIT_EXPECT_EQ(test, acct->max, LIMIT);
	KUNIT_EXPECT_EQ(test, acct->counter.max, LIMIT);
}

static void user_in_trial_is_over_what_its_account_allows(struct kunit *test)
{
	struct mm_limit *limit = make_limit(test);
	struct mm_limit_account *acct = mm_limit_account(limit);

	configure(limit, MM_LIMIT_DRY_RUN, 0);
	KUNIT_EXPECT_TRUE(test, mm_limit_in_trial(limit));
	atomic_long_set(&acct->counter.usage, LIMIT);
	KUNIT_EXPECT_FALSE(test, mm_limit_over(acct, limit));
	atomic_long_set(&acct->counter.usage, LIMIT + 1);
	KUNIT_EXPECT_TRUE(test, mm_limit_over(acct, limit));
	KUNIT_EXPECT_FALSE(test, mm_limit_exceeded(acct));
	configure(limit, 0, 0);
	KUNIT_EXPECT_FALSE(test, mm_limit_in_trial(limit));
	KUNIT_EXPECT_TRUE(test, mm_limit_over(acct, limit));
}

/* The work looks at a usage, after which there have been so many warnings. */
static void look(struct kunit *test, struct mm_limit *limit, long usage,
		 u64 warnings, long level)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	atomic_long_set(&acct->counter.usage, usage);
	mutex_lock(&limit->enforce.mutex);
	mm_limit_warn(acct, limit);
	mutex_unlock(&limit->enforce.mutex);
	KUNIT_EXPECT_EQ(test, limit->stats.warnings, warnings);
	KUNIT_EXPECT_EQ(test, acct->counter.max, level);
}

static void user_is_warned_once_until_it_is_clearly_below(struct kunit *test)
{
	struct mm_limit *limit = make_limit(test);
	struct mm_limit_account *acct = mm_limit_account(limit);

	/* At 800 pages, and anew after it has been at 750 */
	configure(limit, 0, 50);
	look(test, limit, 800, 0, 800);
	KUNIT_EXPECT_FALSE(test, mm_limit_is_warned(acct, limit));
	look(test, limit, 801, 1, 750);
	KUNIT_EXPECT_TRUE(test, mm_limit_is_warned(acct, limit));
	look(test, limit, LIMIT + 5, 1, 750);
	look(test, limit, 751, 1, 750);
	KUNIT_EXPECT_TRUE(test, mm_limit_is_warned(acct, limit));
	look(test, limit, 801, 1, 750);
	look(test, limit, 750, 1, 800);
	KUNIT_EXPECT_FALSE(test, mm_limit_is_warned(acct, limit));
	look(test, limit, 801, 2, 750);
}

static void what_charges_have_crossed_counts_afterwards(struct kunit *test)
{
	struct mm_limit *limit = make_limit(test);

	configure(limit, 0, 50);
	/* It was above for a moment, and is clearly below already. */
	limit->levels.crossed = true;
	look(test, limit, 10, 1, 800);
	limit->levels.crossed = true;
	look(test, limit, 790, 2, 750);
	/* It was below, too, and is above again. */
	limit->levels.fallen = true;
	look(test, limit, 900, 3, 750);
	/* That is over. */
	look(test, limit, 900, 3, 750);
}

static void other_level_warns_anew(struct kunit *test)
{
	struct mm_limit *limit = make_limit(test);

	configure(limit, 0, 50);
	look(test, limit, 1500, 1, 750);
	configure(limit, 0, 75);
	look(test, limit, 1500, 2, 1125);
	configure(limit, 0, 75);
	look(test, limit, 1500, 2, 1125);
	configure(limit, 0, 0);
	look(test, limit, 1500, 2, LIMIT);
}

static struct kunit_case levels_cases[] = {
	KUNIT_CASE(clearly_below_is_a_sixteenth),
	KUNIT_CASE(lowest_level_is_what_charges_compare_with),
	KUNIT_CASE(user_in_trial_is_over_what_its_account_allows),
	KUNIT_CASE(user_is_warned_once_until_it_is_clearly_below),
	KUNIT_CASE(what_charges_have_crossed_counts_afterwards),
	KUNIT_CASE(other_level_warns_anew),
	{}
};

static struct kunit_suite levels_suite = {
	.name = "mm_limit_levels",
	.test_cases = levels_cases,
};

kunit_test_suite(levels_suite);
