/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: pages that are freed together, and are uncharged when all of
 * them are free. To free many takes long, and whoever does it can be kept from running.
 */
#ifndef _LINUX_MM_LIMIT_BATCH_H
#define _LINUX_MM_LIMIT_BATCH_H

#include <linux/mm_limit_held.h>

/**
 * struct mm_limit_share - pages of a batch that have the same owner
 * @owner: whom they are charged to, and as what; 0: nobody
 * @pages: how many they are
 */
struct mm_limit_share {
	unsigned long owner;
	long pages;
};

/**
 * struct mm_limit_batch - pages that are freed together
 * @last: those that belong to the owner of the last one
 * @nr: how many other owners there are
 * @others: theirs
 */
struct mm_limit_batch {
	struct mm_limit_share last;
	unsigned int nr;
	struct mm_limit_share others[3];
};

/**
 * mm_limit_begin_batch - pages are about to be freed together
 * @batch: none as yet
 */
static inline void mm_limit_begin_batch(struct mm_limit_batch *batch)
{
	batch->last.owner = 0;
	batch->nr = 0;
}

#ifdef CONFIG_MM_LIMIT

void __mm_limit_gather(struct mm_limit_batch *batch, struct page *page,
		       unsigned int order);
void __mm_limit_uncharge_batch(struct mm_limit_batch *batch);

/**
 * mm_limit_uncharge_freed - pages are freed
 * @page: the first of them
 * @order: there are 2^@order
 * @batch: what has been freed along with them, and is uncharged together with them by
 *	mm_limit_uncharge_batch(); or NULL
 *
 * Context: any.
 */
static __always_inline void mm_limit_uncharge_freed(struct page *page,
						    unsigned int order,
						    struct mm_limit_batch *batch)
{
	if (batch)
		__mm_limit_gather(batch, page, order);
	else
		mm_limit_uncharge_pages(page, order);
}

/**
 * mm_limit_uncharge_batch - all pages that are freed together are known
 * @batch: the pages
 */
static inline void mm_limit_uncharge_batch(struct mm_limit_batch *batch)
{
	if (batch->last.owner)
		__mm_limit_uncharge_batch(batch);
}

#else /* !CONFIG_MM_LIMIT */

static inline void mm_limit_uncharge_freed(struct page *page,
					   unsigned int order,
					   struct mm_limit_batch *batch)
{
}

static inline void mm_limit_uncharge_batch(struct mm_limit_batch *batch)
{
}

#endif /* CONFIG_MM_LIMIT */

#endif /* _LINUX_MM_LIMIT_BATCH_H */
