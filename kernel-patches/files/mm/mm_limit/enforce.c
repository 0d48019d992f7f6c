// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what happens above a limit.
 *
 * A limit has one work, which does all that is done about its user, and what callers
 * order. It is queued by whoever sees the user above its limit (notice.c), and goes
 * on by itself until there is room (exceed.c). Meanwhile threads of the user that is
 * charged are stopped before they return to user mode (throttle.c).
 */

#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>

#include "account.h"
#include "enforce.h"
#include "events.h"
#include "reclaim.h"

/**
 * enum order_kind - what a caller wants of a limit's work
 * @ORDER_LOOK: see whether the user is above its limit
 * @ORDER_APPLY: something else is in force
 * @ORDER_KILL: kill until the user is below its limit
 */
enum order_kind {
	ORDER_LOOK,
	ORDER_APPLY,
	ORDER_KILL,
};

/**
 * struct order - something that a limit's work does for a caller that waits
 * @node: in the limit's orders, until the work takes it
 * @kind: what
 * @in_force: with %ORDER_APPLY, what is in force
 * @restart: with %ORDER_APPLY, forget what is under way
 * @policy: with %ORDER_KILL, in which order
 * @found: the user was above the limit in force at an earlier look
 * @killed: with %ORDER_KILL, how many processes were
 * @done: it has been done, or will not be
 *
 * A caller that did it itself would have to keep the work from running; and a
 * user's thread can be kept from running for long, by others of the same user.
 */
struct order {
	struct list_head node;
	enum order_kind kind;
	struct mm_limit_part in_force;
	bool restart;
	bool found;
	unsigned int policy;
	unsigned int killed;
	struct completion done;
};

/*
 * A user above a limit that has just been set is a new breach. A trial, which leaves the
 * user above, tells of it the first time.
 */
static void look_for_excess(struct mm_limit_account *acct,
			    struct mm_limit *limit, struct order *order)
{
	if (order->found && mm_limit_in_trial(limit))
		return;
	if (limit->enforce.state == MM_LIMIT_IDLE && mm_limit_acts() &&
	    mm_limit_over(acct, limit)) {
		WRITE_ONCE(limit->enforce.crossed, true);
		limit->kill.lowered = true;
		order->found = true;
	}
}

/*
 * What is in force has changed. A grace that has begun and is still needed keeps its
 * end, or gets an earlier one: a user cannot win time against a hard limit by
 * changing its own.
 */
static void apply(struct mm_limit_account *acct, struct mm_limit *limit,
		  struct order *order)
{
	ktime_t end;

	limit->enforce.mm_max = order->in_force.mm_max;
	limit->enforce.grace_ms = order->in_force.time_allow_exceed_ms;
	limit->enforce.reported = false;
	/* The work may have written a level of before over the one that was set. */
	mm_limit_warn(acct, limit);

	/* Likewise for a limit, which is also not that of victims asked to end. */
	mm_limit_make_room(acct, limit, 0);

	end = ktime_add_ms(ktime_get(), limit->enforce.grace_ms);
	if (order->restart || !mm_limit_over(acct, limit)) {
		hrtimer_cancel(&limit->enforce.timer);
		WRITE_ONCE(limit->enforce.overdue, false);
		mm_limit_set_state(acct, limit, MM_LIMIT_IDLE);
	} else if (limit->enforce.state == MM_LIMIT_GRACE &&
		   ktime_before(end, limit->enforce.deadline)) {
		limit->enforce.deadline = end;
	} else if (limit->enforce.state == MM_LIMIT_TERMINATING) {
		/* Their time goes on. */
		mm_limit_make_room(acct, limit, MM_LIMIT_TERM_PAGES);
	}
	look_for_excess(acct, limit, order);
}

static void kill_on_order(struct mm_limit_account *acct, struct mm_limit *limit,
			  struct order *order)
{
	u64 kills = limit->stats.kills;

	/* What was noticed before is dealt with here. */
	WRITE_ONCE(limit->enforce.crossed, false);
	if (mm_limit_over(acct, limit)) {
		if (limit->enforce.state != MM_LIMIT_KILLING)
			mm_limit_event_exceed(acct, limit);
		limit->kill.reason = MM_LIMIT_REASON_ORDER;
		mm_limit_kill_victims(acct, limit, order->policy, false);
	}
	order->killed = limit->stats.kills - kills;
}

static struct order *take_order(struct mm_limit *limit)
{
	struct order *order;

	spin_lock(&limit->enforce.orders_lock);
	order = list_first_entry_or_null(&limit->enforce.orders, struct order,
					 node);
	if (order)
		list_del_init(&order->node);
	spin_unlock(&limit->enforce.orders_lock);
	return order;
}

static void carry_out_orders(struct mm_limit_account *acct,
			     struct mm_limit *limit)
{
	struct order *order;

	while ((order = take_order(limit))) {
		switch (order->kind) {
		case ORDER_LOOK:
			look_for_excess(acct, limit, order);
			break;
		case ORDER_APPLY:
			apply(acct, limit, order);
			break;
		case ORDER_KILL:
			kill_on_order(acct, limit, order);
			break;
		}
		complete(&order->done);
	}
}

static void enforce(struct work_struct *work)
{
	struct mm_limit *limit = container_of(to_delayed_work(work),
					      struct mm_limit, enforce.work);
	struct mm_limit_account *acct = mm_limit_account(limit);
	u64 began = task_sched_runtime(current);
	struct mm_limit_account *walk;
	bool unfinished;

	mutex_lock(&limit->enforce.mutex);
	/* It does not wait in the workqueue, where it would keep others from running. */
	if (!mm_limit_trylock_walk(acct, &walk)) {
		mutex_unlock(&limit->enforce.mutex);
		mm_limit_enforce_bill(acct, task_sched_runtime(current) - began);
		mm_limit_queue_enforcement_again(limit);
		return;
	}
	WRITE_ONCE(limit->enforce.kicked, false);
	WRITE_ONCE(limit->enforce.put_off, false);
	carry_out_orders(acct, limit);
	mm_limit_warn(acct, limit);
	mm_limit_act(acct, limit);
	unfinished = limit->kill.unfinished;
	limit->kill.unfinished = false;
	mm_limit_unlock_walk(walk);
	mutex_unlock(&limit->enforce.mutex);
	/* Those in a page fault wait for just that. */
	wake_up_all(&acct->wait);
	mm_limit_enforce_bill(acct, task_sched_runtime(current) - began);
	if (unfinished)
		mm_limit_queue_enforcement(limit);
}

/*
 * Have the work carry out an order, and wait for that.
 *
 * Return: false if the caller is killed, with @killable, or if the limit is no longer
 * acted on.
 */
static bool give_order(struct mm_limit *limit, struct order *order,
		       bool killable)
{
	bool given;

	init_completion(&order->done);
	spin_lock(&limit->enforce.orders_lock);
	given = !limit->enforce.dead;
	if (given)
		list_add_tail(&order->node, &limit->enforce.orders);
	spin_unlock(&limit->enforce.orders_lock);
	if (!given)
		return false;

	mm_limit_queue_enforcement_now(limit);
	if (!killable) {
		wait_for_completion(&order->done);
		return true;
	}
	if (!wait_for_completion_killable(&order->done))
		return true;

	spin_lock(&limit->enforce.orders_lock);
	given = list_empty(&order->node);
	list_del_init(&order->node);
	spin_unlock(&limit->enforce.orders_lock);
	if (given)
		wait_for_completion(&order->done);
	return given;
}

static enum hrtimer_restart deadline_reached(struct hrtimer *timer)
{
	struct mm_limit *limit =
		container_of(timer, struct mm_limit, enforce.timer);

	WRITE_ONCE(limit->enforce.overdue, true);
	mm_limit_queue_enforcement(limit);
	return HRTIMER_NORESTART;
}

/**
 * mm_limit_enforce_init - prepare the enforcement of a new limit
 * @limit: zeroed but for its user
 */
void mm_limit_enforce_init(struct mm_limit *limit)
{
	mutex_init(&limit->enforce.mutex);
	spin_lock_init(&limit->enforce.orders_lock);
	INIT_LIST_HEAD(&limit->enforce.orders);
	hrtimer_init(&limit->enforce.timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	limit->enforce.timer.function = deadline_reached;
	INIT_DELAYED_WORK(&limit->enforce.work, enforce);
	limit->levels.warned_at = -1;
	mm_limit_trigger_init(limit);
}

/**
 * mm_limit_enforce_begin - a limit that nobody has found yet comes into force
 * @limit: the limit
 * @in_force: what is in force
 */
void mm_limit_enforce_begin(struct mm_limit *limit,
			    const struct mm_limit_part *in_force)
{
	limit->enforce.mm_max = in_force->mm_max;
	limit->enforce.grace_ms = in_force->time_allow_exceed_ms;
}

/**
 * mm_limit_enforce_stop - never act on a limit again
 * @limit: the limit
 *
 * When this returns, the killer is not running and will not start.
 *
 * Context: process; waits for the killer if it runs.
 */
void mm_limit_enforce_stop(struct mm_limit *limit)
{
	struct order *order;

	spin_lock(&limit->enforce.orders_lock);
	limit->enforce.dead = true;
	spin_unlock(&limit->enforce.orders_lock);
	/* In this order: the work starts the timer. */
	disable_delayed_work_sync(&limit->enforce.work);
	hrtimer_cancel(&limit->enforce.timer);
	while ((order = take_order(limit)))
		complete(&order->done);
}

/*
 * Have a limit changed, or looked at. What comes to nothing needs no work, which costs
 * more than all the rest. Only the kernel's own threads may do it themselves: for the mutex
 * the limit's work waits.
 */
static void see_to(struct mm_limit *limit, struct order *order)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	bool done;

	if (!(current->flags & PF_KTHREAD) || acct->is_pool) {
		give_order(limit, order, false);
		return;
	}
	mutex_lock(&limit->enforce.mutex);
	if (order->kind == ORDER_APPLY)
		apply(acct, limit, order);
	else
		look_for_excess(acct, limit, order);
	done = limit->enforce.state == MM_LIMIT_IDLE &&
	       !READ_ONCE(limit->enforce.crossed);
	mutex_unlock(&limit->enforce.mutex);
	if (done)
		return;
	order->kind = ORDER_LOOK;
	give_order(limit, order, false);
}

/**
 * mm_limit_begin_apply - act on a limit that was set or changed, by what the charges show
 *	that have been made
 * @limit: the limit
 * @in_force: what is in force now
 * @restart: forget what is under way
 *
 * When it returns nothing is done any more by what was in force before.
 *
 * Return: for mm_limit_finish_apply().
 * Context: process; with the account's limit_mutex held, until that has been called.
 */
struct mm_limit_applying
mm_limit_begin_apply(struct mm_limit *limit,
		     const struct mm_limit_part *in_force, bool restart)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_applying applying;
	struct order order = {
		.kind = ORDER_APPLY,
		.in_force = *in_force,
		.restart = restart,
	};

	lockdep_assert_held(&acct->limit_mutex);

	mm_limit_reclaim_configure(limit);
	applying.look = mm_limit_set_levels(limit, in_force);
	smp_mb(); /* pairs with the one in charged() */
	mm_limit_trigger_reset(limit);
	see_to(limit, &order);
	applying.found = order.found;
	applying.wait = applying.look && mm_limit_must_settle(acct);
	return applying;
}

/**
 * mm_limit_finish_apply - act on it by the charges that were being made, too
 * @limit: the limit
 * @applying: as mm_limit_begin_apply() has it
 *
 * Context: process.
 */
void mm_limit_finish_apply(struct mm_limit *limit,
			   const struct mm_limit_applying *applying)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct order order = {
		.kind = ORDER_LOOK,
		.found = applying->found,
	};

	if (applying->look)
		see_to(limit, &order);
	if (mm_limit_usage(acct) > limit->levels.reclaim)
		mm_limit_reclaim_wake(acct);
}

/**
 * mm_limit_enforce_apply - act on a limit that was set or changed
 * @limit: the limit
 * @in_force: what is in force now
 * @restart: forget what is under way
 *
 * When it returns nothing is done any more by what was in force before.
 *
 * Context: process.
 */
void mm_limit_enforce_apply(struct mm_limit *limit,
			    const struct mm_limit_part *in_force, bool restart)
{
	struct mm_limit_applying applying =
		mm_limit_begin_apply(limit, in_force, restart);

	if (applying.wait)
		mm_limit_wait_for_charges();
	mm_limit_finish_apply(limit, &applying);
}

/**
 * mm_limit_enforce_now - kill until the user is below its limit, at once
 * @limit: the limit, with a reference
 * @policy: in which order; %MM_LIMIT_POLICY_OWN: the limit's own
 * @end: of reclaiming before that, in jiffies
 *
 * Return: how many processes were killed, or -EINTR.
 * Context: process.
 */
int mm_limit_enforce_now(struct mm_limit *limit, int policy, unsigned long end)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct order order = { .kind = ORDER_KILL };

	if (policy == MM_LIMIT_POLICY_OWN)
		policy = READ_ONCE(limit->settings.policy);
	order.policy = policy;
	if (mm_limit_exceeded(acct))
		mm_limit_reclaim_now(acct, limit, end);
	if (!give_order(limit, &order, true) &&
	    fatal_signal_pending(current))
		return -EINTR;
	return order.killed;
}
