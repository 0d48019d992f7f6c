/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory to test with: page by page, through volatile, with contents that can
 * be checked.
 */
#ifndef GUEST_MEMORY_H
#define GUEST_MEMORY_H

#include <stddef.h>

#define KIB 1024UL
#define MIB (1024 * KIB)

/*
 * ARM's two-level format maps this much with one table, which takes a whole
 * page.
 */
#define TABLE_SPAN (2 * MIB)

/* The whole of Linux on 32-bit ARM */
#define PAGE 4096UL

/**
 * struct region - a mapping
 * @base: its first word
 * @pages: its length
 */
struct region {
	volatile unsigned long *base;
	size_t pages;
};

/* What /proc/meminfo has under a name that must be there, in bytes */
unsigned long memory_info(const char *name);

/*
 * Private anonymous memory, not touched, aligned to TABLE_SPAN. A failure is
 * the test's.
 */
struct region region_map(size_t pages);

/* The same, shared with children that are forked later */
struct region region_map_shared(size_t pages);

/*
 * The same, touched, for what such children tell the test: this process is charged
 * for it, and not whichever of them writes first.
 */
struct region region_map_common(size_t pages);

void region_unmap(struct region *region);

/*
 * Writes to pages, each its own pattern. The first write to a page makes it
 * resident.
 */
void region_touch(const struct region *region, size_t first, size_t pages);

/*
 * From now on region_touch(), of this process and of those that it makes, fills pages with
 * what cannot be compressed.
 */
void region_noise(void);

/* Gives pages back to the kernel and keeps the mapping (MADV_DONTNEED). */
void region_drop(const struct region *region, size_t first, size_t pages);

/* Returns how many of these pages do not hold their pattern. */
size_t region_damage(const struct region *region, size_t first, size_t pages);

/*
 * A worker holds memory that grows page by page. These are for worker_call();
 * they return 0 unless said otherwise.
 */
#define HELD_PAGES (256 * MIB / PAGE)

/* Makes the code of the program and its libraries resident. */
long code_make_resident(long unused);

/*
 * Makes the mapping, for those who are forked from now on, too. They could not make it
 * while others of their user are above a limit, which refuses kernel memory then.
 */
void held_reserve(void);

/* Touches so many pages more. */
long held_grow(long pages);

/* Gives the last so many pages back. */
long held_shrink(long pages);

/*
 * Makes the page tables of so many pages more resident, and touches all the
 * code that the others need.
 */
long held_prepare(long pages);

/* Swaps all of it out. */
long held_swap_out(long unused);

/* Returns how many pages are damaged. */
long held_damage(long unused);

/*
 * What a touch of @pages that are aligned to TABLE_SPAN is charged, in bytes,
 * where no table was before
 */
unsigned long region_cost(size_t pages);

#endif /* GUEST_MEMORY_H */
