// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the table of limits: how many fit, and what the kernel logs about it.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/user.h"

#define LOG_TABLE "/proc/sys/vm/mm_limit_log_table"

#define LIMIT (100 * MIB)

/* Users without processes */
static uid_t user(unsigned int number)
{
	return TEST_USER_FIRST + 100 + number;
}

static void set_limits(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		ASSERT_EQ(mmlimit_set_time(user(i), LIMIT + i, i), 0);
}

static void expect_limits(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		limit_expect(user(i), LIMIT + i, i);
}

static void remove_limits(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		EXPECT_EQ(mmlimit_remove(user(i)), 0);
}

KTAP_TEST(table_has_room_for_1024, 10, "calls")
{
	char entries[16];

	ASSERT_EQ(file_read(MAX_ENTRIES, entries, sizeof(entries)), 0);
	EXPECT_STREQ(entries, "1024\n");
}

KTAP_TEST(full_table_is_enospc, 10, "calls")
{
	ASSERT_EQ(file_write(MAX_ENTRIES, "12"), 0);
	set_limits(12);
	EXPECT_EQ(mmlimit_set(user(12), LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_set_time(user(12), LIMIT, 3), -ENOSPC);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), -ENOSPC);
	EXPECT_EQ(mmlimit_remove(user(12)), -ENODATA);
	limit_expect_none(user(12));
	limit_expect_none(USER_A);
	expect_limits(12);

	/*
	 * Limits in a full table can be changed, and a place that becomes free
	 * can be taken.
	 */
	EXPECT_EQ(mmlimit_set(user(3), LIMIT), 0);
	EXPECT_EQ(mmlimit_remove(user(5)), 0);
	EXPECT_EQ(mmlimit_set(user(12), LIMIT), 0);
	EXPECT_EQ(mmlimit_set(user(5), LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_set_time(user(3), LIMIT + 3, 3), 0);
	EXPECT_EQ(mmlimit_remove(user(12)), 0);
	EXPECT_EQ(mmlimit_set_time(user(5), LIMIT + 5, 5), 0);
	expect_limits(12);
	remove_limits(12);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
}

KTAP_TEST(smaller_table_keeps_what_stands, 10, "calls")
{
	set_limits(12);
	ASSERT_EQ(file_write(MAX_ENTRIES, "4"), 0);
	expect_limits(12);
	EXPECT_EQ(mmlimit_set(user(12), LIMIT), -ENOSPC);
	remove_limits(8);
	EXPECT_EQ(mmlimit_set(user(0), LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_remove(user(11)), 0);
	EXPECT_EQ(mmlimit_set(user(0), LIMIT), 0);
	EXPECT_EQ(mmlimit_set(user(1), LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_remove(user(0)), 0);
	for (unsigned int i = 8; i < 11; i++)
		EXPECT_EQ(mmlimit_remove(user(i)), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
}

KTAP_TEST(own_and_hard_limit_take_one_place, 10, "calls")
{
	ASSERT_EQ(file_write(MAX_ENTRIES, "1"), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	EXPECT_EQ(mmlimit_set(USER_A, 2 * LIMIT), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT / 2)), 0);
	EXPECT_EQ(mmlimit_set(USER_B, LIMIT), -ENOSPC);
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), 0);
	EXPECT_EQ(mmlimit_set(USER_B, LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
}

/* The kernel's prefix of messages aside */
static const char *message(const struct klog *log)
{
	const char *prefix = "mm_limit: ";

	if (strncmp(log->text, prefix, strlen(prefix)))
		return log->text;
	return log->text + strlen(prefix);
}

static void expect_message(struct klog *log, const char *begin)
{
	if (!klog_next(log)) {
		KTAP_FAIL("expected '%s...', got nothing", begin);
		return;
	}
	if (strncmp(message(log), begin, strlen(begin)))
		KTAP_FAIL("expected '%s...', got '%s'", begin, message(log));
}

/*
 * Reads a table of limits that were set by set_limits(), of which there are
 * @count; the log shows the first 16.
 */
static void expect_table(struct klog *log, unsigned int count)
{
	unsigned int shown = count < 16 ? count : 16;
	bool seen[64] = { false };
	char more[32];

	for (unsigned int i = 0; i < shown; i++) {
		unsigned long bytes;
		unsigned int uid;

		ASSERT_TRUE(klog_next(log));
		if (sscanf(message(log), "uid=%u, mm_max=%lu", &uid, &bytes) !=
			    2 ||
		    uid < user(0) || uid >= user(count)) {
			KTAP_FAIL("no line of a table: '%s'", message(log));
			continue;
		}
		EXPECT_EQ(bytes, LIMIT + uid - user(0));
		EXPECT_TRUE(!seen[uid - user(0)]);
		seen[uid - user(0)] = true;
	}
	if (count > shown) {
		snprintf(more, sizeof(more), "... and %u more", count - shown);
		expect_message(log, more);
	}
}

KTAP_TEST(each_change_is_logged_with_the_table, 10, "calls")
{
	struct klog log = klog_open();

	EXPECT_EQ(mmlimit_set_time(user(0), LIMIT, 0), 0);
	expect_message(&log, "Added: uid=10100, ");
	expect_table(&log, 1);
	EXPECT_EQ(mmlimit_set_time(user(0), LIMIT, 0), 0);
	expect_message(&log, "Updated: uid=10100, ");
	expect_table(&log, 1);
	EXPECT_EQ(mmlimit_set_time(user(1), LIMIT + 1, 0), 0);
	expect_message(&log, "Added: uid=10101, ");
	expect_table(&log, 2);
	EXPECT_EQ(mmlimit_remove(user(1)), 0);
	expect_message(&log, "Removed: uid=10101");
	expect_table(&log, 1);
	EXPECT_EQ(mmlimit_remove(user(0)), 0);
	expect_message(&log, "Removed: uid=10100");
	EXPECT_TRUE(!klog_next(&log));
	klog_close(&log);
}

KTAP_TEST(failed_changes_are_not_logged, 10, "calls")
{
	struct klog log = klog_open();

	EXPECT_EQ(mmlimit_set(9999, LIMIT), -EACCES);
	EXPECT_EQ(mmlimit_set(-1, LIMIT), -EINVAL);
	EXPECT_EQ(mmlimit_remove(USER_A), -ENODATA);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_B, LIMIT)), -EPERM);
	EXPECT_TRUE(!klog_next(&log));
	klog_close(&log);
}

KTAP_TEST(long_table_is_cut_at_16_lines, 10, "calls")
{
	struct klog log;

	set_limits(15);
	log = klog_open();
	for (unsigned int i = 15; i < 19; i++) {
		EXPECT_EQ(mmlimit_set_time(user(i), LIMIT + i, i), 0);
		expect_message(&log, "Added: uid=");
		expect_table(&log, i + 1);
	}
	EXPECT_TRUE(!klog_next(&log));
	klog_close(&log);
	remove_limits(19);
}

KTAP_TEST(table_in_the_log_can_be_silenced, 10, "calls")
{
	struct klog log = klog_open();

	ASSERT_EQ(file_write(LOG_TABLE, "0"), 0);
	EXPECT_EQ(mmlimit_set_time(user(0), LIMIT, 0), 0);
	expect_message(&log, "Added: uid=10100, ");
	EXPECT_EQ(mmlimit_remove(user(0)), 0);
	expect_message(&log, "Removed: uid=10100");
	EXPECT_TRUE(!klog_next(&log));
	ASSERT_EQ(file_write(LOG_TABLE, "1"), 0);
	EXPECT_EQ(mmlimit_set_time(user(0), LIMIT, 0), 0);
	expect_message(&log, "Added: uid=10100, ");
	expect_table(&log, 1);
	klog_close(&log);
	remove_limits(1);
}
