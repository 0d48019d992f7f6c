/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What benchmarks share: figures in guest instructions, under the cases that are
 * to be compared.
 *
 * A benchmark is a test of a suite. With -icount shift=0 an instruction takes a
 * nanosecond of guest time, so its clock counts instructions; idle time counts,
 * too, so nothing that is measured may sleep. What it prints on a line that
 * begins with "bench: " and the name of a table becomes a row there: report.sh.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The user that all work is done for, and one that has nothing to do with it */
#define BENCH_USER USER_A
#define BENCH_OTHER USER_B

/* Where cgroups are */
#define BENCH_CGROUP "/sys/fs/cgroup"

/* Far above what any work takes, and below what the guest has */
#define BENCH_LIMIT (400 * MIB)

/**
 * struct bench_case - what limits the memory of the process that does the work
 * @name: in the table
 * @enter: begins
 * @leave: ends
 * @ours: takes a kernel that has our limits
 */
struct bench_case {
	const char *name;
	void (*enter)(void);
	void (*leave)(void);
	bool ours;
};

extern const struct bench_case bench_nobody;
extern const struct bench_case bench_other;
extern const struct bench_case bench_exact;
extern const struct bench_case bench_rule;
extern const struct bench_case bench_pool;
extern const struct bench_case bench_reclaim;
extern const struct bench_case bench_hybrid;
extern const struct bench_case bench_alloc;
extern const struct bench_case bench_memcg;

/* The limit that the cases set, in bytes; BENCH_LIMIT unless told otherwise */
extern unsigned long bench_limit;

/* The process that the cases put into a cgroup; 0 for the one that asks */
extern pid_t bench_subject;

/* More figures than a pass has */
#define BENCH_FIGURES 4

/**
 * struct bench_work - work to be measured
 * @table: where the figures go
 * @figures: what a pass measures, up to NULL
 * @column: what stands in the row's second column, if not NULL
 * @units: what each figure is divided by: pages, forks, ...
 * @pass: does it once; fills in the instructions that each figure took
 * @rounds: how often each case has its turn; the turns alternate
 * @passes: measured in each turn, after one that is not
 * @cases: the cases, up to NULL
 */
struct bench_work {
	const char *table;
	const char *figures[BENCH_FIGURES + 1];
	const char *column;
	unsigned int units;
	void (*pass)(uint64_t *instructions);
	unsigned int rounds;
	unsigned int passes;
	const struct bench_case *const *cases;
};

/* All cases, in the order of the tables */
extern const struct bench_case *const bench_cases[];

/* A benchmark begins that has other processes do the work. */
void bench_prepare(void);

/* The same, and its process becomes BENCH_USER's, but stays privileged. */
void bench_begin(void);

/* It ends: what the kernel was told for it is as before. */
void bench_end(void);

/*
 * Measures; prints a row for each figure and case: the figure, the column if
 * there is one, the case, then lower decile, median and maximum a unit. On a
 * kernel without our limits only "nobody" has rows, as "without".
 */
void bench_run(const struct bench_work *work);

/* Instructions since an arbitrary start */
uint64_t bench_now(void);

/* The same without those that pass while there is nothing to do */
uint64_t bench_busy(void);

/* Whether this kernel has our limits */
bool bench_has_limits(void);

/* Waits until the kernel has finished what a change of case leaves to be done. */
void bench_settle(void);

/* Writes this trigger's name to vm.mm_limit_trigger, if there is one. */
void bench_trigger(const char *name);

/* Moves a process into the cgroup that has memory.max, or out of it. */
void bench_memcg_move(pid_t pid, bool in);

/* The median of so many values, which it sorts */
double bench_median(double *values, size_t count);

#endif /* BENCH_H */
