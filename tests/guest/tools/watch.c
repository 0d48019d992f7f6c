// SPDX-License-Identifier: GPL-2.0-only
/* Tests mmlimit watch. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/background.h"
#include "lib/json_check.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/tools.h"

/* Has begun to watch when this returns: user C has a limit, and it has told. */
static void start(struct background *watch)
{
	ASSERT_EQ(mmlimit_set(USER_C, MIB), 0);
	BACKGROUND(watch, "mmlimit", "watch");
	background_expect(
		watch,
		"limit user=u0_a80 uid=10080 usage=0B limit=1MiB grace=0s policy=highest_rss\n");
}

static void stop(struct background *watch)
{
	EXPECT_EQ(background_end(watch, SIGTERM), 0);
	background_close(watch);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
}

KTAP_TEST(watch_tells_what_is_set_changed_and_removed, 20, "tools")
{
	struct background watch;

	start(&watch);
	ASSERT_EQ(mmlimit_set_time(USER_A, 100 * MIB, 2000), 0);
	background_expect(
		&watch,
		"set user=u0_a70 uid=10070 usage=0B limit=100MiB grace=2s policy=highest_rss\n");
	ASSERT_EQ(tool("mmlimit set u0_a70 --policy badness"), 0);
	background_expect(
		&watch,
		"set user=u0_a70 uid=10070 usage=0B limit=100MiB grace=2s policy=badness\n");
	ASSERT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 50M'"), 0);
	background_expect(&watch, " limit=50MiB ");
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch,
			  "removed user=u0_a70 uid=10070 limit=50MiB\n");
	stop(&watch);
	EXPECT_EQ(occurrences(watch.text, "\n"), 5);
}

/* One line for each kill, if the kills are apart */
static void expect_kill(struct background *watch, pid_t pid)
{
	struct mm_limit_attr attr;
	char usage[MMLIMIT_TEXT_SIZE], rss[MMLIMIT_TEXT_SIZE], line[160];

	background_expect(watch, "exceed user=u0_a70 uid=10070 usage=");
	background_expect(watch, " limit=8MiB\n");
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.kill_pid, pid);
	snprintf(
		line, sizeof(line),
		"kill user=u0_a70 uid=10070 usage=%s limit=8MiB pid=%d rss=%s\n",
		mmlimit_format_size(attr.kill_usage, usage), pid,
		mmlimit_format_size(attr.kill_rss, rss));
	background_expect(watch, line);
}

KTAP_TEST(watch_tells_exceeds_and_kills, 20, "tools")
{
	struct background watch;
	struct worker worker;

	start(&watch);
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	background_expect(&watch, "set user=u0_a70 ");
	for (int i = 0; i < 3; i++) {
		worker = worker_start(USER_A);
		EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
			  WORKER_DIED);
		EXPECT_TRUE(worker_was_killed(&worker));
		expect_kill(&watch, worker.pid);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "removed user=u0_a70 ");
	stop(&watch);
	EXPECT_EQ(occurrences(watch.text, "kill user="), 3);
}

KTAP_TEST(watch_tells_warnings_and_trials, 20, "tools")
{
	struct background watch;
	struct worker worker;

	start(&watch);
	ASSERT_EQ(tool("mmlimit set u0_a70 8M --warn 50% --dry-run"), 0);
	background_expect(&watch, " policy=highest_rss warn=50% dry_run\n");
	worker = start_holding(USER_A, 5 * MIB);
	background_expect(&watch, "warn user=u0_a70 uid=10070 usage=");
	ASSERT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	background_expect(&watch, "exceed user=u0_a70 uid=10070 usage=");
	background_expect(&watch, "dry_run user=u0_a70 uid=10070 usage=");
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "removed user=u0_a70 ");
	stop(&watch);
	EXPECT_EQ(occurrences(watch.text, "warn user="), 1);
	EXPECT_EQ(occurrences(watch.text, "dry_run user="), 1);
	EXPECT_EQ(occurrences(watch.text, "kill user="), 0);
}

KTAP_TEST(watch_tells_graces, 20, "tools")
{
	const unsigned int grace_ms = 500 * ktap_slowdown();
	char grace[MMLIMIT_TEXT_SIZE], end[64];
	struct background watch;
	struct worker worker;

	snprintf(end, sizeof(end), " limit=8MiB grace=%s\n",
		 mmlimit_format_duration(grace_ms, grace));
	start(&watch);
	ASSERT_EQ(mmlimit_set_time(USER_A, 8 * MIB, grace_ms), 0);
	worker = start_holding(USER_A, 16 * MIB);
	background_expect(&watch, "exceed user=u0_a70 ");
	background_expect(&watch, "grace user=u0_a70 ");
	background_expect(&watch, end);
	background_expect(&watch, "kill user=u0_a70 ");
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "removed user=u0_a70 ");
	stop(&watch);
}

KTAP_TEST(watch_tells_that_nothing_can_be_done, 20, "tools")
{
	struct background watch;
	struct worker worker;

	start(&watch);
	worker = start_holding(USER_A, 16 * MIB);
	process_set_oom_score_adj(worker.pid, "-1000");
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	background_expect(&watch, "set user=u0_a70 ");
	background_expect(&watch, "stuck user=u0_a70 uid=10070 usage=1");
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "removed user=u0_a70 ");
	stop(&watch);
}

static unsigned long sleeps(pid_t pid)
{
	return process_status(pid, "voluntary_ctxt_switches:");
}

KTAP_TEST(watch_sleeps_while_nothing_happens, 30, "tools")
{
	struct background watch;
	struct worker worker;
	unsigned long before;

	start(&watch);
	ASSERT_EQ(mmlimit_set(USER_A, 100 * MIB), 0);
	background_expect(&watch, "set user=u0_a70 ");
	process_wait_for(watch.pid, 'S');
	before = sleeps(watch.pid);
	/* Usage that grows is not a thing that happens to a limit. */
	worker = start_holding(USER_A, 16 * MIB);
	sleep(10);
	EXPECT_EQ(sleeps(watch.pid), before);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "removed user=u0_a70 ");
	stop(&watch);
}

KTAP_TEST(watch_shows_users_their_own_limit_only, 20, "tools")
{
	struct background watch;

	ASSERT_EQ(mmlimit_set(USER_A, MIB * 100), 0);
	BACKGROUND(&watch, "su", "u0_a70", "-c", "exec mmlimit watch");
	background_expect(&watch, "limit user=u0_a70 ");
	ASSERT_EQ(mmlimit_set(USER_B, MIB), 0);
	ASSERT_EQ(mmlimit_remove(USER_B), 0);
	ASSERT_EQ(mmlimit_set(USER_A, MIB * 50), 0);
	background_expect(&watch, "set user=u0_a70 ");
	EXPECT_EQ(background_end(&watch, SIGTERM), 0);
	EXPECT_EQ(occurrences(watch.text, "\n"), 2);
	background_close(&watch);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(watch_of_a_user_tells_of_nobody_else, 20, "tools")
{
	struct background watch;

	ASSERT_EQ(mmlimit_set(USER_A, MIB), 0);
	ASSERT_EQ(mmlimit_set(USER_C, MIB), 0);
	BACKGROUND(&watch, "mmlimit", "watch", "u0_a70");
	background_expect(&watch, "limit user=u0_a70 ");
	ASSERT_EQ(mmlimit_set(USER_C, 2 * MIB), 0);
	ASSERT_EQ(mmlimit_remove(USER_C), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 2 * MIB), 0);
	background_expect(&watch, "set user=u0_a70 ");
	EXPECT_EQ(background_end(&watch, SIGTERM), 0);
	EXPECT_EQ(occurrences(watch.text, "\n"), 2);
	background_close(&watch);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(watch_for_programs_has_an_object_in_each_line, 20, "tools")
{
	char *place, *line, events[64] = "";
	struct background watch;

	ASSERT_EQ(mmlimit_set(USER_A, MIB), 0);
	BACKGROUND(&watch, "mmlimit", "watch", "--json", "u0_a70");
	background_expect(&watch, "\"event\": \"limit\", \"count\": 1, ");
	background_expect(&watch, "\"limit\": {\"uid\": 10070, ");
	ASSERT_EQ(mmlimit_set(USER_A, 2 * MIB), 0);
	background_expect(&watch, "\"mm_max\": 2097152, ");
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "\"event\": \"removed\"");
	background_expect(&watch, "}}\n");
	EXPECT_EQ(background_end(&watch, SIGTERM), 0);
	for (line = strtok_r(watch.text, "\n", &place); line;
	     line = strtok_r(NULL, "\n", &place)) {
		EXPECT_TRUE(json_is_valid(line));
		strcat(events, strstr(line, "\"set\"") ? "s" : "-");
	}
	EXPECT_STREQ(events, "-s-");
	background_close(&watch);
}

KTAP_TEST(watch_runs_a_command_for_each_event, 20, "tools")
{
	static const char command[] =
		"echo ran $MM_LIMIT_EVENT $MM_LIMIT_COUNT $MM_LIMIT_USER $MM_LIMIT_UID $MM_LIMIT_MAX ${MM_LIMIT_PID-none}"
		"; test $MM_LIMIT_EVENT != removed";
	struct mm_limit_attr attr;
	struct background watch;
	struct worker worker;
	char line[96];

	ASSERT_EQ(mmlimit_set(USER_C, MIB), 0);
	BACKGROUND(&watch, "mmlimit", "watch", "--exec", command);
	background_expect(&watch, "limit user=u0_a80 ");
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	background_expect(&watch, "\nran set 1 u0_a70 10070 8388608 none\n");
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	background_expect(&watch, "\nran exceed 1 u0_a70 10070 8388608 none\n");
	attr = limit_read(USER_A);
	snprintf(line, sizeof(line), "\nran kill 1 u0_a70 10070 8388608 %d\n",
		 attr.kill_pid);
	background_expect(&watch, line);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "\nran removed 1 u0_a70 ");
	background_expect(&watch, "mmlimit: removed of u0_a70: 'echo ran ");
	background_expect(&watch, "' ended with exit status 1\n");
	EXPECT_TRUE(!strstr(watch.text, "ran limit"));
	stop(&watch);
}

/* Also while its command runs, which then gets SIGTERM, too */
KTAP_TEST(watch_ends_while_its_command_runs, 20, "tools")
{
	struct background watch;

	ASSERT_EQ(mmlimit_set(USER_C, MIB), 0);
	BACKGROUND(
		&watch, "mmlimit", "watch", "-x",
		"trap 'kill $!; echo told; exit' TERM; sleep 1000 & echo runs; wait");
	background_expect(&watch, "limit user=u0_a80 ");
	ASSERT_EQ(mmlimit_set(USER_A, MIB), 0);
	background_expect(&watch, "runs\n");
	ASSERT_EQ(kill(watch.pid, SIGTERM), 0);
	background_expect(&watch, "told\n");
	EXPECT_EQ(background_wait(&watch), 0);
	background_close(&watch);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
}

KTAP_TEST(watch_ends_on_signals, 20, "tools")
{
	struct background watch;

	start(&watch);
	EXPECT_EQ(background_end(&watch, SIGINT), 0);
	background_close(&watch);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
}

KTAP_TEST(watch_ends_when_nobody_reads, 20, "tools")
{
	ASSERT_EQ(mmlimit_set(USER_C, MIB), 0);
	/* Nothing more happens to be told. */
	EXPECT_EQ(tool("mmlimit watch | head -n 1"), 0);
	EXPECT_EQ(occurrences(tool_output, "\n"), 1);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
}
