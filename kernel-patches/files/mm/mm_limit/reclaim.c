// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: swapping out before killing.
 *
 * A limit that reclaims does so in three ways:
 * - Above its threshold a work moves the clock's hand, a turn at a time so that
 *   pages have time to be used in between, and queues what it finds. Another work
 *   swaps out what is queued. Both run on shared workqueues instead of in a thread
 *   for each limit, because there can be thousands, most of them with nothing to do.
 * - Above the limit each thread that makes its user's memory grow reclaims, until
 *   there is room, before it returns to user mode. The background does the same:
 *   a thread can be in the middle of a long system call.
 * - If whole turns find nothing, there is no room in swap, or what is swapped out
 *   keeps coming straight back, that is given up for this breach and the killer
 *   takes over (exceed.c).
 *
 * The account's reclaim_mutex serializes the threads that move the hand. It is held
 * for a few pages at a time, and not while they are on their way to swap.
 */

#include <linux/math.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>

#include "../internal.h"
#include "account.h"
#include "enforce.h"
#include "events.h"
#include "reclaim.h"

/* Entries of page tables to look at with the account's reclaim_mutex held */
#define MM_LIMIT_SWEEP_ROOM	(16 * PTRS_PER_PTE)

/* What it costs to begin with an address space, in such entries */
#define MM_LIMIT_MM_COST	64

/* A user that exceeds its limit that soon after thrashing has not stopped that. */
#define MM_LIMIT_NO_RECLAIM	(2 * HZ)

/**
 * mm_limit_threshold - the usage above which a limit reclaims
 * @mm_max: the limit, in bytes
 * @settings: its settings
 *
 * Return: pages; LONG_MAX: it does not reclaim.
 */
long mm_limit_threshold(u64 mm_max, const struct mm_limit_settings *settings)
{
	if (!(settings->flags & MM_LIMIT_RECLAIM))
		return LONG_MAX;
	return mult_frac(mm_limit_pages(mm_max), settings->threshold, 100);
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
 * mm_limit_reclaims - may swapping out still help a limit?
 * @limit: the limit
 *
 * Return: whether it may.
 * Context: any.
 */
bool mm_limit_reclaims(struct mm_limit *limit)
{
	return READ_ONCE(limit->reclaim.gave_up) !=
	       READ_ONCE(limit->reclaim.attempt) &&
	       READ_ONCE(limit->settings.flags) & MM_LIMIT_RECLAIM;
}

/**
 * mm_limit_swap_room - how many pages may be swapped out now?
 * @acct: the user's account
 *
 * Return: pages, at most as many as are swapped out at a time.
 */
unsigned int mm_limit_swap_room(struct mm_limit_account *acct)
{
	struct mm_limit_swap *swap = &acct->swap;
	long room = min(READ_ONCE(swap->max) - READ_ONCE(swap->usage),
			get_nr_swap_pages());

	return clamp(room, 0L, (long)SWAP_CLUSTER_MAX);
}

static u64 swapped_out(struct mm_limit_account *acct)
{
	return mm_limit_swap_read(acct).swapped_out;
}

/**
 * mm_limit_reclaim_retry - the limit has been exceeded anew: try again
 * @limit: the limit
 *
 * Nothing is tried if the last attempt has only just ended in thrashing.
 *
 * Context: the limit's work.
 */
void mm_limit_reclaim_retry(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	unsigned long no_reclaim_until = READ_ONCE(reclaim->no_reclaim_until);
	unsigned int attempt = reclaim->attempt + 1;

	/* That verdict stands: the user may have been below for a moment only. */
	if (no_reclaim_until &&
	    time_in_range(jiffies, no_reclaim_until - MM_LIMIT_NO_RECLAIM,
			  no_reclaim_until))
		WRITE_ONCE(reclaim->gave_up, attempt);
	WRITE_ONCE(reclaim->attempt, attempt);
}

/**
 * mm_limit_reclaim_give_up - leave it to the killer, until the next breach
 * @limit: the limit
 *
 * Context: the limit's work.
 */
void mm_limit_reclaim_give_up(struct mm_limit *limit)
{
	WRITE_ONCE(limit->reclaim.gave_up, limit->reclaim.attempt);
}

/**
 * mm_limit_advance_hand - move the hand
 * @acct: the user's account
 * @limit: its limit
 * @folios: where those go that are found
 * @want: pages to find. The hand also stops when a turn is over or a share of work is
 *	done.
 * @direct: by a thread that is stopped at the limit
 *
 * Return: whether a turn is over.
 * Context: process; with the account's reclaim_mutex held.
 */
bool mm_limit_advance_hand(struct mm_limit_account *acct,
			   struct mm_limit *limit, struct list_head *folios,
			   unsigned int want, bool direct)
{
	struct mm_limit_clock *clock = &limit->reclaim.clock;
	struct mm_limit_sweep sweep = {
		.acct = acct, .folios = folios, .want = want,
		.room = MM_LIMIT_SWEEP_ROOM,
	};
	struct mm_struct *mm;
	bool over = false;

	lockdep_assert_held(&acct->reclaim_mutex);

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
	mm_limit_event_sweep(acct, limit, &sweep, direct);
	return over;
}

/* What to make of a turn in which nothing was swapped out */
static enum mm_limit_outcome turn_is_over(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	if (reclaim->locked || mm_limit_queue_busy(&reclaim->queue)) {
		reclaim->locked = false;
		return MM_LIMIT_BLOCKED;
	}
	if (++reclaim->idle_turns < MM_LIMIT_IDLE_TURNS)
		return MM_LIMIT_SEARCHING;
	if (!reclaim->drained && num_online_cpus() > 1) {
		/* What is on other CPUs' lists may be all that there is. */
		mm_limit_queue_background(limit, 0);
		return MM_LIMIT_BLOCKED;
	}
	return MM_LIMIT_SPENT;
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

/* Works only try to lock: a thread of the user's may hold the mutex for long. */
static bool take_clock(struct mm_limit_account *acct, bool may_wait)
{
	if (may_wait)
		return !mutex_lock_killable(&acct->reclaim_mutex);
	return mutex_trylock(&acct->reclaim_mutex);
}

/**
 * mm_limit_reclaim_wanted - is there anything to be reclaimed?
 * @acct: the user's account
 * @limit: the limit; it may have gone, or others may have reclaimed enough
 * @copied: the user needs room for a copy of this mm; or NULL
 *
 * Return: whether there is.
 */
bool mm_limit_reclaim_wanted(struct mm_limit_account *acct,
			     struct mm_limit *limit, struct mm_struct *copied)
{
	long room = copied ? mm_limit_mm_charged(copied, acct) : 0;

	return rcu_access_pointer(acct->limit) == limit &&
	       mm_limit_reclaims(limit) &&
	       mm_limit_usage(acct) + room > READ_ONCE(acct->max);
}

static bool is_thrashing(struct mm_limit_account *acct, struct mm_limit *limit)
{
	struct mm_limit_thrash *thrash = &limit->reclaim.thrash;
	struct mm_limit_swap swap = mm_limit_swap_read(acct);
	u64 bound = (u64)READ_ONCE(mm_limit_thrash_ms) * NSEC_PER_MSEC;
	u64 has = swap.usage + max(mm_limit_usage(acct), 0L);

	lockdep_assert_held(&acct->reclaim_mutex);

	if (READ_ONCE(limit->reclaim.forgiven)) {
		WRITE_ONCE(limit->reclaim.forgiven, false);
		thrash->in_bad_period = false;
	}
	if (!mm_limit_thrashes(thrash, ktime_get_ns(), &swap, has, bound))
		return false;
	thrash->in_bad_period = false;
	mm_limit_event_thrash(acct, limit, &swap);
	return true;
}

/* Decide what has come of a step, and whether to leave the rest to the killer. */
static enum mm_limit_outcome judge(struct mm_limit_account *acct,
				   struct mm_limit *limit,
				   enum mm_limit_outcome outcome)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	lockdep_assert_held(&acct->reclaim_mutex);

	if (is_thrashing(acct, limit)) {
		/* There may be room now, but not for long. */
		WRITE_ONCE(reclaim->no_reclaim_until,
			   (jiffies + MM_LIMIT_NO_RECLAIM) | 1);
		outcome = MM_LIMIT_SPENT;
	}
	/* Unless that was about an earlier breach */
	if (outcome == MM_LIMIT_SPENT && mm_limit_exceeded(acct) &&
	    reclaim->attempted == READ_ONCE(reclaim->attempt)) {
		WRITE_ONCE(reclaim->gave_up, reclaim->attempted);
		mm_limit_queue_enforcement(limit);
	}
	return outcome;
}

/* So many threads for each CPU swap out at a time, since some of them wait for a disk. */
#define MM_LIMIT_TAKERS		4

/*
 * What a thread holds is no longer charged once another has unmapped it, however long the
 * thread waits for a lock or for a CPU. The limit's own works are one of each.
 */
static bool may_take(struct mm_limit_reclaim *reclaim, bool may_wait)
{
	if (!may_wait)
		return true;
	if (atomic_inc_return(&reclaim->takers) <=
	    MM_LIMIT_TAKERS * num_online_cpus())
		return true;
	atomic_dec(&reclaim->takers);
	return false;
}

static void have_taken(struct mm_limit_reclaim *reclaim, bool may_wait)
{
	if (may_wait)
		atomic_dec(&reclaim->takers);
}

/**
 * mm_limit_reclaim_some - take some pages
 * @acct: the user's account
 * @limit: the limit, which is exceeded or, with @copied, would be
 * @copied: an mm that is to be copied, or NULL
 * @may_wait: it may wait for the account's reclaim_mutex, which is free while pages
 *	are on their way to swap, and for other threads that have taken some
 *
 * Return: what came of it.
 * Context: process.
 */
enum mm_limit_outcome mm_limit_reclaim_some(struct mm_limit_account *acct,
					    struct mm_limit *limit,
					    struct mm_struct *copied,
					    bool may_wait)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	enum mm_limit_outcome outcome = MM_LIMIT_SPENT;
	unsigned int room, taken;
	LIST_HEAD(folios);
	bool over = false;
	u64 before;

	if (!take_clock(acct, may_wait))
		return MM_LIMIT_BLOCKED;
	if (!mm_limit_reclaim_wanted(acct, limit, copied)) {
		mutex_unlock(&acct->reclaim_mutex);
		return MM_LIMIT_RECLAIMED;
	}
	begin_attempt(reclaim);
	room = mm_limit_swap_room(acct);
	before = swapped_out(acct);
	if (room && !may_take(reclaim, may_wait)) {
		mutex_unlock(&acct->reclaim_mutex);
		return MM_LIMIT_BLOCKED;
	}
	if (room) {
		taken = mm_limit_queue_take(&reclaim->queue, &folios, room);
		if (!taken)
			over = mm_limit_advance_hand(acct, limit, &folios, room,
						     true);
		mutex_unlock(&acct->reclaim_mutex);

		if (taken)
			mm_limit_sort_out(acct, &folios);
		reclaim_pages(&folios);
		mm_limit_queue_done(&reclaim->queue, taken);
		have_taken(reclaim, may_wait);

		if (!take_clock(acct, may_wait))
			return MM_LIMIT_BLOCKED;
		if (swapped_out(acct) != before) {
			reclaim->idle_turns = 0;
			outcome = MM_LIMIT_RECLAIMED;
		} else {
			outcome = over ? turn_is_over(limit) : MM_LIMIT_SEARCHING;
		}
	}
	outcome = judge(acct, limit, outcome);
	mutex_unlock(&acct->reclaim_mutex);
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
	if (mm_limit_reclaim_wanted(acct, limit, NULL)) {
		if (first)
			mm_limit_event_direct(acct, limit);
		got_on = mm_limit_reclaim_some(acct, limit, NULL, true) !=
			 MM_LIMIT_BLOCKED;
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
 * Reclaims until as much as @mm has in memory would fit, or until nothing more is to
 * be gained.
 *
 * Context: process, without a lock.
 */
void mm_limit_reclaim_room(struct mm_limit_account *acct, struct mm_struct *mm)
{
	struct mm_limit *limit = mm_limit_find(acct);
	enum mm_limit_outcome outcome = MM_LIMIT_SEARCHING;
	unsigned int blocked = 0;

	/* Other threads of the user can keep memory from being looked at. */
	while (limit && mm_limit_reclaim_wanted(acct, limit, mm) &&
	       outcome != MM_LIMIT_SPENT && blocked < MM_LIMIT_MAX_ROUNDS &&
	       !fatal_signal_pending(current)) {
		outcome = mm_limit_reclaim_some(acct, limit, mm, true);
		if (outcome == MM_LIMIT_BLOCKED) {
			blocked++;
			schedule_timeout_killable(1);
		}
		cond_resched();
	}
	if (limit)
		mm_limit_put(limit);
}

struct workqueue_struct *mm_limit_background_wq;

/**
 * mm_limit_queue_background - have the work in the background begin
 * @limit: the limit
 * @delay: in so many jiffies
 */
void mm_limit_queue_background(struct mm_limit *limit, unsigned long delay)
{
	mod_delayed_work(mm_limit_background_wq,
			 &limit->reclaim.background_work, delay);
}

/**
 * mm_limit_reclaim_hurry - have the background help at the limit
 * @limit: the limit
 *
 * It begins after a tick, because the threads that have crossed the limit are to do
 * the work themselves, unless they are unable to.
 *
 * Context: process.
 */
void mm_limit_reclaim_hurry(struct mm_limit *limit)
{
	WRITE_ONCE(limit->reclaim.queued, true);
	mm_limit_queue_background(limit, 1);
}

/**
 * mm_limit_reclaim_now - swap a user's memory out before it is killed on order
 * @acct: the user's account
 * @limit: the limit, with a reference
 * @end: when to stop at the latest, in jiffies
 *
 * The works do it, for a user can hold locks of its memory for as long as it likes.
 *
 * Context: process; may sleep.
 */
void mm_limit_reclaim_now(struct mm_limit_account *acct, struct mm_limit *limit,
			  unsigned long end)
{
	mm_limit_reclaim_retry(limit);
	atomic_inc(&limit->reclaim.ordered);
	mm_limit_reclaim_hurry(limit);
	while (mm_limit_reclaim_wanted(acct, limit, NULL) &&
	       time_before(jiffies, end) && !fatal_signal_pending(current))
		schedule_timeout_killable(1);
	atomic_dec(&limit->reclaim.ordered);
}

/**
 * mm_limit_reclaim_configure - apply a limit's settings to its account
 * @limit: the limit
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_reclaim_configure(struct mm_limit *limit)
{
	const struct mm_limit_settings *settings = &limit->settings;
	struct mm_limit_account *acct = mm_limit_account(limit);
	u64 bytes = settings->swap_max;
	long swap_max;

	if (!(settings->flags & MM_LIMIT_RECLAIM)) {
		mm_limit_set_swap(acct, 0, LONG_MAX);
		return;
	}
	/* What is swapped to compressed memory takes no more of it than uncompressed. */
	if (bytes == MM_LIMIT_ATTR_NONE)
		bytes = mm_limit_in_force(limit).mm_max;
	swap_max = min_t(u64, bytes >> PAGE_SHIFT, LONG_MAX);
	/* A pool does not reclaim, so its members' swap counts. */
	mm_limit_set_swap(acct, acct->counter.pool ? 0 : swap_max, swap_max);
}
