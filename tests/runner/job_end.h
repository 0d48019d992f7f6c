/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of one run of one suite. */
#ifndef RUNNER_JOB_END_H
#define RUNNER_JOB_END_H

#include "job.h"

/* The run is over, or was never started: fills in the results. */
void job_end(struct job *job, uint64_t now_ms);

#endif
