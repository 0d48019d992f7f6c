/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what the files of this folder share.
 *
 *	syscalls.c	user pointers and uids -> table.c
 *	table.c		which limits there are, who may change them
 *	account.c	who is charged for what
 *	enforce.c	what happens above a limit, and when
 *	kill.c		which process has to go
 */
#ifndef _MM_LIMIT_INTERNAL_H
#define _MM_LIMIT_INTERNAL_H

#include <linux/hrtimer.h>
#include <linux/mm_limit.h>
#include <linux/mm_limit_types.h>
#include <linux/ratelimit.h>
#include <linux/sched/user.h>
#include <linux/workqueue.h>

#include <uapi/linux/mm_limit.h>

#undef pr_fmt
#define pr_fmt(fmt) "mm_limit: " fmt

/* Bytes in mm_limit() and its kin that mean "no limit" */
#define MM_LIMIT_NONE		ULONG_MAX

/* Rounds of killing by force before a victim's memory is written off */
#define MM_LIMIT_MAX_ROUNDS	10

/**
 * enum mm_limit_state - how far a limit's enforcement has come
 * @MM_LIMIT_IDLE: below the limit, or nothing done yet about an exceed
 * @MM_LIMIT_GRACE: above, until the grace ends
 * @MM_LIMIT_KILLING: victims have been killed, their memory is on its way back
 * @MM_LIMIT_STUCK: above, and nothing more can be done about it
 */
enum mm_limit_state {
	MM_LIMIT_IDLE,
	MM_LIMIT_GRACE,
	MM_LIMIT_KILLING,
	MM_LIMIT_STUCK,
};

/**
 * struct mm_limit - a user's limit
 * @user: the user; the limit holds a reference
 * @order: in the table, most recently set first, under its lock
 * @hard: set by a privileged caller; mm_max is %MM_LIMIT_NONE where none is
 * @self: set by the user itself, in the same way
 *	Both are written under the account's mutex and the table's lock, so
 *	that either is enough to read them.
 * @work: acts on exceeds, graces and kills. All that follows belongs to it;
 *	others may touch it only while the work is disabled.
 * @timer: queues the work at @deadline. A high-resolution timer: the slack of
 *	the timer wheel would lengthen a grace by up to an eighth.
 * @state: where the work is; read without a lock by those that would queue it
 * @mm_max: limit in force, in bytes
 * @grace_ms: grace in force
 * @crossed: a charge has crossed the limit since the work last looked
 * @deadline: the end of the grace, or when a killing is checked; monotonic
 * @rounds: how often victims were killed by force
 * @dying: pages that the last scan counted on; read without a lock by charges
 * @reported: the log says already that the user is stuck
 * @rcu: frees it
 */
struct mm_limit {
	struct user_struct *user;
	struct list_head order;
	struct mm_limit_user hard;
	struct mm_limit_user self;

	struct work_struct work;
	struct hrtimer timer;
	enum mm_limit_state state;
	unsigned long mm_max;
	unsigned long grace_ms;
	bool crossed;
	ktime_t deadline;
	unsigned int rounds;
	long dying;
	bool reported;

	struct rcu_head rcu;
};

/* account.c */
static inline struct mm_limit_account *mm_limit_charged(unsigned long charged)
{
	return (struct mm_limit_account *)(charged & ~MM_LIMIT_GATED);
}

static inline struct user_struct *
mm_limit_account_user(struct mm_limit_account *acct)
{
	return container_of(acct, struct user_struct, mm_limit);
}

static inline uid_t mm_limit_account_uid(struct mm_limit_account *acct)
{
	return from_kuid(&init_user_ns, mm_limit_account_user(acct)->uid);
}

static inline bool mm_limit_exceeded(struct mm_limit_account *acct)
{
	return atomic_long_read(&acct->usage) > READ_ONCE(acct->max);
}

/* Page counts of 32-bit machines can stand for more bytes than fit a long. */
static inline unsigned long mm_limit_bytes(long pages)
{
	if (pages < 0)
		return 0;
	if (pages > ULONG_MAX >> PAGE_SHIFT)
		return ULONG_MAX;
	return (unsigned long)pages << PAGE_SHIFT;
}

long mm_limit_mm_pages(struct mm_struct *mm);
void mm_limit_start_charging(struct mm_limit_account *acct);
void mm_limit_stop_charging(struct mm_limit_account *acct);

static inline struct mm_limit_account *mm_limit_account(struct mm_limit *limit)
{
	return &limit->user->mm_limit;
}

/* enforce.c */
void mm_limit_over(struct mm_limit_account *acct, struct mm_struct *mm,
		   long usage, bool crossed);
void mm_limit_gone(struct mm_limit_account *acct);
void mm_limit_enforce_init(struct mm_limit *limit);
void mm_limit_enforce_pause(struct mm_limit *limit);
void mm_limit_enforce_resume(struct mm_limit *limit,
			     const struct mm_limit_user *in_force,
			     bool restart);

/* kill.c */
bool mm_limit_kill(struct mm_limit *limit);
void mm_limit_kill_by_force(struct mm_limit *limit);
void mm_limit_write_off(struct mm_limit *limit);

/* table.c */
int mm_limit_set(kuid_t kuid, const struct mm_limit_user *wanted);
int mm_limit_remove(kuid_t kuid);
int mm_limit_get(kuid_t kuid, struct mm_limit_user *in_force);
void mm_limit_for_each(void (*visit)(struct mm_limit *limit, void *data),
		       void *data);

/* sysctl.c */
extern unsigned int mm_limit_min_uid;
extern unsigned int mm_limit_max_entries;
extern unsigned int mm_limit_kill_wait_ms;
extern unsigned int mm_limit_log_table;

#endif /* _MM_LIMIT_INTERNAL_H */
