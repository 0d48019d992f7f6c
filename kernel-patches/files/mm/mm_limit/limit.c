// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: one user's limit being read and changed, and who may.
 *
 * A limit has two parts: the hard one is set by callers with CAP_SYS_RESOURCE,
 * the other by the user itself. In force is the lower of the two, with the
 * shorter grace.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched/cputime.h>
#include <linux/slab.h>

#include "internal.h"

static const struct mm_limit_part no_limit = { .mm_max = MM_LIMIT_NONE };

static const struct mm_limit_choice default_choice = {
	.policy = MM_LIMIT_HIGHEST_RSS,
	.threshold = MM_LIMIT_THRESHOLD_DEFAULT,
	.swap_max = MM_LIMIT_ATTR_NONE,
};

/**
 * mm_limit_in_force - what its two parts come to
 * @limit: the limit
 *
 * Context: with the account's mutex or its lock held.
 */
struct mm_limit_part mm_limit_in_force(const struct mm_limit *limit)
{
	const struct mm_limit_part *hard = &limit->hard, *self = &limit->self;

	if (!mm_limit_stands(self))
		return *hard;
	if (!mm_limit_stands(hard))
		return *self;
	return (struct mm_limit_part){
		.mm_max = min(hard->mm_max, self->mm_max),
		.time_allow_exceed_ms = min(hard->time_allow_exceed_ms,
					    self->time_allow_exceed_ms),
	};
}

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
 * May the caller act on this user's limit? Returns a negative error, or whether
 * it may act on the hard part.
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

/* A part after a change */
static struct mm_limit_part changed(struct mm_limit_part part,
				    const struct mm_limit_change *change)
{
	if (change->fields & MM_LIMIT_FIELD_MAX)
		part.mm_max = change->mm_max;
	if (change->fields & MM_LIMIT_FIELD_GRACE)
		part.time_allow_exceed_ms = change->grace_ms;
	return part;
}

/* The rest after a change; who does not reclaim has the defaults of it. */
static struct mm_limit_choice chosen(struct mm_limit_choice choice,
				     const struct mm_limit_change *change)
{
	if (change->fields & MM_LIMIT_FIELD_POLICY)
		choice.policy = change->choice.policy;
	if (change->fields & MM_LIMIT_FIELD_FLAGS)
		choice.flags = change->choice.flags;
	if (!(choice.flags & MM_LIMIT_RECLAIM)) {
		choice.threshold = default_choice.threshold;
		choice.swap_max = default_choice.swap_max;
		return choice;
	}
	if (change->fields & MM_LIMIT_FIELD_THRESHOLD)
		choice.threshold = change->choice.threshold;
	if (change->fields & MM_LIMIT_FIELD_SWAP_MAX)
		choice.swap_max = change->choice.swap_max;
	return choice;
}

/*
 * Is there a detail of reclaiming in it, but no reclaiming? The defaults are none,
 * for they are what is read then.
 */
static bool pointless(const struct mm_limit_choice *choice,
		      const struct mm_limit_change *change)
{
	const struct mm_limit_choice *wanted = &change->choice;

	if (choice->flags & MM_LIMIT_RECLAIM)
		return false;
	return ((change->fields & MM_LIMIT_FIELD_THRESHOLD) &&
		wanted->threshold != default_choice.threshold) ||
	       ((change->fields & MM_LIMIT_FIELD_SWAP_MAX) &&
		wanted->swap_max != default_choice.swap_max);
}

static struct mm_limit *alloc_limit(struct user_struct *user, bool privileged,
				    const struct mm_limit_change *change)
{
	struct mm_limit *limit = kzalloc(sizeof(*limit), GFP_KERNEL_ACCOUNT);

	if (!limit)
		return NULL;

	limit->user = get_uid(user);
	refcount_set(&limit->refs, 1);
	limit->hard = no_limit;
	limit->self = no_limit;
	*(privileged ? &limit->hard : &limit->self) =
		changed(no_limit, change);
	limit->choice = chosen(default_choice, change);
	RB_CLEAR_NODE(&limit->by_time);
	mm_limit_enforce_init(limit);
	mm_limit_reclaim_init(limit);
	return limit;
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
	free_uid(limit->user);
	kfree_rcu(limit, rcu);
}

static void destroy_limit(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	mm_limit_enforce_stop(limit);
	rcu_assign_pointer(acct->limit, NULL);
	mm_limit_set_max(acct, LONG_MAX, LONG_MAX);
	mm_limit_reclaim_destroy(limit);
	mm_limit_set_swap(acct, 0, LONG_MAX);
	mm_limit_trigger_reset(limit);
	mm_limit_stop_charging(acct);
	mm_limit_table_del(limit);
	mm_limit_put(limit);
}

/* With @evicted the mutex of its account is held as well. */
static int create_limit(struct user_struct *user, bool privileged,
			const struct mm_limit_change *change,
			struct mm_limit *evicted)
{
	struct mm_limit_part in_force;
	struct mm_limit *limit;
	int ret;

	if (!(change->fields & MM_LIMIT_FIELD_MAX))
		return -ENODATA;
	limit = alloc_limit(user, privileged, change);
	if (!limit)
		return -ENOMEM;
	ret = pointless(&limit->choice, change) ?
		-EINVAL : mm_limit_table_add(limit, evicted);
	if (ret) {
		mm_limit_put(limit);
		return ret;
	}
	if (evicted) {
		in_force = mm_limit_in_force(evicted);
		mm_limit_event_evicted(mm_limit_account(evicted),
				       &in_force);
		destroy_limit(evicted);
	}

	in_force = mm_limit_in_force(limit);
	/* Before the charges begin, which then need not be waited for again. */
	mm_limit_reclaim_configure(limit);
	mm_limit_set_max(&user->mm_limit, mm_limit_pages(in_force.mm_max),
			 mm_limit_threshold(in_force.mm_max, &limit->choice));
	mm_limit_start_charging(&user->mm_limit);
	rcu_assign_pointer(user->mm_limit.limit, limit);
	mm_limit_enforce_apply(limit, &in_force, true);
	mm_limit_event_set("Added", &user->mm_limit, &in_force, privileged);
	return 0;
}

/* Would a user go beyond a hard limit that stands? */
static bool beyond_hard(const struct mm_limit *limit,
			const struct mm_limit_change *change)
{
	const struct mm_limit_part *hard = &limit->hard;

	if (!mm_limit_stands(hard))
		return false;
	if (change->fields & MM_LIMIT_FIELDS_CHOICE)
		return true;
	return ((change->fields & MM_LIMIT_FIELD_MAX) &&
		change->mm_max > hard->mm_max) ||
	       ((change->fields & MM_LIMIT_FIELD_GRACE) &&
		change->grace_ms > hard->time_allow_exceed_ms);
}

static int update_limit(struct mm_limit *limit, bool privileged,
			const struct mm_limit_change *change)
{
	struct mm_limit_part hard = limit->hard, self = limit->self;
	struct mm_limit_part *part = privileged ? &hard : &self;
	bool sized = change->fields & MM_LIMIT_FIELD_MAX;
	bool parts = change->fields & (MM_LIMIT_FIELD_MAX |
				       MM_LIMIT_FIELD_GRACE);
	bool trusted = privileged || !mm_limit_stands(&hard);
	bool restart = parts && trusted;
	struct mm_limit_choice choice = limit->choice;
	struct mm_limit_part in_force;

	if (!privileged && beyond_hard(limit, change))
		return -EPERM;
	if (parts && !sized && !mm_limit_stands(part))
		return -ENODATA;

	/* What the user chose for itself does not bind the administrator. */
	if (privileged && sized && !mm_limit_stands(&hard))
		choice = default_choice;
	choice = chosen(choice, change);
	if (pointless(&choice, change))
		return -EINVAL;
	if (parts)
		*part = changed(*part, change);
	/* The last word: what the user bound itself to goes by what was before. */
	if (privileged && parts)
		self = no_limit;

	/* Its place in the order of limits is none of a limited user's business. */
	mm_limit_table_change(limit, &hard, &self, &choice, sized && trusted);
	if (trusted)
		mm_limit_reclaim_renew(limit);
	in_force = mm_limit_in_force(limit);
	mm_limit_enforce_apply(limit, &in_force, restart);
	mm_limit_event_set("Updated", mm_limit_account(limit),
			   parts ? part : &in_force, privileged);
	return 0;
}

static int set_locked(struct user_struct *user, bool privileged,
		      const struct mm_limit_change *change)
{
	struct mm_limit *limit = mm_limit_of(&user->mm_limit);

	if (limit)
		return update_limit(limit, privileged, change);
	return create_limit(user, privileged, change, NULL);
}

/*
 * Let the limit that was set longest ago give way. Returns 1; or -ENOSPC when
 * things have changed and a new attempt is due.
 */
static int set_evicting(struct user_struct *user, struct user_struct *oldest,
			const struct mm_limit_change *change)
{
	struct mm_limit *evicted;
	int ret = -EAGAIN;

	if (user == oldest)
		return -ENOSPC;

	mm_limit_lock_both(&user->mm_limit, &oldest->mm_limit);
	evicted = mm_limit_of(&oldest->mm_limit);
	if (evicted && !mm_limit_of(&user->mm_limit))
		ret = create_limit(user, true, change, evicted);
	mm_limit_unlock_both(&user->mm_limit, &oldest->mm_limit);

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
 * The kernel does, because a thread of the user's that held the account's mutex could
 * be kept from running, for long, by others of the same user; and the administrator
 * waits for that mutex.
 */
struct own_change {
	struct work_struct work;
	struct user_struct *user;
	const struct mm_limit_change *change;
	int ret;
};

static struct workqueue_struct *mm_limit_own_wq;

static int remove_locked(struct user_struct *user, bool privileged);

static void make_own_change(struct work_struct *work)
{
	struct own_change *own = container_of(work, struct own_change, work);
	struct mm_limit_account *acct = &own->user->mm_limit;
	u64 began = task_sched_runtime(current);

	mutex_lock(&acct->mutex);
	own->ret = own->change ? set_locked(own->user, false, own->change) :
				 remove_locked(own->user, false);
	mutex_unlock(&acct->mutex);
	mm_limit_enforce_bill(acct, task_sched_runtime(current) - began);
}

/* One of a user's threads at a time, when it has paid for what was done before. */
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

	if (mutex_lock_killable(&acct->mutex))
		return -EINTR;
	ret = set_locked(user, true, change);
	mutex_unlock(&acct->mutex);
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

static int remove_locked(struct user_struct *user, bool privileged)
{
	struct mm_limit *limit = mm_limit_of(&user->mm_limit);
	struct mm_limit_part removed;
	bool gone;

	if (!limit)
		return -ENODATA;
	if (!privileged && !mm_limit_stands(&limit->self))
		return -EPERM;

	removed = privileged ? mm_limit_in_force(limit) : limit->self;
	gone = privileged || !mm_limit_stands(&limit->hard);
	if (gone) {
		destroy_limit(limit);
	} else {
		mm_limit_table_change(limit, &limit->hard, &no_limit,
				      &limit->choice, false);
		mm_limit_enforce_apply(limit, &limit->hard, false);
	}
	mm_limit_event_set("Removed", &user->mm_limit, &removed, privileged);
	return 0;
}

static int remove_as_administrator(struct user_struct *user)
{
	struct mm_limit_account *acct = &user->mm_limit;
	int ret;

	if (mutex_lock_killable(&acct->mutex))
		return -EINTR;
	ret = remove_locked(user, true);
	mutex_unlock(&acct->mutex);
	return ret;
}

/**
 * mm_limit_remove - remove a user's limit
 * @kuid: the user
 *
 * A privileged caller removes the limit, any other the part that is its own.
 * When this returns, nobody will be killed for what has been removed.
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

/**
 * mm_limit_get - read the limit in force for a user
 * @kuid: the user
 * @in_force: where to put it
 *
 * Return: 0, or -EACCES and -EPERM as for mm_limit_set(); -ENODATA.
 * Context: process.
 */
int mm_limit_get(kuid_t kuid, struct mm_limit_part *in_force)
{
	struct mm_limit_attr attr;
	int ret = mm_limit_read(kuid, &attr);

	if (!ret)
		*in_force = (struct mm_limit_part){
			.mm_max = attr.mm_max,
			.time_allow_exceed_ms = attr.grace_ms,
		};
	return ret;
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
	struct user_struct *user;
	struct mm_limit *limit;
	int ret = may_read(kuid);

	if (ret)
		return ret;

	user = find_user(kuid);
	if (!user)
		return -ENODATA;

	limit = mm_limit_find(&user->mm_limit);
	free_uid(user);
	if (!limit)
		return -ENODATA;
	mm_limit_describe(limit, attr);
	mm_limit_put(limit);
	return 0;
}

static u64 attr_max(const struct mm_limit_part *part)
{
	return mm_limit_stands(part) ? part->mm_max : MM_LIMIT_ATTR_NONE;
}

/**
 * mm_limit_describe - everything about a limit
 * @limit: the limit, with a reference
 * @attr: where to put it, but for the uid
 */
void mm_limit_describe(struct mm_limit *limit, struct mm_limit_attr *attr)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_swap swap = mm_limit_swap_read(acct);
	struct mm_limit_part in_force, hard, self;
	struct mm_limit_choice choice;
	struct mm_limit_stats stats;

	spin_lock(&acct->lock);
	in_force = mm_limit_in_force(limit);
	hard = limit->hard;
	self = limit->self;
	choice = limit->choice;
	stats = limit->stats;
	spin_unlock(&acct->lock);

	*attr = (struct mm_limit_attr){
		.fields = MM_LIMIT_FIELDS,
		.mm_max = in_force.mm_max,
		.grace_ms = in_force.time_allow_exceed_ms,
		.policy = choice.policy,
		.flags = choice.flags,
		.hard_max = attr_max(&hard),
		.hard_grace_ms = hard.time_allow_exceed_ms,
		.self_max = attr_max(&self),
		.self_grace_ms = self.time_allow_exceed_ms,
		.usage = mm_limit_bytes(mm_limit_usage(acct)),
		.peak = mm_limit_bytes(mm_limit_peak(acct)),
		.exceeds = stats.exceeds,
		.graces = stats.graces,
		.kills = stats.kills,
		.kill_usage = mm_limit_bytes(stats.kill_usage),
		.kill_rss = mm_limit_bytes(stats.kill_rss),
		.kill_pid = stats.kill_pid,
		.state = READ_ONCE(limit->state),
		.swap_max = choice.swap_max,
		.threshold = choice.threshold,
		.thrashed = stats.thrashed,
		.swap = mm_limit_bytes(swap.usage),
		.scanned = stats.scanned,
		.spared = stats.spared,
		.swapped_out = swap.outs,
		.dropped = stats.dropped,
		.direct_reclaims = stats.direct,
		.refaults = swap.refaults,
	};
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
