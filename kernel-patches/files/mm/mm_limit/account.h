/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what a user is charged (account.c), which address spaces it
 * has (member.c), and how they change accounts (handover.c).
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

/* account.c */
void mm_limit_account_charge(struct mm_limit_account *acct,
			     struct mm_struct *mm, long pages);
void mm_limit_account_charge_swap(struct mm_limit_account *acct,
				  struct mm_struct *mm, long pages);
long mm_limit_table_pages(long bytes);
long mm_limit_mm_resident(struct mm_struct *mm);
long mm_limit_mm_swap(struct mm_struct *mm);
long mm_limit_counted_swap(long swap, long free);
long mm_limit_mm_pages(struct mm_struct *mm, struct mm_limit_account *acct);
long mm_limit_peak(struct mm_limit_account *acct);
bool mm_limit_set_max(struct mm_limit_account *acct, long max, long threshold);
void mm_limit_set_swap(struct mm_limit_account *acct, long free, long max);
void mm_limit_swap_stall(struct mm_limit_account *acct, u64 began);
struct mm_limit_swap mm_limit_swap_read(struct mm_limit_account *acct);
struct mm_limit_account *mm_limit_charged_account(struct mm_struct *mm);
struct mm_limit *mm_limit_find(struct mm_limit_account *acct);
void mm_limit_put(struct mm_limit *limit);
void mm_limit_lock_both(struct mm_limit_account *a, struct mm_limit_account *b);
void mm_limit_unlock_both(struct mm_limit_account *a,
			  struct mm_limit_account *b);

/* member.c */
void mm_limit_enlist(struct mm_limit_account *acct, struct mm_limit_mm *member);
void mm_limit_unlist(struct mm_limit_account *acct, struct mm_limit_mm *member);
void mm_limit_forget_dying(struct mm_limit_account *acct,
			   struct mm_limit_mm *member);
struct mm_limit_account *mm_limit_get_owner(struct mm_struct *mm);

/* handover.c */
void mm_limit_settle_max(struct mm_limit_account *acct);
void mm_limit_start_charging(struct mm_limit_account *acct);
void mm_limit_stop_charging(struct mm_limit_account *acct);

#endif /* _MM_LIMIT_ACCOUNT_H */
