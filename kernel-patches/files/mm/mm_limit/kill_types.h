/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-user memory limits: what a limit has about kills. */
#ifndef _MM_LIMIT_KILL_TYPES_H
#define _MM_LIMIT_KILL_TYPES_H

#include <linux/types.h>

#include <uapi/linux/mm_limit.h>

struct mm_limit_history;
struct mm_limit_notes;

/**
 * struct mm_limit_histories - what a rule remembers of those that it gives limits
 * @used: the histories of those limits
 * @kept: those of users that have none of them any more, the one that lost it longest ago
 *	first
 * @nr_kept: length of @kept
 * @closed: the rule has gone, or it is none
 *
 * All under the lock of all histories.
 */
struct mm_limit_histories {
	struct list_head used;
	struct list_head kept;
	unsigned int nr_kept;
	bool closed;
};

/**
 * struct mm_limit_killing - why somebody is killed, and how the last kill ended
 * @history: the last kills, with a reference; stays the same once others find the limit
 * @notes: where scans note what may be remembered; the limit owns it
 * @reason: of the kills that come next; this and the next two under
 *	&mm_limit_enforcement.mutex
 * @lowered: the user has not crossed the limit, which was set below its usage
 * @unfinished: it was broken off, because it took long
 * @undecided: its last scan saw an mm that no process uses yet, or any more;
 *	read by anybody
 */
struct mm_limit_killing {
	struct mm_limit_history *history;
	struct mm_limit_notes *notes;
	enum mm_limit_reason reason;
	bool lowered;
	bool unfinished;
	bool undecided;
};

#endif /* _MM_LIMIT_KILL_TYPES_H */
