// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: vm.mm_limit_*; Documentation/admin-guide/mm/mm_limit.rst
 * says what each means.
 */

#include <linux/init.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/sysctl.h>

#include "account.h"
#include "enforce.h"
#include "limit.h"
#include "reclaim.h"
#include "table.h"

static const char *const trigger_names[] = {
	[MM_LIMIT_TRIGGER_EXACT]	= "exact",
	[MM_LIMIT_TRIGGER_ALLOC]	= "alloc",
	[MM_LIMIT_TRIGGER_HYBRID]	= "hybrid",
	[MM_LIMIT_TRIGGER_PERIODIC]	= "periodic",
};

static const char *const count_names[] = {
	[MM_LIMIT_COUNT_HELD]		= "held",
	[MM_LIMIT_COUNT_RSS]		= "rss",
};

/* Serializes changes of the trigger, and of what counts. */
static DEFINE_MUTEX(trigger_lock);

/* Apply a new trigger to a user's limit, if it still has one. */
static void retrigger(struct mm_limit_account *acct)
{
	struct mm_limit_part in_force;
	struct mm_limit *limit;

	mutex_lock(&acct->limit_mutex);
	limit = mm_limit_of(acct);
	if (limit) {
		in_force = mm_limit_in_force(limit);
		mm_limit_reclaim_reset(limit);
		mm_limit_enforce_apply(limit, &in_force, !mm_limit_acts());
	}
	mutex_unlock(&acct->limit_mutex);
}

static bool walks(enum mm_limit_trigger trigger)
{
	return trigger == MM_LIMIT_TRIGGER_ALLOC ||
	       trigger == MM_LIMIT_TRIGGER_HYBRID;
}

static void change_trigger(enum mm_limit_trigger trigger)
{
	enum mm_limit_trigger old = mm_limit_trigger;
	struct user_struct *user;
	u64 key = 0;

	lockdep_assert_held(&trigger_lock);

	if (trigger == old)
		return;
	WRITE_ONCE(mm_limit_trigger, trigger);
	if (walks(trigger) && !walks(old))
		static_branch_enable(&mm_limit_walk_key);
	else if (!walks(trigger) && walks(old))
		static_branch_disable(&mm_limit_walk_key);
	/* A limit that is not found by now comes later and sees the new trigger. */
	mm_limit_look_at_new_users();
	while ((user = mm_limit_table_next(&key))) {
		retrigger(&user->mm_limit);
		free_uid(user);
		cond_resched();
	}
}

/* Charge a user's account anew, in the way that is chosen now. */
static void recount(struct mm_limit_account *acct)
{
	mutex_lock(&acct->limit_mutex);
	mm_limit_recount(acct, acct->counter.pool);
	mutex_unlock(&acct->limit_mutex);
}

static void change_count(enum mm_limit_count count)
{
	struct user_struct *user;
	u64 key = 0;

	lockdep_assert_held(&trigger_lock);

	if (count == mm_limit_count)
		return;
	WRITE_ONCE(mm_limit_count, count);
	/* As with the trigger */
	mm_limit_look_at_new_users();
	while ((user = mm_limit_table_next(&key))) {
		recount(&user->mm_limit);
		free_uid(user);
		cond_resched();
	}
}

/* Readers take no lock: a user could hold it for as long as it likes. */
static int show(const char *const *names, int choice, void *buffer,
		size_t *lenp, loff_t *ppos)
{
	char name[32];
	struct ctl_table local = { .data = name, .maxlen = sizeof(name) };

	strscpy(name, names[choice], sizeof(name));
	return proc_dostring(&local, 0, buffer, lenp, ppos);
}

/*
 * Writes one of @nr @names, of which @choice is in force. Returns which; a name that
 * does not exist is -EINVAL.
 */
static int choose(const char *const *names, int nr, int choice, void *buffer,
		  size_t *lenp, loff_t *ppos)
{
	char name[32];
	struct ctl_table local = { .data = name, .maxlen = sizeof(name) };
	int ret;

	strscpy(name, names[choice], sizeof(name));
	ret = proc_dostring(&local, 1, buffer, lenp, ppos);
	if (ret)
		return ret;
	/* A name that is too long was cut, and could have been anything. */
	if (strlen(name) == sizeof(name) - 1)
		return -EINVAL;
	return match_string(names, nr, strim(name));
}

static int mm_limit_trigger_handler(const struct ctl_table *table, int write,
				    void *buffer, size_t *lenp, loff_t *ppos)
{
	int ret;

	if (!write)
		return show(trigger_names, READ_ONCE(mm_limit_trigger), buffer,
			    lenp, ppos);
	mutex_lock(&trigger_lock);
	ret = choose(trigger_names, ARRAY_SIZE(trigger_names), mm_limit_trigger,
		     buffer, lenp, ppos);
	if (ret >= 0)
		change_trigger(ret);
	mutex_unlock(&trigger_lock);
	return min(ret, 0);
}

static int mm_limit_count_handler(const struct ctl_table *table, int write,
				  void *buffer, size_t *lenp, loff_t *ppos)
{
	int ret;

	if (!write)
		return show(count_names, READ_ONCE(mm_limit_count), buffer, lenp,
			    ppos);
	mutex_lock(&trigger_lock);
	ret = choose(count_names, ARRAY_SIZE(count_names), mm_limit_count,
		     buffer, lenp, ppos);
	if (ret >= 0)
		change_count(ret);
	mutex_unlock(&trigger_lock);
	return min(ret, 0);
}

/* Rules go for users that can be limited now, too. */
static int mm_limit_min_uid_handler(const struct ctl_table *table, int write,
				    void *buffer, size_t *lenp, loff_t *ppos)
{
	int ret = proc_douintvec(table, write, buffer, lenp, ppos);

	if (!ret && write)
		ret = mm_limit_obey_all();
	return ret;
}

static unsigned int max_kill_wait_ms = 60000;
static unsigned int max_thrash_ms = 3600000;

static struct ctl_table mm_limit_sysctls[] = {
	{
		.procname	= "mm_limit_trigger",
		.mode		= 0644,
		.proc_handler	= mm_limit_trigger_handler,
	},
	{
		.procname	= "mm_limit_count",
		.mode		= 0644,
		.proc_handler	= mm_limit_count_handler,
	},
	{
		.procname	= "mm_limit_min_uid",
		.data		= &mm_limit_min_uid,
		.maxlen		= sizeof(mm_limit_min_uid),
		.mode		= 0644,
		.proc_handler	= mm_limit_min_uid_handler,
	},
	{
		.procname	= "mm_limit_max_entries",
		.data		= &mm_limit_max_entries,
		.maxlen		= sizeof(mm_limit_max_entries),
		.mode		= 0644,
		.proc_handler	= proc_douintvec,
	},
	{
		.procname	= "mm_limit_kill_wait_ms",
		.data		= &mm_limit_kill_wait_ms,
		.maxlen		= sizeof(mm_limit_kill_wait_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= SYSCTL_ONE,
		.extra2		= &max_kill_wait_ms,
	},
	{
		.procname	= "mm_limit_thrash_ms",
		.data		= &mm_limit_thrash_ms,
		.maxlen		= sizeof(mm_limit_thrash_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= SYSCTL_ONE,
		.extra2		= &max_thrash_ms,
	},
	{
		.procname	= "mm_limit_log_table",
		.data		= &mm_limit_log_table,
		.maxlen		= sizeof(mm_limit_log_table),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
};

static int __init mm_limit_sysctl_init(void)
{
	register_sysctl_init("vm", mm_limit_sysctls);
	return 0;
}
late_initcall(mm_limit_sysctl_init);
