// SPDX-License-Identifier: GPL-2.0-only
/* The summary on standard output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "progress.h"
#include "report.h"

/* How many lines of a splat or of a test are shown; the rest is in the log. */
#define DETAIL_LINES 15

static void note_time(struct report *report, const struct job *job)
{
	uint64_t end = job->started_ms + job->wall_ms;
	uint64_t last = report->began_ms + report->wall_ms;

	if (!job->started_ms)
		return;
	if (!report->began_ms || job->started_ms < report->began_ms)
		report->began_ms = job->started_ms;
	report->wall_ms = (end > last ? end : last) - report->began_ms;
}

void report_begin(struct report *report, const struct options *options,
		  const struct job *jobs, size_t count, int interrupted)
{
	bool ran = false;
	size_t i;

	*report = (struct report){
		.options = options,
		.jobs = jobs,
		.count = count,
		.interrupted = interrupted,
	};
	for (i = 0; i < count; i++) {
		const struct case_list *cases = &jobs[i].cases;

		report->passed += cases_count(cases, CASE_PASSED);
		report->failed += cases_count(cases, CASE_FAILED);
		report->skipped += cases_count(cases, CASE_SKIPPED);
		if ((int)jobs[i].outcome > report->exit_code)
			report->exit_code = jobs[i].outcome;
		ran |= !jobs[i].unselected;
		note_time(report, &jobs[i]);
		/* Should a job ever be left out, the run is no success. */
		if (jobs[i].state != JOB_DONE)
			report->exit_code = OUTCOME_ERROR;
	}
	if (!ran)
		report->exit_code = OUTCOME_ERROR;
	if (interrupted)
		report->exit_code = 128 + interrupted;
	failures_find(&report->failures, jobs, count);
}

void report_free(struct report *report)
{
	failures_free(&report->failures);
}

const char *report_verdict(const struct report *report)
{
	if (report->exit_code > OUTCOME_ERROR || report->exit_code < 0)
		return "interrupted";
	return outcome_name(report->exit_code);
}

static void give_number(report_fact_fn *fn, void *context, const char *name,
			unsigned int value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", value);
	fn(context, name, digits);
}

static void give_pairs(const struct option_values *pairs, report_fact_fn *fn,
		       void *context)
{
	size_t i;

	for (i = 0; i < pairs->count; i++) {
		const char *value = strchr(pairs->list[i], '=');
		struct text name = { 0 };

		text_add(&name, pairs->list[i], value - pairs->list[i]);
		if (!name.failed)
			fn(context, text_string(&name), value + 1);
		text_free(&name);
	}
}

void report_facts(const struct report *report, report_fact_fn *fn,
		  void *context)
{
	const struct options *options = report->options;

	fn(context, "board", options->board);
	fn(context, "kernel", options->kernel);
	give_pairs(&options->facts, fn, context);
	give_number(fn, context, "slowdown", options->slowdown);
	give_number(fn, context, "seed", options->seed);
	give_number(fn, context, "shift", options->shift);
	give_number(fn, context, "jobs", options->jobs);
	give_number(fn, context, "repeat", options->repeat);
	if (options->suite)
		fn(context, "SUITE", options->suite);
	if (options->test)
		fn(context, "TEST", options->test);
	give_pairs(&options->make, fn, context);
}

static void add_variable(struct text *command, const char *name,
			 const char *value)
{
	text_printf(command, " %s=", name);
	text_add_shell(command, value);
}

void report_rerun(const struct report *report, const struct job *job,
		  const struct test_case *test, struct text *command)
{
	const struct options *options = report->options;
	size_t i;

	text_printf(command, "make check SUITE=%s", job->suite->name);
	if (test && test->selectable && !job->suite->fit)
		add_variable(command, "TEST", test->name);
	else if (options->test)
		add_variable(command, "TEST", options->test);
	if (strcmp(options->board, DEFAULT_BOARD))
		text_printf(command, " BOARD=%s", options->board);
	if (strcmp(options->kernel, DEFAULT_KERNEL))
		text_printf(command, " KERNEL=%s", options->kernel);
	if (job->seed != DEFAULT_SEED)
		text_printf(command, " SEED=%u", job->seed);
	if (job->suite->kind == SUITE_GUEST &&
	    job->shift != job_least_shift(job->suite, DEFAULT_SHIFT))
		text_printf(command, " SHIFT=%u", job->shift);
	for (i = 0; i < options->make.count; i++) {
		const char *pair = options->make.list[i];
		int length = strcspn(pair, "=");

		text_printf(command, " %.*s=", length, pair);
		text_add_shell(command, pair + length + 1);
	}
}

static void print_suites(const struct report *report, bool colour)
{
	int width = strlen("suite");
	size_t i;

	for (i = 0; i < report->count; i++) {
		int length = report->jobs[i].name.length;

		width = length > width ? length : width;
	}
	printf("\n%-*s  passed failed skipped   seconds  outcome\n", width,
	       "suite");
	for (i = 0; i < report->count; i++) {
		const struct job *job = &report->jobs[i];

		printf("%-*s  %6zu %6zu %7zu %9.1f  %s\n", width,
		       text_string(&job->name),
		       cases_count(&job->cases, CASE_PASSED),
		       cases_count(&job->cases, CASE_FAILED),
		       cases_count(&job->cases, CASE_SKIPPED),
		       job->wall_ms / 1000.0,
		       job->unselected ? "none selected" :
					 outcome_shown(job->outcome, colour));
	}
}

static void print_detail(const char *detail)
{
	unsigned int lines = 0;

	while (*detail && lines++ < DETAIL_LINES) {
		int length = strcspn(detail, "\n");

		printf("    | %.*s\n", length, detail);
		detail += length + (detail[length] == '\n');
	}
	if (*detail)
		puts("    | ...");
}

static void print_failure(const struct report *report, size_t index)
{
	const struct failure *failure = &report->failures.list[index];
	const struct test_case *test = failure->test;
	const struct job *job = failure->job;
	struct text command = { 0 };
	struct text others = { 0 };

	printf("\n%s: %s", text_string(&job->name), test->name);
	if (job->run > 1)
		printf(" (seed %u, shift %u)", job->seed, job->shift);
	printf("\n    %s\n",
	       *test->message ? test->message : "no reason given");
	print_detail(test->detail);
	printf("    log:   %s\n", text_string(&job->log));
	report_rerun(report, job, test, &command);
	printf("    rerun: %s\n", text_string(&command));
	if (failure->count > 1) {
		failures_name_others(&report->failures, index, &others);
		printf("    the same in %zu more: %s\n", failure->count - 1,
		       text_string(&others));
	}
	text_free(&command);
	text_free(&others);
}

int report_print(const struct report *report, bool colour)
{
	const struct failures *failures = &report->failures;
	size_t i;

	print_suites(report, colour);
	for (i = 0; i < failures->count; i++) {
		if (failures->list[i].first == i)
			print_failure(report, i);
	}
	putchar('\n');
	if (failures->failed)
		printf("memory ran out, so not all failures are told here\n");
	if (report->interrupted)
		printf("interrupted by signal %d (%s)\n", report->interrupted,
		       strsignal(report->interrupted));
	else if (report->options->test && report->exit_code == OUTCOME_ERROR &&
		 !report->failed)
		printf("no test has a name like '%s'\n", report->options->test);
	printf("%zu passed, %zu failed, %zu skipped\n", report->passed,
	       report->failed, report->skipped);
	if (fflush(stdout) || ferror(stdout))
		return errno ? -errno : -EIO;
	return 0;
}
