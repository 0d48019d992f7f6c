// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: whether it is of any use to swap a user's memory out, judged
 * by what comes straight back.
 */

#include <linux/swap.h>

#include "reclaim.h"

/* Periods of thrashing: as long as this, or until so many pages went out */
#define MM_LIMIT_PERIOD_NS	((u64)NSEC_PER_SEC)
#define MM_LIMIT_PERIOD_PAGES	256

/**
 * mm_limit_thrashes - do pages come straight back that were swapped out?
 * @thrash: what was seen so far
 * @now: monotonic, nanoseconds
 * @swap: what has been swapped so far, and the time lost to it
 * @has: pages that the user has, in memory and in swap
 * @bound: nanoseconds
 *
 * A period is bad if most of what was swapped out in it came back, and the user
 * has lost a good part of it to that. Light swapping is not bad, and may go on.
 *
 * A user that uses all of its memory once more does not thrash either, however much
 * of that has been in swap for long, and however slowly it comes back.
 *
 * Return: true if all periods of the last @bound were bad, and more has come back
 * in them than the user had.
 */
bool mm_limit_thrashes(struct mm_limit_thrash *thrash, u64 now,
		       const struct mm_limit_swap *swap, u64 has, u64 bound)
{
	u64 elapsed = now - thrash->start;
	u64 out = swap->swapped_out - thrash->swapped_out;
	u64 back = swap->refaults - thrash->refaults;
	bool gap = now - thrash->last_check >= 2 * MM_LIMIT_PERIOD_NS;
	bool bad;

	thrash->last_check = now;
	/* On a slow device it takes longer until there is something to judge. */
	if (!gap && (elapsed < MM_LIMIT_PERIOD_NS ||
		     (out < MM_LIMIT_PERIOD_PAGES && elapsed < bound)))
		return false;

	/* After a gap, in which there was no need to look, nothing can be said. */
	bad = !gap && out >= MM_LIMIT_PERIOD_PAGES && back >= out - out / 4 &&
	      swap->stall - thrash->stall >= elapsed / 4;
	if (bad && !thrash->in_bad_period) {
		thrash->first_bad = thrash->start;
		thrash->refault_goal = thrash->refaults + has;
	}
	thrash->in_bad_period = bad;
	thrash->start = now;
	thrash->swapped_out = swap->swapped_out;
	thrash->refaults = swap->refaults;
	thrash->stall = swap->stall;
	return bad && now - thrash->first_bad >= bound &&
	       swap->refaults >= thrash->refault_goal;
}

/**
 * mm_limit_is_futile - is it of no use what the background does?
 * @pace: what was seen so far
 * @swap: what has been swapped so far
 *
 * Return: true if most came straight back, now and the last time that there was
 * enough to tell.
 */
bool mm_limit_is_futile(struct mm_limit_pace *pace,
			const struct mm_limit_swap *swap)
{
	u64 out = swap->swapped_out - pace->swapped_out;
	u64 back = swap->refaults - pace->refaults;

	if (out < SWAP_CLUSTER_MAX)
		return false;
	pace->swapped_out = swap->swapped_out;
	pace->refaults = swap->refaults;
	if (back < out - out / 4)
		pace->futile = 0;
	else if (pace->futile < 2)
		pace->futile++;
	return pace->futile == 2;
}
