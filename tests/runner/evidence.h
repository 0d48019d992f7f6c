/* SPDX-License-Identifier: GPL-2.0-only */
/* What is shown of a failure besides its message. */
#ifndef RUNNER_EVIDENCE_H
#define RUNNER_EVIDENCE_H

#include "job.h"
#include "source.h"
#include "text.h"

/* A message names the test's line, a helper's, and one of the kernel's. */
#define EVIDENCE_SOURCES 4

/**
 * struct evidence - of one failure
 * @splat: the kernel's messages that made it one, or empty
 * @output: what else is known: what the test printed, what the runner has to say
 * @console: the log around it, printable lines
 * @console_first: number of the first of these
 * @console_cut: after so many of them, lines are left out; 0: nowhere
 * @console_resumes: number of the line that follows there
 * @sources: lines of source that the message or the splat names
 * @source_count: how many
 */
struct evidence {
	struct text splat;
	struct text output;
	struct text console;
	unsigned long console_first;
	unsigned long console_cut;
	unsigned long console_resumes;
	struct source_lines sources[EVIDENCE_SOURCES];
	size_t source_count;
};

/* Gathers it: reads the log, and what sources can be read. */
void evidence_find(struct evidence *evidence, const struct job *job,
		   const struct test_case *test);
void evidence_free(struct evidence *evidence);

#endif
