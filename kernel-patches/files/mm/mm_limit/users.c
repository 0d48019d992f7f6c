// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: users that come and go while there are rules.
 *
 * A new user asks for its rule before anybody can find it, and once more afterwards if
 * rules have changed since. Both is done by works: a thread of whoever makes the user,
 * which could be kept from running, must hold no lock that others want. Whoever makes users
 * by the thousand pays for these works.
 *
 * What a rule gives a user goes with the user: with its last process, and the last page
 * that is charged to it.
 */

#include <linux/cred.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "account.h"
#include "enforce.h"
#include "held.h"
#include "limit.h"
#include "table.h"

/* Counts changes of what a new user goes by: rules, what is charged, when to look. */
static atomic_t changes;

/**
 * mm_limit_look_at_new_users - what a new user goes by has changed
 *
 * Users that nobody could find when the caller went through them look again.
 */
void mm_limit_look_at_new_users(void)
{
	atomic_inc_return(&changes);
}

/**
 * mm_limit_rule_for - the rule that goes for a user
 * @user: the user, which may be exempt without a limit that stands
 *
 * Return: the rule, with a reference; NULL: none.
 * Context: process; with the account's limit_mutex held.
 */
struct mm_limit *mm_limit_rule_for(struct user_struct *user)
{
	if (!mm_limit_of(&user->mm_limit) && mm_limit_is_exempt(user->uid))
		return NULL;
	return mm_limit_table_rule_for(from_kuid(&init_user_ns, user->uid));
}

/*
 * Find who pays for a new user, if it is in a user namespace of somebody's. Nobody can find
 * the user yet, and the payer is older, so no user pays for one that pays for it.
 */
static int find_payer(struct mm_limit_account *acct)
{
	if (uid_eq(acct->maker, mm_limit_account_user(acct)->uid) ||
	    mm_limit_is_exempt(acct->maker))
		return 0;
	/* In this namespace it is its own maker. */
	acct->payer = alloc_uid(acct->maker);
	return acct->payer ? 0 : -ENOMEM;
}

/*
 * Whoever makes users and can be limited waits until it has paid for what the kernel has
 * done about others that it has made. It changes its uid, so it holds no lock.
 */
static int pay_for_users(struct mm_limit_account *acct)
{
	might_sleep();
	if (!acct->payer || mm_limit_is_exempt(current_uid()))
		return 0;
	return mm_limit_enforce_pay(&acct->payer->mm_limit);
}

/**
 * mm_limit_user_join - give a new user the limit that a rule has for it
 * @user: the user, whom nobody can find yet
 * @rules: for mm_limit_user_joined()
 *
 * Return: 0, or -ENOMEM; -EINTR: the caller is killed.
 * Context: process, without a lock.
 */
int mm_limit_user_join(struct user_struct *user, unsigned int *rules)
{
	struct mm_limit *rule;
	int ret = find_payer(&user->mm_limit);

	if (!ret)
		ret = pay_for_users(&user->mm_limit);
	if (ret)
		return ret;
	*rules = atomic_read_acquire(&changes);
	if (mm_limit_is_exempt(user->uid))
		return 0;
	rule = mm_limit_table_rule_for(from_kuid(&init_user_ns, user->uid));
	if (!rule)
		return 0;
	ret = mm_limit_give_first(user, rule);
	mm_limit_put(rule);
	return ret;
}

/**
 * struct second_look - at a new user, since what it goes by has changed
 * @work: makes it
 * @user: the user
 */
struct second_look {
	struct work_struct work;
	struct user_struct *user;
};

static void look_twice(struct work_struct *work)
{
	struct second_look *look = container_of(work, struct second_look, work);
	struct mm_limit_account *acct = &look->user->mm_limit;
	struct mm_limit *rule;

	mutex_lock(&acct->limit_mutex);
	rule = mm_limit_rule_for(look->user);
	mm_limit_obey_locked(look->user, rule, true);
	if (rule)
		mm_limit_put(rule);
	mm_limit_recount(acct, acct->counter.pool);
	mutex_unlock(&acct->limit_mutex);
}

/**
 * mm_limit_user_joined - a new user can be found
 * @user: the user
 * @rules: what mm_limit_user_join() has noted
 *
 * Context: process.
 */
void mm_limit_user_joined(struct user_struct *user, unsigned int rules)
{
	struct second_look look = { .user = user };

	mm_limit_show_first(user);
	/* Whoever counts a change later than this finds the user. */
	smp_mb();
	if (atomic_read(&changes) == rules)
		return;
	INIT_WORK_ONSTACK(&look.work, look_twice);
	queue_work(system_unbound_wq, &look.work);
	flush_work(&look.work);
	destroy_work_on_stack(&look.work);
}

/**
 * mm_limit_user_stays - does a user stay although nothing refers to it?
 * @user: the user
 *
 * What it holds may still be charged to it. If so, that refers to it from now on.
 *
 * Context: any; nobody can find the user meanwhile.
 */
bool mm_limit_user_stays(struct user_struct *user)
{
	struct mm_limit_account *acct = &user->mm_limit;

	return rcu_access_pointer(acct->limit) && mm_limit_held_keeps(acct);
}

static LLIST_HEAD(gone);

static void retire_all(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&gone);
	struct mm_limit_account *acct, *next;

	/* Whoever has uncharged the last of what they held may still be at it. */
	synchronize_rcu();
	llist_for_each_entry_safe(acct, next, list, gone) {
		mm_limit_retire(acct);
		cond_resched();
	}
}

static DECLARE_WORK(retiring, retire_all);

/**
 * mm_limit_user_release - a user has gone
 * @user: the user, whom nobody can find any more
 *
 * Its memory is freed, once its limit has gone, too.
 *
 * Context: any.
 */
void mm_limit_user_release(struct user_struct *user)
{
	struct mm_limit_account *acct = &user->mm_limit;

	if (!rcu_access_pointer(acct->limit))
		mm_limit_free_account(acct);
	else if (llist_add(&acct->gone, &gone))
		queue_work(system_unbound_wq, &retiring);
}
