// SPDX-License-Identifier: GPL-2.0-only
/* mmlimitd: a daemon that runs the killer at intervals. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "program.h"

#define CONF "etc/mmlimit.conf"
#define DAEMON "mmlimitd -P $MM_ROOT/pid "
/* In the foreground, and soon */
#define FOREGROUND "exec " DAEMON "-f -i 10ms "

static struct background mmlimitd;

static pid_t daemon_pid(void)
{
	return atoi(machine_read("pid"));
}

/* Whoever does not lead to a parent is gone when its number is. */
static void end_daemon(int signal)
{
	pid_t pid = daemon_pid();

	assert_true(pid > 1);
	assert_int_equal(kill(pid, signal), 0);
	expect_tool("while [ -e $MM_ROOT/pid ]; do sleep 0.01; done", 0);
}

static void wait_for_pid_file(void)
{
	expect_tool("while ! [ -s $MM_ROOT/pid ]; do sleep 0.01; done", 0);
}

static void deaths_are_logged_with_the_policy(void **state)
{
	(void)state;
	machine_write("proc/mm_killed", "1\n");
	background_start(&mmlimitd, FOREGROUND "-p badness");
	background_expect(&mmlimitd,
			  "mmlimitd: killed 1 process, policy badness\n");
	machine_write("proc/mm_killed", "3\n");
	background_expect(&mmlimitd,
			  "mmlimitd: killed 3 processes, policy badness\n");
	assert_int_equal(background_end(&mmlimitd, SIGTERM), 0);
	background_start(&mmlimitd, FOREGROUND "--policy own");
	background_expect(
		&mmlimitd,
		"mmlimitd: killed 3 processes, policy of each limit\n");
	assert_int_equal(background_end(&mmlimitd, SIGINT), 0);
}

static void failure_of_the_killer_is_told_once(void **state)
{
	(void)state;
	machine_write("proc/mm_killed", "-12\n");
	background_start(&mmlimitd, FOREGROUND);
	background_expect(&mmlimitd,
			  "mmlimitd: cannot run the killer: out of memory\n");
	machine_write("proc/mm_killed", "1\n");
	background_expect(&mmlimitd, "mmlimitd: killed 1 process");
	machine_write("proc/mm_killed", "-12\n");
	background_expect(&mmlimitd, "mmlimitd: cannot run the killer: ");
	machine_write("proc/mm_killed", "-1\n");
	background_expect(&mmlimitd,
			  "mmlimitd: cannot run the killer: not allowed");
	assert_int_equal(background_end(&mmlimitd, SIGTERM), 0);
	/* There were many intervals meanwhile. */
	assert_null(
		strstr(mmlimitd.text,
		       "out of memory\nmmlimitd: cannot run the killer: out"));
}

static void sighup_rereads_and_a_broken_file_changes_nothing(void **state)
{
	(void)state;
	machine_write(CONF, "[mmlimitd]\ninterval=1h\n");
	background_start(&mmlimitd, "exec " DAEMON "--foreground");
	wait_for_pid_file();
	assert_int_equal(daemon_pid(), mmlimitd.pid);
	machine_write(CONF, "[mmlimitd]\ninterval=2h\npolicy=badness\n");
	assert_int_equal(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(&mmlimitd,
			  "mmlimitd: from now on every 2h, policy badness\n");
	machine_write(CONF, "[mmlimitd]\ninterval=often\n");
	assert_int_equal(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(&mmlimitd, "mmlimitd: /etc/mmlimit.conf:2: ");
	background_expect(&mmlimitd, "; going on as before\n");
	machine_remove(CONF);
	assert_int_equal(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(
		&mmlimitd,
		"mmlimitd: no interval: neither --interval nor interval= below [mmlimitd] in /etc/mmlimit.conf or /etc/mmlimit.conf.d; going on as before\n");
	/* What is as it was is not told. */
	machine_write(CONF, "[mmlimitd]\ninterval=2h\npolicy=badness\n");
	assert_int_equal(kill(mmlimitd.pid, SIGHUP), 0);
	machine_write("proc/mm_killed", "2\n");
	usleep(50000);
	machine_write(CONF, "[mmlimitd]\ninterval=10ms\npolicy=badness\n");
	assert_int_equal(kill(mmlimitd.pid, SIGHUP), 0);
	background_expect(&mmlimitd,
			  "mmlimitd: from now on every 10ms, policy badness\n"
			  "mmlimitd: killed 2 processes, policy badness\n");
	assert_int_equal(background_end(&mmlimitd, SIGTERM), 0);
}

static void daemon_is_ready_when_its_parent_exits(void **state)
{
	char path[64], target[64] = "";
	pid_t pid;

	(void)state;
	machine_write("dev/kmsg", "");
	machine_write("proc/mm_killed", "1\n");
	machine_write("proc/self/oom_score_adj", "0\n");
	expect_tool(DAEMON "--interval 20ms", 0);
	expect_output("");
	pid = daemon_pid();
	assert_true(pid > 1);
	/* Neither the leader of its session, nor in ours */
	assert_int_not_equal(getsid(pid), pid);
	assert_int_not_equal(getsid(pid), getsid(0));
	for (int fd = 0; fd < 3; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		assert_true(readlink(path, target, sizeof(target) - 1) > 0);
		assert_string_equal(target, "/dev/null");
	}
	assert_string_equal(machine_read("proc/self/oom_score_adj"), "-1000");
	expect_tool("while ! [ -s $MM_ROOT/dev/kmsg ]; do sleep 0.01; done", 0);
	snprintf(path, sizeof(path), "<29>mmlimitd[%d]: killed 1 process, ",
		 pid);
	assert_non_null(strstr(machine_read("dev/kmsg"), path));
	/* A log daemon that has come meanwhile hears of the rest. */
	machine_write("dev/log", "");
	expect_tool("while ! [ -s $MM_ROOT/dev/log ]; do sleep 0.01; done", 0);
	assert_non_null(strstr(machine_read("dev/log"),
			       "<5>killed 1 process, policy of each limit\n"));
	end_daemon(SIGTERM);
}

static void second_daemon_is_refused_by_the_pid_of_the_first(void **state)
{
	char said[64];

	(void)state;
	machine_write("pid", "1\n");
	machine_write("proc/self/oom_score_adj", "0\n");
	expect_tool(DAEMON "-i 1h", 0);
	snprintf(said, sizeof(said), "mmlimitd: already running, with pid %d\n",
		 daemon_pid());
	expect_tool(DAEMON "-i 1h", 1);
	expect_output(said);
	expect_tool(DAEMON "-i 1h -f", 1);
	expect_output(said);
	end_daemon(SIGINT);
}

static void what_the_system_does_not_grant_is_told(void **state)
{
	(void)state;
	setenv("MM_FAIL", "mlockall:1:1", 1);
	background_start(&mmlimitd, FOREGROUND);
	unsetenv("MM_FAIL");
	background_expect(&mmlimitd,
			  "mmlimitd: oom_score_adj: No such file or directory\n"
			  "mmlimitd: mlockall: Operation not permitted\n");
	wait_for_pid_file();
	assert_int_equal(background_end(&mmlimitd, SIGTERM), 0);
	machine_write("proc/self/oom_score_adj", "0\n");
	setenv("MM_FAIL", "write:1:13", 1);
	background_start(&mmlimitd, FOREGROUND);
	unsetenv("MM_FAIL");
	background_expect(&mmlimitd,
			  "mmlimitd: oom_score_adj: Permission denied\n");
	wait_for_pid_file();
	assert_int_equal(background_end(&mmlimitd, SIGTERM), 0);
}

static void what_keeps_it_from_becoming_a_daemon_is_told(void **state)
{
	static const struct {
		const char *fail;
		const char *said;
	} table[] = {
		{ "get:1:38",
		  "mmlimitd: this kernel has no per-user memory limits: it must be built with CONFIG_MM_LIMIT=y\n" },
		{ "realpath:1:2",
		  "mmlimitd: pid file: No such file or directory\n" },
		{ "signalfd:1:24",
		  "mmlimitd: signalfd, timerfd: Too many open files\n" },
		{ "timerfd_create:1:24",
		  "mmlimitd: signalfd, timerfd: Too many open files\n" },
		{ "timerfd_settime:1:22", "/pid: Invalid argument\n" },
		{ "ftruncate:1:5", "/pid: Input/output error\n" },
		{ "flock:1:37", "/pid: No locks available\n" },
		/* Nobody is left to tell. */
		{ "pipe2:1:24", "" },
		{ "fork:1:11", "" },
		{ "fork:2:11", "" },
		{ "setsid:1:1", "" },
		{ "chdir:1:5", "" },
	};

	(void)state;
	machine_write("proc/self/oom_score_adj", "0\n");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		expect_failing(table[i].fail, DAEMON "-i 1h", 1);
		expect_said(table[i].said);
		if (!*table[i].said)
			expect_output("");
	}
	/* Nor does any of them leave a lock behind. */
	expect_failing("read:1:4", DAEMON "-i 1h", 0);
	end_daemon(SIGTERM);
}

static void interrupted_wait_goes_on(void **state)
{
	(void)state;
	machine_write("proc/self/oom_score_adj", "0\n");
	expect_failing("poll:1:4", DAEMON "-i 1h", 0);
	end_daemon(SIGTERM);
}

static void wrong_usage_and_refusals_are_explained(void **state)
{
	static const struct {
		const char *options;
		const char *said;
	} wrong[] = {
		{ "--interval", "missing value of --interval: TIME\n" },
		{ "-fp", "missing value of --policy: POLICY\n" },
		{ "--pid-file", "missing value of --pid-file: PATH\n" },
		{ "--foreground=1", "unexpected value of --foreground\n" },
		{ "--nosuch", "no such option '--nosuch'\n" },
		{ "-fz", "no such option '-z'\n" },
		{ "--interval 5", "invalid time '5' for --interval (" },
		{ "--interval 0", "time '0' for --interval is out of range (" },
		{ "-i 1s now", "unexpected operand 'now'\n" },
		{ "-i 1s -p worst", "no such policy 'worst' (" },
	};
	char line[64], said[96];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(line, sizeof(line), "mmlimitd %s", wrong[i].options);
		expect_tool(line, 2);
		snprintf(said, sizeof(said), "mmlimitd: %s", wrong[i].said);
		expect_said(said);
		expect_said("\nTry 'mmlimitd --help'.\n");
	}
	expect_tool("mmlimitd -i 1s -p worst", 2);
	expect_said(
		"(highest_rss, longest_run_time, badness, most_private, user_ranked, own)\n");
	expect_tool(DAEMON, 1);
	expect_said("mmlimitd: no interval: neither --interval nor interval=");
	machine_write(CONF, "nonsense\n");
	expect_tool(DAEMON, 1);
	expect_said("mmlimitd: /etc/mmlimit.conf:1: ");
	machine_remove(CONF);
	expect_tool_of("10070", DAEMON "-i 1s", 1);
	expect_output(
		"mmlimitd: this takes CAP_SYS_RESOURCE, as root has it\n");
	expect_tool("mmlimitd -i 1s --pid-file /nosuch/pid", 1);
	expect_output("mmlimitd: /nosuch/pid: No such file or directory\n");
	expect_tool("mmlimitd --help", 0);
	expect_said("Usage: mmlimitd [OPTION]...\n");
	expect_tool("mmlimitd --version", 0);
	expect_said("mmlimitd 1.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(deaths_are_logged_with_the_policy),
		MACHINE_TEST(failure_of_the_killer_is_told_once),
		MACHINE_TEST(sighup_rereads_and_a_broken_file_changes_nothing),
		MACHINE_TEST(daemon_is_ready_when_its_parent_exits),
		MACHINE_TEST(second_daemon_is_refused_by_the_pid_of_the_first),
		MACHINE_TEST(what_the_system_does_not_grant_is_told),
		MACHINE_TEST(what_keeps_it_from_becoming_a_daemon_is_told),
		MACHINE_TEST(interrupted_wait_goes_on),
		MACHINE_TEST(wrong_usage_and_refusals_are_explained),
	};

	return RUN_GROUP(tests);
}
