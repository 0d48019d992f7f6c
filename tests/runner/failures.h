/* SPDX-License-Identifier: GPL-2.0-only */
/* All that failed, and which failures are the same. Pure. */
#ifndef RUNNER_FAILURES_H
#define RUNNER_FAILURES_H

#include <stddef.h>

#include "job.h"
#include "text.h"

/**
 * struct failure - a test that failed
 * @job: the run
 * @test: the test
 * @first: index of the first failure that is the same; its own, if it is that
 * @count: of the first one: how many are the same, itself included
 */
struct failure {
	const struct job *job;
	const struct test_case *test;
	size_t first;
	size_t count;
};

/**
 * struct failures - all of them, in order
 * @failed: memory ran out: they are not all
 */
struct failures {
	struct failure *list;
	size_t count;
	bool failed;
};

/* Gathers them, from @count jobs. */
void failures_find(struct failures *failures, const struct job *jobs,
		   size_t count);
void failures_free(struct failures *failures);

/*
 * What two messages share if they tell of the same failure: not where the tests
 * called the helper that failed, nor figures other than lines of source. The
 * kernel's splat decides, where there was one.
 */
void failure_key(const char *message, struct text *key);

/* Adds "SUITE: TEST, TEST; SUITE: ..." of the others that are the same. */
void failures_name_others(const struct failures *failures, size_t first,
			  struct text *names);

#endif
