// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what happens above a limit.
 *
 * The charge that crosses a limit runs under a page-table lock, possibly on
 * behalf of somebody else (reclaim, ptrace), so it only queues work. A thread
 * of the user that is charged is stopped before it returns to user mode, until
 * the work has made room.
 *
 *	 crossed		   grace		 grace over, still above
 *	IDLE ------> EXCEEDED -----------------> GRACE -------+
 *	 ^ ^		|			   |	      v
 *	 | |		|			   |	   KILLING --> STUCK
 *	 | +------------|--------------------------+	   |  ^   nothing left
 *	 |		+-------------------------------------+	  to kill
 *	 +-------------------------------------------------+
 *			  no longer above
 *
 * With a limit that reclaims, EXCEEDED is followed by RECLAIMING, which goes back
 * to IDLE, or when nothing is left to reclaim on to GRACE or KILLING.
 */

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>

#include "internal.h"

/*
 * The killer works on behalf of a user, who pays for its CPU time by waiting: the
 * next work is put off until so many times as much has gone by. So a user who
 * makes it work all the time gets this share of a CPU, whatever it sets up; its
 * threads above the limit are stopped meanwhile.
 */
#define MM_LIMIT_PRICE		20

/* A user has credit for so much of the killer's time: for some kills in a row. */
#define MM_LIMIT_CREDIT_NS	(50 * NSEC_PER_MSEC * MM_LIMIT_PRICE)

static struct workqueue_struct *mm_limit_wq;

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
 * struct order - something that a limit's work does for a caller who waits
 * @node: in the limit's orders, until the work takes it
 * @kind: what
 * @in_force: with %ORDER_APPLY, what is in force
 * @restart: with %ORDER_APPLY, forget what is under way
 * @policy: with %ORDER_KILL, in which order
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
	unsigned int policy;
	unsigned int killed;
	struct completion done;
};

/* How long the user has to wait before the killer may work again, in nanoseconds */
static s64 debt(struct mm_limit_account *acct)
{
	return atomic64_read(&acct->paid) - (s64)ktime_get_ns() -
	       MM_LIMIT_CREDIT_NS;
}

/**
 * mm_limit_enforce_bill - the kernel has worked on behalf of a user
 * @acct: the user's account
 * @worked: for so many nanoseconds of a CPU
 */
void mm_limit_enforce_bill(struct mm_limit_account *acct, u64 worked)
{
	s64 now = ktime_get_ns(), paid = atomic64_read(&acct->paid);

	while (!atomic64_try_cmpxchg(&acct->paid, &paid,
				     max(paid, now) +
					     (s64)worked * MM_LIMIT_PRICE))
		;
}

/* Have the work look at the limit at once, whatever the user owes. */
static void kick_now(struct mm_limit *limit)
{
	WRITE_ONCE(limit->kicked, true);
	mod_delayed_work(mm_limit_wq, &limit->work, 0);
}

/* Have the work look at the limit, as soon as the user may have it look. */
static void kick(struct mm_limit *limit)
{
	s64 wait = debt(mm_limit_account(limit));

	if (wait <= 0) {
		kick_now(limit);
		return;
	}
	queue_delayed_work(mm_limit_wq, &limit->work,
			   nsecs_to_jiffies(wait) + 1);
}

/**
 * mm_limit_enforce_pay - wait until the user may have the killer work again
 * @acct: the user's account
 *
 * Before its own change of a limit, with no lock that others want.
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

/* Is it the user itself who makes its usage grow, in a fault or a fork? */
static bool current_is_charged_to(struct mm_limit_account *acct)
{
	struct mm_struct *mm = current->mm;

	if (!mm || (current->flags & (PF_EXITING | PF_KTHREAD)))
		return false;
	return READ_ONCE(mm->mm_limit.account) == acct;
}

/**
 * mm_limit_notice - somebody has found a user above its limit
 * @acct: the user's account
 * @limit: its limit
 * @mm: the mm that grows
 * @usage: the user's usage
 * @crossed: the user was not above the limit before
 *
 * Context: a read-side section of RCU; may be atomic, under a page-table lock.
 */
void mm_limit_notice(struct mm_limit_account *acct, struct mm_limit *limit,
		     struct mm_struct *mm, long usage, bool crossed)
{
	enum mm_limit_state state;
	bool act = crossed;

	if (crossed)
		WRITE_ONCE(limit->crossed, true);

	/*
	 * Once the work is queued it keeps itself going. It wants to know if
	 * more comes in than it waits for to go, and, if it is stuck, of an
	 * address space that it has not looked at, or after a while.
	 */
	state = READ_ONCE(limit->state);
	if (state == MM_LIMIT_KILLING)
		act |= usage > READ_ONCE(acct->max) + READ_ONCE(acct->dying);
	else if (state == MM_LIMIT_STUCK)
		act |= (!READ_ONCE(mm->mm_limit.scan) &&
			!READ_ONCE(mm->mm_limit.copy_of)) ||
		       time_after_eq(jiffies, READ_ONCE(limit->look_again));
	if (act)
		kick(limit);

	/* Not in a grace that lasts, nor where nothing is going to be done. */
	if (state == MM_LIMIT_GRACE && !READ_ONCE(limit->overdue))
		return;
	if ((act || state != MM_LIMIT_STUCK) && current_is_charged_to(acct))
		set_notify_resume(current);
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
	struct mm_limit *limit;

	if (READ_ONCE(mm_limit_trigger) != MM_LIMIT_TRIGGER_EXACT)
		return;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit)
		mm_limit_notice(acct, limit, mm, usage, crossed);
	rcu_read_unlock();
}

/**
 * mm_limit_gone - an address space of a limited user has gone
 * @acct: the user's account
 *
 * Its memory may be what the killer waits for, or less than it counted on.
 *
 * Context: atomic, with the account's lock held.
 */
void mm_limit_gone(struct mm_limit_account *acct)
{
	long usage = mm_limit_usage(acct);
	long max = READ_ONCE(acct->max);
	struct mm_limit *limit;

	lockdep_assert_held(&acct->lock);

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && READ_ONCE(limit->state) == MM_LIMIT_KILLING &&
	    (usage <= max || usage > max + acct->dying))
		kick(limit);
	rcu_read_unlock();
}

static void set_state(struct mm_limit *limit, enum mm_limit_state state)
{
	bool changed = limit->state != state;

	WRITE_ONCE(limit->state, state);
	/* Who waits depends on it. */
	wake_up_all(&mm_limit_account(limit)->wait);
	/* Those who were told why may have read it before it changed. */
	if (changed)
		mm_limit_notify(mm_limit_account(limit));
}

static void set_deadline(struct mm_limit *limit, unsigned long ms)
{
	limit->deadline = ktime_add_ms(ktime_get(), ms);
	WRITE_ONCE(limit->overdue, false);
}

/* Come back at the deadline. */
static void rearm(struct mm_limit *limit)
{
	hrtimer_start(&limit->timer, limit->deadline, HRTIMER_MODE_ABS);
}

static void start_grace(struct mm_limit *limit)
{
	mm_limit_event_grace(limit);
	set_deadline(limit, limit->grace_ms);
	set_state(limit, MM_LIMIT_GRACE);
	rearm(limit);
}

/*
 * A round of reclaim or force is over. Progress is a part of what is above the
 * limit, not a page: a user could give one back now and then.
 */
static void count_round(struct mm_limit *limit, long usage)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	limit->rounds++;
	if (limit->round_usage - usage >
	    (limit->round_usage - READ_ONCE(acct->max)) / 8) {
		limit->rounds = 0;
		limit->round_usage = usage;
	}
	/* What has come in since is to go first. */
	limit->round_usage = max(limit->round_usage, usage);
}

/*
 * Let the user's memory be swapped out, by the threads that cross the limit and
 * by the background; look now and then whether somebody gets on with it.
 */
static void reclaim(struct mm_limit *limit)
{
	long usage = mm_limit_usage(mm_limit_account(limit));

	if (limit->state != MM_LIMIT_RECLAIMING) {
		limit->rounds = 0;
		limit->round_usage = usage;
		mm_limit_event_reclaim(limit);
		set_state(limit, MM_LIMIT_RECLAIMING);
	} else {
		count_round(limit, usage);
	}

	if (limit->rounds >= MM_LIMIT_MAX_ROUNDS) {
		mm_limit_reclaim_give_up(limit);
		kick(limit);
		return;
	}
	mm_limit_reclaim_hurry(limit);
	set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
	rearm(limit);
}

static void stuck(struct mm_limit *limit, const char *why)
{
	if (!limit->reported)
		mm_limit_event_stuck(limit, why);
	limit->reported = true;
}

/*
 * Kill what has to be killed, and see after a while what became of it. In
 * between, the user's threads wait before they return to user mode.
 */
static void kill_victims(struct mm_limit *limit, unsigned int policy,
			 bool bounded)
{
	bool killed;

	if (limit->state != MM_LIMIT_KILLING) {
		limit->rounds = 0;
		limit->round_usage =
			mm_limit_usage(mm_limit_account(limit));
		set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
		set_state(limit, MM_LIMIT_KILLING);
	}

	killed = mm_limit_kill(limit, policy, bounded);
	/* Who is left may be helped by reclaim. */
	if (killed)
		WRITE_ONCE(limit->reclaim.hopeless, 0);
	if (killed || !mm_limit_exceeded(mm_limit_account(limit))) {
		rearm(limit);
		return;
	}
	stuck(limit, "none of its processes may be killed");
	WRITE_ONCE(limit->look_again,
		   jiffies + msecs_to_jiffies(READ_ONCE(mm_limit_kill_wait_ms)));
	set_state(limit, MM_LIMIT_STUCK);
}

/*
 * The wait after a kill is over, and the user still is above its limit. Push
 * the victims; after some rounds without any progress stop counting on their
 * memory, so that a user cannot shelter behind a process that does not die.
 */
static void kill_by_force(struct mm_limit *limit)
{
	/* Many victims take longer than one. */
	count_round(limit, mm_limit_usage(mm_limit_account(limit)));

	if (limit->rounds <= MM_LIMIT_MAX_ROUNDS) {
		mm_limit_event_force(limit);
		mm_limit_kill_by_force(limit);
	} else {
		stuck(limit, "killed processes do not give their memory back");
		mm_limit_write_off(limit);
		limit->rounds = 0;
	}
	set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
	kill_victims(limit, limit->choice.policy, true);
}

/**
 * mm_limit_next_step - what to do about a user
 * @state: how far enforcement has come
 * @over: the user is above its limit
 * @due: the deadline has passed
 * @grace: the limit has a grace
 * @reclaim: swapping the user's memory out may help
 *
 * Return: the step that comes next.
 */
enum mm_limit_step mm_limit_next_step(enum mm_limit_state state, bool over,
				      bool due, bool grace, bool reclaim)
{
	switch (state) {
	case MM_LIMIT_RECLAIMING:
		if (over && reclaim && !due)
			return MM_LIMIT_STEP_WAIT;
		fallthrough;
	case MM_LIMIT_IDLE:
	case MM_LIMIT_EXCEEDED:
		if (!over)
			return MM_LIMIT_STEP_REST;
		if (reclaim)
			return MM_LIMIT_STEP_RECLAIM;
		return grace ? MM_LIMIT_STEP_START_GRACE : MM_LIMIT_STEP_KILL;
	case MM_LIMIT_GRACE:
		if (!due)
			return MM_LIMIT_STEP_WAIT;
		return over ? MM_LIMIT_STEP_KILL : MM_LIMIT_STEP_END_GRACE;
	case MM_LIMIT_KILLING:
		if (!over)
			return MM_LIMIT_STEP_REST;
		return due ? MM_LIMIT_STEP_FORCE : MM_LIMIT_STEP_KILL;
	case MM_LIMIT_STUCK:
		return over ? MM_LIMIT_STEP_KILL : MM_LIMIT_STEP_REST;
	}
	return MM_LIMIT_STEP_REST;
}

/*
 * Under the trigger "periodic" a kill that was ordered is seen through, and
 * nothing else happens.
 */
static enum mm_limit_step only_ordered(struct mm_limit *limit,
				       enum mm_limit_step step)
{
	if (mm_limit_acts() || limit->state == MM_LIMIT_KILLING)
		return step;
	return MM_LIMIT_STEP_REST;
}

static void act(struct mm_limit *limit)
{
	bool due = ktime_compare(ktime_get(), limit->deadline) >= 0;
	enum mm_limit_step step;
	bool over;

	lockdep_assert_held(&limit->enforce);

	/* It was below again since: this is a new exceed, with a new grace. */
	if (READ_ONCE(limit->crossed) && limit->state != MM_LIMIT_GRACE) {
		mm_limit_reclaim_retry(limit);
		set_state(limit, MM_LIMIT_EXCEEDED);
	}
	/* Who sets it from here on queues the work once more. */
	smp_store_mb(limit->crossed, false);
	over = mm_limit_exceeded(mm_limit_account(limit));

	step = mm_limit_next_step(limit->state, over, due, limit->grace_ms,
				  mm_limit_reclaims(limit));
	step = only_ordered(limit, step);
	if (over && limit->state == MM_LIMIT_EXCEEDED)
		mm_limit_event_exceed(limit);

	switch (step) {
	case MM_LIMIT_STEP_WAIT:
		/* The timer may have been about an earlier deadline. */
		WRITE_ONCE(limit->overdue, false);
		wake_up_all(&mm_limit_account(limit)->wait);
		rearm(limit);
		break;
	case MM_LIMIT_STEP_START_GRACE:
		start_grace(limit);
		break;
	case MM_LIMIT_STEP_END_GRACE:
		mm_limit_event_normal(limit);
		fallthrough;
	case MM_LIMIT_STEP_REST:
		set_state(limit, MM_LIMIT_IDLE);
		break;
	case MM_LIMIT_STEP_RECLAIM:
		reclaim(limit);
		break;
	case MM_LIMIT_STEP_KILL:
		kill_victims(limit, limit->choice.policy, true);
		break;
	case MM_LIMIT_STEP_FORCE:
		kill_by_force(limit);
		break;
	}
}

/* A user above a limit that has just been set is a new exceed. */
static void look_for_excess(struct mm_limit *limit)
{
	if (limit->state == MM_LIMIT_IDLE && mm_limit_acts() &&
	    mm_limit_exceeded(mm_limit_account(limit)))
		WRITE_ONCE(limit->crossed, true);
}

/*
 * What is in force has changed. A grace that has begun and is still needed keeps its
 * end, or gets an earlier one: a user cannot win time against a hard limit by
 * changing its own.
 */
static void apply(struct mm_limit *limit, const struct order *order)
{
	ktime_t end;

	limit->mm_max = order->in_force.mm_max;
	limit->grace_ms = order->in_force.time_allow_exceed_ms;
	limit->reported = false;

	end = ktime_add_ms(ktime_get(), limit->grace_ms);
	if (order->restart || !mm_limit_exceeded(mm_limit_account(limit))) {
		hrtimer_cancel(&limit->timer);
		WRITE_ONCE(limit->overdue, false);
		set_state(limit, MM_LIMIT_IDLE);
	} else if (limit->state == MM_LIMIT_GRACE &&
		   ktime_before(end, limit->deadline)) {
		limit->deadline = end;
	}
	look_for_excess(limit);
}

static void kill_on_order(struct mm_limit *limit, struct order *order)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	u64 kills = limit->stats.kills;

	/* What was noticed before is dealt with here. */
	WRITE_ONCE(limit->crossed, false);
	if (mm_limit_exceeded(acct)) {
		if (limit->state != MM_LIMIT_KILLING)
			mm_limit_event_exceed(limit);
		kill_victims(limit, order->policy, false);
	}
	order->killed = limit->stats.kills - kills;
}

static struct order *take_order(struct mm_limit *limit)
{
	struct order *order;

	spin_lock(&limit->orders_lock);
	order = list_first_entry_or_null(&limit->orders, struct order, node);
	if (order)
		list_del_init(&order->node);
	spin_unlock(&limit->orders_lock);
	return order;
}

static void carry_out_orders(struct mm_limit *limit)
{
	struct order *order;

	while ((order = take_order(limit))) {
		switch (order->kind) {
		case ORDER_LOOK:
			look_for_excess(limit);
			break;
		case ORDER_APPLY:
			apply(limit, order);
			break;
		case ORDER_KILL:
			kill_on_order(limit, order);
			break;
		}
		complete(&order->done);
	}
}

static void enforce(struct work_struct *work)
{
	struct mm_limit *limit = container_of(to_delayed_work(work),
					      struct mm_limit, work);
	u64 began = task_sched_runtime(current);
	bool unfinished;

	mutex_lock(&limit->enforce);
	WRITE_ONCE(limit->kicked, false);
	carry_out_orders(limit);
	act(limit);
	unfinished = limit->unfinished;
	limit->unfinished = false;
	mutex_unlock(&limit->enforce);
	/* Those in a page fault wait for just that. */
	wake_up_all(&mm_limit_account(limit)->wait);
	mm_limit_enforce_bill(mm_limit_account(limit),
			      task_sched_runtime(current) - began);
	if (unfinished)
		kick(limit);
}

/*
 * Have the work carry out an order, and wait for that. Returns false if the caller is
 * killed, with @killable, or if the limit is no longer acted on.
 */
static bool give_order(struct mm_limit *limit, struct order *order,
		       bool killable)
{
	bool given;

	init_completion(&order->done);
	spin_lock(&limit->orders_lock);
	given = !limit->dead;
	if (given)
		list_add_tail(&order->node, &limit->orders);
	spin_unlock(&limit->orders_lock);
	if (!given)
		return false;

	kick_now(limit);
	if (!killable) {
		wait_for_completion(&order->done);
		return true;
	}
	if (!wait_for_completion_killable(&order->done))
		return true;

	spin_lock(&limit->orders_lock);
	given = list_empty(&order->node);
	list_del_init(&order->node);
	spin_unlock(&limit->orders_lock);
	if (given)
		wait_for_completion(&order->done);
	return given;
}

static enum hrtimer_restart deadline_reached(struct hrtimer *timer)
{
	struct mm_limit *limit = container_of(timer, struct mm_limit, timer);

	WRITE_ONCE(limit->overdue, true);
	kick(limit);
	return HRTIMER_NORESTART;
}

/**
 * mm_limit_enforce_init - prepare the enforcement of a new limit
 * @limit: zeroed but for its user
 */
void mm_limit_enforce_init(struct mm_limit *limit)
{
	mutex_init(&limit->enforce);
	spin_lock_init(&limit->orders_lock);
	INIT_LIST_HEAD(&limit->orders);
	hrtimer_init(&limit->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	limit->timer.function = deadline_reached;
	INIT_DELAYED_WORK(&limit->work, enforce);
	mm_limit_trigger_init(limit);
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

	spin_lock(&limit->orders_lock);
	limit->dead = true;
	spin_unlock(&limit->orders_lock);
	/* In this order: the work starts the timer. */
	disable_delayed_work_sync(&limit->work);
	hrtimer_cancel(&limit->timer);
	while ((order = take_order(limit)))
		complete(&order->done);
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
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct order order = {
		.kind = ORDER_APPLY,
		.in_force = *in_force,
		.restart = restart,
	};
	bool lower;

	lockdep_assert_held(&acct->mutex);

	mm_limit_reclaim_configure(limit);
	lower = mm_limit_set_max(acct, mm_limit_pages(in_force->mm_max),
				 mm_limit_threshold(in_force->mm_max,
						    &limit->choice));
	smp_mb(); /* pairs with the one in charged() */
	mm_limit_trigger_reset(limit);
	/* By what the charges show that have been made, */
	give_order(limit, &order, false);
	if (lower) {
		/* and then by those that were being made. */
		mm_limit_settle_max(acct);
		order.kind = ORDER_LOOK;
		give_order(limit, &order, false);
	}
	if (mm_limit_usage(acct) > acct->counter.max)
		mm_limit_reclaim_wake(acct);
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
	struct order order = { .kind = ORDER_KILL };

	if (policy == MM_LIMIT_POLICY_OWN)
		policy = READ_ONCE(limit->choice.policy);
	order.policy = policy;
	if (mm_limit_exceeded(mm_limit_account(limit)))
		mm_limit_reclaim_now(limit, end);
	if (!give_order(limit, &order, true) &&
	    fatal_signal_pending(current))
		return -EINTR;
	return order.killed;
}

/**
 * mm_limit_look_again - have the work look at a user
 * @limit: its limit
 *
 * Context: any; in an RCU read-side section if the limit may go away.
 */
void mm_limit_look_again(struct mm_limit *limit)
{
	kick(limit);
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
