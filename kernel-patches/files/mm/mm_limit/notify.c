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

/* The work of an account: wakes readers that see this limit alone. */
void mm_limit_tell(struct work_struct *work)
{
	struct mm_limit_account *acct =
		container_of(to_delayed_work(work), struct mm_limit_account,
			     tell);

	wake_up_interruptible(&acct->pollers);
	free_uid(mm_limit_account_user(acct));
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
