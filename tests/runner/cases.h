/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of each test of a suite, and of the suite itself. */
#ifndef RUNNER_CASES_H
#define RUNNER_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In order of weight; the values are the runner's exit codes. */
enum outcome {
	OUTCOME_PASSED = 0,
	OUTCOME_FAILED = 1,
	OUTCOME_SPLAT = 2,
	OUTCOME_HANG = 3,
	OUTCOME_BOOT = 4,
	OUTCOME_ERROR = 5,
};

enum case_status {
	CASE_PASSED,
	CASE_FAILED,
	CASE_SKIPPED,
};

/**
 * struct test_case - one test and its result
 * @name: printable; never NULL
 * @message: one printable line saying why, or empty; never NULL
 * @detail: further printable lines, each ended by a newline; never NULL
 * @status: what became of it
 * @selectable: @name is one the suite's program knows, so that it can be run
 *	alone (false for KUnit cases, and for the runner's own findings)
 * @usec: how long it ran, by the guest's clock; 0 when unknown
 * @splat: what of @detail is the kernel's, for @detail's first so many bytes
 * @first_line: of the log, where it began; 0 when unknown
 * @last_line: where it ended
 */
struct test_case {
	char *name;
	char *message;
	char *detail;
	enum case_status status;
	bool selectable;
	uint64_t usec;
	size_t splat;
	unsigned long first_line;
	unsigned long last_line;
};

/**
 * struct case_list - the tests of one run of one suite, in order
 * @failed: memory ran out: the list is incomplete and must not pass
 */
struct case_list {
	struct test_case *cases;
	size_t count;
	size_t size;
	bool failed;
};

/* If one suite has more results than this, something is wrong with it. */
#define CASES_MAX 20000

/* Escapes @name and @message. Returns NULL when memory ran out. */
struct test_case *cases_add(struct case_list *list, enum case_status status,
			    const char *name, const char *message);

/* Adds lines to the detail of a case; they must be printable already. */
void case_add_detail(struct case_list *list, struct test_case *test,
		     const char *lines);

/* Renames the cases from @first on to "PREFIX/NAME". */
void cases_prefix(struct case_list *list, size_t first, const char *prefix);

size_t cases_count(const struct case_list *list, enum case_status status);
void cases_free(struct case_list *list);

const char *outcome_name(enum outcome outcome);
const char *case_status_name(enum case_status status);

#endif
