// SPDX-License-Identifier: GPL-2.0-only
/* Reclaim before kill. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap.h"
#include "limits.h"
#include "memory.h"
#include "reclaim.h"
#include "swap.h"
#include "usage.h"

#define SWAP (400 * MIB)
#define HOT_MIB 20
#define COLD_MIB 200
#define LIMIT (100 * MIB)

static void say(const struct mm_limit_attr *attr)
{
	printf("usage=%llu peak=%llu swap=%llu scanned=%llu spared=%llu swapped_out=%llu dropped=%llu direct=%llu refaults=%llu thrashed=%u exceeds=%llu kills=%llu\n",
	       attr->usage, attr->peak, attr->swap, attr->scanned, attr->spared,
	       attr->swapped_out, attr->dropped, attr->direct_reclaims,
	       attr->refaults, attr->thrashed, attr->exceeds, attr->kills);
}

static void cold_memory_is_swapped_out_and_hot_memory_stays(void)
{
	struct mm_limit_attr attr;
	struct worker worker;

	swap_on(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, sets_hot, HOT_MIB), 0);
	ASSERT_EQ(worker_call(&worker, sets_cold_beside_hot, COLD_MIB), 0);
	attr = reclaim_read_exact(USER_A);
	say(&attr);
	printf("%ld refaults of the hot set\n",
	       worker_call(&worker, sets_hot_refaults, 0));
	printf("%ld refaults of the hot set again\n",
	       worker_call(&worker, sets_use_hot, 1));
	EXPECT_EQ(attr.kills, 0);
	EXPECT_EQ(worker_call(&worker, sets_damage, 0), 0);
	attr = reclaim_read_exact(USER_A);
	say(&attr);
	worker_end(&worker);
	attr = reclaim_read_exact(USER_A);
	EXPECT_EQ(attr.usage, 0);
	EXPECT_EQ(attr.swap, 0);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(swap_remove(), 0);
}

static void all_hot(void)
{
	struct mm_limit_attr attr;
	struct worker worker;
	uint64_t start;

	swap_on(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	start = ktap_now_us();
	if (worker_call(&worker, sets_hot, 150) != WORKER_DIED)
		EXPECT_EQ(worker_call(&worker, sets_use_hot, 1000), WORKER_DIED);
	printf("killed after %llu us\n", ktap_now_us() - start);
	attr = limit_read(USER_A);
	say(&attr);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(swap_remove(), 0);
}

static const struct ktap_test tests[] = {
	KTAP_TEST(cold_memory_is_swapped_out_and_hot_memory_stays, 60),
	KTAP_TEST(all_hot, 60),
};

KTAP_SUITE(tests)
