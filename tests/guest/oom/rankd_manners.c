// SPDX-License-Identifier: GPL-2.0-only
/* Tests oomrankd as a daemon: signals, its pid file, its exit status. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/json_check.h"
#include "lib/oomlist.h"
#include "lib/processes.h"
#include "lib/program.h"
#include "lib/rankd.h"
#include "lib/tools.h"

#define PID_FILE "/run/oomrankd.pid"

static pid_t pid_in_file(const char *path)
{
	char text[16];

	return file_read(path, text, sizeof(text)) ? 0 : atoi(text);
}

KTAP_TEST(sighup_ranks_now, 20, "oom")
{
	struct worker worker;

	RANKD_START("-i", "1h");
	worker = start_holding(USER_A, 0);
	EXPECT_EQ(rankd_place(worker.pid), -1);
	rankd_rank();
	EXPECT_GE(rankd_place(worker.pid), 0);
	rankd_end();
	worker_end(&worker);
}

KTAP_TEST(sigterm_takes_the_list_back, 20, "oom")
{
	static const int signals[] = { SIGTERM, SIGINT };
	pid_t pids[RANKD_MOST];

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		RANKD_START("-i", "1h");
		EXPECT_EQ(pid_in_file(PID_FILE), oomrankd.pid);
		EXPECT_GT(rankd_list(pids), 0);
		EXPECT_EQ(background_end(&oomrankd, signals[i]), 0);
		background_close(&oomrankd);
		OOMLIST_EXPECT_EMPTY();
		EXPECT_NE(access(PID_FILE, F_OK), 0);
	}
}

static void end_daemon(pid_t pid)
{
	ASSERT_GT(pid, 1);
	ASSERT_EQ(kill(pid, SIGTERM), 0);
	process_wait_end(pid);
	EXPECT_NE(access(PID_FILE, F_OK), 0);
}

KTAP_TEST(is_a_daemon_when_its_parent_exits, 20, "oom")
{
	char path[32], text[64] = "";
	pid_t pids[RANKD_MOST], pid;

	EXPECT_EQ(tool("oomrankd --interval 1h"), 0);
	EXPECT_STREQ(tool_output, "");
	/* The list is there before it says that it is ready. */
	EXPECT_GT(rankd_list(pids), 0);
	pid = pid_in_file(PID_FILE);
	ASSERT_GT(pid, 1);
	EXPECT_NE(getsid(pid), pid);
	EXPECT_NE(getsid(pid), getsid(0));
	snprintf(path, sizeof(path), "/proc/%d/fd/2", pid);
	EXPECT_GT(readlink(path, text, sizeof(text) - 1), 0);
	EXPECT_STREQ(text, "/dev/null");
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	EXPECT_STREQ(text, "-1000\n");
	end_daemon(pid);
	OOMLIST_EXPECT_EMPTY();
}

KTAP_TEST(second_one_is_refused, 20, "oom")
{
	char says[64];

	RANKD_START("-i", "1h");
	snprintf(says, sizeof(says), "oomrankd: already running, with pid %d\n",
		 oomrankd.pid);
	EXPECT_EQ(tool("oomrankd"), 1);
	EXPECT_STREQ(tool_output, says);
	/* Anybody may look, however. */
	EXPECT_EQ(tool("oomrankd --dry-run"), 0);
	EXPECT_SAID("RANK ");
	EXPECT_EQ(tool("oomrankd --dry-run --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_SAID("\n    {\"rank\": 1, \"pid\": ");
	EXPECT_EQ(tool("oomrankd --json"), 2);
	EXPECT_SAID("oomrankd: --json goes with --dry-run only\n");
	EXPECT_EQ(tool("oomrankd --psi 'some 1 10000001'"), 2);
	EXPECT_SAID(
		"oomrankd: invalid trigger 'some 1 10000001' for --psi (for example ");
	EXPECT_SAID("and a WINDOW of 1 to 10000000; or off)\n");
	EXPECT_EQ(tool("su u0_a70 -c 'oomrankd --dry-run'"), 0);
	EXPECT_SAID("RANK ");
	rankd_end();
}

KTAP_TEST(wrong_usage_and_refusals_of_it_are_explained, 20, "oom")
{
	static const char *const wrong[] = {
		"--interval",
		"--interval 5",
		"--interval 0",
		"--top -1",
		"--top ten",
		"--top 99999999999",
		"--psi 'much'",
		"--psi 'some 1 0'",
		"--psi 'some 2000000 1000000'",
		"--nosuch",
		"now",
	};
	char line[64];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(line, sizeof(line), "oomrankd %s", wrong[i]);
		EXPECT_EQ(tool(line), 2);
		EXPECT_SAID("Try 'oomrankd --help'.\n");
	}
	EXPECT_EQ(tool("su u0_a70 -c 'oomrankd --pid-file /tmp/a.pid'"), 1);
	EXPECT_STREQ(tool_output, "oomrankd: only root may write /proc/oom\n");
	EXPECT_EQ(tool("oomrankd --pid-file /nosuch/a.pid"), 1);
	EXPECT_SAID("oomrankd: /nosuch/a.pid: ");
	EXPECT_EQ(tool("oomrankd --proc /nosuch"), 1);
	EXPECT_SAID("oomrankd: /nosuch: ");
	EXPECT_EQ(tool("oomrankd --proc /sys"), 1);
	EXPECT_EQ(tool("oomrankd --help"), 0);
	EXPECT_SAID("Usage: oomrankd ");
	EXPECT_EQ(tool("oomrankd --version"), 0);
	EXPECT_SAID("oomrankd 1.");
	EXPECT_EQ(tool("oomrankd --dry-run >/dev/full"), 1);
	EXPECT_SAID("oomrankd: cannot write: ");
	OOMLIST_EXPECT_EMPTY();
}
