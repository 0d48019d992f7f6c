// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests set_mm_limits(): a full table makes room by giving up the oldest limit.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"

#define ENTRIES 10
#define LIMIT (64 * MIB)
#define EVICT(user, bytes) \
	((struct limit_call){ __NR_set_mm_limits, user, bytes, 0 })

static uid_t user(unsigned int index)
{
	return TEST_USER_FIRST + index;
}

static void set_room(const char *entries)
{
	ASSERT_EQ(file_write(MAX_ENTRIES, entries), 0);
}

/* A table of ten places, all taken, user(0) the first that was set */
static void fill_table(void)
{
	set_room("10");
	for (unsigned int i = 0; i < ENTRIES; i++)
		ASSERT_EQ(mmlimit_set_evict(user(i), LIMIT + i), 0);
}

static void expect_stands(unsigned int index)
{
	limit_expect(user(index), LIMIT + index, 0);
}

static void empty_table(void)
{
	for (unsigned int i = 0; i < 3 * ENTRIES; i++)
		mmlimit_remove(user(i));
	set_room("1024");
}

KTAP_TEST(eleventh_evicts_the_least_recently_set, 10, "calls")
{
	fill_table();
	EXPECT_EQ(mmlimit_set_evict(user(10), LIMIT + 10), 1);
	limit_expect_none(user(0));
	for (unsigned int i = 1; i <= 10; i++)
		expect_stands(i);
	EXPECT_EQ(mmlimit_set_evict(user(11), LIMIT + 11), 1);
	limit_expect_none(user(1));
	for (unsigned int i = 2; i <= 11; i++)
		expect_stands(i);
	/* A user that was evicted can come back, at another's expense. */
	EXPECT_EQ(mmlimit_set_evict(user(0), LIMIT), 1);
	limit_expect_none(user(2));
	empty_table();
}

KTAP_TEST(setting_again_makes_a_limit_the_most_recent, 10, "calls")
{
	fill_table();
	EXPECT_EQ(mmlimit_set_evict(user(0), LIMIT), 0);
	EXPECT_EQ(mmlimit_set(user(1), LIMIT + 1), 0);
	EXPECT_EQ(mmlimit_set_time(user(2), LIMIT + 2, 0), 0);
	/* Reading does not. */
	expect_stands(3);
	EXPECT_EQ(mmlimit_set_evict(user(10), LIMIT + 10), 1);
	limit_expect_none(user(3));
	for (unsigned int i = 0; i < 3; i++)
		expect_stands(i);
	for (unsigned int i = 11; i < 17; i++)
		EXPECT_EQ(mmlimit_set_evict(user(i), LIMIT + i), 1);
	for (unsigned int i = 3; i < 10; i++)
		limit_expect_none(user(i));
	for (unsigned int i = 0; i < 3; i++)
		expect_stands(i);
	empty_table();
}

KTAP_TEST(removal_makes_room_without_eviction, 10, "calls")
{
	fill_table();
	EXPECT_EQ(mmlimit_set_evict(user(5), MMLIMIT_NONE), 0);
	limit_expect_none(user(5));
	EXPECT_EQ(mmlimit_set_evict(user(10), LIMIT + 10), 0);
	expect_stands(0);
	EXPECT_EQ(mmlimit_set_evict(user(20), MMLIMIT_NONE), -ENODATA);
	expect_stands(0);
	empty_table();
}

KTAP_TEST(other_calls_do_not_evict, 10, "calls")
{
	struct mm_limit_attr attr = { .uid = user(10),
				      .fields = MM_LIMIT_FIELD_MAX,
				      .mm_max = LIMIT };

	fill_table();
	EXPECT_EQ(mmlimit_set(user(10), LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_set_time(user(10), LIMIT, 5), -ENOSPC);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), -ENOSPC);
	for (unsigned int i = 0; i < ENTRIES; i++)
		expect_stands(i);
	empty_table();
}

/* Else one could take another's limit away by filling the table. */
KTAP_TEST(users_cannot_evict, 10, "calls")
{
	fill_table();
	EXPECT_EQ(limit_call_as(user(10), EVICT(user(10), LIMIT)), -ENOSPC);
	EXPECT_EQ(limit_call_as(user(10), EVICT(user(11), LIMIT)), -EPERM);
	EXPECT_EQ(limit_call_as(user(10), EVICT(user(0), LIMIT)), -EPERM);
	EXPECT_EQ(limit_call_as(user(0), EVICT(user(0), MMLIMIT_NONE)), -EPERM);
	for (unsigned int i = 0; i < ENTRIES; i++)
		expect_stands(i);
	/* Users may change limits that need no room. */
	EXPECT_EQ(limit_call_as(user(3), EVICT(user(3), LIMIT / 2)), 0);
	limit_expect(user(3), LIMIT / 2, 0);
	EXPECT_EQ(limit_call_as(user(3), EVICT(user(3), MMLIMIT_NONE)), 0);
	expect_stands(3);
	empty_table();
}

KTAP_TEST(failed_calls_evict_nobody, 10, "calls")
{
	fill_table();
	EXPECT_EQ(mmlimit_set_evict(100, LIMIT), -EACCES);
	EXPECT_EQ(mmlimit_set_evict(-1, LIMIT), -EINVAL);
	for (unsigned int i = 0; i < ENTRIES; i++)
		expect_stands(i);
	empty_table();
}

/* As after a removal, nobody is killed once the call has returned. */
KTAP_TEST(evicted_user_is_killed_no_more, 10, "calls")
{
	const unsigned int grace_ms = 200 * ktap_slowdown();
	struct klog log = klog_open();
	struct kill_line kill;
	struct worker worker;

	set_room("1");
	ASSERT_EQ(mmlimit_set_time(USER_A, 4 * MIB, grace_ms), 0);
	worker = start_holding(USER_A, 8 * MIB);
	EXPECT_EQ(mmlimit_set_evict(USER_B, LIMIT), 1);
	EXPECT_TRUE(worker_lives_for(&worker, 3 * grace_ms));
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	EXPECT_TRUE(!klog_next_kill(&log, &kill));
	worker_end(&worker);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	set_room("1024");
}
