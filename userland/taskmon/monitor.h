/* SPDX-License-Identifier: GPL-2.0-only */
/* taskmon: the kernel's task monitor, and what it knows of a process. */
#ifndef TASKMON_MONITOR_H
#define TASKMON_MONITOR_H

#include <sys/types.h>

/**
 * struct sample - a line of the kernel's history
 * @pid: the process
 * @time_us: when, since the boot
 * @usr_us: CPU time in user mode so far
 * @sys_us: the same in the kernel
 * @total_kib: size of the address space
 * @stack_kib: of that, stacks
 * @data_kib: of that, private and writable
 */
struct sample {
	pid_t pid;
	unsigned long long time_us;
	unsigned long long usr_us;
	unsigned long long sys_us;
	unsigned long total_kib;
	unsigned long stack_kib;
	unsigned long data_kib;
};

/* All return 0, or EXIT_FAILURE after the user was told why. */

/* Loads the module unless it is loaded. */
int monitor_load(void);

/* Starts to monitor a process, or stops and removes its history. */
int monitor_start(pid_t pid);
int monitor_stop(pid_t pid);

/* How often it samples; 0 if it cannot be told */
unsigned int monitor_period_ms(void);
int monitor_set_period(unsigned int ms);

typedef void (*sample_fn)(const struct sample *sample, void *data);

/*
 * Calls a function for each sample, oldest first; @pid 0: of each process in
 * turn.
 */
int monitor_read(pid_t pid, sample_fn take, void *data);

/*
 * The CPU time between two samples in tenths of a percent of one CPU; 0 if it
 * is not known
 */
unsigned int cpu_share(const struct sample *before, const struct sample *now);

#endif /* TASKMON_MONITOR_H */
