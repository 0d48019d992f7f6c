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

#include <linux/cpumask.h>
#include <linux/ktime.h>
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
	 * address space that it has not looked at.
	 */
	state = READ_ONCE(limit->state);
	if (state == MM_LIMIT_KILLING)
		act |= usage > READ_ONCE(acct->max) + READ_ONCE(acct->dying);
	else if (state == MM_LIMIT_STUCK)
		act |= !READ_ONCE(mm->mm_limit.scan);
	if (act)
		queue_work(mm_limit_wq, &limit->work);

	if (state != MM_LIMIT_GRACE && (act || state != MM_LIMIT_STUCK) &&
	    current_is_charged_to(acct))
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
		queue_work(mm_limit_wq, &limit->work);
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
		mm_limit_notify();
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
		queue_work(mm_limit_wq, &limit->work);
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
static void kill_victims(struct mm_limit *limit, unsigned int policy)
{
	bool killed;

	if (limit->state != MM_LIMIT_KILLING) {
		limit->rounds = 0;
		limit->round_usage =
			mm_limit_usage(mm_limit_account(limit));
		set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
		set_state(limit, MM_LIMIT_KILLING);
	}

	killed = mm_limit_kill(limit, policy);
	/* Who is left may be helped by reclaim. */
	if (killed)
		WRITE_ONCE(limit->reclaim.hopeless, 0);
	if (killed || !mm_limit_exceeded(mm_limit_account(limit))) {
		rearm(limit);
		return;
	}
	stuck(limit, "none of its processes may be killed");
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
	kill_victims(limit, limit->choice.policy);
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

static void enforce(struct work_struct *work)
{
	struct mm_limit *limit = container_of(work, struct mm_limit, work);
	bool due = ktime_compare(ktime_get(), limit->deadline) >= 0;
	enum mm_limit_step step;
	bool over;

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
		kill_victims(limit, limit->choice.policy);
		break;
	case MM_LIMIT_STEP_FORCE:
		kill_by_force(limit);
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
	mm_limit_trigger_init(limit);
}

/**
 * mm_limit_enforce_pause - stop acting on a limit
 * @limit: the limit
 * @now: what is due may be left undone; otherwise it is done first, so that a
 *	user cannot keep the killer from a hard limit by changing its own
 *
 * When this returns, the killer is not running and will not start.
 *
 * Context: process; waits for the killer if it runs.
 */
void mm_limit_enforce_pause(struct mm_limit *limit, bool now)
{
	if (!now)
		flush_work(&limit->work);
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
	mm_limit_reclaim_configure(limit);
	mm_limit_set_max(acct, mm_limit_pages(in_force->mm_max),
			 mm_limit_threshold(in_force->mm_max, &limit->choice));
	smp_mb(); /* pairs with the one in charged() */
	mm_limit_trigger_reset(limit);

	end = ktime_add_ms(ktime_get(), limit->grace_ms);
	if (restart || !mm_limit_exceeded(acct))
		set_state(limit, MM_LIMIT_IDLE);
	else if (limit->state == MM_LIMIT_GRACE &&
		 ktime_before(end, limit->deadline))
		limit->deadline = end;
	if (limit->state == MM_LIMIT_IDLE && mm_limit_acts() &&
	    mm_limit_exceeded(acct))
		WRITE_ONCE(limit->crossed, true);

	enable_work(&limit->work);
	if (limit->state != MM_LIMIT_IDLE || READ_ONCE(limit->crossed))
		queue_work(mm_limit_wq, &limit->work);
	if (mm_limit_usage(acct) > acct->counter.max)
		mm_limit_reclaim_wake(acct);
}

/**
 * mm_limit_enforce_now - kill until the user is below its limit, at once
 * @limit: the limit; the caller paused its enforcement, which goes on here
 * @policy: in which order
 *
 * Return: how many processes were killed.
 * Context: process; with the account's mutex held.
 */
unsigned int mm_limit_enforce_now(struct mm_limit *limit, int policy)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	u64 kills = limit->stats.kills;

	lockdep_assert_held(&acct->mutex);

	/* What was noticed before is dealt with here. */
	WRITE_ONCE(limit->crossed, false);
	if (mm_limit_exceeded(acct))
		mm_limit_reclaim_now(limit);
	if (mm_limit_exceeded(acct)) {
		if (limit->state != MM_LIMIT_KILLING)
			mm_limit_event_exceed(limit);
		kill_victims(limit, policy);
	}

	enable_work(&limit->work);
	queue_work(mm_limit_wq, &limit->work);
	return limit->stats.kills - kills;
}

/*
 * Is the work about to look at a user that is above its limit, or waiting for
 * memory of victims?
 */
static bool work_is_due(struct mm_limit *limit)
{
	switch (READ_ONCE(limit->state)) {
	case MM_LIMIT_IDLE:
		/* The charge that crossed may be just about to say so. */
		return READ_ONCE(limit->crossed) ||
		       READ_ONCE(mm_limit_trigger) == MM_LIMIT_TRIGGER_EXACT;
	case MM_LIMIT_EXCEEDED:
	case MM_LIMIT_KILLING:
	case MM_LIMIT_RECLAIMING:
		return true;
	case MM_LIMIT_GRACE:
		return false;
	case MM_LIMIT_STUCK:
		return READ_ONCE(limit->crossed);
	}
	return false;
}

/* Has a thread of this user to wait before it returns to user mode? */
static bool must_wait(struct mm_limit_account *acct)
{
	struct mm_limit *limit;
	bool wait;

	if (!mm_limit_exceeded(acct))
		return false;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	wait = limit && work_is_due(limit);
	rcu_read_unlock();
	return wait;
}

/**
 * mm_limit_look_again - have the work look at a user
 * @limit: its limit
 *
 * Context: any; in an RCU read-side section if the limit may go away.
 */
void mm_limit_look_again(struct mm_limit *limit)
{
	queue_work(mm_limit_wq, &limit->work);
}

/*
 * Before a thread waits: it may have been between two address spaces, in an
 * exec or a fork, when the killer looked.
 */
static void now_decided(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && READ_ONCE(limit->undecided))
		mm_limit_look_again(limit);
	rcu_read_unlock();
}

/*
 * Has this user's memory to be swapped out before anything else? Not while it
 * has a grace, or once the killer is at work.
 */
static bool may_reclaim(struct mm_limit_account *acct)
{
	enum mm_limit_state state;
	struct mm_limit *limit;
	bool may = false;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && mm_limit_reclaims(limit)) {
		state = READ_ONCE(limit->state);
		may = state == MM_LIMIT_IDLE || state == MM_LIMIT_EXCEEDED ||
		      state == MM_LIMIT_RECLAIMING;
	}
	rcu_read_unlock();
	return may;
}

/*
 * With the mmap_lock held for reading (@held), or for writing by a fork, or without.
 */
static void wait_for_room(unsigned int task_state, struct mm_struct *held,
			  bool forking)
{
	struct mm_struct *mm = current->mm;
	struct mm_limit_account *acct;
	bool first = true;

	/* Cheap and mostly true: this thread is here for another reason. */
	if (!mm || !READ_ONCE(mm->mm_limit.charged))
		return;

	acct = mm_limit_get_owner(mm);
	while (must_wait(acct) && !fatal_signal_pending(current)) {
		if (!may_reclaim(acct)) {
			now_decided(acct);
			wait_event_state(acct->wait,
					 !must_wait(acct) || may_reclaim(acct),
					 task_state);
			continue;
		}
		if (forking)
			break;
		if (!mm_limit_reclaim_direct(acct, held, first))
			schedule_timeout_killable(1);
		first = false;
	}
	free_uid(mm_limit_account_user(acct));
}

void __mm_limit_resume_user_mode(void)
{
	wait_for_room(TASK_KILLABLE | TASK_FREEZABLE, NULL, false);
}

bool __mm_limit_throttle(bool forking)
{
	wait_for_room(TASK_KILLABLE, forking ? NULL : current->mm, forking);
	return fatal_signal_pending(current);
}

void __mm_limit_fault(struct mm_struct *mm)
{
	struct mm_limit_account *acct;
	bool first = true;

	if (!current->mm || !READ_ONCE(current->mm->mm_limit.charged))
		return;

	acct = mm_limit_get_owner(current->mm);
	/* Another user must not be kept waiting for the lock of its memory. */
	while (READ_ONCE(mm->mm_limit.owner) == acct && must_wait(acct) &&
	       may_reclaim(acct) && !fatal_signal_pending(current)) {
		if (!mm_limit_reclaim_direct(acct, NULL, first)) {
			/* A page at a time, then */
			schedule_timeout_killable(1);
			break;
		}
		first = false;
	}
	free_uid(mm_limit_account_user(acct));
}

static int __init mm_limit_enforce_setup(void)
{
	/*
	 * On half of the CPUs at most: when hundreds of users exceed their
	 * limits at once, the others have to get on with their work.
	 */
	mm_limit_wq = alloc_workqueue("mm_limit", WQ_UNBOUND | WQ_HIGHPRI |
				      WQ_MEM_RECLAIM,
				      max(num_online_cpus() / 2, 1U));
	if (!mm_limit_wq)
		panic("mm_limit: no memory for the workqueue");
	return 0;
}
core_initcall(mm_limit_enforce_setup);
