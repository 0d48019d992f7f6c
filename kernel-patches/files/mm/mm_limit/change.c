// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: a limit is set, changed and removed.
 *
 * A limit has two parts: the hard one is set by callers with CAP_SYS_RESOURCE,
 * the other by the user itself. In force is the lower of the two, with the
 * shorter grace.
 */

#include <linux/mutex.h>
#include <linux/slab.h>

#include "account.h"
#include "enforce.h"
#include "events.h"
#include "history.h"
#include "limit.h"
#include "reclaim.h"
#include "table.h"

/* A part after a change */
static struct mm_limit_part apply_part(struct mm_limit_part part,
				       const struct mm_limit_change *change)
{
	if (change->fields & MM_LIMIT_FIELD_MAX)
		part.mm_max = change->mm_max;
	if (change->fields & MM_LIMIT_FIELD_GRACE)
		part.time_allow_exceed_ms = change->grace_ms;
	return part;
}

/* The settings after a change; without reclaim, its options have their defaults. */
static struct mm_limit_settings
apply_settings(struct mm_limit_settings settings,
	       const struct mm_limit_change *change)
{
	if (change->fields & MM_LIMIT_FIELD_POLICY)
		settings.policy = change->settings.policy;
	if (change->fields & MM_LIMIT_FIELD_FLAGS)
		settings.flags = change->settings.flags;
	if (change->fields & MM_LIMIT_FIELD_WARN)
		settings.warn = change->settings.warn;
	if (change->fields & MM_LIMIT_FIELD_TERM)
		settings.term_ms = change->settings.term_ms;
	if (!(settings.flags & MM_LIMIT_RECLAIM)) {
		settings.threshold = mm_limit_default_settings.threshold;
		settings.swap_max = mm_limit_default_settings.swap_max;
		return settings;
	}
	if (change->fields & MM_LIMIT_FIELD_THRESHOLD)
		settings.threshold = change->settings.threshold;
	if (change->fields & MM_LIMIT_FIELD_SWAP_MAX)
		settings.swap_max = change->settings.swap_max;
	return settings;
}

/*
 * Does a change set an option of reclaim for a limit that does not reclaim? A default
 * may be set, because it is what is read then.
 */
static bool reclaim_option_unused(const struct mm_limit_settings *settings,
				  const struct mm_limit_change *change)
{
	const struct mm_limit_settings *wanted = &change->settings;

	if (settings->flags & MM_LIMIT_RECLAIM)
		return false;
	return ((change->fields & MM_LIMIT_FIELD_THRESHOLD) &&
		wanted->threshold != mm_limit_default_settings.threshold) ||
	       ((change->fields & MM_LIMIT_FIELD_SWAP_MAX) &&
		wanted->swap_max != mm_limit_default_settings.swap_max);
}

/* What a limit begins with that is set for a user or a rule */
static struct mm_limit *new_limit(struct user_struct *user, bool privileged,
				  const struct mm_limit_range *rule,
				  const struct mm_limit *given,
				  const struct mm_limit_change *change)
{
	bool sized = change->fields & MM_LIMIT_FIELD_MAX;
	struct mm_limit *limit = mm_limit_new(user, rule, GFP_KERNEL_ACCOUNT);

	if (!limit)
		return NULL;
	if (rule) {
		limit->is_rule = true;
		limit->kill.history->range = *rule;
	}
	/* What is not said about it is as the rule has it that was for the user. */
	if (given && !sized) {
		limit->hard = given->hard;
		limit->settings = given->settings;
	}
	if (privileged)
		limit->hard = apply_part(limit->hard, change);
	else
		limit->self = apply_part(limit->self, change);
	limit->settings = apply_settings(limit->settings, change);
	return limit;
}

/**
 * mm_limit_create - set a limit for a user, or a rule
 * @user: the user, without a limit but one that a rule has given it; or one that is
 *	nobody's, for a rule
 * @privileged: the hard part, not the user's own
 * @rule: whom the rule is for; NULL: it is no rule
 * @change: what it is to be
 * @evicted: a limit that gives way for it, or NULL; its account's limit_mutex is held
 *	as well
 *
 * Return: as for mm_limit_set().
 * Context: process; with the account's limit_mutex held.
 */
int mm_limit_create(struct user_struct *user, bool privileged,
		    const struct mm_limit_range *rule,
		    const struct mm_limit_change *change,
		    struct mm_limit *evicted)
{
	struct mm_limit *given = mm_limit_of(&user->mm_limit), *limit;
	bool sized = change->fields & MM_LIMIT_FIELD_MAX;
	struct mm_limit_part in_force;
	int ret;

	if (!sized && !(given && mm_limit_stands(&given->hard)))
		return -ENODATA;
	limit = new_limit(user, privileged, rule, given, change);
	if (!limit)
		return -ENOMEM;
	ret = reclaim_option_unused(&limit->settings, change) ?
		-EINVAL : mm_limit_table_add(limit, evicted);
	if (ret) {
		mm_limit_put(limit);
		return ret;
	}
	if (evicted) {
		in_force = mm_limit_in_force(evicted);
		mm_limit_event_evicted(mm_limit_account(evicted),
				       &in_force);
		mm_limit_destroy(evicted);
	}
	in_force = mm_limit_replace(given, limit);
	mm_limit_enforce_apply(limit, &in_force, true);
	mm_limit_event_set("Added", limit, &in_force, privileged);
	return 0;
}

/* Would a user go beyond a hard limit that stands? */
static bool beyond_hard(const struct mm_limit *limit,
			const struct mm_limit_change *change)
{
	const struct mm_limit_part *hard = &limit->hard;

	if (!mm_limit_stands(hard))
		return false;
	if (change->fields & MM_LIMIT_FIELDS_SETTINGS)
		return true;
	return ((change->fields & MM_LIMIT_FIELD_MAX) &&
		change->mm_max > hard->mm_max) ||
	       ((change->fields & MM_LIMIT_FIELD_GRACE) &&
		change->grace_ms > hard->time_allow_exceed_ms);
}

static int update_limit(struct mm_limit *limit, bool privileged,
			const struct mm_limit_change *change)
{
	struct mm_limit_part hard = limit->hard, self = limit->self;
	struct mm_limit_part *part = privileged ? &hard : &self;
	bool sized = change->fields & MM_LIMIT_FIELD_MAX;
	bool parts = change->fields & (MM_LIMIT_FIELD_MAX |
				       MM_LIMIT_FIELD_GRACE);
	bool trusted = privileged || !mm_limit_stands(&hard);
	bool restart = parts && trusted;
	struct mm_limit_settings settings = limit->settings;
	struct mm_limit_part in_force;

	if (!privileged && beyond_hard(limit, change))
		return -EPERM;
	if (parts && !sized && !mm_limit_stands(part))
		return -ENODATA;

	/* What the user chose for itself does not bind the administrator. */
	if (privileged && sized && !mm_limit_stands(&hard))
		settings = mm_limit_default_settings;
	settings = apply_settings(settings, change);
	if (reclaim_option_unused(&settings, change))
		return -EINVAL;
	if (parts)
		*part = apply_part(*part, change);
	/* The user bound itself by what was before, so its own part ends with that. */
	if (privileged && parts)
		self = mm_limit_no_part;

	/* Its place in the order of limits is none of a limited user's business. */
	mm_limit_table_change(limit, &hard, &self, &settings, sized && trusted);
	if (trusted)
		mm_limit_reclaim_reset(limit);
	in_force = mm_limit_in_force(limit);
	mm_limit_enforce_apply(limit, &in_force, restart);
	mm_limit_event_set("Updated", limit, parts ? part : &in_force,
			   privileged);
	return 0;
}

/**
 * mm_limit_has_own - does a user have a limit that no rule has given it?
 * @acct: the user's account
 *
 * Context: process; with the account's limit_mutex held.
 */
bool mm_limit_has_own(struct mm_limit_account *acct)
{
	struct mm_limit *limit = mm_limit_of(acct);

	return limit && !mm_limit_by_rule(limit);
}

/**
 * mm_limit_set_locked - set or change a limit
 * @user: the user, or that of a rule
 * @privileged: the hard part, not the user's own
 * @change: what to change
 *
 * The administrator's word on a user goes before a rule; what a user says for itself goes
 * along with it.
 *
 * Return: as for mm_limit_set().
 * Context: process; with the account's limit_mutex held.
 */
int mm_limit_set_locked(struct user_struct *user, bool privileged,
			const struct mm_limit_change *change)
{
	struct mm_limit *limit = mm_limit_of(&user->mm_limit);

	if (limit && (!privileged || mm_limit_has_own(&user->mm_limit)))
		return update_limit(limit, privileged, change);
	return mm_limit_create(user, privileged, NULL, change, NULL);
}

/* Does nothing stand once a part is removed? */
static bool removes_all(const struct mm_limit *limit, bool privileged)
{
	if (mm_limit_by_rule(limit))
		return false;
	return privileged || !mm_limit_stands(&limit->hard);
}

/**
 * mm_limit_remove_locked - remove a limit, or the user's own part
 * @user: the user, or that of a rule
 * @privileged: the limit as a whole
 * @rule: what goes for the user then, with a reference; NULL: nothing
 *
 * What a rule has given a user goes with the rule.
 *
 * Return: as for mm_limit_remove().
 * Context: process; with the account's limit_mutex held.
 */
int mm_limit_remove_locked(struct user_struct *user, bool privileged,
			   struct mm_limit *rule)
{
	struct mm_limit *limit = mm_limit_of(&user->mm_limit);
	struct mm_limit_part removed, in_force;

	if (!limit)
		return -ENODATA;
	if (!mm_limit_stands(&limit->self) &&
	    (!privileged || mm_limit_by_rule(limit)))
		return privileged ? -ENODATA : -EPERM;

	refcount_inc(&limit->refs);
	removed = privileged && mm_limit_has_own(&user->mm_limit) ?
		mm_limit_in_force(limit) : limit->self;
	if (!removes_all(limit, privileged)) {
		mm_limit_table_change(limit, &limit->hard, &mm_limit_no_part,
				      &limit->settings, false);
		in_force = mm_limit_in_force(limit);
		mm_limit_enforce_apply(limit, &in_force, false);
	} else if (rule) {
		mm_limit_give(user, limit, rule);
	} else {
		mm_limit_destroy(limit);
		/* The rule whose pool this is may be going. */
		if (user->mm_limit.counter.pool)
			mm_limit_recharge(&user->mm_limit, NULL);
	}
	mm_limit_event_set("Removed", limit, &removed, privileged);
	mm_limit_put(limit);
	return 0;
}
