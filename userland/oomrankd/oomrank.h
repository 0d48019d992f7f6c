/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd: what is known about a process, and what it is worth to the system. */
#ifndef OOMRANK_H
#define OOMRANK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The kernel cuts names to this, their ends included (TASK_COMM_LEN). */
#define OOMRANK_NAME_SIZE 16

/**
 * struct oomrank_facts - what the formula is about
 * @total_vm: what the process has mapped, in pages, touched or not
 * @cpu_s: user and system time of all its threads that are or were, in seconds
 * @run_s: since its start, in seconds
 * @niced: its nice value is above 0
 * @root: its real or effective uid is 0, or it has CAP_SYS_ADMIN
 * @raw_io: it has CAP_SYS_RAWIO
 */
struct oomrank_facts {
	unsigned long total_vm;
	unsigned long cpu_s;
	unsigned long run_s;
	bool niced;
	bool root;
	bool raw_io;
};

/**
 * oomrank_points - how readily a process should be given up
 * @facts: about it
 *
 * The formula is badness() of Linux 2.4 (mm/oom_kill.c), whose gist stayed until
 * 2.6.35:
 *
 *	total_vm / sqrt(cpu time) / sqrt(sqrt(run time))
 *
 * times 2 if niced, a quarter for root, and a quarter again with raw I/O; all in
 * integers, rounded down at each step. CPU time counts in units of 8 s, run time
 * in units of 1024 s. In 2.4 these are 2^(SHIFT_HZ + 3) and 2^(SHIFT_HZ + 10)
 * ticks, SHIFT_HZ being about log2(HZ): 10.24 s and 1311 s at 100 Hz, where it is
 * 7, but 8 s and 1024 s where HZ is a power of two, as the formula means it. A
 * divisor of 0 counts as 1. Roots are exact but for rounding down, as in 2.6;
 * those of 2.4 were rough.
 *
 * Return: points; the process with the most is to die first, one without any is
 * not to die at all.
 */
unsigned long oomrank_points(const struct oomrank_facts *facts);

/**
 * struct oomrank_process - a process that may be killed
 * @pid: its process id
 * @points: as above
 * @facts: about it
 * @name: its own name, which may hold any byte but 0
 */
struct oomrank_process {
	pid_t pid;
	unsigned long points;
	struct oomrank_facts facts;
	char name[OOMRANK_NAME_SIZE];
};

#endif /* OOMRANK_H */
