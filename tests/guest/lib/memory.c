// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory to test with: page by page, through volatile, with contents that can
 * be checked.
 */
#define _GNU_SOURCE 1
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/random.h"

#define WORDS_PER_PAGE (PAGE / sizeof(unsigned long))

static struct region map(size_t pages, int flags)
{
	size_t size = pages * PAGE;
	char *begin = mmap(NULL, size + TABLE_SPAN, PROT_READ | PROT_WRITE,
			   MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
	char *base;

	ASSERT_TRUE(begin != MAP_FAILED);
	base = (char *)(((unsigned long)begin + TABLE_SPAN - 1) &
			~(TABLE_SPAN - 1));
	if (base != begin)
		munmap(begin, base - begin);
	if (base + size != begin + size + TABLE_SPAN)
		munmap(base + size, begin + TABLE_SPAN - base);
	return (struct region){ .base = (volatile unsigned long *)base,
				.pages = pages };
}

/* A sample: "MemTotal: 505544 kB\nMemFree: 490000 kB\n..." */
unsigned long memory_info(const char *name)
{
	char text[4096] = "\n", wanted[64], *found;

	ASSERT_EQ(file_read("/proc/meminfo", text + 1, sizeof(text) - 1), 0);
	snprintf(wanted, sizeof(wanted), "\n%s:", name);
	found = strstr(text, wanted);
	if (!found)
		KTAP_FAIL("/proc/meminfo has no %s", name);
	return strtoul(found + strlen(wanted), NULL, 10) * KIB;
}

struct region region_map(size_t pages)
{
	return map(pages, MAP_PRIVATE);
}

struct region region_map_shared(size_t pages)
{
	return map(pages, MAP_SHARED);
}

struct region region_map_common(size_t pages)
{
	struct region region = region_map_shared(pages);

	for (size_t i = 0; i < pages; i++)
		((volatile char *)region.base)[i * PAGE] = 0;
	return region;
}

void region_unmap(struct region *region)
{
	ASSERT_EQ(munmap((void *)region->base, region->pages * PAGE), 0);
	region->base = NULL;
	region->pages = 0;
}

/*
 * Two words a page, so that a page that was cut or swapped for another shows.
 */
static unsigned long pattern(size_t page)
{
	return page * 2654435761UL ^ 0x5a5a5a5a;
}

static bool noise;

void region_noise(void)
{
	noise = true;
}

static void fill(volatile unsigned long *words, size_t page)
{
	struct random numbers = random_from(page);

	for (size_t i = 1; i < WORDS_PER_PAGE - 1; i++)
		words[i] = random_next(&numbers);
}

void region_touch(const struct region *region, size_t first, size_t pages)
{
	for (size_t page = first; page < first + pages; page++) {
		if (noise)
			fill(&region->base[page * WORDS_PER_PAGE], page);
		region->base[page * WORDS_PER_PAGE] = pattern(page);
		region->base[(page + 1) * WORDS_PER_PAGE - 1] = ~pattern(page);
	}
}

void region_drop(const struct region *region, size_t first, size_t pages)
{
	ASSERT_EQ(madvise((char *)region->base + first * PAGE, pages * PAGE,
			  MADV_DONTNEED),
		  0);
}

size_t region_damage(const struct region *region, size_t first, size_t pages)
{
	size_t damage = 0;

	for (size_t page = first; page < first + pages; page++)
		damage += region->base[page * WORDS_PER_PAGE] !=
				  pattern(page) ||
			  region->base[(page + 1) * WORDS_PER_PAGE - 1] !=
				  ~pattern(page);
	return damage;
}

static int make_resident(struct dl_phdr_info *info, size_t size, void *data)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		unsigned long begin = info->dlpi_addr + segment->p_vaddr;
		unsigned long page = begin & ~(PAGE - 1);

		if (segment->p_type == PT_LOAD && segment->p_flags & PF_X)
			madvise((void *)page, begin + segment->p_memsz - page,
				MADV_POPULATE_READ);
	}
	return 0;
}

long code_make_resident(long unused)
{
	return dl_iterate_phdr(make_resident, NULL);
}

static struct region held;
static size_t held_pages;

void held_reserve(void)
{
	if (!held.base)
		held = region_map(HELD_PAGES);
}

long held_grow(long pages)
{
	held_reserve();
	region_touch(&held, held_pages, pages);
	held_pages += pages;
	return 0;
}

long held_shrink(long pages)
{
	held_pages -= pages;
	region_drop(&held, held_pages, pages);
	return 0;
}

long held_prepare(long pages)
{
	held_grow(0);
	for (long page = 0; page < pages; page += TABLE_SPAN / PAGE)
		region_touch(&held, held_pages + page, 1);
	region_drop(&held, held_pages, pages);
	return 0;
}

long held_swap_out(long unused)
{
	ASSERT_EQ(madvise((void *)held.base, held_pages * PAGE, MADV_PAGEOUT),
		  0);
	return 0;
}

long held_damage(long unused)
{
	return region_damage(&held, 0, held_pages);
}

unsigned long region_cost(size_t pages)
{
	return pages * PAGE +
	       (pages * PAGE + TABLE_SPAN - 1) / TABLE_SPAN * PAGE;
}
