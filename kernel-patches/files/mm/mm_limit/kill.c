// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which process has to go.
 *
 * What is killed is an address space: all processes that share it die. It is
 * a candidate if the user owns it, a process that uses it is alive, and none
 * that uses it is protected (init, oom_score_adj -1000, or the init of a
 * container with other users in it).
 *
 * A scan finds out in what condition the user's address spaces are, then what will
 * be free without another kill (scan.c), then it picks the candidates that the policy
 * puts first, several at a time (pick.c).
 */

#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/oom_candidates.h>
#include <linux/pid_namespace.h>
#include <linux/sched/cputime.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "../internal.h"
#include "account.h"
#include "events.h"
#include "kill.h"

/* CPU time that a kill takes at a time */
#define MM_LIMIT_RUN_NS	(20 * NSEC_PER_MSEC)

/* Scans in a row because a process was between two address spaces */
#define MM_LIMIT_RETRIES	3

/* Kernel memory comes back a grace period after its process: count on it for so long. */
#define MM_LIMIT_KERNEL_WAIT	(HZ / 10)

static void count_on_kernel_memory(struct mm_limit_account *acct, long pages)
{
	struct mm_limit_held *held = &acct->held;

	lockdep_assert_held(&acct->lock);

	if (held->dying && time_before(jiffies, held->dying_until))
		pages += held->dying;
	WRITE_ONCE(held->dying, pages);
	WRITE_ONCE(held->dying_until, jiffies + MM_LIMIT_KERNEL_WAIT);
}

/**
 * mm_limit_forget_kernel_memory - a user is below its limit
 * @acct: its account
 *
 * Nothing is counted on any more.
 */
void mm_limit_forget_kernel_memory(struct mm_limit_account *acct)
{
	spin_lock(&acct->lock);
	WRITE_ONCE(acct->held.dying, 0);
	spin_unlock(&acct->lock);
}

/* A victim was killed: count on its memory. */
static void add_dying(struct mm_limit_candidate *victim)
{
	struct mm_limit_mm *member = &victim->mm->mm_limit;
	struct mm_limit_account *owner = victim->acct;
	struct mm_limit_account *pool = mm_limit_get_pool(owner);
	long pages = victim->pages + victim->copies;

	/* Another limit that the same memory counts toward need not kill for it. */
	if (pool) {
		spin_lock(&pool->lock);
		count_on_kernel_memory(pool, victim->kernel);
		spin_unlock(&pool->lock);
		free_uid(mm_limit_account_user(pool));
	}
	spin_lock(&owner->lock);
	count_on_kernel_memory(owner, victim->kernel);
	/* It may have left the account already. */
	if (member->owner == owner) {
		mm_limit_change_dying(owner, member, pages);
		member->kill.at_kill = pages;
	}
	spin_unlock(&owner->lock);
}

/* Kill a process. Return: whether it was not dying already. */
static bool signal_process(struct task_struct *t)
{
	bool alive = !(READ_ONCE(t->signal->flags) & SIGNAL_GROUP_EXIT);

	do_send_sig_info(SIGKILL, SEND_SIG_PRIV, t, PIDTYPE_TGID);
	return alive;
}

static void signal_user(struct task_struct *t, void *arg)
{
	unsigned int *killed = arg;

	/* One that dumps core has to be told once more. */
	if (!is_global_init(t) &&
	    (!(READ_ONCE(t->signal->flags) & SIGNAL_GROUP_EXIT) ||
	     READ_ONCE(t->signal->core_state)))
		*killed += signal_process(t);
}

/*
 * Kill all processes that share an mm.
 *
 * Return: how many were not dying already.
 */
static unsigned int signal_sharers(struct mm_struct *mm)
{
	unsigned int killed = 0;

	mm_limit_walk_users(mm, signal_user, &killed);
	return killed;
}

static void count_kills(struct mm_limit_account *acct, struct mm_limit *limit,
			unsigned int killed)
{
	spin_lock(&acct->lock);
	limit->stats.kills += killed;
	spin_unlock(&acct->lock);
	mm_limit_notify(acct);
}

/**
 * struct run_time - a sum of CPU time
 * @process: of this process
 * @ns: nanoseconds
 */
struct run_time {
	struct signal_struct *process;
	u64 ns;
};

static void add_run_time(struct task_struct *t, void *arg)
{
	struct run_time *sum = arg;

	if (t->signal == sum->process && !thread_group_leader(t))
		sum->ns += task_sched_runtime(t);
}

/*
 * CPU time of a victim. Its leader may have exited before its other threads, and
 * counts all the same.
 *
 * Return: nanoseconds.
 */
static u64 sum_run_time(const struct mm_limit_candidate *victim)
{
	struct run_time sum = {
		.process = victim->task->signal,
		.ns = mm_limit_past_run_time(victim->task),
	};

	mm_limit_walk_users(victim->mm, add_run_time, &sum);
	guard(rcu)();
	if (pid_alive(victim->task))
		sum.ns += task_sched_runtime(victim->task->group_leader);
	return sum.ns;
}

/* What is told of a victim, before it dies */
static void describe_victim(struct mm_limit_account *acct, struct task_struct *t,
			    const struct mm_limit_candidate *victim,
			    struct mm_limit_victim *who)
{
	mm_limit_name_process(t, &who->process);
	who->process.pages = victim->pages;
	who->usage = mm_limit_usage(acct);
	who->uid = mm_limit_account_uid(victim->acct);
	guard(rcu)();
	who->age_ns = ktime_get_boottime_ns() -
		      t->group_leader->start_boottime;
}

/*
 * Find the thread by which a candidate still has the address space that it was chosen
 * for.
 *
 * Return: the thread, locked by task_lock(); NULL: it has left it.
 */
static struct task_struct *
lock_candidate(const struct mm_limit_candidate *candidate)
{
	struct task_struct *t = mm_limit_lock_task(candidate->acct,
						   candidate->task);

	if (t && t->mm != candidate->mm) {
		task_unlock(t);
		t = NULL;
	}
	return t;
}

/* Readers of a member see what its pool's killer does to its processes. */
static void tell_owner(struct mm_limit_account *acct,
		       const struct mm_limit_candidate *victim)
{
	if (victim->acct != acct)
		mm_limit_notify(victim->acct);
}

/*
 * Kill a victim, and all that share its address space.
 *
 * Return: false if it has left the address space that it was chosen for.
 */
static bool kill_one(struct mm_limit_account *acct, struct mm_limit *limit,
		     unsigned int policy, struct mm_limit_candidate *victim)
{
	struct mm_limit_victim who = {
		.policy = policy,
		.run_ns = sum_run_time(victim),
	};
	struct task_struct *t;
	unsigned int killed;

	t = lock_candidate(victim);
	if (!t)
		return false;

	describe_victim(acct, t, victim, &who);
	mm_limit_event_kill(acct, limit, &who);
	mm_limit_remember(limit, &who);
	killed = signal_process(t);
	task_unlock(t);
	oom_candidates_remove(victim->task);
	/* At least its own threads share it, which takes no time. */
	killed += signal_sharers(victim->mm);
	/*
	 * Faults fail from here on. If they did so before the signal, its threads
	 * would die of that. Threads that wait to make it grow can stop waiting.
	 */
	WRITE_ONCE(victim->mm->mm_limit.kill.killed, true);
	wake_up_all(&acct->wait);
	wake_up_all(&victim->acct->wait);
	/* A process that was dumping core had to go for the limit, too. */
	count_kills(acct, limit, max(killed, 1U));
	add_dying(victim);
	tell_owner(acct, victim);
	return true;
}

/*
 * Kill the candidates that were picked, until what is above the limit is covered.
 *
 * Return: the pages that are not covered.
 */
static long kill_picked(struct mm_limit_account *acct, struct mm_limit *limit,
			struct mm_limit_scan *scan, long excess)
{
	struct mm_limit_candidate *victim;
	int i;

	for (i = 0; i < scan->nr; i++) {
		victim = &scan->picked[i];
		/*
		 * One that has just left its mm, in an exec, may have made the
		 * others' death needless.
		 */
		if (excess > 0 && !scan->stale && mm_limit_exceeded(acct)) {
			if (kill_one(acct, limit, scan->policy, victim))
				excess -= victim->pages + victim->copies +
					  victim->kernel;
			else
				scan->stale = true;
		}
		mm_limit_put_candidate(victim);
	}
	return excess;
}

/**
 * mm_limit_is_covered - will the user be below its limit without another kill?
 * @acct: its account
 *
 * Return: whether memory of dying processes makes up for what is above the limit.
 * Context: the limit's work.
 */
bool mm_limit_is_covered(struct mm_limit_account *acct)
{
	struct mm_limit_scan scan = { .whole = acct };

	mm_limit_mark_mms(&scan);
	mm_limit_sum_dying(&scan);
	return mm_limit_usage(acct) - READ_ONCE(acct->max) <= scan.dying;
}

/**
 * mm_limit_kill - kill until the user is below its limit
 * @acct: the user's account
 * @limit: its limit
 * @policy: in which order
 * @bounded: break off after %MM_LIMIT_RUN_NS, to be called again
 *
 * It takes as many victims as needed, and counts on the memory of processes that are
 * dying already.
 *
 * Return: whether there is memory on its way back, or reason to look again.
 * Context: process; with &mm_limit_enforcement.mutex held.
 */
bool mm_limit_kill(struct mm_limit_account *acct, struct mm_limit *limit,
		   unsigned int policy, bool bounded)
{
	u64 began = task_sched_runtime(current);
	bool counted = policy != MM_LIMIT_MOST_PRIVATE;
	unsigned int retries = 0;
	bool again, coming = false;
	struct mm_limit_scan scan;
	long excess;

	do {
		scan = (struct mm_limit_scan){
			.whole = acct,
			.policy = policy,
			.notes = limit->kill.notes,
		};
		mm_limit_mark_mms(&scan);
		mm_limit_sum_dying(&scan);
		/*
		 * Read the usage last. Memory freed since then counts twice;
		 * that way round nobody dies in vain, and the check after the
		 * kill sets it right.
		 */
		excess = mm_limit_usage(acct) - READ_ONCE(acct->max) -
			 scan.dying;
		again = false;
		if (excess > 0 && !counted) {
			/* That takes time, so look again afterwards. */
			mm_limit_count_private(acct, scan.number);
			counted = true;
			again = true;
		} else if (excess > 0) {
			if (policy == MM_LIMIT_USER_RANKED)
				mm_limit_look_up_ranks(scan.number);
			mm_limit_pick(&scan);
			excess = kill_picked(acct, limit, &scan, excess);
			if (excess > 0 && acct->is_pool &&
			    scan.nr < MM_LIMIT_BATCH && scan.keeps_lost)
				mm_limit_count_on_lost(&scan);
			again = excess > 0 &&
				(scan.stale ? retries++ < MM_LIMIT_RETRIES :
					      scan.nr == MM_LIMIT_BATCH);
		}
		coming |= scan.dying || scan.missed || scan.nr;
		cond_resched();
		/* It must kill somebody first, for it would begin from anew. */
		limit->kill.unfinished = again && bounded && scan.nr &&
					 task_sched_runtime(current) - began >
						 MM_LIMIT_RUN_NS;
	} while (again && !limit->kill.unfinished);

	WRITE_ONCE(limit->kill.undecided, scan.undecided);
	return coming;
}

/*
 * Tell of a candidate that would be killed, or ask it to end.
 *
 * Return: false if it has left its address space.
 */
static bool spare_one(struct mm_limit_account *acct, struct mm_limit *limit,
		      const struct mm_limit_candidate *victim,
		      struct mm_limit_victim *who)
{
	struct task_struct *t;

	who->run_ns = sum_run_time(victim);
	t = lock_candidate(victim);
	if (!t)
		return false;
	describe_victim(acct, t, victim, who);
	if (who->action == MM_LIMIT_ACTION_TERM)
		do_send_sig_info(SIGTERM, SEND_SIG_PRIV, t, PIDTYPE_TGID);
	task_unlock(t);
	mm_limit_remember(limit, who);
	if (who->action == MM_LIMIT_ACTION_TERM)
		mm_limit_event_term(acct, limit, who);
	else
		mm_limit_event_dry_run(acct, limit, who);
	tell_owner(acct, victim);
	return true;
}

/*
 * Find out who would be killed, in one scan, so that of many victims only the first
 * %MM_LIMIT_BATCH are found, and do something else with them.
 *
 * Return: with how many.
 */
static unsigned int spare(struct mm_limit_account *acct, struct mm_limit *limit,
			  unsigned int policy, enum mm_limit_action action)
{
	struct mm_limit_scan scan = {
		.whole = acct,
		.policy = policy,
		.notes = limit->kill.notes,
	};
	unsigned int spared = 0;
	long excess;
	int i;

	lockdep_assert_held(&limit->enforce.mutex);

	mm_limit_mark_mms(&scan);
	mm_limit_sum_dying(&scan);
	if (policy == MM_LIMIT_MOST_PRIVATE)
		mm_limit_count_private(acct, scan.number);
	if (policy == MM_LIMIT_USER_RANKED)
		mm_limit_look_up_ranks(scan.number);
	excess = mm_limit_usage(acct) - READ_ONCE(limit->levels.max) -
		 scan.dying;
	mm_limit_pick(&scan);
	for (i = 0; i < scan.nr; i++) {
		const struct mm_limit_candidate *victim = &scan.picked[i];
		struct mm_limit_victim who = {
			.policy = policy,
			.action = action,
		};

		if (excess > 0 && spare_one(acct, limit, victim, &who)) {
			excess -= victim->pages + victim->copies +
				  victim->kernel;
			spared++;
		}
		mm_limit_put_candidate(&scan.picked[i]);
	}
	return spared;
}

/**
 * mm_limit_dry_run - tell who would be killed, and kill nobody
 * @acct: the user's account
 * @limit: its limit, in a dry run
 * @policy: in which order
 *
 * Context: the limit's work.
 */
void mm_limit_dry_run(struct mm_limit_account *acct, struct mm_limit *limit,
		      unsigned int policy)
{
	spare(acct, limit, policy, MM_LIMIT_ACTION_DRY_RUN);
}

/**
 * mm_limit_term - ask those who would be killed to end
 * @acct: the user's account
 * @limit: its limit
 * @policy: in which order
 *
 * Return: whether anybody was asked.
 * Context: the limit's work.
 */
bool mm_limit_term(struct mm_limit_account *acct, struct mm_limit *limit,
		   unsigned int policy)
{
	return spare(acct, limit, policy, MM_LIMIT_ACTION_TERM);
}

static void push(struct mm_struct *mm, struct mm_limit_scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	/* An mm that was dying at the last scan still is. */
	if (READ_ONCE(member->owner) != scan->acct ||
	    (!member->kill.killed && member->kill.seen != MM_LIMIT_SEEN_DYING))
		return;
	signal_sharers(mm);
	oom_reap_mm(mm);
}

/**
 * mm_limit_kill_by_force - push victims that take their time
 * @acct: the user's account
 *
 * Sends SIGKILL again and takes the memory of the victims without waiting for
 * them to exit, as process_mrelease() does.
 *
 * Context: the limit's work.
 */
void mm_limit_kill_by_force(struct mm_limit_account *acct)
{
	struct mm_limit_scan scan = { .whole = acct };

	mm_limit_walk_mms(&scan, false, push);
}

static void write_off_mm(struct mm_struct *mm, struct mm_limit_scan *scan)
{
	if (mm_limit_is_dying(mm, scan))
		mm->mm_limit.kill.lost = true;
}

/**
 * mm_limit_write_off - no longer count on the memory of dying processes
 * @acct: the user's account
 *
 * Context: the limit's work.
 */
void mm_limit_write_off(struct mm_limit_account *acct)
{
	struct mm_limit_scan scan = { .whole = acct };

	mm_limit_mark_mms(&scan);
	mm_limit_walk_mms(&scan, true, write_off_mm);
}
