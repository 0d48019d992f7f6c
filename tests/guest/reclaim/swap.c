// SPDX-License-Identifier: GPL-2.0-only
/* Tests reclaim with swap space, without, and with some that ends. */
#define _GNU_SOURCE 1
#include <stdio.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/reclaim.h"
#include "lib/swap.h"
#include "lib/usage.h"

#define LIMIT (RECLAIM_MIB(64) * MIB)
#define SWAP (RECLAIM_MIB(256) * MIB)

KTAP_TEST(without_swap_it_kills_as_without_the_flag, 60, "reclaim account_smp")
{
	struct mm_limit_attr attr;
	struct worker worker;

	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 1);
	EXPECT_EQ(attr.swapped_out, 0);
	EXPECT_LE(attr.peak, LIMIT + 2 * PAGE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(full_swap_is_followed_by_the_killer, 60, "reclaim")
{
	struct worker worker, other;
	struct mm_limit_attr attr;

	reclaim_begin(LIMIT / 4);
	reclaim_limit(USER_A, LIMIT);
	other = start_holding(USER_B, LIMIT / 4);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 1);
	EXPECT_GE(attr.swapped_out, LIMIT / 8 / PAGE);
	EXPECT_LE(attr.peak, LIMIT + 2 * PAGE);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

#define SWAP_MAX (LIMIT / 4)

KTAP_TEST(swap_max_bounds_a_users_swap, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	region_noise();
	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 80, SWAP_MAX);
	/* With the memory of its program it has no more than both together. */
	worker = start_holding(USER_A, LIMIT + SWAP_MAX - 4 * MIB);
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_LE(attr.swap, SWAP_MAX);
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

/* So what is in compressed memory takes no more than that, whatever it is. */
KTAP_TEST(swap_is_bounded_by_the_limit_unless_told_otherwise, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	region_noise();
	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT / 2, 80, MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(reclaim_read(USER_A).swap_max, MM_LIMIT_ATTR_NONE);
	worker = start_holding(USER_A, LIMIT - 4 * MIB);
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_LE(attr.swap, LIMIT / 2);
	/* It follows the limit. */
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), 0);
	attr = reclaim_read(USER_A);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_LE(attr.swap, LIMIT);
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

/*
 * A worker that holds so much and can swap it out without touching anything for
 * the first time: it has done so with a page.
 */
static struct worker start_to_swap_out(unsigned long bytes)
{
	struct worker worker = start_holding(USER_A, PAGE);

	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	ASSERT_EQ(worker_call(&worker, held_damage, 0), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, bytes / PAGE - 1), 0);
	return worker;
}

KTAP_TEST(swap_beyond_swap_max_counts, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;
	unsigned long usage;

	region_noise();
	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 100, SWAP_MAX);
	worker = start_to_swap_out(LIMIT / 2);
	usage = usage_exact(USER_A);
	/* MADV_PAGEOUT, of more than does not count */
	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	attr = reclaim_read(USER_A);
	EXPECT_GT(attr.swap, SWAP_MAX);
	EXPECT_EQ(attr.usage, usage - SWAP_MAX);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(swap_beyond_a_lowered_swap_max_counts, 60, "reclaim")
{
	struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_SWAP_MAX,
		.swap_max = SWAP_MAX / 2,
	};
	struct worker worker;
	unsigned long usage;

	region_noise();
	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 100, SWAP_MAX);
	worker = start_to_swap_out(LIMIT / 2);
	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	usage = usage_exact(USER_A);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	EXPECT_EQ(usage_exact(USER_A), usage + SWAP_MAX / 2);
	attr.swap_max = MM_LIMIT_SWAP_UNBOUNDED;
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	/* Twice that was swapped out, so half of it counted before. */
	EXPECT_EQ(usage_exact(USER_A), usage - SWAP_MAX);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(swap_counts_again_without_the_flag, 60, "reclaim")
{
	const struct mm_limit_attr off = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_FLAGS,
	};
	struct worker worker;
	unsigned long usage;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = start_to_swap_out(LIMIT / 2);
	usage = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	EXPECT_LE(usage_exact(USER_A), usage - LIMIT / 2 + MIB);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &off, sizeof(off)), 0);
	EXPECT_EQ(usage_exact(USER_A), usage);
	reclaim_limit(USER_A, LIMIT);
	ASSERT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), 0);
	/* Now it has more than the limit altogether. */
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &off, sizeof(off)), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(reclaim_read(USER_A).kills, 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

KTAP_TEST(swap_counts_once_under_a_later_limit, 60, "reclaim")
{
	struct mm_limit_attr before, after;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = start_to_swap_out(LIMIT / 2);
	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	before = limit_read(USER_A);
	EXPECT_GT(before.swap, LIMIT / 4);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_limit(USER_A, LIMIT);
	usage_exact(USER_A);
	after = limit_read(USER_A);
	EXPECT_EQ(after.swap, before.swap);
	EXPECT_EQ(after.usage, before.usage);
	EXPECT_EQ(after.swapped_out, 0);
	EXPECT_EQ(after.refaults, 0);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(swapoff_in_the_middle_kills_what_does_not_fit, 60, "reclaim")
{
	struct worker worker, other;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	other = start_holding(USER_B, LIMIT / 4);
	worker = start_holding(USER_A, 2 * LIMIT);
	EXPECT_EQ(swap_off(), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(reclaim_read(USER_A).kills, 1);
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

KTAP_TEST(swapoff_with_room_hurts_nobody, 60, "reclaim")
{
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = start_holding(USER_A, LIMIT * 3 / 2);
	reclaim_limit(USER_A, 2 * LIMIT);
	EXPECT_GE(reclaim_read(USER_A).swap, LIMIT / 2);
	EXPECT_EQ(swap_off(), 0);
	EXPECT_EQ(reclaim_read(USER_A).swap, 0);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

/* Each copy counts, of a page and of a swap entry. */
KTAP_TEST(fork_of_a_swapped_process_hurts_nobody, 60, "reclaim")
{
	struct mm_limit_attr before, after;
	struct worker worker;
	char text[16];
	long child;

	reclaim_begin(SWAP);
	/* Nothing can be reclaimed while a kernel that is slow forks. */
	snprintf(text, sizeof(text), "%u", 100 * ktap_slowdown());
	ASSERT_EQ(file_write(KILL_WAIT, text), 0);
	reclaim_limit(USER_A, LIMIT);
	worker = start_holding(USER_A, LIMIT * 3 / 2);
	before = reclaim_read(USER_A);
	child = worker_call(&worker, worker_fork_stopped, 0);
	ASSERT_GT(child, 0);
	after = reclaim_read(USER_A);
	EXPECT_GT(after.swap, before.swap);
	EXPECT_GE(after.swap + after.usage, 3 * LIMIT);
	EXPECT_LE(after.usage, LIMIT);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	reclaim_read(USER_A);
	ASSERT_EQ(worker_call(&worker, worker_kill_child, child), 0);
	reclaim_end(USER_A, &worker);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	reclaim_finish();
}
