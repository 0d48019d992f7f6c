// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what a rule gives a user.
 *
 * That goes with the rule, and with the user: it has no reference on it.
 */

#include <linux/mutex.h>
#include <linux/sched/cputime.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "account.h"
#include "enforce.h"
#include "events.h"
#include "history.h"
#include "limit.h"
#include "reclaim.h"
#include "table.h"

/* What a rule gives each user; a pool's limit is for all together, so each has none. */
static struct mm_limit_part part_by_rule(struct mm_limit *rule,
					 struct mm_limit_settings *settings)
{
	struct mm_limit_account *acct = mm_limit_account(rule);

	*settings = mm_limit_default_settings;
	if (rule->range.rule != MM_LIMIT_RULE_EACH)
		return mm_limit_no_part;
	guard(spinlock)(&acct->lock);
	*settings = rule->settings;
	return rule->hard;
}

static struct mm_limit *limit_by_rule(struct user_struct *user,
				      struct mm_limit *rule, gfp_t gfp)
{
	struct mm_limit *limit = mm_limit_new(user, &rule->range, gfp);

	if (!limit)
		return NULL;
	limit->hard = part_by_rule(rule, &limit->settings);
	mm_limit_share_history(limit, rule);
	return limit;
}

/**
 * mm_limit_give - give a user the limit of a rule
 * @user: the user
 * @own: its own limit, which goes; NULL: it has none
 * @rule: the rule, with a reference
 *
 * Context: process; with the account's limit_mutex held, and a reference on the user.
 */
void mm_limit_give(struct user_struct *user, struct mm_limit *own,
		   struct mm_limit *rule)
{
	struct mm_limit *given = limit_by_rule(user, rule, GFP_KERNEL_ACCOUNT |
							   __GFP_NOFAIL);
	struct mm_limit_part in_force;

	mm_limit_table_add(given, NULL);
	in_force = mm_limit_replace(own, given);
	mm_limit_enforce_apply(given, &in_force, true);
	/* The caller has a reference on the user. */
	given->weak = true;
	free_uid(user);
}

/* The limit that a rule has given a user becomes what a rule says now. */
static bool begin_renewal(struct mm_limit_obeying *obeying,
			  struct mm_limit *given)
{
	struct mm_limit_account *acct = mm_limit_account(given);
	struct mm_limit_part part, in_force;
	struct mm_limit_settings settings;

	part = part_by_rule(obeying->rule, &settings);
	spin_lock(&acct->lock);
	given->range = obeying->rule->range;
	spin_unlock(&acct->lock);
	mm_limit_move_history(given, obeying->rule);
	mm_limit_table_change(given, &part, &mm_limit_no_part, &settings, false);
	mm_limit_reclaim_reset(given);
	in_force = mm_limit_in_force(given);
	obeying->renewed = given;
	obeying->applying = mm_limit_begin_apply(given, &in_force, true);
	mm_limit_notify(acct);
	return obeying->applying.wait;
}

/* The pool that a user is a member of by its rule, or NULL */
static struct mm_limit_account *pool_of(struct mm_limit *rule)
{
	return rule && rule->range.rule == MM_LIMIT_RULE_POOL ?
		mm_limit_account(rule) : NULL;
}

/* A user without a limit, of which nothing is charged, so that it can enter a pool. */
static bool begin_gift(struct mm_limit_obeying *obeying)
{
	struct mm_limit_account *acct = &obeying->user->mm_limit;
	struct mm_limit_account *pool = pool_of(obeying->rule);
	struct mm_limit_part in_force;
	struct mm_limit *given;

	given = limit_by_rule(obeying->user, obeying->rule,
			      GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	if (acct->counter.pool != pool) {
		mm_limit_leave_pool(acct);
		if (pool)
			mm_limit_enter_pool(acct, pool);
		mm_limit_notify(acct);
	}
	mm_limit_table_add(given, NULL);
	in_force = mm_limit_in_force(given);
	mm_limit_enforce_begin(given, &in_force);
	obeying->comes = given;
	return mm_limit_begin_enact(given, &obeying->handover);
}

static void finish_gift(struct mm_limit_obeying *obeying)
{
	struct mm_limit_part in_force =
		mm_limit_finish_enact(obeying->comes, obeying->handover);

	mm_limit_enforce_apply(obeying->comes, &in_force, true);
	/* The caller has a reference on the user. */
	obeying->comes->weak = true;
	free_uid(obeying->user);
}

static bool is_same(const struct mm_limit_range *a,
		    const struct mm_limit_range *b)
{
	return a->rule == b->rule && a->first == b->first && a->last == b->last;
}

/**
 * mm_limit_begin_obeying - have a user obey the rule that goes for it, or none
 * @obeying: the user and the rule
 * @changed: the rule was changed
 *
 * A hard limit of its own goes before a rule, but does not take it out of a pool. What it
 * has bound itself by ends with what was before.
 *
 * Callers can wait once for many users.
 *
 * Return: whether mm_limit_wait_for_charges() must come before mm_limit_finish_obeying().
 * Context: process; with the account's limit_mutex held, until that has been called.
 */
bool mm_limit_begin_obeying(struct mm_limit_obeying *obeying, bool changed)
{
	struct mm_limit *limit = mm_limit_of(&obeying->user->mm_limit);
	bool given = limit && mm_limit_by_rule(limit);
	struct mm_limit *rule = obeying->rule;

	obeying->comes = NULL;
	obeying->goes = NULL;
	obeying->renewed = NULL;
	if (!limit)
		return rule && begin_gift(obeying);
	if (!given) {
		/* The table bounds how many there are. */
		if (rule && !mm_limit_stands(&limit->hard))
			mm_limit_give(obeying->user, limit, rule);
		return false;
	}
	if (rule)
		return (changed || !is_same(&limit->range, &rule->range)) &&
		       begin_renewal(obeying, limit);
	obeying->goes = limit;
	mm_limit_begin_destroy(limit);
	return true;
}

/**
 * mm_limit_finish_obeying - what it obeys is in force
 * @obeying: as mm_limit_begin_obeying() has it
 *
 * Context: as with that.
 */
void mm_limit_finish_obeying(struct mm_limit_obeying *obeying)
{
	struct mm_limit_account *acct = &obeying->user->mm_limit;
	struct mm_limit_account *pool = pool_of(obeying->rule);

	if (obeying->goes)
		mm_limit_finish_destroy(obeying->goes);
	if (obeying->comes)
		finish_gift(obeying);
	if (obeying->renewed)
		mm_limit_finish_apply(obeying->renewed, &obeying->applying);
	if (acct->counter.pool == pool)
		return;
	mm_limit_recount(acct, pool);
	mm_limit_notify(acct);
}

/**
 * mm_limit_obey_locked - both
 * @user: the user
 * @rule: the rule, with a reference; NULL: none
 * @changed: the rule was changed
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_obey_locked(struct user_struct *user, struct mm_limit *rule,
			  bool changed)
{
	struct mm_limit_obeying obeying = { .user = user, .rule = rule };

	if (mm_limit_begin_obeying(&obeying, changed))
		mm_limit_wait_for_charges();
	mm_limit_finish_obeying(&obeying);
}

/* Nothing in it waits for what users can prolong. */
static struct workqueue_struct *mm_limit_first_wq;

/**
 * struct first - a new user is given a limit
 * @work: does it: it takes locks that others want, and whoever makes the user may be
 *	kept from running
 * @limit: the limit
 * @rule: of this rule
 */
struct first {
	struct work_struct work;
	struct mm_limit *limit;
	struct mm_limit *rule;
};

/* Whoever has made a user pays for what the kernel has done about it since then. */
static void bill_maker(struct mm_limit_account *acct, u64 began)
{
	if (acct->payer)
		mm_limit_enforce_bill(&acct->payer->mm_limit,
				      task_sched_runtime(current) - began);
}

static void begin_first(struct work_struct *work)
{
	struct first *first = container_of(work, struct first, work);
	struct mm_limit_account *acct = mm_limit_account(first->limit);
	u64 began = task_sched_runtime(current);
	struct mm_limit_part in_force;

	mutex_lock(&acct->limit_mutex);
	if (first->rule->range.rule == MM_LIMIT_RULE_POOL)
		mm_limit_enter_pool(acct, mm_limit_account(first->rule));
	in_force = mm_limit_enact(first->limit);
	mm_limit_enforce_begin(first->limit, &in_force);
	first->limit->weak = true;
	mutex_unlock(&acct->limit_mutex);
	bill_maker(acct, began);
}

/**
 * mm_limit_give_first - give a new user the limit of a rule
 * @user: the user, whom nobody can find yet
 * @rule: the rule, with a reference
 *
 * What this takes is charged to whoever makes the user, who pays for the work, too.
 *
 * Return: 0, or -ENOMEM.
 * Context: process.
 */
int mm_limit_give_first(struct user_struct *user, struct mm_limit *rule)
{
	struct first first = {
		.limit = limit_by_rule(user, rule, GFP_KERNEL_ACCOUNT),
		.rule = rule,
	};

	if (!first.limit)
		return -ENOMEM;
	INIT_WORK_ONSTACK(&first.work, begin_first);
	queue_work(mm_limit_first_wq, &first.work);
	flush_work(&first.work);
	destroy_work_on_stack(&first.work);
	free_uid(user);
	return 0;
}

/**
 * mm_limit_show_first - let others find the limit that a new user was given
 * @user: the user, whom others can find by now, and whose limit they may have changed
 *
 * Context: process.
 */
void mm_limit_show_first(struct user_struct *user)
{
	struct mm_limit *limit = mm_limit_find(&user->mm_limit);

	if (!limit)
		return;
	mm_limit_table_add(limit, NULL);
	mm_limit_put(limit);
}

/**
 * mm_limit_retire - a user has gone, and the limit goes that a rule has given it
 * @acct: the user's account, which nobody finds by its uid, and of which nothing is
 *	charged any more
 *
 * Context: process.
 */
void mm_limit_retire(struct mm_limit_account *acct)
{
	u64 began = task_sched_runtime(current);
	struct mm_limit *limit;

	mutex_lock(&acct->limit_mutex);
	limit = mm_limit_of(acct);
	mm_limit_withdraw(limit);
	mm_limit_leave_charging(acct);
	mm_limit_leave_pool(acct);
	mm_limit_leave_history(limit);
	mm_limit_table_del(limit);
	limit->last = true;
	mutex_unlock(&acct->limit_mutex);
	bill_maker(acct, began);
	mm_limit_put(limit);
}

static int __init mm_limit_first_setup(void)
{
	mm_limit_first_wq = alloc_workqueue("mm_limit_first",
					    WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!mm_limit_first_wq)
		panic("mm_limit: no memory for the workqueue of new users");
	return 0;
}
core_initcall(mm_limit_first_setup);
