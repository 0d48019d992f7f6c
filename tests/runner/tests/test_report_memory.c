// SPDX-License-Identifier: GPL-2.0-only
/* Whichever allocation fails, a report has all that failed, or its lack is told. */
#include "fixture.h"

#include <libxml/xmlerror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "allocations.h"
#include "file.h"
#include "job.h"
#include "report.h"
#include "suites.h"

static char folder[] = "/tmp/test_report_memory.XXXXXX";
static char log_path[64];
static char path[64];

static struct options options = {
	.board = "virt",
	.kernel = "debug",
	.slowdown = 20,
	.seed = 1,
	.shift = DEFAULT_SHIFT,
	.output = folder,
	.facts = { .list = { "compiler=gcc" }, .count = 1 },
};

static struct job_setup job_setup = { .options = &options };
static struct suites suites;
static struct job jobs[2];

static void fail_twice(struct job *job)
{
	struct test_case *test = cases_add(&job->cases, CASE_FAILED, "fails",
					   "limits/ctl.c:42: expected 1");

	case_add_detail(&job->cases, test, "a line\nanother line\n");
	cases_add(&job->cases, CASE_FAILED, "fails_alike",
		  "limits/ctl.c:42: expected 1");
	job->outcome = OUTCOME_FAILED;
	job->state = JOB_DONE;
	job->started_ms = 5000;
	job->wall_ms = 1500;
}

static int make_jobs(void **state)
{
	struct text why = { 0 };
	const char *console =
		"1..2\nnot ok 1 - fails\nnot ok 2 - fails_alike\n";

	(void)state;
	if (!mkdtemp(folder) ||
	    suites_parse(&suites, "s", "prj2 guest\nunit host path=x\n", &why))
		return -1;
	snprintf(log_path, sizeof(log_path), "%s/prj2.console.log", folder);
	snprintf(path, sizeof(path), "%s/report", folder);
	job_init(&jobs[0], &job_setup, &suites.suites[0], 2);
	job_init(&jobs[1], &job_setup, &suites.suites[1], 1);
	arguments_add(&jobs[0].argv, "qemu");
	arguments_add(&jobs[0].argv, "-append");
	fail_twice(&jobs[0]);
	fail_twice(&jobs[1]);
	return file_write(log_path, console, strlen(console), &why);
}

static int free_jobs(void **state)
{
	(void)state;
	job_free(&jobs[0]);
	job_free(&jobs[1]);
	suites_free(&suites);
	unlink(log_path);
	unlink(path);
	return rmdir(folder);
}

typedef int (*write_fn)(const struct report *report, const char *path,
			struct text *why);

static void read_report(struct text *content)
{
	struct text why = { 0 };

	text_reset(content);
	assert_int_equal(file_read(path, content, &why), 0);
}

/* Begins a report anew each time, since its making allocates as well. */
static int write_report(write_fn write, struct text *why)
{
	struct report report;
	int ret;

	report_begin(&report, &options, jobs, 2, 0);
	ret = write(&report, path, why);
	report_free(&report);
	return ret;
}

/* libxml2 says itself what it lacks. */
static void say_nothing(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

static size_t occurrences(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

/* All four failures have to be there, each with @mark, and @end after them. */
static void try_all(write_fn write, const char *mark, const char *end)
{
	struct text content = { 0 };
	struct text why = { 0 };
	unsigned long told = 0;
	unsigned long left = 0;
	unsigned long number;

	for (number = 1; !left; number++) {
		int ret;

		unlink(path);
		fail_allocation(number);
		ret = write_report(write, &why);
		left = fail_allocation(0);
		if (ret) {
			assert_int_not_equal(access(path, F_OK), 0);
			assert_true(why.length || why.failed);
			told++;
		} else {
			read_report(&content);
			if (occurrences(text_string(&content), mark) != 4)
				fail_msg("allocation %lu: not 4 times '%s'",
					 number, mark);
			assert_non_null(strstr(text_string(&content), end));
		}
		text_free(&why);
	}
	assert_true(told > 10);
	text_free(&content);
}

static void report_has_all_that_failed_or_its_lack_is_told(void **state)
{
	(void)state;
	if (!allocations_can_fail)
		skip();
	xmlSetGenericErrorFunc(NULL, say_nothing);
	try_all(json_write, "\"status\": \"failed\"", "\n}");
	try_all(junit_write, "<failure ", "</testsuites>");
	try_all(html_write, "class=\"failure\"", "</html>");
}

/* The lists that the summary goes by, when there is no memory for them */
static void summary_says_that_it_is_not_whole(void **state)
{
	struct report report;
	FILE *before = stdout;
	char *shown = NULL;
	size_t length = 0;

	(void)state;
	if (!allocations_can_fail)
		skip();
	fail_allocation(1);
	report_begin(&report, &options, jobs, 2, 0);
	fail_allocation(0);
	stdout = open_memstream(&shown, &length);
	assert_int_equal(report_print(&report, false), 0);
	fclose(stdout);
	stdout = before;
	assert_non_null(strstr(
		shown, "\nmemory ran out, so not all failures are told here\n"
		       "0 passed, 4 failed, 0 skipped\n"));
	assert_int_equal(report.exit_code, OUTCOME_FAILED);
	free(shown);
	report_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			report_has_all_that_failed_or_its_lack_is_told),
		cmocka_unit_test(summary_says_that_it_is_not_whole),
	};

	return RUN_GROUP_IN(tests, make_jobs, free_jobs);
}
