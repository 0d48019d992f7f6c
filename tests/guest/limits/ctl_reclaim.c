// SPDX-License-Identifier: GPL-2.0-only
/* Tests mm_limit_ctl(): turning reclaim on and off, and its details. */
#define _GNU_SOURCE 1

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/reclaim.h"

#define LIMIT (100 * MIB)
#define SIZE sizeof(struct mm_limit_attr)

KTAP_TEST(reclaim_is_off_unless_asked_for, 10, "calls")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_FLAGS,
				      .flags = MM_LIMIT_RECLAIM };

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(limit_read(USER_A).flags, 0);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, SIZE), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.flags, MM_LIMIT_RECLAIM);
	EXPECT_EQ(attr.threshold, 80);
	EXPECT_EQ(attr.swap_max, MM_LIMIT_ATTR_NONE);

	/* Turned off, it forgets its details. */
	reclaim_limit_with(USER_A, LIMIT, 70, LIMIT);
	attr.fields = MM_LIMIT_FIELD_FLAGS;
	attr.flags = 0;
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, SIZE), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.flags, 0);
	EXPECT_EQ(attr.threshold, 80);
	EXPECT_EQ(attr.swap_max, MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(details_of_reclaim_are_refused_without_it, 10, "calls")
{
	struct mm_limit_attr wrong[] = {
		{ .fields = MM_LIMIT_FIELD_THRESHOLD, .threshold = 70 },
		{ .fields = MM_LIMIT_FIELD_SWAP_MAX, .swap_max = LIMIT },
		{ .fields = MM_LIMIT_FIELD_FLAGS | MM_LIMIT_FIELD_THRESHOLD,
		  .flags = MM_LIMIT_RECLAIM,
		  .threshold = 0 },
		{ .fields = MM_LIMIT_FIELD_FLAGS | MM_LIMIT_FIELD_THRESHOLD,
		  .flags = MM_LIMIT_RECLAIM,
		  .threshold = 101 },
		{ .fields = MM_LIMIT_FIELD_FLAGS,
		  .flags = MM_LIMIT_DRY_RUN << 1 },
	};
	struct mm_limit_attr before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	before = limit_read(USER_A);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		wrong[i].uid = USER_A;
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &wrong[i], SIZE),
			  -EINVAL);
		wrong[i].uid = USER_B;
		wrong[i].fields |= MM_LIMIT_FIELD_MAX;
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &wrong[i], SIZE),
			  -EINVAL);
	}
	limit_expect_unchanged(&before);
	limit_expect_none(USER_B);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
