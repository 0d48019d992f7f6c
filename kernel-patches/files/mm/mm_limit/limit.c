// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: one user's limit.
 *
 * A limit has two parts: the hard one is set by callers with CAP_SYS_RESOURCE,
 * the other by the user itself. In force is the lower of the two, with the
 * shorter grace.
 */

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "account.h"
#include "enforce.h"
#include "events.h"
#include "kill.h"
#include "limit.h"
#include "table.h"
#include "reclaim.h"

static const struct mm_limit_part no_limit = { .mm_max = MM_LIMIT_NONE };

static const struct mm_limit_settings default_settings = {
	.policy = MM_LIMIT_HIGHEST_RSS,
	.threshold = MM_LIMIT_THRESHOLD_DEFAULT,
	.swap_max = MM_LIMIT_ATTR_NONE,
};

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
		settings.threshold = default_settings.threshold;
		settings.swap_max = default_settings.swap_max;
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
		wanted->threshold != default_settings.threshold) ||
	       ((change->fields & MM_LIMIT_FIELD_SWAP_MAX) &&
		wanted->swap_max != default_settings.swap_max);
}

static struct mm_limit *alloc_limit(struct user_struct *user, bool privileged,
				    const struct mm_limit_change *change)
{
	struct mm_limit *limit = kzalloc(sizeof(*limit), GFP_KERNEL_ACCOUNT);

	if (!limit)
		return NULL;
	limit->kill.history = kzalloc(sizeof(*limit->kill.history),
				      GFP_KERNEL_ACCOUNT);
	if (!limit->kill.history) {
		kfree(limit);
		return NULL;
	}

	limit->user = get_uid(user);
	refcount_set(&limit->refs, 1);
	limit->hard = no_limit;
	limit->self = no_limit;
	*(privileged ? &limit->hard : &limit->self) =
		apply_part(no_limit, change);
	limit->settings = apply_settings(default_settings, change);
	RB_CLEAR_NODE(&limit->table.by_time);
	mm_limit_enforce_init(limit);
	mm_limit_reclaim_init(limit);
	return limit;
}

static void destroy_limit(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	mm_limit_enforce_stop(limit);
	rcu_assign_pointer(acct->limit, NULL);
	mm_limit_set_max(acct, LONG_MAX, LONG_MAX);
	mm_limit_reclaim_destroy(limit);
	mm_limit_set_swap(acct, 0, LONG_MAX);
	mm_limit_trigger_reset(limit);
	mm_limit_stop_charging(acct);
	mm_limit_table_del(limit);
	mm_limit_put(limit);
}

/**
 * mm_limit_create - give a user a limit
 * @user: the user, without one
 * @privileged: the hard part, not the user's own
 * @change: what it is to be
 * @evicted: a limit that gives way for it, or NULL; its account's limit_mutex is held
 *	as well
 *
 * Return: as for mm_limit_set().
 * Context: process; with the account's limit_mutex held.
 */
int mm_limit_create(struct user_struct *user, bool privileged,
		    const struct mm_limit_change *change,
		    struct mm_limit *evicted)
{
	struct mm_limit_part in_force;
	struct mm_limit *limit;
	int ret;

	if (!(change->fields & MM_LIMIT_FIELD_MAX))
		return -ENODATA;
	limit = alloc_limit(user, privileged, change);
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
		destroy_limit(evicted);
	}

	in_force = mm_limit_in_force(limit);
	/* Before the charges begin, which then need not be waited for again. */
	mm_limit_reclaim_configure(limit);
	mm_limit_set_levels(limit, &in_force);
	mm_limit_start_charging(&user->mm_limit);
	rcu_assign_pointer(user->mm_limit.limit, limit);
	mm_limit_enforce_apply(limit, &in_force, true);
	mm_limit_event_set("Added", &user->mm_limit, &in_force, privileged);
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
		settings = default_settings;
	settings = apply_settings(settings, change);
	if (reclaim_option_unused(&settings, change))
		return -EINVAL;
	if (parts)
		*part = apply_part(*part, change);
	/* The user bound itself by what was before, so its own part ends with that. */
	if (privileged && parts)
		self = no_limit;

	/* Its place in the order of limits is none of a limited user's business. */
	mm_limit_table_change(limit, &hard, &self, &settings, sized && trusted);
	if (trusted)
		mm_limit_reclaim_reset(limit);
	in_force = mm_limit_in_force(limit);
	mm_limit_enforce_apply(limit, &in_force, restart);
	mm_limit_event_set("Updated", mm_limit_account(limit),
			   parts ? part : &in_force, privileged);
	return 0;
}

/**
 * mm_limit_set_locked - set or change a limit
 * @user: the user
 * @privileged: the hard part, not the user's own
 * @change: what to change
 *
 * Return: as for mm_limit_set().
 * Context: process; with the account's limit_mutex held.
 */
int mm_limit_set_locked(struct user_struct *user, bool privileged,
			const struct mm_limit_change *change)
{
	struct mm_limit *limit = mm_limit_of(&user->mm_limit);

	if (limit)
		return update_limit(limit, privileged, change);
	return mm_limit_create(user, privileged, change, NULL);
}

/**
 * mm_limit_remove_locked - remove a limit, or the user's own part
 * @user: the user
 * @privileged: the limit as a whole
 *
 * Return: as for mm_limit_remove().
 * Context: process; with the account's limit_mutex held.
 */
int mm_limit_remove_locked(struct user_struct *user, bool privileged)
{
	struct mm_limit *limit = mm_limit_of(&user->mm_limit);
	struct mm_limit_part removed;
	bool gone;

	if (!limit)
		return -ENODATA;
	if (!privileged && !mm_limit_stands(&limit->self))
		return -EPERM;

	removed = privileged ? mm_limit_in_force(limit) : limit->self;
	gone = privileged || !mm_limit_stands(&limit->hard);
	if (gone) {
		destroy_limit(limit);
	} else {
		mm_limit_table_change(limit, &limit->hard, &no_limit,
				      &limit->settings, false);
		mm_limit_enforce_apply(limit, &limit->hard, false);
	}
	mm_limit_event_set("Removed", &user->mm_limit, &removed, privileged);
	return 0;
}

static u64 attr_max(const struct mm_limit_part *part)
{
	return mm_limit_stands(part) ? part->mm_max : MM_LIMIT_ATTR_NONE;
}

static struct mm_limit_parts sum_parts(struct mm_limit_account *acct)
{
	bool counted = mm_limit_counts_held(acct);
	struct mm_limit_parts sum = {};
	struct mm_struct *mm;

	spin_lock(&acct->lock);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		sum.anon += percpu_counter_sum(&mm->rss_stat[MM_ANONPAGES]);
		sum.file += percpu_counter_sum(&mm->rss_stat[MM_FILEPAGES]);
		sum.tables += mm_limit_table_pages(mm_pgtables_bytes(mm));
		/* The user may wait for the lock, so no more than needed is summed. */
		if (!counted)
			sum.shmem += mm_limit_mm_files(mm);
	}
	spin_unlock(&acct->lock);
	return mm_limit_user_parts(acct, &sum);
}

/**
 * mm_limit_describe - everything about a limit
 * @limit: the limit, with a reference
 * @attr: where to put it, but for the uid
 */
void mm_limit_describe(struct mm_limit *limit, struct mm_limit_attr *attr)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_swap swap = mm_limit_swap_read(acct);
	struct mm_limit_part in_force, hard, self;
	struct mm_limit_settings settings;
	struct mm_limit_parts parts;
	struct mm_limit_stats stats;

	spin_lock(&acct->lock);
	in_force = mm_limit_in_force(limit);
	hard = limit->hard;
	self = limit->self;
	settings = limit->settings;
	stats = limit->stats;
	spin_unlock(&acct->lock);

	parts = sum_parts(acct);

	*attr = (struct mm_limit_attr){
		.fields = MM_LIMIT_FIELDS,
		.mm_max = in_force.mm_max,
		.grace_ms = in_force.time_allow_exceed_ms,
		.policy = settings.policy,
		.flags = settings.flags,
		.hard_max = attr_max(&hard),
		.hard_grace_ms = hard.time_allow_exceed_ms,
		.self_max = attr_max(&self),
		.self_grace_ms = self.time_allow_exceed_ms,
		.usage = mm_limit_bytes(mm_limit_usage(acct)),
		.peak = mm_limit_bytes(mm_limit_peak(acct)),
		.exceeds = stats.exceeds,
		.graces = stats.graces,
		.kills = stats.kills,
		.kill_usage = mm_limit_bytes(stats.kill_usage),
		.kill_rss = mm_limit_bytes(stats.kill_rss),
		.kill_pid = stats.kill_pid,
		.state = READ_ONCE(limit->enforce.state),
		.swap_max = settings.swap_max,
		.threshold = settings.threshold,
		.thrashed = stats.thrashed,
		.swap = mm_limit_bytes(swap.usage),
		.scanned = stats.scanned,
		.spared = stats.spared,
		.swapped_out = swap.swapped_out,
		.dropped = stats.dropped,
		.direct_reclaims = stats.direct_reclaims,
		.refaults = swap.refaults,
		.anon = mm_limit_bytes(parts.anon),
		.file = mm_limit_bytes(parts.file),
		.shmem = mm_limit_bytes(parts.shmem),
		.tables = mm_limit_bytes(parts.tables),
		.kernel = mm_limit_bytes(parts.kernel),
		.refused = READ_ONCE(acct->held.refused),
		.warn = settings.warn,
		.warned = mm_limit_is_warned(acct, limit),
		.warnings = stats.warnings,
		.dry_kills = stats.dry_kills,
		.term_ms = settings.term_ms,
		.terms = stats.terms,
	};
}
