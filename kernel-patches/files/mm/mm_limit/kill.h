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

/* Kills that a limit remembers */
#define MM_LIMIT_KILLS		8

/* Processes that are named beside a victim */
#define MM_LIMIT_BESIDE		5

/**
 * struct mm_limit_process - a process as it is remembered
 * @pid: in the initial pid namespace
 * @name: of its leader; any bytes up to the end
 * @pages: what would be gained if it went
 */
struct mm_limit_process {
	pid_t pid;
	char name[TASK_COMM_LEN];
	long pages;
};

/**
 * enum mm_limit_action - what is done to a victim
 * @MM_LIMIT_ACTION_KILL: it is killed
 * @MM_LIMIT_ACTION_DRY_RUN: it would be, but for a dry run
 * @MM_LIMIT_ACTION_TERM: it is asked to end, by SIGTERM
 */
enum mm_limit_action {
	MM_LIMIT_ACTION_KILL,
	MM_LIMIT_ACTION_DRY_RUN,
	MM_LIMIT_ACTION_TERM,
};

/**
 * struct mm_limit_victim - what is known of a process that is killed
 * @process: the process
 * @age_ns: since it was forked, in nanoseconds of which none is left out
 * @run_ns: CPU time of its threads, dead ones included, in nanoseconds
 * @usage: its user's pages before the kill, or its pool's
 * @uid: its user, in the initial user namespace
 * @policy: by which it was chosen
 * @action: what is done to it
 */
struct mm_limit_victim {
	struct mm_limit_process process;
	u64 age_ns;
	u64 run_ns;
	long usage;
	uid_t uid;
	unsigned int policy;
	enum mm_limit_action action;
};

/**
 * struct mm_limit_record - a kill as it is remembered
 * @boot_ns: when, in nanoseconds since the machine was started
 * @mm_max: the limit in force, in bytes
 * @reason: why
 * @victim: who
 * @parts: what its user had, when the killer looked
 * @beside: the user's largest other processes at that time, the largest first; those
 *	that were killed, too, have records of their own
 * @nr_beside: how many they are
 */
struct mm_limit_record {
	u64 boot_ns;
	u64 mm_max;
	enum mm_limit_reason reason;
	struct mm_limit_victim victim;
	struct mm_limit_parts parts;
	struct mm_limit_process beside[MM_LIMIT_BESIDE];
	unsigned int nr_beside;
};

/**
 * struct mm_limit_history - the last kills of a limit
 * @total: how many have been remembered; this and the next under the account's lock
 * @records: number N, counted from 1, is at N - 1 modulo %MM_LIMIT_KILLS
 * @parts: what the user has, as the killer's scan under way has found it; this and what
 *	follows belong to the limit's work
 * @largest: the user's largest processes, likewise, the largest first; one more than
 *	there can be beside a victim, which may be among them
 * @nr_largest: how many they are
 */
struct mm_limit_history {
	u64 total;
	struct mm_limit_record records[MM_LIMIT_KILLS];
	struct mm_limit_parts parts;
	struct mm_limit_process largest[MM_LIMIT_BESIDE + 1];
	unsigned int nr_largest;
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
 * @undecided: some of them may stay after all
 * @missed: an mm came after the first pass
 * @stale: a candidate has left its mm
 * @seen: in what condition the threads of an mm are, MM_LIMIT_SEEN_*
 * @reaper: of them, the init of a namespace
 * @rss: what an mm has, also of files that stay
 * @weighed: the process that stands for it
 * @process: the same, as it is remembered
 * @history: what is remembered of the user's limit; NULL: nothing
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
	bool undecided;
	bool missed;
	bool stale;
	unsigned int seen;
	struct task_struct *reaper;
	long rss;
	struct mm_limit_candidate weighed;
	struct mm_limit_process process;
	struct mm_limit_history *history;
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
struct task_struct *mm_limit_lock_task(struct mm_limit_account *acct,
				       struct task_struct *p);

/* kills.c */
void mm_limit_note_process(struct mm_limit_history *history,
			   const struct mm_limit_process *process);
void mm_limit_name_process(struct task_struct *t,
			   struct mm_limit_process *process);
void mm_limit_remember(struct mm_limit_account *acct, struct mm_limit *limit,
		       const struct mm_limit_victim *victim);
u64 mm_limit_recall(struct mm_limit *limit, u64 number,
		    struct mm_limit_record *record);
void mm_limit_show_kills(struct seq_file *m, struct mm_limit *limit, kuid_t of);

/* pick.c */
void mm_limit_put_candidate(struct mm_limit_candidate *c);
void mm_limit_pick(struct mm_limit_scan *scan);

/* kill.c */
void mm_limit_forget_kernel_memory(struct mm_limit_account *acct);
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
