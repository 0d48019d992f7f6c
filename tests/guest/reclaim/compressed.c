// SPDX-License-Identifier: GPL-2.0-only
/* Tests that compressed swap counts at what it takes. */
#define _GNU_SOURCE 1
#include <stdint.h>
#include <stdio.h>

#include <sys/mman.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/reclaim.h"
#include "lib/swap.h"
#include "lib/usage.h"

#define LIMIT (RECLAIM_MIB(64) * MIB)
#define SWAP (RECLAIM_MIB(256) * MIB)
#define SWAP_MAX (LIMIT / 4)

/* What an entry counts for at least */
#define STORED_MIN (PAGE / 16)

#define PAGES 500
#define WORDS (PAGE / sizeof(uint32_t))

/* Bytes that the device says it has stored pages in */
static unsigned long device_bytes(void)
{
	unsigned long bytes;
	char text[256];

	ASSERT_EQ(file_read("/sys/block/zram0/mm_stat", text, sizeof(text)), 0);
	ASSERT_EQ(sscanf(text, "%*u %lu", &bytes), 1);
	return bytes;
}

/* These are for worker_call(). */

static struct region written;

/* Has PAGES that begin with so many words without a pattern, and go on with others. */
static long write_pages(long words)
{
	struct random numbers = random_from(words + 1);

	if (!written.base)
		written = region_map(PAGES);
	for (size_t i = 0; i < PAGES * WORDS; i++)
		((volatile uint32_t *)written.base)[i] =
			i % WORDS < (size_t)words ? random_next(&numbers) :
						    0x20202020;
	return 0;
}

static long write_zeros(long unused)
{
	if (!written.base)
		written = region_map(PAGES);
	for (size_t i = 0; i < PAGES * WORDS; i++)
		((volatile uint32_t *)written.base)[i] = 0;
	return 0;
}

static long swap_out(long pages)
{
	ASSERT_EQ(madvise((void *)written.base, pages * PAGE, MADV_PAGEOUT), 0);
	return 0;
}

static long drop(long pages)
{
	region_drop(&written, 0, pages);
	return 0;
}

/* Reads a word of each page, which brings it back and does not change it. */
static long bring_back(long pages)
{
	for (long i = 0; i < pages; i++)
		(void)written.base[i * PAGE / sizeof(*written.base)];
	return 0;
}

/* The figures of a user of whom nothing runs, which add up */
static struct mm_limit_attr read_exactly(void)
{
	held_exact(USER_A);
	return reclaim_read(USER_A);
}

/* A process of a user whose limit swaps nothing out in the background */
static struct worker begin_user(void)
{
	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 100, SWAP_MAX);
	return worker_start(USER_A);
}

KTAP_TEST(swap_that_is_compressed_counts_at_what_it_takes, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 80, SWAP_MAX);
	/* In pages it does not fit. */
	worker = start_holding(USER_A, LIMIT + 2 * SWAP_MAX);
	attr = read_exactly();
	EXPECT_EQ(attr.kills, 0);
	EXPECT_LE(attr.usage, LIMIT);
	EXPECT_GT(attr.swap, 2 * SWAP_MAX);
	EXPECT_LE(attr.swap_stored, SWAP_MAX);
	EXPECT_GE(attr.swap_stored, attr.swap / 16);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

/* On a new device, for one that was used before keeps some entries for the next pages. */
static void expect_as_stored(long words)
{
	struct mm_limit_attr attr;
	struct worker worker;
	unsigned long empty;

	reclaim_begin(SWAP);
	empty = device_bytes();
	reclaim_limit_with(USER_A, LIMIT, 100, SWAP_MAX);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, write_pages, words), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	attr = read_exactly();
	EXPECT_EQ(attr.swap, PAGES * PAGE);
	/* It is said in whole pages. */
	EXPECT_GE(attr.swap_stored, device_bytes() - empty);
	EXPECT_LT(attr.swap_stored, device_bytes() - empty + PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(swap_takes_what_the_device_has_stored, 60, "reclaim")
{
	for (long words = 128; words < (long)WORDS; words += 128)
		expect_as_stored(words);
}

KTAP_TEST(swap_that_does_not_compress_counts_in_full, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	worker = begin_user();
	/* Even what was zeros before, in the same entries or in others */
	ASSERT_EQ(worker_call(&worker, write_zeros, 0), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	ASSERT_EQ(worker_call(&worker, write_pages, WORDS), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	attr = read_exactly();
	EXPECT_EQ(attr.swap, PAGES * PAGE);
	EXPECT_EQ(attr.swap_stored, attr.swap);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(zeros_in_swap_are_not_free, 60, "reclaim")
{
	struct mm_limit_attr attr;
	struct worker worker;

	worker = begin_user();
	ASSERT_EQ(worker_call(&worker, write_zeros, 0), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	attr = read_exactly();
	EXPECT_EQ(attr.swap, PAGES * PAGE);
	EXPECT_GE(attr.swap_stored, PAGES * STORED_MIN);
	EXPECT_LT(attr.swap_stored, PAGES * STORED_MIN + PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(entries_that_are_freed_save_nothing, 60, "reclaim")
{
	struct mm_limit_attr attr, half;
	struct worker worker;

	worker = begin_user();
	ASSERT_EQ(worker_call(&worker, write_pages, WORDS / 2), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	attr = read_exactly();
	ASSERT_EQ(worker_call(&worker, drop, PAGES / 2), 0);
	half = read_exactly();
	EXPECT_EQ(half.swap, attr.swap / 2);
	/* Pages compress alike, but not to the same byte. */
	EXPECT_GE(half.swap_stored, attr.swap_stored / 2 - 2 * PAGE);
	EXPECT_LE(half.swap_stored, attr.swap_stored / 2 + 2 * PAGE);
	ASSERT_EQ(worker_call(&worker, bring_back, PAGES), 0);
	attr = read_exactly();
	EXPECT_EQ(attr.swap, 0);
	EXPECT_EQ(attr.swap_stored, 0);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(what_has_come_back_makes_no_room_in_swap, 60, "reclaim")
{
	struct worker worker, other;

	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 100, SWAP_MAX);
	other = worker_start(USER_A);
	/* Zeros that were in swap, and are read only, so that they may stay there, too */
	ASSERT_EQ(worker_call(&other, write_zeros, 0), 0);
	ASSERT_EQ(worker_call(&other, swap_out, PAGES), 0);
	ASSERT_EQ(worker_call(&other, bring_back, PAGES), 0);
	EXPECT_EQ(read_exactly().swap_stored, 0);
	region_noise();
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, (LIMIT + SWAP_MAX) / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	worker_end(&other);
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

/* Of slots in swap that are free each CPU keeps so many, which the device still has. */
#define SLOTS_KEPT (64 * PAGE)

KTAP_TEST(what_has_come_back_is_not_in_memory_twice, 60, "reclaim")
{
	struct worker worker;
	unsigned long empty;
	long child;

	worker = begin_user();
	empty = device_bytes();
	ASSERT_EQ(worker_call(&worker, write_pages, WORDS), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	EXPECT_GE(device_bytes() - empty, PAGES * PAGE);
	/* A copy of the entries has the pages stay there while they are brought back. */
	child = worker_call(&worker, worker_fork_stopped, 0);
	ASSERT_GT(child, 0);
	ASSERT_EQ(worker_call(&worker, bring_back, PAGES), 0);
	EXPECT_GE(device_bytes() - empty, PAGES * PAGE);
	ASSERT_EQ(worker_call(&worker, worker_kill_child, child), 0);
	EXPECT_EQ(read_exactly().swap, 0);
	EXPECT_LE(device_bytes() - empty, SLOTS_KEPT);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

/* A copy's entries count in full, since they save nothing that was not saved before. */
KTAP_TEST(copies_of_an_entry_save_once, 60, "reclaim")
{
	struct mm_limit_attr before, both, after;
	struct worker worker;
	long child;

	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, LIMIT, 100, 2 * SWAP_MAX);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, write_pages, WORDS / 2), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	before = read_exactly();
	child = worker_call(&worker, worker_fork_stopped, 0);
	ASSERT_GT(child, 0);
	both = read_exactly();
	EXPECT_EQ(both.swap, 2 * before.swap);
	EXPECT_EQ(both.swap_stored, before.swap_stored + before.swap);
	/* It ends with the first one's entries still there, or without. */
	ASSERT_EQ(worker_call(&worker, drop, PAGES / 2), 0);
	ASSERT_EQ(worker_call(&worker, worker_kill_child, child), 0);
	after = read_exactly();
	EXPECT_EQ(after.swap, before.swap / 2);
	EXPECT_LE(after.swap_stored, before.swap_stored / 2 + 2 * PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(what_is_freed_while_no_limit_stands_makes_no_room_in_swap, 60,
	  "reclaim")
{
	struct mm_limit_attr all, half, bound;
	struct worker worker;

	worker = begin_user();
	ASSERT_EQ(worker_call(&worker, write_pages, WORDS / 2), 0);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	all = read_exactly();
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(worker_call(&worker, drop, PAGES / 2), 0);
	reclaim_limit_with(USER_A, LIMIT, 100, SWAP_MAX);
	half = read_exactly();
	EXPECT_EQ(half.swap, all.swap / 2);
	/* Pages compress alike, but not to the same byte. */
	EXPECT_GE(half.swap_stored, all.swap_stored / 2 - 2 * PAGE);
	EXPECT_LE(half.swap_stored, all.swap_stored / 2 + 2 * PAGE);
	/* Nothing runs in between: all that is stored beyond the new bound counts. */
	reclaim_limit_with(USER_A, LIMIT, 100, all.swap_stored / 4);
	bound = read_exactly();
	EXPECT_GE(bound.usage, half.usage + all.swap_stored / 4 - 4 * PAGE);
	EXPECT_LE(bound.usage, half.usage + all.swap_stored / 4 + 4 * PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}

KTAP_TEST(what_is_saved_matters_to_a_limit_that_reclaims_alone, 60, "reclaim")
{
	const struct mm_limit_attr off = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_FLAGS,
	};
	struct mm_limit_attr before, after;
	struct worker worker;
	unsigned long usage;

	worker = begin_user();
	ASSERT_EQ(worker_call(&worker, write_pages, WORDS / 2), 0);
	usage = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, swap_out, PAGES), 0);
	before = read_exactly();
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &off, sizeof(off)), 0);
	/* What the call executes may be mapped, 64 KiB around. */
	EXPECT_GE(usage_exact(USER_A), usage);
	EXPECT_LE(usage_exact(USER_A), usage + 64 * KIB);
	reclaim_limit_with(USER_A, LIMIT, 100, SWAP_MAX);
	after = read_exactly();
	EXPECT_EQ(after.usage, before.usage);
	EXPECT_EQ(after.swap_stored, before.swap_stored);
	/* Beyond swap_max it counts at what it takes, too. */
	reclaim_limit_with(USER_A, LIMIT, 100,
			   before.swap_stored / 2 / PAGE * PAGE);
	after = read_exactly();
	EXPECT_EQ(after.usage, before.usage + before.swap_stored -
				       before.swap_stored / 2 / PAGE * PAGE);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}
