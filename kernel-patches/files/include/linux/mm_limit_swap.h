/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the hooks for what is in swap. mm_limit_held.h includes them.
 * The model and its locking: Documentation/mm/mm_limit.rst.
 */
#ifndef _LINUX_MM_LIMIT_SWAP_H
#define _LINUX_MM_LIMIT_SWAP_H

#include <linux/jump_label.h>
#include <linux/mm_types.h>

#ifdef CONFIG_MM_LIMIT

/* On as soon as it matters to a limit how much pages in swap take */
DECLARE_STATIC_KEY_FALSE(mm_limit_swap_key);

void __mm_limit_file_swapped_out(struct folio *folio, swp_entry_t swap);
void __mm_limit_file_swapped_in(struct folio *folio, swp_entry_t swap);
void __mm_limit_uncharge_swap(swp_entry_t entry, unsigned int nr);
void __mm_limit_swap_stored(struct page *page, unsigned int bytes);
void __mm_limit_swap_unused(swp_entry_t entry, unsigned int nr);
bool __mm_limit_frees_swap(struct folio *folio);
int mm_limit_swapon(int type, unsigned long pages);
void mm_limit_swapoff(int type);

/**
 * mm_limit_frees_swap - does a folio that is in memory again give back its place in swap?
 * @folio: the folio, in the swap cache, locked
 *
 * Compressed swap is memory, too. What is resident is charged for that alone, so it
 * is not to be there twice for as long as somebody likes.
 */
static inline bool mm_limit_frees_swap(struct folio *folio)
{
	return mm_limit_enabled() && __mm_limit_frees_swap(folio);
}

/**
 * mm_limit_file_swapped_out - a folio of a file is going to swap
 * @folio: the folio, locked
 * @swap: the first of its entries, which nobody else knows yet
 */
static inline void mm_limit_file_swapped_out(struct folio *folio,
					     swp_entry_t swap)
{
	if (mm_limit_holds())
		__mm_limit_file_swapped_out(folio, swap);
}

/**
 * mm_limit_file_swapped_in - a folio of a file has come back from swap
 * @folio: the folio, locked
 * @swap: the first of its entries, not freed yet
 */
static inline void mm_limit_file_swapped_in(struct folio *folio,
					    swp_entry_t swap)
{
	if (mm_limit_holds())
		__mm_limit_file_swapped_in(folio, swap);
}

/**
 * mm_limit_uncharge_swap - swap entries of a file are about to be freed
 * @entry: the first of them
 * @nr: how many
 */
static inline void mm_limit_uncharge_swap(swp_entry_t entry, unsigned int nr)
{
	if (mm_limit_holds())
		__mm_limit_uncharge_swap(entry, nr);
}

/**
 * mm_limit_swap_stored - a page has been written that may be one for swap
 * @page: the page, which does not leave its swap entry meanwhile
 * @bytes: so many it takes there, at most %PAGE_SIZE
 *
 * Context: any but an interrupt.
 */
static inline void mm_limit_swap_stored(struct page *page, unsigned int bytes)
{
	if (static_branch_unlikely(&mm_limit_swap_key))
		__mm_limit_swap_stored(page, bytes);
}

/**
 * mm_limit_swap_unused - swap entries are no address space's any more
 * @entry: the first of them
 * @nr: how many
 *
 * Context: under what guards the entries' references, so that no new one can be taken
 * meanwhile.
 */
static inline void mm_limit_swap_unused(swp_entry_t entry, unsigned int nr)
{
	if (static_branch_unlikely(&mm_limit_swap_key))
		__mm_limit_swap_unused(entry, nr);
}

#else /* !CONFIG_MM_LIMIT */

static inline void mm_limit_file_swapped_out(struct folio *folio,
					     swp_entry_t swap)
{
}

static inline void mm_limit_file_swapped_in(struct folio *folio,
					    swp_entry_t swap)
{
}

static inline void mm_limit_uncharge_swap(swp_entry_t entry, unsigned int nr)
{
}

static inline void mm_limit_swap_stored(struct page *page, unsigned int bytes)
{
}

static inline void mm_limit_swap_unused(swp_entry_t entry, unsigned int nr)
{
}

static inline bool mm_limit_frees_swap(struct folio *folio)
{
	return false;
}

static inline int mm_limit_swapon(int type, unsigned long pages)
{
	return 0;
}

static inline void mm_limit_swapoff(int type)
{
}

#endif /* CONFIG_MM_LIMIT */
#endif /* _LINUX_MM_LIMIT_SWAP_H */
