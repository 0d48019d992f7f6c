// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: whom a page of a file in swap is charged to.
 *
 * A word for each swap entry names the account while the entry stands for a page of a
 * file. Whoever has the folio locked, or frees the entry, is alone with the word.
 */

#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/vmalloc.h>

#include "held.h"

static struct mm_limit_account **owners[MAX_SWAPFILES];

/* Length of @owners, for mm_limit_walk_swap() */
static unsigned long lengths[MAX_SWAPFILES];

/**
 * mm_limit_swapon - a swap area comes
 * @type: its number
 * @pages: how many entries it has
 *
 * Return: 0 or -ENOMEM.
 */
int mm_limit_swapon(int type, unsigned long pages)
{
	struct mm_limit_account **words = vcalloc(pages, sizeof(*words));

	if (!words)
		return -ENOMEM;
	owners[type] = words;
	lengths[type] = pages;
	return 0;
}

/**
 * mm_limit_walk_swap - add all entries to what a walk finds
 *
 * Context: while nobody else runs.
 */
void mm_limit_walk_swap(void)
{
	unsigned long i;
	int type;

	for (type = 0; type < MAX_SWAPFILES; type++)
		for (i = 0; i < lengths[type]; i++)
			if (owners[type][i])
				owners[type][i]->held.walk.file++;
}

/**
 * mm_limit_swapoff - a swap area has gone
 * @type: its number; all of its entries are free
 */
void mm_limit_swapoff(int type)
{
	lengths[type] = 0;
	vfree(owners[type]);
	owners[type] = NULL;
}

static struct mm_limit_account *exchange(swp_entry_t entry,
					 struct mm_limit_account *acct)
{
	struct mm_limit_account **word;
	struct mm_limit_account *old;

	word = &owners[swp_type(entry)][swp_offset(entry)];
	old = *word;
	if (old != acct)
		WRITE_ONCE(*word, acct);
	return old;
}

/**
 * mm_limit_swap_owner_set - a page of a file is going to swap
 * @entry: where to
 * @acct: the account that it stays charged to
 */
void mm_limit_swap_owner_set(swp_entry_t entry, struct mm_limit_account *acct)
{
	exchange(entry, acct);
}

/**
 * mm_limit_swap_owner_take - a page of a file has come back
 * @entry: where from
 *
 * Return: the account that it is charged to, or NULL.
 */
struct mm_limit_account *mm_limit_swap_owner_take(swp_entry_t entry)
{
	return exchange(entry, NULL);
}

void __mm_limit_uncharge_swap(swp_entry_t entry, unsigned int nr)
{
	struct mm_limit_account *acct;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		acct = exchange(swp_entry(swp_type(entry),
					  swp_offset(entry) + i), NULL);
		if (acct)
			mm_limit_held_uncharge(acct, MM_LIMIT_FILE, 1);
	}
}
