// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which threads are stopped above a limit, where, and until
 * when.
 *
 * A thread that makes its user's memory grow is stopped before it returns to user
 * mode. A long system call is stopped on the way, where it holds no lock. A page fault
 * from kernel mode waits only until the killer has looked, and for as long as a victim
 * mostly takes to die, since its caller may hold locks.
 */

#include <linux/binfmts.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>
#include <linux/timer.h>
#include <linux/wait.h>

#include "account.h"
#include "enforce.h"
#include "held.h"
#include "reclaim.h"

/* A fork that was stopped at the limit is tried anew so often. */
#define MM_LIMIT_COPIES		3

/* A page fault from kernel mode waits so long for the killer to look. */
#define MM_LIMIT_LOOK		HZ

/*
 * And then all those of a system call together wait so long for its victims' memory, or for
 * other threads that swap out.
 */
#define MM_LIMIT_VICTIMS	(HZ / 20)

/*
 * Between two places where it stops, an exec is spared so many pages, because once its old
 * program is gone it cannot fail without killing its process: an argument, which may have
 * to come from swap, and a few more.
 */
#define MM_LIMIT_EXEC_PAGES	(MAX_ARG_STRLEN / PAGE_SIZE + 8)

/*
 * Is the work about to look at a user that is above its limit, or waiting for
 * memory of victims?
 */
static bool work_is_due(struct mm_limit *limit)
{
	switch (READ_ONCE(limit->enforce.state)) {
	case MM_LIMIT_IDLE:
		/* The charge that crossed may be just about to say so. */
		return READ_ONCE(limit->enforce.crossed) ||
		       READ_ONCE(mm_limit_trigger) == MM_LIMIT_TRIGGER_EXACT;
	case MM_LIMIT_EXCEEDED:
	case MM_LIMIT_KILLING:
	case MM_LIMIT_RECLAIMING:
	case MM_LIMIT_TERMINATING:
		return true;
	case MM_LIMIT_GRACE:
		return READ_ONCE(limit->enforce.overdue);
	case MM_LIMIT_STUCK:
		return READ_ONCE(limit->enforce.crossed) ||
		       READ_ONCE(limit->enforce.kicked) ||
		       mm_limit_is_put_off(limit);
	}
	return false;
}

/* Has a thread of this user to wait before it returns to user mode? */
static bool must_wait(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	if (!mm_limit_exceeded(acct))
		return false;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	return limit && work_is_due(limit);
}

/*
 * Has a thread of this user to wait, for the user or for its pool? The account stays for
 * as long as preemption is disabled.
 */
static bool any_must_wait(struct mm_limit_account *acct)
{
	struct mm_limit_account *pool = READ_ONCE(acct->counter.pool);

	lockdep_assert_preemption_disabled();

	return must_wait(acct) || (unlikely(pool) && must_wait(pool));
}

/*
 * Called before a thread waits. It may have been between two address spaces, in an
 * exec or a fork, when the killer looked, which then has to look again.
 */
static void now_decided(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	if (limit && READ_ONCE(limit->kill.undecided))
		mm_limit_queue_enforcement(limit);
}

/*
 * Has this user's memory to be swapped out before anything else? Not while it
 * has a grace, or once the killer is at work.
 */
static bool may_reclaim(struct mm_limit_account *acct)
{
	enum mm_limit_state state;
	struct mm_limit *limit;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	if (!limit || !mm_limit_reclaims(limit))
		return false;
	state = READ_ONCE(limit->enforce.state);
	return state == MM_LIMIT_IDLE || state == MM_LIMIT_EXCEEDED ||
	       state == MM_LIMIT_RECLAIMING;
}

/* Did the killer find nobody of this user's to kill? */
static bool is_stuck(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	return limit && READ_ONCE(limit->enforce.state) == MM_LIMIT_STUCK;
}

/* Does the killer come later because the user has had it work too much? */
static bool is_late(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	return limit && mm_limit_is_put_off(limit);
}

/*
 * Has a thread to wait for its user, or for a pool that the user is still a member of,
 * which has not chosen this mm of the user's?
 */
static bool goes_on_waiting(struct mm_limit_account *acct,
			    struct mm_limit_account *user, struct mm_struct *mm)
{
	return must_wait(acct) && !mm_limit_is_killed(mm) &&
	       (acct == user || READ_ONCE(user->counter.pool) == acct);
}

/* Wait for as long as that is so. */
static void wait_for_account(struct mm_limit_account *acct,
			     struct mm_limit_account *user, struct mm_struct *mm,
			     unsigned int task_state)
{
	bool first = true;

	while (goes_on_waiting(acct, user, mm) &&
	       !fatal_signal_pending(current)) {
		if (!may_reclaim(acct)) {
			now_decided(acct);
			wait_event_state(acct->wait,
					 !goes_on_waiting(acct, user, mm) ||
						may_reclaim(acct),
					 task_state);
			continue;
		}
		if (!mm_limit_reclaim_direct(acct, first))
			schedule_timeout_killable(1);
		first = false;
	}
}

/* The same for a user and its pool */
static void wait_for_room(struct mm_limit_account *acct, struct mm_struct *mm,
			  unsigned int task_state)
{
	struct mm_limit_account *pool;
	bool again;

	do {
		wait_for_account(acct, acct, mm, task_state);
		pool = mm_limit_get_pool(acct);
		if (!pool)
			return;
		wait_for_account(pool, acct, mm, task_state);
		free_uid(mm_limit_account_user(pool));
		/* Meanwhile the other may be above its limit. */
		again = must_wait(acct) && !mm_limit_is_killed(mm) &&
			!fatal_signal_pending(current);
	} while (again);
}

/* Is this mm charged to a user that has to wait? While it is handed over it is not. */
static bool has_to_wait(struct mm_struct *mm)
{
	struct mm_limit_account *acct;

	guard(preempt)();
	acct = mm_limit_charged_account(mm);
	return acct && any_must_wait(acct);
}

/* The current task waits, or need not: it has made nothing resident above the limit. */
static void begin_anew(void)
{
	current->mm_limit_scope &= ~MM_LIMIT_STOPPED;
	current->mm_limit_patience = 0;
	current->mm_limit_spared = 0;
}

static void wait_as(struct mm_struct *mm, unsigned int task_state)
{
	struct mm_limit_account *acct = mm_limit_get_owner(mm);

	begin_anew();
	wait_for_room(acct, mm, task_state);
	free_uid(mm_limit_account_user(acct));
}

void __mm_limit_resume_user_mode(void)
{
	struct mm_struct *mm = current->mm;
	struct mm_limit_counter *charged;

	begin_anew();
	if (!mm)
		return;
	/* Cheap and mostly true: this thread is here for another reason. */
	charged = READ_ONCE(mm->mm_limit.charged);
	if (!charged || (charged != &mm->mm_limit.frozen && !has_to_wait(mm)))
		return;
	wait_as(mm, TASK_KILLABLE | TASK_FREEZABLE);
}

/* Is the user or pool free to go on because a grace is about to begin? */
static bool begins_grace(struct mm_limit_account *acct)
{
	enum mm_limit_state state;
	struct mm_limit *limit;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	if (!limit || !READ_ONCE(limit->enforce.grace_ms) ||
	    mm_limit_reclaims(limit))
		return false;
	state = READ_ONCE(limit->enforce.state);
	return state == MM_LIMIT_IDLE || state == MM_LIMIT_EXCEEDED;
}

/* Has a fork to stop for this user or its pool? */
static bool stops_copy(struct mm_struct *mm)
{
	struct mm_limit_account *acct, *pool;

	guard(preempt)();
	acct = mm_limit_charged_account(mm);
	if (!acct)
		return false;
	pool = READ_ONCE(acct->counter.pool);
	return (must_wait(acct) && !begins_grace(acct)) ||
	       (pool && must_wait(pool) && !begins_grace(pool));
}

bool __mm_limit_stop_copy(struct mm_struct *mm)
{
	if (fatal_signal_pending(current))
		return true;
	if (!stops_copy(mm))
		return false;
	mm->mm_limit.copy.stopped = true;
	return true;
}

static bool crosses(struct mm_limit_account *acct, long pages)
{
	return mm_limit_usage(acct) <= READ_ONCE(acct->max) &&
	       mm_limit_usage(acct) + pages > READ_ONCE(acct->max);
}

bool __mm_limit_copy_crosses(struct mm_struct *mm, const int *rss)
{
	long pages = rss[MM_FILEPAGES] + rss[MM_ANONPAGES] + rss[MM_SHMEMPAGES] +
		     rss[MM_SWAPENTS];
	struct mm_limit_account *acct, *pool;

	guard(preempt)();
	acct = mm_limit_charged_account(mm);
	if (!acct)
		return false;
	pool = READ_ONCE(acct->counter.pool);
	return crosses(acct, pages) || (pool && crosses(pool, pages)) ||
	       stops_copy(mm);
}

/**
 * mm_limit_copy_again - wait until an mm that could not be copied may be
 * @oldmm: the mm of the current task
 * @stops: how often the copy has been stopped
 *
 * Return: whether to try again. That ends, because the copy itself may be too much.
 * Context: process, without a lock.
 */
bool mm_limit_copy_again(struct mm_struct *oldmm, unsigned int stops)
{
	struct mm_limit_account *acct;

	if (stops > MM_LIMIT_COPIES)
		return false;
	acct = mm_limit_get_owner(oldmm);
	begin_anew();
	wait_for_room(acct, oldmm, TASK_KILLABLE);
	mm_limit_reclaim_room(acct, oldmm);
	free_uid(mm_limit_account_user(acct));
	return !fatal_signal_pending(current) && !mm_limit_is_killed(oldmm);
}

/* An administrator does not wait for a user. */
bool __mm_limit_must_stop(struct mm_struct *mm)
{
	if ((current->flags & (PF_KTHREAD | PF_EXITING)) ||
	    fatal_signal_pending(current) || mm_limit_is_killed(mm) ||
	    mm_limit_is_exempt(current_uid()))
		return false;
	return has_to_wait(mm);
}

bool __mm_limit_is_full(struct mm_struct *mm)
{
	struct mm_limit_account *acct, *pool;

	guard(preempt)();
	acct = mm_limit_charged_account(mm);
	if (!acct)
		return false;
	pool = READ_ONCE(acct->counter.pool);
	return mm_limit_usage(acct) >= READ_ONCE(acct->max) ||
	       (pool && mm_limit_usage(pool) >= READ_ONCE(pool->max));
}

bool __mm_limit_stop_move(struct mm_struct *mm)
{
	if (fatal_signal_pending(current))
		return true;
	if (!__mm_limit_must_stop(mm))
		return false;
	current->mm_limit_scope |= MM_LIMIT_REFUSED;
	return true;
}

/**
 * mm_limit_move_again - wait until what could not be moved may be
 * @mm: the mm of the current task
 * @stops: how often that has failed
 *
 * Return: whether to try again, because it has failed at the limit.
 * Context: process, without a lock.
 */
bool mm_limit_move_again(struct mm_struct *mm, unsigned int stops)
{
	if (!(current->mm_limit_scope & MM_LIMIT_REFUSED))
		return false;
	current->mm_limit_scope &= ~MM_LIMIT_REFUSED;
	return mm_limit_copy_again(mm, stops);
}

/**
 * mm_limit_stop - wait until an mm may grow again
 * @mm: the mm, which the caller keeps in use
 *
 * Context: process, without a lock.
 */
void mm_limit_stop(struct mm_struct *mm)
{
	wait_as(mm, TASK_KILLABLE);
}

int __mm_limit_stop_exec(void)
{
	current->mm_limit_spared = 0;
	if (!__mm_limit_must_stop(current->mm))
		return 0;
	mm_limit_stop(current->mm);
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* Has the work been told to look at once, and not yet done so? */
static bool is_about_to_look(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	return limit && (READ_ONCE(limit->enforce.kicked) ||
			 mutex_is_locked(&limit->enforce.mutex));
}

/*
 * Wait until the killer has looked once, and no longer, because the caller may hold
 * locks. However high the killer's priority, tasks that have come short so far can run
 * before it.
 */
static void wait_for_a_look(struct mm_limit_account *acct)
{
	wait_event_killable_timeout(acct->wait,
				    !is_about_to_look(acct) ||
					    !must_wait(acct) ||
					    is_late(acct) || may_reclaim(acct),
				    MM_LIMIT_LOOK);
}

/* For how many jiffies may faults of the current system call still wait for others? */
static long patience_left(void)
{
	long left;

	if (!current->mm_limit_patience)
		current->mm_limit_patience = (jiffies + MM_LIMIT_VICTIMS) | 1;
	left = current->mm_limit_patience - jiffies;
	/* Long ago counts as over even where the difference wraps. */
	return left > MM_LIMIT_VICTIMS + 1 ? 0 : max(left, 0L);
}

/*
 * A victim that can run is gone by then. Its memory may never come while the caller of
 * the fault holds a lock that it waits for, and others may wait for that lock.
 */
static void wait_for_victims(struct mm_limit_account *acct)
{
	wait_event_killable_timeout(acct->wait,
				    !must_wait(acct) || is_late(acct) ||
					    may_reclaim(acct),
				    patience_left());
}

/*
 * Wait as long as the caller of a fault can.
 *
 * Return: false if other threads, which may be stopped, have taken all that may be swapped
 * out at a time.
 */
static bool wait_in_fault(struct mm_limit_account *acct)
{
	bool first = true;

	while (must_wait(acct) && may_reclaim(acct) &&
	       !fatal_signal_pending(current)) {
		if (!mm_limit_reclaim_direct(acct, first)) {
			if (!patience_left())
				return false;
			schedule_timeout_killable(1);
		}
		first = false;
	}
	if (must_wait(acct))
		wait_for_a_look(acct);
	if (must_wait(acct))
		wait_for_victims(acct);
	return true;
}

/*
 * Is there no more room for a thread of this user? One that ends may not go on while
 * memory is being swapped out, nor if there is nobody to kill.
 */
static bool fails_fault(struct mm_limit_account *acct, bool ends)
{
	if (ends)
		return must_wait(acct) ||
		       (mm_limit_exceeded(acct) && is_stuck(acct));
	return must_wait(acct) && !may_reclaim(acct);
}

static bool spares_exec(void)
{
	return current->in_execve &&
	       current->mm_limit_spared++ < MM_LIMIT_EXEC_PAGES;
}

bool __mm_limit_fault(struct mm_struct *mm)
{
	bool ends = (current->flags & PF_EXITING) || fatal_signal_pending(current);
	struct mm_limit_account *acct, *pool;
	bool blocked = false, fail;

	if (!current->mm || !READ_ONCE(current->mm->mm_limit.charged))
		return false;

	acct = mm_limit_get_owner(current->mm);
	pool = mm_limit_get_pool(acct);
	/* Another user must not be kept waiting for the lock of its memory. */
	if (!ends && READ_ONCE(mm->mm_limit.owner) == acct) {
		blocked = !wait_in_fault(acct);
		/* A pool does not swap out. */
		if (pool)
			wait_in_fault(pool);
	}
	fail = ((blocked && must_wait(acct)) || fails_fault(acct, ends) ||
		(pool && fails_fault(pool, ends))) &&
	       (ends || !spares_exec());
	if (pool)
		free_uid(mm_limit_account_user(pool));
	free_uid(mm_limit_account_user(acct));
	return fail || mm_limit_is_killed(mm);
}
