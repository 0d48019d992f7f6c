// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: what is in swap, and would count after a change. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "change.h"
#include "format.h"
#include "mmlimit.h"
#include "refusal.h"
#include "swapped.h"
#include "target.h"

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

/*
 * Would what a user has in swap make it exceed its limit when that changes?
 *
 * @prefix: what the text begins with
 */
static bool exceeds(const struct mm_limit_attr *before,
		    struct mm_limit_attr *after, const char *prefix,
		    char text[SWAPPED_SIZE])
{
	char swap[MMLIMIT_TEXT_SIZE], more[MMLIMIT_TEXT_SIZE];
	char usage[MMLIMIT_TEXT_SIZE], size[MMLIMIT_TEXT_SIZE];
	__u64 now, then;

	after->swap = before->swap;
	after->swap_stored = before->swap_stored;
	now = counted(before);
	then = counted(after);
	after->usage = before->usage - now + then;
	if (then <= now || after->usage <= after->mm_max || is_dry_run(after))
		return false;
	snprintf(
		text, SWAPPED_SIZE,
		"%s%s more of the %s in swap would count, which makes a usage of %s, above the limit of %s, so that processes would be killed",
		prefix, size_text(then - now, false, more),
		size_text(before->swap, false, swap),
		size_text(after->usage, false, usage),
		size_text(after->mm_max, false, size));
	return true;
}

/* Will a user have its limit by this rule, which now has it by that or a wider one? */
static bool obeys(const struct mm_limit_attr *limit,
		  const struct mm_limit_attr *rule)
{
	return !mmlimit_is_rule(limit) && limit->rule == MM_LIMIT_RULE_EACH &&
	       rule->first <= limit->uid && limit->uid <= rule->last &&
	       limit->last - limit->first >= rule->last - rule->first;
}

/* Of the users of a rule that gives each a limit, as they are listed */
static bool any_exceeds(const struct mm_limit_attr *limits, size_t count,
			const struct mm_limit_attr *rule,
			char text[SWAPPED_SIZE])
{
	char prefix[USER_TEXT_SIZE + 64], user[USER_TEXT_SIZE];
	char unused[SWAPPED_SIZE];
	const struct mm_limit_attr *first = NULL;
	struct mm_limit_attr after;
	size_t others = 0;

	for (size_t i = 0; i < count; i++) {
		after = *rule;
		if (!obeys(&limits[i], rule) ||
		    !exceeds(&limits[i], &after, "", unused))
			continue;
		if (first)
			others++;
		else
			first = &limits[i];
	}
	if (!first)
		return false;
	whose_text(first, user);
	if (others)
		snprintf(prefix, sizeof(prefix),
			 "for %s, and likewise for %zu other user%s, ", user,
			 others, others == 1 ? "" : "s");
	else
		snprintf(prefix, sizeof(prefix), "for %s, ", user);
	after = *rule;
	return exceeds(first, &after, prefix, text);
}

/* A rule has nothing in swap itself, but its users have. What they have in a pool counts. */
static bool rule_exceeds(const struct mm_limit_attr *change,
			 char text[SWAPPED_SIZE])
{
	struct mm_limit_attr before, after, *limits;
	bool found = false;
	size_t count;
	int list;

	if (change->rule != MM_LIMIT_RULE_EACH)
		return false;
	if (target_read(change, &before))
		before = (struct mm_limit_attr){
			.uid = -1,
			.mm_max = MM_LIMIT_ATTR_NONE,
			.hard_max = MM_LIMIT_ATTR_NONE,
			.swap_max = MM_LIMIT_ATTR_NONE,
		};
	after = change_limit(&before, change);
	after.first = change->first;
	after.last = change->last;
	list = mmlimit_list_open();
	if (list < 0)
		return false;
	if (!mmlimit_list_read(list, &limits, &count)) {
		found = any_exceeds(limits, count, &after, text);
		free(limits);
	}
	close(list);
	return found;
}

bool swapped_exceeds(const struct mm_limit_attr *change,
		     char text[SWAPPED_SIZE])
{
	struct mm_limit_attr before, after;

	if (mmlimit_is_rule(change))
		return rule_exceeds(change, text);
	/* A kernel that refuses to tell says why when it is asked to change. */
	if (mmlimit_read(change->uid, &before))
		return false;
	after = change_limit(&before, change);
	return exceeds(&before, &after, "", text);
}
