// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what makes the kernel look whether a user is above its limit.
 *
 * "exact" is in account.c: each charge looks. "alloc" is the way of kernels
 * without accounts, to compare with: each allocation of a page by a process
 * walks over all processes of its user. "hybrid" does the same, but far from the
 * limit it pauses. With "periodic" only mm_limit_kill() looks.
 */

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysctl.h>

#include "account.h"
#include "enforce.h"

/* The pause of "hybrid": so long for so much room, and never longer */
#define MM_LIMIT_PAUSE_ROOM	(4 * 1024 * 1024 >> PAGE_SHIFT)
#define MM_LIMIT_PAUSE_NS	(10 * NSEC_PER_MSEC)
#define MM_LIMIT_PAUSE_MAX_NS	(500 * NSEC_PER_MSEC)

DEFINE_STATIC_KEY_FALSE(mm_limit_walk_key);

/* Numbers walks of all users; never 0. */
static atomic_t walk_number;

static unsigned int next_walk(void)
{
	unsigned int number;

	do {
		number = atomic_inc_return(&walk_number);
	} while (!number);
	return number;
}

/* Sum what the processes of a user have; an mm that several share counts once. */
static long sum_user_rss(struct mm_limit_account *acct)
{
	unsigned int number = next_walk();
	struct task_struct *p, *t;
	long pages = 0, swap = 0;

	lockdep_assert_held(&acct->walk_mutex);

	rcu_read_lock();
	for_each_process(p) {
		if (p->flags & PF_KTHREAD)
			continue;
		t = find_lock_task_mm(p);
		if (!t)
			continue;
		if (READ_ONCE(t->mm->mm_limit.owner) == acct &&
		    t->mm->mm_limit.walked != number) {
			t->mm->mm_limit.walked = number;
			pages += mm_limit_mm_charged(t->mm, acct);
			swap += mm_limit_mm_swap(t->mm);
		}
		task_unlock(t);
	}
	rcu_read_unlock();
	if (mm_limit_counts_held(acct))
		pages += mm_limit_held(acct);
	return pages +
	       mm_limit_counted_swap(swap, READ_ONCE(acct->swap.free));
}

/**
 * mm_limit_pause_ns - how long the trigger "hybrid" need not look
 * @elapsed_ns: since it last looked
 * @grown: by how many pages the user has grown since then
 * @room: how many pages it is below its limit
 *
 * At the pace of the last time the limit is not reached before
 * @elapsed_ns / @grown * @room. Paces change, so it is also no longer than 10 ms
 * for each 4 MiB of room, nor than half a second.
 *
 * Return: nanoseconds.
 */
u64 mm_limit_pause_ns(u64 elapsed_ns, long grown, long room)
{
	u64 pause = MM_LIMIT_PAUSE_MAX_NS;

	if (room <= 0)
		return 0;
	pause = min(pause, div_u64((u64)room * MM_LIMIT_PAUSE_NS,
				   MM_LIMIT_PAUSE_ROOM));
	if (grown > 0)
		pause = min(pause, mul_u64_u64_div_u64(elapsed_ns, room, grown));
	return pause;
}

static enum hrtimer_restart pause_is_over(struct hrtimer *timer)
{
	struct mm_limit *limit =
		container_of(timer, struct mm_limit, walk.pause);

	WRITE_ONCE(limit->walk.paused, false);
	return HRTIMER_NORESTART;
}

static void pause_walks(struct mm_limit_account *acct, struct mm_limit *limit,
			long usage)
{
	ktime_t now = ktime_get();
	u64 pause;

	spin_lock(&acct->lock);
	pause = mm_limit_pause_ns(ktime_sub(now, limit->walk.time),
				  usage - limit->walk.usage,
				  READ_ONCE(acct->max) - usage);
	limit->walk.time = now;
	limit->walk.usage = usage;
	/* Whoever removes the limit cancels a pause after that. */
	if (pause && rcu_access_pointer(acct->limit) == limit) {
		WRITE_ONCE(limit->walk.paused, true);
		hrtimer_start(&limit->walk.pause, ns_to_ktime(pause),
			      HRTIMER_MODE_REL);
	}
	spin_unlock(&acct->lock);
}

static void usage_below_limit(struct mm_limit_account *acct,
			      struct mm_limit *limit, long usage)
{
	/* The next time above the limit is to be a new breach. */
	if (READ_ONCE(limit->enforce.state) == MM_LIMIT_STUCK)
		mm_limit_queue_enforcement(limit);
	if (READ_ONCE(mm_limit_trigger) == MM_LIMIT_TRIGGER_HYBRID)
		pause_walks(acct, limit, usage);
}

static void check_usage(struct mm_limit_account *acct, struct mm_struct *mm)
{
	struct mm_limit *limit;
	long usage;

	lockdep_assert_held(&acct->walk_mutex);

	usage = sum_user_rss(acct);

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && usage > READ_ONCE(acct->max))
		mm_limit_report_excess(acct, limit, mm, usage,
				       READ_ONCE(limit->enforce.state) == MM_LIMIT_IDLE);
	else if (limit)
		usage_below_limit(acct, limit, usage);
	rcu_read_unlock();
}

/* What a pool has is in its account, so nobody walks for it, and it needs no pauses. */
static void check_pool(struct mm_limit_account *acct, struct mm_struct *mm)
{
	struct mm_limit_account *pool = mm_limit_get_pool(acct);
	struct mm_limit *limit;

	if (!pool)
		return;
	rcu_read_lock();
	limit = rcu_dereference(pool->limit);
	if (limit && mm_limit_exceeded(pool))
		mm_limit_report_excess(pool, limit, mm, mm_limit_usage(pool),
				       READ_ONCE(limit->enforce.state) == MM_LIMIT_IDLE);
	rcu_read_unlock();
	free_uid(mm_limit_account_user(pool));
}

static bool is_paused(struct mm_limit_account *acct)
{
	struct mm_limit *limit;
	bool paused = false;

	if (READ_ONCE(mm_limit_trigger) != MM_LIMIT_TRIGGER_HYBRID)
		return false;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit)
		paused = READ_ONCE(limit->walk.paused);
	rcu_read_unlock();
	return paused;
}

void __mm_limit_alloc(gfp_t gfp)
{
	struct mm_struct *mm = current->mm;
	struct mm_limit_account *acct;

	/* Only a process that allocates on its own behalf, and may sleep, looks. */
	if (!mm || !gfpflags_allow_blocking(gfp) || !in_task() ||
	    (current->flags & (PF_KTHREAD | PF_EXITING | PF_MEMALLOC)) ||
	    !READ_ONCE(mm->mm_limit.charged))
		return;

	acct = mm_limit_get_owner(mm);
	if (!is_paused(acct)) {
		mutex_lock(&acct->walk_mutex);
		/* Somebody else may have looked meanwhile. */
		if (!is_paused(acct))
			check_usage(acct, mm);
		mutex_unlock(&acct->walk_mutex);
	}
	check_pool(acct, mm);
	free_uid(mm_limit_account_user(acct));
}

/**
 * mm_limit_trigger_init - prepare a new limit for walks
 * @limit: the limit, zeroed
 */
void mm_limit_trigger_init(struct mm_limit *limit)
{
	hrtimer_init(&limit->walk.pause, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	limit->walk.pause.function = pause_is_over;
}

/**
 * mm_limit_trigger_reset - look again at the next opportunity
 * @limit: the limit, which has changed, or which nobody finds any more
 *
 * Context: process.
 */
void mm_limit_trigger_reset(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	spin_lock(&acct->lock);
	hrtimer_cancel(&limit->walk.pause);
	WRITE_ONCE(limit->walk.paused, false);
	limit->walk.time = ktime_get();
	limit->walk.usage = mm_limit_usage(acct);
	spin_unlock(&acct->lock);
}
