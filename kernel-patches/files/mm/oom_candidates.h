/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Candidates for the OOM killer: what its files share.
 *
 *	oom_candidates.c	the list, and what the killers take from it
 *	oom_candidates_proc.c	/proc/oom, /proc/<pid>/oom
 *	oom_candidates_kunit.c	KUnit
 */
#ifndef _MM_OOM_CANDIDATES_H
#define _MM_OOM_CANDIDATES_H

#include <linux/ktime.h>
#include <linux/oom_candidates.h>
#include <linux/types.h>

/**
 * struct oom_candidate - an entry of the list
 * @pid: the process; the list holds a reference, so that a number which is used
 *	again does not stand for another process
 * @taken: it has been killed, or told to end. Only ever set, without a lock: two
 *	killers that take the same process at once do no harm.
 */
struct oom_candidate {
	struct pid *pid;
	bool taken;
};

/**
 * struct oom_candidates - a list, first to go first
 * @nr: its length
 * @entries: each process once. But for &oom_candidate.taken nothing changes once
 *	the list is in force.
 */
struct oom_candidates {
	unsigned int nr;
	struct oom_candidate entries[];
};

/* oom_candidates.c */

/**
 * enum oom_term_step - what becomes of a process that was told to end
 * @OOM_TERM_WAIT: it still has time
 * @OOM_TERM_KILL: its time is over
 * @OOM_TERM_FORGET: that was long ago, the shortage of then is over
 */
enum oom_term_step {
	OOM_TERM_WAIT,
	OOM_TERM_KILL,
	OOM_TERM_FORGET,
};

enum oom_term_step oom_term_next_step(ktime_t now, ktime_t deadline);
void oom_candidates_replace(struct oom_candidates *list);
void oom_candidates_free(struct oom_candidates *list);
struct oom_candidates *oom_candidates_get_rcu(void);
struct task_struct *oom_candidate_task(const struct oom_candidate *entry);

/* oom_candidates_proc.c */

/**
 * struct oom_pid_parser - how far a list of pids that comes in pieces was read
 * @number: the number that was begun; 0: none, for no pid begins with that
 */
struct oom_pid_parser {
	unsigned int number;
};

/* Takes a number that has been read. Return: 0, or an error that ends the reading. */
typedef int (*oom_pid_fn)(pid_t nr, void *arg);

int oom_parse_pids(struct oom_pid_parser *parser, const char *text,
		   size_t length, oom_pid_fn add, void *arg);
int oom_parse_end(struct oom_pid_parser *parser, oom_pid_fn add, void *arg);

#endif /* _MM_OOM_CANDIDATES_H */
