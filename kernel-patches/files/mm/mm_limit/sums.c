// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what an address space adds up to.
 */

#include <linux/mm.h>

#include "account.h"

/**
 * mm_limit_table_bytes - what the kernel books for a page table
 *
 * That is the bytes that hold entries. ARM's two-level format has 2 KiB of them in each
 * table, but the hardware's copy takes the other half of the page.
 *
 * Return: bytes.
 */
long mm_limit_table_bytes(void)
{
	const long bytes = PTRS_PER_PTE * sizeof(pte_t);

	BUILD_BUG_ON(bytes < PAGE_SIZE && CONFIG_PGTABLE_LEVELS > 2);
	return min_t(long, bytes, PAGE_SIZE);
}

/**
 * mm_limit_table_pages - pages that page tables stand for
 * @bytes: as the kernel books them
 *
 * Return: pages.
 */
long mm_limit_table_pages(long bytes)
{
	return bytes / mm_limit_table_bytes();
}

/**
 * mm_limit_mm_resident - sum what an address space has in memory
 * @mm: the mm
 *
 * Return: resident pages and pages of page tables. Exact if the caller keeps
 * the counters from changing.
 */
long mm_limit_mm_resident(struct mm_struct *mm)
{
	long pages = mm_limit_table_pages(mm_pgtables_bytes(mm));
	int i;

	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (i != MM_SWAPENTS)
			pages += percpu_counter_sum(&mm->rss_stat[i]);
	return pages;
}

/**
 * mm_limit_mm_files - sum what an address space maps of files in memory
 * @mm: the mm
 *
 * Return: pages of shmem, as exact as mm_limit_mm_resident().
 */
long mm_limit_mm_files(struct mm_struct *mm)
{
	return percpu_counter_sum(&mm->rss_stat[MM_SHMEMPAGES]);
}

/**
 * mm_limit_mm_charged - sum what an address space is charged for in memory
 * @mm: the mm
 * @acct: the account that it is charged to
 *
 * Where files in memory are charged by the page to whoever allocates them, it is
 * not charged for mapping them.
 *
 * Return: pages, as exact as mm_limit_mm_resident().
 */
long mm_limit_mm_charged(struct mm_struct *mm, struct mm_limit_account *acct)
{
	long pages = mm_limit_mm_resident(mm);

	return mm_limit_counts_held(acct) ? pages - mm_limit_mm_files(mm) :
					       pages;
}

/**
 * mm_limit_mm_swap - sum what an address space has in swap
 * @mm: the mm
 *
 * Return: swap entries, as exact as mm_limit_mm_resident().
 */
long mm_limit_mm_swap(struct mm_struct *mm)
{
	return percpu_counter_sum(&mm->rss_stat[MM_SWAPENTS]);
}

/**
 * mm_limit_counted_swap - swap that counts toward a limit
 * @swap: swap entries of the user
 * @free: so many do not count
 *
 * Return: pages.
 */
long mm_limit_counted_swap(long swap, long free)
{
	return max(swap - free, 0L);
}

/**
 * mm_limit_mm_pages - what would be gained if an address space went
 * @mm: the mm
 * @acct: its owner
 *
 * Return: pages that count toward the limit, as exact as mm_limit_mm_resident().
 */
long mm_limit_mm_pages(struct mm_struct *mm, struct mm_limit_account *acct)
{
	return mm_limit_mm_charged(mm, acct) +
	       min(mm_limit_mm_swap(mm),
		   mm_limit_counted_swap(READ_ONCE(acct->swap.usage),
					 READ_ONCE(acct->swap.free)));
}

/**
 * mm_limit_mm_rss - what an address space has, whatever becomes of it
 * @mm: the mm
 * @acct: its owner
 *
 * Return: as mm_limit_mm_pages(), with files in memory that it maps.
 */
long mm_limit_mm_rss(struct mm_struct *mm, struct mm_limit_account *acct)
{
	long pages = mm_limit_mm_pages(mm, acct);

	return mm_limit_counts_held(acct) ? pages + mm_limit_mm_files(mm) :
					       pages;
}
