/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells what became of all runs: to the user, to CI, to programs. */
#ifndef RUNNER_REPORT_H
#define RUNNER_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "failures.h"
#include "job.h"
#include "text.h"

/**
 * struct report - all results
 * @options: the command line
 * @jobs: all runs, in order
 * @count: how many
 * @interrupted: the signal that ended the runner early, or 0
 * @failures: tests that failed, in order
 * @began_ms: when the first run began, by the monotonic clock
 * @wall_ms: how long all took
 * @passed: tests that passed
 * @failed: tests that failed
 * @skipped: tests that were skipped
 * @exit_code: the runner's
 */
struct report {
	const struct options *options;
	const struct job *jobs;
	size_t count;
	int interrupted;
	struct failures failures;
	uint64_t began_ms;
	uint64_t wall_ms;
	size_t passed;
	size_t failed;
	size_t skipped;
	int exit_code;
};

/* Counts, and finds the exit code; report_free() is due. */
void report_begin(struct report *report, const struct options *options,
		  const struct job *jobs, size_t count, int interrupted);

void report_free(struct report *report);

/* The summary, its last line "N passed, N failed, N skipped". */
int report_print(const struct report *report, bool colour);

/* The command that runs @job again, and only @test unless that is NULL. */
void report_rerun(const struct report *report, const struct job *job,
		  const struct test_case *test, struct text *command);

/*
 * What is known about this run as a whole, in order: names of letters, digits and
 * "_", any values.
 */
typedef void report_fact_fn(void *context, const char *name, const char *value);
void report_facts(const struct report *report, report_fact_fn *fn,
		  void *context);

/* "passed", or the outcome that the exit code stands for, or "interrupted" */
const char *report_verdict(const struct report *report);

/* All return 0 or -errno, and then say why. */
int junit_write(const struct report *report, const char *path,
		struct text *why);
int html_write(const struct report *report, const char *path, struct text *why);
int json_write(const struct report *report, const char *path, struct text *why);

#endif
