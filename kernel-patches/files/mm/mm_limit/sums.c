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
 * mm_limit_mm_parts - what an address space consists of
 * @mm: the mm
 *
 * Return: its parts, as exact as mm_limit_mm_resident(), without kernel memory.
 */
struct mm_limit_parts mm_limit_mm_parts(struct mm_struct *mm)
{
	struct percpu_counter *rss = mm->rss_stat;

	return (struct mm_limit_parts){
		.anon = percpu_counter_sum(&rss[MM_ANONPAGES]),
		.file = percpu_counter_sum(&rss[MM_FILEPAGES]),
		.shmem = percpu_counter_sum(&rss[MM_SHMEMPAGES]),
		.tables = mm_limit_table_pages(mm_pgtables_bytes(mm)),
		.swap = percpu_counter_sum(&rss[MM_SWAPENTS]),
	};
}

/**
 * mm_limit_parts_rss - what an address space has, whatever becomes of it
 * @parts: its parts
 * @acct: its owner
 *
 * Return: pages: of swap, no more than counts toward the limit.
 */
long mm_limit_parts_rss(const struct mm_limit_parts *parts,
			struct mm_limit_account *acct)
{
	return parts->anon + parts->file + parts->shmem + parts->tables +
	       min(parts->swap,
		   mm_limit_counted_swap(READ_ONCE(acct->swap.usage),
					 READ_ONCE(acct->swap.free)));
}

/**
 * mm_limit_parts_pages - what would be gained if an address space went
 * @parts: its parts
 * @acct: its owner
 *
 * Return: pages that count toward the limit: without files in memory that it maps, if
 * these are charged to whoever allocates them.
 */
long mm_limit_parts_pages(const struct mm_limit_parts *parts,
			  struct mm_limit_account *acct)
{
	return mm_limit_parts_rss(parts, acct) -
	       (mm_limit_counts_held(acct) ? parts->shmem : 0);
}

/**
 * mm_limit_mm_pages - what would be gained if an address space went
 * @mm: the mm
 * @acct: its owner
 *
 * Return: see mm_limit_parts_pages().
 */
long mm_limit_mm_pages(struct mm_struct *mm, struct mm_limit_account *acct)
{
	struct mm_limit_parts parts = mm_limit_mm_parts(mm);

	return mm_limit_parts_pages(&parts, acct);
}

/**
 * mm_limit_add_parts - add what an address space has to what its user has
 * @sum: what the user has
 * @parts: what the address space has
 * @acct: the user's account
 *
 * Files in memory are left out if they are charged to whoever allocates them.
 */
void mm_limit_add_parts(struct mm_limit_parts *sum,
			const struct mm_limit_parts *parts,
			struct mm_limit_account *acct)
{
	sum->anon += parts->anon;
	sum->file += parts->file;
	if (!mm_limit_counts_held(acct))
		sum->shmem += parts->shmem;
	sum->tables += parts->tables;
}

/**
 * mm_limit_add_beside - add what a user has beside its address spaces
 * @sum: what the user has
 * @acct: its account
 *
 * Swap and kernel memory are all that there is, whether it counts or not.
 */
void mm_limit_add_beside(struct mm_limit_parts *sum,
			 struct mm_limit_account *acct)
{
	if (mm_limit_counts_held(acct))
		sum->shmem += mm_limit_held_files(acct);
	sum->swap += READ_ONCE(acct->swap.usage);
	sum->kernel += mm_limit_held_kernel(acct);
}
