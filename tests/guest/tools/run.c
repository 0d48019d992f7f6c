// SPDX-License-Identifier: GPL-2.0-only
/* Tests mmlimit run. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/background.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/tools.h"

#define RUN "mmlimit run u0_a70 20M -- "

KTAP_TEST(run_exits_as_the_command_did, 20, "tools")
{
	EXPECT_EQ(tool(RUN "true"), 0);
	EXPECT_STREQ(tool_output, "");
	EXPECT_EQ(tool(RUN "sh -c 'exit 5'"), 5);
	EXPECT_EQ(tool(RUN "sh -c 'kill -TERM $$'"), 128 + SIGTERM);
	EXPECT_EQ(tool(RUN "nosuch; echo status $?"), 0);
	EXPECT_SAID("mmlimit: nosuch: ");
	EXPECT_SAID("status 127\n");
	EXPECT_EQ(tool(RUN "/etc/passwd"), 126);
	EXPECT_EQ(tool("mmlimit run root 20M -- true"), 1);
	limit_expect_none(USER_A);
}

KTAP_TEST(run_explains_that_the_limit_killed_the_command, 20, "tools")
{
	EXPECT_EQ(tool(RUN "hog 40M"), 128 + SIGKILL);
	EXPECT_SAID("hog: pid ");
	EXPECT_SAID(
		"mmlimit: hog: killed by the limit of 20MiB: user u0_a70 had 20MiB, of which this process (pid ");
	EXPECT_EQ(occurrences(tool_output, "mmlimit: "), 1);
	EXPECT_EQ(tool(RUN "hog 10M"), 0);
	EXPECT_NOT_SAID("mmlimit: ");
	limit_expect_none(USER_A);
}

KTAP_TEST(run_explains_that_the_limit_killed_a_child_of_the_command, 20,
	  "tools")
{
	EXPECT_EQ(tool(RUN "sh -c 'hog 40M; exit 3'"), 3);
	EXPECT_SAID(
		"mmlimit: sh: the limit of 20MiB has killed 1 of the processes of user u0_a70; the last one, pid ");
	limit_expect_none(USER_A);
}

KTAP_TEST(run_blames_no_limit_for_another_kill, 20, "tools")
{
	EXPECT_EQ(tool(RUN "sh -c 'kill -KILL $$'"), 128 + SIGKILL);
	EXPECT_NOT_SAID("limit of");
	limit_expect_none(USER_A);
}

KTAP_TEST(run_becomes_the_user, 20, "tools")
{
	EXPECT_EQ(tool(RUN "sh -c 'id -u; id -ru; id -g; id -G; mmlimit list'"),
		  0);
	EXPECT_SAID("10070\n10070\n10070\n10070\n");
	EXPECT_SAID("\nu0_a70  20MiB  hard ");
	/* It has no entry. */
	EXPECT_EQ(tool("mmlimit run 10150 20M -- sh -c 'id -u; id -g; id -G'"),
		  0);
	EXPECT_STREQ(tool_output, "10150\n10150\n10150\n");
	EXPECT_EQ(
		tool("mmlimit run u0_a70 20M --grace 3s --policy badness -- mmlimit list"),
		0);
	EXPECT_SAID("3s      0  badness ");
}

KTAP_TEST(run_puts_the_earlier_limit_back, 20, "tools")
{
	struct mm_limit_attr attr;

	ASSERT_EQ(tool("mmlimit set u0_a70 50M --grace 1s --policy badness"),
		  0);
	ASSERT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 40M'"), 0);
	EXPECT_EQ(tool(RUN "mmlimit get u0_a70"), 0);
	EXPECT_SAID("limit    20MiB, grace 0s\n");
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.hard_max, 50 * MIB);
	EXPECT_EQ(attr.hard_grace_ms, 1000);
	EXPECT_EQ(attr.self_max, 40 * MIB);
	EXPECT_EQ(attr.policy, MM_LIMIT_BADNESS);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	ASSERT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 40M -g 2s -p 3'"), 0);
	EXPECT_EQ(tool(RUN "true"), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.hard_max, MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(attr.self_max, 40 * MIB);
	EXPECT_EQ(attr.self_grace_ms, 2000);
	EXPECT_EQ(attr.policy, MM_LIMIT_MOST_PRIVATE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(run_blames_the_limit_for_what_it_did_alone, 20, "tools")
{
	EXPECT_EQ(tool(RUN "sh -c 'hog 40M; hog 40M; kill -9 $$'"),
		  128 + SIGKILL);
	EXPECT_TRUE(!strstr(tool_output, "killed by the limit"));
	EXPECT_SAID("the limit of 20MiB has killed 2 of the processes");
}

KTAP_TEST(run_warns_where_nothing_can_be_killed, 10, "tools")
{
	EXPECT_EQ(tool("sh -c 'echo -1000 >/proc/self/oom_score_adj; " RUN
		       "true'"),
		  0);
	EXPECT_SAID("mmlimit: warning: oom_score_adj is -1000 here");
	EXPECT_EQ(tool(RUN "true"), 0);
	EXPECT_TRUE(!strstr(tool_output, "warning"));
}

KTAP_TEST(run_of_a_user_is_for_oneself, 20, "tools")
{
	EXPECT_EQ(tool("su u0_a70 -c '" RUN "hog 40M'"), 128 + SIGKILL);
	EXPECT_SAID("mmlimit: hog: killed by the limit of 20MiB");
	limit_expect_none(USER_A);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit run u0_a60 20M -- true'"), 1);
	EXPECT_SAID("mmlimit: cannot run a command as u0_a60: that takes root");
	ASSERT_EQ(mmlimit_set(USER_A, 10 * MIB), 0);
	EXPECT_EQ(tool("su u0_a70 -c '" RUN "true'"), 1);
	EXPECT_SAID("a hard limit of 10MiB stands");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(run_passes_signals_on, 20, "tools")
{
	static const char script[] =
		"trap 'echo got it; kill $!; exit 3' USR1; trap '' TERM;"
		"sleep 1000 & echo ready; while :; do wait; done";
	struct background program;
	int status;

	BACKGROUND(&program, "mmlimit", "run", "u0_a70", "20M", "--", "sh",
		   "-c", script);
	background_expect(&program, "ready\n");
	/* Ours is not ended by what its command ignores. */
	ASSERT_EQ(kill(program.pid, SIGTERM), 0);
	status = background_end(&program, SIGUSR1);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 3);
	EXPECT_TRUE(strstr(program.text, "got it\n"));
	background_close(&program);

	BACKGROUND(&program, "mmlimit", "run", "u0_a70", "20M", "--", "sh",
		   "-c", "echo ready; exec sleep 1000");
	background_expect(&program, "ready\n");
	status = background_end(&program, SIGTERM);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM);
	background_close(&program);
	limit_expect_none(USER_A);
}

KTAP_TEST(run_stops_and_goes_on_with_the_command, 20, "tools")
{
	struct background program;
	int status;

	BACKGROUND(&program, "mmlimit", "run", "u0_a70", "20M", "--", "sh",
		   "-c", "kill -STOP $$; echo on; exit 4");
	process_wait_for(program.pid, 'T');
	status = background_end(&program, SIGCONT);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 4);
	EXPECT_TRUE(strstr(program.text, "on\n"));
	background_close(&program);
	limit_expect_none(USER_A);
}
