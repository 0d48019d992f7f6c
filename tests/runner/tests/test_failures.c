// SPDX-License-Identifier: GPL-2.0-only
/* What is said of a failure: which are the same, source, console. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"
#include "failures.h"
#include "source.h"

static void assert_key(const char *message, const char *expected)
{
	struct text key = { 0 };

	failure_key(message, &key);
	assert_string_equal(text_string(&key), expected);
	text_free(&key);
}

static void figures_and_callers_make_no_other_failure(void **state)
{
	(void)state;
	assert_key("room/a.c:12: lib/usage.c:106: expected == 5, got 4096",
		   "lib/usage.c:106: expected == 0, got 0");
	assert_key("room/a.c:12: expected == 5, got 6",
		   "room/a.c:12: expected == 0, got 0");
	assert_key("died of signal 11 (Segmentation fault)",
		   "died of signal 0 (Segmentation fault)");
	assert_key("kernel: WARNING: CPU: 3 PID: 41 at mm/x.c:12 f; it failed",
		   "kernel: WARNING: CPU: 0 PID: 0 at mm/x.c:12 f");
	assert_key("", "");
}

static void equal_failures_are_folded(void **state)
{
	static const char *const messages[] = {
		"a.c:1: u.c:9: got 1",
		"other",
		"a.c:2: u.c:9: got 2",
		"a.c:2: u.c:8: got 2",
		"u.c:9: got 7",
		"",
		"",
	};
	static const size_t firsts[] = { 0, 1, 0, 3, 0, 5, 6 };
	struct job_setup setup = { 0 };
	struct failures failures;
	struct options options = { .output = "o" };
	struct suites suites = { 0 };
	struct text names = { 0 };
	struct text why = { 0 };
	struct job jobs[2];
	size_t i;

	(void)state;
	setup.options = &options;
	assert_int_equal(suites_parse(&suites, "s", "x guest\ny guest\n", &why),
			 0);
	job_init(&jobs[0], &setup, &suites.suites[0], 1);
	job_init(&jobs[1], &setup, &suites.suites[1], 1);
	for (i = 0; i < 7; i++) {
		char name[8];

		snprintf(name, sizeof(name), "t%zu", i);
		cases_add(&jobs[i > 3].cases, CASE_PASSED, "passes", "same");
		cases_add(&jobs[i > 3].cases, CASE_FAILED, name, messages[i]);
	}
	failures_find(&failures, jobs, 2);
	assert_int_equal(failures.count, 7);
	for (i = 0; i < 7; i++)
		assert_int_equal(failures.list[i].first, firsts[i]);
	assert_int_equal(failures.list[0].count, 3);
	assert_int_equal(failures.list[1].count, 1);
	failures_name_others(&failures, 0, &names);
	assert_string_equal(text_string(&names), "x: t2; y: t4");
	failures_free(&failures);
	text_free(&names);
	job_free(&jobs[0]);
	job_free(&jobs[1]);
	suites_free(&suites);
}

static void places_in_sources_are_found(void **state)
{
	static const struct {
		const char *text;
		const char *path;
		unsigned long line;
	} cases[] = {
		{ "usage.c:106: x", "usage.c", 106 },
		{ "at mm/mm_limit/kill.c:12 f+0x1", "mm/mm_limit/kill.c", 12 },
		{ "user 3: a:5 b.c: d.sh:7", "d.sh", 7 },
		{ "<x.h:1>", "x.h", 1 },
		{ "no.py:3 time 12:30 .c:", NULL, 0 },
		{ "", NULL, 0 },
	};
	struct source_place place;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool found = source_find(cases[i].text, &place);

		assert_int_equal(found, cases[i].path != NULL);
		if (!found)
			continue;
		assert_int_equal(place.path_length, strlen(cases[i].path));
		assert_memory_equal(place.at, cases[i].path, place.path_length);
		assert_int_equal(place.line, cases[i].line);
	}
}

static char folder[] = "/tmp/test_failures.XXXXXX";

static void write_file(const char *name, const char *content, size_t length)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, length, file), length);
	fclose(file);
}

static bool read_place(struct source_lines *lines, const char *text)
{
	const char *const folders[] = { "/nonexistent", folder, NULL };
	struct source_place place;

	*lines = (struct source_lines){ 0 };
	assert_true(source_find(text, &place));
	return source_read(lines, &place, folders);
}

static void only_sources_below_the_folders_are_read(void **state)
{
	static const char source[] = "1\n2\n\t3\x1b<\n4\n5\n6\nab\t7\n8\n";
	struct source_lines lines;
	char text[128];

	(void)state;
	write_file("a.c", source, strlen(source));
	assert_true(read_place(&lines, "a.c:4: x"));
	assert_int_equal(lines.first, 1);
	assert_string_equal(text_string(&lines.text),
			    "1\n2\n        3\\x1b<\n4\n5\n6\nab      7\n");
	source_free(&lines);
	assert_false(read_place(&lines, "a.c:9: x"));
	source_free(&lines);
	assert_false(read_place(&lines, "a.c:0: x"));
	source_free(&lines);
	assert_false(read_place(&lines, "b.c:1: x"));
	source_free(&lines);
	snprintf(text, sizeof(text), "..%s/a.c:1", folder);
	assert_false(read_place(&lines, text));
	source_free(&lines);
	snprintf(text, sizeof(text), "%s/a.c:1", folder);
	assert_false(read_place(&lines, text));
	source_free(&lines);
}

/* Judges @console as suite prj2, and looks at its first failure. */
static void find_evidence(struct evidence *evidence, const struct text *console)
{
	const char *const folders[] = { folder, NULL };
	struct job_setup setup = { .sources = folders };
	struct suite suite = { .kind = SUITE_GUEST };
	struct job job = { .setup = &setup, .suite = &suite };
	struct verdict verdict;
	size_t i = 0;

	write_file("log", text_string(console), console->length);
	text_printf(&job.log, "%s/log", folder);
	judge(&verdict, "prj2", text_string(console), console->length, 100);
	while (verdict.cases.cases[i].status != CASE_FAILED)
		i++;
	evidence_find(evidence, &job, &verdict.cases.cases[i]);
	verdict_free(&verdict);
	text_free(&job.log);
}

static void a_splat_comes_with_its_console(void **state)
{
	struct text console = { 0 };
	struct evidence evidence;

	(void)state;
	read_fixture(&console, "runner/fixtures/sysfs_duplicate.console");
	find_evidence(&evidence, &console);
	assert_int_equal(strncmp(text_string(&evidence.splat), "sysfs: ", 7),
			 0);
	assert_null(strstr(text_string(&evidence.splat), "child 31"));
	assert_string_equal(text_string(&evidence.output),
			    "child 31 started\n");
	assert_int_equal(evidence.console_first, 8);
	assert_int_equal(strncmp(text_string(&evidence.console),
				 "[    0.440000] 1..3\n", 20),
			 0);
	assert_non_null(strstr(text_string(&evidence.console),
			       "ok 2 two_of_four_die\n"));
	assert_int_equal(evidence.console_cut, 0);
	evidence_free(&evidence);
	text_free(&console);
}

/* Its beginning and its end; and the source that its message names. */
static void a_long_console_is_cut_in_the_middle(void **state)
{
	static const char source[] = "a\nb\nc\n";
	struct text console = { 0 };
	struct evidence evidence;
	unsigned int i;

	(void)state;
	write_file("suite_x.c", source, strlen(source));
	text_puts(&console, "[ 0.1] mm_limit-check: begin prj2\n"
			    "[ 0.1] KTAP version 1\n[ 0.1] 1..1\n"
			    "[ 0.1] # run long timeout=9\n");
	for (i = 5; i < 500; i++)
		text_printf(&console, "[ 0.1] # line %u\n", i);
	text_puts(&console, "[ 0.1] not ok 1 long # suite_x.c:2: bad\n"
			    "[ 0.1] mm_limit-check: end prj2 status=1\n");
	find_evidence(&evidence, &console);
	assert_int_equal(evidence.console_first, 1);
	assert_int_equal(evidence.console_cut, 12);
	assert_int_equal(evidence.console_resumes, 460);
	assert_non_null(strstr(text_string(&evidence.console),
			       "[ 0.1] # line 12\n[ 0.1] # line 460\n"));
	assert_non_null(strstr(text_string(&evidence.console), "not ok 1"));
	assert_int_equal(evidence.source_count, 1);
	assert_string_equal(text_string(&evidence.sources[0].file),
			    "suite_x.c");
	assert_string_equal(text_string(&evidence.sources[0].text),
			    "a\nb\nc\n");
	evidence_free(&evidence);
	text_free(&console);
}

static int set_up(void **state)
{
	return load_splats(state) || !mkdtemp(folder);
}

static int tear_down(void **state)
{
	static const char *const names[] = { "log", "a.c", "suite_x.c" };
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return free_splats(state) || rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_and_callers_make_no_other_failure),
		cmocka_unit_test(equal_failures_are_folded),
		cmocka_unit_test(places_in_sources_are_found),
		cmocka_unit_test(only_sources_below_the_folders_are_read),
		cmocka_unit_test(a_splat_comes_with_its_console),
		cmocka_unit_test(a_long_console_is_cut_in_the_middle),
	};

	return RUN_GROUP_IN(tests, set_up, tear_down);
}
