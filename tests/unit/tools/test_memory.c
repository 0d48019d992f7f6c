// SPDX-License-Identifier: GPL-2.0-only
/* Whichever allocation of a tool fails, it says so, and has changed nothing. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "program.h"

/* The table of limits, as everything starts from it */
static char before[4096];

static const char *const allocators[] = { "calloc", "realloc", "reallocarray",
					  "strdup" };

static void set_up(void)
{
	expect_tool("mmlimit set @apps 1M", 0);
	strcpy(before, machine_read("proc/mm_limits"));
	machine_write("etc/mmlimit.conf", "u0_a60 2M\nu0_a70 2M\nu0_a80 2M\n");
	machine_make_folder("etc/mmlimit.conf.d");
	machine_write("etc/mmlimit.conf.d/a.conf", "u0_a80 3M\n");
	machine_write("proc/mm_limit_kills",
		      "uid=10070 number=1 pid=43 name=hog\n");
}

/* Returns false if the allocation has failed, and so did the line. */
static bool try(const char *line, const char *allocator, int number)
{
	char fail[64];
	int status;

	snprintf(fail, sizeof(fail), "%s:%d:12", allocator, number);
	setenv("MM_FAIL", fail, 1);
	status = tool(line);
	unsetenv("MM_FAIL");
	if (!status)
		return true;
	assert_int_equal(status, 1);
	if (!strstr(tool_output, "out of memory") &&
	    !strstr(tool_output, "Cannot allocate memory"))
		fail_msg("%s: %s: says '%s'", line, fail, tool_output);
	assert_string_equal(machine_read("proc/mm_limits"), before);
	return false;
}

/* The first allocation fails, the second, ..., none. Returns how many failures were told. */
static int try_all(const char *line)
{
	int told = 0;

	for (size_t i = 0; i < ARRAY_SIZE(allocators); i++) {
		for (int number = 1; !try(line, allocators[i], number);
		     number++)
			told++;
		machine_write("proc/mm_limits", before);
	}
	return told;
}

static void failed_allocation_is_told_and_changes_nothing(void **state)
{
	static const struct {
		const char *line;
		int least;
	} table[] = {
		{ "mmlimit load", 6 },	      { "mmlimit set @apps 2M", 2 },
		{ "mmlimit get @apps", 2 },   { "mmlimit list", 2 },
		{ "mmlimit top --once", 2 },  { "mmlimit why u0_a70", 4 },
		{ "mmlimit unset @apps", 2 },
	};

	(void)state;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_true(try_all(table[i].line) >= table[i].least);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(failed_allocation_is_told_and_changes_nothing),
	};

	return RUN_GROUP(tests);
}
