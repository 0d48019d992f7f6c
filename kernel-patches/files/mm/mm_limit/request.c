// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what callers ask for, whether they may, and in whose time it
 * is done.
 *
 * Callers with CAP_SYS_RESOURCE read and change everybody's limit, others the part of
 * their own that they set themselves.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>

#include "account.h"
#include "enforce.h"
#include "limit.h"
#include "table.h"

static bool has_limit(kuid_t kuid)
{
	struct user_struct *user = find_user(kuid);
	bool has;

	if (!user)
		return false;
	has = rcu_access_pointer(user->mm_limit.limit);
	free_uid(user);
	return has;
}

/*
 * May the caller act on this user's limit?
 *
 * Return: a negative error, or whether it may act on the hard part.
 */
static int may_change(kuid_t kuid)
{
	if (capable(CAP_SYS_RESOURCE))
		return true;
	return uid_eq(kuid, current_uid()) ? false : -EPERM;
}

static int may_read(kuid_t kuid)
{
	/* vm.mm_limit_min_uid may have been raised above a limit that stands. */
	if (mm_limit_is_exempt(kuid) && !has_limit(kuid))
		return -EACCES;
	if (!uid_eq(kuid, current_uid()) && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	return 0;
}

/* Lock two different accounts, neither while waiting for the other. */
static void lock_both(struct mm_limit_account *a, struct mm_limit_account *b)
{
	for (;;) {
		mutex_lock(&a->limit_mutex);
		if (mutex_trylock(&b->limit_mutex))
			return;
		mutex_unlock(&a->limit_mutex);
		swap(a, b);
	}
}

/*
 * Let the limit that was set longest ago give way.
 *
 * Return: 1, or a negative error; -ENOSPC: things have changed, and a new attempt is
 * due.
 */
static int set_evicting(struct user_struct *user, struct user_struct *oldest,
			const struct mm_limit_change *change)
{
	struct mm_limit *evicted;
	int ret = -EAGAIN;

	if (user == oldest)
		return -ENOSPC;

	lock_both(&user->mm_limit, &oldest->mm_limit);
	evicted = mm_limit_of(&oldest->mm_limit);
	if (evicted && !mm_limit_has_own(&user->mm_limit))
		ret = mm_limit_create(user, true, NULL, change, evicted);
	mutex_unlock(&user->mm_limit.limit_mutex);
	mutex_unlock(&oldest->mm_limit.limit_mutex);
	if (!ret)
		mm_limit_obey(oldest);

	if (ret == -EAGAIN)
		return -ENOSPC;
	return ret ? ret : 1;
}

/**
 * struct own_change - a user's change of its own part, as the kernel makes it
 * @work: makes it
 * @user: the user
 * @change: what to change; NULL: remove the part
 * @ret: what came of it
 *
 * The kernel makes the change, because a thread of the user's that held the account's
 * limit_mutex could be kept from running, for long, by others of the same user; and
 * the administrator waits for that mutex.
 */
struct own_change {
	struct work_struct work;
	struct user_struct *user;
	const struct mm_limit_change *change;
	int ret;
};

static struct workqueue_struct *mm_limit_own_wq;

static void make_own_change(struct work_struct *work)
{
	struct own_change *own = container_of(work, struct own_change, work);
	struct mm_limit_account *acct = &own->user->mm_limit;
	u64 began = task_sched_runtime(current);

	mutex_lock(&acct->limit_mutex);
	if (own->change)
		own->ret = mm_limit_set_locked(own->user, false, own->change);
	else
		own->ret = mm_limit_remove_locked(own->user, false, NULL);
	mutex_unlock(&acct->limit_mutex);
	mm_limit_enforce_bill(acct, task_sched_runtime(current) - began);
}

/*
 * Change a user's own part, for one of its threads at a time, once the user has paid
 * for what was done before.
 */
static int change_own(struct user_struct *user,
		      const struct mm_limit_change *change)
{
	struct own_change own = { .user = user, .change = change };
	struct mm_limit_account *acct = &user->mm_limit;

	if (mutex_lock_killable(&acct->self_mutex))
		return -EINTR;
	own.ret = mm_limit_enforce_pay(acct);
	if (!own.ret) {
		INIT_WORK_ONSTACK(&own.work, make_own_change);
		queue_work(mm_limit_own_wq, &own.work);
		flush_work(&own.work);
		destroy_work_on_stack(&own.work);
	}
	mutex_unlock(&acct->self_mutex);
	return own.ret;
}

static int set_as_administrator(struct user_struct *user,
				const struct mm_limit_change *change)
{
	struct mm_limit_account *acct = &user->mm_limit;
	int ret;

	if (mutex_lock_killable(&acct->limit_mutex))
		return -EINTR;
	ret = mm_limit_set_locked(user, true, change);
	mutex_unlock(&acct->limit_mutex);
	return ret;
}

static int set_user(struct user_struct *user, bool privileged,
		    const struct mm_limit_change *change, bool evict)
{
	struct user_struct *oldest;
	int ret;

	/* A user must not make somebody else's limit give way. */
	if (!privileged)
		return change_own(user, change);

	for (;;) {
		ret = set_as_administrator(user, change);
		if (ret != -ENOSPC || !evict)
			return ret;

		oldest = mm_limit_table_oldest();
		if (!oldest)
			return ret;
		ret = set_evicting(user, oldest, change);
		free_uid(oldest);
		if (ret != -ENOSPC)
			return ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/**
 * mm_limit_set - set or change a user's limit
 * @kuid: the user
 * @change: what to change; policies and fields are known
 * @evict: if the table is full, let the limit set longest ago give way
 *
 * Return: 0, or 1: another limit was evicted; -EACCES: uid below
 * vm.mm_limit_min_uid; -EPERM: another user's limit without CAP_SYS_RESOURCE, or
 * beyond the hard limit that stands; -ENODATA: nothing to change, and no size;
 * -ENOSPC: vm.mm_limit_max_entries reached; -ENOMEM; -EINTR: killed.
 * Context: process.
 */
int mm_limit_set(kuid_t kuid, const struct mm_limit_change *change, bool evict)
{
	struct user_struct *user;
	int privileged, ret;

	if (mm_limit_is_exempt(kuid))
		return -EACCES;
	privileged = may_change(kuid);
	if (privileged < 0)
		return privileged;

	user = alloc_uid(kuid);
	if (!user)
		return -ENOMEM;
	ret = set_user(user, privileged, change, evict);
	free_uid(user);
	return ret;
}

static int remove_as_administrator(struct user_struct *user)
{
	struct mm_limit_account *acct = &user->mm_limit;
	struct mm_limit *rule;
	int ret;

	if (mutex_lock_killable(&acct->limit_mutex))
		return -EINTR;
	rule = mm_limit_table_rule_for(from_kuid(&init_user_ns, user->uid));
	ret = mm_limit_remove_locked(user, true, rule);
	mutex_unlock(&acct->limit_mutex);
	if (rule)
		mm_limit_put(rule);
	return ret;
}

/**
 * mm_limit_remove - remove a user's limit
 * @kuid: the user
 *
 * A privileged caller removes the limit, any other the part that is its own. What a rule
 * has given the user goes with the rule only, and comes back when its own limit goes. When
 * this returns, nobody will be killed for what has been removed.
 *
 * Return: 0, or -EACCES and -EPERM as for mm_limit_set(), -EPERM also where
 * only a hard limit stands; -ENODATA: there is no limit; -EINTR: killed.
 * Context: process.
 */
int mm_limit_remove(kuid_t kuid)
{
	struct user_struct *user;
	int privileged, ret;

	if (mm_limit_is_exempt(kuid) && !has_limit(kuid))
		return -EACCES;
	privileged = may_change(kuid);
	if (privileged < 0)
		return privileged;

	user = find_user(kuid);
	if (!user)
		return -ENODATA;

	if (privileged)
		ret = remove_as_administrator(user);
	else
		ret = change_own(user, NULL);
	free_uid(user);
	return ret;
}

/*
 * Find a user's limit, and that of its pool, or NULL; with references.
 *
 * Return: as for mm_limit_get().
 */
static int find_limit(kuid_t kuid, struct mm_limit **limit,
		      struct mm_limit **pools)
{
	struct mm_limit_account *pool;
	struct user_struct *user;
	int ret = may_read(kuid);

	if (ret)
		return ret;

	user = find_user(kuid);
	if (!user)
		return -ENODATA;

	*limit = mm_limit_find(&user->mm_limit);
	*pools = NULL;
	pool = *limit ? mm_limit_get_pool(&user->mm_limit) : NULL;
	if (pool) {
		*pools = mm_limit_find(pool);
		free_uid(mm_limit_account_user(pool));
	}
	free_uid(user);
	return *limit ? 0 : -ENODATA;
}

static struct mm_limit_part read_in_force(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	guard(spinlock)(&acct->lock);
	return mm_limit_in_force(limit);
}

/**
 * mm_limit_get - read the limit in force for a user
 * @kuid: the user
 * @in_force: where to put it: the lower of the user's and its pool's
 *
 * Return: 0, or -EACCES and -EPERM as for mm_limit_set(); -ENODATA.
 * Context: process.
 */
int mm_limit_get(kuid_t kuid, struct mm_limit_part *in_force)
{
	struct mm_limit *limit, *pool;
	int ret = find_limit(kuid, &limit, &pool);

	if (ret)
		return ret;
	*in_force = read_in_force(limit);
	if (pool && read_in_force(pool).mm_max < in_force->mm_max)
		*in_force = read_in_force(pool);
	if (pool)
		mm_limit_put(pool);
	mm_limit_put(limit);
	return 0;
}

/**
 * mm_limit_read - read everything about a user's limit
 * @kuid: the user
 * @attr: where to put it, but for the uid
 *
 * Return: as for mm_limit_get().
 * Context: process.
 */
int mm_limit_read(kuid_t kuid, struct mm_limit_attr *attr)
{
	struct mm_limit *limit, *pool;
	int ret = find_limit(kuid, &limit, &pool);

	if (ret)
		return ret;
	mm_limit_describe(limit, attr);
	if (pool)
		mm_limit_put(pool);
	mm_limit_put(limit);
	return 0;
}

/**
 * mm_limit_kill_all - run the killer for all users
 * @policy: enum mm_limit_policy
 *
 * Return: how many processes were killed, or -ENOMEM; -EINTR: none, and the
 * caller was killed itself.
 * Context: process.
 */
int mm_limit_kill_all(int policy)
{
	/* For all users together: one must not keep the others from being looked at. */
	unsigned long end = jiffies + MM_LIMIT_MAX_ROUNDS *
			    msecs_to_jiffies(READ_ONCE(mm_limit_kill_wait_ms));
	struct user_struct *user;
	struct mm_limit *limit;
	int killed = 0, ret = 0;
	u64 key = 0;

	while (ret >= 0 && (user = mm_limit_table_next(&key))) {
		limit = mm_limit_find(&user->mm_limit);
		ret = limit ? mm_limit_enforce_now(limit, policy, end) : 0;
		killed += max(ret, 0);
		if (limit)
			mm_limit_put(limit);
		free_uid(user);
		cond_resched();
	}
	return killed ? killed : min(ret, 0);
}

static int __init mm_limit_own_setup(void)
{
	mm_limit_own_wq = alloc_workqueue("mm_limit_own",
					  WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!mm_limit_own_wq)
		panic("mm_limit: no memory for the workqueue of users' changes");
	return 0;
}
core_initcall(mm_limit_own_setup);
