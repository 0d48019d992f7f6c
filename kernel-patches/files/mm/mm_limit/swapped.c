// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: whose the pages in swap are.
 *
 * A word for each swap entry names an account: whom a page of a file is charged to, or
 * to whose limit it matters what a page of a process takes.
 *
 * While an entry is a file's, whoever has its folio locked, or frees the entry, is alone
 * with the word. While it is for processes, the word is set by whoever takes one of the
 * entry's references for an address space, and cleared along with the last of these.
 */

#include <linux/mm.h>
#include <linux/sched/user.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/vmalloc.h>

#include "held.h"
#include "../swap.h"

/* In a word: the page is a process's, and the account's user has a reference. */
#define OF_PROCESS	1UL

/* An entry is not worth less, since a swap area has so many of them. */
#define STORED_MIN	(PAGE_SIZE / 16)

/**
 * struct area - the entries of a swap area
 * @owners: their words
 * @saved: bytes of a page that they do not take, for those of processes
 * @pages: how many they are
 */
struct area {
	unsigned long *owners;
	u16 *saved;
	unsigned long pages;
};

static struct area areas[MAX_SWAPFILES];

/*
 * Guards the words of entries that are processes', and what these save. Inside page-table
 * locks and what guards an entry's references; inside it, what a charge takes.
 */
static DEFINE_SPINLOCK(processes_lock);

/**
 * mm_limit_swapon - a swap area comes
 * @type: its number
 * @pages: how many entries it has
 *
 * Return: 0 or -ENOMEM.
 */
int mm_limit_swapon(int type, unsigned long pages)
{
	struct area area = {
		.owners = vcalloc(pages, sizeof(*area.owners)),
		.saved = vcalloc(pages, sizeof(*area.saved)),
		.pages = pages,
	};

	BUILD_BUG_ON(PAGE_SIZE - STORED_MIN > U16_MAX);
	if (!area.owners || !area.saved) {
		vfree(area.owners);
		vfree(area.saved);
		return -ENOMEM;
	}
	areas[type] = area;
	return 0;
}

/**
 * mm_limit_swapoff - a swap area has gone
 * @type: its number; all of its entries are free
 */
void mm_limit_swapoff(int type)
{
	struct area gone = areas[type];

	areas[type] = (struct area){};
	vfree(gone.owners);
	vfree(gone.saved);
}

bool __mm_limit_frees_swap(struct folio *folio)
{
	/* What is in memory is as fast as that. The flag stays while the area is in use. */
	return data_race(swp_swap_info(folio->swap)->flags) & SWP_SYNCHRONOUS_IO;
}

static struct mm_limit_account *account_of(unsigned long word)
{
	return (struct mm_limit_account *)(word & ~OF_PROCESS);
}

/**
 * mm_limit_walk_swap - add all entries to what a walk finds
 *
 * Context: while nobody else runs.
 */
void mm_limit_walk_swap(void)
{
	struct mm_limit_account *acct;
	struct area *area;
	unsigned long i;

	for (area = areas; area < areas + MAX_SWAPFILES; area++) {
		for (i = 0; i < area->pages; i++) {
			acct = account_of(area->owners[i]);
			if (area->owners[i] & OF_PROCESS)
				acct->held.walk.saved += area->saved[i];
			else if (acct)
				acct->held.walk.file++;
		}
	}
}

static unsigned long *word_of(swp_entry_t entry)
{
	return &areas[swp_type(entry)].owners[swp_offset(entry)];
}

static u16 *saved_by(swp_entry_t entry)
{
	return &areas[swp_type(entry)].saved[swp_offset(entry)];
}

static struct mm_limit_account *exchange(swp_entry_t entry,
					 struct mm_limit_account *acct)
{
	unsigned long *word = word_of(entry);
	unsigned long old = *word;

	if (old != (unsigned long)acct)
		WRITE_ONCE(*word, (unsigned long)acct);
	return account_of(old);
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

	/* What could not be read has left a mark in the place of its entry. */
	if (non_swap_entry(entry))
		return;
	for (i = 0; i < nr; i++) {
		acct = exchange(swp_entry(swp_type(entry),
					  swp_offset(entry) + i), NULL);
		if (acct)
			mm_limit_held_uncharge(acct, MM_LIMIT_FILE, 1);
	}
}

/*
 * It matters to an account what this entry takes, on which one of its address spaces has
 * just got a reference. Of several that share a page the first one is taken, for they are
 * copies, which have the same owner.
 */
static void mark(swp_entry_t entry, struct mm_limit_account *acct)
{
	unsigned long *word = word_of(entry);

	spin_lock(&processes_lock);
	if (!*word) {
		get_uid(mm_limit_account_user(acct));
		WRITE_ONCE(*word, (unsigned long)acct | OF_PROCESS);
	}
	spin_unlock(&processes_lock);
}

void __mm_limit_swapped_out(struct mm_struct *mm, swp_entry_t entry)
{
	struct mm_limit_account *acct = mm_limit_charged_account(mm);
	unsigned long flags;

	if (!acct)
		return;
	spin_lock_irqsave(&acct->swap.lock, flags);
	acct->swap.swapped_out++;
	spin_unlock_irqrestore(&acct->swap.lock, flags);
	if (READ_ONCE(acct->swap.free_set))
		mark(entry, acct);
}

static void save(struct mm_limit_account *acct, long bytes)
{
	long counted = mm_limit_swap_save(acct, bytes);

	if (counted)
		mm_limit_account_charge(acct, NULL, counted);
}

void __mm_limit_swap_stored(struct page *page, unsigned int bytes)
{
	u16 saves = PAGE_SIZE - clamp(bytes, STORED_MIN, PAGE_SIZE);
	swp_entry_t entry;
	unsigned long word;
	u16 *saved;

	/* A block device has other pages to write, too. */
	if (!folio_test_swapcache(page_folio(page)))
		return;
	entry = page_swap_entry(page);
	spin_lock(&processes_lock);
	word = *word_of(entry);
	saved = saved_by(entry);
	if (word & OF_PROCESS && *saved != saves) {
		save(account_of(word), (long)saves - *saved);
		*saved = saves;
	}
	spin_unlock(&processes_lock);
}
EXPORT_SYMBOL_GPL(__mm_limit_swap_stored);

static void forget(swp_entry_t entry)
{
	struct mm_limit_account *acct;
	unsigned long *word = word_of(entry);
	u16 *saved;

	/* It was set before the last reference was dropped, if at all. */
	if (!(READ_ONCE(*word) & OF_PROCESS))
		return;
	spin_lock(&processes_lock);
	acct = account_of(*word);
	saved = saved_by(entry);
	mm_limit_swap_leave(acct, *saved);
	WRITE_ONCE(*word, 0);
	*saved = 0;
	spin_unlock(&processes_lock);
	free_uid(mm_limit_account_user(acct));
}

void __mm_limit_swap_unused(swp_entry_t entry, unsigned int nr)
{
	for (; nr; nr--, entry.val++)
		forget(entry);
}
