/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * oomrankd: reads processes from /proc. What it takes is opened at the start or
 * on the stack, so that reading allocates nothing in user space.
 */
#ifndef OOMRANKD_PROC_H
#define OOMRANKD_PROC_H

#include <stdint.h>
#include <sys/stat.h>

#include "oomrank.h"

/**
 * struct proc - where processes are read from
 * @root: the folder
 * @uptime: the file
 * @ticks_per_s: clock ticks in a second
 * @self: the caller's pid
 * @has_namespaces: whether the next two are known
 * @namespace_dev: the caller's user namespace, in which capabilities count
 * @namespace_ino: the rest of its name
 * @uptime_s: when the current look at all processes began, since boot
 */
struct proc {
	int root;
	int uptime;
	unsigned long ticks_per_s;
	pid_t self;
	bool has_namespaces;
	dev_t namespace_dev;
	ino_t namespace_ino;
	unsigned long uptime_s;
};

/**
 * proc_open - get ready to read
 * @proc: to be filled
 * @root: "/proc", or a folder that looks like it
 * @ticks_per_s: sysconf(_SC_CLK_TCK)
 * @self: getpid(); the process that is not to be killed by its own advice
 *
 * Return: 0, or a negative error.
 */
int proc_open(struct proc *proc, const char *root, unsigned long ticks_per_s,
	      pid_t self);

void proc_close(struct proc *proc);

/* Takes a process; what it points to is gone when it returns. */
typedef void (*proc_visit)(const struct oomrank_process *process, void *data);

/**
 * proc_for_each - look at all processes once
 * @proc: opened
 * @visit: gets those that may be killed and have points: not the caller, init,
 *	kernel threads, those with an oom_score_adj of -1000, nor those without
 *	memory
 * @data: handed to @visit
 *
 * Processes may come and go meanwhile; one that goes is left out.
 *
 * Return: how many there are, whether they may be killed or not, or a negative
 * error.
 */
long proc_for_each(struct proc *proc, proc_visit visit, void *data);

/**
 * proc_read - look at one process
 * @proc: opened, with its uptime read
 * @pid: the process
 * @process: to be filled
 *
 * Return: whether it may be killed, as above.
 */
bool proc_read(const struct proc *proc, pid_t pid,
	       struct oomrank_process *process);

/* Reads the time that proc_read() compares with. Returns 0 or an error. */
int proc_read_uptime(struct proc *proc);

#endif /* OOMRANKD_PROC_H */
