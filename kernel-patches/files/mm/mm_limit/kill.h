/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: which processes have to go (scan.c, pick.c, kill.c), in which
 * order (policy.c), and what is remembered of them (kills.c).
 */
#ifndef _MM_LIMIT_KILL_H
#define _MM_LIMIT_KILL_H

#include <linux/sched.h>
#include <linux/seq_file.h>

#include "account.h"
#include "history.h"
#include "internal.h"

/* Victims picked in one scan: few enough for the stack */
#define MM_LIMIT_BATCH	16

/* mm_limit_mm_kill.seen: an address space has a process that ... */
#define MM_LIMIT_SEEN_ALIVE	1
#define MM_LIMIT_SEEN_DYING	2
#define MM_LIMIT_SEEN_PROTECTED	4

/**
 * struct mm_limit_candidate - an address space that may be killed
 * @task: a thread that uses it, with a reference
 * @mm: the address space, with a reference
 * @pages: what is gained if it goes
 * @kernel: the same of kernel memory, an estimate; 0 if that does not count
 * @copies: the same of copies that go along with it
 * @acct: its owner's account, with a reference on the user
 * @score: the higher, the sooner it goes
 * @started: when its process did; monotonic, nanoseconds. Its leader, which knows,
 *	may be gone by the time that it is compared with others.
 */
struct mm_limit_candidate {
	struct task_struct *task;
	struct mm_struct *mm;
	struct mm_limit_account *acct;
	long pages;
	long kernel;
	long copies;
	u64 score;
	u64 started;
};

struct mm_limit_scan;

typedef void (*mm_limit_look_at_mm)(struct mm_struct *mm,
				    struct mm_limit_scan *scan);

/**
 * struct mm_limit_scan - a look at all that a user has, or the members of a pool
 * @whole: the account of the limit
 * @acct: the account whose address spaces are being looked at: the same, or a member's
 * @walk: what is looked at
 * @policy: in which order candidates go
 * @number: of this scan
 * @dying: pages that need no further kill
 * @keeps_lost: those that were picked are of members that have memory of processes which
 *	were killed in vain
 * @undecided: some of them may stay after all
 * @missed: an mm came after the first pass
 * @stale: a candidate has left its mm
 * @seen: in what condition the threads of an mm are, MM_LIMIT_SEEN_*
 * @reaper: of them, the init of a namespace
 * @rss: what an mm has, also of files that stay
 * @weighed: the process that stands for it
 * @process: the same, as it is remembered
 * @notes: where to note what may be remembered; NULL: nowhere
 * @run_time: of all threads that use it
 * @nr: how many are picked
 * @picked: the candidates that go first, the very first at the front
 */
struct mm_limit_scan {
	struct mm_limit_account *whole;
	struct mm_limit_account *acct;
	struct {
		mm_limit_look_at_mm look;
		bool locked;
	} walk;
	unsigned int policy;
	unsigned int number;
	long dying;
	bool keeps_lost;
	bool undecided;
	bool missed;
	bool stale;
	unsigned int seen;
	struct task_struct *reaper;
	long rss;
	struct mm_limit_candidate weighed;
	struct mm_limit_process process;
	struct mm_limit_notes *notes;
	u64 run_time;
	int nr;
	struct mm_limit_candidate picked[MM_LIMIT_BATCH];
};

typedef void (*mm_limit_look_at_task)(struct task_struct *t, void *arg);

/* scan.c */
void mm_limit_walk_mms(struct mm_limit_scan *scan, bool locked,
		       mm_limit_look_at_mm look);
void mm_limit_walk_users(struct mm_struct *mm, mm_limit_look_at_task look,
			 void *arg);
void mm_limit_mark_mms(struct mm_limit_scan *scan);
bool mm_limit_is_dying(struct mm_struct *mm, struct mm_limit_scan *scan);
void mm_limit_sum_dying(struct mm_limit_scan *scan);
void mm_limit_count_on_lost(struct mm_limit_scan *scan);
struct task_struct *mm_limit_lock_task(struct mm_limit_account *acct,
				       struct task_struct *p);

/* kills.c */
void mm_limit_note_process(struct mm_limit_notes *notes,
			   const struct mm_limit_process *process);
void mm_limit_name_process(struct task_struct *t,
			   struct mm_limit_process *process);
void mm_limit_remember(struct mm_limit *limit,
		       const struct mm_limit_victim *victim);
u64 mm_limit_recall(struct mm_limit_history *history, u64 number,
		    struct mm_limit_record *record);
void mm_limit_show_kills(struct seq_file *m, struct mm_limit_history *history,
			 kuid_t of);

/* pick.c */
/* Has a scan found that a user has memory of processes that were killed in vain? */
static inline bool mm_limit_keeps_lost(struct mm_limit_scan *scan,
				       struct mm_limit_account *acct)
{
	return acct->lost_scan == scan->number;
}

void mm_limit_put_candidate(struct mm_limit_candidate *c);
void mm_limit_pick(struct mm_limit_scan *scan);

/* kill.c */
void mm_limit_forget_kernel_memory(struct mm_limit_account *acct);
bool mm_limit_is_covered(struct mm_limit_account *acct);
bool mm_limit_kill(struct mm_limit_account *acct, struct mm_limit *limit,
		   unsigned int policy, bool bounded);
void mm_limit_dry_run(struct mm_limit_account *acct, struct mm_limit *limit,
		      unsigned int policy);
bool mm_limit_term(struct mm_limit_account *acct, struct mm_limit *limit,
		   unsigned int policy);
void mm_limit_kill_by_force(struct mm_limit_account *acct);
void mm_limit_write_off(struct mm_limit_account *acct);

/* policy.c */
extern const char *const mm_limit_policy_names[MM_LIMIT_POLICIES];

u64 mm_limit_score(unsigned int policy, struct task_struct *p,
		   struct mm_struct *mm, long pages);
u64 mm_limit_past_run_time(struct task_struct *p);
u64 mm_limit_badness(long pages, unsigned long total, bool admin, int adj);
u64 mm_limit_ranked(long pages, unsigned int listed);
void mm_limit_look_up_ranks(unsigned int scan);
void mm_limit_count_private(struct mm_limit_account *acct, unsigned int scan);

#endif /* _MM_LIMIT_KILL_H */
