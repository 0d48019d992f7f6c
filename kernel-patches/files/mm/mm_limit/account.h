/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what an address space adds up to (sums.c), what a user is
 * charged (account.c) and along with whom (pool.c), which address spaces it has
 * (member.c), and how they change accounts (handover.c).
 */
#ifndef _MM_LIMIT_ACCOUNT_H
#define _MM_LIMIT_ACCOUNT_H

#include "internal.h"

/* Take the killer's walk over an account's list past an mm that is about to move. */
static inline void mm_limit_step_over(struct mm_limit_account *acct,
				      struct mm_limit_mm *member)
{
	lockdep_assert_held(&acct->lock);

	if (acct->cursor == &member->node)
		acct->cursor = member->node.next;
}

/* From now on the mm is charged to @account, or to none if that is NULL. */
static inline void mm_limit_set_charge_target(struct mm_limit_mm *member,
					      struct mm_limit_account *account)
{
	WRITE_ONCE(member->account, account);
	WRITE_ONCE(member->charged, account ? &account->counter : NULL);
}

/**
 * mm_limit_charged_account - the account that an mm is charged to
 * @mm: the mm
 *
 * Return: the account, for as long as preemption is disabled; NULL if there is none,
 * or if the mm is being handed over.
 * Context: with preemption disabled.
 */
static inline struct mm_limit_account *
mm_limit_charged_account(struct mm_struct *mm)
{
	struct mm_limit_counter *target = READ_ONCE(mm->mm_limit.charged);

	lockdep_assert_preemption_disabled();

	if (!target || target == &mm->mm_limit.frozen)
		return NULL;
	return container_of(target, struct mm_limit_account, counter);
}

/* sums.c */

/**
 * struct mm_limit_parts - pages by their kind
 * @anon: resident anonymous pages
 * @file: resident pages of files on other media
 * @shmem: pages of files that are in memory only
 * @tables: page tables
 * @swap: entries in swap
 * @kernel: kernel memory, of a user
 */
struct mm_limit_parts {
	long anon;
	long file;
	long shmem;
	long tables;
	long swap;
	long kernel;
};

long mm_limit_table_bytes(void);
long mm_limit_table_pages(long bytes);
long mm_limit_mm_resident(struct mm_struct *mm);
long mm_limit_mm_files(struct mm_struct *mm);
long mm_limit_mm_charged(struct mm_struct *mm, struct mm_limit_account *acct);
long mm_limit_mm_swap(struct mm_struct *mm);
long mm_limit_counted_swap(long swap, long free);
long mm_limit_mm_pages(struct mm_struct *mm, struct mm_limit_account *acct);
struct mm_limit_parts mm_limit_mm_parts(struct mm_struct *mm);
long mm_limit_parts_rss(const struct mm_limit_parts *parts,
			struct mm_limit_account *acct);
long mm_limit_parts_pages(const struct mm_limit_parts *parts,
			  struct mm_limit_account *acct);
void mm_limit_add_parts(struct mm_limit_parts *sum,
			const struct mm_limit_parts *parts,
			struct mm_limit_account *acct);
void mm_limit_add_beside(struct mm_limit_parts *sum,
			 struct mm_limit_account *acct);

/* Who pays for a user, too, if it is somebody's subordinate; NULL: nobody */
static inline struct mm_limit_account *
mm_limit_payer_of(struct mm_limit_account *acct)
{
	return acct->payer ? &acct->payer->mm_limit : NULL;
}

/* swap.c */
void mm_limit_swap_begin(struct mm_limit_account *acct);
long mm_limit_swap_add(struct mm_limit_account *acct, long pages);
void mm_limit_swap_end(struct mm_limit_account *acct);
long mm_limit_swap_save(struct mm_limit_account *acct, long bytes);
void mm_limit_swap_leave(struct mm_limit_account *acct, long bytes);
long mm_limit_swap_set(struct mm_limit_account *acct, long free, long max);
void mm_limit_swap_stall(struct mm_limit_account *acct, u64 began);
struct mm_limit_swap mm_limit_swap_read(struct mm_limit_account *acct);

/* account.c */
long mm_limit_held_max(long max, enum mm_limit_kind kind);
void mm_limit_account_charge(struct mm_limit_account *acct,
			     struct mm_struct *mm, long pages);
long mm_limit_dying(struct mm_limit_account *acct);
void mm_limit_account_grown(struct mm_limit_account *acct,
			    struct mm_struct *mm, long pages, long usage);
void mm_limit_account_refuse(struct mm_limit_account *acct, long pages);
long mm_limit_peak(struct mm_limit_account *acct);
bool mm_limit_set_max(struct mm_limit_account *acct, long max, long level);
void mm_limit_set_level(struct mm_limit_account *acct, long level);
void mm_limit_account_charge_swap(struct mm_limit_account *acct,
				  struct mm_struct *mm, long pages);
void mm_limit_set_swap(struct mm_limit_account *acct, long free, long max);

/* lives.c */
void mm_limit_free_account(struct mm_limit_account *acct);
struct mm_limit *mm_limit_find(struct mm_limit_account *acct);
void mm_limit_put(struct mm_limit *limit);

/* pool.c */
typedef void (*mm_limit_member_fn)(struct mm_limit_account *acct, void *arg);

struct mm_limit_account *mm_limit_get_pool(struct mm_limit_account *acct);
void mm_limit_enter_pool(struct mm_limit_account *acct,
			 struct mm_limit_account *pool);
void mm_limit_leave_pool(struct mm_limit_account *acct);
void mm_limit_visit_members(struct mm_limit_account *acct,
			    mm_limit_member_fn call, void *arg);
struct mm_limit_account *mm_limit_lock_walk(struct mm_limit_account *acct);
bool mm_limit_trylock_walk(struct mm_limit_account *acct,
			   struct mm_limit_account **walk);
void mm_limit_unlock_walk(struct mm_limit_account *pool);

/* member.c */
void mm_limit_change_dying(struct mm_limit_account *acct,
			   struct mm_limit_mm *member, long pages);
void mm_limit_enlist(struct mm_limit_account *acct, struct mm_limit_mm *member);
void mm_limit_unlist(struct mm_limit_account *acct, struct mm_limit_mm *member);
struct mm_limit_account *mm_limit_get_owner(struct mm_struct *mm);

/* handover.c */
void mm_limit_wait_for_charges(void);
bool mm_limit_must_settle(struct mm_limit_account *acct);
bool mm_limit_begin_charging(struct mm_limit_account *acct, int *handover);
void mm_limit_finish_charging(struct mm_limit_account *acct, int handover);
void mm_limit_start_charging(struct mm_limit_account *acct);
void mm_limit_begin_stop(struct mm_limit_account *acct);
void mm_limit_finish_stop(struct mm_limit_account *acct);
void mm_limit_stop_charging(struct mm_limit_account *acct);
void mm_limit_leave_charging(struct mm_limit_account *acct);
void mm_limit_recharge(struct mm_limit_account *acct,
		       struct mm_limit_account *pool);

#endif /* _MM_LIMIT_ACCOUNT_H */
