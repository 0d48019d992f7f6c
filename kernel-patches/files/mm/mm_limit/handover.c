// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: hand-over.
 *
 * Handing an address space over, to an account that starts charging or to another
 * user, must neither lose nor double a page, though faults, unmaps and reclaim go on
 * meanwhile:
 *
 * 1. The mm is marked as frozen.
 * 2. Once each CPU has been through a moment with preemption enabled, each
 *    change of its counters, along with its mm_limit_charge(), has seen the mark
 *    and holds the freeze lock.
 * 3. With the freeze lock held, the counters are summed, the sum is charged, and
 *    the mm's charges are directed to their new account.
 *
 * Step 2 is no RCU grace period: a user could prolong that at will, by readers
 * that are preempted, and so delay whoever waits for it.
 */

#include <linux/cpu.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/stop_machine.h>

#include "account.h"
#include "held.h"

/* Turning it off waits a second, so that nobody can make it flap. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(mm_limit_key, HZ);

static int pass(void *unused)
{
	return 0;
}

/**
 * mm_limit_wait_for_charges - wait until every charge that has begun is over
 *
 * Charges are made with preemption disabled, so once a CPU has run its task of highest
 * priority it is in none that began before. That takes microseconds, whatever users do.
 *
 * Context: process.
 */
void mm_limit_wait_for_charges(void)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		stop_one_cpu(cpu, pass, NULL);
	cpus_read_unlock();
}

/* Numbers hand-overs, so that each is ended by whoever has waited for it. */
static atomic_t handover_number;

/*
 * Once mm_limit_wait_for_charges() has returned, whoever changes a counter holds the
 * freeze lock. An mm that another hand-over freezes once more is that one's.
 */
static void freeze_mm(struct mm_limit_mm *member, int handover)
{
	spin_lock(&member->freeze_lock);
	member->handover = handover;
	atomic_long_set(&member->frozen.usage, 0);
	WRITE_ONCE(member->charged, &member->frozen);
	spin_unlock(&member->freeze_lock);
}

static bool is_frozen_by(const struct mm_limit_mm *member, int handover)
{
	return member->charged == &member->frozen &&
	       member->handover == handover;
}

/*
 * Step 3 of handing over: charge the owner, if it is charged at all. The counters
 * stand still while the freeze lock is held, because the mm has been frozen for long
 * enough. If another hand-over has frozen it since, that one ends it.
 */
static void hand_over(struct mm_struct *mm, int handover)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_limit_account *from, *to;
	long leaves = 0, comes = 0, swap;

	spin_lock(&member->freeze_lock);
	if (member->owner && is_frozen_by(member, handover)) {
		from = member->account;
		/* Whoever ends charging does so before it takes the freeze lock. */
		to = READ_ONCE(member->owner->charging) ? member->owner : NULL;
		/* The counters stand still until there is a new target. */
		swap = mm_limit_mm_swap(mm);
		if (from)
			leaves = mm_limit_mm_charged(mm, from);
		if (to)
			comes = mm_limit_mm_charged(mm, to);
		mm_limit_set_charge_target(member, to);
		if (from && from != to) {
			mm_limit_account_charge(from, mm, -leaves);
			mm_limit_account_charge_swap(from, mm, -swap);
		}
		if (to && from != to) {
			mm_limit_account_charge(to, mm, comes);
			mm_limit_account_charge_swap(to, mm, swap);
		}
	}
	spin_unlock(&member->freeze_lock);
}

/*
 * Find the first mm of an account that this hand-over has frozen, and move it behind
 * those that are done.
 *
 * Return: the mm, with a reference; NULL when all are done.
 */
static struct mm_struct *next_frozen(struct mm_limit_account *acct,
				     int handover)
{
	struct mm_struct *mm, *found = NULL;

	spin_lock(&acct->lock);
	while (!found) {
		mm = list_first_entry_or_null(&acct->mms, struct mm_struct,
					      mm_limit.node);
		if (!mm || !is_frozen_by(&mm->mm_limit, handover))
			break;
		mm_limit_step_over(acct, &mm->mm_limit);
		list_move_tail(&mm->mm_limit.node, &acct->mms);
		if (atomic_inc_not_zero(&mm->mm_count)) {
			found = mm;
			break;
		}
		/* It is about to be detached, without a page. */
		spin_lock(&mm->mm_limit.freeze_lock);
		mm_limit_set_charge_target(&mm->mm_limit, NULL);
		spin_unlock(&mm->mm_limit.freeze_lock);
	}
	spin_unlock(&acct->lock);
	return found;
}

/**
 * mm_limit_must_settle - can there be charges that go by former figures?
 * @acct: the account
 *
 * If not, or after mm_limit_wait_for_charges(), each charge either has seen what
 * mm_limit_set_max() has set, or is in the usage.
 *
 * Return: whether there can.
 * Context: process.
 */
bool mm_limit_must_settle(struct mm_limit_account *acct)
{
	return acct->is_pool ||
	       (READ_ONCE(acct->charging) && !list_empty_careful(&acct->mms));
}

/**
 * mm_limit_begin_charging - steps 1 and 2 of charging a user's address spaces
 * @acct: the account
 * @handover: for mm_limit_finish_charging()
 *
 * Return: whether mm_limit_wait_for_charges() must come before that.
 * Context: process.
 */
bool mm_limit_begin_charging(struct mm_limit_account *acct, int *handover)
{
	struct mm_struct *mm;
	bool any;

	lockdep_assert_held(&acct->limit_mutex);

	*handover = atomic_inc_return(&handover_number);

	atomic_long_set(&acct->counter.usage, 0);
	mm_limit_swap_begin(acct);
	acct->peak = 0;
	static_branch_deferred_inc(&mm_limit_key);
	mm_limit_held_start(acct);

	spin_lock(&acct->lock);
	WRITE_ONCE(acct->charging, true);
	any = !list_empty(&acct->mms);
	list_for_each_entry(mm, &acct->mms, mm_limit.node)
		freeze_mm(&mm->mm_limit, *handover);
	spin_unlock(&acct->lock);
	return any;
}

/**
 * mm_limit_finish_charging - step 3
 * @acct: the account
 * @handover: as mm_limit_begin_charging() has it
 *
 * On return the usage is what a walk over the user's address spaces would sum.
 *
 * Context: process; the account's limit_mutex has been held since.
 */
void mm_limit_finish_charging(struct mm_limit_account *acct, int handover)
{
	struct mm_struct *mm;

	lockdep_assert_held(&acct->limit_mutex);

	while ((mm = next_frozen(acct, handover))) {
		hand_over(mm, handover);
		mmdrop(mm);
		cond_resched();
	}
}

/**
 * mm_limit_start_charging - charge a user's address spaces to its account
 * @acct: the account
 *
 * On return the usage is what a walk over the user's address spaces would sum.
 *
 * Context: process.
 */
void mm_limit_start_charging(struct mm_limit_account *acct)
{
	int handover;

	if (mm_limit_begin_charging(acct, &handover))
		mm_limit_wait_for_charges();
	mm_limit_finish_charging(acct, handover);
}

/**
 * mm_limit_begin_stop - leave a user's address spaces uncharged
 * @acct: the account
 *
 * Charges to it can still be being made; mm_limit_wait_for_charges() and
 * mm_limit_finish_stop() must follow.
 *
 * Context: process.
 */
void mm_limit_begin_stop(struct mm_limit_account *acct)
{
	struct mm_struct *mm;

	lockdep_assert_held(&acct->limit_mutex);

	spin_lock(&acct->lock);
	WRITE_ONCE(acct->charging, false);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		spin_lock(&mm->mm_limit.freeze_lock);
		mm_limit_set_charge_target(&mm->mm_limit, NULL);
		spin_unlock(&mm->mm_limit.freeze_lock);
	}
	spin_unlock(&acct->lock);

	mm_limit_swap_end(acct);
	mm_limit_held_uncount(acct);
}

/**
 * mm_limit_finish_stop - no charge to an account is being made any more
 * @acct: the account
 *
 * Context: process; the account's limit_mutex has been held since mm_limit_begin_stop().
 */
void mm_limit_finish_stop(struct mm_limit_account *acct)
{
	lockdep_assert_held(&acct->limit_mutex);

	/* Its pool is charged no more for what it has. */
	if (acct->counter.pool)
		mm_limit_account_charge(acct, NULL, -mm_limit_usage(acct));
	mm_limit_held_stop(acct);
	static_branch_slow_dec_deferred(&mm_limit_key);
	wake_up_all(&acct->wait);
}

/**
 * mm_limit_stop_charging - leave a user's address spaces uncharged
 * @acct: the account
 *
 * On return no charge to it is being made any more.
 *
 * Context: process.
 */
void mm_limit_stop_charging(struct mm_limit_account *acct)
{
	mm_limit_begin_stop(acct);
	mm_limit_wait_for_charges();
	mm_limit_finish_stop(acct);
}

/**
 * mm_limit_leave_charging - a user that has gone is charged no more
 * @acct: its account, of which nothing is charged
 *
 * Context: process.
 */
void mm_limit_leave_charging(struct mm_limit_account *acct)
{
	lockdep_assert_held(&acct->limit_mutex);

	spin_lock(&acct->lock);
	WRITE_ONCE(acct->charging, false);
	spin_unlock(&acct->lock);
	mm_limit_held_leave(acct);
	static_branch_slow_dec_deferred(&mm_limit_key);
}

/**
 * mm_limit_recharge - charge a user anew, along with other users or in another way
 * @acct: its account
 * @pool: the account of the pool that it becomes or stays a member of, or NULL
 *
 * Meanwhile its usage, and that of its pool, is not what it has, so their killers wait.
 * The caller applies the limit once more.
 *
 * Context: process.
 */
void mm_limit_recharge(struct mm_limit_account *acct,
		       struct mm_limit_account *pool)
{
	struct mm_limit *limit = mm_limit_of(acct);
	struct mm_limit_account *walk;
	bool charging = acct->charging;

	if (limit)
		mutex_lock(&limit->enforce.mutex);
	walk = mm_limit_lock_walk(acct);
	if (charging)
		mm_limit_stop_charging(acct);
	if (acct->counter.pool != pool) {
		mm_limit_leave_pool(acct);
		mm_limit_unlock_walk(walk);
		if (pool)
			mm_limit_enter_pool(acct, pool);
		walk = mm_limit_lock_walk(acct);
	}
	if (charging)
		mm_limit_start_charging(acct);
	mm_limit_unlock_walk(walk);
	if (limit)
		mutex_unlock(&limit->enforce.mutex);
}

/* Lock two lists in an order that all callers agree on. */
static void lock_lists(struct mm_limit_account *a, struct mm_limit_account *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	spin_lock_nested(&b->lock, SINGLE_DEPTH_NESTING);
}

static void unlock_lists(struct mm_limit_account *a, struct mm_limit_account *b)
{
	spin_unlock(&a->lock);
	spin_unlock(&b->lock);
}

static void move_mm(struct mm_struct *mm, struct mm_limit_account *from,
		    struct mm_limit_account *to)
{
	int handover = atomic_inc_return(&handover_number);
	struct mm_limit_mm *member = &mm->mm_limit;
	bool moved, charged = false;

	lock_lists(from, to);
	/* Another process that shares the mm may have been faster. */
	moved = member->owner == from;
	if (moved) {
		mm_limit_change_dying(from, member, 0);
		mm_limit_unlist(from, member);
		mm_limit_enlist(to, member);
		get_uid(mm_limit_account_user(to));
		charged = from->charging || to->charging;
		if (charged)
			freeze_mm(member, handover);
		spin_lock(&member->freeze_lock);
		member->owner = to;
		spin_unlock(&member->freeze_lock);
	}
	unlock_lists(from, to);

	if (charged) {
		mm_limit_wait_for_charges();
		hand_over(mm, handover);
	}
	if (moved) {
		mm_limit_settle_room(from);
		free_uid(mm_limit_account_user(from));
	}
}

/* Does a process of another user have this mm, too? */
static bool shared_by_others(struct mm_struct *mm)
{
	struct task_struct *p;
	bool shared = false;

	spin_lock(&mm->mm_limit.users.lock);
	list_for_each_entry(p, &mm->mm_limit.users.tasks, mm_limit_node) {
		shared = !same_thread_group(p, current) &&
			 !uid_eq(task_uid(p), current_uid());
		if (shared)
			break;
	}
	spin_unlock(&mm->mm_limit.users.lock);
	return shared;
}

/**
 * mm_limit_change_owner - the current task has changed its real uid
 * @user: its new user
 *
 * The address space goes along from a user that can have no limit, as at a login
 * or where a daemon gives up its privilege. Memory of any other user stays on its
 * account, for example that of a set-user-ID program that takes on the uid of its
 * caller; otherwise users could get rid of memory at others' cost. Memory also stays
 * where it is while processes of several users share it. A child of vfork() only
 * borrows its parent's.
 *
 * Context: process.
 */
void mm_limit_change_owner(struct user_struct *user)
{
	struct mm_limit_account *from, *to = &user->mm_limit;
	struct mm_struct *mm = current->mm;

	if (!mm || !thread_group_leader(current) || in_vfork(current))
		return;

	from = mm_limit_get_owner(mm);
	/* A limit that stood before vm.mm_limit_min_uid was raised keeps its memory. */
	if (from != to && mm_limit_is_exempt(mm_limit_account_user(from)->uid) &&
	    !READ_ONCE(from->charging) && !shared_by_others(mm))
		move_mm(mm, from, to);
	free_uid(mm_limit_account_user(from));
}
