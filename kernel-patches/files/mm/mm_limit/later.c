// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: objects of caches whose slabs are freed a grace period later
 * (SLAB_TYPESAFE_BY_RCU), such as open files and requests of io_uring. A user could fill its
 * limit again and again meanwhile, so they stay charged for as long.
 */

#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "held.h"

/*
 * Those of the first grace period are uncharged, and the next one is waited for on behalf of
 * what has been freed since. What is still charged keeps the account.
 */
static void grace_period_is_over(struct rcu_head *rcu)
{
	struct mm_limit_later *later =
		container_of(rcu, struct mm_limit_later, rcu);
	struct mm_limit_account *acct =
		container_of(later, struct mm_limit_account, held.later);
	long bytes = later->waiting, more;

	/* A walk sees both of them changed, or neither. */
	guard(preempt)();
	more = atomic_long_sub_return(bytes, &later->freed);
	if (more) {
		later->waiting = more;
		call_rcu(&later->rcu, grace_period_is_over);
	}
	mm_limit_uncharge_bytes(acct, bytes);
}

/**
 * mm_limit_uncharge_later - an object has been freed, but its slab is not as yet
 * @acct: whom it is charged to
 * @bytes: how much it is charged as
 *
 * Context: any, with preemption disabled.
 */
void mm_limit_uncharge_later(struct mm_limit_account *acct, long bytes)
{
	struct mm_limit_later *later = &acct->held.later;

	lockdep_assert_preemption_disabled();

	/* The first one waits for all that come before its callback is called. */
	if (atomic_long_add_return(bytes, &later->freed) != bytes)
		return;
	later->waiting = bytes;
	call_rcu(&later->rcu, grace_period_is_over);
}

static bool has_later(void)
{
	struct mm_limit_account *acct;

	guard(preempt)();
	acct = mm_limit_payer();
	return acct && atomic_long_read(&acct->held.later.freed);
}

/* So long it is waited for, for another user may prolong a grace period. */
#define MM_LIMIT_LATER_WAIT	(HZ / 10)

/**
 * mm_limit_wait_for_later - wait for what the current task's user has freed of such objects
 *
 * Return: whether there was any.
 * Context: process, may sleep.
 */
bool mm_limit_wait_for_later(void)
{
	unsigned long end = jiffies + MM_LIMIT_LATER_WAIT;
	bool any = false;

	while (has_later() && time_before(jiffies, end) &&
	       !fatal_signal_pending(current)) {
		any = true;
		schedule_timeout_killable(1);
	}
	return any;
}
