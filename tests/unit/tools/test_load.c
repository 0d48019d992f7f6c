// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit load, save and list: configurations, and all limits at once. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>

#include "machine.h"
#include "program.h"

#define CONF "etc/mmlimit.conf"
#define FOLDER "etc/mmlimit.conf.d"

static void expect_limit(const char *uid, const char *text)
{
	setenv("UID_ASKED", uid, 1);
	expect_tool("mmlimit get \"$UID_ASKED\"", 0);
	expect_said(text);
}

static void files_of_the_folder_come_after_the_main_one(void **state)
{
	(void)state;
	machine_write(CONF, "u0_a70 100M grace=2s\nu0_a60 1M\n");
	machine_make_folder(FOLDER);
	machine_write(FOLDER "/20.conf", "u0_a70 30M\n");
	machine_write(FOLDER "/10.conf", "u0_a70 20M\n10145 4K\n");
	machine_write(FOLDER "/10.conf.old", "nonsense\n");
	expect_tool("mmlimit load --check", 0);
	expect_output("nothing is wrong: 3 limits in 3 files\n");
	expect_tool("mmlimit list --json", 0);
	expect_output("{\n  \"schema\": 1,\n  \"limits\": []\n}\n");
	expect_tool("mmlimit load", 0);
	expect_output("");
	expect_limit("u0_a70", "limit    30MiB, grace 0s\n");
	expect_limit("u0_a60", "limit    1MiB");
	expect_limit("10145", "limit    4KiB");
}

static void standard_input_is_a_file(void **state)
{
	(void)state;
	expect_tool("echo u0_a70 1M | mmlimit load -", 0);
	expect_limit("u0_a70", "limit    1MiB");
	expect_tool("echo u0_a70 1X | mmlimit load -", 1);
	expect_said("mmlimit: standard input:1: ");
	expect_limit("u0_a70", "limit    1MiB");
	expect_tool("echo u0_a70 2M | mmlimit load --check -", 0);
	expect_output("nothing is wrong: 1 limit in 1 file\n");
}

static void absence_of_all_files_is_told(void **state)
{
	(void)state;
	expect_tool("mmlimit load", 1);
	expect_output(
		"mmlimit: there is neither /etc/mmlimit.conf nor a file *.conf in /etc/mmlimit.conf.d; 'mmlimit save' prints the limits that stand\n");
	machine_write(FOLDER, "");
	expect_tool("mmlimit load", 1);
	expect_output("mmlimit: /etc/mmlimit.conf.d: Not a directory\n");
}

static void what_would_be_refused_leaves_all_as_it_was(void **state)
{
	(void)state;
	machine_write(CONF, "u0_a70 1M\nroot 1M\nu0_a60 1M\n");
	expect_tool("mmlimit load", 1);
	expect_output(
		"mmlimit: /etc/mmlimit.conf:2: root: uid 0 is below vm.mm_limit_min_uid, which is 10000; 'sysctl -w vm.mm_limit_min_uid=0' would allow it\n");
	expect_tool("mmlimit load --check", 1);
	expect_said("mmlimit: /etc/mmlimit.conf:2: root: uid 0 is below");
	expect_tool("mmlimit get u0_a70", 1);
	expect_tool_of("10070", "echo u0_a70 1M | mmlimit load -", 0);
	expect_tool("mmlimit set u0_a70 1M", 0);
	expect_tool_of("10070", "echo u0_a70 512K | mmlimit load -", 1);
	expect_said("mmlimit: standard input:1: u0_a70: a hard limit of 1MiB");
}

/* Nothing foresees that the table is full. */
static void what_is_refused_half_way_is_undone(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a60 9M --policy badness --grace 1s", 0);
	expect_tool_of("10060", "mmlimit set u0_a60 8M", 0);
	machine_write("proc/sys/vm/mm_limit_max_entries", "2\n");
	machine_write(CONF, "u0_a60 1M\nu0_a70 1M\nu0_a80 1M\n");
	expect_tool("mmlimit load", 1);
	expect_output(
		"mmlimit: /etc/mmlimit.conf:3: u0_a80: there are as many limits as vm.mm_limit_max_entries, which is 2, allows; raise it, or unset one\n");
	expect_tool("mmlimit get u0_a70", 1);
	expect_limit("u0_a60", "limit    8MiB, grace 0s\n"
			       "hard     9MiB, grace 1s\n"
			       "own      8MiB, grace 0s\n"
			       "policy   badness\n");
}

static void limit_that_cannot_be_put_back_is_told(void **state)
{
	(void)state;
	machine_write("proc/sys/vm/mm_limit_max_entries", "1\n");
	machine_write(CONF, "u0_a60 1M\nu0_a70 1M\n");
	expect_failing("remove:1:16", "mmlimit load", 1);
	expect_said("mmlimit: u0_a60: cannot put the limit back: ");
}

static void what_is_in_swap_is_warned_of(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 100M --reclaim 80%", 0);
	machine_write(
		"proc/mm_limits",
		"uid mm_max flags threshold swap swap_max hard_max usage\n"
		"10070 104857600 1 80 52428800 - 104857600 94371840\n");
	machine_write(CONF, "u0_a70 100M\n");
	expect_tool("mmlimit load", 0);
	expect_said("mmlimit: /etc/mmlimit.conf:1: warning: u0_a70: 50MiB");
	expect_limit("u0_a70", "reclaim  off\n");
}

static void compressed_swap_is_warned_of_at_what_it_takes(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 100M --reclaim 80%", 0);
	machine_write(
		"proc/mm_limits",
		"uid mm_max flags threshold swap swap_max hard_max usage swap_stored\n"
		"10070 104857600 1 80 52428800 - 104857600 99614720 8388608\n");
	expect_tool("mmlimit set u0_a70 --swap-max 8M", 0);
	expect_tool("mmlimit set u0_a70 --swap-max 1M", 1);
	expect_said("7MiB more of the 50MiB in swap would count");
}

static void saved_limits_are_loaded_as_they_were(void **state)
{
	static const char saved[] =
		"# what 'mmlimit save' has found, for 'mmlimit load'\n"
		"10145 4096 policy=user_ranked warn=90%\n"
		"u0_a60 1048576 grace=2s term=500ms dry_run=yes reclaim=80%\n"
		"u0_a70 104857600 reclaim=70% swap_max=none\n"
		"u0_a80 104857600 reclaim=70% swap_max=4096\n";

	(void)state;
	machine_write(CONF, saved);
	expect_tool("mmlimit load && mmlimit save", 0);
	expect_output(saved);
	expect_tool_of("10070", "mmlimit set u0_a70 50M --grace 1m", 0);
	expect_tool_of("10200", "mmlimit set 10200 2K", 0);
	expect_tool("mmlimit save", 0);
	expect_said("\nu0_a70 104857600 reclaim=70%");
	expect_said("\n# its own: 10200 2048\n");
	expect_tool_of("10200", "mmlimit save", 0);
	expect_said("\nu0_a70 52428800 grace=1min ");
	expect_said("\n10200 2048\n");
	/* What is hard is not the user's to say. */
	expect_not_said("104857600");
}

/* A configuration with these names would mean somebody else, or nobody. */
static void names_that_would_be_misread_are_saved_as_numbers(void **state)
{
	(void)state;
	machine_write("etc/passwd", "[section:x:20000:0::/:\n"
				    "@group:x:20001:0::/:\n"
				    "two words:x:20002:0::/:\n"
				    "#comment:x:20003:0::/:\n"
				    "20003:x:20004:0::/:\n"
				    "twin:x:20006:0::/:\n"
				    "twin:x:20005:0::/:\n"
				    "good:x:20007:0::/:\n");
	expect_tool(
		"for i in 0 1 2 4 5 6 7; do mmlimit set 2000$i 4096 || exit; done; mmlimit save",
		0);
	expect_output("# what 'mmlimit save' has found, for 'mmlimit load'\n"
		      "20000 4096\n20001 4096\n20002 4096\n20003 4096\n"
		      "20005 4096\ntwin 4096\ngood 4096\n");
}

static void list_for_programs_and_for_prometheus_has_all_limits(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 1M && mmlimit set 10145 1000", 0);
	expect_tool("mmlimit list --format prometheus", 0);
	expect_said("mm_limit_bytes{uid=\"10145\"} 1000\n"
		    "mm_limit_bytes{uid=\"10070\",user=\"u0_a70\"} 1048576\n");
	expect_tool("mmlimit list --format json", 0);
	expect_said("{\"uid\": 10145, \"user\": null, \"mm_max\": 1000, ");
	expect_said("{\"uid\": 10070, \"user\": \"u0_a70\", ");
	expect_tool("mmlimit list --format table --wide", 0);
	expect_said("\n10145   1000B  hard ");
}

/* A user limited to nothing has more of its limit than any other. */
static void limit_of_nothing_is_exceeded_beyond_measure(void **state)
{
	(void)state;
	machine_write("proc/mm_limits",
		      "uid mm_max usage\n10060 0 0\n10070 0 4096\n");
	expect_tool("mmlimit list", 0);
	expect_said("u0_a60     0B  -        0B    0.0 ");
	expect_said("u0_a70     0B  -      4KiB  999.9 ");
}

static void names_are_escaped_for_programs(void **state)
{
	(void)state;
	machine_write("etc/passwd", "a\"b\\c\td:x:20000:0::/:\n");
	machine_write("proc/mm_limits", "uid mm_max\n20000 4096\n");
	expect_tool("mmlimit list --json", 0);
	expect_said("\"user\": \"a\\\"b\\\\c\\u0009d\", ");
}

static struct background list;

static void names_are_cut_where_the_terminal_is_narrow(void **state)
{
	(void)state;
	machine_write("etc/passwd",
		      "a_name_of_more_than_thirty_letters:x:20000:0::/:\n");
	machine_write("proc/mm_limits", "uid mm_max\n20000 4096\n");
	background_start_on_terminal(&list, "mmlimit list", 24, 30);
	assert_int_equal(background_end(&list, 0), 0);
	assert_string_equal(list.text, "USER              LIMIT  USAGE\r\n"
				       "a_name_of_more_t   4KiB     0B\r\n");
	/* No shorter than eight letters, though */
	background_start_on_terminal(&list, "mmlimit list", 24, 10);
	assert_int_equal(background_end(&list, 0), 0);
	background_expect(&list, "\r\na_name_o  ");
}

static void list_that_is_not_understood_is_told(void **state)
{
	static const char *const commands[] = { "list", "save", "why", "watch",
						"top --once" };
	char line[32] = "mmlimit ";

	(void)state;
	machine_write("proc/mm_limits", "nonsense\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(line, sizeof(line), "mmlimit %s", commands[i]);
		expect_tool(line, 1);
		expect_output(
			"mmlimit: /proc/mm_limits: what the kernel tells of limits is not understood\n");
		expect_failing("/proc/mm_limits:0:13", line, 1);
		expect_said("mmlimit: cannot list limits: uid 0 is below");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(files_of_the_folder_come_after_the_main_one),
		MACHINE_TEST(standard_input_is_a_file),
		MACHINE_TEST(absence_of_all_files_is_told),
		MACHINE_TEST(what_would_be_refused_leaves_all_as_it_was),
		MACHINE_TEST(what_is_refused_half_way_is_undone),
		MACHINE_TEST(limit_that_cannot_be_put_back_is_told),
		MACHINE_TEST(what_is_in_swap_is_warned_of),
		MACHINE_TEST(compressed_swap_is_warned_of_at_what_it_takes),
		MACHINE_TEST(saved_limits_are_loaded_as_they_were),
		MACHINE_TEST(names_that_would_be_misread_are_saved_as_numbers),
		MACHINE_TEST(
			list_for_programs_and_for_prometheus_has_all_limits),
		MACHINE_TEST(limit_of_nothing_is_exceeded_beyond_measure),
		MACHINE_TEST(names_are_escaped_for_programs),
		MACHINE_TEST(names_are_cut_where_the_terminal_is_narrow),
		MACHINE_TEST(list_that_is_not_understood_is_told),
	};

	return RUN_GROUP(tests);
}
