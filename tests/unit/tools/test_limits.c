// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit set, get, unset and kill: what comes of them, and what is told. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>

#include "machine.h"
#include "program.h"

static void new_limit_is_hard_and_has_the_defaults(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 100M", 0);
	expect_output("");
	expect_tool("mmlimit get u0_a70", 0);
	expect_output("user     u0_a70 (10070)\n"
		      "limit    100MiB, grace 0s\n"
		      "hard     100MiB, grace 0s\n"
		      "own      none\n"
		      "policy   highest_rss\n"
		      "reclaim  off\n"
		      "state    idle\n"
		      "usage    0B, 0.0 % of the limit\n"
		      "  anon   0B\n"
		      "  file   0B\n"
		      "  shmem  0B\n"
		      "  tables 0B\n"
		      "  swap   0B\n"
		      "  kernel 0B\n"
		      "refused  0 times for lack of room\n"
		      "peak     0B\n"
		      "swap     0B\n"
		      "exceeds  0\n"
		      "graces   0\n"
		      "kills    0\n");
}

static void share_of_the_memory_is_a_size(void **state)
{
	(void)state;
	expect_tool("mmlimit set 10145 10% && mmlimit get 10145 --bytes", 0);
	expect_said("user     10145\nlimit    52428800, grace 0s\n");
}

/* Everything that a kernel may tell of one limit */
#define RICH                                                                       \
	"10070 104857600 2000 badness 3 reclaiming 103232307 104857600 4 5 2 42 "  \
	"3145728 9437184 104857600 2000 209715200 500 80 13107200 67108864 90 50 " \
	"40 1 2 3 4 78643200 1048576 2097152 262144 524288 5 90 1 6 7 500 8\n"

static void get_tells_all_that_has_come_of_a_limit(void **state)
{
	(void)state;
	machine_write("proc/mm_limits", LIST_HEADER RICH);
	expect_tool("mmlimit get u0_a70", 0);
	expect_output(
		"user     u0_a70 (10070)\n"
		"limit    100MiB, grace 2s\n"
		"hard     100MiB, grace 2s\n"
		"own      200MiB, grace 500ms\n"
		"policy   badness\n"
		"reclaim  above 80 % of the limit, to 64MiB of swap\n"
		"warn     above 90 % of the limit, 6 times so far, and now\n"
		"term     SIGTERM 500ms before SIGKILL, 8 times so far\n"
		"dry run  nobody is killed; 7 would have been\n"
		"state    reclaiming\n"
		"usage    98.4MiB, 98.4 % of the limit\n"
		"  anon   75MiB\n"
		"  file   1MiB\n"
		"  shmem  2MiB\n"
		"  tables 256KiB\n"
		"  swap   12.5MiB\n"
		"  kernel 512KiB\n"
		"refused  5 times for lack of room\n"
		"peak     100MiB\n"
		"swap     12.5MiB\n"
		"scanned  90 pages, 50 of them in use and spared\n"
		"swapped  40 pages out, 3 back in\n"
		"direct   2 times at the limit\n"
		"dropped  1 times for a full queue\n"
		"thrashed 4 times\n"
		"exceeds  4\n"
		"graces   5\n"
		"kills    2\n"
		"last     pid 42 with 3MiB of 9MiB\n");
	expect_tool("mmlimit get u0_a70 --json", 0);
	expect_said(
		"\"kills\": 2, \"kill_pid\": 42, \"kill_rss\": 3145728, \"kill_usage\": 9437184, ");
}

static void get_tells_what_compressed_swap_takes(void **state)
{
	(void)state;
	machine_write("proc/mm_limits",
		      "uid mm_max flags threshold swap swap_max swap_stored\n"
		      "10070 104857600 1 80 13107200 67108864 4194304\n");
	expect_tool("mmlimit get u0_a70", 0);
	expect_said("swap     12.5MiB, stored in 4MiB\n");
	expect_tool("mmlimit get u0_a70 --json", 0);
	expect_said("\"swap\": 13107200, \"swap_stored\": 4194304, ");
}

static void get_tells_of_unbounded_swap_and_past_warnings(void **state)
{
	(void)state;
	machine_write(
		"proc/mm_limits",
		"uid mm_max flags threshold swap_max warn warned warnings\n"
		"10070 4096 1 80 18446744073709551614 90 0 2\n");
	expect_tool("mmlimit get u0_a70", 0);
	expect_said(
		"reclaim  above 80 % of the limit, to as much swap as there is\n"
		"warn     above 90 % of the limit, 2 times so far\nstate ");
}

static void figures_that_a_kernel_lacks_are_not_made_up(void **state)
{
	(void)state;
	machine_write("proc/mm_limits", "uid mm_max policy state\n"
					"10070 4096 of_tomorrow of_tomorrow\n");
	expect_tool("mmlimit get u0_a70", 0);
	expect_said("policy   unknown\n");
	expect_said("state    unknown\n");
	expect_not_said("\nswap ");
}

static void user_without_privilege_has_its_own_part(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 100M --grace 1s", 0);
	expect_tool_of("10070", "mmlimit set u0_a70 50M", 0);
	expect_tool("mmlimit get u0_a70", 0);
	expect_said("limit    50MiB, grace 0s\n"
		    "hard     100MiB, grace 1s\n"
		    "own      50MiB, grace 0s\n");
	expect_tool("mmlimit list --bytes", 0);
	expect_said("u0_a70  52428800  both ");
	expect_tool_of("10080", "mmlimit set u0_a80 1M", 0);
	expect_tool("mmlimit list", 0);
	expect_said("\nu0_a80   1MiB  own ");
}

static void refusals_tell_what_stands_in_the_way(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 100M --grace 1s", 0);
	expect_tool_of("10070", "mmlimit set u0_a70 200M", 1);
	expect_output(
		"mmlimit: u0_a70: cannot set a limit of 200M: a hard limit of 100MiB stands, with grace 1s and policy highest_rss: only CAP_SYS_RESOURCE, as root has it, gets beyond or rid of it\n");
	expect_tool_of("10070", "mmlimit unset u0_a70", 1);
	expect_said("mmlimit: u0_a70: cannot remove the limit: a hard limit");
	expect_tool_of("10060", "mmlimit get u0_a70", 1);
	expect_output(
		"mmlimit: u0_a70: cannot read the limit: it is another user's: that takes CAP_SYS_RESOURCE, as root has it\n");
	expect_tool("mmlimit set root 1M", 1);
	expect_output(
		"mmlimit: root: cannot set a limit of 1M: uid 0 is below vm.mm_limit_min_uid, which is 10000; 'sysctl -w vm.mm_limit_min_uid=0' would allow it\n");
	expect_tool("mmlimit get u0_a60", 1);
	expect_output(
		"mmlimit: u0_a60: cannot read the limit: there is no limit; 'mmlimit set' with a size makes one\n");
	machine_write("proc/sys/vm/mm_limit_max_entries", "1\n");
	expect_tool("mmlimit set u0_a60 1M", 1);
	expect_output(
		"mmlimit: u0_a60: cannot set a limit of 1M: there are as many limits as vm.mm_limit_max_entries, which is 1, allows; raise it, or unset one\n");
	/* A user's own limit, and nothing that would explain the refusal */
	expect_tool("mmlimit unset u0_a70", 0);
	setenv("MM_UID", "10070", 1);
	expect_failing("set:1:1", "mmlimit set u0_a70 1M", 1);
	expect_said("mmlimit: u0_a70: cannot set a limit of 1M: not allowed: ");
	expect_tool("mmlimit set u0_a70 1M", 0);
	expect_failing("set:1:1", "mmlimit set u0_a70 2M", 1);
	expect_said("mmlimit: u0_a70: cannot set a limit of 2M: not allowed: ");
}

static void sysctl_that_cannot_be_read_is_minus_one(void **state)
{
	static const char *const texts[] = { "many\n", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i])
			machine_write("proc/sys/vm/mm_limit_min_uid", texts[i]);
		else
			machine_remove("proc/sys/vm/mm_limit_min_uid");
		expect_failing("set:1:13", "mmlimit set u0_a70 1M", 1);
		expect_said("vm.mm_limit_min_uid, which is -1;");
	}
}

static void hard_limit_is_insisted_on(void **state)
{
	(void)state;
	expect_tool_of("10070", "mmlimit set u0_a70 1M --hard", 1);
	expect_output(
		"mmlimit: u0_a70: cannot set a hard limit: that takes CAP_SYS_RESOURCE, as root has it; without --hard, users limit themselves\n");
	expect_tool("mmlimit set u0_a70 1M --hard", 0);
	expect_tool("mmlimit get u0_a70", 0);
	expect_said("hard     1MiB, grace 0s\n");
}

/* The kernel is asked about a user that is not the caller. */
static void highest_uid_is_as_unprivileged_as_others(void **state)
{
	(void)state;
	expect_tool_of("2147483646", "mmlimit set 2147483646 1M --hard", 1);
	expect_said("that takes CAP_SYS_RESOURCE");
}

static void unset_takes_a_limit_away(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 1M", 0);
	expect_tool("mmlimit unset u0_a70", 0);
	expect_output("");
	expect_tool("mmlimit unset u0_a70", 1);
	expect_output(
		"mmlimit: u0_a70: cannot remove the limit: there is no limit; 'mmlimit set' with a size makes one\n");
	expect_tool("mmlimit unset nobody_here", 2);
	expect_said("mmlimit: no such user 'nobody_here'");
}

static void kill_prints_how_many_died(void **state)
{
	(void)state;
	expect_tool("mmlimit kill", 0);
	expect_output("0\n");
	machine_write("proc/mm_killed", "3\n");
	expect_tool("mmlimit kill --policy badness", 0);
	expect_output("3\n");
	expect_tool_of("10070", "mmlimit kill", 1);
	expect_output(
		"mmlimit: cannot run the killer: that takes CAP_SYS_RESOURCE, as root has it\n");
	expect_failing("kill:1:22", "mmlimit kill --policy user_ranked", 1);
	expect_output(
		"mmlimit: cannot run the killer: this kernel does not know the policy user_ranked; 'mmlimit kill --help' names those of this program\n");
	expect_failing("kill:1:12", "mmlimit kill", 1);
	expect_output("mmlimit: cannot run the killer: out of memory\n");
}

static void each_command_has_help(void **state)
{
	static const char *const commands[] = { "set",	"get",	"unset",
						"list", "top",	"watch",
						"why",	"load", "save",
						"kill", "run" };
	char line[64], usage[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(line, sizeof(line), "mmlimit help %s", commands[i]);
		expect_tool(line, 0);
		snprintf(usage, sizeof(usage), "Usage: mmlimit %s",
			 commands[i]);
		expect_said(usage);
		expect_said("-h, --help ");
	}
	expect_tool("mmlimit help", 0);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(usage, sizeof(usage), "\n  mmlimit %s ", commands[i]);
		expect_said(usage);
	}
	expect_tool(
		"mmlimit help --help && mmlimit help -h && mmlimit help help",
		0);
	expect_not_said("Usage: ");
	expect_said("Limits how much physical memory users have.\n");
	expect_tool("mmlimit help nosuch", 2);
	expect_said("mmlimit: no such command 'nosuch' (set, get,");
	expect_tool("mmlimit --version && mmlimit -V", 0);
	expect_said("mmlimit 1.");
}

/* The names in front of what the help says, and those that a limit has */
static void help_of_list_has_every_key(void **state)
{
	static const char line[] =
		"said=$(mmlimit list --help | sed '1,/^--json/d; /^Options/,$d' |"
		" grep '^  [a-z]' | cut -c 3-32 | tr -s ', ' '\\n\\n' | sed '/^$/d' | sort)\n"
		"has=$(mmlimit list --json | grep '\"uid\"' | grep -o '\"[a-z_]*\": ' |"
		" tr -d '\": ' | sort)\n"
		"echo \"in the help: $said; in a limit: $has\"\n"
		"[ \"$said\" = \"$has\" ]";

	(void)state;
	machine_write("proc/mm_limits", "uid mm_max\n10070 4096\n");
	expect_tool(line, 0);
	expect_said("swap_stored\n");
}

static void output_that_cannot_be_written_is_told(void **state)
{
	(void)state;
	expect_tool("mmlimit list >/dev/full", 1);
	expect_output("mmlimit: cannot write: No space left on device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(new_limit_is_hard_and_has_the_defaults),
		MACHINE_TEST(share_of_the_memory_is_a_size),
		MACHINE_TEST(get_tells_all_that_has_come_of_a_limit),
		MACHINE_TEST(get_tells_what_compressed_swap_takes),
		MACHINE_TEST(get_tells_of_unbounded_swap_and_past_warnings),
		MACHINE_TEST(figures_that_a_kernel_lacks_are_not_made_up),
		MACHINE_TEST(user_without_privilege_has_its_own_part),
		MACHINE_TEST(refusals_tell_what_stands_in_the_way),
		MACHINE_TEST(sysctl_that_cannot_be_read_is_minus_one),
		MACHINE_TEST(hard_limit_is_insisted_on),
		MACHINE_TEST(highest_uid_is_as_unprivileged_as_others),
		MACHINE_TEST(unset_takes_a_limit_away),
		MACHINE_TEST(kill_prints_how_many_died),
		MACHINE_TEST(each_command_has_help),
		MACHINE_TEST(help_of_list_has_every_key),
		MACHINE_TEST(output_that_cannot_be_written_is_told),
	};

	return RUN_GROUP(tests);
}
