/* SPDX-License-Identifier: GPL-2.0-only */
/* What is shown while suites run: a status line on a terminal, else lines. */
#ifndef RUNNER_PROGRESS_H
#define RUNNER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"
#include "text.h"

/**
 * struct progress - what was shown
 * @terminal: standard output is one that can redraw a line
 * @colour: and shows colours
 * @verbose: show each test and each command
 * @done: runs that are over
 * @status: the status line on the terminal
 */
struct progress {
	bool terminal;
	bool colour;
	bool verbose;
	size_t done;
	struct text status;
};

void progress_begin(struct progress *progress, bool verbose);
void progress_started(struct progress *progress, const struct job *job);
void progress_done(struct progress *progress, const struct job *job,
		   size_t count);

/* Redraws the status line. */
void progress_update(struct progress *progress, const struct job *jobs,
		     size_t count);
void progress_end(struct progress *progress);

/* @outcome's name, in colour if @colour. */
const char *outcome_shown(enum outcome outcome, bool colour);

#endif
