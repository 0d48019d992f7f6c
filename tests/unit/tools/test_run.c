// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit run: a command under a limit, and what is left of it. */
#define _GNU_SOURCE
#include "unit.h"

#include <signal.h>
#include <stdio.h>

#include "machine.h"
#include "program.h"

static void command_runs_as_the_user_under_the_limit(void **state)
{
	(void)state;
	expect_tool(
		"mmlimit run u0_a70 1M --grace 1s -- sh -c 'echo $MM_UID $MM_GID $MM_GROUPS_OF; mmlimit get u0_a70'",
		0);
	expect_said(
		"10070 10070 u0_a70\nuser     u0_a70 (10070)\nlimit    1MiB, grace 1s\n");
	expect_tool("mmlimit get u0_a70", 1);
	/* A number without an entry has a group of its own. */
	expect_tool("mmlimit run 10145 1M -- sh -c 'echo $MM_UID $MM_GID'", 0);
	expect_output("10145 10145\n");
	expect_tool_of(
		"10070",
		"mmlimit run u0_a70 1M -- sh -c 'echo ${MM_GID-as before}'", 0);
	expect_output("as before\n");
}

static void limit_is_put_back_as_it_was(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 9M --policy badness", 0);
	expect_tool_of("10070", "mmlimit set u0_a70 8M --grace 1s", 0);
	expect_tool("mmlimit run u0_a70 1M -- true", 0);
	expect_tool("mmlimit get u0_a70", 0);
	expect_said("limit    8MiB, grace 1s\n"
		    "hard     9MiB, grace 0s\n"
		    "own      8MiB, grace 1s\n"
		    "policy   badness\n");
	/* A user puts back its own part, or removes it. */
	expect_tool_of("10070", "mmlimit run u0_a70 1M -- true", 0);
	expect_tool("mmlimit get u0_a70", 0);
	expect_said("own      8MiB, grace 1s\n");
	expect_tool_of("10080", "mmlimit run u0_a80 1M -- true", 0);
	expect_tool("mmlimit get u0_a80", 1);
	expect_tool_of("10080",
		       "mmlimit set u0_a80 1M --policy badness --reclaim 70%",
		       0);
	expect_tool_of("10080",
		       "mmlimit run u0_a80 2M --policy highest_rss -- true", 0);
	expect_tool("mmlimit get u0_a80", 0);
	expect_said("policy   badness\nreclaim  above 70 %");
	/* One that somebody has removed meanwhile is gone already. */
	expect_tool(
		"mmlimit run u0_a60 1M -- sh -c 'MM_UID=0 mmlimit unset u0_a60'",
		0);
	expect_output("");
}

static void status_is_the_commands(void **state)
{
	(void)state;
	expect_tool("mmlimit run u0_a70 1M -- sh -c 'exit 7'", 7);
	expect_tool("mmlimit run u0_a70 1M -- sh -c 'kill -15 $$'", 143);
	expect_tool("mmlimit run u0_a70 1M -- /nosuch/program", 127);
	expect_output("mmlimit: /nosuch/program: No such file or directory\n");
	expect_tool("mmlimit run u0_a70 1M -- /dev/null", 126);
	expect_output("mmlimit: /dev/null: Permission denied\n");
}

/* The table of limits of a kernel that has killed so many */
#define KILLED(kills, pid)                                                             \
	"uid mm_max hard_max kills pid pRSS uRSS usage\\n10070 1048576 1048576 " kills \
	" " pid " 524288 1048577 0\\n"

static void kill_is_explained(void **state)
{
	(void)state;
	machine_write(
		"kill",
		"printf '" KILLED(
			"%d",
			"%d") "' $2 $1 >$MM_ROOT/new\n"
			      "mv $MM_ROOT/new $MM_ROOT/proc/mm_limits\n");
	expect_tool(
		"mmlimit run u0_a70 1M -- sh -c 'sh $MM_ROOT/kill $$ 1; kill -9 $$'",
		137);
	expect_said(
		"mmlimit: sh: killed by the limit of 1MiB: user u0_a70 had 1MiB, of which this process (pid ");
	expect_said(") had 512KiB\n");
	expect_tool("mmlimit run u0_a70 1M -- sh -c 'sh $MM_ROOT/kill 77 3'",
		    0);
	expect_output(
		"mmlimit: sh: the limit of 1MiB has killed 3 of the processes of user u0_a70; the last one, pid 77, had 512KiB of 1MiB\n");
	expect_tool(
		"mmlimit run u0_a70 1M -- sh -c 'sh $MM_ROOT/kill 77 1; kill -9 $$'",
		137);
	expect_said(
		"has killed 1 of the processes of user u0_a70; the last one, pid 77,");
	/* Its end by the same signal alone proves nothing. */
	expect_tool("mmlimit run u0_a70 1M -- sh -c 'kill -9 $$'", 137);
	expect_output("");
}

static void refusals_leave_the_command_alone(void **state)
{
	static const struct {
		const char *fail;
		int status;
		const char *said;
	} table[] = {
		{ "get:1:1", 1,
		  "mmlimit: cannot run a command as u0_a70: that takes root; as root, you can limit yourself\n" },
		{ "get:1:38", 1,
		  "mmlimit: u0_a70: cannot set a limit of 1M: this kernel has no per-user memory limits: it must be built with CONFIG_MM_LIMIT=y\n" },
		{ "set:1:28", 1,
		  "mmlimit: u0_a70: cannot set a limit of 1M: there are" },
		/* Before the limit was changed, and after that */
		{ "get:1:5", 1,
		  "mmlimit: u0_a70: cannot set a limit of 1M: Input/output error\n" },
		{ "get:3:5", 1,
		  "mmlimit: u0_a70: cannot read the limit: Input/output error\n" },
		{ "fork:1:11", 1,
		  "mmlimit: cannot start a process: Resource temporarily unavailable\n" },
		{ "initgroups:1:1", 1,
		  "mmlimit: cannot become u0_a70: Operation not permitted\n" },
		{ "setgid:1:1", 1, "mmlimit: cannot become u0_a70: " },
		{ "setuid:1:1", 1, "mmlimit: cannot become u0_a70: " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		expect_failing(table[i].fail,
			       "mmlimit run u0_a70 1M -- echo begun",
			       table[i].status);
		expect_said(table[i].said);
		expect_not_said("begun");
	}
	expect_failing("setgroups:1:1", "mmlimit run 10145 1M -- echo begun",
		       1);
	expect_output(
		"mmlimit: cannot become 10145: Operation not permitted\n");
	expect_tool("mmlimit run nobody_here 1M -- echo begun", 2);
	expect_tool("mmlimit run u0_a70 1X -- echo begun", 2);
	expect_said("mmlimit: invalid size '1X'");
	expect_not_said("begun");
}

static void limit_that_cannot_be_put_back_is_told(void **state)
{
	(void)state;
	expect_failing("remove:1:5", "mmlimit run u0_a70 1M -- true", 0);
	expect_output(
		"mmlimit: u0_a70: cannot put the limit back: Input/output error\n");
	expect_tool_of("10070", "mmlimit set u0_a70 512K", 0);
	expect_failing("setresuid:1:11", "mmlimit run u0_a70 1M -- true", 0);
	expect_output(
		"mmlimit: u0_a70: cannot put the limit back: Resource temporarily unavailable\n");
	expect_failing("fork:2:11", "mmlimit run u0_a70 1M -- true", 0);
	expect_said("cannot put the limit back: Resource temporarily");
}

static void protected_caller_is_warned(void **state)
{
	(void)state;
	machine_write("proc/self/oom_score_adj", "-1000\n");
	expect_tool("mmlimit run u0_a70 1M -- true", 0);
	expect_output(
		"mmlimit: warning: oom_score_adj is -1000 here, so no limit kills what is started; 'echo 0 >/proc/self/oom_score_adj' before that\n");
	machine_write("proc/self/oom_score_adj", "0\n");
	expect_tool("mmlimit run u0_a70 1M -- true", 0);
	expect_output("");
}

static struct background command;

static void signals_reach_the_command_and_the_limit_goes(void **state)
{
	(void)state;
	background_start(
		&command,
		"exec mmlimit run u0_a70 1M -- sh -c 'trap \"echo got it; exit 5\" USR1; echo begun; while :; do sleep 0.01; done'");
	background_expect(&command, "begun\n");
	assert_int_equal(background_end(&command, SIGUSR1), 5);
	assert_string_equal(command.text, "begun\ngot it\n");
	expect_tool("mmlimit get u0_a70", 1);
}

/* A shell that stops the job sees it stopped, and continues both. */
static void stopped_command_stops_us_as_well(void **state)
{
	(void)state;
	background_start(
		&command,
		"exec mmlimit run u0_a70 1M -- sh -c 'echo begun; kill -STOP $$; echo went on'");
	background_expect(&command, "begun\n");
	background_wait_stop(&command);
	assert_int_equal(background_end(&command, SIGCONT), 0);
	assert_string_equal(command.text, "begun\nwent on\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(command_runs_as_the_user_under_the_limit),
		MACHINE_TEST(limit_is_put_back_as_it_was),
		MACHINE_TEST(status_is_the_commands),
		MACHINE_TEST(kill_is_explained),
		MACHINE_TEST(refusals_leave_the_command_alone),
		MACHINE_TEST(limit_that_cannot_be_put_back_is_told),
		MACHINE_TEST(protected_caller_is_warned),
		MACHINE_TEST(signals_reach_the_command_and_the_limit_goes),
		MACHINE_TEST(stopped_command_stops_us_as_well),
	};

	return RUN_GROUP(tests);
}
