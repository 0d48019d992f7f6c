/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what is remembered of kills, and for how long (history.c).
 */
#ifndef _MM_LIMIT_HISTORY_H
#define _MM_LIMIT_HISTORY_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "account.h"
#include "internal.h"

/* Histories that a rule keeps of users that have none of its limits any more */
#define MM_LIMIT_KEPT		64

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
 * struct mm_limit_notes - what a killer's scan under way has found
 * @parts: what the user has
 * @largest: the user's largest processes, the largest first; one more than there can be
 *	beside a victim, which may be among them
 * @nr_largest: how many they are
 *
 * All belong to the limit's work.
 */
struct mm_limit_notes {
	struct mm_limit_parts parts;
	struct mm_limit_process largest[MM_LIMIT_BESIDE + 1];
	unsigned int nr_largest;
};

/**
 * struct mm_limit_history - the last kills of a limit
 * @refs: references: one of each of @limits, one while there is a @rule
 * @range: for a rule, whom that is for; otherwise none
 * @rule: the rule whose it is, because that has given a user the limit; NULL: none. This
 *	and what follows, up to @maker, are under the lock of all histories.
 * @limits: how many limits it is that of: of a user that has gone there can be one still
 *	when the next user with the same uid has one
 * @key: its user's uid, and a number; it keeps it
 * @node: by @key, among those that belong to limits, or those that are kept
 * @of_rule: in the rule's list of the ones, or of the others
 * @kept: it belongs to no limit any more, and is kept by the rule
 * @maker: then &mm_limit_account.maker of its user
 * @lock: guards the rest; inside that of all histories
 * @total: how many kills have been remembered
 * @records: number N, counted from 1, is at N - 1 modulo %MM_LIMIT_KILLS
 */
struct mm_limit_history {
	refcount_t refs;
	struct mm_limit_range range;
	struct mm_limit *rule;
	unsigned int limits;
	u64 key;
	struct rb_node node;
	struct list_head of_rule;
	bool kept;
	kuid_t maker;
	spinlock_t lock;	/* total, records */
	u64 total;
	struct mm_limit_record records[MM_LIMIT_KILLS];
};

struct mm_limit_history *mm_limit_new_history(gfp_t gfp);
void mm_limit_put_history(struct mm_limit_history *history);
void mm_limit_absorb_history(struct mm_limit_history *history,
			     struct mm_limit_history *older);
void mm_limit_init_histories(struct mm_limit *limit);
void mm_limit_share_history(struct mm_limit *limit, struct mm_limit *rule);
void mm_limit_move_history(struct mm_limit *limit, struct mm_limit *rule);
void mm_limit_leave_history(struct mm_limit *limit);
bool mm_limit_rule_stands(struct mm_limit *limit);
void mm_limit_drop_histories(struct mm_limit *rule);
struct mm_limit_history *mm_limit_history_of(struct mm_limit *limit);
u64 mm_limit_history_key(uid_t uid);
struct mm_limit_history *mm_limit_next_history(u64 *key, u64 end);

#endif /* _MM_LIMIT_HISTORY_H */
