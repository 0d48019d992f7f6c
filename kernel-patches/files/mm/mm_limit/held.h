/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what a user makes the kernel hold beside its address spaces
 * (held.c): pages (pages.c), slab objects (objects.c), memory of each CPU (percpu.c), all of
 * which is charged by the byte where it is no whole page (bytes.c),
 * and pages in swap (swapped.c).
 */
#ifndef _MM_LIMIT_HELD_H
#define _MM_LIMIT_HELD_H

#include <linux/mm_limit_held.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "account.h"

/**
 * mm_limit_payer - the account that the current task's allocations are charged to
 *
 * Return: the account, for as long as preemption is disabled; NULL: none, or the task's
 * address space is being handed over.
 * Context: with preemption disabled.
 */
static inline struct mm_limit_account *mm_limit_payer(void)
{
	struct mm_struct *mm = current->mm;

	if (!mm || !in_task() || (current->flags & PF_KTHREAD))
		return NULL;
	return mm_limit_charged_account(mm);
}

/* held.c */
bool mm_limit_held_charge(struct mm_limit_account *acct,
			  enum mm_limit_kind kind, long pages, gfp_t gfp);
void mm_limit_held_uncharge(struct mm_limit_account *acct,
			    enum mm_limit_kind kind, long pages);
bool mm_limit_held_forced(gfp_t gfp);
bool mm_limit_keeps_room(struct mm_limit_account *acct);
void mm_limit_give_room(struct mm_limit_account *acct);
void mm_limit_settle_room(struct mm_limit_account *acct);
bool mm_limit_held_keeps(struct mm_limit_account *acct);
void mm_limit_held_start(struct mm_limit_account *acct);
void mm_limit_held_uncount(struct mm_limit_account *acct);
void mm_limit_held_stop(struct mm_limit_account *acct);
void mm_limit_held_leave(struct mm_limit_account *acct);

/* bytes.c */
bool mm_limit_charge_bytes(struct mm_limit_account *acct, long bytes,
			   gfp_t flags);
void mm_limit_uncharge_bytes(struct mm_limit_account *acct, long bytes);
bool mm_limit_payer_is_near(void);
bool mm_limit_wait_for_later(void);

/* swapped.c */
void mm_limit_swap_owner_set(swp_entry_t entry, struct mm_limit_account *acct);
struct mm_limit_account *mm_limit_swap_owner_take(swp_entry_t entry);

/* objects.c */
void mm_limit_disown_object(const void *object);

/* For debugfs: add what is found to &mm_limit_held.walk of whom it is charged to */
void mm_limit_walk_page(struct page *page);
void mm_limit_walk_objects(struct page *page);
void mm_limit_walk_areas(void);
void mm_limit_walk_swap(void);

#endif /* _MM_LIMIT_HELD_H */
