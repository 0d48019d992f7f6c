// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what a user has in swap.
 *
 * Swap entries are charged as pages are, by the counters of address spaces. A limit that
 * reclaims lets so many of them be free, see &mm_limit_swap.free, and swaps no more out
 * beyond a bound. Both are meant for what swap takes: an entry whose page is stored
 * compressed saves the rest of a page, which both are higher by.
 *
 * Each change of the entries, or of what they save, has the difference charged that it
 * makes to what counts, so whatever the order of charges, together they add up to what
 * counts of the last figures.
 */

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mm_limit_held.h>
#include <linux/preempt.h>

#include "account.h"

struct static_key_false mm_limit_swap_key = STATIC_KEY_FALSE_INIT;
EXPORT_SYMBOL_GPL(mm_limit_swap_key);

static long add_pages(long pages, long more)
{
	return pages > LONG_MAX - more ? LONG_MAX : pages + more;
}

/* What counts has changed by this since it was @before. Nothing does for whom nobody charges. */
static long counts_more(const struct mm_limit_swap *swap, long before)
{
	if (!swap->counting)
		return 0;
	return mm_limit_counted_swap(swap->usage, swap->free) - before;
}

static void save(struct mm_limit_swap *swap, s64 bytes)
{
	long pages;

	lockdep_assert_held(&swap->lock);

	swap->saved += bytes;
	pages = swap->saved >> PAGE_SHIFT;
	/* Where none is free all entries count in full. */
	if (swap->free_set)
		WRITE_ONCE(swap->free, add_pages(swap->free_set, pages));
	WRITE_ONCE(swap->max, add_pages(swap->max_set, pages));
}

/*
 * Entries may be freed before those who had them say so, up to a table of them at a time.
 * Meanwhile what they have saved is kept, so that nobody seems to have more than before.
 */
static void save_no_more(struct mm_limit_swap *swap, long entries)
{
	s64 bytes = swap->leaving;

	if (swap->usage > 0)
		bytes = min(bytes, (s64)entries << PAGE_SHIFT);
	if (bytes) {
		swap->leaving -= bytes;
		save(swap, -bytes);
	}
}

/**
 * mm_limit_swap_begin - a user's swap entries are counted from now on, and none is as yet
 * @acct: the user's account
 *
 * Entries may have been freed while nobody counted them.
 */
void mm_limit_swap_begin(struct mm_limit_account *acct)
{
	struct mm_limit_swap *swap = &acct->swap;

	guard(spinlock_irqsave)(&swap->lock);
	WRITE_ONCE(swap->usage, 0);
	swap->counting = true;
	swap->swapped_out = 0;
	swap->refaults = 0;
	save_no_more(swap, 0);
}

/**
 * mm_limit_swap_end - a user's swap entries are counted no more
 * @acct: the user's account
 *
 * What has changed before is charged once mm_limit_wait_for_charges() has returned.
 */
void mm_limit_swap_end(struct mm_limit_account *acct)
{
	struct mm_limit_swap *swap = &acct->swap;

	guard(spinlock_irqsave)(&swap->lock);
	swap->counting = false;
}

/**
 * mm_limit_swap_add - a user has more swap entries, or fewer
 * @acct: the user's account
 * @pages: so many
 *
 * Return: by how many pages more count, which the caller charges.
 */
long mm_limit_swap_add(struct mm_limit_account *acct, long pages)
{
	struct mm_limit_swap *swap = &acct->swap;
	unsigned long flags;
	long counted;

	spin_lock_irqsave(&swap->lock, flags);
	counted = mm_limit_counted_swap(swap->usage, swap->free);
	WRITE_ONCE(swap->usage, swap->usage + pages);
	if (pages < 0)
		save_no_more(swap, -pages);
	counted = counts_more(swap, counted);
	spin_unlock_irqrestore(&swap->lock, flags);
	return counted;
}

/**
 * mm_limit_swap_save - swap entries of a user take less, or more, than before
 * @acct: the user's account
 * @bytes: by so many; negative: they take more
 *
 * Return: as mm_limit_swap_add().
 */
long mm_limit_swap_save(struct mm_limit_account *acct, long bytes)
{
	struct mm_limit_swap *swap = &acct->swap;
	unsigned long flags;
	long counted;

	spin_lock_irqsave(&swap->lock, flags);
	counted = mm_limit_counted_swap(swap->usage, swap->free);
	save(swap, bytes);
	counted = counts_more(swap, counted);
	spin_unlock_irqrestore(&swap->lock, flags);
	return counted;
}

/**
 * mm_limit_swap_leave - a swap entry of a user is freed that takes less than a page
 * @acct: the user's account
 * @bytes: by so many
 */
void mm_limit_swap_leave(struct mm_limit_account *acct, long bytes)
{
	struct mm_limit_swap *swap = &acct->swap;
	unsigned long flags;

	spin_lock_irqsave(&swap->lock, flags);
	swap->leaving += bytes;
	/* Nobody has any entries more: nothing counts. */
	if (swap->usage <= 0)
		save_no_more(swap, 0);
	spin_unlock_irqrestore(&swap->lock, flags);
}

void __mm_limit_refaulted(struct mm_struct *mm, long pages)
{
	struct mm_limit_account *acct = mm_limit_charged_account(mm);
	unsigned long flags;

	if (!acct)
		return;
	spin_lock_irqsave(&acct->swap.lock, flags);
	acct->swap.refaults += pages;
	spin_unlock_irqrestore(&acct->swap.lock, flags);
}

/**
 * mm_limit_swap_stall - a user has lost time to swapping
 * @acct: the account
 * @began: since then; monotonic, nanoseconds
 */
void mm_limit_swap_stall(struct mm_limit_account *acct, u64 began)
{
	u64 took = ktime_get_ns() - began;
	unsigned long flags;

	spin_lock_irqsave(&acct->swap.lock, flags);
	acct->swap.stall += took;
	spin_unlock_irqrestore(&acct->swap.lock, flags);
}

void __mm_limit_swapped_in(struct mm_struct *mm, u64 began)
{
	struct mm_limit_account *acct;

	preempt_disable();
	acct = mm_limit_charged_account(mm);
	if (acct)
		mm_limit_swap_stall(acct, began);
	preempt_enable();
}

/**
 * mm_limit_swap_read - what a user has in swap, and what became of it
 * @acct: the account
 *
 * Return: a copy; its lock is not to be used.
 */
struct mm_limit_swap mm_limit_swap_read(struct mm_limit_account *acct)
{
	struct mm_limit_swap swap;
	unsigned long flags;

	spin_lock_irqsave(&acct->swap.lock, flags);
	swap = acct->swap;
	spin_unlock_irqrestore(&acct->swap.lock, flags);
	return swap;
}

/**
 * mm_limit_swap_set - how much swap an account may have
 * @acct: the account
 * @free: pages of swap that do not count toward the limit
 * @max: pages of swap
 *
 * Return: as mm_limit_swap_add().
 * Context: process.
 */
long mm_limit_swap_set(struct mm_limit_account *acct, long free, long max)
{
	struct mm_limit_swap *swap = &acct->swap;
	unsigned long flags;
	long counted;

	/* It stays on, for entries keep their owners as long as they live. */
	if (free && !static_key_enabled(&mm_limit_swap_key))
		static_branch_enable(&mm_limit_swap_key);
	spin_lock_irqsave(&swap->lock, flags);
	counted = mm_limit_counted_swap(swap->usage, swap->free);
	WRITE_ONCE(swap->free_set, free);
	WRITE_ONCE(swap->free, free);
	swap->max_set = max;
	save(swap, 0);
	counted = counts_more(swap, counted);
	spin_unlock_irqrestore(&swap->lock, flags);
	return counted;
}
