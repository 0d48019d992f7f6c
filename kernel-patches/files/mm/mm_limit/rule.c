// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: rules, which give many users a limit, from the first page of
 * each on.
 *
 * A rule is a limit of a user that nobody is. Whoever sets, changes or removes one goes
 * through all users that there are. A new user asks for its rule before anybody can find
 * it, and once more afterwards if rules have changed since. Both is done by works: a thread
 * of whoever makes the user, which could be kept from running, must hold no lock that
 * others want.
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

/* Serializes changes of rules; outside any account's limit_mutex. */
static DEFINE_MUTEX(rules_mutex);

/* Counts changes of what a new user goes by: rules, what is charged, when to look. */
static atomic_t changes;

/* Walks of killers over members are nested in what walks of users are not. */
static struct lock_class_key pool_walk_key;

/**
 * mm_limit_look_at_new_users - what a new user goes by has changed
 *
 * Users that nobody could find when the caller went through them look again.
 */
void mm_limit_look_at_new_users(void)
{
	atomic_inc_return(&changes);
}

/* The rule that goes for a user, which may be exempt without a limit that stands */
static struct mm_limit *rule_for(struct user_struct *user)
{
	if (!mm_limit_of(&user->mm_limit) && mm_limit_is_exempt(user->uid))
		return NULL;
	return mm_limit_table_rule_for(from_kuid(&init_user_ns, user->uid));
}

/* Have a user obey the rule that goes for it now, which may be the one that has changed. */
static void obey(struct user_struct *user, const struct mm_limit *changed)
{
	struct mm_limit_account *acct = &user->mm_limit;
	struct mm_limit *rule;

	mutex_lock(&acct->limit_mutex);
	rule = rule_for(user);
	mm_limit_obey_locked(user, rule, rule && rule == changed);
	mutex_unlock(&acct->limit_mutex);
	if (rule)
		mm_limit_put(rule);
}

/* Have all users of a range obey. */
static void obey_all(uid_t first, uid_t last, const struct mm_limit *changed)
{
	kuid_t kuid = INVALID_UID;
	struct user_struct *user;
	unsigned int bucket = 0;
	uid_t uid;

	lockdep_assert_held(&rules_mutex);

	mm_limit_look_at_new_users();
	while ((user = next_user(&bucket, &kuid))) {
		uid = from_kuid(&init_user_ns, kuid);
		if (first <= uid && uid <= last)
			obey(user, changed);
		free_uid(user);
		cond_resched();
	}
}

static bool wants_reclaim(const struct mm_limit_change *change)
{
	return change->fields & MM_LIMIT_FIELD_FLAGS &&
	       change->settings.flags & MM_LIMIT_RECLAIM;
}

static int create_rule(const struct mm_limit_range *range,
		       const struct mm_limit_change *change)
{
	struct user_struct *user = alloc_nobody(KUIDT_INIT(range->first));
	struct mm_limit_account *acct;
	int ret;

	if (!user)
		return -ENOMEM;
	acct = &user->mm_limit;
	acct->is_pool = range->rule == MM_LIMIT_RULE_POOL;
	lockdep_set_class(&acct->walk_mutex, &pool_walk_key);
	mutex_lock(&acct->limit_mutex);
	ret = mm_limit_create(user, true, range, change, NULL);
	mutex_unlock(&acct->limit_mutex);
	free_uid(user);
	return ret;
}

/* What its members have was charged to a pool after it has come into force. */
static void look_at_pool(struct mm_limit *rule)
{
	struct mm_limit_account *acct = mm_limit_account(rule);
	struct mm_limit_part in_force;

	if (!acct->is_pool)
		return;
	mutex_lock(&acct->limit_mutex);
	in_force = mm_limit_in_force(rule);
	mm_limit_enforce_apply(rule, &in_force, false);
	mutex_unlock(&acct->limit_mutex);
}

static int change_rule(struct mm_limit *rule,
		       const struct mm_limit_change *change)
{
	struct mm_limit_account *acct = mm_limit_account(rule);
	int ret;

	mutex_lock(&acct->limit_mutex);
	ret = mm_limit_set_locked(rule->user, true, change);
	mutex_unlock(&acct->limit_mutex);
	return ret;
}

/**
 * mm_limit_set_rule - set or change a rule
 * @range: the users that it is for, and what it gives them: %MM_LIMIT_RULE_NONE: as before
 * @change: what to change; policies and fields are known
 *
 * Each user gets its limit before this returns, or before its first page.
 *
 * Return: 0, or -EACCES: users below vm.mm_limit_min_uid among them; -EPERM: no
 * CAP_SYS_RESOURCE; -EEXIST: a rule of another kind is for just these users; -EINVAL: a
 * pool cannot reclaim, or a new rule has no kind; -ENODATA, -ENOSPC, -ENOMEM and -EINTR
 * as for mm_limit_set().
 * Context: process.
 */
int mm_limit_set_rule(const struct mm_limit_range *range,
		      const struct mm_limit_change *change)
{
	enum mm_limit_rule kind = range->rule;
	struct mm_limit *rule;
	int ret;

	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (mm_limit_is_exempt(KUIDT_INIT(range->first)))
		return -EACCES;
	if (mutex_lock_killable(&rules_mutex))
		return -EINTR;

	rule = mm_limit_table_rule(range->first, range->last);
	if (rule && kind == MM_LIMIT_RULE_NONE)
		kind = rule->range.rule;
	if (rule && kind != rule->range.rule)
		ret = -EEXIST;
	else if (kind == MM_LIMIT_RULE_NONE ||
		 (kind == MM_LIMIT_RULE_POOL && wants_reclaim(change)))
		ret = -EINVAL;
	else
		ret = rule ? change_rule(rule, change) :
			     create_rule(range, change);
	if (!ret && !rule)
		rule = mm_limit_table_rule(range->first, range->last);
	if (!ret) {
		obey_all(range->first, range->last, rule);
		look_at_pool(rule);
	}
	if (rule)
		mm_limit_put(rule);
	mutex_unlock(&rules_mutex);
	return ret;
}

/* The rule for just these users, with a reference, if it is of that kind or of any */
static struct mm_limit *find_rule(const struct mm_limit_range *range)
{
	struct mm_limit *rule = mm_limit_table_rule(range->first, range->last);

	if (rule && range->rule != MM_LIMIT_RULE_NONE &&
	    range->rule != rule->range.rule) {
		mm_limit_put(rule);
		rule = NULL;
	}
	return rule;
}

/**
 * mm_limit_remove_rule - remove a rule
 * @range: the users that it is for, and of which kind it is: %MM_LIMIT_RULE_NONE: of any
 *
 * Each user gets the limit of the rule that goes for it then, if there is one. When this
 * returns, nobody will be killed for what has been removed.
 *
 * Return: 0, or -EPERM: no CAP_SYS_RESOURCE; -ENODATA: there is no such rule; -EINTR:
 * killed.
 * Context: process.
 */
int mm_limit_remove_rule(const struct mm_limit_range *range)
{
	struct mm_limit_account *acct;
	struct mm_limit *rule;

	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (mutex_lock_killable(&rules_mutex))
		return -EINTR;
	rule = find_rule(range);
	if (rule) {
		acct = mm_limit_account(rule);
		mutex_lock(&acct->limit_mutex);
		mm_limit_remove_locked(rule->user, true, NULL);
		mutex_unlock(&acct->limit_mutex);
		obey_all(range->first, range->last, NULL);
		mm_limit_put(rule);
	}
	mutex_unlock(&rules_mutex);
	return rule ? 0 : -ENODATA;
}

/**
 * mm_limit_read_rule - read everything about a rule
 * @range: as for mm_limit_remove_rule()
 * @attr: where to put it, but for the uid
 *
 * Return: 0, or -EPERM and -ENODATA as for mm_limit_remove_rule().
 * Context: process.
 */
int mm_limit_read_rule(const struct mm_limit_range *range,
		       struct mm_limit_attr *attr)
{
	struct mm_limit *rule;

	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	rule = find_rule(range);
	if (!rule)
		return -ENODATA;
	mm_limit_describe(rule, attr);
	mm_limit_put(rule);
	return 0;
}

/**
 * mm_limit_obey - have a user obey the rule that goes for it, once its own limit has gone
 * @user: the user
 *
 * Context: process.
 */
void mm_limit_obey(struct user_struct *user)
{
	obey(user, NULL);
}

/**
 * mm_limit_obey_all - have all users obey: others can be limited than before
 *
 * Context: process.
 */
void mm_limit_obey_all(void)
{
	mutex_lock(&rules_mutex);
	obey_all(0, U32_MAX, NULL);
	mutex_unlock(&rules_mutex);
}

/**
 * mm_limit_user_join - give a new user the limit that a rule has for it
 * @user: the user, whom nobody can find yet
 * @rules: for mm_limit_user_joined()
 *
 * Return: 0, or -ENOMEM.
 * Context: process.
 */
int mm_limit_user_join(struct user_struct *user, unsigned int *rules)
{
	struct mm_limit *rule;
	int ret;

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
	rule = rule_for(look->user);
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
