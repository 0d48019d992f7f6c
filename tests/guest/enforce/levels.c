// SPDX-License-Identifier: GPL-2.0-only
/* Tests warnings before a limit, and limits that are tried without consequences. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/program.h"
#include "lib/usage.h"

#define LIMIT (16 * MIB)
#define KILLS "/proc/mm_limit_kills"

/* Sets what is named in @attr for a user; the size is LIMIT. */
static void set(uid_t uid, unsigned int fields, unsigned int flags,
		unsigned int warn)
{
	const struct mm_limit_attr attr = {
		.uid = uid,
		.fields = MM_LIMIT_FIELD_MAX | fields,
		.mm_max = LIMIT,
		.flags = flags,
		.warn = warn,
	};

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
}

static void set_warn(uid_t uid, unsigned int percent)
{
	set(uid, MM_LIMIT_FIELD_WARN, 0, percent);
}

static void set_dry_run(uid_t uid)
{
	set(uid, MM_LIMIT_FIELD_FLAGS, MM_LIMIT_DRY_RUN, 0);
}

static long change(long attr)
{
	return limit_ctl(MM_LIMIT_CTL_SET, (void *)attr,
			 sizeof(struct mm_limit_attr));
}

/* What is noticed is told by a work, which may not have run yet. */
static void wait_for_warnings(uid_t uid, unsigned int warnings)
{
	ktap_waiting_for("warning %u", warnings);
	while (limit_read(uid).warnings < warnings)
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_EQ(limit_read(uid).warnings, warnings);
}

static void wait_for_dry_kills(uid_t uid, unsigned int kills)
{
	ktap_waiting_for("dry kill %u", kills);
	while (limit_read(uid).dry_kills < kills)
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_EQ(limit_read(uid).dry_kills, kills);
}

/* Lets all that has been queued for a limit be done. */
static void rest(void)
{
	usleep(50000 * ktap_slowdown());
}

KTAP_TEST(warning_comes_at_the_page_that_crosses_the_share, 20, "enforce")
{
	struct worker worker;
	unsigned long warn = LIMIT / 2;
	long pages;

	usage_begin(USER_A);
	set_warn(USER_A, 50);
	worker = start_holding(USER_A, MIB);
	EXPECT_EQ(limit_read(USER_A).warn, 50);
	EXPECT_EQ(limit_read(USER_A).warned, 0);
	/* Up to the last page that fits, with its tables there already */
	ASSERT_EQ(worker_call(&worker, held_prepare, LIMIT / PAGE), 0);
	pages = ((long)warn - (long)usage_exact(USER_A)) / (long)PAGE;
	ASSERT_EQ(worker_call(&worker, held_grow, pages), 0);
	rest();
	EXPECT_EQ(limit_read(USER_A).warnings, 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 1), 0);
	wait_for_warnings(USER_A, 1);
	EXPECT_EQ(limit_read(USER_A).warned, 1);
	EXPECT_EQ(limit_read(USER_A).exceeds, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(warning_comes_anew_only_after_a_clear_fall, 20, "enforce")
{
	struct worker worker;

	set_warn(USER_A, 50);
	worker = start_holding(USER_A, 9 * MIB);
	wait_for_warnings(USER_A, 1);
	/* Around the level, and as close to the limit as can be */
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(worker_call(&worker, held_grow, 5 * MIB / PAGE), 0);
		ASSERT_EQ(worker_call(&worker, held_shrink,
				      5 * MIB / PAGE + MIB / PAGE + 32),
			  0);
		ASSERT_EQ(worker_call(&worker, held_grow, MIB / PAGE + 32), 0);
	}
	rest();
	EXPECT_EQ(limit_read(USER_A).warnings, 1);
	EXPECT_EQ(limit_read(USER_A).warned, 1);
	for (int i = 2; i <= 4; i++) {
		ASSERT_EQ(worker_call(&worker, held_shrink, 4 * MIB / PAGE), 0);
		EXPECT_EQ(limit_read(USER_A).warned, 0);
		ASSERT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
		wait_for_warnings(USER_A, i);
		EXPECT_EQ(limit_read(USER_A).warned, 1);
	}
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(share_of_less_than_a_page_is_warned_of, 20, "enforce")
{
	/* In a trial, so that the first page is not the last */
	const struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_FLAGS |
			  MM_LIMIT_FIELD_WARN,
		.mm_max = PAGE,
		.flags = MM_LIMIT_DRY_RUN,
		.warn = 50,
	};
	struct worker worker;

	usage_begin(USER_A);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	rest();
	EXPECT_EQ(limit_read(USER_A).warnings, 0);
	worker = worker_start(USER_A);
	wait_for_warnings(USER_A, 1);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(warning_wakes_whoever_waits_for_news, 20, "enforce")
{
	struct pollfd list = { .events = POLLPRI };
	struct klog log = klog_open();
	struct worker worker;
	char text[4096];

	set_warn(USER_A, 50);
	worker = start_holding(USER_A, MIB);
	list.fd = open("/proc/mm_limits", O_RDONLY | O_CLOEXEC);
	ASSERT_GE(list.fd, 0);
	rest();
	ASSERT_GT(pread(list.fd, text, sizeof(text), 0), 0);
	ASSERT_EQ(poll(&list, 1, 0), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
	ktap_waiting_for("news of a warning");
	ASSERT_EQ(poll(&list, 1, -1), 1);
	ktap_waiting_for(NULL);
	EXPECT_TRUE(list.revents & POLLPRI);
	wait_for_warnings(USER_A, 1);
	klog_wait(&log, "warn: uid=10070, uRSS=");
	EXPECT_TRUE(strstr(log.text, ", mm_max=16777216, percent=50"));
	klog_close(&log);
	close(list.fd);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(limit_with_a_warning_kills_at_the_same_page, 20, "enforce")
{
	struct klog log = klog_open();
	struct kill_line kill;
	struct worker worker;

	set_warn(USER_A, 80);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	klog_close(&log);
	EXPECT_GT(kill.user_rss, LIMIT);
	EXPECT_LE(kill.user_rss, LIMIT + 2 * PAGE);
	EXPECT_EQ(limit_read(USER_A).warnings, 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(warning_of_a_limit_set_below_it_comes_at_once, 20, "enforce")
{
	struct worker worker = start_holding(USER_A, 9 * MIB);

	set_warn(USER_A, 50);
	EXPECT_EQ(limit_read(USER_A).warnings, 1);
	set_warn(USER_A, 90);
	EXPECT_EQ(limit_read(USER_A).warned, 0);
	set_warn(USER_A, 40);
	EXPECT_EQ(limit_read(USER_A).warnings, 2);
	set_warn(USER_A, 0);
	EXPECT_EQ(limit_read(USER_A).warned, 0);
	EXPECT_EQ(limit_read(USER_A).warn, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(warning_of_a_hard_limit_is_the_administrators, 20, "enforce")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_WARN,
				      .warn = 101 };

	set_warn(USER_A, 50);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), -EINVAL);
	attr.warn = 10;
	/* The field is none of an earlier version of the structure. */
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, MM_LIMIT_ATTR_SIZE_VER2),
		  -EINVAL);
	EXPECT_EQ(limit_read(USER_A).warn, 50);
	EXPECT_EQ(user_run(USER_A, change, (long)&attr), -EPERM);
	EXPECT_EQ(limit_read(USER_A).warn, 50);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static unsigned int kills_told(const char *action)
{
	static char text[16 * KIB];

	ASSERT_EQ(file_read(KILLS, text, sizeof(text)), 0);
	return occurrences(text, action);
}

KTAP_TEST(dry_run_kills_nobody_and_tells_who_it_would_have_been, 20, "enforce")
{
	struct klog log = klog_open();
	struct worker large, small;
	struct kill_line kill;

	set_dry_run(USER_A);
	small = start_holding(USER_A, 4 * MIB);
	large = start_holding(USER_A, 8 * MIB);
	ASSERT_EQ(worker_call(&small, held_grow, 8 * MIB / PAGE), 0);
	wait_for_dry_kills(USER_A, 1);
	klog_wait(&log, "dry run: uid=10070, uRSS=");
	EXPECT_TRUE(worker_alive(&large));
	EXPECT_TRUE(worker_alive(&small));
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_EQ(limit_read(USER_A).exceeds, 1);
	EXPECT_EQ(limit_read(USER_A).state, MM_LIMIT_IDLE);
	EXPECT_EQ(kills_told(" action=dry_run reason=exceeded "), 1);
	EXPECT_EQ(kills_told(" action=kill "), 0);
	EXPECT_TRUE(!klog_next_kill(&log, &kill));
	klog_close(&log);
	worker_end(&large);
	worker_end(&small);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(dry_run_tells_once_for_each_crossing, 20, "enforce")
{
	struct worker worker;

	set_dry_run(USER_A);
	worker = start_holding(USER_A, LIMIT + MIB);
	wait_for_dry_kills(USER_A, 1);
	/* Nothing more is told above the limit, whatever happens there. */
	for (int i = 0; i < 8; i++) {
		ASSERT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
		ASSERT_EQ(worker_call(&worker, held_shrink, 4 * MIB / PAGE), 0);
	}
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 0);
	wait_for_dry_kills(USER_A, 2);
	EXPECT_EQ(kills_told("reason=order"), 1);
	ASSERT_EQ(worker_call(&worker, held_shrink, 4 * MIB / PAGE), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	wait_for_dry_kills(USER_A, 3);
	rest();
	EXPECT_EQ(limit_read(USER_A).dry_kills, 3);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(dry_run_set_below_the_usage_tells_once, 20, "enforce")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = start_holding(USER_A, LIMIT + MIB);
	set_dry_run(USER_A);
	rest();
	EXPECT_EQ(limit_read(USER_A).dry_kills, 1);
	EXPECT_EQ(limit_read(USER_A).exceeds, 1);
	EXPECT_EQ(kills_told(" action=dry_run reason=lowered "), 1);
	/* A limit that is changed anew is tried anew. */
	set_dry_run(USER_A);
	rest();
	EXPECT_EQ(limit_read(USER_A).dry_kills, 2);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A user that crosses its limit in a loop does not fill the log. */
KTAP_TEST(trials_take_no_more_lines_of_the_log_than_kills, 20, "enforce")
{
	enum { CROSSINGS = 30, LINES = 20 };
	unsigned int lines = 0;
	struct worker worker;
	struct klog log;

	set_dry_run(USER_A);
	worker = start_holding(USER_A, LIMIT - MIB);
	klog_rest();
	log = klog_open();
	for (int i = 1; i <= CROSSINGS; i++) {
		ASSERT_EQ(worker_call(&worker, held_grow, 2 * MIB / PAGE), 0);
		wait_for_dry_kills(USER_A, i);
		ASSERT_EQ(worker_call(&worker, held_shrink, 2 * MIB / PAGE), 0);
	}
	while (klog_next(&log))
		lines += strstr(log.text, "dry run: uid=10070") != NULL;
	klog_close(&log);
	EXPECT_GT(lines, 0);
	EXPECT_LE(lines, LINES);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long fill_memfd(long bytes)
{
	static char block[64 * KIB];
	int fd = memfd_create("filler", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	memset(block, 1, sizeof(block));
	for (long done = 0; done < bytes; done += sizeof(block))
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return -errno;
	return 0;
}

KTAP_TEST(dry_run_refuses_nothing_and_stops_nobody, 20, "enforce")
{
	struct worker worker;

	set_dry_run(USER_A);
	worker = start_holding(USER_A, LIMIT);
	EXPECT_EQ(worker_call(&worker, fill_memfd, 8 * MIB), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
	EXPECT_GT(worker_call(&worker, worker_fork_stopped, 0), 0);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	EXPECT_EQ(limit_read(USER_A).refused, 0);
	EXPECT_GT(limit_read(USER_A).usage, LIMIT + 16 * MIB);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(dry_run_waits_for_the_end_of_a_grace, 20, "enforce")
{
	struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
			  MM_LIMIT_FIELD_FLAGS,
		.mm_max = LIMIT,
		.grace_ms = 500 * ktap_slowdown(),
		.flags = MM_LIMIT_DRY_RUN,
	};
	struct worker worker;

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	worker = start_holding(USER_A, LIMIT);
	ktap_waiting_for("a grace");
	while (limit_read(USER_A).state != MM_LIMIT_GRACE)
		usleep(1000);
	ktap_waiting_for(NULL);
	/* It is below in time, so nobody would have been killed. */
	ASSERT_EQ(worker_call(&worker, held_shrink, 4 * MIB / PAGE), 0);
	while (limit_read(USER_A).state != MM_LIMIT_IDLE)
		usleep(10000);
	EXPECT_EQ(limit_read(USER_A).dry_kills, 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	wait_for_dry_kills(USER_A, 1);
	EXPECT_EQ(kills_told(" action=dry_run reason=grace "), 1);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(end_of_a_dry_run_kills_who_is_above, 20, "enforce")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_FLAGS,
				      .flags = MM_LIMIT_DRY_RUN };
	struct worker worker;

	set_dry_run(USER_A);
	worker = start_holding(USER_A, LIMIT);
	wait_for_dry_kills(USER_A, 1);
	set(USER_A, MM_LIMIT_FIELD_FLAGS, 0, 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(kills_told(" action=kill reason=lowered "), 1);
	EXPECT_EQ(kills_told(" action=dry_run "), 1);
	EXPECT_EQ(limit_read(USER_A).dry_kills, 1);

	/* A user does not win a trial from a hard limit. */
	EXPECT_EQ(user_run(USER_A, change, (long)&attr), -EPERM);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Each turn is a moment at which nobody moves, before and after all do at once. */
KTAP_TEST(no_warning_is_missed_where_many_cross_at_once, 60,
	  "enforce enforce_smp")
{
	struct worker workers[4];
	struct mm_limit_attr limit;

	set_warn(USER_A, 50);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		workers[i] = start_holding(USER_A, MIB);
	for (unsigned int turn = 1; turn <= 20; turn++) {
		for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
			worker_send(&workers[i], held_grow, 3 * MIB / 2 / PAGE);
		for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
			ASSERT_EQ(worker_receive(&workers[i]), 0);
		wait_for_warnings(USER_A, turn);
		for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
			worker_send(&workers[i], held_shrink,
				    3 * MIB / 2 / PAGE);
		for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
			ASSERT_EQ(worker_receive(&workers[i]), 0);
		limit = limit_read(USER_A);
		EXPECT_EQ(limit.warned, 0);
		EXPECT_EQ(limit.warnings, turn);
		EXPECT_LT(limit.usage, LIMIT / 2 * 15 / 16);
	}
	EXPECT_EQ(limit.kills, 0);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		worker_end(&workers[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
