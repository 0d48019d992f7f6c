/* SPDX-License-Identifier: GPL-2.0-only */
/* From the command line and its files to the list of jobs. */
#ifndef RUNNER_SETUP_H
#define RUNNER_SETUP_H

#include "job.h"
#include "suites.h"
#include "text.h"

/**
 * struct setup - everything that is read before anything runs
 * @job: what all runs share
 * @splats: path of splats.conf
 * @folders: of sources
 * @suites: all suites
 * @jobs: the runs of those selected, in order
 * @count: how many
 */
struct setup {
	struct job_setup job;
	struct text splats;
	struct arguments folders;
	struct suites suites;
	struct job *jobs;
	size_t count;
};

/*
 * Reads suites.conf, splats.conf and QEMU's arguments. Returns 0 or -errno,
 * and then says why; setup_free() is due in any case.
 */
int setup_read(struct setup *setup, const struct options *options,
	       struct text *why);

/* Selects what runs. -EINVAL when that is nothing. */
int setup_select(struct setup *setup, struct text *why);

/*
 * Creates the output folder, removes old reports and logs, and prepares the
 * environment of host programs, which are told of it.
 */
int setup_output(struct setup *setup, struct text *why);

/* Prints the suites; -EINVAL when there are none of the names asked for. */
int setup_list(const struct setup *setup, struct text *why);
void setup_free(struct setup *setup);

#endif
