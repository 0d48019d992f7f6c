// SPDX-License-Identifier: GPL-2.0-only
/* Workers of which the tests of accounts know every page. */
#define _GNU_SOURCE 1
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/account_worker.h"
#include "lib/limits.h"
#include "lib/usage.h"
#include "mmlimit.h"

struct region account_region;

long map_pages(long pages)
{
	account_region = region_map(pages);
	return 0;
}

long touch_pages(long pages)
{
	region_touch(&account_region, 0, pages);
	return 0;
}

long drop_pages(long pages)
{
	region_drop(&account_region, 0, pages);
	return 0;
}

long unmap_pages(long unused)
{
	region_unmap(&account_region);
	return 0;
}

long touch_sparsely(long tables)
{
	for (long i = 0; i < tables; i++)
		region_touch(&account_region, i * TABLE_SPAN / PAGE, 1);
	return 0;
}

long change_user(long uid)
{
	ASSERT_EQ(setresuid(-1, 0, -1), 0);
	ASSERT_EQ(setresuid(uid, uid, 0), 0);
	return 0;
}

struct worker start_warm(uid_t uid)
{
	struct worker worker = worker_start(uid);

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(worker_call(&worker, map_pages, 8), 0);
		ASSERT_EQ(worker_call(&worker, touch_pages, 8), 0);
		ASSERT_EQ(worker_call(&worker, drop_pages, 8), 0);
		ASSERT_EQ(worker_call(&worker, touch_sparsely, 1), 0);
		ASSERT_EQ(worker_call(&worker, unmap_pages, 0), 0);
	}
	return worker;
}

void limit_users(void)
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT_HUGE), 0);
}

void unlimit_users(void)
{
	EXPECT_EQ(usage_exact(USER_A), 0);
	EXPECT_EQ(usage_exact(USER_B), 0);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(mmlimit_remove(USER_B), 0);
}
