// SPDX-License-Identifier: GPL-2.0-only
/* hog: fills as much memory as it says. */
#define _GNU_SOURCE
#include "unit.h"

#include <signal.h>
#include <stdio.h>

#include "machine.h"
#include "program.h"

static void each_step_is_told(void **state)
{
	(void)state;
	expect_tool("exec hog 25M | sed 's/pid [0-9]*/pid N/'", 0);
	expect_output("hog: pid N has filled 10MiB\n"
		      "hog: pid N has filled 20MiB\n"
		      "hog: pid N has filled 25MiB\n");
	expect_tool("hog 0", 0);
	expect_output("");
}

static struct background hog;

static void memory_is_resident_and_kept_for_a_while(void **state)
{
	char line[96];

	(void)state;
	background_start(&hog, "exec hog 12M 1h");
	background_expect(&hog, " has filled 12MiB\n");
	snprintf(line, sizeof(line),
		 "awk '/^VmRSS/ { exit $2 < 12288 }' /proc/%d/status", hog.pid);
	expect_tool(line, 0);
	assert_int_equal(background_end(&hog, SIGTERM), 128 + SIGTERM);
	expect_tool("hog 1M 1ms", 0);
}

static void memory_that_there_is_not_is_told(void **state)
{
	(void)state;
	expect_failing("malloc:1:12", "hog 1.5G", 1);
	expect_output("hog: cannot allocate 1.5GiB\n");
}

static void wrong_usage_is_explained(void **state)
{
	static const struct {
		const char *line;
		const char *said;
	} table[] = {
		{ "hog", "hog: missing operand: SIZE\n" },
		{ "hog 1M 1s now", "hog: unexpected operand 'now'\n" },
		{ "hog -1M", "hog: no such option '-1M'\n" },
		{ "hog 1X", "hog: invalid size '1X' (for example 100M, " },
		{ "hog 1M 5", "hog: invalid time '5' (for example 500ms, " },
		{ "hog 1M 9999h", "hog: time '9999h' is out of range (0s to " },
		{ "hog --nosuch", "hog: no such option '--nosuch'\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		expect_tool(table[i].line, 2);
		expect_said(table[i].said);
		expect_said("\nTry 'hog --help'.\n");
	}
	expect_tool("hog --help && hog -h", 0);
	expect_said("Usage: hog SIZE [TIME]\n");
	expect_tool("hog --version && hog -V", 0);
	expect_output("hog 1.0\nhog 1.0\n");
	expect_tool("hog --help >/dev/full", 1);
	expect_output("hog: cannot write: No space left on device\n");
	expect_tool("hog --version >/dev/full", 1);
	expect_output("hog: cannot write: No space left on device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(each_step_is_told),
		MACHINE_TEST(memory_is_resident_and_kept_for_a_while),
		MACHINE_TEST(memory_that_there_is_not_is_told),
		MACHINE_TEST(wrong_usage_is_explained),
	};

	return RUN_GROUP(tests);
}
