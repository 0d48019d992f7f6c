// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests mmlimitd: which processes it kills and when, and that it is a proper
 * daemon.
 */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/background.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/tools.h"

#define PID_FILE "/run/mmlimitd.pid"
#define LIMIT 100000000UL

/* The children of the course's scenario; the last one alone exceeds the limit. */
#define CHILDREN 6
static const unsigned long sizes[CHILDREN] = { 20000, 40000,  20000,
					       30000, 200000, 100000000 };
#define FORTY 1
#define THIRTY 3
#define TWO_HUNDRED 4
#define LARGEST 5

static struct worker children[CHILDREN];
static struct background mmlimitd;

/* Grows beyond any limit here, or dies on the way. */
static struct worker start_exceeding(void)
{
	struct worker worker = worker_start(USER_A);

	worker_call(&worker, held_grow, 16 * MIB / PAGE);
	return worker;
}

static void start_children(void)
{
	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	for (int i = 0; i < CHILDREN; i++)
		children[i] = start_holding(USER_A, sizes[i]);
	EXPECT_GT(limit_read(USER_A).usage, LIMIT);
}

static void end_children(void)
{
	for (int i = 0; i < CHILDREN; i++)
		if (worker_alive(&children[i]))
			worker_end(&children[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}

/* Runs until it has killed, as it says. */
static void run_mmlimitd(const char *policy, const char *says)
{
	BACKGROUND(&mmlimitd, "mmlimitd", "--foreground", "--interval", "1s",
		   "--policy", policy);
	background_expect(&mmlimitd, says);
	EXPECT_EQ(background_end(&mmlimitd, SIGTERM), 0);
	background_close(&mmlimitd);
}

/* These died, in this order, and nobody else did. */
static void expect_victims(struct klog *log, const int *victims, int count)
{
	struct kill_line kill;
	bool dead[CHILDREN] = { false };

	for (int i = 0; i < count; i++) {
		ASSERT_TRUE(klog_next_kill(log, &kill));
		EXPECT_EQ(kill.pid, children[victims[i]].pid);
		EXPECT_TRUE(worker_was_killed(&children[victims[i]]));
		dead[victims[i]] = true;
	}
	EXPECT_TRUE(!klog_next_kill(log, &kill));
	klog_close(log);
	EXPECT_EQ(limit_read(USER_A).kills, count);
	for (int i = 0; i < CHILDREN; i++) {
		if (dead[i])
			continue;
		EXPECT_TRUE(worker_alive(&children[i]));
		worker_end(&children[i]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}

KTAP_TEST(highest_rss_picks_the_largest, 30, "tools")
{
	static const int victims[] = { LARGEST };
	struct klog log;

	klog_rest();
	log = klog_open();
	start_children();
	run_mmlimitd("highest_rss",
		     "mmlimitd: killed 1 process, policy highest_rss\n");
	expect_victims(&log, victims, ARRAY_SIZE(victims));
}

static long run_for(long ms)
{
	struct timespec used;

	do {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	} while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < ms);
	return 0;
}

/* The largest takes a while to touch all its memory, so it is the third. */
KTAP_TEST(longest_run_time_picks_who_has_worked_most, 40, "tools")
{
	static const int victims[] = { THIRTY, FORTY, LARGEST };
	struct klog log;

	klog_rest();
	log = klog_open();
	start_children();
	ASSERT_EQ(worker_call(&children[THIRTY], run_for,
			      4000 * ktap_slowdown()),
		  0);
	ASSERT_EQ(worker_call(&children[FORTY], run_for,
			      2000 * ktap_slowdown()),
		  0);
	run_mmlimitd("longest_run_time",
		     "mmlimitd: killed 3 processes, policy longest_run_time\n");
	expect_victims(&log, victims, ARRAY_SIZE(victims));
}

KTAP_TEST(badness_picks_by_oom_score_adj, 30, "tools")
{
	static const int victims[] = { FORTY, LARGEST };
	struct klog log;

	klog_rest();
	log = klog_open();
	start_children();
	process_set_oom_score_adj(children[FORTY].pid, "900");
	run_mmlimitd("badness",
		     "mmlimitd: killed 2 processes, policy badness\n");
	expect_victims(&log, victims, ARRAY_SIZE(victims));
}

static struct region shared;

static long touch_shared(long unused)
{
	region_touch(&shared, 0, shared.pages);
	return 0;
}

/* Memory that the test maps, too, would not be free after a kill. */
KTAP_TEST(most_private_picks_what_a_kill_would_free, 30, "tools")
{
	struct kill_line kill;
	struct klog log;

	klog_rest();
	log = klog_open();
	shared = region_map_shared(sizes[LARGEST] / PAGE);
	touch_shared(0);
	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	for (int i = 0; i < LARGEST; i++)
		children[i] = start_holding(USER_A, sizes[i]);
	children[LARGEST] = start_holding(USER_A, 0);
	ASSERT_EQ(worker_call(&children[LARGEST], touch_shared, 0), 0);
	run_mmlimitd("most_private",
		     "mmlimitd: killed 6 processes, policy most_private\n");
	/* Sizes in between differ by fewer pages than processes do anyway. */
	for (int i = 0; i < CHILDREN; i++) {
		ASSERT_TRUE(klog_next_kill(&log, &kill));
		if (!i)
			EXPECT_EQ(kill.pid, children[TWO_HUNDRED].pid);
	}
	EXPECT_EQ(kill.pid, children[LARGEST].pid);
	klog_close(&log);
	for (int i = 0; i < CHILDREN; i++)
		EXPECT_TRUE(worker_was_killed(&children[i]));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
	region_unmap(&shared);
}

KTAP_TEST(each_limit_has_its_own_policy, 20, "tools")
{
	ASSERT_EQ(tool("mmlimit set u0_a70 100MB --policy badness"), 0);
	start_children();
	process_set_oom_score_adj(children[THIRTY].pid, "900");
	BACKGROUND(&mmlimitd, "mmlimitd", "-f", "-i", "1s");
	background_expect(
		&mmlimitd,
		"mmlimitd: killed 2 processes, policy of each limit\n");
	EXPECT_EQ(background_end(&mmlimitd, SIGINT), 0);
	background_close(&mmlimitd);
	EXPECT_TRUE(worker_was_killed(&children[THIRTY]));
	EXPECT_TRUE(worker_was_killed(&children[LARGEST]));
	children[THIRTY] = start_holding(USER_A, 0);
	children[LARGEST] = start_holding(USER_A, 0);
	end_children();
}

/* Each kill is so many whole intervals after the first one. */
KTAP_TEST(intervals_do_not_drift, 60, "tools")
{
	const unsigned int slack_us = 20000 * ktap_slowdown();
	uint64_t first_us = 0, late_us;
	struct kill_line kill;
	struct worker worker;
	struct klog log;

	klog_rest();
	log = klog_open();
	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	BACKGROUND(&mmlimitd, "mmlimitd", "-f", "-i", "3s");
	for (int i = 0; i < 8; i++) {
		worker = start_exceeding();
		EXPECT_TRUE(worker_was_killed(&worker));
		background_expect(&mmlimitd, "mmlimitd: killed 1 process");
		ASSERT_TRUE(klog_next_kill(&log, &kill));
		if (!i)
			first_us = log.time_us;
		/* The first one may itself have been late. */
		late_us = (log.time_us - first_us + slack_us) % 3000000;
		EXPECT_LE(late_us, 2 * slack_us);
	}
	EXPECT_EQ(background_end(&mmlimitd, SIGTERM), 0);
	background_close(&mmlimitd);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}

static pid_t pid_in_file(const char *path)
{
	char text[16];

	return file_read(path, text, sizeof(text)) ? 0 : atoi(text);
}

/* In the foreground nothing else says that it runs. */
static pid_t wait_for_pid_file(void)
{
	pid_t pid;

	ktap_waiting_for(PID_FILE);
	while (!(pid = pid_in_file(PID_FILE)))
		usleep(1000);
	ktap_waiting_for(NULL);
	return pid;
}

static void end_daemon(pid_t pid, int signal, const char *path)
{
	ASSERT_GT(pid, 1);
	ASSERT_EQ(kill(pid, signal), 0);
	process_wait_end(pid);
	EXPECT_NE(access(path, F_OK), 0);
}

static void expect_link(pid_t pid, const char *name, const char *target)
{
	char path[64], found[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	EXPECT_GT(readlink(path, found, sizeof(found) - 1), 0);
	EXPECT_STREQ(found, target);
}

KTAP_TEST(daemon_is_one_when_its_parent_exits, 20, "tools")
{
	char path[32], text[16];
	pid_t pid;

	EXPECT_EQ(tool("mmlimitd --interval 1h"), 0);
	EXPECT_STREQ(tool_output, "");
	pid = pid_in_file(PID_FILE);
	ASSERT_GT(pid, 1);
	/* Neither the leader of its session, nor in ours */
	EXPECT_NE(getsid(pid), pid);
	EXPECT_NE(getsid(pid), getsid(0));
	expect_link(pid, "cwd", "/");
	expect_link(pid, "fd/0", "/dev/null");
	expect_link(pid, "fd/1", "/dev/null");
	expect_link(pid, "fd/2", "/dev/null");
	/* It is to work when memory is gone. */
	EXPECT_GT(process_status(pid, "VmLck:"), 0);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	EXPECT_STREQ(text, "-1000\n");
	end_daemon(pid, SIGTERM, PID_FILE);
}

KTAP_TEST(second_daemon_is_refused_by_the_pid_of_the_first, 20, "tools")
{
	char says[64];
	pid_t pid;

	/* A file that is left over is no daemon. */
	tool_write(PID_FILE, "1\n");
	ASSERT_EQ(tool("mmlimitd --interval 1h"), 0);
	pid = pid_in_file(PID_FILE);
	ASSERT_GT(pid, 1);
	snprintf(says, sizeof(says), "mmlimitd: already running, with pid %d\n",
		 pid);
	EXPECT_EQ(tool("mmlimitd --interval 1h"), 1);
	EXPECT_STREQ(tool_output, says);
	EXPECT_EQ(tool("mmlimitd --interval 1h --foreground"), 1);
	EXPECT_STREQ(tool_output, says);
	EXPECT_EQ(pid_in_file(PID_FILE), pid);

	EXPECT_EQ(tool("cd /tmp && mmlimitd -i 1h --pid-file other.pid"), 0);
	end_daemon(pid_in_file("/tmp/other.pid"), SIGTERM, "/tmp/other.pid");
	end_daemon(pid, SIGINT, PID_FILE);
}

/* Somebody has removed the file, and started another daemon. */
KTAP_TEST(daemon_leaves_the_pid_file_of_another_alone, 20, "tools")
{
	pid_t first, second;

	ASSERT_EQ(tool("mmlimitd --interval 1h"), 0);
	first = pid_in_file(PID_FILE);
	ASSERT_GT(first, 1);
	ASSERT_EQ(unlink(PID_FILE), 0);
	ASSERT_EQ(tool("mmlimitd --interval 1h"), 0);
	second = pid_in_file(PID_FILE);
	EXPECT_NE(second, first);
	ASSERT_EQ(kill(first, SIGTERM), 0);
	process_wait_end(first);
	EXPECT_EQ(pid_in_file(PID_FILE), second);
	EXPECT_EQ(tool("mmlimitd --interval 1h"), 1);
	end_daemon(second, SIGTERM, PID_FILE);
}

KTAP_TEST(daemon_logs_where_somebody_reads, 20, "tools")
{
	struct worker worker;
	char wanted[64];
	pid_t pid;

	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	ASSERT_EQ(tool("mmlimitd --interval 1s"), 0);
	pid = pid_in_file(PID_FILE);
	worker = start_exceeding();
	EXPECT_TRUE(worker_was_killed(&worker));
	end_daemon(pid, SIGTERM, PID_FILE);
	snprintf(wanted, sizeof(wanted),
		 "mmlimitd[%d]: killed 1 process, policy of each limit", pid);
	/* It is not what the test says of this very command. */
	EXPECT_EQ(tool("dmesg | grep 'mm[l]imitd\\['"), 0);
	EXPECT_SAID(wanted);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}

KTAP_TEST(sighup_rereads_and_survives_a_broken_file, 20, "tools")
{
	tool_write(MMLIMIT_CONF_PATH, "[mmlimitd]\ninterval=1h\n");
	BACKGROUND(&mmlimitd, "mmlimitd", "--foreground");
	EXPECT_EQ(wait_for_pid_file(), mmlimitd.pid);
	tool_write(MMLIMIT_CONF_PATH, "[mmlimitd]\ninterval=2h\n");
	ASSERT_EQ(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(
		&mmlimitd,
		"mmlimitd: from now on every 2h, policy of each limit\n");
	tool_write(MMLIMIT_CONF_PATH, "[mmlimitd]\ninterval=often\n");
	ASSERT_EQ(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(&mmlimitd, MMLIMIT_CONF_PATH ":2: ");
	background_expect(&mmlimitd, "; going on as before\n");
	ASSERT_EQ(unlink(MMLIMIT_CONF_PATH), 0);
	ASSERT_EQ(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(&mmlimitd, "mmlimitd: no interval: ");
	background_expect(&mmlimitd, "; going on as before\n");

	/* The new interval is kept, at once. */
	start_children();
	tool_write(MMLIMIT_CONF_PATH,
		   "[mmlimitd]\ninterval=1s\npolicy=highest_rss\n");
	ASSERT_EQ(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(
		&mmlimitd,
		"mmlimitd: from now on every 1s, policy highest_rss\n");
	background_expect(&mmlimitd,
			  "mmlimitd: killed 1 process, policy highest_rss\n");
	EXPECT_EQ(background_end(&mmlimitd, SIGTERM), 0);
	background_close(&mmlimitd);
	EXPECT_TRUE(worker_was_killed(&children[LARGEST]));
	children[LARGEST] = start_holding(USER_A, 0);
	end_children();
	ASSERT_EQ(unlink(MMLIMIT_CONF_PATH), 0);
}

KTAP_TEST(command_line_wins_over_the_file, 20, "tools")
{
	tool_write(MMLIMIT_CONF_PATH,
		   "[mmlimitd]\ninterval=1h\npolicy=badness\n");
	start_children();
	process_set_oom_score_adj(children[FORTY].pid, "900");
	run_mmlimitd("own",
		     "mmlimitd: killed 1 process, policy of each limit\n");
	EXPECT_TRUE(worker_was_killed(&children[LARGEST]));
	children[LARGEST] = start_holding(USER_A, 0);
	end_children();
	ASSERT_EQ(unlink(MMLIMIT_CONF_PATH), 0);
}

KTAP_TEST(wrong_usage_and_refusals_are_explained, 20, "tools")
{
	static const char *const wrong[] = {
		"--interval", "--interval 5",	"--interval 0",
		"-i 1s now",  "-i 1s -p worst", "--nosuch",
	};
	char line[64];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(line, sizeof(line), "mmlimitd %s", wrong[i]);
		EXPECT_EQ(tool(line), 2);
		EXPECT_SAID("Try 'mmlimitd --help'.\n");
	}
	EXPECT_EQ(tool("mmlimitd"), 1);
	EXPECT_SAID("mmlimitd: no interval: neither --interval nor interval=");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimitd -i 1s --pid-file /tmp/a.pid'"),
		  1);
	EXPECT_SAID("mmlimitd: this takes CAP_SYS_RESOURCE");
	EXPECT_EQ(tool("mmlimitd -i 1s --pid-file /nosuch/a.pid"), 1);
	EXPECT_SAID("mmlimitd: /nosuch/a.pid: ");
	EXPECT_EQ(tool("mmlimitd --help"), 0);
	EXPECT_SAID("Usage: mmlimitd ");
	EXPECT_EQ(tool("mmlimitd --version"), 0);
	EXPECT_SAID("mmlimitd 1.");
}
