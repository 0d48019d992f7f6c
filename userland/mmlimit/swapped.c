// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: what is in swap, and would count after a change. */
#define _GNU_SOURCE 1
#include <stdio.h>

#include "change.h"
#include "format.h"
#include "refusal.h"
#include "swapped.h"

/* How much of what a user has in swap counts toward its limit */
static __u64 counted(const struct mm_limit_attr *limit)
{
	__u64 free, stored = swap_stored(limit);

	if (!reclaims(limit))
		return limit->swap;
	free = swap_max(limit);
	return stored > free ? stored - free : 0;
}

/*
 * The limit after the change. The kernel forgets swap_max of a limit that no
 * longer reclaims, and what a user chose for itself when the limit becomes a
 * hard one.
 */
static struct mm_limit_attr change_limit(const struct mm_limit_attr *before,
					 const struct mm_limit_attr *change)
{
	struct mm_limit_attr after = *before;

	if (change->fields & MM_LIMIT_FIELD_MAX)
		after.mm_max = change->mm_max;
	if (after.mm_max > before->hard_max && !is_privileged())
		after.mm_max = before->hard_max;
	if (change_makes_hard(change, before)) {
		after.flags = 0;
		after.swap_max = MM_LIMIT_ATTR_NONE;
	}
	if (change->fields & MM_LIMIT_FIELD_FLAGS)
		after.flags = change->flags;
	if (!reclaims(&after))
		after.swap_max = MM_LIMIT_ATTR_NONE;
	else if (change->fields & MM_LIMIT_FIELD_SWAP_MAX)
		after.swap_max = change->swap_max;
	return after;
}

bool swapped_exceeds(const struct mm_limit_attr *change,
		     char text[SWAPPED_SIZE])
{
	char swap[MMLIMIT_TEXT_SIZE], more[MMLIMIT_TEXT_SIZE];
	char usage[MMLIMIT_TEXT_SIZE], size[MMLIMIT_TEXT_SIZE];
	struct mm_limit_attr before, after;
	__u64 now, then;

	/*
	 * A kernel that refuses to tell says why when it is asked to change. A rule
	 * has nothing in swap itself.
	 */
	if (mmlimit_is_rule(change) || mmlimit_read(change->uid, &before))
		return false;
	after = change_limit(&before, change);
	now = counted(&before);
	then = counted(&after);
	after.usage = before.usage - now + then;
	if (then <= now || after.usage <= after.mm_max || is_dry_run(&after))
		return false;
	snprintf(
		text, SWAPPED_SIZE,
		"%s more of the %s in swap would count, which makes a usage of %s, above the limit of %s, so that processes would be killed",
		size_text(then - now, false, more),
		size_text(before.swap, false, swap),
		size_text(after.usage, false, usage),
		size_text(after.mm_max, false, size));
	return true;
}
