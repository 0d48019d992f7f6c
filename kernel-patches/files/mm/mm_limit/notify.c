// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: wakes readers that poll /proc/mm_limits when something has
 * happened, a tick later, so that it costs nothing to the user that it happened to.
 */

#include <linux/sched/user.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "events.h"

/* For readers that see all limits; each account has the same for its own limit. */
DECLARE_WAIT_QUEUE_HEAD(mm_limit_pollers);
atomic_t mm_limit_events;

static void tell_all(struct work_struct *work)
{
	wake_up_interruptible(&mm_limit_pollers);
}

static DECLARE_DELAYED_WORK(telling, tell_all);

static int mark(struct wait_queue_entry *entry, unsigned int mode, int flags,
		void *key)
{
	return 0;
}

/* So many are woken before others get the lock, with interrupts disabled. */
#define MM_LIMIT_WAKE_BATCH	32

/**
 * mm_limit_wake_pollers - wake readers that see the limit of one user alone
 * @acct: the user's account
 *
 * A user may have any number of them. Those that come meanwhile see what has happened.
 *
 * Context: process.
 */
void mm_limit_wake_pollers(struct mm_limit_account *acct)
{
	struct wait_queue_entry here = { .func = mark }, end = { .func = mark };
	struct wait_queue_head *pollers = &acct->pollers;
	struct wait_queue_entry *next;
	unsigned int woken = 0;

	spin_lock_irq(&pollers->lock);
	list_add(&here.entry, &pollers->head);
	list_add_tail(&end.entry, &pollers->head);
	while ((next = list_next_entry(&here, entry)) != &end) {
		/* It may leave as it is woken. */
		list_move(&here.entry, &next->entry);
		next->func(next, TASK_INTERRUPTIBLE, 0, NULL);
		if (++woken % MM_LIMIT_WAKE_BATCH)
			continue;
		spin_unlock_irq(&pollers->lock);
		cond_resched();
		spin_lock_irq(&pollers->lock);
	}
	list_del(&here.entry);
	list_del(&end.entry);
	spin_unlock_irq(&pollers->lock);
}

/**
 * mm_limit_notify - something has happened to a limit
 * @acct: of this user
 *
 * Context: any but an interrupt's; atomic, too.
 */
void mm_limit_notify(struct mm_limit_account *acct)
{
	struct user_struct *user = mm_limit_account_user(acct);

	atomic_inc(&mm_limit_events);
	/* The barrier pairs with a reader that begins to wait and then reads the count. */
	atomic_inc_return(&acct->events);
	if (waitqueue_active(&mm_limit_pollers)) /* see above */
		queue_delayed_work(system_unbound_wq, &telling, 1);
	/* A user that has gone has no readers. */
	if (waitqueue_active(&acct->pollers) && /* see above */
	    refcount_inc_not_zero(&user->__count)) {
		if (!queue_delayed_work(system_unbound_wq, &acct->tell, 1))
			free_uid(user);
	}
}
