// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that whoever looks at a limit, or asks for what it is refused, lets go of the limit, of
 * its user, and of the rule again.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/rules.h"
#include "lib/slabs.h"
#include "lib/usage.h"
#include "lib/user.h"

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

#define LIMIT (40 * MIB)
#define MIN_UID "/proc/sys/vm/mm_limit_min_uid"

/* Who has a limit of its own only for others' to give way */
#define OTHER TEST_USER_LAST

/* All of a file, and its first bytes in pieces: it is closed in the middle of a limit. */
static void read_in_all_ways(const char *path)
{
	static char text[64 * KIB];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_GE(read(fd, text, sizeof(text)), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_GE(read(fd, text, 40), 0);
	EXPECT_GE(read(fd, text, 40), 0);
	close(fd);
}

static void read_files(void)
{
	read_in_all_ways("/proc/mm_limits");
	read_in_all_ways("/proc/mm_limit_kills");
}

/* Calls that find the limit, and fail or not once they have */
static void read_calls(uid_t uid)
{
	struct mm_limit_attr attr = { .uid = uid };
	struct mm_limit_user limit;

	EXPECT_EQ(mmlimit_get(uid, &limit), 0);
	EXPECT_EQ(syscall(__NR_get_mm_limit, uid, NULL), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &attr, sizeof(attr)), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &attr, 1), -EINVAL);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, NULL, sizeof(attr)), -EFAULT);
}

/* For a worker under a hard limit, or one of a rule for each */
static long ask_as_user(long uid)
{
	struct mm_limit_attr attr = {
		.uid = uid,
		.fields = MM_LIMIT_FIELD_POLICY,
		.policy = MM_LIMIT_BADNESS,
	};
	struct mm_limit_user limit;

	read_files();
	read_calls(uid);
	EXPECT_EQ(mmlimit_get(uid + 1, &limit), -EPERM);
	EXPECT_EQ(mmlimit_set(uid, 2 * LIMIT), -EPERM);
	EXPECT_EQ(mmlimit_set(uid + 1, LIMIT), -EPERM);
	EXPECT_EQ(mmlimit_remove(uid), -EPERM);
	EXPECT_EQ(mmlimit_remove(uid + 1), -EPERM);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), -EPERM);
	EXPECT_EQ(mmlimit_set(uid, LIMIT / 2), 0);
	EXPECT_EQ(mmlimit_set_evict(uid, LIMIT / 2 + MIB), 0);
	EXPECT_EQ(mmlimit_remove(uid), 0);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), -EPERM);
	EXPECT_EQ(rule_set(EACH, uid, uid, LIMIT), -EPERM);
	EXPECT_EQ(rule_remove(uid, uid), -EPERM);
	return 0;
}

static long ask_rule(int op, unsigned int kind, uid_t uid)
{
	struct mm_limit_attr attr = { .rule = kind, .first = uid, .last = uid };

	return limit_ctl(op, &attr, sizeof(attr));
}

static void ask_for_rule(uid_t uid, unsigned int kind)
{
	const unsigned int wrong = kind == EACH ? POOL : EACH;

	EXPECT_EQ(rule_set(wrong, uid, uid, LIMIT), -EEXIST);
	EXPECT_EQ(rule_set(EACH, 1, uid, LIMIT), -EACCES);
	EXPECT_EQ(ask_rule(MM_LIMIT_CTL_GET_RULE, wrong, uid), -ENODATA);
	EXPECT_EQ(ask_rule(MM_LIMIT_CTL_GET_RULE, kind, uid), 0);
	EXPECT_EQ(ask_rule(MM_LIMIT_CTL_REMOVE_RULE, wrong, uid), -ENODATA);
	EXPECT_EQ(rule_set(MM_LIMIT_RULE_NONE, uid, uid, LIMIT + MIB), 0);
}

/* A user of a rule has a limit of its own, which gives way to another user's, and comes back. */
static void have_own_limit(uid_t uid, struct worker *worker)
{
	struct mm_limit_attr attr = {
		.uid = uid,
		.fields = MM_LIMIT_FIELD_THRESHOLD,
		.threshold = 50,
	};

	ASSERT_EQ(mmlimit_set(uid, LIMIT), 0);
	EXPECT_EQ(worker_call(worker, ask_as_user, uid), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), -EINVAL);
	EXPECT_EQ(mmlimit_set(OTHER, LIMIT), -ENOSPC);
	EXPECT_EQ(mmlimit_remove(OTHER), -ENODATA);
	EXPECT_EQ(mmlimit_set_evict(OTHER, LIMIT), 1);
	EXPECT_EQ(mmlimit_set_evict(OTHER, LIMIT + MIB), 0);
	EXPECT_EQ(mmlimit_remove(uid), -ENODATA);
	EXPECT_EQ(mmlimit_remove(OTHER), 0);
	ASSERT_EQ(mmlimit_set(uid, LIMIT), 0);
	EXPECT_EQ(mmlimit_remove(uid), 0);
}

/* What is done about all limits, or to somebody above one */
static void act(uid_t uid, unsigned int kind, struct worker *worker)
{
	struct mm_limit_attr attr = {
		.uid = uid,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_FLAGS,
		.mm_max = PAGE,
		.flags = MM_LIMIT_DRY_RUN,
	};

	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 0);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN - 1), -EINVAL);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	EXPECT_EQ(limit_read(uid).dry_kills, 1);
	EXPECT_EQ(mmlimit_remove(uid), 0);
	ASSERT_EQ(rule_set(kind, uid, uid, PAGE), 0);
	EXPECT_TRUE(worker_was_killed(worker));
	read_files();
}

static void change_sysctls(void)
{
	char min[16];

	ASSERT_EQ(file_write(TRIGGER, "alloc"), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
	limits_count("rss");
	limits_count("held");
	ASSERT_EQ(file_read(MIN_UID, min, sizeof(min)), 0);
	ASSERT_EQ(file_write(MIN_UID, "20000"), 0);
	ASSERT_EQ(file_write(MIN_UID, min), 0);
}

static void ask_for_all(uid_t uid, unsigned int kind)
{
	struct worker worker;

	limits_log_table(true);
	ASSERT_EQ(rule_set(kind, uid, uid, LIMIT), 0);
	limits_log_table(false);
	worker = worker_start(uid);
	ask_for_rule(uid, kind);
	read_files();
	read_in_all_ways(USAGE_ACCOUNTS);
	read_calls(uid);
	have_own_limit(uid, &worker);
	change_sysctls();
	act(uid, kind, &worker);
	ASSERT_EQ(rule_remove(uid, uid), 0);
}

#define ROUNDS 150

/*
 * Each round is another user's, so that one which somebody keeps is not found again. A user
 * takes more than half a KiB, as a history does, and a limit more than a KiB.
 */
KTAP_TEST(whatever_is_asked_of_limits_leaves_no_memory_behind, 120, "calls")
{
	long before = 0;
	char entries[16];

	ASSERT_EQ(file_read(MAX_ENTRIES, entries, sizeof(entries)), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "2"), 0);
	for (int round = -20; round < ROUNDS; round++) {
		if (!round)
			before = slabs_used();
		ask_for_all(TEST_USER_FIRST + 20 + round,
			    round % 2 ? EACH : POOL);
	}
	slabs_expect_grown_less(before, ROUNDS / 8);
	EXPECT_EQ(file_write(MAX_ENTRIES, entries), 0);
	limits_log_table(true);
}
