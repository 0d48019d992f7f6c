// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: swapping out in the background.
 *
 * One work of a limit moves the clock's hand and queues what it finds, another one
 * swaps out what is queued. Between threshold and limit the hand makes a turn at a
 * time, with pauses in which pages can be used; above the limit the work helps the
 * threads that reclaim there.
 */

#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/workqueue.h>

#include "../internal.h"
#include "account.h"
#include "events.h"
#include "reclaim.h"

/* Batches of the background above the limit, before it lets others work */
#define MM_LIMIT_BATCHES	32

/*
 * Above the threshold the background pauses between turns, so that pages can be used.
 * Pauses get longer while turns find nothing, and are longest when they are futile.
 */
#define MM_LIMIT_PAUSE_MIN	(HZ / 10)
#define MM_LIMIT_PAUSE_MAX	HZ
#define MM_LIMIT_REST_MAX	(60 * HZ)

static struct workqueue_struct *mm_limit_swap_wq;
static struct workqueue_struct *mm_limit_bury_wq;

/* Queue what was found. Return: whether there was room for it. */
static bool enqueue(struct mm_limit_account *acct, struct mm_limit *limit,
		    struct list_head *folios)
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
	mm_limit_event_dropped(acct, limit);
	return false;
}

/*
 * In the background, between threshold and limit, make one turn, unless enough is
 * found before.
 *
 * Return: how long to pause, in jiffies.
 */
static unsigned long turn_below_limit(struct mm_limit_account *acct,
				      struct mm_limit *limit, long target)
{
	bool over = false, found = false, full = false;
	unsigned long start = jiffies, pause;
	unsigned int room;
	LIST_HEAD(folios);
	long queued;

	while (!over && !full && !mm_limit_exceeded(acct) &&
	       rcu_access_pointer(acct->limit) == limit) {
		queued = mm_limit_queue_busy(&limit->reclaim.queue);
		room = mm_limit_swap_room(acct);
		if (!room || mm_limit_usage(acct) - queued <= target ||
		    queued > READ_ONCE(acct->swap.max) -
				     READ_ONCE(acct->swap.usage))
			break;
		/* A thread of the user's must not keep everybody's work busy. */
		if (!mutex_trylock(&acct->reclaim_mutex))
			return 1;
		over = mm_limit_advance_hand(acct, limit, &folios, room, false);
		/* The mutex is still held, so that no page is ever out of sight. */
		if (!list_empty(&folios)) {
			found = true;
			full = !enqueue(acct, limit, &folios);
		}
		mutex_unlock(&acct->reclaim_mutex);
		cond_resched();
	}
	if (full)
		pause = 1;
	else if (found)
		pause = MM_LIMIT_PAUSE_MIN;
	else
		pause = min(2 * limit->reclaim.pause, MM_LIMIT_PAUSE_MAX);
	/* A user can make a turn long, so it gets a tenth of a CPU at most. */
	return clamp(10 * (jiffies - start), pause, MM_LIMIT_REST_MAX);
}

/*
 * Memory that is in use all the time goes round between RAM and swap, below the
 * limit, where nobody judges that. So leave it alone, until it either fits or
 * has been at the limit for long enough to be judged there.
 */
static unsigned long futile_pause(void)
{
	return clamp(msecs_to_jiffies(2 * READ_ONCE(mm_limit_thrash_ms)),
		     MM_LIMIT_PAUSE_MAX, MM_LIMIT_REST_MAX);
}

/* Work below the limit. Return: how long to pause, in jiffies. */
static unsigned long reclaim_below_limit(struct mm_limit_account *acct,
					 struct mm_limit *limit, long target)
{
	struct mm_limit_swap swap = mm_limit_swap_read(acct);
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	u64 now = get_jiffies_64();

	if (READ_ONCE(reclaim->settings_changed)) {
		WRITE_ONCE(reclaim->settings_changed, false);
		reclaim->pace.futile = 0;
		reclaim->pause = 1;
		reclaim->next_turn = 0;
	}
	if (time_before64(now, reclaim->next_turn))
		return reclaim->next_turn - now;

	if (mm_limit_is_futile(&reclaim->pace, &swap))
		reclaim->pause = futile_pause();
	else
		reclaim->pause = turn_below_limit(acct, limit, target);
	reclaim->next_turn = get_jiffies_64() + reclaim->pause;
	return reclaim->pause;
}

/* Once in an attempt, have the CPUs' lists of new pages emptied. */
static void drain(struct mm_limit_account *acct, struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;
	bool due;

	if (!mutex_trylock(&acct->reclaim_mutex))
		return;
	due = reclaim->idle_turns >= MM_LIMIT_IDLE_TURNS && !reclaim->drained;
	if (due) {
		reclaim->idle_turns = 1;
		reclaim->drained = true;
	}
	mutex_unlock(&acct->reclaim_mutex);
	if (due)
		lru_add_drain_all();
}

static void reclaim_above_limit(struct mm_limit_account *acct,
				struct mm_limit *limit)
{
	enum mm_limit_outcome outcome = MM_LIMIT_SEARCHING;
	unsigned int left = MM_LIMIT_BATCHES;

	while (left-- && outcome <= MM_LIMIT_SEARCHING &&
	       mm_limit_reclaim_wanted(acct, limit, NULL)) {
		drain(acct, limit);
		outcome = mm_limit_reclaim_some(acct, limit, NULL, false);
		cond_resched();
	}
}

static void background_work(struct work_struct *work)
{
	struct mm_limit_reclaim *reclaim = container_of(to_delayed_work(work),
							struct mm_limit_reclaim,
							background_work);
	struct mm_limit *limit = container_of(reclaim, struct mm_limit, reclaim);
	struct mm_limit_account *acct = mm_limit_account(limit);
	long target = mm_limit_reclaim_target(READ_ONCE(limit->levels.reclaim));
	bool on = READ_ONCE(limit->settings.flags) & MM_LIMIT_RECLAIM;
	unsigned long delay = 1;

	if (mm_limit_exceeded(acct) && mm_limit_reclaims(limit) &&
	    (mm_limit_acts() || atomic_read(&reclaim->ordered)))
		reclaim_above_limit(acct, limit);
	else if (on)
		delay = reclaim_below_limit(acct, limit, target);

	if (!on || mm_limit_usage(acct) <= target) {
		/* A charge beyond the threshold from here on queues it again. */
		smp_store_mb(reclaim->queued, false);
		if (mm_limit_usage(acct) > READ_ONCE(limit->levels.reclaim))
			mm_limit_reclaim_wake(acct);
		return;
	}
	/* Unless somebody has asked for it sooner */
	queue_delayed_work(mm_limit_background_wq, &reclaim->background_work,
			   delay);
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
	if (limit && READ_ONCE(limit->settings.flags) & MM_LIMIT_RECLAIM &&
	    !READ_ONCE(limit->reclaim.queued)) {
		WRITE_ONCE(limit->reclaim.queued, true);
		queue_delayed_work(mm_limit_background_wq,
				   &limit->reclaim.background_work, 1);
	}
	rcu_read_unlock();
}

/*
 * Works under way may wait for locks of the user's address spaces. Whoever removes a
 * limit must not wait for that, so this work does.
 */
static void bury(struct work_struct *work)
{
	struct mm_limit_reclaim *reclaim =
		container_of(work, struct mm_limit_reclaim, burial);
	struct mm_limit *limit = container_of(reclaim, struct mm_limit, reclaim);
	LIST_HEAD(folios);

	disable_delayed_work_sync(&reclaim->background_work);
	disable_work_sync(&reclaim->swapper);
	mm_limit_queue_take(&reclaim->queue, &folios, MM_LIMIT_QUEUE);
	mm_limit_put_back(&folios);
	mm_limit_put(limit);
}

/**
 * mm_limit_reclaim_reset - forget what was found out about a limit
 * @limit: the limit
 *
 * Changes that a user makes under a hard limit must not do this, because the user could
 * then thrash for ever.
 *
 * Context: process.
 */
void mm_limit_reclaim_reset(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	WRITE_ONCE(reclaim->no_reclaim_until, 0);
	WRITE_ONCE(reclaim->attempt, READ_ONCE(reclaim->attempt) + 1);
	/* For the next holder of reclaim_mutex: a thread of the user's may hold it long. */
	WRITE_ONCE(reclaim->forgiven, true);
	WRITE_ONCE(reclaim->settings_changed, true);
	if (limit->settings.flags & MM_LIMIT_RECLAIM)
		mm_limit_reclaim_hurry(limit);
}

/**
 * mm_limit_reclaim_init - prepare a new limit
 * @limit: the limit
 */
void mm_limit_reclaim_init(struct mm_limit *limit)
{
	struct mm_limit_reclaim *reclaim = &limit->reclaim;

	INIT_DELAYED_WORK(&reclaim->background_work, background_work);
	INIT_WORK(&reclaim->swapper, swap_out);
	INIT_WORK(&reclaim->burial, bury);
	mm_limit_queue_init(&reclaim->queue);
	reclaim->pause = 1;
	reclaim->attempt = 1;
	reclaim->clock.turn = 1;
}

/*
 * Is there nothing to wait for? That is soon said of a limit that does not reclaim, of
 * which rules make tens of thousands. The works are disabled, so that none begins.
 */
static bool is_idle(struct mm_limit_reclaim *reclaim)
{
	return !work_busy(&reclaim->background_work.work) &&
	       !work_busy(&reclaim->swapper) &&
	       !mm_limit_queue_busy(&reclaim->queue);
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

	disable_delayed_work(&reclaim->background_work);
	disable_work(&reclaim->swapper);
	if (is_idle(reclaim))
		return;
	refcount_inc(&limit->refs);
	queue_work(mm_limit_bury_wq, &reclaim->burial);
}

static int __init mm_limit_reclaim_setup(void)
{
	/* A limit has one work of each kind, which may wait for a disk. */
	mm_limit_background_wq = alloc_workqueue("mm_limit_background",
						 WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	mm_limit_swap_wq = alloc_workqueue("mm_limit_swap", WQ_UNBOUND |
					   WQ_MEM_RECLAIM, 0);
	mm_limit_bury_wq = alloc_workqueue("mm_limit_bury", WQ_UNBOUND, 0);
	if (!mm_limit_background_wq || !mm_limit_swap_wq || !mm_limit_bury_wq)
		panic("mm_limit: no memory for the workqueues of reclaim");
	return 0;
}
core_initcall(mm_limit_reclaim_setup);
