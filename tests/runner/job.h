/* SPDX-License-Identifier: GPL-2.0-only */
/* One run of one suite, from its start to its verdict. */
#ifndef RUNNER_JOB_H
#define RUNNER_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "arguments.h"
#include "cases.h"
#include "console.h"
#include "options.h"
#include "process.h"
#include "splats.h"
#include "stall.h"
#include "suites.h"
#include "tap.h"
#include "text.h"
#include "verdict.h"

enum job_state {
	JOB_WAITING,
	JOB_RUNNING,
	JOB_DONE,
};

/* A pseudo case, see verdict.h: the runner could not do its work. */
#define CASE_RUNNER "runner_works"
#define CASE_STARTED "suite_is_started"

/**
 * struct job_setup - what all runs share
 * @options: the command line
 * @splats: the patterns
 * @qemu_kernel: QEMU's arguments for boot=kernel; none: an empty list
 * @qemu_fit: QEMU's arguments for boot=fit; none: an empty list
 * @qemu_swap: QEMU's arguments for swap=disk; none: an empty list
 * @environment: for host programs
 * @sources: folders of sources that messages name, then NULL; or NULL
 */
struct job_setup {
	const struct options *options;
	struct splats splats;
	struct arguments qemu_kernel;
	struct arguments qemu_fit;
	struct arguments qemu_swap;
	struct arguments environment;
	const char *const *sources;
};

/* The shift of a suite's first run, where @shift is what is wanted of all */
static inline unsigned int job_least_shift(const struct suite *suite,
					   unsigned int shift)
{
	return suite->shift > shift ? suite->shift : shift;
}

/**
 * struct job - one run of one suite
 * @setup: what all runs share
 * @suite: what runs
 * @run: 1 for the first run of this suite
 * @seed: where its random numbers start
 * @shift: of its guest's clock
 * @state: how far it is
 * @name: of the suite, from the second run on with ".runN"
 * @log: path of what it printed on its console or standard output
 * @error_log: path of what QEMU or the program printed on standard error
 * @argv: the command
 * @process: its process
 * @log_fd: of @log, or -1
 * @console: reads its output
 * @verdict: for a guest
 * @tap: for a host program
 * @stall: for a guest
 * @bytes: of output so far
 * @started_ms: when, by the monotonic clock
 * @deadline_ms: the wall-clock backstop
 * @kill_ms: when to use force, once it was told to end; else 0
 * @drain_ms: when to give up waiting for the rest of its output; else 0
 * @interrupted: it was ended because the runner was
 * @error: why the runner could not do its work, or empty
 * @unselected: none of its tests has the name asked for
 * @outcome: final when done; likewise what follows
 * @cases: its tests
 * @wall_ms: how long it took
 * @guest_usec: how long its guest ran, by the guest's clock
 */
struct job {
	const struct job_setup *setup;
	const struct suite *suite;
	unsigned int run;
	unsigned int seed;
	unsigned int shift;
	enum job_state state;
	struct text name;
	struct text log;
	struct text error_log;
	struct arguments argv;
	struct process process;
	int log_fd;
	struct console console;
	struct verdict verdict;
	struct tap tap;
	struct stall stall;
	uint64_t bytes;
	uint64_t started_ms;
	uint64_t deadline_ms;
	uint64_t kill_ms;
	uint64_t drain_ms;
	bool interrupted;
	struct text error;
	bool unselected;
	enum outcome outcome;
	struct case_list cases;
	uint64_t wall_ms;
	uint64_t guest_usec;
};

/* Prepares @job; memory that runs out shows when it is started. */
void job_init(struct job *job, const struct job_setup *setup,
	      const struct suite *suite, unsigned int run);

/* Starts @job. If that fails, it is done, with OUTCOME_ERROR. */
void job_start(struct job *job, uint64_t now_ms);

/* Reads what there is on @job->process.output. */
void job_read(struct job *job, uint64_t now_ms);

/* Looks after its time limits and its end; to be called often. */
void job_tick(struct job *job, uint64_t now_ms);

/* The runner was interrupted: ends @job, in whatever state it is. */
void job_interrupt(struct job *job, uint64_t now_ms);

/* Adds how much its tests are to do, as volumes_print() does. */
void job_volumes(const struct job *job, struct text *text);

/* The test that is running, or "". */
const char *job_current_test(const struct job *job);
void job_free(struct job *job);

#endif
