// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that thousands of limits can be set and removed while users allocate.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/crowd.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/storm.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define BUSY 8

/* A busy user has at most so much, which is far below its limit. */
#define LIMIT (64 * MIB)
#define BUSY_PAGES (MIB / PAGE)

static struct region shared;

static unsigned int limits(void)
{
	return ktap_volume("settings");
}

static uid_t nth_user(unsigned int n)
{
	return CROWD_USER_FIRST + n;
}

/* One that has processes is among so many that have none. */
static uid_t busy_user(unsigned int n)
{
	return nth_user(n * (limits() / BUSY));
}

static long touch_and_drop(long unused)
{
	struct region region = region_map(BUSY_PAGES);

	while (!__atomic_load_n(&shared.base[0], __ATOMIC_SEQ_CST)) {
		region_touch(&region, 0, region.pages);
		if (region_damage(&region, 0, region.pages))
			return -1;
		region_drop(&region, 0, region.pages);
	}
	return 0;
}

static void set_and_remove_all(void)
{
	struct mm_limit_user limit;

	for (unsigned int i = 0; i < limits(); i++)
		ASSERT_EQ(mmlimit_set(nth_user(i), LIMIT), 0);
	for (unsigned int i = 0; i < limits(); i++) {
		EXPECT_EQ(mmlimit_get(nth_user(i), &limit), 0);
		EXPECT_EQ(limit.mm_max, LIMIT);
	}
	/*
	 * The order is another one: 7 and the number of limits have no common
	 * factor.
	 */
	for (unsigned int i = 0; i < limits(); i++)
		ASSERT_EQ(mmlimit_remove(nth_user(i * 7 % limits())), 0);
	for (unsigned int i = 0; i < limits(); i++)
		EXPECT_EQ(mmlimit_get(nth_user(i), &limit), -ENODATA);
}

KTAP_TEST(thousands_of_limits_come_and_go_while_users_allocate, 300,
	  "storm enforce_smp")
{
	struct storm storm = storm_begin();
	struct worker busy[BUSY];
	char entries[16];

	snprintf(entries, sizeof(entries), "%u", limits() + 100);
	ASSERT_EQ(file_write(MAX_ENTRIES, entries), 0);
	shared = region_map_common(1);
	for (unsigned int i = 0; i < BUSY; i++) {
		busy[i] = worker_start(busy_user(i));
		worker_send(&busy[i], touch_and_drop, 0);
	}
	set_and_remove_all();
	/* Whoever is still there at the end shows in the accounts. */
	for (unsigned int i = 0; i < BUSY; i++)
		ASSERT_EQ(mmlimit_set(busy_user(i), LIMIT), 0);
	__atomic_store_n(&shared.base[0], 1, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < BUSY; i++) {
		EXPECT_EQ(worker_receive(&busy[i]), 0);
		EXPECT_GT(usage_exact(busy_user(i)), 0);
		worker_end(&busy[i]);
		usage_wait_for_nothing(busy_user(i));
		EXPECT_EQ(mmlimit_remove(busy_user(i)), 0);
	}
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
	printf("%u limits\n", limits());
	storm_end(&storm);
}
