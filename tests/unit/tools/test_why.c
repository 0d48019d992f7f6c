// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit why: the last kills, explained. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "machine.h"
#include "program.h"

/* A kill as the kernel tells of it; what stands behind comes last, and wins. */
#define KILL(more)                                                                  \
	"uid=10070 number=3 boot_ns=1000000000 wall_ns=86400000000000 "             \
	"action=kill reason=exceeded policy=highest_rss usage=104861696 "           \
	"mm_max=104857600 anon=103809024 file=0 shmem=524288 tables=241664 "        \
	"swap=4096 kernel=45056 pid=43 name=hog memory=101564416 age_ns=797000000 " \
	"cpu_ns=794000000 pid1=42 name1=sh memory1=3297280 " more "\n"

#define LIMIT \
	"uid mm_max usage kills refused shmem kernel\n10070 104857600 4096 3 "

static void kill_is_told_with_its_cause_and_what_the_user_had(void **state)
{
	(void)state;
	machine_write("proc/mm_limits", LIMIT "0 0 0\n");
	machine_write("proc/mm_limit_kills",
		      KILL("pid2=41 name2=cat memory2=4096"));
	expect_tool("mmlimit why", 0);
	expect_said(
		"u0_a70:\nhog (pid 43) was killed on 1970-01-02 00:00:00 (");
	expect_said(
		" ago),\n"
		"  because the user exceeded its limit.\n"
		"  The user had 100MiB of 100MiB: anon 99MiB, file 0B, shmem 512KiB, tables 236KiB, swap 4KiB, kernel 44KiB.\n"
		"  The process had 96.9MiB of it, was 797ms old, and had used 794ms of CPU time.\n"
		"  By the policy highest_rss the largest process goes first.\n"
		"  The user's largest others then: sh (pid 42) with 3.1MiB, cat (pid 41) with 4KiB.\n"
		"Earlier kills that are no longer remembered: 2.\n");
	expect_tool("mmlimit why u0_a70 --bytes", 0);
	expect_said("  The user had 104861696 of 104857600: anon 103809024,");
}

static void each_reason_action_and_policy_has_its_words(void **state)
{
	static const struct {
		const char *kill;
		const char *said;
	} table[] = {
		{ KILL("reason=grace"),
		  "still was above its limit when its grace had ended" },
		{ KILL("reason=lowered"),
		  "because the limit was set below what the user had" },
		{ KILL("reason=reclaim"), "because swapping its memory out" },
		{ KILL("reason=force"),
		  "because processes killed before did not give" },
		{ KILL("reason=order"), "because 'mmlimit kill', mmlimitd" },
		{ KILL("reason=whim"),
		  "for a reason that this program does not know" },
		{ KILL("action=term"),
		  "hog (pid 43) was asked to end (SIGTERM) on " },
		{ KILL("action=dry_run"),
		  "hog (pid 43) would have been killed on " },
		{ KILL("policy=longest_run_time"),
		  "By the policy longest_run_time the process with the most CPU time goes first.\n" },
		{ KILL("policy=badness"),
		  "the largest goes first, and oom_score_adj counts, too.\n" },
		{ KILL("policy=most_private"),
		  "the process with the most memory of its own goes first.\n" },
		{ KILL("policy=user_ranked"),
		  "the first one in /proc/oom goes first.\n" },
		{ KILL("policy=whim"),
		  "By the policy unknown which this program does not know.\n" },
		{ KILL("age_ns=10000000000"), ", was 10s old," },
		{ KILL("age_ns=61000000000"), ", was 1min 1s old," },
		{ KILL("age_ns=7265000000000"), ", was 2h 1min old," },
		{ KILL("cpu_ns=90000000000000"), "had used 1d 1h of CPU time" },
		{ KILL("name=a\\040\\012\\134b"),
		  "a \\012\\134b (pid 43) was killed" },
		{ KILL("boot_ns=18446744073709551615"), "(0s ago)" },
	};

	(void)state;
	machine_write("proc/mm_limits", LIMIT "0 0 0\n");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		machine_write("proc/mm_limit_kills", table[i].kill);
		expect_tool("mmlimit why u0_a70", 0);
		expect_said(table[i].said);
	}
}

static void last_kill_comes_first_and_others_are_left_out(void **state)
{
	const char *first, *second;

	(void)state;
	machine_write("proc/mm_limits", LIMIT "0 0 0\n10060 4096 0 1 0 0 0\n");
	machine_write("proc/mm_limit_kills",
		      "uid=10070 number=1 anon=4096 pid=43 name=earlier\n"
		      "uid=10060 number=1 pid=44 name=of_another\n"
		      "uid=10070 number=2 pid=45 name=later\n");
	expect_tool("mmlimit why u0_a70", 0);
	first = strstr(tool_output, "later (pid 45)");
	second = strstr(tool_output, "earlier (pid 43)");
	assert_true(first && second && first < second);
	expect_not_said("of_another");
	expect_not_said("no longer remembered");
	expect_said("  The user had no other process then.\n");
	expect_tool("mmlimit why", 0);
	expect_said("\n\nu0_a60:\nof_another (pid 44)");
}

static void
calls_that_failed_are_explained_by_what_fills_the_limit(void **state)
{
	static const struct {
		const char *limit;
		const char *said;
	} table[] = {
		{ LIMIT "7 1048576 2097152\n",
		  "7 calls failed for lack of room, and nobody was killed for them.\n"
		  "  The user has 1MiB in files in memory and 2MiB in kernel memory, of 100MiB.\n" },
		{ LIMIT "7 60000000 2097152\n",
		  "  Those files fill its limit: tmpfs, memfds" },
		{ LIMIT "7 2097152 60000000\n",
		  "  Kernel memory fills its limit: processes, open files" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		machine_write("proc/mm_limits", table[i].limit);
		expect_tool("mmlimit why", 0);
		expect_said("u0_a70:\nNobody was killed for this limit.\n7 ");
		expect_said(table[i].said);
		if (!i)
			expect_not_said("fill");
	}
}

/* Without a name the limits are told of that something has come of. */
static void each_kind_of_news_is_told_unasked(void **state)
{
	static const char *const lists[] = {
		"uid mm_max kills\n10070 4096 1\n",
		"uid mm_max dry_kills\n10070 4096 1\n",
		"uid mm_max terms\n10070 4096 1\n",
		"uid mm_max refused\n10070 4096 1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		machine_write("proc/mm_limits", lists[i]);
		expect_tool("mmlimit why", 0);
		expect_said("u0_a70:\n");
	}
}

static void nothing_that_has_happened_is_said_so(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 1M && mmlimit why", 0);
	expect_output(
		"Nobody was killed for a limit, and nothing was refused for one.\n");
	expect_tool("mmlimit why u0_a60", 1);
	expect_output(
		"mmlimit: u0_a60: cannot read the limit: there is no limit; 'mmlimit set' with a size makes one\n");
	expect_tool("mmlimit why nobody_here", 2);
}

static void kills_for_programs_have_every_figure(void **state)
{
	(void)state;
	machine_write("proc/mm_limits", LIMIT "5 6 7\n10060 1 0 0 0 0 0\n");
	machine_write(
		"proc/mm_limit_kills",
		"uid=10070 number=1 pid=41 name=first action=dry_run reason=whim\n" KILL(
			"action=term name=a\\134\"b pid2=41 name2=cat memory2=4096"));
	expect_tool("mmlimit why --json", 0);
	expect_said(
		"{\n  \"schema\": 1,\n  \"limits\": [\n"
		"    {\"uid\": 10070, \"user\": \"u0_a70\", \"mm_max\": 104857600, \"usage\": 4096, \"refused\": 5, \"shmem\": 6, \"kernel\": 7, \"rule\": null, \"first\": null, \"last\": null, \"members\": null, \"kills\": [\n"
		"      {\"number\": 3, \"boot_ns\": 1000000000, \"wall_ns\": 86400000000000, \"dry_run\": false, \"term\": true, \"reason\": \"exceeded\", \"policy\": \"highest_rss\", \"usage\": 104861696, \"mm_max\": 104857600, \"anon\": 103809024, \"file\": 0, \"shmem\": 524288, \"tables\": 241664, \"swap\": 4096, \"kernel\": 45056, \"pid\": 43, \"name\": \"a\\\\134\\\"b\", \"memory\": 101564416, \"age_ns\": 797000000, \"cpu_ns\": 794000000, \"beside\": [{\"pid\": 42, \"name\": \"sh\", \"memory\": 3297280}, {\"pid\": 41, \"name\": \"cat\", \"memory\": 4096}], \"uid\": 10070, \"pool_first\": null, \"pool_last\": null},\n");
	expect_said("\"dry_run\": true, \"term\": false, \"reason\": null, ");
	expect_said("{\"uid\": 10060, ");
	expect_said("\"kills\": []}\n  ]\n}\n");
	machine_write("proc/mm_limits", LIST_HEADER);
	machine_write("proc/mm_limit_kills", "");
	expect_tool("mmlimit why --json", 0);
	expect_output("{\n  \"schema\": 1,\n  \"limits\": []\n}\n");
}

/* A rule remembers them. */
static void users_that_have_gone_are_told_of(void **state)
{
	(void)state;
	machine_write("proc/mm_limits", LIMIT "0 0 0\n");
	machine_write("proc/mm_limit_kills",
		      KILL("") "uid=10060 number=4 pid=44 name=of_who_went\n");
	expect_tool("mmlimit why", 0);
	expect_said("u0_a70:\nhog (pid 43) was killed");
	expect_said("\n\nu0_a60:\nof_who_went (pid 44) was killed");
	expect_said("Earlier kills that are no longer remembered: 3.\n");
	expect_tool("mmlimit why u0_a60", 0);
	expect_said("u0_a60:\nof_who_went");
	expect_not_said("u0_a70");
	expect_tool("mmlimit why u0_a60 --json", 0);
	expect_said(
		"{\"uid\": 10060, \"user\": \"u0_a60\", \"mm_max\": null, ");
	expect_said("\"name\": \"of_who_went\"");
}

/* What a rule remembers comes behind the kills of a limit that the user has now. */
static void kills_of_two_limits_are_told_in_the_order_of_time(void **state)
{
	const char *first, *second;

	(void)state;
	machine_write("proc/mm_limits", LIMIT "0 0 0\n");
	machine_write("proc/mm_limit_kills",
		      "uid=10070 number=3 boot_ns=3000 pid=43 name=now\n"
		      "uid=10070 number=7 boot_ns=1000 pid=41 name=before\n"
		      "uid=10070 number=8 boot_ns=2000 pid=42 name=between\n"
		      "uid=10070 number=8 boot_ns=2000 pid=42 name=between\n");
	expect_tool("mmlimit why u0_a70", 0);
	first = strstr(tool_output, "now (pid 43)");
	second = strstr(tool_output, "between (pid 42)");
	assert_true(first && second && first < second);
	/* Told once, if the kernel has told it twice */
	assert_null(strstr(second + 1, "between"));
	assert_non_null(strstr(second, "before (pid 41)"));
	expect_said("Earlier kills that are no longer remembered: 8.\n");
}

static void history_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	machine_write("proc/mm_limit_kills", "nonsense\n");
	expect_tool("mmlimit why", 1);
	expect_output(
		"mmlimit: /proc/mm_limit_kills: what the kernel tells of limits is not understood\n");
	machine_remove("proc/mm_limit_kills");
	expect_tool("mmlimit why", 1);
	expect_said(
		"mmlimit: /proc/mm_limit_kills: this kernel has no per-user memory limits");
	expect_failing("/proc/mm_limit_kills:1:5", "mmlimit why", 1);
	expect_output("mmlimit: /proc/mm_limit_kills: Input/output error\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(kill_is_told_with_its_cause_and_what_the_user_had),
		MACHINE_TEST(each_reason_action_and_policy_has_its_words),
		MACHINE_TEST(last_kill_comes_first_and_others_are_left_out),
		MACHINE_TEST(
			calls_that_failed_are_explained_by_what_fills_the_limit),
		MACHINE_TEST(each_kind_of_news_is_told_unasked),
		MACHINE_TEST(nothing_that_has_happened_is_said_so),
		MACHINE_TEST(kills_for_programs_have_every_figure),
		MACHINE_TEST(users_that_have_gone_are_told_of),
		MACHINE_TEST(kills_of_two_limits_are_told_in_the_order_of_time),
		MACHINE_TEST(history_that_cannot_be_read_is_told),
	};

	return RUN_GROUP(tests);
}
