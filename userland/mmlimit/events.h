/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: what has happened to limits between two readings of the list. */
#ifndef MMLIMIT_EVENTS_H
#define MMLIMIT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "mmlimit.h"

/**
 * struct limits - the list of limits, as it was at one time
 * @limits: by uid, then the rules by their ranges
 * @count: their number
 * @sees_rules: the reader sees rules, too, so what they give is told of them
 * @active_ms: of each, when it was last seen reclaiming or exceeded; 0: never
 */
struct limits {
	struct mm_limit_attr *limits;
	size_t count;
	bool sees_rules;
	long long *active_ms;
};

enum event_kind {
	EVENT_LIMIT, /* stands when watching begins */
	EVENT_SET,
	EVENT_REMOVED,
	EVENT_EXCEED,
	EVENT_GRACE,
	EVENT_KILL,
	EVENT_STUCK,
	EVENT_RECLAIM,
	EVENT_RECLAIMED,
	EVENT_THRASH,
	EVENT_WARN,
	EVENT_DRY_RUN,
	EVENT_TERM,
};

/**
 * struct event - something that has happened to a limit
 * @kind: what
 * @count: how often; of several kills, the figures are the last one's
 * @limit: what was read afterwards, or, of a limit that was removed, before
 */
struct event {
	enum event_kind kind;
	unsigned long long count;
	const struct mm_limit_attr *limit;
};

/* How an event is called in a line of watch */
const char *event_name(enum event_kind kind);

typedef void (*event_fn)(const struct event *event, void *data);

/**
 * events_find - compare two readings
 * @before: the earlier one, or NULL if there was none
 * @now: the later one
 * @tell: called for each event, users by uid, each user's in their order
 * @data: handed to @tell
 *
 * What came and went in between leaves no trace. Who sees rules is not told what they
 * give to users, and that it goes with the users, but when the rules are changed.
 */
void events_find(const struct limits *before, const struct limits *now,
		 event_fn tell, void *data);

/**
 * events_settle - show limits as reclaiming until they are calm
 * @before: the earlier reading, settled, or NULL if there was none
 * @now: the later one; a limit that begins to reclaim, and ends it, hundreds of
 *	times a second is left in the state reclaiming
 * @when_ms: when it was read
 *
 * Return: after how many milliseconds there is something to tell even if nothing
 * happens, or -1.
 */
long long events_settle(const struct limits *before, struct limits *now,
			long long when_ms);

/* Sorts what mmlimit_list_read() has given. */
void limits_sort(struct limits *limits);

#endif /* MMLIMIT_EVENTS_H */
