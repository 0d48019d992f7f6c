// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: whom a page is charged to.
 *
 * A word of page_ext names the account, for each page of its own, so that pages that
 * were allocated together can be freed apart. Written by whoever allocates the page or
 * moves what it stands for; cleared by whoever frees it.
 */

#include <linux/mm.h>
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

static unsigned long *owner_word(struct page_ext *ext)
{
	return page_ext_data(ext, &mm_limit_page_ops);
}

static struct mm_limit_account *account_in(unsigned long word)
{
	return (struct mm_limit_account *)(word & ~KIND_MASK);
}

/* Exchange the word of a page, which nobody else does at the same time. */
static unsigned long exchange(struct page *page, unsigned long word)
{
	struct page_ext *ext = page_ext_get(page);
	unsigned long old = 0;

	if (ext) {
		old = *owner_word(ext);
		if (old != word)
			WRITE_ONCE(*owner_word(ext), word);
		page_ext_put(ext);
	}
	return old;
}

static bool charge(struct page *page, long nr, enum mm_limit_kind kind,
		   gfp_t gfp)
{
	struct mm_limit_account *acct;
	long i;

	guard(preempt)();
	acct = mm_limit_payer();
	if (!acct)
		return true;
	if (!mm_limit_held_charge(acct, kind, nr, mm_limit_held_forced(gfp))) {
		current->mm_limit_scope |= MM_LIMIT_REFUSED;
		return false;
	}
	current->mm_limit_scope &= ~MM_LIMIT_REFUSED;
	for (i = 0; i < nr; i++)
		exchange(page + i, (unsigned long)acct | kind);
	return true;
}

bool __mm_limit_charge_pages(struct page *page, unsigned int order, gfp_t gfp)
{
	if (current->mm_limit_scope & MM_LIMIT_SCOPE_TABLE)
		return true;
	return charge(page, 1L << order, MM_LIMIT_KERNEL, gfp);
}

int __mm_limit_charge_folio(struct folio *folio, gfp_t gfp)
{
	if (charge(folio_page(folio, 0), folio_nr_pages(folio), MM_LIMIT_FILE,
		   gfp))
		return 0;
	current->mm_limit_scope &= ~MM_LIMIT_REFUSED;
	return -ENOSPC;
}

static void uncharge(unsigned long word, long pages)
{
	if (word)
		mm_limit_held_uncharge(account_in(word), word & KIND_MASK,
				       pages);
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
	unsigned long word, last = 0;
	long i, pages = 0;

	for (i = 0; i < 1L << order; i++) {
		word = exchange(page + i, 0);
		if (word != last) {
			uncharge(last, pages);
			last = word;
			pages = 0;
		}
		pages++;
	}
	uncharge(last, pages);
}

/**
 * mm_limit_walk_page - add a page to what a walk finds
 * @page: the page
 *
 * Context: while nobody else runs.
 */
void mm_limit_walk_page(struct page *page)
{
	struct page_ext *ext = page_ext_get(page);
	struct mm_limit_held *held;
	unsigned long word;

	if (!ext)
		return;
	word = *owner_word(ext);
	page_ext_put(ext);
	if (!word)
		return;
	held = &account_in(word)->held;
	if ((word & KIND_MASK) == MM_LIMIT_FILE)
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
