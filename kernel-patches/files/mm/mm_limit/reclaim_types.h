/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what a limit remembers about swapping its user's memory out,
 * see reclaim.h.
 */
#ifndef _MM_LIMIT_RECLAIM_TYPES_H
#define _MM_LIMIT_RECLAIM_TYPES_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

/* Pages that can wait to be swapped out, of each limit */
#define MM_LIMIT_QUEUE		512

/**
 * struct mm_limit_queue - pages that wait to be swapped out
 * @lock: guards the rest
 * @folios: isolated from the lists of the page replacement, with a reference
 * @nr: how many
 * @busy: how many have been taken and are being swapped out
 */
struct mm_limit_queue {
	spinlock_t lock;	/* folios, nr, busy */
	struct list_head folios;
	unsigned int nr;
	unsigned int busy;
};

/**
 * struct mm_limit_clock - where the hand is
 * @mm: in this mm; only to compare with, it may be gone
 * @addr: at this address
 * @turn: number of this turn
 */
struct mm_limit_clock {
	struct mm_struct *mm;
	unsigned long addr;
	unsigned int turn;
};

/**
 * struct mm_limit_thrash - do pages come straight back?
 * @start: of the period under observation; monotonic, nanoseconds
 * @last_check: when somebody looked last
 * @swapped_out: pages swapped out before it
 * @refaults: pages that came back before it
 * @stall: nanoseconds lost before it
 * @first_bad: start of the first of the periods without a break that were bad
 * @refault_goal: refaults at which as much has come back as the user had then
 * @in_bad_period: there is such a period
 */
struct mm_limit_thrash {
	u64 start;
	u64 last_check;
	u64 swapped_out;
	u64 refaults;
	u64 stall;
	u64 first_bad;
	u64 refault_goal;
	bool in_bad_period;
};

/**
 * struct mm_limit_pace - how the background gets on between threshold and limit
 * @swapped_out: pages swapped out when it was last judged
 * @refaults: pages that had come back by then
 * @futile: how often in succession most had come straight back
 */
struct mm_limit_pace {
	u64 swapped_out;
	u64 refaults;
	unsigned int futile;
};

/**
 * struct mm_limit_reclaim - a limit's reclaim
 * @background_work: moves the hand in the background, and queues pages
 * @swapper: swaps out what is queued
 * @burial: once the limit was removed, waits for the end of both
 * @queue: the queue
 * @takers: threads at the limit that hold pages which they swap out
 * @queued: @background_work is pending or running; set by anybody, cleared by
 *	@background_work
 * @settings_changed: the limit's settings are new; set when they change, cleared
 *	by @background_work
 * @ordered: so many wait for memory to be swapped out on order, also where nobody is killed
 *	unless that is ordered
 * @forgiven: thrashing is judged from anew; set likewise, cleared under the account's
 *	reclaim_mutex
 * @pace: this and the next two belong to @background_work
 * @pause: after its last turn, in jiffies
 * @next_turn: when it makes the next turn, in jiffies
 * @gave_up: the attempt in which there was nothing more to be gained. Set under
 *	the account's reclaim_mutex or by the limit's work; read by anybody.
 * @no_reclaim_until: if the limit is exceeded again before this, in jiffies, that is the
 *	killer's; 0: no. Set under the account's reclaim_mutex, cleared by the
 *	limit's work when somebody was killed.
 * @attempt: number of the breach; belongs to the limit's work, read by anybody
 * @clock: the hand. This and what follows under the account's reclaim_mutex.
 * @idle_turns: since a page was last swapped out in this attempt
 * @attempted: the attempt that this is about
 * @locked: an address space was busy in this turn, and not looked at
 * @drained: in this attempt the CPUs' lists of new pages have been emptied
 * @thrash: how much comes back
 */
struct mm_limit_reclaim {
	struct delayed_work background_work;
	struct work_struct swapper;
	struct work_struct burial;
	struct mm_limit_queue queue;
	atomic_t takers;
	atomic_t ordered;
	bool queued;
	bool settings_changed;
	bool forgiven;
	struct mm_limit_pace pace;
	unsigned long pause;
	u64 next_turn;
	unsigned int gave_up;
	unsigned long no_reclaim_until;
	unsigned int attempt;

	struct mm_limit_clock clock;
	unsigned int idle_turns;
	unsigned int attempted;
	bool locked;
	bool drained;
	struct mm_limit_thrash thrash;
};

#endif /* _MM_LIMIT_RECLAIM_TYPES_H */
