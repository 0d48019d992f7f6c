/* SPDX-License-Identifier: GPL-2.0-only */
/* A folder that looks like /proc, in which tests decide what processes there are. */
#ifndef OOMRANKD_FIXTURE_H
#define OOMRANKD_FIXTURE_H

#include <sys/types.h>

#include "proc.h"

#define FIXTURE_TICKS 100

/* The caller of proc_open(), to be left out */
#define FIXTURE_SELF 77

/* The present time, in seconds since boot */
#define FIXTURE_UPTIME 10000

/**
 * struct fixture_process - what its files say
 * @pid: its folder's name
 * @name: not more than 15 bytes
 * @state: as in stat
 * @flags: PF_*
 * @nice: -20 .. 19
 * @threads: 0 counts as 1
 * @start_s: since boot
 * @pages: total_vm
 * @utime: in ticks
 * @stime: in ticks
 * @adj: oom_score_adj
 * @uid: the real one
 * @euid: the effective one
 * @caps: effective capabilities
 */
struct fixture_process {
	pid_t pid;
	const char *name;
	char state;
	unsigned long flags;
	int nice;
	int threads;
	unsigned long start_s;
	unsigned long pages;
	unsigned long utime;
	unsigned long stime;
	int adj;
	unsigned int uid;
	unsigned int euid;
	unsigned long long caps;
};

/* The folder; set up and torn down around each test, as cmocka's fixtures are. */
extern char fixture_root[];
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Writes a file below the folder, and the folders that it is in. */
void fixture_write(const char *path, const char *text, size_t size);
void fixture_print(const char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Removes a file. */
void fixture_remove(const char *path);

void fixture_add(const struct fixture_process *process);

/* The folder as proc_open() sees it */
struct proc fixture_open(void);

#endif /* OOMRANKD_FIXTURE_H */
