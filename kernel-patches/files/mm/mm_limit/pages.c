// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: whom a page is charged to.
 *
 * A word of page_ext names the account, for each page of its own, so that pages that
 * were allocated together can be freed apart. Written by whoever allocates the page or
 * moves what it stands for; cleared by whoever frees it.
 */

#include <linux/mm.h>
#include <linux/mm_limit_batch.h>
#include <linux/page_ext.h>
#include <linux/preempt.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "held.h"

/* In the word, beside the account: enum mm_limit_kind */
#define KIND_MASK	1UL

static bool need_owners(void)
{
	return true;
}

struct page_ext_operations mm_limit_page_ops = {
	.size = sizeof(unsigned long),
	.need = need_owners,
};

static struct mm_limit_account *account_in(unsigned long word)
{
	return (struct mm_limit_account *)(word & ~KIND_MASK);
}

static unsigned long *owner_word(struct page_ext *ext)
{
	return page_ext_data(ext, &mm_limit_page_ops);
}

/*
 * Exchange the word of a page, which nobody else does at the same time. Pages of the
 * machine's start may have none.
 */
static unsigned long exchange(struct page *page, unsigned long owner)
{
	struct page_ext *ext = page_ext_lookup(page);
	unsigned long old;

	if (unlikely(!ext))
		return 0;
	old = *owner_word(ext);
	if (old != owner)
		WRITE_ONCE(*owner_word(ext), owner);
	return old;
}

/*
 * Charge pages to the current task's account. Return: false if they do not fit; otherwise
 * @acct is whom they are charged to, NULL for nobody.
 */
static __always_inline bool charge_payer(struct mm_limit_account **acct, long nr,
					 enum mm_limit_kind kind, gfp_t gfp)
{
	lockdep_assert_preemption_disabled();

	*acct = mm_limit_payer();
	if (!*acct)
		return true;
	if (unlikely(!mm_limit_held_charge(*acct, kind, nr, gfp))) {
		current->mm_limit_scope |= MM_LIMIT_REFUSED;
		return false;
	}
	current->mm_limit_scope &= ~MM_LIMIT_REFUSED;
	return true;
}

static __always_inline bool charge(struct page *page, long nr,
				   enum mm_limit_kind kind, gfp_t gfp)
{
	struct mm_limit_account *acct;

	guard(preempt)();
	if (!charge_payer(&acct, nr, kind, gfp))
		return false;
	if (!acct)
		return true;
	do {
		exchange(page++, (unsigned long)acct | kind);
	} while (--nr);
	return true;
}

bool __mm_limit_charge_page(struct page *page, gfp_t gfp)
{
	if (current->mm_limit_scope & MM_LIMIT_SCOPE_TABLE)
		return true;
	return charge(page, 1, MM_LIMIT_KERNEL, gfp);
}

bool __mm_limit_reserve_pages(unsigned long *owner, unsigned int order,
			      gfp_t gfp)
{
	struct mm_limit_account *acct;

	if (current->mm_limit_scope & MM_LIMIT_SCOPE_TABLE)
		return true;
	guard(preempt)();
	if (!charge_payer(&acct, 1L << order, MM_LIMIT_KERNEL, gfp))
		return false;
	if (acct)
		*owner = (unsigned long)acct | MM_LIMIT_KERNEL;
	return true;
}

/* What is charged keeps the account. */
void __mm_limit_use_reserve(unsigned long owner, struct page *page,
			    unsigned int order)
{
	long i;

	if (!page)
		mm_limit_held_uncharge(account_in(owner), MM_LIMIT_KERNEL,
				       1L << order);
	for (i = 0; page && i < 1L << order; i++)
		exchange(page + i, owner);
}

int __mm_limit_charge_folio(struct folio *folio, gfp_t gfp)
{
	if (charge(folio_page(folio, 0), folio_nr_pages(folio), MM_LIMIT_FILE,
		   gfp))
		return 0;
	current->mm_limit_scope &= ~MM_LIMIT_REFUSED;
	return -ENOSPC;
}

static void uncharge_share(const struct mm_limit_share *share)
{
	mm_limit_held_uncharge(account_in(share->owner),
			       share->owner & KIND_MASK, share->pages);
}

void __mm_limit_uncharge_batch(struct mm_limit_batch *batch)
{
	if (!batch->last.owner)
		return;
	uncharge_share(&batch->last);
	while (batch->nr)
		uncharge_share(&batch->others[--batch->nr]);
}

/* Room for another owner. Few pages have to be uncharged for it before they are free. */
static struct mm_limit_share *new_share(struct mm_limit_batch *batch)
{
	struct mm_limit_share *share = batch->others, *least = share;

	if (batch->nr < ARRAY_SIZE(batch->others))
		return &batch->others[batch->nr++];
	while (++share < batch->others + ARRAY_SIZE(batch->others))
		if (share->pages < least->pages)
			least = share;
	uncharge_share(least);
	return least;
}

/* The next page is charged to another account, or as another kind. */
static noinline void change_owner(struct mm_limit_batch *batch,
				  unsigned long owner)
{
	struct mm_limit_share *share = batch->others;
	const struct mm_limit_share *end = share + batch->nr;

	if (!batch->last.owner) {
		batch->last = (struct mm_limit_share){ .owner = owner };
		return;
	}
	while (share < end && share->owner != owner)
		share++;
	if (share == end) {
		share = new_share(batch);
		*share = (struct mm_limit_share){ .owner = owner };
	}
	swap(*share, batch->last);
}

static __always_inline void gather(struct mm_limit_batch *batch,
				   struct page *page)
{
	unsigned long owner = exchange(page, 0);

	if (unlikely(owner != batch->last.owner)) {
		if (!owner)
			return;
		change_owner(batch, owner);
	}
	batch->last.pages++;
}

void __mm_limit_gather(struct mm_limit_batch *batch, struct page *page,
		       unsigned int order)
{
	long i;

	if (likely(!order)) {
		gather(batch, page);
		return;
	}
	for (i = 0; i < 1L << order; i++)
		gather(batch, page + i);
}

/**
 * mm_limit_uncharge_pages - pages are freed
 * @page: the first of them
 * @order: there are 2^@order
 *
 * Context: any.
 */
void mm_limit_uncharge_pages(struct page *page, unsigned int order)
{
	struct mm_limit_batch batch;

	mm_limit_begin_batch(&batch);
	__mm_limit_gather(&batch, page, order);
	__mm_limit_uncharge_batch(&batch);
}

/**
 * mm_limit_walk_page - add a page to what a walk finds
 * @page: the page
 *
 * Context: while nobody else runs.
 */
void mm_limit_walk_page(struct page *page)
{
	struct page_ext *ext = page_ext_lookup(page);
	struct mm_limit_held *held;
	unsigned long owner;

	owner = ext ? *owner_word(ext) : 0;
	if (!owner)
		return;
	held = &account_in(owner)->held;
	if ((owner & KIND_MASK) == MM_LIMIT_FILE)
		held->walk.file++;
	else
		held->walk.kernel++;
}

void __mm_limit_migrate(struct folio *old, struct folio *new)
{
	long i;

	for (i = 0; i < folio_nr_pages(old); i++)
		exchange(folio_page(new, i),
			 exchange(folio_page(old, i), 0));
}

/* Each page by itself, for they may have come into the file one by one. */
void __mm_limit_file_swapped_out(struct folio *folio, swp_entry_t swap)
{
	long i;

	for (i = 0; i < folio_nr_pages(folio); i++) {
		unsigned long word = exchange(folio_page(folio, i), 0);

		if (word)
			mm_limit_swap_owner_set(swp_entry(swp_type(swap),
							  swp_offset(swap) + i),
						account_in(word));
	}
}

void __mm_limit_file_swapped_in(struct folio *folio, swp_entry_t swap)
{
	struct mm_limit_account *acct;
	long i;

	for (i = 0; i < folio_nr_pages(folio); i++) {
		acct = mm_limit_swap_owner_take(swp_entry(swp_type(swap),
							  swp_offset(swap) + i));
		if (acct)
			exchange(folio_page(folio, i),
				 (unsigned long)acct | MM_LIMIT_FILE);
	}
}
