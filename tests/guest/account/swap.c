// SPDX-License-Identifier: GPL-2.0-only
/* Tests that pages that are swapped out stay charged to their user. */
#define _GNU_SOURCE 1
#include <sys/mman.h>

#include "ktap/ktap.h"
#include "lib/account_worker.h"
#include "lib/processes.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define SWAP (32 * MIB)
#define PAGES 1000

static long swap_out_pages(long pages)
{
	ASSERT_EQ(madvise((void *)account_region.base, pages * PAGE,
			  MADV_PAGEOUT),
		  0);
	return 0;
}

/* This swaps them in, too. */
static long count_damage(long pages)
{
	return region_damage(&account_region, 0, pages);
}

/* A worker that touches nothing new when it swaps its PAGES in and out */
static struct worker start_swapping(void)
{
	struct worker worker = start_warm(USER_A);

	ASSERT_EQ(worker_call(&worker, map_pages, PAGES), 0);
	ASSERT_EQ(worker_call(&worker, touch_pages, PAGES), 0);
	ASSERT_EQ(worker_call(&worker, swap_out_pages, PAGES), 0);
	ASSERT_EQ(worker_call(&worker, count_damage, PAGES), 0);
	return worker;
}

KTAP_TEST(swapped_pages_stay_charged, 10, "account")
{
	struct worker worker;
	unsigned long total;

	swap_on(SWAP);
	limit_users();
	worker = start_swapping();
	total = usage_exact(USER_A);
	for (int round = 0; round < 3; round++) {
		ASSERT_EQ(worker_call(&worker, swap_out_pages, PAGES), 0);
		EXPECT_GE(swap_used(), PAGES * PAGE);
		EXPECT_EQ(usage_exact(USER_A), total);
		EXPECT_EQ(worker_call(&worker, count_damage, PAGES / 2), 0);
		EXPECT_EQ(usage_exact(USER_A), total);
	}
	/* The other half comes back without the worker. */
	ASSERT_EQ(swap_off(), 0);
	EXPECT_EQ(usage_exact(USER_A), total);
	EXPECT_EQ(worker_call(&worker, count_damage, PAGES), 0);

	swap_on(SWAP);
	ASSERT_EQ(worker_call(&worker, swap_out_pages, PAGES), 0);
	ASSERT_EQ(worker_call(&worker, drop_pages, PAGES / 2), 0);
	EXPECT_EQ(usage_exact(USER_A), total - PAGES / 2 * PAGE);
	worker_end(&worker);
	unlimit_users();
	EXPECT_EQ(swap_remove(), 0);
}

/* Each copy of an entry counts, as each mapping of a page does. */
KTAP_TEST(swapped_pages_of_processes_that_end_are_uncharged, 10, "account")
{
	unsigned long alone, together;
	struct worker worker;
	long child;

	swap_on(SWAP);
	limit_users();
	worker = start_swapping();
	child = worker_call(&worker, worker_fork_stopped, 0);
	ASSERT_EQ(worker_call(&worker, worker_kill_child, child), 0);
	ASSERT_EQ(worker_call(&worker, swap_out_pages, PAGES), 0);
	alone = usage_exact(USER_A);

	child = worker_call(&worker, worker_fork_stopped, 0);
	ASSERT_GT(child, 0);
	together = usage_exact(USER_A);
	EXPECT_GE(together, alone + PAGES * PAGE);
	EXPECT_EQ(worker_call(&worker, count_damage, PAGES), 0);
	EXPECT_EQ(usage_exact(USER_A), together);
	ASSERT_EQ(worker_call(&worker, worker_kill_child, child), 0);
	EXPECT_EQ(usage_exact(USER_A), alone);
	worker_end(&worker);
	unlimit_users();
	EXPECT_EQ(swap_remove(), 0);
}
