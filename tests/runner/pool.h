/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the jobs, several at once, in one poll loop. */
#ifndef RUNNER_POOL_H
#define RUNNER_POOL_H

#include <stddef.h>

#include "job.h"
#include "progress.h"

/* Before anything is started: SIGINT and SIGTERM end pool_run(), cleanly. */
void pool_catch_signals(void);

/**
 * pool_run() - run all jobs, those of the host before those in guests
 * @jobs: the jobs; all are done afterwards
 * @count: how many
 * @limit: how many at once
 * @progress: shows it
 *
 * Return: the signal that interrupted it, or 0.
 */
int pool_run(struct job *jobs, size_t count, unsigned int limit,
	     struct progress *progress);

#endif
