// SPDX-License-Identifier: GPL-2.0-only
/* Tests the commands of mmlimit on rules, which give many users a limit. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/background.h"
#include "lib/json_check.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/rules.h"
#include "lib/swap.h"
#include "lib/tools.h"

#define CONF "/tmp/test.conf"

/* The range has users A, B and C. */
#define RANGE "10050-10099"
#define FIRST 10050
#define LAST 10099
#define NONE UINT64_MAX

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

static void expect_no_rule(void)
{
	EXPECT_EQ(tool("mmlimit get " RANGE), 1);
	EXPECT_SAID(
		"mmlimit: " RANGE
		": cannot read the rule: there is no rule for just these users");
}

KTAP_TEST(range_gives_each_of_its_users_a_limit, 20, "tools")
{
	struct worker worker;

	EXPECT_EQ(tool("mmlimit set " RANGE " 8M --grace 1h --warn 90%"), 0);
	EXPECT_STREQ(tool_output, "");
	worker = start_holding(USER_A, MIB);
	rule_expect(USER_A, EACH, FIRST, LAST, 8 * MIB);
	EXPECT_EQ(limit_read(USER_A).warn, 90);
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_SAID("\n" RANGE "   8MiB  hard ");
	EXPECT_SAID("  each\n");
	EXPECT_SAID("\nu0_a70        8MiB  hard ");
	EXPECT_SAID("  each:" RANGE "\n");
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID("user     u0_a70 (10070)\n"
		    "rule     what each has of " RANGE "\n"
		    "limit    8MiB, grace 1h\n");
	EXPECT_EQ(tool("mmlimit get " RANGE), 0);
	EXPECT_SAID("users    " RANGE ", each\nlimit    8MiB, grace 1h\n");
	/* What is not named stays. */
	EXPECT_EQ(tool("mmlimit set " RANGE " --grace 0"), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).mm_max, 8 * MIB);
	EXPECT_EQ(rule_read(FIRST, LAST).warn, 90);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(tool("mmlimit unset " RANGE), 0);
	EXPECT_STREQ(tool_output, "");
	expect_no_rule();
	limit_expect_none(USER_A);
}

KTAP_TEST(pool_is_one_limit_and_explains_to_each_what_is_its_own, 20, "tools")
{
	struct worker a, b;

	EXPECT_EQ(tool("mmlimit set " RANGE " 16M --pool"), 0);
	a = start_holding(USER_A, 10 * MIB);
	b = start_holding(USER_B, 2 * MIB);
	EXPECT_EQ(tool("mmlimit get " RANGE), 0);
	EXPECT_SAID("users    " RANGE
		    ", a pool for all together, with 2 now\n");
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID("rule     one of the pool " RANGE "\nlimit    none\n");
	EXPECT_EQ(tool("mmlimit list --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_SAID("{\"uid\": null, \"user\": null, \"mm_max\": 16777216, ");
	EXPECT_SAID(
		", \"rule\": \"pool\", \"first\": 10050, \"last\": 10099, \"members\": 2}");
	EXPECT_SAID(
		"{\"uid\": 10070, \"user\": \"u0_a70\", \"mm_max\": null, ");
	EXPECT_EQ(
		tool("mmlimit list --format prometheus | grep mm_limit_bytes{"),
		0);
	EXPECT_SAID("mm_limit_bytes{range=\"" RANGE
		    "\",rule=\"pool\"} 16777216\n");
	EXPECT_SAID(
		"mm_limit_bytes{uid=\"10070\",user=\"u0_a70\",range=\"" RANGE
		"\",rule=\"pool\"} +Inf\n");

	/* Who goes is the largest of all. */
	EXPECT_EQ(worker_call(&b, held_grow, 6 * MIB / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_EQ(tool("mmlimit why"), 0);
	EXPECT_SAID(RANGE ":\n");
	EXPECT_SAID(") of u0_a70 was killed on ");
	EXPECT_SAID(
		",\n  because the pool " RANGE
		" exceeded its limit.\n  The pool had 16MiB of 16MiB: anon ");
	EXPECT_SAID("  The pool's largest others then: ");
	EXPECT_EQ(tool("mmlimit why u0_a70"), 0);
	EXPECT_SAID("u0_a70:\n");
	EXPECT_SAID(" was killed on ");
	EXPECT_EQ(tool("mmlimit why " RANGE " --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_SAID(
		"\"uid\": 10070, \"pool_first\": 10050, \"pool_last\": 10099}");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit why'"), 0);
	EXPECT_SAID("u0_a70:\n");
	EXPECT_SAID("  The pool had 16MiB of 16MiB.\n");
	EXPECT_NOT_SAID("others");
	EXPECT_EQ(tool("su u0_a60 -c 'mmlimit why'"), 0);
	EXPECT_NOT_SAID("was killed on");
	worker_end(&b);
	EXPECT_EQ(tool("mmlimit unset " RANGE), 0);
	expect_no_rule();
}

KTAP_TEST(limit_of_its_own_goes_before_a_rule_and_gives_way_to_it, 20, "tools")
{
	struct worker worker;

	EXPECT_EQ(tool("mmlimit set " RANGE " 8M"), 0);
	worker = start_holding(USER_A, MIB);
	EXPECT_EQ(tool("mmlimit unset u0_a70"), 1);
	EXPECT_SAID(
		"mmlimit: u0_a70: cannot remove the limit: there is no limit of its own, and what the rule " RANGE
		" gives it lasts ");
	EXPECT_SAID("'mmlimit unset " RANGE "' takes the rule away");
	EXPECT_EQ(tool("mmlimit get u0_a60"), 1);
	EXPECT_SAID(
		"u0_a60: cannot read the limit: there is no limit of its own, and what the rule " RANGE
		" gives it lasts as long as it has processes or memory; ");
	EXPECT_EQ(tool("mmlimit set u0_a70 6M"), 0);
	rule_expect(USER_A, MM_LIMIT_RULE_NONE, 0, 0, 6 * MIB);
	EXPECT_EQ(tool("mmlimit unset u0_a70"), 0);
	rule_expect(USER_A, EACH, FIRST, LAST, 8 * MIB);
	/* run puts back what was: what the rule gives */
	EXPECT_EQ(tool("mmlimit run u0_a70 5M -- true"), 0);
	EXPECT_STREQ(tool_output, "");
	rule_expect(USER_A, EACH, FIRST, LAST, 8 * MIB);
	worker_end(&worker);
	EXPECT_EQ(tool("mmlimit unset " RANGE), 0);
}

KTAP_TEST(run_explains_that_a_pool_killed_the_command, 20, "tools")
{
	struct worker worker;

	EXPECT_EQ(tool("mmlimit set " RANGE " 8M --pool"), 0);
	worker = start_holding(USER_B, MIB);
	EXPECT_EQ(tool("mmlimit run u0_a70 50M -- hog 30M"), 128 + SIGKILL);
	EXPECT_SAID(
		"mmlimit: hog: killed by the limit of 8MiB of the pool " RANGE
		": all together had 8MiB, of which this process (pid ");
	worker_end(&worker);
	EXPECT_EQ(tool("mmlimit unset " RANGE), 0);
}

KTAP_TEST(rules_of_the_other_kind_and_of_others_are_refused, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit set " RANGE " 16M --pool"), 0);
	EXPECT_EQ(tool("mmlimit set " RANGE " 1M"), 1);
	EXPECT_SAID(
		"mmlimit: " RANGE
		": cannot set a limit of 1M: these users share a pool: 'mmlimit unset " RANGE
		"' before makes room");
	EXPECT_EQ(tool("mmlimit set " RANGE " --reclaim 80%"), 1);
	EXPECT_SAID("a pool cannot reclaim");
	EXPECT_EQ(rule_read(FIRST, LAST).mm_max, 16 * MIB);
	EXPECT_EQ(rule_read(FIRST, LAST).rule, POOL);
	EXPECT_EQ(tool("mmlimit set 9999-10099 1M"), 1);
	EXPECT_SAID(
		"mmlimit: 9999-10099: cannot set a limit of 1M: uid 9999 is below vm.mm_limit_min_uid, which is 10000");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set " RANGE " 1M'"), 1);
	EXPECT_SAID("it is a rule for many users: that takes CAP_SYS_RESOURCE");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit unset " RANGE "'"), 1);
	EXPECT_SAID("cannot remove the rule: it is a rule for many users");
	EXPECT_EQ(rule_read(FIRST, LAST).mm_max, 16 * MIB);
	EXPECT_EQ(tool("mmlimit unset " RANGE), 0);
}

KTAP_TEST(default_is_for_all_that_can_be_limited, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit set default 64M --dry-run"), 0);
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_SAID("\ndefault  64MiB  hard ");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit get u0_a70'"), 0);
	EXPECT_SAID("rule     what each has of default (10000-4294967294)\n"
		    "limit    64MiB, grace 0s\n");
	EXPECT_EQ(rule_read(10000, 4294967294).flags, MM_LIMIT_DRY_RUN);
	EXPECT_EQ(tool("mmlimit set default --no-dry-run"), 0);
	EXPECT_EQ(rule_read(10000, 4294967294).flags, 0);
	EXPECT_EQ(tool("mmlimit unset default"), 0);
	EXPECT_EQ(tool("mmlimit unset default"), 1);
	EXPECT_SAID(
		"mmlimit: default: cannot remove the rule: there is no rule");
}

KTAP_TEST(rules_are_saved_and_not_what_they_gave, 20, "tools")
{
	static const char saved[] =
		"# what 'mmlimit save' has found, for 'mmlimit load'\n"
		"default 67108864 warn=90%\n" RANGE
		" 33554432 grace=2s pool=yes policy=badness\n"
		"u0_a60 2097152\n";
	struct worker a, other;

	ASSERT_EQ(tool("mmlimit set default 64M --warn 90%"), 0);
	ASSERT_EQ(tool("mmlimit set " RANGE " 32M --pool -g 2s -p badness"), 0);
	ASSERT_EQ(tool("mmlimit set u0_a60 2M"), 0);
	a = start_holding(USER_A, MIB);
	other = start_holding(LAST + 1, MIB);
	rule_expect(USER_A, POOL, FIRST, LAST, NONE);
	rule_expect(LAST + 1, EACH, 10000, 4294967294, 64 * MIB);
	EXPECT_EQ(tool("mmlimit save"), 0);
	EXPECT_STREQ(tool_output, saved);
	ASSERT_EQ(tool("mmlimit save >" CONF), 0);
	ASSERT_EQ(tool("mmlimit unset u0_a60; mmlimit unset " RANGE
		       "; mmlimit unset default"),
		  0);
	limit_expect_none(USER_A);
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_STREQ(tool_output, "");
	EXPECT_EQ(tool("mmlimit save | diff " CONF " -"), 0);
	rule_expect(USER_A, POOL, FIRST, LAST, NONE);
	worker_end(&a);
	worker_end(&other);
	ASSERT_EQ(tool("mmlimit unset u0_a60; mmlimit unset " RANGE
		       "; mmlimit unset default"),
		  0);
}

KTAP_TEST(load_sets_all_rules_or_none, 20, "tools")
{
	ASSERT_EQ(tool("mmlimit set " RANGE " 32M --pool --grace 2s"), 0);
	tool_write(CONF, "default 64M\n" RANGE " 8M\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 1);
	EXPECT_SAID("mmlimit: " CONF ":2: " RANGE
		    ": these users share a pool: ");
	EXPECT_EQ(tool("mmlimit load --check " CONF), 1);
	EXPECT_EQ(tool("mmlimit get default"), 1);
	/* What is refused only when it is set: there is no room for the last one. */
	ASSERT_EQ(file_write(MAX_ENTRIES, "2"), 0);
	tool_write(CONF, RANGE " 8M pool=yes\ndefault 64M\nu0_a70 1M\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 1);
	EXPECT_SAID(
		CONF
		":3: u0_a70: there are as many limits as vm.mm_limit_max_entries");
	EXPECT_EQ(rule_read(FIRST, LAST).mm_max, 32 * MIB);
	EXPECT_EQ(rule_read(FIRST, LAST).grace_ms, 2000);
	EXPECT_EQ(tool("mmlimit get default"), 1);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
	EXPECT_EQ(tool("mmlimit unset " RANGE), 0);
}

KTAP_TEST(watch_of_a_range_tells_of_its_rules_and_users, 30, "tools")
{
	struct background watch;
	struct worker worker;

	ASSERT_EQ(tool("mmlimit set " RANGE " 8M --pool"), 0);
	BACKGROUND(&watch, "mmlimit", "watch", RANGE);
	background_expect(
		&watch,
		"limit user=" RANGE " uid=" RANGE
		" usage=0B limit=8MiB grace=0s policy=highest_rss rule=pool\n");
	ASSERT_EQ(tool("mmlimit set " RANGE " --grace 1ms"), 0);
	background_expect(&watch, "set user=" RANGE " uid=" RANGE " ");
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	background_expect(&watch, "kill user=" RANGE " uid=" RANGE " usage=");
	/* It is not in the range. */
	ASSERT_EQ(tool("mmlimit set 10144 1M; mmlimit unset 10144"), 0);
	ASSERT_EQ(tool("mmlimit unset " RANGE), 0);
	background_expect(&watch,
			  "removed user=" RANGE " uid=" RANGE " limit=8MiB\n");
	EXPECT_EQ(background_end(&watch, SIGTERM), 0);
	background_close(&watch);
	EXPECT_EQ(occurrences(watch.text, "10144"), 0);
	/* The user came and went with what the rule gave it. */
	EXPECT_EQ(occurrences(watch.text, "set user=u0_a70"), 0);
	EXPECT_EQ(occurrences(watch.text, "removed user=u0_a70"), 0);
}

KTAP_TEST(hook_is_told_of_rules, 20, "tools")
{
	struct background watch;

	BACKGROUND(
		&watch, "mmlimit", "watch", "--exec",
		"echo $MM_LIMIT_EVENT $MM_LIMIT_USER $MM_LIMIT_UID $MM_LIMIT_RULE $MM_LIMIT_MAX");
	/* It looks once before this is told of. */
	ASSERT_EQ(tool("sleep 0.5; mmlimit set default 1G"), 0);
	background_expect(&watch,
			  "set default 10000-4294967294 each 1073741824\n");
	ASSERT_EQ(tool("mmlimit unset default"), 0);
	background_expect(&watch, "removed default ");
	EXPECT_EQ(background_end(&watch, SIGTERM), 0);
	background_close(&watch);
}

KTAP_TEST(swap_of_a_pool_cannot_be_bounded, 20, "tools")
{
	static const char why[] =
		": a pool cannot reclaim, nor bound what is in swap: leave that out, or let each user have a limit\n";

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, 16 * MIB), 0);
	EXPECT_EQ(tool("mmlimit set " RANGE " --swap-max 1M"), 1);
	EXPECT_SAID(why);
	EXPECT_EQ(tool("mmlimit set " RANGE " --reclaim 80%"), 1);
	EXPECT_SAID(why);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, 16 * MIB), 0);
	EXPECT_EQ(tool("mmlimit set " RANGE " --swap-max 1M"), 1);
	EXPECT_STREQ(
		tool_output,
		"mmlimit: " RANGE
		": cannot bound the swap of a limit that does not reclaim: add --reclaim 80%\n");
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/* Each has three times the limit, most of it in swap. */
KTAP_TEST(what_users_of_a_rule_have_in_swap_takes_force, 40, "tools")
{
	struct worker a, b;

	region_noise();
	swap_on(64 * MIB);
	ASSERT_EQ(tool("mmlimit set " RANGE " 8M --reclaim 80% -s none"), 0);
	a = worker_start(USER_A);
	ASSERT_EQ(worker_call(&a, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_EQ(tool("mmlimit set " RANGE " --reclaim off"), 1);
	EXPECT_SAID("mmlimit: " RANGE ": nothing was changed: for u0_a70, ");
	EXPECT_SAID(
		", above the limit of 8MiB, so that processes would be killed; --force ");
	b = worker_start(USER_B);
	ASSERT_EQ(worker_call(&b, held_grow, 20 * MIB / PAGE), 0);
	EXPECT_EQ(tool("mmlimit set " RANGE " --swap-max 1M"), 1);
	EXPECT_SAID(", and likewise for 1 other user, ");
	/* A narrower rule, too, which does not reclaim */
	EXPECT_EQ(tool("mmlimit set 10070-10075 8M"), 1);
	EXPECT_SAID(": nothing was changed: for u0_a70, ");
	EXPECT_TRUE(worker_alive(&a));
	EXPECT_TRUE(worker_alive(&b));
	EXPECT_EQ(tool("mmlimit set " RANGE " 32M --reclaim off"), 0);
	EXPECT_EQ(tool("mmlimit set " RANGE " 8M --reclaim off"), 0);
	EXPECT_TRUE(worker_was_killed(&a));
	EXPECT_TRUE(worker_was_killed(&b));
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(swap_remove(), 0);
}

KTAP_TEST(users_that_have_gone_are_explained_by_their_rule, 20, "tools")
{
	struct worker worker;

	EXPECT_EQ(tool("mmlimit set " RANGE " 8M"), 0);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	rule_wait_until_gone(USER_A);
	EXPECT_EQ(tool("mmlimit why"), 0);
	EXPECT_SAID("u0_a70:\n");
	EXPECT_SAID(" was killed on ");
	EXPECT_EQ(tool("mmlimit why " RANGE), 0);
	EXPECT_SAID("u0_a70:\n");
	EXPECT_EQ(tool("mmlimit why u0_a70"), 0);
	EXPECT_SAID("u0_a70:\n");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit why'"), 0);
	EXPECT_SAID(" was killed on ");
	EXPECT_EQ(tool("su u0_a60 -c 'mmlimit why'"), 0);
	EXPECT_NOT_SAID(" was killed on ");
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}
