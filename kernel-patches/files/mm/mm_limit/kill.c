// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which process has to go.
 *
 * What is killed is an address space: all processes that share it die. It is
 * a candidate if the user owns it, a process that uses it is alive, and none
 * that uses it is protected (init, oom_score_adj -1000, or the init of a
 * container with other users in it).
 *
 * A scan passes twice over all processes, so its cost does not depend on how
 * the user arranged them: the first pass marks the address spaces, the second
 * picks the candidates that the policy puts first, several at a time.
 */

#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/oom_candidates.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "../internal.h"
#include "internal.h"

/* Victims picked in one scan: few enough for the stack */
#define MM_LIMIT_BATCH	16

/* Scans in a row because a process was between two address spaces */
#define MM_LIMIT_RETRIES	3

/* mm_limit_mm.seen: an address space has a process that ... */
#define SEEN_ALIVE	1
#define SEEN_DYING	2
#define SEEN_PROTECTED	4

struct candidate {
	struct task_struct *task;	/* a thread with the mm */
	struct mm_struct *mm;
	long pages;
	long copies;			/* that go along with it */
	u64 score;
};

struct scan {
	struct mm_limit_account *acct;
	unsigned int policy;
	unsigned int number;
	long dying;			/* pages that need no further kill */
	bool undecided;			/* some of them may stay after all */
	bool missed;			/* an mm that came after the first pass */
	bool stale;			/* a candidate that has left its mm */
	int nr;
	struct candidate picked[MM_LIMIT_BATCH];	/* highest score first */
};

/* Unique among all accounts, for an mm can change its owner between scans. */
static atomic_t scan_number;

/*
 * Would the death of this process take other users' processes along? That of
 * the init of a pid namespace kills all that is in there. Users make such
 * namespaces only inside user namespaces of their own.
 */
static bool takes_others_along(struct mm_limit_account *acct,
			       struct task_struct *p)
{
	kuid_t kuid = mm_limit_account_user(acct)->uid;
	struct pid *pid = task_pid(p);
	struct pid_namespace *ns;
	struct task_struct *q;

	if (!pid || !is_child_reaper(pid))
		return false;
	ns = ns_of_pid(pid);
	if (ns->user_ns != &init_user_ns)
		return false;
	for_each_process(q)
		if (task_pid_nr_ns(q, ns) && !uid_eq(task_uid(q), kuid))
			return true;
	return false;
}

/* Will this process give its memory back without our help? */
static unsigned int look_at(struct mm_limit_account *acct,
			    struct task_struct *p)
{
	struct signal_struct *sig = p->signal;

	if (is_global_init(p) || sig->oom_score_adj == OOM_SCORE_ADJ_MIN ||
	    takes_others_along(acct, p))
		return SEEN_PROTECTED;
	/* Writing a core dump can take arbitrarily long. */
	if (sig->core_state)
		return SEEN_ALIVE;
	if (sig->flags & SIGNAL_GROUP_EXIT)
		return SEEN_DYING;
	if (thread_group_empty(p) && (p->flags & PF_EXITING))
		return SEEN_DYING;
	return SEEN_ALIVE;
}

/**
 * mm_limit_lock_task - the thread of a process that holds an mm of a user
 * @acct: the user's account
 * @p: the process; its leader may be a zombie
 *
 * Return: the thread, locked by task_lock(); NULL: there is none. A kernel thread
 * that has borrowed an mm does not count.
 * Context: inside an RCU read-side section, or with a reference on @p.
 */
struct task_struct *mm_limit_lock_task(struct mm_limit_account *acct,
				       struct task_struct *p)
{
	struct task_struct *t;

	if (p->flags & PF_KTHREAD)
		return NULL;

	t = find_lock_task_mm(p);
	if (t && READ_ONCE(t->mm->mm_limit.owner) != acct) {
		task_unlock(t);
		t = NULL;
	}
	return t;
}

/* Never 0, which stands for an mm that no scan has seen */
static unsigned int next_scan(void)
{
	unsigned int number;

	do {
		number = atomic_inc_return(&scan_number);
	} while (!number);
	return number;
}

/* First pass: what is there? */
static void mark(struct scan *scan)
{
	struct mm_limit_mm *member;
	struct task_struct *p, *t;

	scan->number = next_scan();

	rcu_read_lock();
	for_each_process(p) {
		t = mm_limit_lock_task(scan->acct, p);
		if (!t)
			continue;
		member = &t->mm->mm_limit;
		if (member->scan != scan->number) {
			WRITE_ONCE(member->scan, scan->number);
			member->seen = 0;
			member->copies = 0;
			member->listed = 0;
		}
		member->seen |= look_at(scan->acct, p);
		/* It was between two address spaces when it was written off. */
		if ((member->seen & SEEN_ALIVE) && !member->killed)
			member->lost = false;
		task_unlock(t);
	}
	rcu_read_unlock();
}

/* The mm that this one is a copy of, as long as a fork is at it */
static struct mm_struct *original(struct mm_struct *mm, struct scan *scan)
{
	struct mm_struct *oldmm = READ_ONCE(mm->mm_limit.copy_of);

	lockdep_assert_held(&scan->acct->lock);

	/* What belongs to somebody else cannot be taken along. */
	if (!oldmm || READ_ONCE(oldmm->mm_limit.owner) != scan->acct)
		return NULL;
	return oldmm;
}

/*
 * Is this mm on its way out? One without a process may be: before it is torn
 * down at an exit or exec it has none. But before an exec or fork is over it has
 * none either, so it is undecided. It would be wrong to kill anything else in
 * its place, and it cannot be killed.
 */
static bool mm_is_dying(struct mm_struct *mm, struct scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_struct *oldmm = original(mm, scan);

	if (member->killed || !atomic_read(&mm->mm_users))
		return true;
	if (member->scan == scan->number)
		return member->seen == SEEN_DYING;
	if (oldmm)
		return oldmm->mm_limit.killed ||
		       (oldmm->mm_limit.scan == scan->number &&
			oldmm->mm_limit.seen == SEEN_DYING);
	scan->undecided = true;
	return true;
}

/* Between the passes: what will be free without another kill? */
static void sum_dying(struct scan *scan)
{
	struct mm_limit_account *acct = scan->acct;
	struct mm_struct *mm, *oldmm;
	long dying = 0;

	spin_lock(&acct->lock);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		oldmm = original(mm, scan);
		mm->mm_limit.dying = 0;
		if (!mm_is_dying(mm, scan)) {
			if (oldmm)
				oldmm->mm_limit.copies +=
					mm_limit_mm_pages(mm, acct);
		} else if (!mm->mm_limit.lost) {
			mm->mm_limit.dying = mm_limit_mm_pages(mm, acct);
			dying += mm->mm_limit.dying;
		}
	}
	WRITE_ONCE(acct->dying, dying);
	spin_unlock(&acct->lock);
	scan->dying = dying;
}

/* A victim was killed: count on its memory. */
static void add_dying(struct mm_limit_account *acct, struct candidate *victim)
{
	struct mm_limit_mm *member = &victim->mm->mm_limit;

	spin_lock(&acct->lock);
	/* It may have left the account already. */
	if (member->owner == acct && !member->dying) {
		member->dying = victim->pages + victim->copies;
		WRITE_ONCE(acct->dying, acct->dying + member->dying);
	}
	spin_unlock(&acct->lock);
}

static void put_candidate(struct candidate *c)
{
	put_task_struct(c->task);
	mmdrop(c->mm);
}

static void drop_picked(struct scan *scan, int i)
{
	put_candidate(&scan->picked[i]);
	for (scan->nr--; i < scan->nr; i++)
		scan->picked[i] = scan->picked[i + 1];
}

/*
 * Keep those with the highest score. Of equals, the oldest process; of those
 * that share an mm, one.
 */
static void pick(struct scan *scan, struct task_struct *p, struct task_struct *t)
{
	struct candidate new = {
		.task = t, .mm = t->mm,
		.pages = mm_limit_mm_pages(t->mm, scan->acct),
		.copies = t->mm->mm_limit.copies,
	};
	int i;

	new.score = mm_limit_score(scan->policy, p, t->mm, new.pages);

	for (i = 0; i < scan->nr && scan->picked[i].mm != new.mm; i++)
		;
	if (i == MM_LIMIT_BATCH)
		i--;
	if (i < scan->nr) {
		if (scan->picked[i].score >= new.score)
			return;
		drop_picked(scan, i);
	}

	for (i = scan->nr; i > 0 && scan->picked[i - 1].score < new.score; i--)
		scan->picked[i] = scan->picked[i - 1];

	get_task_struct(new.task);
	mmgrab(new.mm);
	scan->picked[i] = new;
	scan->nr++;
}

/* Second pass */
static void pick_candidates(struct scan *scan)
{
	struct mm_limit_mm *member;
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process(p) {
		t = mm_limit_lock_task(scan->acct, p);
		if (!t)
			continue;
		member = &t->mm->mm_limit;
		if (member->scan != scan->number)
			scan->missed = true;
		else if (!member->killed && (member->seen & SEEN_ALIVE) &&
			 !(member->seen & SEEN_PROTECTED))
			pick(scan, p, t);
		task_unlock(t);
	}
	rcu_read_unlock();
}

/* Returns whether the process was not dying already. */
static bool signal_process(struct task_struct *t)
{
	bool alive = !(READ_ONCE(t->signal->flags) & SIGNAL_GROUP_EXIT);

	do_send_sig_info(SIGKILL, SEND_SIG_PRIV, t, PIDTYPE_TGID);
	return alive;
}

/*
 * SIGKILL for everybody that shares an mm, but for kernel threads. Returns how
 * many processes were not dying already.
 */
static unsigned int signal_sharers(struct mm_struct *mm)
{
	unsigned int killed = 0;
	struct task_struct *p;

	rcu_read_lock();
	for_each_process(p) {
		if (!(p->flags & PF_KTHREAD) && !is_global_init(p) &&
		    process_shares_mm(p, mm))
			killed += signal_process(p);
	}
	rcu_read_unlock();
	return killed;
}

static void count_kills(struct mm_limit *limit, unsigned int killed)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	spin_lock(&acct->lock);
	limit->stats.kills += killed;
	spin_unlock(&acct->lock);
	mm_limit_notify();
}

/* False if the victim has left the address space that it was chosen for. */
static bool kill_one(struct mm_limit *limit, struct candidate *victim)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct task_struct *t;
	unsigned int killed;
	bool shared;

	t = mm_limit_lock_task(acct, victim->task);
	if (!t)
		return false;
	if (t->mm != victim->mm) {
		task_unlock(t);
		return false;
	}

	mm_limit_event_kill(limit, task_tgid_nr(t), victim->pages);
	victim->mm->mm_limit.killed = true;
	/*
	 * By threads, other processes, or somebody who just looks at it. Once
	 * signalled, the victim can leave its mm to the others.
	 */
	shared = atomic_read(&victim->mm->mm_users) > 1;
	killed = signal_process(t);
	task_unlock(t);
	oom_candidates_remove(victim->task);

	/* It may have been shared while the signal was on its way. */
	if (shared || atomic_read(&victim->mm->mm_users) > 1)
		killed += signal_sharers(victim->mm);
	count_kills(limit, killed);
	add_dying(acct, victim);
	return true;
}

/*
 * Kill the picked ones, until what is above the limit is covered. Returns what
 * is not.
 */
static long kill_picked(struct mm_limit *limit, struct scan *scan, long excess)
{
	struct candidate *victim;
	int i;

	for (i = 0; i < scan->nr; i++) {
		victim = &scan->picked[i];
		/*
		 * One that has just left its mm, in an exec, may have made the
		 * others' death needless.
		 */
		if (excess > 0 && !scan->stale &&
		    mm_limit_exceeded(mm_limit_account(limit))) {
			if (kill_one(limit, victim))
				excess -= victim->pages + victim->copies;
			else
				scan->stale = true;
		}
		put_candidate(victim);
	}
	return excess;
}

/**
 * mm_limit_kill - kill until the user is below its limit
 * @limit: the limit
 * @policy: in which order
 *
 * Takes as many victims as it needs, and counts on the memory of processes that
 * are dying already.
 *
 * Return: whether there is memory on its way back, or reason to look again.
 * Context: the limit's work.
 */
bool mm_limit_kill(struct mm_limit *limit, unsigned int policy)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	bool counted = policy != MM_LIMIT_MOST_PRIVATE;
	unsigned int retries = 0;
	bool again, coming = false;
	struct scan scan;
	long excess;

	do {
		scan = (struct scan){ .acct = acct, .policy = policy };
		mark(&scan);
		sum_dying(&scan);
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
				mm_limit_look_up_ranks(acct, scan.number);
			pick_candidates(&scan);
			excess = kill_picked(limit, &scan, excess);
			again = excess > 0 &&
				(scan.nr == MM_LIMIT_BATCH ||
				 (scan.stale && retries++ < MM_LIMIT_RETRIES));
		}
		coming |= scan.dying || scan.missed || scan.nr;
		cond_resched();
	} while (again);

	WRITE_ONCE(limit->undecided, scan.undecided);
	return coming;
}

/*
 * An mm whose processes have been killed or are exiting, that is still there and
 * was not visited yet, with a reference
 */
static struct mm_struct *next_victim(struct mm_limit_account *acct,
				     unsigned int visit)
{
	struct mm_struct *mm, *found = NULL;

	spin_lock(&acct->lock);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		/* Who was dying at the last scan is so still. */
		if ((mm->mm_limit.killed || mm->mm_limit.seen == SEEN_DYING) &&
		    mm->mm_limit.scan != visit &&
		    atomic_inc_not_zero(&mm->mm_count)) {
			WRITE_ONCE(mm->mm_limit.scan, visit);
			found = mm;
			break;
		}
	}
	spin_unlock(&acct->lock);
	return found;
}

/**
 * mm_limit_kill_by_force - push victims that take their time
 * @limit: the limit
 *
 * Sends SIGKILL again and takes the memory of the victims without waiting for
 * them to exit, as process_mrelease() does.
 *
 * Context: the limit's work.
 */
void mm_limit_kill_by_force(struct mm_limit *limit)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	unsigned int visit = next_scan();
	struct mm_struct *mm;

	while ((mm = next_victim(acct, visit))) {
		signal_sharers(mm);
		oom_reap_mm(mm);
		mmdrop(mm);
		cond_resched();
	}
}

/**
 * mm_limit_write_off - no longer count on the memory of dying processes
 * @limit: the limit
 *
 * Context: the limit's work.
 */
void mm_limit_write_off(struct mm_limit *limit)
{
	struct scan scan = { .acct = mm_limit_account(limit) };
	struct mm_limit_account *acct = scan.acct;
	struct mm_struct *mm;

	mark(&scan);
	spin_lock(&acct->lock);
	list_for_each_entry(mm, &acct->mms, mm_limit.node)
		if (mm_is_dying(mm, &scan))
			mm->mm_limit.lost = true;
	spin_unlock(&acct->lock);
}
