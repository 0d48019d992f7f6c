// SPDX-License-Identifier: GPL-2.0-only
/* Tests mmlimit's commands: what they do, print and return. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/json_check.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/tools.h"
#include "lib/usage.h"

KTAP_TEST(set_limits_a_user, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit set u0_a70 100M"), 0);
	EXPECT_STREQ(tool_output, "");
	limit_expect(USER_A, 100 * MIB, 0);
	EXPECT_EQ(limit_read(USER_A).hard_max, 100 * MIB);
	EXPECT_EQ(tool("mmlimit set 10060 1.5MiB --grace 1.5s"), 0);
	limit_expect(USER_B, 3 * MIB / 2, 1500);
	EXPECT_EQ(
		tool("mmlimit set --policy badness --grace 20ms u0_a80 100MB"),
		0);
	limit_expect(USER_C, 100000000, 20);
	EXPECT_EQ(limit_read(USER_C).policy, MM_LIMIT_BADNESS);
	EXPECT_EQ(
		tool("mmlimit unset 10070 && mmlimit unset u0_a60 && mmlimit unset u0_a80"),
		0);
	limit_expect_none(USER_A);
	limit_expect_none(USER_B);
	limit_expect_none(USER_C);
}

KTAP_TEST(set_changes_only_what_is_named, 20, "tools")
{
	ASSERT_EQ(
		tool("mmlimit set u0_a70 100M --grace 2s --policy most_private"),
		0);
	EXPECT_EQ(tool("mmlimit set u0_a70 50M"), 0);
	limit_expect(USER_A, 50 * MIB, 2000);
	EXPECT_EQ(tool("mmlimit set u0_a70 --grace 0"), 0);
	limit_expect(USER_A, 50 * MIB, 0);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_MOST_PRIVATE);
	EXPECT_EQ(tool("mmlimit set u0_a70 -p 1 -g 1m"), 0);
	limit_expect(USER_A, 50 * MIB, 60000);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_LONGEST_RUN_TIME);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	EXPECT_EQ(tool("mmlimit set u0_a70 --grace 1s"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a70: cannot change the limit: there is no limit; 'mmlimit set' with a size");
	limit_expect_none(USER_A);
}

KTAP_TEST(get_shows_everything, 20, "tools")
{
	struct worker worker;

	ASSERT_EQ(tool("mmlimit set u0_a70 10M --grace 2s"), 0);
	ASSERT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 8M'"), 0);
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID("user     u0_a70 (10070)\n"
		    "limit    8MiB, grace 0s\n"
		    "hard     10MiB, grace 2s\n"
		    "own      8MiB, grace 0s\n"
		    "policy   highest_rss\n"
		    "reclaim  off\n"
		    "state    idle\n"
		    "usage    0B, 0.0 % of the limit\n");
	EXPECT_SAID("kills    0\n");
	EXPECT_NOT_SAID("last");
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit get 10070 --bytes'"), 0);
	EXPECT_SAID(
		"limit    8388608, grace 0s\nhard     10485760, grace 2s\n");
	EXPECT_SAID("exceeds  1\ngraces   0\nkills    1\nlast     pid ");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(list_shows_all_limits, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_STREQ(
		tool_output,
		"USER  LIMIT  KIND  USAGE  USE%  GRACE  KILLS  POLICY  STATE\n");
	ASSERT_EQ(mmlimit_set_time(USER_A, 100 * MIB, 2000), 0);
	ASSERT_EQ(mmlimit_set(10145, 1000), 0);
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_STREQ(
		tool_output,
		"USER     LIMIT  KIND  USAGE  USE%  GRACE  KILLS  POLICY       STATE\n"
		"10145    1000B  hard     0B   0.0     0s      0  highest_rss  idle\n"
		"u0_a70  100MiB  hard     0B   0.0     2s      0  highest_rss  idle\n");
	EXPECT_EQ(tool("mmlimit list --bytes"), 0);
	EXPECT_SAID(" 104857600 ");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit list'"), 0);
	EXPECT_SAID("u0_a70");
	EXPECT_NOT_SAID("10145");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(10145), 0);
}

KTAP_TEST(sizes_above_a_machine_word_are_exact, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit set u0_a70 6GiB"), 0);
	EXPECT_EQ(limit_read(USER_A).mm_max, 6ULL << 30);
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_SAID(" 6GiB ");
	EXPECT_EQ(tool("mmlimit set u0_a70 6442450945"), 0);
	EXPECT_EQ(tool("mmlimit list --bytes"), 0);
	EXPECT_SAID(" 6442450945 ");
	/* Programs that read a word get the most that fits. */
	limit_expect(USER_A, LIMIT_HUGE, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(sizes_may_be_shares_of_the_memory, 20, "tools")
{
	const unsigned long long kib = memory_info("MemTotal") / KIB;

	EXPECT_EQ(tool("mmlimit set u0_a70 50%"), 0);
	EXPECT_EQ(limit_read(USER_A).mm_max, kib * 1024 / 2);
	EXPECT_EQ(tool("mmlimit set u0_a70 12.5% -r 80% -s 100%"), 0);
	EXPECT_EQ(limit_read(USER_A).mm_max, kib * 1024 / 8);
	EXPECT_EQ(limit_read(USER_A).swap_max, kib * 1024);
	EXPECT_EQ(tool("mmlimit set u0_a70 101%"), 2);
	EXPECT_SAID(
		"mmlimit: size '101%' is out of range (at most 18446744073709551614 bytes, or 100%)\n");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define GROUPS "/etc/group"

KTAP_TEST(groups_stand_for_their_members, 20, "tools")
{
	ASSERT_EQ(
		tool("cp " GROUPS
		     " /tmp/group && (echo 'apps:x:20000:u0_a60,u0_a70,gone'; echo 'mixed:x:20001:u0_a60,root'; echo 'nobodys:x:20002:') >>" GROUPS),
		0);
	EXPECT_EQ(tool("mmlimit set @apps 50M --grace 1s"), 0);
	EXPECT_STREQ(tool_output, "");
	limit_expect(USER_A, 50 * MIB, 1000);
	limit_expect(USER_B, 50 * MIB, 1000);
	EXPECT_EQ(tool("mmlimit get --json @apps"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_EQ(occurrences(tool_output, "{\"uid\": "), 2);
	EXPECT_EQ(tool("mmlimit get @20000"), 0);
	EXPECT_EQ(occurrences(tool_output, "user     u0_a"), 2);
	EXPECT_EQ(occurrences(tool_output, "limit    50MiB, grace 1s\n"), 2);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	EXPECT_EQ(tool("mmlimit get @apps"), 0);
	EXPECT_EQ(occurrences(tool_output, "user     "), 1);
	/* One member has no limit that could be changed, so none is. */
	EXPECT_EQ(tool("mmlimit set @apps --grace 0"), 1);
	EXPECT_STREQ(
		tool_output,
		"mmlimit: u0_a60: there is no limit; 'mmlimit set' with a size makes one\n");
	limit_expect(USER_A, 50 * MIB, 1000);
	EXPECT_EQ(tool("mmlimit set @mixed 1M"), 1);
	EXPECT_SAID("mmlimit: root: uid 0 is below vm.mm_limit_min_uid");
	limit_expect_none(USER_B);
	EXPECT_EQ(tool("mmlimit set @apps 1M --swap-max 1M"), 1);
	EXPECT_SAID(": cannot bound the swap of a limit that does not reclaim");
	limit_expect(USER_A, 50 * MIB, 1000);
	EXPECT_EQ(tool("mmlimit unset @apps"), 0);
	limit_expect_none(USER_A);
	EXPECT_EQ(tool("mmlimit unset @apps"), 1);
	EXPECT_STREQ(tool_output, "mmlimit: @apps: no member has a limit\n");
	EXPECT_EQ(tool("mmlimit get @apps"), 1);
	EXPECT_STREQ(tool_output, "mmlimit: @apps: no member has a limit\n");
	/* The user's own group lists nobody. */
	EXPECT_EQ(tool("mmlimit set @u0_a80 9M"), 0);
	limit_expect(USER_C, 9 * MIB, 0);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
	EXPECT_EQ(tool("mmlimit set @nobodys 9M"), 1);
	EXPECT_STREQ(tool_output,
		     "mmlimit: @nobodys: the group has no members\n");
	EXPECT_EQ(tool("mmlimit set @nosuch 9M"), 2);
	EXPECT_SAID(
		"mmlimit: no such group 'nosuch' (after the @, a name, or a number)\n");
	EXPECT_EQ(tool("mmlimit set @ 9M"), 2);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set @apps 9M'"), 1);
	EXPECT_SAID("mmlimit: u0_a60: it is another user's");
	limit_expect_none(USER_A);
	ASSERT_EQ(tool("cp /tmp/group " GROUPS), 0);
}

KTAP_TEST(group_is_tried_and_warned_and_each_member_reclaims_as_before, 20,
	  "tools")
{
	ASSERT_EQ(
		tool("cp " GROUPS
		     " /tmp/group && echo 'apps:x:20000:u0_a60,u0_a70' >>" GROUPS),
		0);
	ASSERT_EQ(tool("mmlimit set @apps 50M"), 0);
	ASSERT_EQ(tool("mmlimit set u0_a70 --reclaim 70%"), 0);
	EXPECT_EQ(tool("mmlimit set @apps --dry-run --warn 80% --term 20ms"),
		  0);
	EXPECT_EQ(limit_read(USER_A).flags,
		  MM_LIMIT_RECLAIM | MM_LIMIT_DRY_RUN);
	EXPECT_EQ(limit_read(USER_A).threshold, 70);
	EXPECT_EQ(limit_read(USER_B).flags, MM_LIMIT_DRY_RUN);
	EXPECT_EQ(limit_read(USER_B).warn, 80);
	EXPECT_EQ(limit_read(USER_B).term_ms, 20);
	EXPECT_EQ(tool("mmlimit set @apps --no-dry-run"), 0);
	EXPECT_EQ(limit_read(USER_A).flags, MM_LIMIT_RECLAIM);
	EXPECT_EQ(limit_read(USER_B).flags, 0);
	EXPECT_EQ(tool("mmlimit why @apps"), 0);
	EXPECT_EQ(occurrences(tool_output, "Nobody was killed for this limit."),
		  2);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(tool("mmlimit why @apps"), 0);
	EXPECT_STREQ(tool_output,
		     "u0_a60:\nNobody was killed for this limit.\n");
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	EXPECT_EQ(tool("mmlimit why @apps"), 1);
	EXPECT_STREQ(tool_output, "mmlimit: @apps: no member has a limit\n");
	ASSERT_EQ(tool("mv /tmp/group " GROUPS), 0);
}

KTAP_TEST(list_for_programs_is_json, 20, "tools")
{
	static const char *const keys[] = {
		"uid",	       "user",		"mm_max",
		"grace_ms",    "policy",	"flags",
		"state",       "hard_max",	"hard_grace_ms",
		"self_max",    "self_grace_ms", "usage",
		"peak",	       "exceeds",	"graces",
		"kills",       "kill_pid",	"kill_rss",
		"kill_usage",  "threshold",	"swap",
		"swap_max",    "scanned",	"spared",
		"swapped_out", "dropped",	"direct_reclaims",
		"refaults",    "thrashed",	"anon",
		"file",	       "shmem",		"tables",
		"kernel",      "refused",	"warn",
		"warned",      "warnings",	"dry_kills",
		"term_ms",     "terms",		"swap_stored",
		"rule",	       "first",		"last",
		"members",
	};
	char key[32];

	EXPECT_EQ(tool("mmlimit list --json"), 0);
	EXPECT_STREQ(tool_output, "{\n  \"schema\": 1,\n  \"limits\": []\n}\n");
	EXPECT_TRUE(json_is_valid(tool_output));
	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT_HUGE, 4000000000), 0);
	ASSERT_EQ(mmlimit_set(10145, 0), 0);
	EXPECT_EQ(tool("mmlimit list --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		snprintf(key, sizeof(key), "\"%s\": ", keys[i]);
		EXPECT_EQ(occurrences(tool_output, key), 2);
	}
	EXPECT_SAID(
		"{\"uid\": 10070, \"user\": \"u0_a70\", \"mm_max\": 4294967294, \"grace_ms\": 4000000000, \"policy\": \"highest_rss\", \"flags\": 0, \"state\": \"idle\", \"hard_max\": 4294967294, \"hard_grace_ms\": 4000000000, \"self_max\": null, \"self_grace_ms\": null, ");
	EXPECT_SAID("{\"uid\": 10145, \"user\": null, \"mm_max\": 0, ");
	EXPECT_EQ(tool("mmlimit list --help"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		EXPECT_SAID(keys[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(10145), 0);
}

KTAP_TEST(list_for_prometheus_has_metrics_of_each_limit, 20, "tools")
{
	ASSERT_EQ(mmlimit_set(USER_A, 100 * MIB), 0);
	ASSERT_EQ(mmlimit_set(10145, 1000), 0);
	EXPECT_EQ(tool("mmlimit list --format prometheus"), 0);
	EXPECT_SAID("# TYPE mm_limit_bytes gauge\n"
		    "mm_limit_bytes{uid=\"10145\"} 1000\n"
		    "mm_limit_bytes{uid=\"10070\",user=\"u0_a70\"} 104857600\n"
		    "# HELP ");
	EXPECT_EQ(occurrences(tool_output, "\nmm_limit_kills_total{"), 2);
	EXPECT_EQ(tool("mmlimit list --format json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_EQ(tool("mmlimit list --format table"), 0);
	EXPECT_SAID("USER ");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(10145), 0);
}

KTAP_TEST(json_checker_tells_good_from_bad, 10, "tools")
{
	static const char *const good[] = {
		"{}",
		" [ ] ",
		"[1, -0.5e+3, \"a\\u00e9\\n\", null, {\"a\": [true]}]",
	};
	static const char *const bad[] = {
		"",    "{",	  "[1,]",  "{\"a\"}", "{\"a\": 1,}", "[01]",
		"nul", "\"\\x\"", "[1] 2", "{a: 1}",  "[\"\n\"]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		EXPECT_TRUE(json_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (json_is_valid(bad[i]))
			KTAP_FAIL("%s is no JSON", bad[i]);
}

KTAP_TEST(users_limit_themselves_only, 20, "tools")
{
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 50M'"), 0);
	EXPECT_EQ(limit_read(USER_A).self_max, 50 * MIB);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a60 50M'"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a60: cannot set a limit of 50M: it is another user's: that takes CAP_SYS_RESOURCE");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit get u0_a60'"), 1);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit kill'"), 1);
	EXPECT_SAID("CAP_SYS_RESOURCE");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit unset u0_a70'"), 0);
	limit_expect_none(USER_A);
}

KTAP_TEST(hard_limit_is_insisted_on, 20, "tools")
{
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 50M --hard'"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a70: cannot set a hard limit: that takes CAP_SYS_RESOURCE");
	limit_expect_none(USER_A);
	EXPECT_EQ(tool("mmlimit set u0_a70 100M --hard --grace 1s"), 0);
	EXPECT_EQ(limit_read(USER_A).hard_max, 100 * MIB);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 200M'"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a70: cannot set a limit of 200M: a hard limit of 100MiB stands, with grace 1s and policy highest_rss");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit unset u0_a70'"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a70: cannot remove the limit: a hard limit of 100MiB stands");
	limit_expect(USER_A, 100 * MIB, 1000);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(errors_name_user_limit_and_remedy, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit set root 1M"), 1);
	EXPECT_SAID(
		"mmlimit: root: cannot set a limit of 1M: uid 0 is below vm.mm_limit_min_uid, which is 10000");
	EXPECT_EQ(tool("mmlimit unset u0_a70"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a70: cannot remove the limit: there is no limit");
	EXPECT_EQ(tool("mmlimit get u0_a70"), 1);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1"), 0);
	ASSERT_EQ(mmlimit_set(USER_B, MIB), 0);
	EXPECT_EQ(tool("mmlimit set u0_a70 1M"), 1);
	EXPECT_SAID(
		"as many limits as vm.mm_limit_max_entries, which is 1, allows");
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
	EXPECT_EQ(tool("mmlimit list >/dev/full"), 1);
	EXPECT_SAID("mmlimit: cannot write: ");
}

KTAP_TEST(wrong_usage_is_explained, 20, "tools")
{
	static const char *const wrong[] = {
		"",
		"nosuch",
		"set",
		"set u0_a70",
		"set nobody_here 1M",
		"set u0_a70 1X",
		"set u0_a70 -1",
		"set u0_a70 99999999999G",
		"set u0_a70 1M 2M",
		"set u0_a70 1M --grace 2",
		"set u0_a70 1M --grace",
		"set u0_a70 1M --grace 9999999h",
		"set u0_a70 1M --policy worst",
		"set u0_a70 1M --reclaim",
		"set u0_a70 1M --reclaim 0",
		"set u0_a70 1M --reclaim 101%",
		"set u0_a70 1M --reclaim 0.8",
		"set u0_a70 1M --swap-max 1X",
		"set u0_a70 1M --reclaim off --swap-max 1M",
		"set u0_a70 1M --json",
		"set u0_a70 1M --hard=1",
		"get",
		"get u0_a70 --policy badness",
		"unset",
		"list u0_a70",
		"list -x",
		"top -n 0",
		"top --delay 0",
		"watch me",
		"why u0_a70 u0_a60",
		"why nobody_here",
		"watch u0_a70 u0_a60",
		"watch --exec",
		"load a b",
		"kill u0_a70",
		"run u0_a70 1M",
		"run u0_a70 1M --reclaim -5 -- true",
	};
	char line[64];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(line, sizeof(line), "mmlimit %s", wrong[i]);
		EXPECT_EQ(tool(line), 2);
		EXPECT_SAID("mmlimit: ");
		EXPECT_SAID("\nTry 'mmlimit ");
		EXPECT_SAID("--help'.\n");
	}
	limit_expect_none(USER_A);
}

KTAP_TEST(each_command_has_help, 20, "tools")
{
	static const char *const commands[] = { "set",	"get",	"unset",
						"list", "top",	"watch",
						"why",	"load", "save",
						"kill", "run" };
	char line[64], usage[64], again[PROGRAM_OUTPUT];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(line, sizeof(line), "mmlimit %s --help", commands[i]);
		snprintf(usage, sizeof(usage), "Usage: mmlimit %s",
			 commands[i]);
		EXPECT_EQ(tool(line), 0);
		EXPECT_SAID(usage);
		EXPECT_SAID("--help ");
		strcpy(again, tool_output);
		snprintf(line, sizeof(line), "mmlimit help %s", commands[i]);
		EXPECT_EQ(tool(line), 0);
		EXPECT_STREQ(tool_output, again);
	}
	EXPECT_EQ(tool("mmlimit --help"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(usage, sizeof(usage), "  mmlimit %s ", commands[i]);
		EXPECT_SAID(usage);
	}
	EXPECT_EQ(tool("mmlimit --version"), 0);
	EXPECT_SAID("mmlimit 1.");
}

KTAP_TEST(kill_runs_the_killer, 20, "tools")
{
	struct worker small, large;

	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	EXPECT_EQ(tool("mmlimit kill"), 0);
	EXPECT_STREQ(tool_output, "0\n");
	ASSERT_EQ(mmlimit_set(USER_A, 16 * MIB), 0);
	small = start_holding(USER_A, 4 * MIB);
	large = start_holding(USER_A, 14 * MIB);
	process_set_oom_score_adj(small.pid, "900");
	EXPECT_EQ(tool("mmlimit kill --policy badness"), 0);
	EXPECT_STREQ(tool_output, "1\n");
	EXPECT_TRUE(worker_was_killed(&small));
	EXPECT_EQ(worker_call(&large, held_grow, 4 * MIB / PAGE), 0);
	EXPECT_EQ(tool("mmlimit kill"), 0);
	EXPECT_STREQ(tool_output, "1\n");
	EXPECT_TRUE(worker_was_killed(&large));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}
