// SPDX-License-Identifier: GPL-2.0-only
/* Tests mmlimit with limits that reclaim before they kill. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/background.h"
#include "lib/json_check.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/swap.h"
#include "lib/tools.h"
#include "lib/usage.h"

#define CONF "/tmp/reclaim.conf"

/* A threshold of 0: the limit must not reclaim. */
static void expect_reclaim(uid_t uid, unsigned int threshold, __u64 swap_max)
{
	struct mm_limit_attr attr = limit_read(uid);

	EXPECT_EQ(attr.flags, threshold ? MM_LIMIT_RECLAIM : 0);
	if (!threshold)
		return;
	EXPECT_EQ(attr.threshold, threshold);
	EXPECT_EQ(attr.swap_max, swap_max);
}

KTAP_TEST(set_makes_a_limit_reclaim, 20, "tools")
{
	EXPECT_EQ(tool("mmlimit set u0_a70 50M --reclaim 75% --swap-max 32M"),
		  0);
	EXPECT_STREQ(tool_output, "");
	limit_expect(USER_A, 50 * MIB, 0);
	expect_reclaim(USER_A, 75, 32 * MIB);
	/* Details that are not named stay. */
	EXPECT_EQ(tool("mmlimit set u0_a70 -r 90"), 0);
	expect_reclaim(USER_A, 90, 32 * MIB);
	EXPECT_EQ(tool("mmlimit set u0_a70 40M --policy badness"), 0);
	expect_reclaim(USER_A, 90, 32 * MIB);
	EXPECT_EQ(tool("mmlimit set u0_a70 --swap-max none"), 0);
	expect_reclaim(USER_A, 90, MM_LIMIT_SWAP_UNBOUNDED);
	EXPECT_EQ(tool("mmlimit set u0_a70 -s 0"), 0);
	expect_reclaim(USER_A, 90, 0);
	EXPECT_EQ(tool("mmlimit set u0_a70 --reclaim off"), 0);
	expect_reclaim(USER_A, 0, 0);
	/* It begins anew. */
	EXPECT_EQ(tool("mmlimit set u0_a70 --reclaim 80%"), 0);
	expect_reclaim(USER_A, 80, MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 9M -r 1% -s 1M'"), 0);
	expect_reclaim(USER_A, 1, MIB);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(swap_is_bounded_of_limits_that_reclaim_only, 20, "tools")
{
	static const char why[] =
		"mmlimit: u0_a70: cannot bound the swap of a limit that does not reclaim: add --reclaim 80%\n";

	EXPECT_EQ(tool("mmlimit set u0_a70 1M --swap-max 1M"), 1);
	EXPECT_STREQ(tool_output, why);
	limit_expect_none(USER_A);
	ASSERT_EQ(mmlimit_set(USER_A, MIB), 0);
	EXPECT_EQ(tool("mmlimit set u0_a70 --swap-max 0"), 1);
	EXPECT_STREQ(tool_output, why);
	EXPECT_EQ(tool("mmlimit set u0_a70 --swap-max none"), 1);
	EXPECT_STREQ(tool_output, why);
	EXPECT_EQ(tool("mmlimit run u0_a70 1M --swap-max 1M -- true"), 1);
	EXPECT_STREQ(tool_output, why);
	expect_reclaim(USER_A, 0, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A worker has three times the limit, most of it in swap, as large as it was. */
static struct worker start_swapped(void)
{
	struct worker worker;

	region_noise();
	swap_on(64 * MIB);
	ASSERT_EQ(tool("mmlimit set u0_a70 8M --reclaim 80% -s none"), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, held_grow, 24 * MIB / PAGE), 0);
	return worker;
}

KTAP_TEST(lower_bound_of_swap_kills_with_force_only, 20, "tools")
{
	struct worker worker = start_swapped();

	EXPECT_EQ(tool("mmlimit set u0_a70 --swap-max 1M"), 1);
	EXPECT_SAID("mmlimit: u0_a70: nothing was changed: ");
	EXPECT_SAID(
		", above the limit of 8MiB, so that processes would be killed; --force ");
	EXPECT_EQ(tool("mmlimit set u0_a70 --reclaim off"), 1);
	EXPECT_EQ(tool("mmlimit set u0_a70 20M --swap-max 16M"), 0);
	expect_reclaim(USER_A, 80, 16 * MIB);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_TRUE(worker_alive(&worker));
	EXPECT_EQ(tool("mmlimit set u0_a70 8M --swap-max 1M --force"), 0);
	EXPECT_STREQ(tool_output, "");
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(swap_remove(), 0);
}

KTAP_TEST(load_warns_before_it_kills_by_what_is_in_swap, 20, "tools")
{
	struct worker worker = start_swapped();

	tool_write(CONF, "u0_a70 8M reclaim=80% swap_max=none\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_STREQ(tool_output, "");
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	tool_write(CONF, "# less\nu0_a70 8M reclaim=80% swap_max=1M\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_SAID("mmlimit: " CONF ":2: warning: u0_a70: ");
	EXPECT_SAID(" in swap would count, which makes a usage of ");
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(swap_remove(), 0);
}

KTAP_TEST(reclaim_of_a_hard_limit_is_not_the_users, 20, "tools")
{
	ASSERT_EQ(tool("mmlimit set u0_a70 50M --reclaim 80% -s 9M"), 0);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 --reclaim off'"), 1);
	EXPECT_SAID("mmlimit: u0_a70: cannot change the limit: a hard limit ");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 10M --reclaim 50%'"),
		  1);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit set u0_a70 --swap-max none'"), 1);
	EXPECT_SAID("mmlimit: u0_a70: cannot change the limit: a hard limit ");
	expect_reclaim(USER_A, 80, 9 * MIB);
	EXPECT_EQ(limit_read(USER_A).self_max, MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(reclaim_is_shown, 20, "tools")
{
	ASSERT_EQ(mmlimit_set(USER_B, MIB), 0);
	ASSERT_EQ(tool("mmlimit set u0_a70 50M --reclaim 80% --swap-max 32M"),
		  0);
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID("policy   highest_rss\n"
		    "reclaim  above 80 % of the limit, to 32MiB of swap\n"
		    "state    idle\n");
	EXPECT_SAID("swap     0B\n"
		    "scanned  0 pages, 0 of them in use and spared\n"
		    "swapped  0 pages out, 0 back in\n"
		    "direct   0 times at the limit\n"
		    "dropped  0 times for a full queue\n"
		    "thrashed 0 times\n");
	EXPECT_EQ(tool("mmlimit get u0_a60"), 0);
	EXPECT_SAID("reclaim  off\n");
	EXPECT_SAID("swap     0B\n");
	EXPECT_NOT_SAID("scanned");
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_STREQ(
		tool_output,
		"USER    LIMIT  KIND  USAGE  USE%  GRACE  KILLS  STATE  RECLAIM  SWAP  SWAPMAX\n"
		"u0_a70  50MiB  hard     0B   0.0     0s      0  idle       80%    0B    32MiB\n"
		"u0_a60   1MiB  hard     0B   0.0     0s      0  idle       off    0B     none\n");
	EXPECT_EQ(tool("mmlimit list --wide"), 0);
	EXPECT_STREQ(
		tool_output,
		"USER    LIMIT  KIND  USAGE  USE%  GRACE  KILLS  POLICY       STATE  RECLAIM  SWAP  SWAPMAX\n"
		"u0_a70  50MiB  hard     0B   0.0     0s      0  highest_rss  idle       80%    0B    32MiB\n"
		"u0_a60   1MiB  hard     0B   0.0     0s      0  highest_rss  idle       off    0B     none\n");
	EXPECT_EQ(tool("mmlimit list --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_SAID("\"threshold\": 80, \"swap_max\": 33554432, \"swap\": 0, ");
	EXPECT_SAID("\"threshold\": null, \"swap_max\": null, \"swap\": 0, ");
	EXPECT_EQ(tool("mmlimit set u0_a70 --swap-max none"), 0);
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID(
		"reclaim  above 80 % of the limit, to as much swap as there is\n");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

/* Three times the limit, and a worker that outlives it */
KTAP_TEST(swap_out_is_shown, 20, "tools")
{
	struct mm_limit_attr attr;
	struct worker worker;

	swap_on(64 * MIB);
	ASSERT_EQ(tool("mmlimit set u0_a70 8M --reclaim 80% -s none"), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, held_grow, 24 * MIB / PAGE), 0);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_GE(attr.swap, 15 * MIB);
	EXPECT_GE(attr.swapped_out, 16 * MIB / PAGE);
	EXPECT_GT(attr.refaults, 0);
	EXPECT_EQ(tool("mmlimit get u0_a70"), 0);
	EXPECT_SAID("swap     1");
	EXPECT_NOT_SAID("swapped  0 pages");
	EXPECT_EQ(tool("mmlimit list"), 0);
	EXPECT_NOT_SAID(" 80%    0B ");
	EXPECT_EQ(tool("mmlimit list --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_NOT_SAID("\"swapped_out\": 0,");
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(swap_remove(), 0);
}

KTAP_TEST(top_has_a_line_more_for_a_limit_that_reclaims, 20, "tools")
{
	static const char *const arguments[] = { "mmlimit", "top", "--delay",
						 "1h", NULL };
	struct background top;

	ASSERT_EQ(tool("mmlimit set u0_a70 20M -r 80% -s 32M"), 0);
	background_start_on_terminal(&top, 24, 80, arguments);
	background_expect(&top, "\nu0_a70 ");
	background_expect(
		&top,
		"  swap 0B of 32MiB, 0 out, 0 back, 0 direct, 0 thrashed");
	background_type(&top, "q");
	EXPECT_EQ(background_wait(&top), 0);
	background_close(&top);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(watch_tells_how_a_limit_reclaims, 20, "tools")
{
	struct background watch;

	ASSERT_EQ(tool("mmlimit set u0_a70 20M --reclaim 80%"), 0);
	BACKGROUND(&watch, "mmlimit", "watch");
	background_expect(
		&watch,
		"limit user=u0_a70 uid=10070 usage=0B limit=20MiB grace=0s policy=highest_rss reclaim=80%\n");
	ASSERT_EQ(tool("mmlimit set u0_a70 --swap-max 32M"), 0);
	background_expect(
		&watch,
		"set user=u0_a70 uid=10070 usage=0B limit=20MiB grace=0s policy=highest_rss reclaim=80% swap_max=32MiB\n");
	ASSERT_EQ(tool("mmlimit set u0_a70 --reclaim off"), 0);
	background_expect(&watch, " policy=highest_rss\n");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "removed user=u0_a70 ");
	EXPECT_EQ(background_end(&watch, SIGTERM), 0);
	background_close(&watch);
}

/* However often the kernel has to */
KTAP_TEST(watch_tells_reclaim_as_one_thing, 20, "tools")
{
	struct background watch;
	struct worker worker;

	swap_on(64 * MIB);
	ASSERT_EQ(tool("mmlimit set u0_a70 8M --reclaim 80% -s none"), 0);
	BACKGROUND(&watch, "mmlimit", "watch");
	background_expect(&watch, "limit user=u0_a70 ");
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, held_grow, 40 * MIB / PAGE), 0);
	background_expect(&watch, "exceed user=u0_a70 uid=10070 usage=");
	background_expect(&watch, "reclaim user=u0_a70 uid=10070 usage=");
	background_expect(&watch, "reclaimed user=u0_a70 uid=10070 usage=");
	EXPECT_GT(limit_read(USER_A).exceeds, 5);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&watch, "removed user=u0_a70 ");
	EXPECT_EQ(background_end(&watch, SIGTERM), 0);
	EXPECT_LE(occurrences(watch.text, "\n"), 12);
	background_close(&watch);
	EXPECT_EQ(swap_remove(), 0);
}

KTAP_TEST(load_makes_limits_reclaim_or_no_longer, 20, "tools")
{
	tool_write(CONF, "u0_a70 100M reclaim=70% swap_max=1.5M\n"
			 "u0_a60 10M reclaim=80\n"
			 "u0_a80 10M\n");
	ASSERT_EQ(tool("mmlimit set u0_a80 1M --reclaim 50%"), 0);
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_STREQ(tool_output, "");
	expect_reclaim(USER_A, 70, 3 * MIB / 2);
	expect_reclaim(USER_B, 80, MM_LIMIT_ATTR_NONE);
	expect_reclaim(USER_C, 0, 0);
	tool_write(CONF, "u0_a70 100M reclaim=60%\n"
			 "u0_a60 10M reclaim=101%\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 1);
	EXPECT_STREQ(tool_output,
		     "mmlimit: " CONF
		     ":2: '101%' is neither off nor from 1% to 100%\n");
	/* The file alone decides, if it is right. */
	expect_reclaim(USER_A, 70, 3 * MIB / 2);
	tool_write(CONF, "u0_a70 100M reclaim=60%\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	expect_reclaim(USER_A, 60, MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
}

KTAP_TEST(load_puts_reclaim_back_when_the_kernel_refuses, 20, "tools")
{
	ASSERT_EQ(tool("mmlimit set u0_a70 50M --reclaim 70% -s 9M"), 0);
	ASSERT_EQ(tool("su u0_a60 -c 'mmlimit set u0_a60 9M -r 60 -s 0'"), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "2"), 0);
	tool_write(CONF, "u0_a60 1M\nu0_a70 1M reclaim=50%\nu0_a90 1M\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 1);
	EXPECT_SAID(CONF ":3: u0_a90: there are as many limits as ");
	limit_expect(USER_A, 50 * MIB, 0);
	expect_reclaim(USER_A, 70, 9 * MIB);
	EXPECT_EQ(limit_read(USER_B).self_max, 9 * MIB);
	EXPECT_EQ(limit_read(USER_B).hard_max, MM_LIMIT_ATTR_NONE);
	expect_reclaim(USER_B, 60, 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(run_reclaims_and_puts_the_earlier_limit_back, 20, "tools")
{
	EXPECT_EQ(
		tool("mmlimit run u0_a70 20M --reclaim 70% -s 5M -- mmlimit list"),
		0);
	EXPECT_SAID(" idle       70%    0B     5MiB\n");
	limit_expect_none(USER_A);
	ASSERT_EQ(tool("mmlimit set u0_a70 50M --reclaim 80% -s 9M"), 0);
	EXPECT_EQ(
		tool("mmlimit run u0_a70 20M --reclaim off -- mmlimit get u0_a70"),
		0);
	EXPECT_SAID("reclaim  off\n");
	expect_reclaim(USER_A, 80, 9 * MIB);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	swap_on(64 * MIB);
	EXPECT_EQ(tool("mmlimit run u0_a70 20M --reclaim 80% -- hog 32M"), 0);
	EXPECT_NOT_SAID("mmlimit: ");
	limit_expect_none(USER_A);
	EXPECT_EQ(swap_remove(), 0);
}
