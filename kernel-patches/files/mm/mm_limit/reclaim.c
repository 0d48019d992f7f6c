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
 * a few pages at a time, and not while they are on their way to swap.
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

/*
 * The background above the threshold: a pause between turns, so that pages can be
 * used, which gets longer while turns find nothing; and a rest at the most when
 * they are futile
 */
#define MM_LIMIT_PAUSE_MIN	(HZ / 10)
#define MM_LIMIT_PAUSE_MAX	HZ
#define MM_LIMIT_REST_MAX	(60 * HZ)

/* Who exceeds its limit that soon after thrashing has not stopped that. */
#define MM_LIMIT_HOPELESS	(2 * HZ)

/* Periods of thrashing: as long as this, or until so many pages went out */
#define MM_LIMIT_PERIOD_NS	((u64)NSEC_PER_SEC)
#define MM_LIMIT_PERIOD_PAGES	256

static struct workqueue_struct *mm_limit_walk_wq;
static struct workqueue_struct *mm_limit_swap_wq;
static struct workqueue_struct *mm_limit_bury_wq;

/**
 * mm_limit_threshold - above what a limit reclaims
 * @mm_max: the limit, in bytes
 * @choice: what it was told
 *
 * Return: pages; LONG_MAX: it does not reclaim.
 */
long mm_limit_threshold(u64 mm_max,
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
 * @swap: what has been swapped so far, and the time lost to it
 * @has: pages that the user has, in memory and in swap
 * @bound: nanoseconds
 *
 * A period is bad if most of what was swapped out in it came back, and the user
 * has lost a good part of it to that. Light swapping is none: it may go on.
 *
 * Nor is it thrashing to use all memory once more, however much has been in swap
 * for long, and however slowly it comes back.
 *
 * Return: true if all periods of the last @bound were bad, and more has come back
 * in them than the user had.
 */
bool mm_limit_thrashes(struct mm_limit_thrash *thrash, u64 now,
		       const struct mm_limit_swap *swap, u64 has, u64 bound)
{
	u64 elapsed = now - thrash->start;
	u64 out = swap->outs - thrash->outs;
	u64 back = swap->refaults - thrash->refaults;
	bool gap = now - thrash->looked >= 2 * MM_LIMIT_PERIOD_NS;
	bool bad;

	thrash->looked = now;
	/* On a slow device it takes longer until there is something to judge. */
	if (!gap && (elapsed < MM_LIMIT_PERIOD_NS ||
		     (out < MM_LIMIT_PERIOD_PAGES && elapsed < bound)))
		return false;

	/* Nobody has looked for a while: there was no need to. */
	bad = !gap && out >= MM_LIMIT_PERIOD_PAGES && back >= out - out / 4 &&
	      swap->stall - thrash->stall >= elapsed / 4;
	if (bad && !thrash->bad) {
		thrash->since = thrash->start;
		thrash->enough = thrash->refaults + has;
	}
	thrash->bad = bad;
	thrash->start = now;
	thrash->outs = swap->outs;
	thrash->refaults = swap->refaults;
	thrash->stall = swap->stall;
	return bad && now - thrash->since >= bound &&
	       swap->refaults >= thrash->enough;
}

/**
 * mm_limit_is_futile - is it of no use what the background does?
 * @pace: what was seen so far
 * @swap: what has been swapped so far
 *
 * Return: true if most came straight back, now and the last time that there was
 * enough to tell.
 */
bool mm_limit_is_futile(struct mm_limit_pace *pace,
			const struct mm_limit_swap *swap)
{
	u64 out = swap->outs - pace->outs;
	u64 back = swap->refaults - pace->refaults;

	if (out < SWAP_CLUSTER_MAX)
		return false;
	pace->outs = swap->outs;
	pace->refaults = swap->refaults;
	if (back < out - out / 4)
		pace->futile = 0;
	else if (pace->futile < 2)
		pace->futile++;
	return pace->futile == 2;
}

/**
 * mm_limit_reclaims - may swapping out still help a limit?
 * @limit: the limit
 *
 * Context: any.
 */
bool mm_limit_reclaims(struct mm_limit *limit)
{
	return READ_ONCE(limit->reclaim.gave_up) !=
	       READ_ONCE(limit->reclaim.attempt) &&
	       READ_ONCE(limit->choice.flags) & MM_LIMIT_RECLAIM;
}

/* How many pages may be swapped out, of those found at a time? */
static unsigned int swap_room(struct mm_limit *limit)
{
	struct mm_limit_swap *swap = &mm_limit_account(limit)->swap;
	long room = min(READ_ONCE(swap->max) - READ_ONCE(swap->usage),
			get_nr_swap_pages());

	return clamp(room, 0L, (long)SWAP_CLUSTER_MAX);
}

static u64 outs(struct mm_limit_account *acct)
{
	return mm_limit_swap_read(acct).outs;
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
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	unsigned long hopeless = READ_ONCE(reclaim->hopeless);
	unsigned int attempt = reclaim->attempt + 1;

	/* It stays so, for the user may have been below for a moment only. */
	if (hopeless && time_in_range(jiffies, hopeless - MM_LIMIT_HOPELESS,
				      hopeless))
		WRITE_ONCE(reclaim->gave_up, attempt);
	WRITE_ONCE(reclaim->attempt, attempt);
}

/**
 * mm_limit_reclaim_give_up - leave it to the killer, until the next exceed
 * @limit: the limit
 *
 * Context: the limit's work.
 */
void mm_limit_reclaim_give_up(struct mm_limit *limit)
{
	WRITE_ONCE(limit->reclaim.gave_up, limit->reclaim.attempt);
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
 * @BLOCKED: others have to get on first
 * @SPENT: there is nothing to be gained
 */
enum outcome {
	RECLAIMED,
	SEARCHING,
	BLOCKED,
	SPENT,
};

static void walk_in(struct mm_limit *limit, unsigned long delay)
{
	mod_delayed_work(mm_limit_walk_wq, &limit->reclaim.walk, delay);
}

/* A turn in which nothing was swapped out */
static enum outcome turn_is_over(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	if (reclaim->locked || mm_limit_queue_busy(&reclaim->queue)) {
		reclaim->locked = false;
		return BLOCKED;
	}
	if (++reclaim->idle_turns < MM_LIMIT_IDLE_TURNS)
		return SEARCHING;
	if (!reclaim->drained && num_online_cpus() > 1) {
		/* What is on other CPUs' lists may be all that there is. */
		walk_in(limit, 0);
		return BLOCKED;
	}
	return SPENT;
}

static void begin_attempt(struct mm_limit_reclaim *reclaim)
{
	unsigned int attempt = READ_ONCE(reclaim->attempt);

	if (reclaim->attempted == attempt)
		return;
	reclaim->attempted = attempt;
	reclaim->idle_turns = 0;
	reclaim->drained = false;
}

/* Works only try: a thread of the user's may have the clock for long. */
static bool take_clock(struct mm_limit_account *acct, bool may_wait)
{
	if (may_wait)
		return !mutex_lock_killable(&acct->clock);
	return mutex_trylock(&acct->clock);
}

/*
 * Is there anything to be reclaimed, if the user needs room for a copy of @copied, or
 * NULL? The limit may have gone, or others may have reclaimed enough.
 */
static bool is_wanted(struct mm_limit *limit, struct mm_struct *copied)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	long room = copied ? mm_limit_mm_resident(copied) : 0;

	return rcu_access_pointer(acct->limit) == limit &&
	       mm_limit_reclaims(limit) &&
	       mm_limit_usage(acct) + room > READ_ONCE(acct->max);
}

static bool is_thrashing(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_thrash *thrash = &limit->reclaim.thrash;
	struct mm_limit_swap swap = mm_limit_swap_read(acct);
	u64 bound = (u64)READ_ONCE(mm_limit_thrash_ms) * NSEC_PER_MSEC;
	u64 has = swap.usage + max(mm_limit_usage(acct), 0L);

	lockdep_assert_held(&acct->clock);

	if (READ_ONCE(limit->reclaim.forgiven)) {
		WRITE_ONCE(limit->reclaim.forgiven, false);
		thrash->bad = false;
	}
	if (!mm_limit_thrashes(thrash, ktime_get_ns(), &swap, has, bound))
		return false;
	thrash->bad = false;
	mm_limit_event_thrash(limit, &swap);
	return true;
}

/* What has come of it? */
static enum outcome judge(struct mm_limit *limit, enum outcome outcome)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	lockdep_assert_held(&acct->clock);

	if (is_thrashing(limit)) {
		/* There may be room now, but not for long. */
		WRITE_ONCE(reclaim->hopeless, (jiffies + MM_LIMIT_HOPELESS) | 1);
		outcome = SPENT;
	}
	/* Unless that was about an exceed of before */
	if (outcome == SPENT && mm_limit_exceeded(acct) &&
	    reclaim->attempted == READ_ONCE(reclaim->attempt)) {
		WRITE_ONCE(reclaim->gave_up, reclaim->attempted);
		mm_limit_look_again(limit);
	}
	return outcome;
}

/*
 * Takes some pages, for a limit that is exceeded or, with @copied, would be. The clock
 * is free while they are on their way to swap.
 */
static enum outcome reclaim_some(struct mm_limit *limit,
				 struct mm_struct *copied, bool may_wait)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	enum outcome outcome = SPENT;
	unsigned int room, taken;
	LIST_HEAD(folios);
	bool over = false;
	u64 before;

	if (!take_clock(acct, may_wait))
		return BLOCKED;
	if (!is_wanted(limit, copied)) {
		mutex_unlock(&acct->clock);
		return RECLAIMED;
	}
	begin_attempt(reclaim);
	room = swap_room(limit);
	before = outs(acct);
	if (room) {
		taken = mm_limit_queue_take(&reclaim->queue, &folios, room);
		if (!taken)
			over = sweep(limit, &folios, room, true);
		mutex_unlock(&acct->clock);

		if (taken)
			mm_limit_sort_out(acct, &folios);
		reclaim_pages(&folios);
		mm_limit_queue_done(&reclaim->queue, taken);

		if (!take_clock(acct, may_wait))
			return BLOCKED;
		if (outs(acct) != before) {
			reclaim->idle_turns = 0;
			outcome = RECLAIMED;
		} else {
			outcome = over ? turn_is_over(limit) : SEARCHING;
		}
	}
	outcome = judge(limit, outcome);
	mutex_unlock(&acct->clock);
	return outcome;
}

/**
 * mm_limit_reclaim_direct - the current thread reclaims its user's memory
 * @acct: the user's account
 * @first: it has just come here
 *
 * Return: false if others have to get on first.
 * Context: process.
 */
bool mm_limit_reclaim_direct(struct mm_limit_account *acct, bool first)
{
	struct mm_limit *limit = mm_limit_find(acct);
	u64 start = ktime_get_ns();
	bool got_on = true;

	if (!limit)
		return true;
	if (is_wanted(limit, NULL)) {
		if (first)
			mm_limit_event_direct(limit);
		got_on = reclaim_some(limit, NULL, true) != BLOCKED;
		mm_limit_swap_stall(acct, start);
		wake_up_all(&acct->wait);
	}
	mm_limit_put(limit);
	cond_resched();
	return got_on;
}

/**
 * mm_limit_reclaim_room - make room for a copy of an address space
 * @acct: its owner's account
 * @mm: the mm
 *
 * Until as much as it has in memory would fit, or nothing more is to be gained.
 *
 * Context: process, without a lock.
 */
void mm_limit_reclaim_room(struct mm_limit_account *acct, struct mm_struct *mm)
{
	struct mm_limit *limit = mm_limit_find(acct);
	enum outcome outcome = SEARCHING;
	unsigned int blocked = 0;

	/* Other threads of the user can keep memory from being looked at. */
	while (limit && is_wanted(limit, mm) && outcome != SPENT &&
	       blocked < MM_LIMIT_MAX_ROUNDS && !fatal_signal_pending(current)) {
		outcome = reclaim_some(limit, mm, true);
		if (outcome == BLOCKED) {
			blocked++;
			schedule_timeout_killable(1);
		}
		cond_resched();
	}
	if (limit)
		mm_limit_put(limit);
}

/**
 * mm_limit_reclaim_now - swap a user's memory out before it is killed on order
 * @limit: the limit, with a reference
 * @end: not longer than until then, in jiffies
 *
 * Context: process; waits for nobody.
 */
void mm_limit_reclaim_now(struct mm_limit *limit, unsigned long end)
{
	mm_limit_reclaim_retry(limit);
	while (is_wanted(limit, NULL) && time_before(jiffies, end) &&
	       !fatal_signal_pending(current)) {
		if (reclaim_some(limit, NULL, false) == BLOCKED)
			schedule_timeout_killable(1);
		cond_resched();
	}
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
	queue_work(mm_limit_swap_wq, &limit->reclaim.swapper);
	if (list_empty(folios))
		return true;
	mm_limit_put_back(folios);
	mm_limit_event_dropped(limit);
	return false;
}

/*
 * In the background, between threshold and limit: one turn, unless enough is
 * found before. Returns how long to pause, in jiffies.
 */
static unsigned long walk_a_turn(struct mm_limit *limit, long target)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	bool over = false, found = false, full = false;
	unsigned long start = jiffies, pause;
	unsigned int room;
	LIST_HEAD(folios);
	long queued;

	while (!over && !full && !mm_limit_exceeded(acct) &&
	       rcu_access_pointer(acct->limit) == limit) {
		queued = mm_limit_queue_busy(&limit->reclaim.queue);
		room = swap_room(limit);
		if (!room || mm_limit_usage(acct) - queued <= target ||
		    queued > READ_ONCE(acct->swap.max) -
				     READ_ONCE(acct->swap.usage))
			break;
		/* A thread of the user's must not keep everybody's work busy. */
		if (!mutex_trylock(&acct->clock))
			return 1;
		over = sweep(limit, &folios, room, false);
		/* With the clock, so that no page is ever out of sight */
		if (!list_empty(&folios)) {
			found = true;
			full = !enqueue(limit, &folios);
		}
		mutex_unlock(&acct->clock);
		cond_resched();
	}
	if (full)
		pause = 1;
	else if (found)
		pause = MM_LIMIT_PAUSE_MIN;
	else
		pause = min(2 * limit->reclaim.pause, MM_LIMIT_PAUSE_MAX);
	/* A user can make a turn long: it gets a tenth of a CPU. */
	return clamp(10 * (jiffies - start), pause, MM_LIMIT_REST_MAX);
}

/*
 * Memory that is in use all the time goes round between RAM and swap, below the
 * limit, where nobody judges that. So leave it alone, until it either fits or
 * has been at the limit for long enough to be judged there.
 */
static unsigned long rest_from_futility(void)
{
	return clamp(msecs_to_jiffies(2 * READ_ONCE(mm_limit_thrash_ms)),
		     MM_LIMIT_PAUSE_MAX, MM_LIMIT_REST_MAX);
}

/* Returns when to go on, in jiffies. */
static unsigned long walk_below(struct mm_limit *limit, long target)
{
	struct mm_limit_swap swap = mm_limit_swap_read(mm_limit_account(limit));
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	u64 now = get_jiffies_64();

	if (READ_ONCE(reclaim->renewed)) {
		WRITE_ONCE(reclaim->renewed, false);
		reclaim->pace.futile = 0;
		reclaim->pause = 1;
		reclaim->rest = 0;
	}
	if (time_before64(now, reclaim->rest))
		return reclaim->rest - now;

	if (mm_limit_is_futile(&reclaim->pace, &swap))
		reclaim->pause = rest_from_futility();
	else
		reclaim->pause = walk_a_turn(limit, target);
	reclaim->rest = get_jiffies_64() + reclaim->pause;
	return reclaim->pause;
}

/* Once in an attempt, have the CPUs' lists of new pages emptied. */
static void drain(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	bool due;

	if (!mutex_trylock(&acct->clock))
		return;
	due = reclaim->idle_turns >= MM_LIMIT_IDLE_TURNS && !reclaim->drained;
	if (due) {
		reclaim->idle_turns = 1;
		reclaim->drained = true;
	}
	mutex_unlock(&acct->clock);
	if (due)
		lru_add_drain_all();
}

static void walk_above(struct mm_limit *limit)
{
	enum outcome outcome = SEARCHING;
	unsigned int i;

	for (i = 0; i < MM_LIMIT_BATCHES && outcome <= SEARCHING &&
	     is_wanted(limit, NULL); i++) {
		drain(limit);
		outcome = reclaim_some(limit, NULL, false);
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
	bool on = READ_ONCE(limit->choice.flags) & MM_LIMIT_RECLAIM;
	unsigned long delay = 1;

	if (mm_limit_exceeded(acct) && mm_limit_reclaims(limit) &&
	    mm_limit_acts())
		walk_above(limit);
	else if (on)
		delay = walk_below(limit, target);

	if (!on || mm_limit_usage(acct) <= target) {
		/* Who charges beyond the threshold from here on wakes it. */
		smp_store_mb(reclaim->awake, false);
		if (mm_limit_usage(acct) > READ_ONCE(acct->counter.max))
			mm_limit_reclaim_wake(acct);
		return;
	}
	/* Unless somebody has asked for it sooner */
	queue_delayed_work(mm_limit_walk_wq, &reclaim->walk, delay);
}

static void swap_out(struct work_struct *work)
{
	struct mm_limit_reclaim *reclaim =
		container_of(work, struct mm_limit_reclaim, swapper);
	struct mm_limit *limit = container_of(reclaim, struct mm_limit, reclaim);
	unsigned int taken;
	LIST_HEAD(folios);

	while ((taken = mm_limit_queue_take(&reclaim->queue, &folios,
					    SWAP_CLUSTER_MAX))) {
		mm_limit_sort_out(mm_limit_account(limit), &folios);
		reclaim_pages(&folios);
		mm_limit_queue_done(&reclaim->queue, taken);
		cond_resched();
	}
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
		queue_delayed_work(mm_limit_walk_wq, &limit->reclaim.walk, 1);
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
 * mm_limit_reclaim_renew - what was found out about a limit no longer matters
 * @limit: the limit
 *
 * Not for changes that a user makes under a hard limit: it could thrash for ever.
 *
 * Context: process.
 */
void mm_limit_reclaim_renew(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	WRITE_ONCE(reclaim->hopeless, 0);
	WRITE_ONCE(reclaim->attempt, READ_ONCE(reclaim->attempt) + 1);
	/* For who has the clock next, as a thread of the user's may have it long. */
	WRITE_ONCE(reclaim->forgiven, true);
	WRITE_ONCE(reclaim->renewed, true);
	if (limit->choice.flags & MM_LIMIT_RECLAIM)
		mm_limit_reclaim_hurry(limit);
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

/*
 * What is under way may wait for locks of the user's address spaces, and nobody who
 * removes a limit is to wait for that.
 */
static void bury(struct work_struct *work)
{
	struct mm_limit_reclaim *reclaim =
		container_of(work, struct mm_limit_reclaim, burial);
	struct mm_limit *limit = container_of(reclaim, struct mm_limit, reclaim);
	LIST_HEAD(folios);

	disable_delayed_work_sync(&reclaim->walk);
	disable_work_sync(&reclaim->swapper);
	mm_limit_queue_take(&reclaim->queue, &folios, MM_LIMIT_QUEUE);
	mm_limit_put_back(&folios);
	mm_limit_put(limit);
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
	INIT_WORK(&reclaim->burial, bury);
	mm_limit_queue_init(&reclaim->queue);
	reclaim->pause = 1;
	reclaim->attempt = 1;
	reclaim->clock.turn = 1;
}

/**
 * mm_limit_reclaim_destroy - stop reclaiming
 * @limit: the limit, which nobody finds any more
 *
 * Nothing more begins; what is under way ends soon, with a reference.
 *
 * Context: process.
 */
void mm_limit_reclaim_destroy(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	disable_delayed_work(&reclaim->walk);
	disable_work(&reclaim->swapper);
	refcount_inc(&limit->refs);
	queue_work(mm_limit_bury_wq, &reclaim->burial);
}

static int __init mm_limit_reclaim_setup(void)
{
	/* A limit has one work of each kind, which may wait for a disk. */
	mm_limit_walk_wq = alloc_workqueue("mm_limit_walk", WQ_UNBOUND |
					   WQ_MEM_RECLAIM, 0);
	mm_limit_swap_wq = alloc_workqueue("mm_limit_swap", WQ_UNBOUND |
					   WQ_MEM_RECLAIM, 0);
	mm_limit_bury_wq = alloc_workqueue("mm_limit_bury", WQ_UNBOUND, 0);
	if (!mm_limit_walk_wq || !mm_limit_swap_wq || !mm_limit_bury_wq)
		panic("mm_limit: no memory for the workqueues of reclaim");
	return 0;
}
core_initcall(mm_limit_reclaim_setup);
