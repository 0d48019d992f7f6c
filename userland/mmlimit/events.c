// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: what has happened to limits between two readings of the list. */
#define _GNU_SOURCE 1
#include <stdbool.h>
#include <stdlib.h>

#include "events.h"
#include "format.h"

const char *event_name(enum event_kind kind)
{
	static const char *const names[] = {
		[EVENT_LIMIT] = "limit",	 [EVENT_SET] = "set",
		[EVENT_REMOVED] = "removed",	 [EVENT_EXCEED] = "exceed",
		[EVENT_GRACE] = "grace",	 [EVENT_KILL] = "kill",
		[EVENT_STUCK] = "stuck",	 [EVENT_RECLAIM] = "reclaim",
		[EVENT_RECLAIMED] = "reclaimed", [EVENT_THRASH] = "thrash",
		[EVENT_WARN] = "warn",		 [EVENT_DRY_RUN] = "dry_run",
		[EVENT_TERM] = "term",
	};

	return names[kind];
}

#define COMPARE(left, right) (((left) > (right)) - ((left) < (right)))

/* Rules come after all users, by their ranges. */
static int compare_keys(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;

	if (left->uid != right->uid || !mmlimit_is_rule(left))
		return COMPARE(left->uid, right->uid);
	if (left->first != right->first)
		return COMPARE(left->first, right->first);
	return COMPARE(left->last, right->last);
}

void limits_sort(struct limits *limits)
{
	if (limits->count)
		qsort(limits->limits, limits->count, sizeof(*limits->limits),
		      compare_keys);
}

/* A limit no longer reclaims when nothing has happened to it for so long. */
#define CALM_MS 1000

/* Whether a limit only pauses between two times of reclaiming */
static bool is_between(const struct mm_limit_attr *before,
		       const struct mm_limit_attr *now)
{
	return before->state == MM_LIMIT_RECLAIMING &&
	       (now->state == MM_LIMIT_IDLE ||
		now->state == MM_LIMIT_EXCEEDED) &&
	       now->flags == before->flags && now->kills == before->kills &&
	       now->thrashed == before->thrashed;
}

long long events_settle(const struct limits *before, struct limits *now,
			long long when_ms)
{
	static const struct mm_limit_attr fresh;
	long long earliest = -1;

	for (size_t i = 0, j = 0; j < now->count; j++) {
		struct mm_limit_attr *limit = &now->limits[j];
		const struct mm_limit_attr *old = &fresh;
		long long left;

		while (before && i < before->count &&
		       compare_keys(&before->limits[i], limit) < 0)
			i++;
		if (before && i < before->count &&
		    !compare_keys(&before->limits[i], limit)) {
			old = &before->limits[i];
			now->active_ms[j] = before->active_ms[i];
		}
		if (limit->state == MM_LIMIT_RECLAIMING ||
		    limit->exceeds != old->exceeds)
			now->active_ms[j] = when_ms;
		left = now->active_ms[j] + CALM_MS - when_ms;
		if (!is_between(old, limit) || left <= 0)
			continue;
		limit->state = MM_LIMIT_RECLAIMING;
		if (earliest < 0 || left < earliest)
			earliest = left;
	}
	return earliest;
}

/**
 * struct pair - a limit in two readings
 * @limits_before: the earlier one
 * @limits_now: the later one
 * @before: the limit in the earlier one, or NULL
 * @now: the same in the later one
 */
struct pair {
	const struct limits *limits_before;
	const struct limits *limits_now;
	const struct mm_limit_attr *before;
	const struct mm_limit_attr *now;
};

/* Counts of a limit only grow, so one with lower counts is another one. */
static bool replaced(const struct mm_limit_attr *before,
		     const struct mm_limit_attr *now)
{
	return now->exceeds < before->exceeds || now->graces < before->graces ||
	       now->kills < before->kills || now->peak < before->peak ||
	       now->warnings < before->warnings ||
	       now->dry_kills < before->dry_kills || now->terms < before->terms;
}

static bool changed(const struct mm_limit_attr *before,
		    const struct mm_limit_attr *now)
{
	return now->rule != before->rule || now->first != before->first ||
	       now->last != before->last || now->hard_max != before->hard_max ||
	       now->self_max != before->self_max ||
	       now->hard_grace_ms != before->hard_grace_ms ||
	       now->self_grace_ms != before->self_grace_ms ||
	       now->policy != before->policy || now->flags != before->flags ||
	       now->threshold != before->threshold ||
	       now->swap_max != before->swap_max || now->warn != before->warn ||
	       now->term_ms != before->term_ms;
}

static void tell_count(enum event_kind kind, unsigned long long count,
		       const struct mm_limit_attr *limit, event_fn tell,
		       void *data)
{
	struct event event = { .kind = kind, .count = count, .limit = limit };

	if (count)
		tell(&event, data);
}

static void compare_reclaim(const struct mm_limit_attr *before,
			    const struct mm_limit_attr *now, event_fn tell,
			    void *data)
{
	bool did = before->state == MM_LIMIT_RECLAIMING;
	bool does = now->state == MM_LIMIT_RECLAIMING;

	tell_count(EVENT_RECLAIM, !did && does, now, tell, data);
	tell_count(EVENT_RECLAIMED, did && !does, now, tell, data);
	if (now->thrashed > before->thrashed)
		tell_count(EVENT_THRASH, now->thrashed - before->thrashed, now,
			   tell, data);
}

/*
 * Whether a rule has given a user all that it has: that comes and goes with the user, so
 * it is the rule's changes that are told to those who see rules.
 */
static bool is_given(const struct limits *limits,
		     const struct mm_limit_attr *limit)
{
	return limits->sees_rules && limit->rule != MM_LIMIT_RULE_NONE &&
	       !has_own(limit) && !mmlimit_is_rule(limit);
}

/* Tells what has been set and removed; returns the limit that goes on, or NULL. */
static const struct mm_limit_attr *compare_settings(const struct pair *pair,
						    event_fn tell, void *data)
{
	const struct mm_limit_attr *before = pair->before, *now = pair->now;
	bool was_given = before && is_given(pair->limits_before, before);
	bool given = is_given(pair->limits_now, now);

	if (before && !was_given && (given || replaced(before, now))) {
		tell_count(EVENT_REMOVED, 1, before, tell, data);
		before = NULL;
	}
	if (before && was_given && replaced(before, now))
		before = NULL;
	if (!given)
		tell_count(EVENT_SET, !before || changed(before, now), now,
			   tell, data);
	return before;
}

/* Tells what has happened to a limit that stands. */
static void compare(const struct pair *pair, event_fn tell, void *data)
{
	static const struct mm_limit_attr fresh;
	const struct mm_limit_attr *before, *now = pair->now;

	before = compare_settings(pair, tell, data);
	if (!before)
		before = &fresh;
	tell_count(EVENT_WARN, now->warnings - before->warnings, now, tell,
		   data);
	/*
	 * A limit that reclaims is exceeded again and again, which is told as
	 * one event.
	 */
	if (before->state != MM_LIMIT_RECLAIMING)
		tell_count(EVENT_EXCEED, now->exceeds - before->exceeds, now,
			   tell, data);
	compare_reclaim(before, now, tell, data);
	tell_count(EVENT_GRACE, now->graces - before->graces, now, tell, data);
	tell_count(EVENT_TERM, now->terms - before->terms, now, tell, data);
	tell_count(EVENT_KILL, now->kills - before->kills, now, tell, data);
	tell_count(EVENT_DRY_RUN, now->dry_kills - before->dry_kills, now, tell,
		   data);
	tell_count(EVENT_STUCK,
		   now->state == MM_LIMIT_STUCK &&
			   before->state != MM_LIMIT_STUCK,
		   now, tell, data);
}

static void compare_all(const struct limits *before, const struct limits *now,
			event_fn tell, void *data)
{
	size_t i = 0, j = 0;

	while (i < before->count || j < now->count) {
		const struct mm_limit_attr *old = &before->limits[i];
		const struct mm_limit_attr *new = &now->limits[j];
		struct pair pair = { before, now, old, new };
		int order = i == before->count ? 1 :
			    j == now->count    ? -1 :
						 compare_keys(old, new);

		if (order < 0) {
			if (!is_given(before, old))
				tell_count(EVENT_REMOVED, 1, old, tell, data);
			i++;
			continue;
		}
		if (order > 0)
			pair.before = NULL;
		else
			i++;
		compare(&pair, tell, data);
		j++;
	}
}

void events_find(const struct limits *before, const struct limits *now,
		 event_fn tell, void *data)
{
	if (before) {
		compare_all(before, now, tell, data);
		return;
	}
	for (size_t j = 0; j < now->count; j++)
		tell_count(EVENT_LIMIT, 1, &now->limits[j], tell, data);
}
