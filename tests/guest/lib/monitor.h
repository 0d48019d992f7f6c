/* SPDX-License-Identifier: GPL-2.0-only */
/* The task monitor: its module, its files, and what they say. */
#ifndef GUEST_MONITOR_H
#define GUEST_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define MONITOR_MODULE "/lib/modules/taskmonitor.ko"
#define MONITOR_HISTORY "/sys/kernel/debug/taskmonitor"
#define MONITOR_STATS "/sys/kernel/debug/taskmonitor_stats"
#define MONITOR_NEWEST "/sys/kernel/taskmonitor"
#define MONITOR_THREAD "ktaskmonitord"
#define MONITOR_PERIOD "/sys/module/taskmonitor/parameters/period_ms"
#define MONITOR_MAX "/sys/module/taskmonitor/parameters/max_samples"

/* Loads the module, with these parameters. Returns 0 or -errno. */
int monitor_insert(const char *parameters);

/* Unloads it. Returns 0 or -errno. */
int monitor_delete(void);

/* The same, but first unloads one that another test left; it has to load. */
void monitor_load(const char *parameters);

/* Unloads it, which has to do; nothing of it may be left. */
void monitor_unload(void);

/* Nothing of it is there: module, files, slab cache, thread. */
void monitor_expect_no_trace(void);

/* Writes a command of any bytes. Returns 0 or -errno. */
int monitor_command(const char *text, size_t length);

/* Start or stop monitoring a process. Return 0 or -errno. */
int monitor_start(pid_t pid);
int monitor_stop(pid_t pid);

/* Changes how often is sampled; has to do. */
void monitor_set_period(unsigned int ms);

/* A number from the file of counts. A failure is the test's. */
unsigned long long monitor_count(const char *name);

/*
 * So many samples must have been given back, which together with those that are
 * there are all that were taken. For a monitor from which nothing was removed.
 */
unsigned long long monitor_expect_given_back(void);

/* Waits until a count is at least @least. */
void monitor_wait_for(const char *name, unsigned long long least);

/**
 * struct monitor_sample - a line of the history; times in us, sizes in KiB
 */
struct monitor_sample {
	pid_t pid;
	unsigned long long time;
	unsigned long long usr;
	unsigned long long sys;
	unsigned long total;
	unsigned long stack;
	unsigned long data;
};

/* Opens the history. A failure is the test's. */
FILE *monitor_open(void);

/*
 * Reads a sample. Returns false at the end. A line that is not as it should be,
 * to the letter, is a failure of the test.
 */
bool monitor_next(FILE *history, struct monitor_sample *sample);

/*
 * How many samples there are of a process; 0: of all. @first and @last, unless
 * NULL, get those. Fails the test where they are not in order.
 */
size_t monitor_samples(pid_t pid, struct monitor_sample *first,
		       struct monitor_sample *last);

/* For workers: spins for so many milliseconds of CPU time. */
long monitor_spin(long ms);

/* Sleeps; times ktap_slowdown(). */
void monitor_sleep_ms(unsigned int ms);

#endif /* GUEST_MONITOR_H */
