// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the killer that several suites run, each on machines of its own. */
#define _GNU_SOURCE 1
#include "kill_tests.h"
#include "ktap.h"
#include "usage.h"

volatile unsigned long *kill_progress;

void share_progress(void)
{
	kill_progress = region_map_shared(1).base;
}

struct worker start_prepared(uid_t uid, long pages)
{
	struct worker worker = worker_start(uid);

	ASSERT_EQ(worker_call(&worker, held_prepare, pages), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 1), 0);
	return worker;
}

long grow_and_count(long pages)
{
	volatile unsigned long *count = kill_progress;

	for (*count = 0; *count < (unsigned long)pages; ++*count)
		held_grow(1);
	return 0;
}

void toucher_gets_not_one_page_beyond_the_limit(void)
{
	share_progress();
	for (unsigned long fits = 1; fits <= 64; fits *= 2) {
		struct worker worker;

		ASSERT_EQ(mmlimit_set(USER_A, HUGE_LIMIT), 0);
		worker = start_prepared(USER_A, 500);
		ASSERT_EQ(worker_call(&worker, grow_and_count, 1), 0);
		ASSERT_EQ(mmlimit_set(USER_A,
				      usage_exact(USER_A) + fits * PAGE),
			  0);
		EXPECT_EQ(worker_call(&worker, grow_and_count, 400),
			  WORKER_DIED);
		EXPECT_EQ(*kill_progress, fits);
		EXPECT_TRUE(worker_was_killed(&worker));
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
