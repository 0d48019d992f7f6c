// SPDX-License-Identifier: GPL-2.0-only
/* Tests that trace events tell what the log tells, and more. */
#include <stdio.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/reclaim.h"
#include "lib/user.h"
#include "mmlimit.h"

#define TRACING "/sys/kernel/tracing"

static void start_tracing(void)
{
	ASSERT_EQ(file_write(TRACING "/trace", ""), 0);
	ASSERT_EQ(file_write(TRACING "/events/mm_limit/enable", "1"), 0);
}

static char trace[64 * 1024];

static void stop_tracing(void)
{
	EXPECT_EQ(file_write(TRACING "/events/mm_limit/enable", "0"), 0);
	ASSERT_EQ(file_read(TRACING "/trace", trace, sizeof(trace)), 0);
}

/* The trace from the next such event on, which must be there */
static const char *find_event(const char *from, const char *event)
{
	const char *found = strstr(from, event);

	if (!found)
		KTAP_FAIL("no \"%s\" in the trace from here: %.200s", event,
			  from);
	return found ? found : from;
}

KTAP_TEST(kill_after_a_grace_is_traced_step_by_step, 10, "faults")
{
	struct klog log = klog_open();
	struct kill_line kill;
	struct worker worker;
	const char *at;
	char text[128];

	start_tracing();
	ASSERT_EQ(mmlimit_set_time(USER_A, 4 * MIB, 20 * ktap_slowdown()), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	stop_tracing();
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	klog_close(&log);

	at = find_event(trace, "mm_limit_set: Added uid=10070 mm_max=4194304");
	at = find_event(at, "mm_limit_exceed: uid=10070 uRSS=");
	at = find_event(at, "mm_limit_grace: uid=10070 uRSS=");
	snprintf(text, sizeof(text),
		 "mm_limit_kill: uid=10070 uRSS=%lu mm_max=%lu pid=%d pRSS=%lu",
		 kill.user_rss, kill.mm_max, kill.pid, kill.rss);
	at = find_event(at, text);
	find_event(at, "mm_limit_set: Removed uid=10070");
}

KTAP_TEST(grace_that_ends_well_is_traced, 10, "faults")
{
	struct klog log = klog_open();
	struct worker worker;
	const char *at;

	start_tracing();
	ASSERT_EQ(mmlimit_set_time(USER_A, 4 * MIB, 100 * ktap_slowdown()), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	ASSERT_EQ(worker_call(&worker, held_shrink, 4 * MIB / PAGE), 0);
	klog_wait(&log, "normal: uid=10070");
	klog_close(&log);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	stop_tracing();

	at = find_event(trace, "mm_limit_grace: uid=10070");
	find_event(at, "mm_limit_normal: uid=10070");
}

KTAP_TEST(warning_and_trial_are_traced, 20, "faults")
{
	const struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_FLAGS |
			  MM_LIMIT_FIELD_WARN,
		.mm_max = 4 * MIB,
		.flags = MM_LIMIT_DRY_RUN,
		.warn = 50,
	};
	struct klog log = klog_open();
	struct worker worker;
	const char *at;
	char text[64];

	start_tracing();
	ASSERT_EQ(mmlimit_change(&attr), 0);
	worker = start_holding(USER_A, 5 * MIB);
	klog_wait(&log, "dry run: uid=10070");
	klog_close(&log);
	stop_tracing();
	at = find_event(trace, "mm_limit_warn: uid=10070 uRSS=");
	snprintf(text, sizeof(text),
		 " mm_max=4194304 pid=%d pRSS=", worker.pid);
	at = find_event(at, "mm_limit_dry_run: uid=10070 uRSS=");
	find_event(at, text);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(reclaim_is_traced, 20, "faults")
{
	struct worker worker;
	const char *at;

	reclaim_begin(32 * MIB);
	start_tracing();
	reclaim_limit(USER_A, 4 * MIB);
	worker = start_holding(USER_A, 5 * MIB);
	stop_tracing();
	at = find_event(trace, "mm_limit_exceed: uid=10070 uRSS=");
	at = find_event(at, "mm_limit_reclaim: uid=10070 uRSS=");
	find_event(at, "mm_limit_sweep: uid=10070 scanned=");
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}
