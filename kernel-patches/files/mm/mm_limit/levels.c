// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: usages below the limit that are noticed. Above one, memory is
 * swapped out; above another, the user is warned; and in a dry run the limit itself is
 * no more than such a level, so that nothing is refused or stopped for it.
 *
 * All of them cost a charge the one comparison that the limit costs anyway, since the
 * counter's max is the lowest. A user is warned once, and anew when it has been clearly
 * below: usage that goes up and down around the level is no news.
 */

#include <linux/math.h>

#include "account.h"
#include "enforce.h"
#include "events.h"
#include "reclaim.h"

/**
 * mm_limit_rearm_level - how far a user has to fall to be warned anew
 * @warn: the pages above which it is warned
 *
 * Return: pages, a sixteenth less, and one less at least.
 */
long mm_limit_rearm_level(long warn)
{
	return max(warn - max(warn / 16, 1L), 0L);
}

static bool is_warned(const struct mm_limit_levels *levels)
{
	return READ_ONCE(levels->warned_at) == READ_ONCE(levels->warn);
}

static long lowest(const struct mm_limit_levels *levels)
{
	return min3(READ_ONCE(levels->reclaim), READ_ONCE(levels->trial),
		    is_warned(levels) ? READ_ONCE(levels->rearm) :
					READ_ONCE(levels->warn));
}

/**
 * mm_limit_set_levels - what is noticed, by what is in force
 * @limit: the limit
 * @in_force: its size
 *
 * Return: whether any of it is lower than before.
 * Context: process; with the account's limit_mutex held.
 */
bool mm_limit_set_levels(struct mm_limit *limit,
			 const struct mm_limit_part *in_force)
{
	const struct mm_limit_settings *settings = &limit->settings;
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_levels *levels = &limit->levels;
	long max = mm_limit_pages(in_force->mm_max), warn = LONG_MAX;
	bool dry = settings->flags & MM_LIMIT_DRY_RUN;

	lockdep_assert_held(&acct->limit_mutex);

	if (settings->warn)
		warn = mult_frac(max, settings->warn, 100);
	WRITE_ONCE(levels->max, max);
	WRITE_ONCE(levels->reclaim,
		   mm_limit_threshold(in_force->mm_max, settings));
	WRITE_ONCE(levels->trial, dry ? max : LONG_MAX);
	WRITE_ONCE(levels->warn, warn);
	WRITE_ONCE(levels->rearm, mm_limit_rearm_level(warn));
	return mm_limit_set_max(acct, dry ? LONG_MAX : max, lowest(levels));
}

/**
 * mm_limit_over - is a user above its limit, or would it be, but for a dry run?
 * @acct: the user's account
 * @limit: its limit
 *
 * Return: whether it is.
 */
bool mm_limit_over(struct mm_limit_account *acct, struct mm_limit *limit)
{
	return mm_limit_usage(acct) > READ_ONCE(limit->levels.max);
}

/**
 * mm_limit_make_room - let a user have a little more than its limit, or no longer
 * @acct: the user's account
 * @limit: its limit
 * @room: so many pages more
 *
 * If the limit is changed meanwhile, its work does this once more.
 *
 * Context: the limit's work, which looks afterwards whether the user is above its limit.
 */
void mm_limit_make_room(struct mm_limit_account *acct, struct mm_limit *limit,
			long room)
{
	struct mm_limit_levels *levels = &limit->levels;
	long max = READ_ONCE(levels->max);

	lockdep_assert_held(&limit->enforce.mutex);

	if (mm_limit_in_trial(limit) || max > LONG_MAX - room)
		max = LONG_MAX;
	else
		max += room;
	WRITE_ONCE(acct->max, max);
	mm_limit_set_level(acct, lowest(levels));
}

/**
 * mm_limit_in_trial - is nobody killed for a limit?
 * @limit: the limit
 *
 * Return: whether it is a dry run.
 */
bool mm_limit_in_trial(struct mm_limit *limit)
{
	return READ_ONCE(limit->levels.trial) != LONG_MAX;
}

/* The user has been warned at so many pages, or -1: it may be warned anew. */
static void set_warned(struct mm_limit_account *acct, struct mm_limit *limit,
		       long warned_at)
{
	WRITE_ONCE(limit->levels.warned_at, warned_at);
	/* A charge that does not see this is in the usage that is read next. */
	mm_limit_set_level(acct, lowest(&limit->levels));
}

/**
 * mm_limit_warn - warn a user that has come near its limit
 * @acct: the user's account
 * @limit: its limit
 *
 * Context: the limit's work.
 */
void mm_limit_warn(struct mm_limit_account *acct, struct mm_limit *limit)
{
	struct mm_limit_levels *levels = &limit->levels;
	long warn = READ_ONCE(levels->warn);
	bool crossed = xchg(&levels->crossed, false);
	bool fallen = xchg(&levels->fallen, false);
	bool warned;

	lockdep_assert_held(&limit->enforce.mutex);

	/* It is not, if the level is another one than it was warned at. */
	warned = levels->warned_at == warn && warn != LONG_MAX && !fallen &&
		 mm_limit_usage(acct) > READ_ONCE(levels->rearm);
	set_warned(acct, limit, warned ? warn : -1);
	if (warned || warn == LONG_MAX ||
	    (!crossed && mm_limit_usage(acct) <= warn))
		return;
	set_warned(acct, limit, warn);
	mm_limit_event_warn(acct, limit);
	/* It may have fallen while charges still went by the other level. */
	if (mm_limit_usage(acct) <= READ_ONCE(levels->rearm))
		set_warned(acct, limit, -1);
}

/**
 * mm_limit_is_warned - has a user been warned, and not been clearly below since?
 * @acct: the user's account
 * @limit: its limit
 *
 * Its fall is noticed when it grows again, so its usage is looked at, too.
 *
 * Return: whether it has.
 */
bool mm_limit_is_warned(struct mm_limit_account *acct, struct mm_limit *limit)
{
	struct mm_limit_levels *levels = &limit->levels;

	return is_warned(levels) &&
	       mm_limit_usage(acct) > READ_ONCE(levels->rearm);
}
