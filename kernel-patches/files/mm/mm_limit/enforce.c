// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what happens above a limit.
 *
 * The charge that crosses a limit runs under a page-table lock, possibly on
 * behalf of somebody else (reclaim, ptrace), so it only queues work. A thread
 * of the user that is charged is stopped before it returns to user mode, until
 * the work has made room.
 *
 *	       exceeded			    grace over, still exceeded
 *	IDLE -----------> GRACE -------------------------+
 *	  ^  \              | no longer exceeded          v
 *	  |   \ no grace    +----> IDLE		       KILLING --> STUCK
 *	  |    +-------------------------------------> |     nothing left
 *	  +--------------------------------------------+     to kill
 *		      no longer exceeded
 */

#include <linux/ktime.h>
#include <linux/printk.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>

#include "internal.h"

static struct workqueue_struct *mm_limit_wq;

/* Is it the user itself who makes its usage grow, in a fault or a fork? */
static bool current_is_charged_to(struct mm_limit_account *acct)
{
	struct mm_struct *mm = current->mm;

	if (!mm || (current->flags & (PF_EXITING | PF_KTHREAD)))
		return false;
	return mm_limit_charged(READ_ONCE(mm->mm_limit.charged)) == acct;
}

/**
 * mm_limit_over - a charge left its user above the limit
 * @acct: the user's account
 * @mm: the mm that was charged
 * @usage: the user's usage after the charge
 * @crossed: the user was not above the limit before
 *
 * Context: atomic, under a page-table lock.
 */
void mm_limit_over(struct mm_limit_account *acct, struct mm_struct *mm,
		   long usage, bool crossed)
{
	enum mm_limit_state state;
	struct mm_limit *limit;
	bool act = crossed;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (!limit)
		goto out;

	if (crossed)
		WRITE_ONCE(limit->crossed, true);

	/*
	 * The crossing charge queues the work, which then keeps itself going.
	 * It wants to know if more comes in than it waits for to go, and, if
	 * it is stuck, of an address space that it has not looked at.
	 */
	state = READ_ONCE(limit->state);
	if (state == MM_LIMIT_KILLING)
		act |= usage > READ_ONCE(acct->max) + READ_ONCE(limit->dying);
	else if (state == MM_LIMIT_STUCK)
		act |= !READ_ONCE(mm->mm_limit.scan);
	if (act)
		queue_work(mm_limit_wq, &limit->work);

	if (state != MM_LIMIT_GRACE && (act || state != MM_LIMIT_STUCK) &&
	    current_is_charged_to(acct))
		set_notify_resume(current);
out:
	rcu_read_unlock();
}

/**
 * mm_limit_gone - an address space of a limited user has gone
 * @acct: the user's account
 *
 * Its memory may be what the killer waits for.
 *
 * Context: atomic.
 */
void mm_limit_gone(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && READ_ONCE(limit->state) == MM_LIMIT_KILLING)
		queue_work(mm_limit_wq, &limit->work);
	rcu_read_unlock();
}

static void set_state(struct mm_limit *limit, enum mm_limit_state state)
{
	WRITE_ONCE(limit->state, state);
	/* Who waits depends on it. */
	wake_up_all(&mm_limit_account(limit)->wait);
}

static void set_deadline(struct mm_limit *limit, unsigned long ms)
{
	limit->deadline = ktime_add_ms(ktime_get(), ms);
}

/* Come back at the deadline. */
static void rearm(struct mm_limit *limit)
{
	hrtimer_start(&limit->timer, limit->deadline, HRTIMER_MODE_ABS);
}

static void start_grace(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	if (__ratelimit(&acct->log))
		pr_info("grace: uid=%u, uRSS=%lu, mm_max=%lu, time_allow_exceed_ms=%lu\n",
			mm_limit_account_uid(acct),
			mm_limit_bytes(atomic_long_read(&acct->usage)),
			limit->mm_max, limit->grace_ms);
	set_deadline(limit, limit->grace_ms);
	set_state(limit, MM_LIMIT_GRACE);
	rearm(limit);
}

static void end_grace(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	if (__ratelimit(&acct->log))
		pr_info("normal: uid=%u is below its limit at the end of its grace\n",
			mm_limit_account_uid(acct));
	set_state(limit, MM_LIMIT_IDLE);
}

static void report(struct mm_limit *limit, const char *what)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	if (!limit->reported && __ratelimit(&acct->log))
		pr_warn("stuck: uid=%u, uRSS=%lu, mm_max=%lu: %s\n",
			mm_limit_account_uid(acct),
			mm_limit_bytes(atomic_long_read(&acct->usage)),
			limit->mm_max, what);
	limit->reported = true;
}

/*
 * Kill what has to be killed, and see after a while what became of it. In
 * between, the user's threads wait before they return to user mode.
 */
static void kill_victims(struct mm_limit *limit)
{
	if (limit->state != MM_LIMIT_KILLING) {
		limit->rounds = 0;
		set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
		set_state(limit, MM_LIMIT_KILLING);
	}

	if (mm_limit_kill(limit) ||
	    !mm_limit_exceeded(mm_limit_account(limit))) {
		rearm(limit);
		return;
	}
	report(limit, "none of its processes may be killed");
	set_state(limit, MM_LIMIT_STUCK);
}

/*
 * The wait after a kill is over, and the user still is above its limit. Push
 * the victims; after some rounds stop counting on their memory, so that a user
 * cannot shelter behind a process that does not die.
 */
static void kill_by_force(struct mm_limit *limit)
{
	if (++limit->rounds <= MM_LIMIT_MAX_ROUNDS) {
		mm_limit_kill_by_force(limit);
	} else {
		report(limit, "killed processes do not give their memory back");
		mm_limit_write_off(limit);
		limit->rounds = 0;
	}
	set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
	kill_victims(limit);
}

static void enforce(struct work_struct *work)
{
	struct mm_limit *limit = container_of(work, struct mm_limit, work);
	bool over = mm_limit_exceeded(mm_limit_account(limit));
	bool due = ktime_compare(ktime_get(), limit->deadline) >= 0;

	/* It was below again since: this is a new exceed, with a new grace. */
	if (xchg(&limit->crossed, false) && limit->state != MM_LIMIT_GRACE)
		set_state(limit, MM_LIMIT_IDLE);

	switch (limit->state) {
	case MM_LIMIT_IDLE:
	case MM_LIMIT_STUCK:
		if (!over)
			set_state(limit, MM_LIMIT_IDLE);
		else if (limit->state == MM_LIMIT_IDLE && limit->grace_ms)
			start_grace(limit);
		else
			kill_victims(limit);
		break;
	case MM_LIMIT_GRACE:
		if (!due)
			rearm(limit);
		else if (over)
			kill_victims(limit);
		else
			end_grace(limit);
		break;
	case MM_LIMIT_KILLING:
		if (!over)
			set_state(limit, MM_LIMIT_IDLE);
		else if (due)
			kill_by_force(limit);
		else
			kill_victims(limit);
		break;
	}
}

static enum hrtimer_restart deadline_reached(struct hrtimer *timer)
{
	struct mm_limit *limit = container_of(timer, struct mm_limit, timer);

	queue_work(mm_limit_wq, &limit->work);
	return HRTIMER_NORESTART;
}

/**
 * mm_limit_enforce_init - prepare the enforcement of a new limit
 * @limit: zeroed but for its user; paused until mm_limit_enforce_resume()
 */
void mm_limit_enforce_init(struct mm_limit *limit)
{
	hrtimer_init(&limit->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	limit->timer.function = deadline_reached;
	INIT_WORK(&limit->work, enforce);
	disable_work(&limit->work);
}

/**
 * mm_limit_enforce_pause - stop acting on a limit
 * @limit: the limit
 *
 * When this returns, the killer is not running and will not start.
 *
 * Context: process; waits for the killer if it runs.
 */
void mm_limit_enforce_pause(struct mm_limit *limit)
{
	/* In this order: the work starts the timer. */
	disable_work_sync(&limit->work);
	hrtimer_cancel(&limit->timer);
}

/**
 * mm_limit_enforce_resume - act on a limit that was set or changed
 * @limit: the limit; the caller paused its enforcement
 * @in_force: what is in force now
 * @restart: forget what is under way. Otherwise a grace that has begun and is
 *	still needed keeps its end, or gets an earlier one: a user cannot win
 *	time against a hard limit by changing its own.
 */
void mm_limit_enforce_resume(struct mm_limit *limit,
			     const struct mm_limit_user *in_force,
			     bool restart)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	ktime_t end;

	lockdep_assert_held(&acct->mutex);

	limit->mm_max = in_force->mm_max;
	limit->grace_ms = in_force->time_allow_exceed_ms;
	limit->reported = false;
	WRITE_ONCE(acct->max, in_force->mm_max >> PAGE_SHIFT);
	smp_mb(); /* pairs with the one in charge() */

	end = ktime_add_ms(ktime_get(), limit->grace_ms);
	if (restart || !mm_limit_exceeded(acct))
		set_state(limit, MM_LIMIT_IDLE);
	else if (limit->state == MM_LIMIT_GRACE &&
		 ktime_before(end, limit->deadline))
		limit->deadline = end;

	enable_work(&limit->work);
	if (mm_limit_exceeded(acct) || limit->state != MM_LIMIT_IDLE)
		queue_work(mm_limit_wq, &limit->work);
}

static int __init mm_limit_enforce_setup(void)
{
	mm_limit_wq = alloc_workqueue("mm_limit", WQ_UNBOUND | WQ_HIGHPRI |
				      WQ_MEM_RECLAIM, 0);
	if (!mm_limit_wq)
		panic("mm_limit: no memory for the workqueue");
	return 0;
}
core_initcall(mm_limit_enforce_setup);
