// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: when somebody looks whether a user is above its limit.
 *
 * "exact" is in account.c: each charge looks. "alloc" is the way of kernels
 * without accounts, to compare with: each allocation of a page by a process
 * walks over all processes of its user. "hybrid" does the same, but far from the
 * limit it pauses. With "periodic" only mm_limit_kill() looks.
 */

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysctl.h>

#include "internal.h"

/* The pause of "hybrid": so long for so much room, and never longer */
#define MM_LIMIT_PAUSE_ROOM	(4 * 1024 * 1024 >> PAGE_SHIFT)
#define MM_LIMIT_PAUSE_NS	(10 * NSEC_PER_MSEC)
#define MM_LIMIT_PAUSE_MAX_NS	(500 * NSEC_PER_MSEC)

enum mm_limit_trigger mm_limit_trigger = MM_LIMIT_TRIGGER_EXACT;

DEFINE_STATIC_KEY_FALSE(mm_limit_walk_key);

static const char *const trigger_names[] = {
	[MM_LIMIT_TRIGGER_EXACT]	= "exact",
	[MM_LIMIT_TRIGGER_ALLOC]	= "alloc",
	[MM_LIMIT_TRIGGER_HYBRID]	= "hybrid",
	[MM_LIMIT_TRIGGER_PERIODIC]	= "periodic",
};

/* Serializes changes of the trigger. */
static DEFINE_MUTEX(trigger_lock);

/* Numbers walks of all users; never 0. */
static atomic_t walk_number;

static unsigned int next_walk(void)
{
	unsigned int number;

	do {
		number = atomic_inc_return(&walk_number);
	} while (!number);
	return number;
}

/* What the processes of a user have, an mm that some share once */
static long walk(struct mm_limit_account *acct)
{
	unsigned int number = next_walk();
	struct task_struct *p, *t;
	long pages = 0, swap = 0;

	lockdep_assert_held(&acct->walk);

	rcu_read_lock();
	for_each_process(p) {
		if (p->flags & PF_KTHREAD)
			continue;
		t = find_lock_task_mm(p);
		if (!t)
			continue;
		if (READ_ONCE(t->mm->mm_limit.owner) == acct &&
		    t->mm->mm_limit.walked != number) {
			t->mm->mm_limit.walked = number;
			pages += mm_limit_mm_resident(t->mm);
			swap += mm_limit_mm_swap(t->mm);
		}
		task_unlock(t);
	}
	rcu_read_unlock();
	return pages +
	       mm_limit_counted_swap(swap, READ_ONCE(acct->swap.free));
}

/**
 * mm_limit_pause_ns - how long the trigger "hybrid" need not look
 * @elapsed_ns: since it last looked
 * @grown: by how many pages the user has grown since then
 * @room: how many pages it is below its limit
 *
 * At the pace of the last time the limit is not reached before
 * @elapsed_ns / @grown * @room. Paces change, so it is also no longer than 10 ms
 * for each 4 MiB of room, nor than half a second.
 *
 * Return: nanoseconds.
 */
u64 mm_limit_pause_ns(u64 elapsed_ns, long grown, long room)
{
	u64 pause = MM_LIMIT_PAUSE_MAX_NS;

	if (room <= 0)
		return 0;
	pause = min(pause, div_u64((u64)room * MM_LIMIT_PAUSE_NS,
				   MM_LIMIT_PAUSE_ROOM));
	if (grown > 0)
		pause = min(pause, mul_u64_u64_div_u64(elapsed_ns, room, grown));
	return pause;
}

static enum hrtimer_restart pause_is_over(struct hrtimer *timer)
{
	struct mm_limit *limit = container_of(timer, struct mm_limit, pause);

	WRITE_ONCE(limit->paused, false);
	return HRTIMER_NORESTART;
}

static void pause_walks(struct mm_limit_account *acct, struct mm_limit *limit,
			long usage)
{
	ktime_t now = ktime_get();
	u64 pause;

	spin_lock(&acct->lock);
	pause = mm_limit_pause_ns(ktime_sub(now, limit->walk_time),
				  usage - limit->walk_usage,
				  READ_ONCE(acct->max) - usage);
	limit->walk_time = now;
	limit->walk_usage = usage;
	/* Who removes the limit cancels a pause after that. */
	if (pause && rcu_access_pointer(acct->limit) == limit) {
		WRITE_ONCE(limit->paused, true);
		hrtimer_start(&limit->pause, ns_to_ktime(pause),
			      HRTIMER_MODE_REL);
	}
	spin_unlock(&acct->lock);
}

static void below(struct mm_limit_account *acct, struct mm_limit *limit,
		  long usage)
{
	/* The next exceed is to be a new one. */
	if (READ_ONCE(limit->state) == MM_LIMIT_STUCK)
		mm_limit_look_again(limit);
	if (READ_ONCE(mm_limit_trigger) == MM_LIMIT_TRIGGER_HYBRID)
		pause_walks(acct, limit, usage);
}

static void look(struct mm_limit_account *acct, struct mm_struct *mm)
{
	struct mm_limit *limit;
	long usage;

	lockdep_assert_held(&acct->walk);

	usage = walk(acct);

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit && usage > READ_ONCE(acct->max))
		mm_limit_notice(acct, limit, mm, usage,
				READ_ONCE(limit->state) == MM_LIMIT_IDLE);
	else if (limit)
		below(acct, limit, usage);
	rcu_read_unlock();
}

static bool is_paused(struct mm_limit_account *acct)
{
	struct mm_limit *limit;
	bool paused = false;

	if (READ_ONCE(mm_limit_trigger) != MM_LIMIT_TRIGGER_HYBRID)
		return false;

	rcu_read_lock();
	limit = rcu_dereference(acct->limit);
	if (limit)
		paused = READ_ONCE(limit->paused);
	rcu_read_unlock();
	return paused;
}

void __mm_limit_alloc(gfp_t gfp)
{
	struct mm_struct *mm = current->mm;
	struct mm_limit_account *acct;

	/* A process on its own behalf, which may sleep */
	if (!mm || !gfpflags_allow_blocking(gfp) || !in_task() ||
	    (current->flags & (PF_KTHREAD | PF_EXITING | PF_MEMALLOC)) ||
	    !READ_ONCE(mm->mm_limit.charged))
		return;

	acct = mm_limit_get_owner(mm);
	if (!is_paused(acct)) {
		mutex_lock(&acct->walk);
		/* Somebody else may have looked meanwhile. */
		if (!is_paused(acct))
			look(acct, mm);
		mutex_unlock(&acct->walk);
	}
	free_uid(mm_limit_account_user(acct));
}

/**
 * mm_limit_trigger_init - prepare a new limit for walks
 * @limit: the limit, zeroed
 */
void mm_limit_trigger_init(struct mm_limit *limit)
{
	hrtimer_init(&limit->pause, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	limit->pause.function = pause_is_over;
}

/**
 * mm_limit_trigger_reset - look again at the next opportunity
 * @limit: the limit, which has changed, or which nobody finds any more
 *
 * Context: process.
 */
void mm_limit_trigger_reset(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	spin_lock(&acct->lock);
	hrtimer_cancel(&limit->pause);
	WRITE_ONCE(limit->paused, false);
	limit->walk_time = ktime_get();
	limit->walk_usage = mm_limit_usage(acct);
	spin_unlock(&acct->lock);
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
	/* Of all users together: one must not keep the others from being looked at. */
	unsigned long end = jiffies + MM_LIMIT_MAX_ROUNDS *
			    msecs_to_jiffies(READ_ONCE(mm_limit_kill_wait_ms));
	struct mm_limit *limit;
	int killed = 0, ret = 0;
	uid_t uid = 0;

	while (ret >= 0 && (limit = mm_limit_table_from(uid))) {
		uid = mm_limit_uid(limit) + 1;
		ret = 0;
		/* Not one that is still being set */
		if (rcu_access_pointer(mm_limit_account(limit)->limit) == limit)
			ret = mm_limit_enforce_now(limit, policy, end);
		killed += max(ret, 0);
		mm_limit_put(limit);
		cond_resched();
	}
	return killed ? killed : min(ret, 0);
}

/* Apply a new trigger to a user's limit, if it still has one. */
static void retrigger(struct mm_limit_account *acct)
{
	struct mm_limit_part in_force;
	struct mm_limit *limit;

	mutex_lock(&acct->mutex);
	limit = mm_limit_of(acct);
	if (limit) {
		in_force = mm_limit_in_force(limit);
		mm_limit_reclaim_renew(limit);
		mm_limit_enforce_apply(limit, &in_force, !mm_limit_acts());
	}
	mutex_unlock(&acct->mutex);
}

static bool walks(enum mm_limit_trigger trigger)
{
	return trigger == MM_LIMIT_TRIGGER_ALLOC ||
	       trigger == MM_LIMIT_TRIGGER_HYBRID;
}

static void change_trigger(enum mm_limit_trigger trigger)
{
	enum mm_limit_trigger old = mm_limit_trigger;
	struct mm_limit *limit;
	uid_t uid = 0;

	lockdep_assert_held(&trigger_lock);

	if (trigger == old)
		return;
	WRITE_ONCE(mm_limit_trigger, trigger);
	if (walks(trigger) && !walks(old))
		static_branch_enable(&mm_limit_walk_key);
	else if (!walks(trigger) && walks(old))
		static_branch_disable(&mm_limit_walk_key);
	/* A limit that is not found by now comes later and sees the new trigger. */
	while ((limit = mm_limit_table_from(uid))) {
		uid = mm_limit_uid(limit) + 1;
		retrigger(mm_limit_account(limit));
		mm_limit_put(limit);
		cond_resched();
	}
}

/**
 * mm_limit_trigger_handler - vm.mm_limit_trigger, by name
 * @table: unused
 * @write: whether to change it
 * @buffer: the name
 * @lenp: its length
 * @ppos: position in the file
 *
 * Return: 0, or -EINVAL: no such trigger, nothing has changed; -ENOMEM.
 */
int mm_limit_trigger_handler(const struct ctl_table *table, int write,
			     void *buffer, size_t *lenp, loff_t *ppos)
{
	char name[32];
	struct ctl_table local = { .data = name, .maxlen = sizeof(name) };
	int ret;

	mutex_lock(&trigger_lock);
	strscpy(name, trigger_names[mm_limit_trigger], sizeof(name));
	ret = proc_dostring(&local, write, buffer, lenp, ppos);
	/* What is too long was cut, and could have been anything. */
	if (!ret && write && strlen(name) == sizeof(name) - 1)
		ret = -EINVAL;
	if (!ret && write) {
		ret = match_string(trigger_names, ARRAY_SIZE(trigger_names),
				   strim(name));
		if (ret >= 0) {
			change_trigger(ret);
			ret = 0;
		}
	}
	mutex_unlock(&trigger_lock);
	return ret;
}
