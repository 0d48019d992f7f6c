// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: how long limits live, and the accounts that they are for.
 *
 * A limit lives as long as somebody has a reference. It has one on its user, unless a
 * rule has given it: such a limit goes with the user, whose memory then goes with it.
 */

#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "account.h"
#include "history.h"

/**
 * mm_limit_free_account - a user goes away
 * @acct: its account; what is charged to it has references on the user, so that there
 *	is nothing left
 *
 * Context: any.
 */
void mm_limit_free_account(struct mm_limit_account *acct)
{
	WARN_ON_ONCE(acct->charging || !list_empty(&acct->mms) ||
		     mm_limit_held(acct) || acct->counter.pool || acct->nr_members);
	mutex_destroy(&acct->self_mutex);
	mutex_destroy(&acct->limit_mutex);
	mutex_destroy(&acct->reclaim_mutex);
	mutex_destroy(&acct->walk_mutex);
	free_uid(acct->payer);
	free_user_memory(mm_limit_account_user(acct));
}

/**
 * mm_limit_find - a user's limit
 * @acct: the user's account
 *
 * Return: the limit, with a reference; NULL: none.
 * Context: any but an interrupt.
 */
struct mm_limit *mm_limit_find(struct mm_limit_account *acct)
{
	struct mm_limit *limit;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && !refcount_inc_not_zero(&limit->refs))
		limit = NULL;
	rcu_read_unlock();
	return limit;
}

/**
 * mm_limit_put - drop a reference
 * @limit: the limit
 *
 * Context: any but an interrupt.
 */
void mm_limit_put(struct mm_limit *limit)
{
	if (!refcount_dec_and_test(&limit->refs))
		return;
	mm_limit_put_history(limit->kill.history);
	kfree(limit->kill.notes);
	if (limit->last)
		mm_limit_free_account(mm_limit_account(limit));
	else
		free_uid(limit->user);
	kfree_rcu(limit, rcu);
}
