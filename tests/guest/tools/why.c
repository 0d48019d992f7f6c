// SPDX-License-Identifier: GPL-2.0-only
/* Tests what 'mmlimit why' explains, to whom. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/json_check.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/tools.h"
#include "lib/usage.h"

static long take_name(long name)
{
	return prctl(PR_SET_NAME, name);
}

/* Has a process of this name killed for its user's limit of 8 MiB. */
static pid_t have_one_killed(uid_t uid, const char *name)
{
	struct worker worker = worker_start(uid);

	EXPECT_EQ(worker_call(&worker, take_name, (long)name), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	return worker.pid;
}

KTAP_TEST(kill_is_explained_in_sentences, 20, "tools")
{
	struct worker other;
	char text[64];
	pid_t pid;

	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	other = start_holding(USER_A, MIB);
	ASSERT_EQ(worker_call(&other, take_name, (long)"bystander"), 0);
	pid = have_one_killed(USER_A, "glutton");
	EXPECT_EQ(tool("mmlimit why u0_a70"), 0);
	snprintf(text, sizeof(text), "u0_a70:\nglutton (pid %d) was killed on ",
		 pid);
	EXPECT_SAID(text);
	EXPECT_SAID(
		" ago),\n  because the user exceeded its limit.\n  The user had 8MiB of 8MiB: anon ");
	EXPECT_SAID(
		"  By the policy highest_rss the largest process goes first.\n");
	snprintf(text, sizeof(text),
		 "  The user's largest others then: bystander (pid %d) with ",
		 other.pid);
	EXPECT_SAID(text);
	EXPECT_EQ(tool("mmlimit why --bytes"), 0);
	EXPECT_SAID(" of 8388608: anon ");
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(last_kill_is_explained_first, 30, "tools")
{
	const char *last, *first;
	char name[16];

	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	for (int i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "eater%d", i);
		have_one_killed(USER_A, name);
	}
	EXPECT_EQ(tool("mmlimit why u0_a70"), 0);
	last = strstr(tool_output, "eater9 (pid ");
	first = strstr(tool_output, "eater2 (pid ");
	ASSERT_TRUE(last && first);
	EXPECT_TRUE(last < first);
	EXPECT_NOT_SAID("eater1 (pid ");
	EXPECT_SAID("Earlier kills that are no longer remembered: 1.\n");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(users_are_told_why_without_privilege, 20, "tools")
{
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	ASSERT_EQ(mmlimit_set(USER_B, 8 * MIB), 0);
	have_one_killed(USER_A, "mine");
	have_one_killed(USER_B, "theirs");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit why'"), 0);
	EXPECT_SAID("u0_a70:\nmine (pid ");
	EXPECT_NOT_SAID("theirs");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit why u0_a60'"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a60: cannot read the limit: it is another user's");
	EXPECT_NOT_SAID("theirs");
	EXPECT_EQ(tool("mmlimit why"), 0);
	EXPECT_SAID("mine (pid ");
	EXPECT_SAID("theirs (pid ");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(quiet_limits_are_not_explained_unless_asked_for, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit why u0_a70"), 1);
	EXPECT_SAID("there is no limit");
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_EQ(tool("mmlimit why"), 0);
	EXPECT_STREQ(
		tool_output,
		"Nobody was killed for a limit, and nothing was refused for one.\n");
	EXPECT_EQ(tool("mmlimit why 10070"), 0);
	EXPECT_STREQ(tool_output,
		     "u0_a70:\nNobody was killed for this limit.\n");
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
		if (write(fd, block, sizeof(block)) < 0)
			return -errno;
	return 0;
}

KTAP_TEST(user_whose_files_fill_its_limit_is_told_so, 20, "tools")
{
	struct worker worker;

	limits_count("held");
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, fill_memfd, 16 * MIB), -ENOSPC);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit why'"), 0);
	EXPECT_SAID("u0_a70:\nNobody was killed for this limit.\n");
	EXPECT_SAID(
		" calls failed for lack of room, and nobody was killed for them.\n");
	EXPECT_SAID(
		"  Those files fill its limit: tmpfs, memfds and shared memory count until they are\n  removed");
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_count("rss");
}

KTAP_TEST(names_cannot_forge_an_explanation, 20, "tools")
{
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	have_one_killed(USER_A, "\033[2J\nroot:\"\\\xff");
	EXPECT_EQ(tool("mmlimit why"), 0);
	EXPECT_SAID("u0_a70:\n\\033[2J\\012root:\"\\134\\377 (pid ");
	EXPECT_EQ(tool("mmlimit why --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_SAID("\"name\": \"\\\\033[2J\\\\012root:\\\"\\\\134\\\\377\", ");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(explanation_for_programs_is_json, 20, "tools")
{
	static const char *const keys[] = {
		"number", "dry_run", "term",   "boot_ns", "wall_ns", "reason",
		"policy", "anon",    "file",   "tables",  "swap",    "pid",
		"name",	  "memory",  "age_ns", "cpu_ns",  "beside",
	};
	char key[32];

	EXPECT_EQ(tool("mmlimit why --json"), 0);
	EXPECT_STREQ(tool_output, "{\n  \"schema\": 1,\n  \"limits\": []\n}\n");
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	have_one_killed(USER_A, "glutton");
	ASSERT_EQ(mmlimit_set(10145, MIB), 0);
	EXPECT_EQ(tool("mmlimit why --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_SAID(
		"{\"uid\": 10145, \"user\": null, \"mm_max\": 1048576, \"usage\": 0, \"refused\": 0, ");
	EXPECT_SAID("\"reason\": \"exceeded\", \"policy\": \"highest_rss\", ");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		snprintf(key, sizeof(key), "\"%s\": ", keys[i]);
		EXPECT_EQ(occurrences(tool_output, key), 1);
	}
	EXPECT_EQ(tool("mmlimit why u0_a70 --json"), 0);
	EXPECT_NOT_SAID("10145");
	EXPECT_EQ(tool("mmlimit why --help"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		EXPECT_SAID(keys[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(10145), 0);
}

KTAP_TEST(trial_of_a_limit_is_set_shown_and_explained, 20, "tools")
{
	struct worker worker;

	EXPECT_EQ(tool("mmlimit set u0_a70 8M --warn 50% --dry-run"), 0);
	EXPECT_EQ(limit_read(USER_A).flags, MM_LIMIT_DRY_RUN);
	EXPECT_EQ(limit_read(USER_A).warn, 50);
	EXPECT_EQ(tool("mmlimit set u0_a70 --reclaim 80%"), 0);
	EXPECT_EQ(limit_read(USER_A).flags,
		  MM_LIMIT_DRY_RUN | MM_LIMIT_RECLAIM);
	EXPECT_EQ(tool("mmlimit set u0_a70 --reclaim off"), 0);
	worker = start_holding(USER_A, 12 * MIB);
	ktap_waiting_for("a dry kill");
	while (!limit_read(USER_A).dry_kills)
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID(
		"warn     above 50 % of the limit, 1 times so far, and now\n"
		"dry run  nobody is killed; 1 would have been\n");
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_SAID("  idle,warned,dry\n");
	EXPECT_EQ(tool("mmlimit why u0_a70"), 0);
	EXPECT_SAID(") would have been killed on ");
	EXPECT_EQ(tool("mmlimit why --json"), 0);
	EXPECT_SAID(
		"\"dry_run\": true, \"term\": false, \"reason\": \"exceeded\"");
	EXPECT_EQ(tool("mmlimit set u0_a70 --no-dry-run"), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(tool("mmlimit why u0_a70"), 0);
	EXPECT_SAID(") was killed on ");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(victim_that_was_asked_to_end_is_explained, 20, "tools")
{
	struct worker worker;

	EXPECT_EQ(tool("mmlimit set u0_a70 8M --term 10s"), 0);
	EXPECT_EQ(limit_read(USER_A).term_ms, 10000);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_EQ(WTERMSIG(worker_wait(&worker)), SIGTERM);
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID("term     SIGTERM 10s before SIGKILL, 1 times so far\n");
	EXPECT_SAID("kills    0\n");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit why'"), 0);
	EXPECT_SAID(") was asked to end (SIGTERM) on ");
	EXPECT_EQ(tool("mmlimit why --json"), 0);
	EXPECT_SAID("\"dry_run\": false, \"term\": true, ");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
