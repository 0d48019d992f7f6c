// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests libmmlimit where it belongs: with sizes of 32 bits, and a kernel with
 * limits.
 */
#define _GNU_SOURCE 1
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"

#define LIMIT (64 * MIB)

KTAP_TEST(sizes_are_not_bounded_by_a_machine_word, 10, "calls")
{
	char text[MMLIMIT_TEXT_SIZE];
	uint64_t bytes = 0;

	EXPECT_EQ(mmlimit_parse_size("4294967294", &bytes), 0);
	EXPECT_EQ(bytes, LIMIT_HUGE);
	EXPECT_EQ(mmlimit_parse_size("3.9999999999G", &bytes), 0);
	EXPECT_EQ(bytes, 4294967295);
	EXPECT_EQ(mmlimit_parse_size("6GiB", &bytes), 0);
	EXPECT_EQ(bytes, 6ULL << 30);
	EXPECT_EQ(mmlimit_parse_size("17179869184G", &bytes), -ERANGE);
	EXPECT_EQ(bytes, 6ULL << 30);
	EXPECT_STREQ(mmlimit_format_size(MM_LIMIT_ATTR_NONE, text), "none");
	EXPECT_STREQ(mmlimit_format_size(MMLIMIT_NONE, text), "4GiB");
	EXPECT_STREQ(mmlimit_format_size(6ULL << 30, text), "6GiB");
	EXPECT_STREQ(mmlimit_format_size(1500 * MIB, text), "1.5GiB");
}

KTAP_TEST(kills_are_read_as_they_happened, 20, "calls")
{
	struct mmlimit_kill *kills;
	struct worker worker, other;
	size_t count;

	ASSERT_EQ(mmlimit_kills_read(&kills, &count), 0);
	EXPECT_EQ(count, 0);
	free(kills);
	ASSERT_EQ(mmlimit_set(USER_A, 16 * MIB), 0);
	other = start_holding(USER_A, 2 * MIB);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_EQ(mmlimit_kills_read(&kills, &count), 0);
	ASSERT_EQ(count, 1);
	EXPECT_EQ(kills[0].uid, USER_A);
	EXPECT_EQ(kills[0].reason, MM_LIMIT_REASON_EXCEEDED);
	EXPECT_EQ(kills[0].victim.pid, worker.pid);
	EXPECT_EQ(kills[0].beside_count, 1);
	EXPECT_EQ(kills[0].beside[0].pid, other.pid);
	EXPECT_GE(kills[0].beside[0].memory, 2 * MIB);
	EXPECT_GT(kills[0].usage, kills[0].mm_max);
	free(kills);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* The list, which must have so many limits */
static struct mm_limit_attr *read_list(int fd, size_t expected)
{
	struct mm_limit_attr *limits = NULL;
	size_t count = 0;

	ASSERT_EQ(mmlimit_list_read(fd, &limits, &count), 0);
	ASSERT_EQ(count, expected);
	return limits;
}

static int open_list(void)
{
	int fd = mmlimit_list_open();

	ASSERT_GE(fd, 0);
	return fd;
}

/* Every field, of a limit that has seen everything, and of one that has not */
KTAP_TEST(list_says_what_the_system_call_says, 10, "calls")
{
	struct mm_limit_attr *limits, attr;
	struct worker worker;
	int fd = open_list();

	free(read_list(fd, 0));
	ASSERT_EQ(mmlimit_set_time(USER_A, 8 * MIB, 20), 0);
	ASSERT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, 6 * MIB, 10)), 0);
	attr = (struct mm_limit_attr){ .uid = USER_A,
				       .fields = MM_LIMIT_FIELD_POLICY,
				       .policy = MM_LIMIT_MOST_PRIVATE };
	ASSERT_EQ(mmlimit_change(&attr), 0);
	ASSERT_EQ(limit_call_as(USER_B, SET(USER_B, LIMIT_HUGE)), 0);
	worker = start_holding(USER_A, 2 * MIB);
	worker_call(&worker, held_grow, 8 * MIB / PAGE);
	EXPECT_TRUE(worker_was_killed(&worker));
	usage_wait_for(USER_A, 0);
	worker = start_holding(USER_A, MIB);
	/* Nothing is freed any more meanwhile. */
	grace_periods_pass();

	limits = read_list(fd, 2);
	ASSERT_EQ(mmlimit_read(USER_A, &attr), 0);
	EXPECT_EQ(attr.kills, 1);
	EXPECT_EQ(memcmp(&limits[1], &attr, sizeof(attr)), 0);
	ASSERT_EQ(mmlimit_read(USER_B, &attr), 0);
	EXPECT_EQ(memcmp(&limits[0], &attr, sizeof(attr)), 0);
	free(limits);
	worker_end(&worker);
	close(fd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

/* Many times what one read() gets */
KTAP_TEST(list_is_whole_and_in_order, 30, "calls")
{
	const size_t count = TEST_USER_LAST - TEST_USER_FIRST + 1;
	struct mm_limit_attr *limits;
	int fd = open_list();

	limits_log_table(false);
	for (uid_t uid = TEST_USER_FIRST; uid <= TEST_USER_LAST; uid++)
		ASSERT_EQ(mmlimit_set(uid, LIMIT + uid), 0);
	limits = read_list(fd, count);
	for (size_t i = 0; i < count; i++) {
		EXPECT_EQ(limits[i].uid, TEST_USER_LAST - i);
		EXPECT_EQ(limits[i].mm_max, LIMIT + limits[i].uid);
	}
	free(limits);
	for (uid_t uid = TEST_USER_FIRST; uid <= TEST_USER_LAST; uid++)
		ASSERT_EQ(mmlimit_remove(uid), 0);
	limits_log_table(true);
	close(fd);
}

/* In a worker: whether the list has this user alone */
static long sees_only(long uid)
{
	int fd = open_list();
	struct mm_limit_attr *limits = read_list(fd, 1);
	long only = limits[0].uid == (uid_t)uid;

	free(limits);
	close(fd);
	return only;
}

KTAP_TEST(users_list_their_own_limit_only, 10, "calls")
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	EXPECT_EQ(user_run(USER_A, sees_only, USER_A), 1);
	EXPECT_EQ(user_run(USER_B, sees_only, USER_B), 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

static bool news(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

	return poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLPRI;
}

KTAP_TEST(list_that_was_read_is_news_no_more, 10, "calls")
{
	int fd = open_list();

	EXPECT_TRUE(!news(fd));
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_TRUE(news(fd));
	free(read_list(fd, 1));
	EXPECT_TRUE(!news(fd));
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_TRUE(news(fd));
	free(read_list(fd, 0));
	EXPECT_TRUE(!news(fd));
	close(fd);
}

static long change_rule(long unused)
{
	const struct mm_limit_attr rule = { .fields = MM_LIMIT_FIELD_MAX,
					    .rule = MM_LIMIT_RULE_EACH,
					    .first = USER_A,
					    .last = USER_A };

	return mmlimit_rule_change(&rule);
}

/* Users of the rule may be in the list, too, as long as they are around. */
static bool is_listed(const struct mm_limit_attr *rule)
{
	int fd = mmlimit_list_open();
	struct mm_limit_attr *list;
	bool found = false;
	size_t count;

	ASSERT_EQ(mmlimit_list_read(fd, &list, &count), 0);
	for (size_t i = 0; i < count; i++)
		found |= mmlimit_is_same(&list[i], rule) &&
			 list[i].rule == rule->rule;
	free(list);
	close(fd);
	return found;
}

KTAP_TEST(rules_are_set_read_listed_and_removed, 10, "calls")
{
	struct mm_limit_attr rule = { .fields = MM_LIMIT_FIELD_MAX,
				      .mm_max = LIMIT,
				      .rule = MM_LIMIT_RULE_POOL,
				      .first = USER_B,
				      .last = USER_A };
	struct mm_limit_attr attr;

	EXPECT_EQ(mmlimit_rule_read(USER_B, USER_A, &attr), -ENODATA);
	EXPECT_EQ(mmlimit_rule_read(USER_A, USER_B, &attr), -EINVAL);
	ASSERT_EQ(mmlimit_rule_change(&rule), 0);
	ASSERT_EQ(mmlimit_rule_read(USER_B, USER_A, &attr), 0);
	EXPECT_TRUE(mmlimit_is_rule(&attr));
	EXPECT_EQ(attr.rule, MM_LIMIT_RULE_POOL);
	EXPECT_EQ(attr.mm_max, LIMIT);
	EXPECT_TRUE(is_listed(&attr));
	rule.rule = MM_LIMIT_RULE_EACH;
	EXPECT_EQ(mmlimit_rule_change(&rule), -EEXIST);
	/* No kind is that of the rule that stands. */
	rule.rule = MM_LIMIT_RULE_NONE;
	rule.mm_max = 2 * LIMIT;
	EXPECT_EQ(mmlimit_rule_change(&rule), 0);
	EXPECT_EQ(user_run(USER_A, change_rule, 0), -EPERM);
	EXPECT_EQ(mmlimit_rule_remove(USER_B, USER_A), 0);
	EXPECT_EQ(mmlimit_rule_remove(USER_B, USER_A), -ENODATA);
	rule.first = TEST_USER_FIRST - 1;
	rule.rule = MM_LIMIT_RULE_EACH;
	EXPECT_EQ(mmlimit_rule_change(&rule), -EACCES);
}

/* The file alone decides: what it does not say becomes the default. */
KTAP_TEST(configuration_is_what_is_set, 10, "calls")
{
	static const char text[] = "u0_a70 1.5GiB grace=2s policy=badness\n"
				   "10060 20M\n";
	struct mmlimit_conf_error error;
	struct mmlimit_conf conf;
	struct mm_limit_attr attr;
	int fd = memfd_create("conf", 0);
	char path[32];

	ASSERT_EQ(write(fd, text, strlen(text)), strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ASSERT_EQ(mmlimit_conf_read(path, &conf, &error), 0);
	ASSERT_EQ(conf.count, 2);

	attr = (struct mm_limit_attr){
		.uid = USER_B,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
			  MM_LIMIT_FIELD_POLICY,
		.mm_max = LIMIT,
		.grace_ms = 7,
		.policy = MM_LIMIT_MOST_PRIVATE,
	};
	ASSERT_EQ(mmlimit_change(&attr), 0);
	for (size_t i = 0; i < conf.count; i++)
		ASSERT_EQ(mmlimit_change(&conf.limits[i]), 0);
	limit_expect(USER_A, 1536 * MIB, 2000);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_BADNESS);
	limit_expect(USER_B, 20 * MIB, 0);
	EXPECT_EQ(limit_read(USER_B).policy, MM_LIMIT_HIGHEST_RSS);
	mmlimit_conf_free(&conf);
	close(fd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}
