/* SPDX-License-Identifier: GPL-2.0-only */
/* Starts a program in a process group of its own, watches it, ends it. */
#ifndef RUNNER_PROCESS_H
#define RUNNER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "arguments.h"
#include "stall.h"

/**
 * struct process - a child of ours
 * @pid: also its process group; 0: none was started
 * @output: its standard output, to be read without blocking; -1 when closed
 * @exited: it was reaped
 * @status: as wait() gave it
 */
struct process {
	pid_t pid;
	int output;
	bool exited;
	int status;
};

/**
 * process_start() - run a program
 * @process: filled
 * @argv: the program, looked up in PATH, and its arguments
 * @environment: "NAME=VALUE" strings to add to ours
 * @errors: where its standard error goes
 *
 * It reads nothing, and dies with us.
 *
 * Return: 0, or -errno when it could not be started.
 */
int process_start(struct process *process, const struct arguments *argv,
		  const struct arguments *environment, int errors);

/* Signals the whole group. */
void process_signal(const struct process *process, int signal);

/* Reaps it if it has ended, after killing what is left of its group. */
bool process_reap(struct process *process);

/* What /proc says of it; false when it is gone. */
bool process_sample(const struct process *process, struct stall_sample *sample);

#endif
