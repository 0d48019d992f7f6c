/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Candidates for the OOM killer, ranked by user space in /proc/oom: what the
 * killers use of them. See Documentation/mm/oom_candidates.rst.
 */
#ifndef _LINUX_OOM_CANDIDATES_H
#define _LINUX_OOM_CANDIDATES_H

#include <linux/types.h>

struct pid;
struct pid_namespace;
struct seq_file;
struct task_struct;

/* Returned instead of a victim: one is about to end by itself, so wait for that. */
#define OOM_CANDIDATE_WAIT	((struct task_struct *)-1UL)

/* Tells whether a process may be killed now; called inside an RCU read-side section. */
typedef bool (*oom_killable_fn)(struct task_struct *task, void *arg);

/* Gets a listed process and its rank, from 0; called in the same way. */
typedef void (*oom_candidate_fn)(struct task_struct *task, unsigned int rank,
				 void *arg);

#ifdef CONFIG_OOM_CANDIDATES

struct task_struct *oom_candidates_choose(oom_killable_fn killable, void *arg);
bool oom_candidates_reserve(unsigned int order);
void oom_candidates_for_each(oom_candidate_fn visit, void *arg);
void oom_candidates_remove(struct task_struct *task);

int proc_pid_oom(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		 struct task_struct *task);

#else

static inline struct task_struct *
oom_candidates_choose(oom_killable_fn killable, void *arg)
{
	return NULL;
}

static inline bool oom_candidates_reserve(unsigned int order)
{
	return false;
}

static inline void oom_candidates_for_each(oom_candidate_fn visit, void *arg)
{
}

static inline void oom_candidates_remove(struct task_struct *task)
{
}

#endif /* CONFIG_OOM_CANDIDATES */

#endif /* _LINUX_OOM_CANDIDATES_H */
