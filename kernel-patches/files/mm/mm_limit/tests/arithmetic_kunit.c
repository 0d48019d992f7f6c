// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of bytes, pages, the pause of the trigger "hybrid", the
 * room that is left for page faults, and what a user pays for its killer.
 */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/ktime.h>
#include <linux/sizes.h>

#include "../enforce.h"
#include "../held.h"

#define MIB_PAGES	(SZ_1M >> PAGE_SHIFT)
#define MS		((u64)NSEC_PER_MSEC)

static void part_of_a_page_is_not_allowed(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_pages(0), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_pages(1), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_pages(PAGE_SIZE - 1), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_pages(PAGE_SIZE), 1);
	KUNIT_EXPECT_EQ(test, mm_limit_pages(2 * PAGE_SIZE - 1), 1);
}

static void huge_limits_are_not_negative(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, mm_limit_pages(ULONG_MAX - 1), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_pages(ULONG_MAX - 1),
			(long)(ULONG_MAX >> PAGE_SHIFT));
	KUNIT_EXPECT_GT(test, mm_limit_pages((unsigned long)LONG_MAX + 1), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_pages(6ULL << 30),
			(long)((6ULL << 30) >> PAGE_SHIFT));
	KUNIT_EXPECT_GT(test, mm_limit_pages(MM_LIMIT_NONE - 1), 0);
}

static void bytes_do_not_wrap(struct kunit *test)
{
	const long most = ULONG_MAX >> PAGE_SHIFT;

	KUNIT_EXPECT_EQ(test, mm_limit_bytes(0), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_bytes(3), 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mm_limit_bytes(most), ULONG_MAX & PAGE_MASK);
	KUNIT_EXPECT_EQ(test, mm_limit_bytes(most + 1),
			((u64)most + 1) << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, mm_limit_bytes(LONG_MAX),
			(u64)LONG_MAX << PAGE_SHIFT);
	/* Between the parts of a hand-over a usage can be below nothing. */
	KUNIT_EXPECT_EQ(test, mm_limit_bytes(-1), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_bytes(LONG_MIN), 0);
}

static void no_room_is_no_pause(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(MS, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(MS, 1, -1), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(MS, 0, LONG_MIN), 0);
}

static void pause_ends_before_the_limit_at_the_pace_of_before(struct kunit *test)
{
	/* 1 MiB took 1 ms, so 3 MiB more take 3 ms. */
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(MS, MIB_PAGES, 3 * MIB_PAGES),
			3 * MS);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(0, MIB_PAGES, 3 * MIB_PAGES),
			0);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(1000, 3, 1), 333);
}

static void pause_is_ten_ms_for_four_mib_of_room(struct kunit *test)
{
	/* The pace would allow 400 ms. */
	KUNIT_EXPECT_EQ(test,
			mm_limit_pause_ns(100 * MS, MIB_PAGES, 4 * MIB_PAGES),
			10 * MS);
	KUNIT_EXPECT_EQ(test,
			mm_limit_pause_ns(1000 * MS, 1, 40 * MIB_PAGES),
			100 * MS);
}

static void pause_is_half_a_second_at_most(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			mm_limit_pause_ns(1000 * MS, 1, 4000 * MIB_PAGES),
			500 * MS);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(MS, 0, 4000 * MIB_PAGES),
			500 * MS);
}

static void shrinking_user_has_no_pace(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(1, 0, 4 * MIB_PAGES), 10 * MS);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(1, -1, 4 * MIB_PAGES), 10 * MS);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(1, LONG_MIN, 4 * MIB_PAGES),
			10 * MS);
}

static void extreme_paces_do_not_overflow(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(S64_MAX, 1, LONG_MAX),
			500 * MS);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(U64_MAX, LONG_MAX, LONG_MAX),
			500 * MS);
	KUNIT_EXPECT_EQ(test, mm_limit_pause_ns(1, LONG_MAX, 1), 0);
	KUNIT_EXPECT_LE(test, mm_limit_pause_ns(U64_MAX, LONG_MAX, 1),
			500 * MS);
}

static void what_can_be_refused_leaves_room_for_faults(struct kunit *test)
{
	const long files = MM_LIMIT_FILE, kernel = MM_LIMIT_KERNEL;

	/* A sixteenth, and a quarter of that */
	KUNIT_EXPECT_EQ(test, mm_limit_held_max(8 * MIB_PAGES, files),
			8 * MIB_PAGES - MIB_PAGES / 2);
	KUNIT_EXPECT_EQ(test, mm_limit_held_max(8 * MIB_PAGES, kernel),
			8 * MIB_PAGES - MIB_PAGES / 8);
	/* But not more than so much */
	KUNIT_EXPECT_EQ(test, mm_limit_held_max(1000 * MIB_PAGES, files),
			999 * MIB_PAGES);
	KUNIT_EXPECT_EQ(test, mm_limit_held_max(LONG_MAX, kernel),
			LONG_MAX - MIB_PAGES / 4);
	KUNIT_EXPECT_EQ(test, mm_limit_held_max(0, files), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_held_max(15, kernel), 15);
}

static void user_waits_twenty_times_as_long_as_the_killer_works(struct kunit *test)
{
	const s64 now = 1000LL * NSEC_PER_SEC;

	KUNIT_EXPECT_EQ(test, mm_limit_due(0, now, MS), now + 20 * MS);
	KUNIT_EXPECT_EQ(test, mm_limit_due(now - 1, now, 200 * MS),
			now + 4000 * MS);
	/* What it owes already comes first. */
	KUNIT_EXPECT_EQ(test, mm_limit_due(now + 300 * MS, now, 100 * MS),
			now + 2300 * MS);
}

static void user_waits_for_no_more_than_five_seconds(struct kunit *test)
{
	const s64 now = 1000LL * NSEC_PER_SEC;
	/* Beyond its credit of one second */
	const s64 most = now + 6000 * MS;

	KUNIT_EXPECT_EQ(test, mm_limit_due(0, now, 300 * MS), most);
	KUNIT_EXPECT_EQ(test, mm_limit_due(0, now, 301 * MS), most);
	KUNIT_EXPECT_EQ(test, mm_limit_due(0, now, 10000 * MS), most);
	KUNIT_EXPECT_EQ(test, mm_limit_due(most, now, MS), most);
}

static struct kunit_case arithmetic_cases[] = {
	KUNIT_CASE(user_waits_twenty_times_as_long_as_the_killer_works),
	KUNIT_CASE(user_waits_for_no_more_than_five_seconds),
	KUNIT_CASE(what_can_be_refused_leaves_room_for_faults),
	KUNIT_CASE(part_of_a_page_is_not_allowed),
	KUNIT_CASE(huge_limits_are_not_negative),
	KUNIT_CASE(bytes_do_not_wrap),
	KUNIT_CASE(no_room_is_no_pause),
	KUNIT_CASE(pause_ends_before_the_limit_at_the_pace_of_before),
	KUNIT_CASE(pause_is_ten_ms_for_four_mib_of_room),
	KUNIT_CASE(pause_is_half_a_second_at_most),
	KUNIT_CASE(shrinking_user_has_no_pace),
	KUNIT_CASE(extreme_paces_do_not_overflow),
	{}
};

static struct kunit_suite arithmetic_suite = {
	.name = "mm_limit_arithmetic",
	.test_cases = arithmetic_cases,
};

kunit_test_suite(arithmetic_suite);
