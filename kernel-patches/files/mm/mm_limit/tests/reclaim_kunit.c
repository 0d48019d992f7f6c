// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of reclaim before kill: thresholds, the judgement
 * of thrashing, and the queue.
 */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/mm_types.h>
#include <linux/sizes.h>
#include <linux/time64.h>

#include "../reclaim.h"
#include "../account.h"

#define SECOND	((u64)NSEC_PER_SEC)
#define BOUND	(3 * SECOND)

static long threshold(unsigned long bytes, unsigned int percent)
{
	const struct mm_limit_settings settings = {
		.flags = MM_LIMIT_RECLAIM,
		.threshold = percent,
	};

	return mm_limit_threshold(bytes, &settings);
}

static void threshold_is_a_part_of_the_limit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, threshold(100 * PAGE_SIZE, 80), 80);
	KUNIT_EXPECT_EQ(test, threshold(100 * PAGE_SIZE, 1), 1);
	KUNIT_EXPECT_EQ(test, threshold(100 * PAGE_SIZE, 100), 100);
	KUNIT_EXPECT_EQ(test, threshold(0, 80), 0);
	KUNIT_EXPECT_EQ(test, threshold(PAGE_SIZE, 99), 0);
}

static void threshold_of_huge_limits_does_not_overflow(struct kunit *test)
{
	const long pages = (ULONG_MAX - 1) >> PAGE_SHIFT;

	KUNIT_EXPECT_EQ(test, threshold(ULONG_MAX - 1, 100), pages);
	KUNIT_EXPECT_GT(test, threshold(ULONG_MAX - 1, 99), pages / 100 * 98);
	KUNIT_EXPECT_LT(test, threshold(ULONG_MAX - 1, 99), pages);
}

static void no_threshold_without_the_flag(struct kunit *test)
{
	const struct mm_limit_settings settings = { .threshold = 80 };

	KUNIT_EXPECT_EQ(test, mm_limit_threshold(SZ_1M, &settings), LONG_MAX);
}

static void target_is_below_the_threshold_by_a_sixteenth(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_reclaim_target(1600), 1500);
	KUNIT_EXPECT_EQ(test, mm_limit_reclaim_target(0), 0);
	KUNIT_EXPECT_GT(test, mm_limit_reclaim_target(LONG_MAX), 0);
}

static void swap_counts_beyond_what_is_free(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mm_limit_counted_swap(7, 0), 7);
	KUNIT_EXPECT_EQ(test, mm_limit_counted_swap(7, 6), 1);
	KUNIT_EXPECT_EQ(test, mm_limit_counted_swap(7, 7), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_counted_swap(7, LONG_MAX), 0);
	KUNIT_EXPECT_EQ(test, mm_limit_counted_swap(0, 0), 0);
}

/*
 * Let seconds pass. Of each, so many milliseconds are lost to reclaiming, in which so
 * many pages go out, and so many come back.
 *
 * Return: after how many seconds that was thrashing; 0: never.
 */
static unsigned int pass(struct mm_limit_thrash *thrash, unsigned int seconds,
			 unsigned int stall_ms, unsigned int out,
			 unsigned int back)
{
	struct mm_limit_swap swap = {
		.swapped_out = thrash->swapped_out,
		.refaults = thrash->refaults,
		.stall = thrash->stall,
	};
	u64 now = thrash->last_check;
	unsigned int i;

	for (i = 1; i <= seconds; i++) {
		now += SECOND;
		swap.swapped_out += out;
		swap.refaults += back;
		swap.stall += (u64)stall_ms * NSEC_PER_MSEC;
		if (mm_limit_thrashes(thrash, now, &swap, 0, BOUND))
			return i;
	}
	return 0;
}

static void what_comes_straight_back_is_thrashing_after_the_bound(struct kunit *test)
{
	struct mm_limit_thrash thrash = { .start = 12345, .last_check = 12345 };

	KUNIT_EXPECT_EQ(test, pass(&thrash, 10, 500, 1000, 1000), 3);
}

static void three_quarters_are_enough(struct kunit *test)
{
	struct mm_limit_thrash thrash = {};

	KUNIT_EXPECT_EQ(test, pass(&thrash, 10, 500, 1000, 749), 0);
	KUNIT_EXPECT_EQ(test, pass(&thrash, 10, 500, 1000, 750), 3);
}

static void what_stays_out_is_no_thrashing(struct kunit *test)
{
	struct mm_limit_thrash thrash = {};

	KUNIT_EXPECT_EQ(test, pass(&thrash, 100, 900, 100000, 0), 0);
}

static void who_hardly_waits_is_not_thrashing(struct kunit *test)
{
	struct mm_limit_thrash thrash = {};

	KUNIT_EXPECT_EQ(test, pass(&thrash, 100, 249, 1000, 1000), 0);
	KUNIT_EXPECT_EQ(test, pass(&thrash, 100, 250, 1000, 1000), 3);
}

static void all_memory_may_be_used_once(struct kunit *test)
{
	struct mm_limit_thrash thrash = {};
	struct mm_limit_swap swap = {};
	unsigned int i;

	for (i = 1; i <= 20; i++) {
		swap.swapped_out += 1000;
		swap.refaults += 1000;
		swap.stall += SECOND;
		if (mm_limit_thrashes(&thrash, i * SECOND, &swap, 10500, BOUND))
			break;
	}
	KUNIT_EXPECT_EQ(test, i, 11);
}

static void few_pages_are_no_thrashing(struct kunit *test)
{
	struct mm_limit_thrash thrash = {};

	KUNIT_EXPECT_EQ(test, pass(&thrash, 100, 900, 50, 50), 0);
	KUNIT_EXPECT_EQ(test, pass(&thrash, 100, 900, 0, 1000), 0);
}

static void slow_device_is_given_more_time(struct kunit *test)
{
	struct mm_limit_thrash thrash = {};

	/* Periods of two seconds, of which there must be two */
	KUNIT_EXPECT_EQ(test, pass(&thrash, 100, 900, 128, 128), 4);
}

static void one_good_second_begins_anew(struct kunit *test)
{
	struct mm_limit_thrash thrash = {};

	KUNIT_EXPECT_EQ(test, pass(&thrash, 2, 500, 1000, 1000), 0);
	KUNIT_EXPECT_EQ(test, pass(&thrash, 1, 500, 1000, 0), 0);
	KUNIT_EXPECT_EQ(test, pass(&thrash, 2, 500, 1000, 1000), 0);
	KUNIT_EXPECT_EQ(test, pass(&thrash, 1, 500, 1000, 1000), 1);
}

static void time_without_reclaim_is_no_thrashing(struct kunit *test)
{
	struct mm_limit_swap later = { .swapped_out = 3000, .refaults = 3000,
				       .stall = 1000 * SECOND };
	struct mm_limit_thrash thrash = {};

	KUNIT_EXPECT_EQ(test, pass(&thrash, 2, 500, 1000, 1000), 0);
	KUNIT_EXPECT_FALSE(test, mm_limit_thrashes(&thrash, 3600 * SECOND,
						   &later, 0, BOUND));
	KUNIT_EXPECT_EQ(test, pass(&thrash, 2, 500, 1000, 1000), 0);
}

static bool is_futile(struct mm_limit_pace *pace, u64 outs, u64 refaults)
{
	const struct mm_limit_swap swap = { .swapped_out = outs,
					    .refaults = refaults };

	return mm_limit_is_futile(pace, &swap);
}

static void turns_whose_pages_come_back_are_futile_the_second_time(struct kunit *test)
{
	struct mm_limit_pace pace = {};

	KUNIT_EXPECT_FALSE(test, is_futile(&pace, 100, 75));
	KUNIT_EXPECT_TRUE(test, is_futile(&pace, 200, 150));
	KUNIT_EXPECT_TRUE(test, is_futile(&pace, 300, 250));
	/* One of use */
	KUNIT_EXPECT_FALSE(test, is_futile(&pace, 400, 324));
	KUNIT_EXPECT_FALSE(test, is_futile(&pace, 500, 424));
	KUNIT_EXPECT_TRUE(test, is_futile(&pace, 600, 524));
}

static void turns_with_few_pages_are_judged_together(struct kunit *test)
{
	struct mm_limit_pace pace = { .futile = 1 };

	KUNIT_EXPECT_FALSE(test, is_futile(&pace, 31, 31));
	KUNIT_EXPECT_TRUE(test, is_futile(&pace, 62, 62));
	/* Then there is nothing to judge by, so the next turn is made. */
	KUNIT_EXPECT_FALSE(test, is_futile(&pace, 62, 1000));
	KUNIT_EXPECT_TRUE(test, is_futile(&pace, 94, 1000));
}

static void queue_is_bounded_and_keeps_order(struct kunit *test)
{
	struct mm_limit_queue queue;
	struct folio *folios, *folio;
	LIST_HEAD(taken);
	unsigned int i;

	folios = kunit_kcalloc(test, MM_LIMIT_QUEUE + 1, sizeof(*folios),
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, folios);
	mm_limit_queue_init(&queue);

	KUNIT_EXPECT_EQ(test, mm_limit_queue_take(&queue, &taken, 1), 0);
	for (i = 0; i < MM_LIMIT_QUEUE; i++)
		KUNIT_EXPECT_TRUE(test,
				  mm_limit_queue_push(&queue, &folios[i]));
	KUNIT_EXPECT_FALSE(test, mm_limit_queue_push(&queue, &folios[i]));
	KUNIT_EXPECT_EQ(test, queue.nr, 512);

	KUNIT_EXPECT_EQ(test, mm_limit_queue_take(&queue, &taken, 100), 100);
	KUNIT_EXPECT_EQ(test, mm_limit_queue_take(&queue, &taken, INT_MAX),
			MM_LIMIT_QUEUE - 100);
	/* On their way, they are still to be counted on. */
	KUNIT_EXPECT_EQ(test, mm_limit_queue_busy(&queue), MM_LIMIT_QUEUE);
	mm_limit_queue_done(&queue, MM_LIMIT_QUEUE);
	KUNIT_EXPECT_EQ(test, mm_limit_queue_busy(&queue), 0);
	i = 0;
	list_for_each_entry(folio, &taken, lru)
		KUNIT_EXPECT_PTR_EQ(test, folio, &folios[i++]);
	KUNIT_EXPECT_EQ(test, i, MM_LIMIT_QUEUE);
	KUNIT_EXPECT_EQ(test, queue.nr, 0);
	KUNIT_EXPECT_TRUE(test, mm_limit_queue_push(&queue,
						    &folios[MM_LIMIT_QUEUE]));
}

static struct kunit_case reclaim_cases[] = {
	KUNIT_CASE(threshold_is_a_part_of_the_limit),
	KUNIT_CASE(threshold_of_huge_limits_does_not_overflow),
	KUNIT_CASE(no_threshold_without_the_flag),
	KUNIT_CASE(target_is_below_the_threshold_by_a_sixteenth),
	KUNIT_CASE(swap_counts_beyond_what_is_free),
	KUNIT_CASE(what_comes_straight_back_is_thrashing_after_the_bound),
	KUNIT_CASE(three_quarters_are_enough),
	KUNIT_CASE(what_stays_out_is_no_thrashing),
	KUNIT_CASE(who_hardly_waits_is_not_thrashing),
	KUNIT_CASE(all_memory_may_be_used_once),
	KUNIT_CASE(few_pages_are_no_thrashing),
	KUNIT_CASE(slow_device_is_given_more_time),
	KUNIT_CASE(one_good_second_begins_anew),
	KUNIT_CASE(time_without_reclaim_is_no_thrashing),
	KUNIT_CASE(turns_whose_pages_come_back_are_futile_the_second_time),
	KUNIT_CASE(turns_with_few_pages_are_judged_together),
	KUNIT_CASE(queue_is_bounded_and_keeps_order),
	{}
};

static struct kunit_suite reclaim_suite = {
	.name = "mm_limit_reclaim",
	.test_cases = reclaim_cases,
};

kunit_test_suite(reclaim_suite);
