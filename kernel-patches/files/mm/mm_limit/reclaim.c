// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: swapping out before killing.
 *
 * Of a limit that reclaims:
 * - Above its threshold a work moves the clock's hand, a turn at a time so that
 *   pages have time to be used in between, and queues what it finds. Another work
 *   swaps out what is queued. Works of a shared workqueue, not a thread for each
 *   limit: there can be thousands, most of them with nothing to do.
 * - Above the limit each thread that makes its user's memory grow reclaims, until
 *   there is room, before it returns to user mode. The background does the same:
 *   a thread can be in the middle of a long system call.
 * - If whole turns find nothing, there is no room in swap, or what is swapped out
 *   keeps coming straight back, that is given up for this exceed and the killer
 *   takes over (enforce.c).
 *
 * The account's clock mutex serializes those that move the hand. It is held for
 * a few pages at a time.
 */

#include <linux/math.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/workqueue.h>

#include "../internal.h"
#include "internal.h"

/*
 * After so many turns without a page nothing is to be gained: the first may have
 * been under way, the second has cleared all access bits.
 */
#define MM_LIMIT_IDLE_TURNS	3

/* Entries of page tables to look at with the clock's mutex held */
#define MM_LIMIT_SWEEP_ROOM	(16 * PTRS_PER_PTE)

/* What it costs to begin with an address space, in such entries */
#define MM_LIMIT_MM_COST	64

/* Batches of the background above the limit, before it lets others work */
#define MM_LIMIT_BATCHES	32

/* The longest pause of the background above the threshold */
#define MM_LIMIT_PAUSE_MAX	HZ

/*
 * A period is bad if that many pages were swapped out in it, and three quarters
 * as many came back.
 */
#define MM_LIMIT_PERIOD_NS	((u64)NSEC_PER_SEC)
#define MM_LIMIT_PERIOD_PAGES	256

static struct workqueue_struct *mm_limit_reclaim_wq;

/**
 * mm_limit_threshold - above what a limit reclaims
 * @mm_max: the limit, in bytes
 * @choice: what it was told
 *
 * Return: pages; LONG_MAX: it does not reclaim.
 */
long mm_limit_threshold(unsigned long mm_max,
			const struct mm_limit_choice *choice)
{
	if (!(choice->flags & MM_LIMIT_RECLAIM))
		return LONG_MAX;
	return mult_frac(mm_limit_pages(mm_max), choice->threshold, 100);
}

/**
 * mm_limit_reclaim_target - how far down the background goes
 * @threshold: pages above which it begins
 *
 * Return: pages, a sixteenth less.
 */
long mm_limit_reclaim_target(long threshold)
{
	return threshold - threshold / 16;
}

/**
 * mm_limit_thrashes - do pages come straight back that were swapped out?
 * @thrash: what was seen so far
 * @now: monotonic, nanoseconds
 * @outs: pages swapped out so far
 * @refaults: pages that came back so far
 * @bound: nanoseconds
 *
 * Return: true if that was so in each period of the last @bound.
 */
bool mm_limit_thrashes(struct mm_limit_thrash *thrash, u64 now, u64 outs,
		       u64 refaults, u64 bound)
{
	u64 elapsed = now - thrash->start;
	u64 out = outs - thrash->outs;
	u64 back = refaults - thrash->refaults;
	bool bad;

	if (elapsed < MM_LIMIT_PERIOD_NS)
		return false;
	/* Nobody has looked for a whole period: there was no need to. */
	bad = elapsed < 2 * MM_LIMIT_PERIOD_NS &&
	      out >= MM_LIMIT_PERIOD_PAGES && back >= out - out / 4;
	if (bad && !thrash->bad)
		thrash->since = thrash->start;
	thrash->bad = bad;
	thrash->start = now;
	thrash->outs = outs;
	thrash->refaults = refaults;
	return bad && now - thrash->since >= bound;
}

/**
 * mm_limit_reclaims - may swapping out still help a limit?
 * @limit: the limit
 *
 * Context: any.
 */
bool mm_limit_reclaims(struct mm_limit *limit)
{
	return READ_ONCE(limit->choice.flags) & MM_LIMIT_RECLAIM &&
	       !READ_ONCE(limit->reclaim.exhausted);
}

/* Is there a place to swap to? */
static bool has_swap(struct mm_limit_account *acct)
{
	return get_nr_swap_pages() > 0 && mm_limit_swap_room(acct);
}

static u64 outs(struct mm_limit_account *acct)
{
	return mm_limit_swap_read(acct).outs;
}

/**
 * mm_limit_reclaim_gets_on - has anything been swapped out meanwhile?
 * @limit: the limit
 *
 * Return: whether it has since the last call.
 * Context: the limit's work.
 */
bool mm_limit_reclaim_gets_on(struct mm_limit *limit)
{
	u64 before = limit->reclaim.outs;

	limit->reclaim.outs = outs(mm_limit_account(limit));
	return limit->reclaim.outs != before;
}

/**
 * mm_limit_reclaim_retry - the limit has been exceeded anew: try again
 * @limit: the limit
 *
 * Unless that is what has been going on for too long.
 *
 * Context: the limit's work.
 */
void mm_limit_reclaim_retry(struct mm_limit *limit)
{
	WRITE_ONCE(limit->reclaim.attempt, limit->reclaim.attempt + 1);
	WRITE_ONCE(limit->reclaim.exhausted, READ_ONCE(limit->reclaim.hopeless));
	WRITE_ONCE(limit->reclaim.hopeless, false);
}

/**
 * mm_limit_reclaim_give_up - leave it to the killer, until the next exceed
 * @limit: the limit
 *
 * Context: the limit's work, or with the account's clock held.
 */
void mm_limit_reclaim_give_up(struct mm_limit *limit)
{
	WRITE_ONCE(limit->reclaim.exhausted, true);
}

/*
 * Move the hand until @want pages are found, a turn is over or a share of work is
 * done. Returns whether a turn is over.
 */
static bool sweep(struct mm_limit *limit, struct list_head *folios,
		  unsigned int want, bool direct)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_clock *clock = &limit->reclaim.clock;
	struct mm_limit_sweep sweep = {
		.acct = acct, .folios = folios, .want = want,
		.room = MM_LIMIT_SWEEP_ROOM,
	};
	struct mm_struct *mm;
	bool over = false;

	lockdep_assert_held(&acct->clock);

	/* New pages wait on this CPU's lists, where they cannot be isolated. */
	lru_add_drain();
	while (!over && sweep.found < want && sweep.room > 0) {
		mm = mm_limit_hand(acct, clock);
		if (mm != clock->mm)
			clock->addr = 0;
		clock->mm = mm;
		if (!mm) {
			clock->turn++;
			over = true;
			break;
		}
		sweep.addr = clock->addr;
		if (!mmap_read_trylock(mm)) {
			limit->reclaim.locked = true;
			mm->mm_limit.turn = clock->turn;
		} else {
			if (mm_limit_sweep_mm(mm, &sweep))
				mm->mm_limit.turn = clock->turn;
			mmap_read_unlock(mm);
		}
		clock->addr = sweep.addr;
		sweep.room -= MM_LIMIT_MM_COST;
		mmdrop(mm);
	}
	mm_limit_event_sweep(limit, &sweep, direct);
	return over;
}

/**
 * enum outcome - what came of a few pages' worth of work
 * @RECLAIMED: something was swapped out
 * @SEARCHING: nothing yet
 * @BLOCKED: address spaces are busy; wait
 * @EXHAUSTED: there is nothing to be gained
 */
enum outcome {
	RECLAIMED,
	SEARCHING,
	BLOCKED,
	EXHAUSTED,
};

static enum outcome turn_is_over(struct mm_limit_reclaim *reclaim)
{
	if (reclaim->locked) {
		reclaim->locked = false;
		return BLOCKED;
	}
	if (++reclaim->idle_turns >= MM_LIMIT_IDLE_TURNS)
		return EXHAUSTED;
	return SEARCHING;
}

static enum outcome reclaim_some(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	u64 before = outs(acct);
	LIST_HEAD(folios);
	bool over = false;

	lockdep_assert_held(&acct->clock);

	if (!has_swap(acct))
		return EXHAUSTED;
	if (reclaim->attempted != READ_ONCE(reclaim->attempt)) {
		reclaim->attempted = READ_ONCE(reclaim->attempt);
		reclaim->idle_turns = 0;
	}

	if (!mm_limit_queue_take(&reclaim->queue, &folios))
		over = sweep(limit, &folios, SWAP_CLUSTER_MAX, true);
	reclaim_pages(&folios);

	if (outs(acct) != before) {
		reclaim->idle_turns = 0;
		return RECLAIMED;
	}
	return over ? turn_is_over(reclaim) : SEARCHING;
}

static bool is_thrashing(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_thrash *thrash = &limit->reclaim.thrash;
	struct mm_limit_swap swap = mm_limit_swap_read(acct);
	u64 bound = (u64)READ_ONCE(mm_limit_thrash_ms) * NSEC_PER_MSEC;

	lockdep_assert_held(&acct->clock);

	if (!mm_limit_thrashes(thrash, ktime_get_ns(), swap.outs, swap.refaults,
			       bound))
		return false;
	thrash->bad = false;
	mm_limit_event_thrash(limit, &swap);
	return true;
}

/* Of a limit that is exceeded */
static enum outcome reclaim_above(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	enum outcome outcome = reclaim_some(limit);

	if (is_thrashing(limit)) {
		/* There may be room now, but not for long. */
		WRITE_ONCE(limit->reclaim.hopeless,
			   !mm_limit_exceeded(acct));
		outcome = EXHAUSTED;
	}
	if (outcome == EXHAUSTED) {
		mm_limit_reclaim_give_up(limit);
		mm_limit_look_again(limit);
	}
	return outcome;
}

/**
 * mm_limit_reclaim_direct - the current thread reclaims its user's memory
 * @acct: the user's account
 * @first: it has just come here
 *
 * Return: false if others have to get on first.
 * Context: process. The thread may hold its mmap_lock for reading.
 */
bool mm_limit_reclaim_direct(struct mm_limit_account *acct, bool first)
{
	struct mm_limit *limit;
	bool got_on = true;

	if (mutex_lock_killable(&acct->clock))
		return true;
	limit = rcu_dereference_check(acct->limit,
				      lockdep_is_held(&acct->clock));
	/* It may have gone, or others may have reclaimed enough meanwhile. */
	if (limit && mm_limit_reclaims(limit) && mm_limit_exceeded(acct)) {
		if (first)
			mm_limit_event_direct(limit);
		got_on = reclaim_above(limit) != BLOCKED;
	}
	mutex_unlock(&acct->clock);
	cond_resched();
	return got_on;
}

/**
 * mm_limit_reclaim_now - reclaim until there is room, or nothing to reclaim
 * @limit: the limit; nobody else acts on it
 *
 * Context: process; with the account's mutex held.
 */
void mm_limit_reclaim_now(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	enum outcome outcome = SEARCHING;

	lockdep_assert_held(&acct->mutex);

	mm_limit_reclaim_retry(limit);
	while (mm_limit_reclaims(limit) && mm_limit_exceeded(acct) &&
	       outcome != BLOCKED && !fatal_signal_pending(current)) {
		mutex_lock(&acct->clock);
		outcome = reclaim_above(limit);
		mutex_unlock(&acct->clock);
		cond_resched();
	}
}

static void walk_in(struct mm_limit *limit, unsigned long delay)
{
	mod_delayed_work(mm_limit_reclaim_wq, &limit->reclaim.walk, delay);
}

/* Queue what was found. Returns whether there was room for it. */
static bool enqueue(struct mm_limit *limit, struct list_head *folios)
{
	struct mm_limit_queue *queue = &limit->reclaim.queue;
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, folios, lru) {
		list_del(&folio->lru);
		if (!mm_limit_queue_push(queue, folio)) {
			list_add(&folio->lru, folios);
			break;
		}
	}
	queue_work(mm_limit_reclaim_wq, &limit->reclaim.swapper);
	if (list_empty(folios))
		return true;
	mm_limit_put_back(folios);
	mm_limit_event_dropped(limit);
	return false;
}

/*
 * In the background, between threshold and limit: one turn, unless enough is
 * found before. Returns whether anything was.
 */
static bool walk_a_turn(struct mm_limit *limit, long target)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_queue *queue = &limit->reclaim.queue;
	bool over = false, found = false;
	LIST_HEAD(folios);

	while (!over && has_swap(acct) && !mm_limit_exceeded(acct) &&
	       mm_limit_usage(acct) - READ_ONCE(queue->nr) > target) {
		/* A thread of the user's must not keep everybody's work busy. */
		if (!mutex_trylock(&acct->clock))
			return true;
		over = sweep(limit, &folios, SWAP_CLUSTER_MAX, false);
		mutex_unlock(&acct->clock);
		if (!list_empty(&folios)) {
			found = true;
			over |= !enqueue(limit, &folios);
		}
		cond_resched();
	}
	return found;
}

static void walk_above(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	enum outcome outcome = SEARCHING;
	unsigned int i;

	for (i = 0; i < MM_LIMIT_BATCHES && outcome <= SEARCHING &&
	     mm_limit_reclaims(limit) && mm_limit_exceeded(acct); i++) {
		if (!mutex_trylock(&acct->clock))
			return;
		outcome = reclaim_above(limit);
		mutex_unlock(&acct->clock);
		cond_resched();
	}
}

static void walk(struct work_struct *work)
{
	struct mm_limit_reclaim *reclaim =
		container_of(to_delayed_work(work), struct mm_limit_reclaim,
			     walk);
	struct mm_limit *limit = container_of(reclaim, struct mm_limit, reclaim);
	struct mm_limit_account *acct = mm_limit_account(limit);
	long target = mm_limit_reclaim_target(READ_ONCE(acct->counter.max));
	bool found = false;

	if (mm_limit_exceeded(acct) && mm_limit_reclaims(limit)) {
		walk_above(limit);
		found = true;
	} else if (READ_ONCE(limit->choice.flags) & MM_LIMIT_RECLAIM) {
		found = walk_a_turn(limit, target);
	}

	if (mm_limit_usage(acct) <= target ||
	    !(READ_ONCE(limit->choice.flags) & MM_LIMIT_RECLAIM)) {
		/* Who charges beyond the threshold from here on wakes it. */
		smp_store_mb(reclaim->awake, false);
		if (mm_limit_usage(acct) > READ_ONCE(acct->counter.max))
			mm_limit_reclaim_wake(acct);
		return;
	}
	/* So that pages can be used before the hand comes by again. */
	reclaim->pause = found ? 1 : min(2 * reclaim->pause, MM_LIMIT_PAUSE_MAX);
	walk_in(limit, reclaim->pause);
}

static void swap_out(struct work_struct *work)
{
	struct mm_limit_reclaim *reclaim =
		container_of(work, struct mm_limit_reclaim, swapper);
	LIST_HEAD(folios);

	mm_limit_queue_take(&reclaim->queue, &folios);
	reclaim_pages(&folios);
}

/**
 * mm_limit_reclaim_wake - a charge left its user above the threshold
 * @acct: the user's account
 *
 * Context: atomic, under a page-table lock.
 */
void mm_limit_reclaim_wake(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && READ_ONCE(limit->choice.flags) & MM_LIMIT_RECLAIM &&
	    !READ_ONCE(limit->reclaim.awake)) {
		WRITE_ONCE(limit->reclaim.awake, true);
		queue_delayed_work(mm_limit_reclaim_wq, &limit->reclaim.walk,
				   1);
	}
	rcu_read_unlock();
}

/**
 * mm_limit_reclaim_hurry - have the background help at the limit
 * @limit: the limit
 *
 * It begins after a tick, for the threads that have crossed the limit are to do
 * the work themselves; they may be unable to.
 *
 * Context: the limit's work.
 */
void mm_limit_reclaim_hurry(struct mm_limit *limit)
{
	WRITE_ONCE(limit->reclaim.awake, true);
	walk_in(limit, 1);
}

/**
 * mm_limit_reclaim_configure - a limit's choice is new
 * @limit: the limit
 *
 * Context: process; with the account's mutex held.
 */
void mm_limit_reclaim_configure(struct mm_limit *limit)
{
	const struct mm_limit_choice *choice = &limit->choice;
	struct mm_limit_account *acct = mm_limit_account(limit);
	long swap_max;

	if (!(choice->flags & MM_LIMIT_RECLAIM)) {
		mm_limit_set_swap(acct, 0, LONG_MAX);
		return;
	}
	swap_max = min_t(u64, choice->swap_max >> PAGE_SHIFT, LONG_MAX);
	mm_limit_set_swap(acct, swap_max, swap_max);
}

/**
 * mm_limit_reclaim_init - prepare a new limit
 * @limit: the limit
 */
void mm_limit_reclaim_init(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	INIT_DELAYED_WORK(&reclaim->walk, walk);
	INIT_WORK(&reclaim->swapper, swap_out);
	mm_limit_queue_init(&reclaim->queue);
	reclaim->pause = 1;
	reclaim->clock.turn = 1;
}

/**
 * mm_limit_reclaim_destroy - stop reclaiming
 * @limit: the limit, which nobody finds any more
 *
 * Context: process; waits for those that reclaim.
 */
void mm_limit_reclaim_destroy(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	LIST_HEAD(folios);

	/* Who holds it may have found the limit; nobody will any more. */
	mutex_lock(&acct->clock);
	mutex_unlock(&acct->clock);

	disable_delayed_work_sync(&limit->reclaim.walk);
	disable_work_sync(&limit->reclaim.swapper);
	mm_limit_queue_take(&limit->reclaim.queue, &folios);
	mm_limit_put_back(&folios);
}

static int __init mm_limit_reclaim_setup(void)
{
	/* Some may wait for disks while others go on. */
	mm_limit_reclaim_wq = alloc_workqueue("mm_limit_reclaim", WQ_UNBOUND |
					      WQ_MEM_RECLAIM,
					      2 * num_online_cpus() + 2);
	if (!mm_limit_reclaim_wq)
		panic("mm_limit: no memory for the workqueue of reclaim");
	return 0;
}
core_initcall(mm_limit_reclaim_setup);
