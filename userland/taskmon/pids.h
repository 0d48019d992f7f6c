/* SPDX-License-Identifier: GPL-2.0-only */
/* taskmon: operands that are processes. */
#ifndef TASKMON_PIDS_H
#define TASKMON_PIDS_H

#include <sys/types.h>

/* Whether all are numbers of processes: 0, or EXIT_USAGE after the user was told */
int pids_check(char **words);

/* Calls a function, which tells the user what fails, for all. Returns the exit status. */
int pids_for_each(char **words, int (*call)(pid_t pid));

#endif /* TASKMON_PIDS_H */
