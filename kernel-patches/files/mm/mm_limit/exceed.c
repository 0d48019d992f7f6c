// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what is done about a user above its limit, step by step.
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
 * With SIGTERM before SIGKILL, KILLING is preceded by TERMINATING, for so long as the
 * victims have time; in the end it leads to IDLE if that was enough.
 *
 * In a dry run KILLING is left out: who would be killed is told, and IDLE follows.
 *
 * With a limit that reclaims, EXCEEDED is followed by RECLAIMING, which goes back
 * to IDLE, or when nothing is left to reclaim on to GRACE or KILLING.
 */

#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "enforce.h"
#include "events.h"
#include "kill.h"
#include "reclaim.h"

/**
 * mm_limit_set_state - how far enforcement has come
 * @acct: the user's account
 * @limit: its limit
 * @state: from now on
 *
 * Context: the limit's work.
 */
void mm_limit_set_state(struct mm_limit_account *acct, struct mm_limit *limit,
			enum mm_limit_state state)
{
	bool changed = limit->enforce.state != state;

	WRITE_ONCE(limit->enforce.state, state);
	/* Threads wait or go on by the state. */
	wake_up_all(&acct->wait);
	/* Readers that were told of the event may have read the state before. */
	if (changed)
		mm_limit_notify(acct);
}

static void set_deadline(struct mm_limit *limit, unsigned long ms)
{
	limit->enforce.deadline = ktime_add_ms(ktime_get(), ms);
	WRITE_ONCE(limit->enforce.overdue, false);
}

/* Come back at the deadline. */
static void rearm(struct mm_limit *limit)
{
	hrtimer_start(&limit->enforce.timer, limit->enforce.deadline,
		      HRTIMER_MODE_ABS);
}

static void start_grace(struct mm_limit_account *acct, struct mm_limit *limit)
{
	mm_limit_event_grace(acct, limit);
	set_deadline(limit, limit->enforce.grace_ms);
	mm_limit_set_state(acct, limit, MM_LIMIT_GRACE);
	rearm(limit);
}

/*
 * A round of reclaim or force is over. Progress is a part of what is above the
 * limit, not a page: a user could give one back now and then.
 */
static void count_round(struct mm_limit_account *acct, struct mm_limit *limit,
			long usage)
{
	limit->enforce.rounds++;
	if (limit->enforce.round_usage - usage >
	    (limit->enforce.round_usage - READ_ONCE(acct->max)) / 8) {
		limit->enforce.rounds = 0;
		limit->enforce.round_usage = usage;
	}
	/* What has come in since is to go first. */
	limit->enforce.round_usage = max(limit->enforce.round_usage, usage);
}

/*
 * Let the user's memory be swapped out, by the threads that cross the limit and
 * by the background; look now and then whether somebody gets on with it.
 */
static void reclaim(struct mm_limit_account *acct, struct mm_limit *limit)
{
	long usage = mm_limit_usage(acct);

	if (limit->enforce.state != MM_LIMIT_RECLAIMING) {
		limit->enforce.rounds = 0;
		limit->enforce.round_usage = usage;
		mm_limit_event_reclaim(acct, limit);
		mm_limit_set_state(acct, limit, MM_LIMIT_RECLAIMING);
	} else {
		count_round(acct, limit, usage);
	}

	if (limit->enforce.rounds >= MM_LIMIT_MAX_ROUNDS) {
		mm_limit_reclaim_give_up(limit);
		mm_limit_queue_enforcement(limit);
		return;
	}
	mm_limit_reclaim_hurry(limit);
	set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
	rearm(limit);
}

static void report_stuck(struct mm_limit_account *acct, struct mm_limit *limit,
			 const char *why)
{
	if (!limit->enforce.reported)
		mm_limit_event_stuck(acct, limit, why);
	limit->enforce.reported = true;
}

/**
 * mm_limit_kill_victims - kill what has to be killed
 * @acct: the user's account
 * @limit: its limit
 * @policy: in which order
 * @bounded: for a while only, then go on later
 *
 * What became of it is seen after a while. In between, the user's threads wait before
 * they return to user mode. In a dry run nothing becomes of it, and that is all until
 * the user crosses its limit again.
 *
 * Context: the limit's work.
 */
void mm_limit_kill_victims(struct mm_limit_account *acct,
			   struct mm_limit *limit, unsigned int policy,
			   bool bounded)
{
	bool killed;

	if (limit->enforce.state == MM_LIMIT_TERMINATING)
		mm_limit_make_room(acct, limit, 0);
	if (mm_limit_in_trial(limit)) {
		mm_limit_dry_run(acct, limit, policy);
		mm_limit_set_state(acct, limit, MM_LIMIT_IDLE);
		return;
	}
	if (limit->enforce.state != MM_LIMIT_KILLING) {
		limit->enforce.rounds = 0;
		limit->enforce.round_usage = mm_limit_usage(acct);
		set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
		mm_limit_set_state(acct, limit, MM_LIMIT_KILLING);
	}

	killed = mm_limit_kill(acct, limit, policy, bounded);
	/* Reclaim may help the processes that are left. */
	if (killed)
		WRITE_ONCE(limit->reclaim.no_reclaim_until, 0);
	if (killed || !mm_limit_exceeded(acct)) {
		rearm(limit);
		return;
	}
	report_stuck(acct, limit, "none of its processes may be killed");
	WRITE_ONCE(limit->enforce.retry_at,
		   jiffies + msecs_to_jiffies(READ_ONCE(mm_limit_kill_wait_ms)));
	mm_limit_set_state(acct, limit, MM_LIMIT_STUCK);
}

/*
 * May the victims be asked to end, before they are killed? They have room for that only
 * if the user is not far above its limit already.
 */
static bool may_terminate(struct mm_limit_account *acct, struct mm_limit *limit)
{
	switch (limit->enforce.state) {
	case MM_LIMIT_KILLING:
	case MM_LIMIT_STUCK:
	case MM_LIMIT_TERMINATING:
		return false;
	default:
		return limit->settings.term_ms && !mm_limit_in_trial(limit) &&
		       mm_limit_usage(acct) - READ_ONCE(limit->levels.max) <=
			       MM_LIMIT_TERM_PAGES;
	}
}

/*
 * Ask the victims to end, and give them time and a little room for it. Whoever grows
 * beyond that is stopped, and ends it.
 */
static void terminate(struct mm_limit_account *acct, struct mm_limit *limit)
{
	if (!mm_limit_term(acct, limit, limit->settings.policy)) {
		mm_limit_kill_victims(acct, limit, limit->settings.policy, true);
		return;
	}
	set_deadline(limit, limit->settings.term_ms);
	mm_limit_make_room(acct, limit, MM_LIMIT_TERM_PAGES);
	mm_limit_set_state(acct, limit, MM_LIMIT_TERMINATING);
	rearm(limit);
}

/*
 * The victims that were asked to end have done so, in time. The limit is what it was
 * again; the user may have crossed it while it was not.
 */
static void end_term(struct mm_limit_account *acct, struct mm_limit *limit)
{
	mm_limit_make_room(acct, limit, 0);
	mm_limit_set_state(acct, limit, MM_LIMIT_IDLE);
	if (mm_limit_over(acct, limit)) {
		WRITE_ONCE(limit->enforce.crossed, true);
		mm_limit_queue_enforcement(limit);
	}
}

/*
 * The wait after a kill is over, and the user still is above its limit. Push
 * the victims; after some rounds without any progress stop counting on their
 * memory, so that a user cannot shelter behind a process that does not die.
 */
static void kill_by_force(struct mm_limit_account *acct, struct mm_limit *limit)
{
	/* Many victims take longer than one. */
	count_round(acct, limit, mm_limit_usage(acct));

	if (limit->enforce.rounds <= MM_LIMIT_MAX_ROUNDS) {
		mm_limit_event_force(acct, limit);
		mm_limit_kill_by_force(acct);
	} else {
		report_stuck(acct, limit,
			     "killed processes do not give their memory back");
		mm_limit_write_off(acct);
		limit->enforce.rounds = 0;
	}
	set_deadline(limit, READ_ONCE(mm_limit_kill_wait_ms));
	limit->kill.reason = MM_LIMIT_REASON_FORCE;
	mm_limit_kill_victims(acct, limit, limit->settings.policy, true);
}

/* Why has somebody to go? A killing that goes on has the reason that it began with. */
static enum mm_limit_reason reason_to_kill(struct mm_limit *limit)
{
	switch (limit->enforce.state) {
	case MM_LIMIT_GRACE:
		return MM_LIMIT_REASON_GRACE;
	case MM_LIMIT_RECLAIMING:
		return MM_LIMIT_REASON_RECLAIM;
	case MM_LIMIT_KILLING:
	case MM_LIMIT_TERMINATING:
		return limit->kill.reason;
	default:
		return limit->kill.lowered ? MM_LIMIT_REASON_LOWERED :
					     MM_LIMIT_REASON_EXCEEDED;
	}
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
	case MM_LIMIT_TERMINATING:
		if (!over)
			return MM_LIMIT_STEP_REST;
		return due ? MM_LIMIT_STEP_KILL : MM_LIMIT_STEP_WAIT;
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
	if (mm_limit_acts() || limit->enforce.state == MM_LIMIT_KILLING ||
	    limit->enforce.state == MM_LIMIT_TERMINATING)
		return step;
	return MM_LIMIT_STEP_REST;
}

/*
 * See whether the victims that were asked to end have done so.
 *
 * Return: whether their time is over, since somebody has taken all the room that they had.
 */
static bool term_is_over(struct mm_limit_account *acct, struct mm_limit *limit)
{
	if (limit->enforce.state != MM_LIMIT_TERMINATING)
		return false;
	if (mm_limit_over(acct, limit))
		return mm_limit_exceeded(acct);
	end_term(acct, limit);
	return false;
}

/* It was below again since: this is a new breach, with a new grace. */
static void note_new_breach(struct mm_limit_account *acct,
			    struct mm_limit *limit)
{
	if (READ_ONCE(limit->enforce.crossed) &&
	    limit->enforce.state != MM_LIMIT_GRACE &&
	    limit->enforce.state != MM_LIMIT_TERMINATING) {
		mm_limit_reclaim_retry(limit);
		mm_limit_set_state(acct, limit, MM_LIMIT_EXCEEDED);
	}
	/* Whoever sets it from here on queues the work once more. */
	smp_store_mb(limit->enforce.crossed, false);
}

/*
 * While victims give their memory back, others take it again as soon as there is some,
 * and may cross the limit often. That is the breach which the victims have died for, as
 * long as what they have left makes up for it. A grace or reclaim begins anew all the same.
 */
static bool is_same_breach(struct mm_limit_account *acct, struct mm_limit *limit)
{
	if (limit->enforce.grace_ms || mm_limit_reclaims(limit) ||
	    mm_limit_in_trial(limit))
		return false;
	/* What was counted on last may be less by now, so look again if it would do. */
	return mm_limit_usage(acct) - READ_ONCE(acct->max) <=
		       mm_limit_dying(acct) &&
	       mm_limit_is_covered(acct);
}

static enum mm_limit_step choose_step(struct mm_limit_account *acct,
				      struct mm_limit *limit)
{
	bool due = ktime_compare(ktime_get(), limit->enforce.deadline) >= 0;
	bool trial = mm_limit_in_trial(limit);
	enum mm_limit_step step;
	bool over;

	due |= term_is_over(acct, limit);
	note_new_breach(acct, limit);
	over = mm_limit_over(acct, limit);
	if (over && limit->enforce.state == MM_LIMIT_EXCEEDED &&
	    !is_same_breach(acct, limit))
		mm_limit_event_exceed(acct, limit);
	/* In a trial a crossing is told once. */
	if (trial && limit->enforce.state == MM_LIMIT_IDLE)
		over = false;

	step = mm_limit_next_step(limit->enforce.state, over, due,
				  limit->enforce.grace_ms,
				  !trial && mm_limit_reclaims(limit));
	step = only_ordered(limit, step);
	if (step == MM_LIMIT_STEP_KILL && may_terminate(acct, limit))
		return MM_LIMIT_STEP_TERM;
	return step;
}

/**
 * mm_limit_act - look at a user, and take the next step
 * @acct: the user's account
 * @limit: its limit
 *
 * Context: the limit's work.
 */
void mm_limit_act(struct mm_limit_account *acct, struct mm_limit *limit)
{
	enum mm_limit_step step;

	lockdep_assert_held(&limit->enforce.mutex);

	step = choose_step(acct, limit);
	switch (step) {
	case MM_LIMIT_STEP_WAIT:
		/* The timer may have been about an earlier deadline. */
		WRITE_ONCE(limit->enforce.overdue, false);
		wake_up_all(&acct->wait);
		rearm(limit);
		break;
	case MM_LIMIT_STEP_START_GRACE:
		start_grace(acct, limit);
		break;
	case MM_LIMIT_STEP_END_GRACE:
		mm_limit_event_normal(acct, limit);
		fallthrough;
	case MM_LIMIT_STEP_REST:
		mm_limit_forget_kernel_memory(acct);
		if (limit->enforce.state == MM_LIMIT_TERMINATING)
			end_term(acct, limit);
		else
			mm_limit_set_state(acct, limit, MM_LIMIT_IDLE);
		break;
	case MM_LIMIT_STEP_RECLAIM:
		reclaim(acct, limit);
		break;
	case MM_LIMIT_STEP_TERM:
		limit->kill.reason = reason_to_kill(limit);
		terminate(acct, limit);
		break;
	case MM_LIMIT_STEP_KILL:
		limit->kill.reason = reason_to_kill(limit);
		mm_limit_kill_victims(acct, limit, limit->settings.policy, true);
		break;
	case MM_LIMIT_STEP_FORCE:
		/* Nobody who was killed before a dry run began is pushed in it. */
		if (mm_limit_in_trial(limit))
			mm_limit_set_state(acct, limit, MM_LIMIT_IDLE);
		else
			kill_by_force(acct, limit);
		break;
	}
	limit->kill.lowered = false;
}
