// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: a user is seen above its limit, the killer is told to look
 * at it, and the user pays for the killer's time.
 *
 * The charge that crosses a limit runs under a page-table lock, possibly on
 * behalf of somebody else (reclaim, ptrace), so it only queues work.
 */

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>

#include "account.h"
#include "enforce.h"
#include "events.h"
#include "reclaim.h"

/*
 * The killer works on behalf of a user, which pays for its CPU time by waiting: the
 * next work is put off until so many times as much has gone by. So a user that makes
 * it work all the time gets this share of a CPU, whatever it sets up; its threads
 * above the limit are stopped meanwhile.
 */
#define MM_LIMIT_PRICE		20

/* A user has credit for so much of the killer's time: for some kills in a row. */
#define MM_LIMIT_CREDIT_NS	(50LL * NSEC_PER_MSEC * MM_LIMIT_PRICE)

/*
 * Nobody waits longer than this. In a virtual machine what the killer is billed for
 * includes the time that the host has run others in the middle of it.
 */
#define MM_LIMIT_DEBT_MAX_NS	(5LL * NSEC_PER_SEC)

static struct workqueue_struct *mm_limit_wq;

/*
 * How long the user has to wait before the killer may work again, in nanoseconds. The
 * members of a pool pay together for limits of their own, and so do those that one user has
 * made: else each of thousands would have a credit of its own. The pool's own killer does not
 * wait for that.
 */
static s64 debt(struct mm_limit_account *acct)
{
	struct mm_limit_account *pool, *payer;
	s64 paid;

	guard(rcu)();
	paid = atomic64_read(&acct->paid);
	pool = READ_ONCE(acct->counter.pool);
	if (pool)
		paid = max(paid, atomic64_read(&pool->members_paid));
	for (payer = mm_limit_payer_of(acct); payer;
	     payer = mm_limit_payer_of(payer))
		paid = max(paid, atomic64_read(&payer->paid));
	return paid - (s64)ktime_get_ns() - MM_LIMIT_CREDIT_NS;
}

/**
 * mm_limit_due - until when has a user to pay for what is done for it?
 * @paid: what it would have to pay until, if this were not done
 * @now: the time
 * @worked: how long the killer has worked
 *
 * All are monotonic, in nanoseconds.
 */
s64 mm_limit_due(s64 paid, s64 now, u64 worked)
{
	return min(max(paid, now) + (s64)worked * MM_LIMIT_PRICE,
		   now + MM_LIMIT_CREDIT_NS + MM_LIMIT_DEBT_MAX_NS);
}

static void bill(atomic64_t *account, u64 worked)
{
	s64 now = ktime_get_ns(), paid = atomic64_read(account);

	while (!atomic64_try_cmpxchg(account, &paid,
				     mm_limit_due(paid, now, worked)))
		;
}

/**
 * mm_limit_enforce_bill - the kernel has worked on behalf of a user
 * @acct: the user's account
 * @worked: for so many nanoseconds of a CPU
 */
void mm_limit_enforce_bill(struct mm_limit_account *acct, u64 worked)
{
	struct mm_limit_account *pool, *payer;

	bill(&acct->paid, worked);
	for (payer = mm_limit_payer_of(acct); payer;
	     payer = mm_limit_payer_of(payer))
		bill(&payer->paid, worked);
	guard(rcu)();
	pool = READ_ONCE(acct->counter.pool);
	if (pool)
		bill(&pool->members_paid, worked);
}

/* The work of an account: tells its readers, once the user has paid for what it did before. */
void mm_limit_tell(struct work_struct *work)
{
	struct mm_limit_account *acct =
		container_of(to_delayed_work(work), struct mm_limit_account,
			     tell);
	u64 began = task_sched_runtime(current);
	s64 wait = debt(acct);

	if (wait > 0 && queue_delayed_work(system_unbound_wq, &acct->tell,
					   nsecs_to_jiffies(wait) + 1))
		return;
	mm_limit_wake_pollers(acct);
	mm_limit_enforce_bill(acct, task_sched_runtime(current) - began);
	free_uid(mm_limit_account_user(acct));
}

/**
 * mm_limit_queue_enforcement_again - the work could not begin, because another killer of
 *	its pool is at work
 * @limit: its limit
 *
 * Context: the limit's work.
 */
void mm_limit_queue_enforcement_again(struct mm_limit *limit)
{
	queue_delayed_work(mm_limit_wq, &limit->enforce.work, 1);
}

/**
 * mm_limit_queue_enforcement_now - have the work look at a user at once, whatever it owes
 * @limit: its limit
 *
 * Context: any; in an RCU read-side section if the limit may go away.
 */
void mm_limit_queue_enforcement_now(struct mm_limit *limit)
{
	WRITE_ONCE(limit->enforce.kicked, true);
	WRITE_ONCE(limit->enforce.put_off, false);
	mod_delayed_work(mm_limit_wq, &limit->enforce.work, 0);
}

/**
 * mm_limit_queue_enforcement - have the work look at a user once that has paid for it
 * @limit: its limit
 *
 * Context: any; in an RCU read-side section if the limit may go away.
 */
void mm_limit_queue_enforcement(struct mm_limit *limit)
{
	s64 wait = debt(mm_limit_account(limit));

	if (wait <= 0) {
		mm_limit_queue_enforcement_now(limit);
		return;
	}
	WRITE_ONCE(limit->enforce.put_off, true);
	queue_delayed_work(mm_limit_wq, &limit->enforce.work,
			   nsecs_to_jiffies(wait) + 1);
}

/**
 * mm_limit_enforce_pay - wait until the user may have the killer work again
 * @acct: the user's account
 *
 * A user pays before it changes its own limit, while it holds no lock that others want.
 *
 * Return: 0, or -EINTR: the caller is killed.
 * Context: process.
 */
int mm_limit_enforce_pay(struct mm_limit_account *acct)
{
	s64 wait;

	while ((wait = debt(acct)) > 0) {
		schedule_timeout_killable(nsecs_to_jiffies(wait) + 1);
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/* Does the user itself make its usage grow, in a fault, in a fork, or as it exits? */
static bool current_is_charged_to(struct mm_limit_account *acct)
{
	struct mm_struct *mm = current->mm;
	struct mm_limit_account *mine;

	if (!mm || (current->flags & PF_KTHREAD))
		return false;
	mine = READ_ONCE(mm->mm_limit.account);
	return mine && (mine == acct || READ_ONCE(mine->counter.pool) == acct);
}

/**
 * mm_limit_report_excess - somebody has found a user above its limit
 * @acct: the user's account
 * @limit: its limit
 * @mm: the mm that grows
 * @usage: the user's usage
 * @crossed: the user was not above the limit before
 *
 * Context: a read-side section of RCU; may be atomic, under a page-table lock.
 */
void mm_limit_report_excess(struct mm_limit_account *acct,
			    struct mm_limit *limit, struct mm_struct *mm,
			    long usage, bool crossed)
{
	enum mm_limit_state state;
	bool act = crossed;

	if (crossed)
		WRITE_ONCE(limit->enforce.crossed, true);

	/*
	 * Once the work is queued it keeps itself going. While it waits for
	 * victims it has to know if more comes in than they give back, or than those
	 * may have that were asked to end. While it
	 * is stuck it has to know of an address space that it has not looked at,
	 * and looks again after a while.
	 */
	state = READ_ONCE(limit->enforce.state);
	if (state == MM_LIMIT_KILLING)
		act |= usage > READ_ONCE(acct->max) + mm_limit_dying(acct);
	else if (state == MM_LIMIT_TERMINATING)
		act = true;
	else if (state == MM_LIMIT_STUCK)
		act |= (mm && !READ_ONCE(mm->mm_limit.kill.scan) &&
			!READ_ONCE(mm->mm_limit.copy.source)) ||
		       time_after_eq(jiffies,
				     READ_ONCE(limit->enforce.retry_at));
	if (act)
		mm_limit_queue_enforcement(limit);

	/* No thread is stopped in a grace that lasts, nor if nothing will be done. */
	if (state == MM_LIMIT_GRACE && !READ_ONCE(limit->enforce.overdue))
		return;
	act |= state != MM_LIMIT_STUCK || (current->flags & PF_EXITING) ||
	       fatal_signal_pending(current);
	if (act && current_is_charged_to(acct)) {
		current->mm_limit_scope |= MM_LIMIT_STOPPED;
		set_notify_resume(current);
	}
}

/**
 * mm_limit_charge_exceeded - a charge left its user above the limit
 * @acct: the user's account
 * @mm: the mm that was charged
 * @usage: the user's usage after the charge
 * @crossed: the user was not above the limit before
 *
 * Context: atomic, under a page-table lock.
 */
void mm_limit_charge_exceeded(struct mm_limit_account *acct,
			      struct mm_struct *mm, long usage, bool crossed)
{
	struct mm_limit *limit;

	if (READ_ONCE(mm_limit_trigger) != MM_LIMIT_TRIGGER_EXACT)
		return;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit)
		mm_limit_report_excess(acct, limit, mm, usage, crossed);
	rcu_read_unlock();
}

static bool crosses(long level, long usage, long pages)
{
	return usage > level && usage - pages <= level;
}

/* A way up on which nothing is told costs its user no work. */
static void look_at_levels(struct mm_limit *limit, long usage, long pages)
{
	struct mm_limit_levels *levels = &limit->levels;
	long warn = READ_ONCE(levels->warn);
	bool warned = READ_ONCE(levels->warned_at) == warn, tell = false;

	if (warned && crosses(READ_ONCE(levels->rearm), usage, pages)) {
		WRITE_ONCE(levels->fallen, true);
		tell = true;
	} else if (!warned && crosses(warn, usage, pages)) {
		WRITE_ONCE(levels->crossed, true);
		tell = true;
	}
	if (mm_limit_acts() &&
	    crosses(READ_ONCE(levels->trial), usage, pages)) {
		WRITE_ONCE(limit->enforce.crossed, true);
		tell = true;
	}
	if (tell)
		mm_limit_queue_enforcement(limit);
}

/**
 * mm_limit_level_passed - a charge left its user above a level, but not above the limit
 * @acct: the user's account
 * @usage: the user's usage after the charge
 * @pages: that it has grown by
 *
 * Context: atomic, under a page-table lock.
 */
void mm_limit_level_passed(struct mm_limit_account *acct, long usage, long pages)
{
	struct mm_limit *limit;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit) {
		if (usage > READ_ONCE(limit->levels.reclaim))
			mm_limit_reclaim_wake(acct);
		look_at_levels(limit, usage, pages);
	}
	rcu_read_unlock();
}

static void look_for_room(struct mm_limit_account *acct)
{
	long usage = mm_limit_usage(acct);
	long max = READ_ONCE(acct->max);
	struct mm_limit *limit;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && READ_ONCE(limit->enforce.state) == MM_LIMIT_KILLING &&
	    (usage <= max || usage > max + mm_limit_dying(acct)))
		mm_limit_queue_enforcement(limit);
	if (limit && READ_ONCE(limit->enforce.state) == MM_LIMIT_TERMINATING &&
	    usage <= READ_ONCE(limit->levels.max))
		mm_limit_queue_enforcement(limit);
	rcu_read_unlock();
}

/**
 * mm_limit_mm_detached - an address space of a limited user has gone
 * @acct: the user's account
 *
 * Its memory may be what a killer waits for, or less than it counted on.
 *
 * Context: atomic, with the account's lock held.
 */
void mm_limit_mm_detached(struct mm_limit_account *acct)
{
	struct mm_limit_account *pool = READ_ONCE(acct->counter.pool);

	lockdep_assert_held(&acct->lock);

	look_for_room(acct);
	if (pool)
		look_for_room(pool);
}

static int __init mm_limit_enforce_setup(void)
{
	/* A limit has one work, so no user keeps another's from running. */
	mm_limit_wq = alloc_workqueue("mm_limit", WQ_UNBOUND | WQ_HIGHPRI |
				      WQ_MEM_RECLAIM, 0);
	if (!mm_limit_wq)
		panic("mm_limit: no memory for the workqueue");
	return 0;
}
core_initcall(mm_limit_enforce_setup);
