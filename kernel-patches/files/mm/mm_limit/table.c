// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which limits there are, and who may change them.
 *
 * A user has at most one limit, found through its account. It has two parts:
 * the hard one is set by callers with CAP_SYS_RESOURCE, the other by the user
 * itself. In force is the lower of the two, with the shorter grace.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "internal.h"

/* Lines of the table in the log after a change */
#define MM_LIMIT_LOG_LINES	16

/*
 * Guards the list, its length and, together with the account's mutex, the two
 * parts of each limit. Taken inside an account's mutex; held only briefly.
 */
static DEFINE_MUTEX(table_lock);
static LIST_HEAD(table);	/* most recently set first */
static unsigned int table_entries;

static const struct mm_limit_user no_limit = { .mm_max = MM_LIMIT_NONE };

static bool stands(const struct mm_limit_user *part)
{
	return part->mm_max != MM_LIMIT_NONE;
}

static struct mm_limit_user in_force(const struct mm_limit *limit)
{
	const struct mm_limit_user *hard = &limit->hard, *self = &limit->self;

	if (!stands(self))
		return *hard;
	if (!stands(hard))
		return *self;
	return (struct mm_limit_user){
		.mm_max = min(hard->mm_max, self->mm_max),
		.time_allow_exceed_ms = min(hard->time_allow_exceed_ms,
					    self->time_allow_exceed_ms),
	};
}

static void log_table(void)
{
	struct mm_limit *limit;
	unsigned int lines = 0;

	mutex_lock(&table_lock);
	list_for_each_entry(limit, &table, order) {
		if (lines++ == MM_LIMIT_LOG_LINES) {
			pr_info("... and %u more\n",
				table_entries - MM_LIMIT_LOG_LINES);
			break;
		}
		pr_info("uid=%u, mm_max=%lu\n",
			from_kuid(&init_user_ns, limit->user->uid),
			in_force(limit).mm_max);
	}
	mutex_unlock(&table_lock);
}

/* Users can change their own limits as often as they like; the log has limits. */
static void log_change(const char *what, kuid_t kuid,
		       const struct mm_limit_user *part, bool privileged)
{
	static DEFINE_RATELIMIT_STATE(rs, 5 * HZ, 20);

	if (!privileged && !__ratelimit(&rs))
		return;

	if (part)
		pr_info("%s: uid=%u, mm_max=%lu, time_allow_exceed_ms=%lu\n",
			what, from_kuid(&init_user_ns, kuid), part->mm_max,
			part->time_allow_exceed_ms);
	else
		pr_info("%s: uid=%u\n", what, from_kuid(&init_user_ns, kuid));
	if (READ_ONCE(mm_limit_log_table))
		log_table();
}

static struct mm_limit *limit_of(struct mm_limit_account *acct)
{
	return rcu_dereference_protected(acct->limit,
					 lockdep_is_held(&acct->mutex));
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

static struct mm_limit_user *part_of(struct mm_limit *limit, bool privileged)
{
	return privileged ? &limit->hard : &limit->self;
}

static bool too_low(kuid_t kuid)
{
	return from_kuid(&init_user_ns, kuid) < READ_ONCE(mm_limit_min_uid);
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

/*
 * Is there room for one more? A user with a range of subordinate uids can set a
 * limit for each, so users may take half of the table only.
 */
static bool table_has_room(bool privileged)
{
	unsigned int max = READ_ONCE(mm_limit_max_entries), self = 0;
	struct mm_limit *limit;

	lockdep_assert_held(&table_lock);

	if (table_entries >= max)
		return false;
	if (privileged)
		return true;
	list_for_each_entry(limit, &table, order)
		self += !stands(&limit->hard);
	return self < DIV_ROUND_UP(max, 2);
}

static struct mm_limit *create_limit(struct user_struct *user, bool privileged,
				     const struct mm_limit_user *part)
{
	struct mm_limit *limit;

	limit = kzalloc(sizeof(*limit), GFP_KERNEL_ACCOUNT);
	if (!limit)
		return ERR_PTR(-ENOMEM);

	limit->user = get_uid(user);
	limit->hard = no_limit;
	limit->self = no_limit;
	*part_of(limit, privileged) = *part;
	mm_limit_enforce_init(limit);

	mutex_lock(&table_lock);
	if (!table_has_room(privileged)) {
		mutex_unlock(&table_lock);
		free_uid(limit->user);
		kfree(limit);
		return ERR_PTR(-ENOSPC);
	}
	list_add(&limit->order, &table);
	table_entries++;
	mutex_unlock(&table_lock);

	mm_limit_start_charging(&user->mm_limit);
	rcu_assign_pointer(user->mm_limit.limit, limit);
	return limit;
}

/* The limit's enforcement is paused, and stays so. */
static void destroy_limit(struct mm_limit *limit)
{
	struct user_struct *user = limit->user;
	struct mm_limit_account *acct = &user->mm_limit;

	rcu_assign_pointer(acct->limit, NULL);
	WRITE_ONCE(acct->max, LONG_MAX);
	mm_limit_stop_charging(acct);

	mutex_lock(&table_lock);
	list_del(&limit->order);
	table_entries--;
	mutex_unlock(&table_lock);

	kfree_rcu(limit, rcu);
	free_uid(user);
}

/* Write a part of a limit and enforce the result. */
static void change_limit(struct mm_limit *limit, bool privileged,
			 const struct mm_limit_user *part)
{
	bool restart = privileged || !stands(&limit->hard);
	struct mm_limit_user now;

	mutex_lock(&table_lock);
	*part_of(limit, privileged) = *part;
	now = in_force(limit);
	if (stands(part))
		list_move(&limit->order, &table);
	mutex_unlock(&table_lock);

	mm_limit_enforce_resume(limit, &now, restart);
}

static int set_locked(struct user_struct *user, bool privileged,
		      const struct mm_limit_user *wanted)
{
	struct mm_limit *limit = limit_of(&user->mm_limit);
	bool update = limit;

	if (!privileged && limit && stands(&limit->hard) &&
	    (wanted->mm_max > limit->hard.mm_max ||
	     wanted->time_allow_exceed_ms > limit->hard.time_allow_exceed_ms))
		return -EPERM;

	if (limit)
		mm_limit_enforce_pause(limit);
	else
		limit = create_limit(user, privileged, wanted);
	if (IS_ERR(limit))
		return PTR_ERR(limit);

	change_limit(limit, privileged, wanted);
	log_change(update ? "Updated" : "Added", user->uid, wanted, privileged);
	return 0;
}

static int remove_locked(struct user_struct *user, bool privileged)
{
	struct mm_limit *limit = limit_of(&user->mm_limit);

	if (!limit)
		return -ENODATA;
	if (!privileged && !stands(&limit->self))
		return -EPERM;

	mm_limit_enforce_pause(limit);
	if (privileged || !stands(&limit->hard))
		destroy_limit(limit);
	else
		change_limit(limit, privileged, &no_limit);
	log_change("Removed", user->uid, NULL, privileged);
	return 0;
}

/**
 * mm_limit_set - set or change a user's limit
 * @kuid: the user
 * @wanted: the limit; its mm_max is not %MM_LIMIT_NONE
 *
 * Return: 0, or -EACCES: uid below vm.mm_limit_min_uid; -EPERM: another user's
 * limit without CAP_SYS_RESOURCE, or above the hard limit that stands; -ENOSPC:
 * vm.mm_limit_max_entries reached; -ENOMEM.
 * Context: process; may sleep for an RCU grace period.
 */
int mm_limit_set(kuid_t kuid, const struct mm_limit_user *wanted)
{
	struct user_struct *user;
	int privileged, ret;

	if (too_low(kuid))
		return -EACCES;
	privileged = may_change(kuid);
	if (privileged < 0)
		return privileged;

	user = alloc_uid(kuid);
	if (!user)
		return -ENOMEM;

	mutex_lock(&user->mm_limit.mutex);
	ret = set_locked(user, privileged, wanted);
	mutex_unlock(&user->mm_limit.mutex);

	free_uid(user);
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
 * only a hard limit stands; -ENODATA: there is no limit.
 * Context: process.
 */
int mm_limit_remove(kuid_t kuid)
{
	struct user_struct *user;
	int privileged, ret;

	/* vm.mm_limit_min_uid may have been raised above a limit that stands. */
	if (too_low(kuid) && !has_limit(kuid))
		return -EACCES;
	privileged = may_change(kuid);
	if (privileged < 0)
		return privileged;

	user = find_user(kuid);
	if (!user)
		return -ENODATA;

	mutex_lock(&user->mm_limit.mutex);
	ret = remove_locked(user, privileged);
	mutex_unlock(&user->mm_limit.mutex);

	free_uid(user);
	return ret;
}

/**
 * mm_limit_get - read the limit in force for a user
 * @kuid: the user
 * @result: where to put it
 *
 * Return: 0, or -EACCES and -EPERM as for mm_limit_set(); -ENODATA.
 * Context: process.
 */
int mm_limit_get(kuid_t kuid, struct mm_limit_user *result)
{
	struct user_struct *user;
	struct mm_limit *limit;
	int ret = -ENODATA;

	if (too_low(kuid) && !has_limit(kuid))
		return -EACCES;
	if (!uid_eq(kuid, current_uid()) && !capable(CAP_SYS_RESOURCE))
		return -EPERM;

	user = find_user(kuid);
	if (!user)
		return -ENODATA;

	mutex_lock(&table_lock);
	rcu_read_lock();
	limit = rcu_dereference(user->mm_limit.limit);
	if (limit) {
		*result = in_force(limit);
		ret = 0;
	}
	rcu_read_unlock();
	mutex_unlock(&table_lock);

	free_uid(user);
	return ret;
}

/**
 * mm_limit_for_each - visit all limits
 * @visit: called for each, with the table locked
 * @data: passed on
 *
 * Context: process.
 */
void mm_limit_for_each(void (*visit)(struct mm_limit *limit, void *data),
		       void *data)
{
	struct mm_limit *limit;

	mutex_lock(&table_lock);
	list_for_each_entry(limit, &table, order)
		visit(limit, data);
	mutex_unlock(&table_lock);
}

static int __init mm_limit_table_setup(void)
{
	root_user.mm_limit.stopped = get_completed_synchronize_rcu();
	return 0;
}
core_initcall(mm_limit_table_setup);
