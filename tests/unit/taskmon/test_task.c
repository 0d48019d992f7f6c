// SPDX-License-Identifier: GPL-2.0-only
/* What a process is called, and that it is the one that was sampled. */
#define _GNU_SOURCE
/* The programs' fail() is declared before cmocka makes a macro of that name. */
#include "say.h"

#include "unit.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/wait.h>

#include "task.h"

/* What the messages of what is tested begin with */
const char program_name[] = "test_task";

#define REST \
	" S 1 39 39 0 -1 4194560 93 0 0 0 10 35 0 0 20 0 1 0 181 5230592 64 1\n"

static void name_is_what_stands_in_parentheses(void **state)
{
	static const struct {
		const char *stat;
		const char *name;
	} table[] = {
		{ "39 (hog)" REST, "hog" },
		{ "39 (hog (old))" REST, "hog (old)" },
		{ "39 ())" REST, ")" },
		{ "39 ()" REST, "" },
		{ "39 (a b) S 1 (c)" REST, "a b) S 1 (c" },
		{ "39 (\033[2J\n)" REST, "?[2J?" },
	};
	char name[TASK_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_true(task_parse_stat(table[i].stat, 100, 2000000, name));
		assert_string_equal(name, table[i].name);
	}
}

/* It began at 1.81 s. */
static void a_later_process_has_another_name(void **state)
{
	char name[TASK_NAME_SIZE] = "-";

	(void)state;
	assert_false(task_parse_stat("39 (hog)" REST, 100, 1809999, name));
	assert_string_equal(name, "-");
	assert_true(task_parse_stat("39 (hog)" REST, 100, 1810000, name));
	assert_string_equal(name, "hog");
}

static void what_is_no_such_line_has_no_name(void **state)
{
	static const char *const table[] = {
		"",
		"39",
		"39 hog S 1 39",
		"39 (hog",
		"39 )hog(" REST,
		"39 (hog) S 1 39",
	};
	char name[TASK_NAME_SIZE] = "-";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_false(task_parse_stat(table[i], 100, ~0ULL, name));
		assert_string_equal(name, "-");
	}
}

static void names_are_those_of_this_machine(void **state)
{
	struct sample sample = { .pid = getpid() };
	char name[TASK_NAME_SIZE] = "-";
	struct timespec now;
	pid_t child;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sample.time_us = now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
	assert_int_equal(prctl(PR_SET_NAME, "some name"), 0);
	assert_true(task_name(&sample, name));
	assert_string_equal(name, "some name");
	/* No process begins with the machine, but the first ones. */
	sample.time_us = 0;
	assert_false(task_name(&sample, name));

	child = fork();
	if (!child)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	sample.pid = child;
	sample.time_us = ~0ULL >> 1;
	assert_false(task_name(&sample, name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_is_what_stands_in_parentheses),
		cmocka_unit_test(a_later_process_has_another_name),
		cmocka_unit_test(what_is_no_such_line_has_no_name),
		cmocka_unit_test(names_are_those_of_this_machine),
	};

	return RUN_GROUP(tests);
}
