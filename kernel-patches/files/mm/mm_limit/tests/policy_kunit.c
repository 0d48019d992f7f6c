// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of the policies' scores.
 */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../kill.h"

static void badness_is_in_thousandths(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_badness(500, 1000, false, 0), 500);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(1, 3, false, 0), 333);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(131072, 131072, false, 0), 1000);
}

static void badness_is_at_least_one(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_badness(0, 1000, false, 0), 1);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(-5, 1000, false, 0), 1);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(20, 1000, true, 0), 1);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(500, 1000, true, -999), 1);
}

static void badness_spares_administrators_a_little(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_badness(500, 1000, true, 0), 470);
}

static void badness_adds_the_adjustment(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_badness(500, 1000, false, 1000), 1500);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(500, 1000, false, -200), 300);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(500, 1000, true, 100), 570);
}

static void badness_does_not_overflow(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_badness(LONG_MAX, LONG_MAX, false, 0),
			1000);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(LONG_MAX, 1, false, 0),
			(u64)LONG_MAX * 1000);
	KUNIT_EXPECT_EQ(test, mm_limit_badness(1, 0, false, 0), 1000);
}

static u64 score(unsigned int policy, struct mm_struct *mm, long pages)
{
	u64 score;

	rcu_read_lock();
	score = mm_limit_score(policy, current, mm, pages);
	rcu_read_unlock();
	return score;
}

static void highest_rss_goes_by_pages(struct kunit *test)
{
	struct mm_struct *mm = kunit_kzalloc(test, sizeof(*mm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mm);
	KUNIT_EXPECT_EQ(test, score(MM_LIMIT_HIGHEST_RSS, mm, 1234), 1234);
	KUNIT_EXPECT_EQ(test, score(MM_LIMIT_HIGHEST_RSS, mm, -1), 0);
}

static void most_private_goes_by_what_was_counted(struct kunit *test)
{
	struct mm_struct *mm = kunit_kzalloc(test, sizeof(*mm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mm->mm_limit.kill.private = 77;
	KUNIT_EXPECT_EQ(test, score(MM_LIMIT_MOST_PRIVATE, mm, 1234), 77);
}

static void user_ranked_goes_by_the_list_before_pages(struct kunit *test)
{
	struct mm_struct *mm = kunit_kzalloc(test, sizeof(*mm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mm);
	KUNIT_EXPECT_EQ(test, score(MM_LIMIT_USER_RANKED, mm, 1234), 1234);
	KUNIT_EXPECT_EQ(test, score(MM_LIMIT_USER_RANKED, mm, -1), 0);
	mm->mm_limit.kill.listed = 3;
	KUNIT_EXPECT_EQ(test, score(MM_LIMIT_USER_RANKED, mm, 1234),
			mm_limit_ranked(0, 3));

	KUNIT_EXPECT_GT(test, mm_limit_ranked(0, 1),
			mm_limit_ranked(LONG_MAX, 2));
	KUNIT_EXPECT_GT(test, mm_limit_ranked(0, UINT_MAX),
			mm_limit_ranked(LONG_MAX, 0));
}

static void every_policy_has_a_name(struct kunit *test)
{
	unsigned int policy;

	for (policy = 0; policy < MM_LIMIT_POLICIES; policy++)
		KUNIT_EXPECT_NOT_NULL(test, mm_limit_policy_names[policy]);
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(badness_is_in_thousandths),
	KUNIT_CASE(badness_is_at_least_one),
	KUNIT_CASE(badness_spares_administrators_a_little),
	KUNIT_CASE(badness_adds_the_adjustment),
	KUNIT_CASE(badness_does_not_overflow),
	KUNIT_CASE(highest_rss_goes_by_pages),
	KUNIT_CASE(most_private_goes_by_what_was_counted),
	KUNIT_CASE(user_ranked_goes_by_the_list_before_pages),
	KUNIT_CASE(every_policy_has_a_name),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "mm_limit_policy",
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
