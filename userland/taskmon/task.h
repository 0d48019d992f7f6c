/* SPDX-License-Identifier: GPL-2.0-only */
/* taskmon: what a process is called. */
#ifndef TASKMON_TASK_H
#define TASKMON_TASK_H

#include <stdbool.h>

#include "monitor.h"

/* Room for a name; those of the kernel's own threads are longer than others. */
#define TASK_NAME_SIZE 64

/**
 * task_name - what the process that was sampled is called now, for a terminal
 * @sample: one of it; a process that took the number only later has another name
 * @name: where to put it
 *
 * Return: false if the process has ended.
 */
bool task_name(const struct sample *sample, char name[TASK_NAME_SIZE]);

/*
 * The part of it that makes sense of /proc/PID/stat. @hz: ticks in a second;
 * @sampled_us: since the boot
 */
bool task_parse_stat(const char *stat, long hz, unsigned long long sampled_us,
		     char name[TASK_NAME_SIZE]);

#endif /* TASKMON_TASK_H */
