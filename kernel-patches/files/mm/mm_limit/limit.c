// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: a limit comes into force, and goes.
 */

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "account.h"
#include "enforce.h"
#include "history.h"
#include "kill.h"
#include "limit.h"
#include "reclaim.h"
#include "table.h"

const struct mm_limit_part mm_limit_no_part = { .mm_max = MM_LIMIT_NONE };

const struct mm_limit_settings mm_limit_default_settings = {
	.policy = MM_LIMIT_HIGHEST_RSS,
	.threshold = MM_LIMIT_THRESHOLD_DEFAULT,
	.swap_max = MM_LIMIT_ATTR_NONE,
};

/**
 * mm_limit_new - make a limit that is not in force
 * @user: whose
 * @range: see &mm_limit.range; NULL: none
 * @gfp: how
 *
 * Return: the limit, without a part, with the default settings; NULL: no memory.
 * Context: process.
 */
struct mm_limit *mm_limit_new(struct user_struct *user,
			      const struct mm_limit_range *range, gfp_t gfp)
{
	struct mm_limit *limit = kzalloc(sizeof(*limit), gfp);

	if (!limit)
		return NULL;
	limit->kill.history = mm_limit_new_history(gfp);
	limit->kill.notes = kzalloc(sizeof(*limit->kill.notes), gfp);
	if (!limit->kill.history || !limit->kill.notes) {
		mm_limit_put_history(limit->kill.history);
		kfree(limit->kill.notes);
		kfree(limit);
		return NULL;
	}

	limit->user = get_uid(user);
	if (range)
		limit->range = *range;
	refcount_set(&limit->refs, 1);
	limit->hard = mm_limit_no_part;
	limit->self = mm_limit_no_part;
	limit->settings = mm_limit_default_settings;
	mm_limit_table_init(limit);
	mm_limit_init_histories(limit);
	mm_limit_enforce_init(limit);
	mm_limit_reclaim_init(limit);
	return limit;
}

/**
 * mm_limit_begin_enact - a limit is about to come into force for its account
 * @limit: the limit
 * @handover: for mm_limit_finish_enact()
 *
 * A rule is nobody's, so nobody is charged for it.
 *
 * Return: whether mm_limit_wait_for_charges() must come before that.
 * Context: process; with the account's limit_mutex held, until that has been called.
 */
bool mm_limit_begin_enact(struct mm_limit *limit, int *handover)
{
	struct mm_limit_part in_force = mm_limit_in_force(limit);

	/* Before the charges begin, which then need not be waited for again. */
	mm_limit_reclaim_configure(limit);
	mm_limit_set_levels(limit, &in_force);
	return !limit->is_rule &&
	       mm_limit_begin_charging(mm_limit_account(limit), handover);
}

/**
 * mm_limit_finish_enact - a limit comes into force for its account
 * @limit: the limit
 * @handover: as mm_limit_begin_enact() has it
 *
 * Return: what is in force. The limit's work does not know it yet.
 * Context: process; with the account's limit_mutex held.
 */
struct mm_limit_part mm_limit_finish_enact(struct mm_limit *limit, int handover)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	if (!limit->is_rule)
		mm_limit_finish_charging(acct, handover);
	rcu_assign_pointer(acct->limit, limit);
	return mm_limit_in_force(limit);
}

/**
 * mm_limit_enact - both
 * @limit: the limit
 *
 * Return: as for mm_limit_finish_enact().
 * Context: process; with the account's limit_mutex held.
 */
struct mm_limit_part mm_limit_enact(struct mm_limit *limit)
{
	int handover = 0;

	if (mm_limit_begin_enact(limit, &handover))
		mm_limit_wait_for_charges();
	return mm_limit_finish_enact(limit, handover);
}

/**
 * mm_limit_withdraw - nobody finds a limit any more
 * @limit: the limit
 *
 * The account is still charged, and it is still in the table.
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_withdraw(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	mm_limit_enforce_stop(limit);
	rcu_assign_pointer(acct->limit, NULL);
	wake_up_all(&acct->wait);
	mm_limit_set_max(acct, LONG_MAX, LONG_MAX);
	mm_limit_reclaim_destroy(limit);
	mm_limit_set_swap(acct, 0, LONG_MAX);
	mm_limit_trigger_reset(limit);
}

/* It goes, but for whoever still has a reference, who needs the account, too. */
static void forget(struct mm_limit *limit)
{
	mm_limit_drop_histories(limit);
	mm_limit_leave_history(limit);
	mm_limit_table_del(limit);
	if (limit->weak) {
		get_uid(limit->user);
		limit->weak = false;
	}
	mm_limit_put(limit);
}

/**
 * mm_limit_begin_destroy - a limit is about to go
 * @limit: the limit, in force and no rule
 *
 * Nobody is killed for it any more. mm_limit_wait_for_charges() must follow, and then
 * mm_limit_finish_destroy().
 *
 * Context: process; with the account's limit_mutex held, until that has been called, and
 * a reference on its user.
 */
void mm_limit_begin_destroy(struct mm_limit *limit)
{
	mm_limit_withdraw(limit);
	mm_limit_begin_stop(mm_limit_account(limit));
}

/**
 * mm_limit_finish_destroy - a limit goes
 * @limit: the limit
 *
 * Context: as with mm_limit_begin_destroy().
 */
void mm_limit_finish_destroy(struct mm_limit *limit)
{
	mm_limit_finish_stop(mm_limit_account(limit));
	forget(limit);
}

/**
 * mm_limit_destroy - a limit goes
 * @limit: the limit, in force
 *
 * Context: process; with the account's limit_mutex held, and a reference on its user.
 */
void mm_limit_destroy(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	mm_limit_withdraw(limit);
	if (acct->charging)
		mm_limit_stop_charging(acct);
	forget(limit);
}

/**
 * mm_limit_replace - a limit comes into force in place of another
 * @old: the other; NULL: there is none
 * @new: the limit
 *
 * The killer of the user's pool does not see that it is charged nothing in between.
 *
 * Return: as for mm_limit_enact().
 * Context: as with mm_limit_destroy().
 */
struct mm_limit_part mm_limit_replace(struct mm_limit *old,
				      struct mm_limit *new)
{
	struct mm_limit_account *acct = mm_limit_account(new), *walk;
	struct mm_limit_part in_force;

	if (old)
		mm_limit_withdraw(old);
	walk = mm_limit_lock_walk(acct);
	if (acct->charging)
		mm_limit_stop_charging(acct);
	in_force = mm_limit_enact(new);
	mm_limit_unlock_walk(walk);
	if (old)
		forget(old);
	return in_force;
}

/**
 * mm_limit_recount - charge a user anew, and apply its limit to what comes of that
 * @acct: the user's account, with a limit or without
 * @pool: the account of the pool that it becomes or stays a member of, or NULL
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_recount(struct mm_limit_account *acct,
		      struct mm_limit_account *pool)
{
	struct mm_limit *limit = mm_limit_of(acct);
	struct mm_limit_part in_force;

	mm_limit_recharge(acct, pool);
	if (!limit)
		return;
	in_force = mm_limit_in_force(limit);
	mm_limit_enforce_apply(limit, &in_force, false);
}
