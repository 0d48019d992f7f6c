// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which process has to go.
 *
 * What is killed is an address space: all processes that share it die. It is
 * a candidate if the user owns it, a process that uses it is alive, and none
 * that uses it is protected (init, oom_score_adj -1000, or the init of a
 * container with other users in it).
 *
 * A scan looks at the address spaces on the user's own list and at the threads
 * that use them, so its cost depends on what the user itself has: first it finds
 * out in what condition they are, then what will be free without another kill,
 * then it picks the candidates that the policy puts first, several at a time. It
 * holds a lock for a few of them at a time.
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
#include "internal.h"

/* Victims picked in one scan: few enough for the stack */
#define MM_LIMIT_BATCH	16

/* CPU time that a kill takes at a time */
#define MM_LIMIT_RUN_NS	(20 * NSEC_PER_MSEC)

/* So many address spaces or threads are looked at before a lock is let go. */
#define MM_LIMIT_CHUNK	32

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
	struct mm_struct *mm;		/* whose threads are looked at */
	unsigned int seen;		/* in what condition they are */
	struct task_struct *reaper;	/* of them, the init of a namespace */
	struct candidate weighed;	/* the process that stands for an mm */
	u64 run_time;			/* of all threads that use it */
	int nr;
	struct candidate picked[MM_LIMIT_BATCH];	/* highest score first */
};

typedef void (*look_at_mm)(struct mm_struct *mm, struct scan *scan);
typedef void (*look_at_task)(struct task_struct *t, void *arg);

/* Unique among all accounts, for an mm can change its owner between scans. */
static atomic_t scan_number;

/*
 * Walk over a user's address spaces, without those that come meanwhile. One with a
 * reference is handed to @look without a lock; or, with @locked, each under the
 * account's lock. There is one such walk at a time, by who holds the limit's
 * enforce.
 */
static void walk_mms(struct scan *scan, bool locked, look_at_mm look)
{
	struct mm_limit_account *acct = scan->acct;
	struct mm_struct *mm;
	unsigned int left;

	spin_lock(&acct->lock);
	acct->cursor = acct->mms.next;
	for (left = acct->nr_mms; left && acct->cursor != &acct->mms; left--) {
		mm = list_entry(acct->cursor, struct mm_struct, mm_limit.node);
		acct->cursor = acct->cursor->next;
		if (locked) {
			look(mm, scan);
			if (left % MM_LIMIT_CHUNK)
				continue;
			spin_unlock(&acct->lock);
		} else {
			if (!atomic_inc_not_zero(&mm->mm_count))
				continue;
			spin_unlock(&acct->lock);
			look(mm, scan);
			mmdrop(mm);
		}
		cond_resched();
		spin_lock(&acct->lock);
	}
	if (acct->cursor != &acct->mms)
		scan->missed = true;
	acct->cursor = NULL;
	spin_unlock(&acct->lock);
}

/*
 * Walk over the threads that use an mm, also those that come meanwhile: who has
 * been killed starts no more. @look is called with the list's lock.
 */
static void walk_users(struct mm_struct *mm, look_at_task look, void *arg)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct task_struct *t;
	unsigned int i;

	spin_lock(&member->tasks_lock);
	member->next = member->tasks.next;
	/* NULL: a walk for another owner has ended. */
	for (i = 1; member->next && member->next != &member->tasks; i++) {
		t = list_entry(member->next, struct task_struct,
			       mm_limit_node);
		member->next = member->next->next;
		/* One that is being forked has no number yet. */
		if (READ_ONCE(t->thread_pid))
			look(t, arg);
		if (i % MM_LIMIT_CHUNK)
			continue;
		spin_unlock(&member->tasks_lock);
		cond_resched();
		spin_lock(&member->tasks_lock);
	}
	member->next = NULL;
	spin_unlock(&member->tasks_lock);
}

/* Is it the init of a pid namespace that is none of the user's own? */
static bool is_reaper(struct task_struct *t)
{
	struct pid *pid = task_tgid(t);

	return pid && is_child_reaper(pid) &&
	       ns_of_pid(pid)->user_ns == &init_user_ns;
}

/*
 * Would the death of this process take other users' processes along? That of
 * the init of a pid namespace kills all that is in there. Users make such
 * namespaces only inside user namespaces of their own.
 */
static bool takes_others_along(struct mm_limit_account *acct,
			       struct task_struct *reaper)
{
	kuid_t kuid = mm_limit_account_user(acct)->uid;
	struct pid_namespace *ns;
	struct task_struct *p;
	struct pid *pid;
	bool others = false;
	int nr;

	rcu_read_lock();
	pid = task_tgid(reaper);
	ns = pid ? ns_of_pid(pid) : NULL;
	for (nr = 1; ns && !others && (pid = find_ge_pid(nr, ns)); nr++) {
		nr = pid_nr_ns(pid, ns);
		p = pid_task(pid, PIDTYPE_TGID);
		others = p && !uid_eq(task_uid(p), kuid);
	}
	rcu_read_unlock();
	return others;
}

/* Will this process give its memory back without our help? */
static void look_at(struct task_struct *t, void *arg)
{
	struct signal_struct *sig = t->signal;
	struct scan *scan = arg;

	if (is_global_init(t) || sig->oom_score_adj == OOM_SCORE_ADJ_MIN)
		scan->seen |= SEEN_PROTECTED;
	else if (sig->core_state)
		/* Writing a core dump can take arbitrarily long. */
		scan->seen |= SEEN_ALIVE;
	else if ((sig->flags & SIGNAL_GROUP_EXIT) || (t->flags & PF_EXITING))
		scan->seen |= SEEN_DYING;
	else
		scan->seen |= SEEN_ALIVE;

	if (is_reaper(t) && !scan->reaper)
		scan->reaper = get_task_struct(t);
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

static void mark_mm(struct mm_struct *mm, struct scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	scan->seen = 0;
	walk_users(mm, look_at, scan);
	if (scan->reaper) {
		if (takes_others_along(scan->acct, scan->reaper))
			scan->seen |= SEEN_PROTECTED;
		put_task_struct(scan->reaper);
		scan->reaper = NULL;
	}
	/* No process uses it yet, or any more. */
	if (!scan->seen)
		return;
	/* A part of it, if another part of the process lives */
	if (scan->seen & SEEN_ALIVE)
		scan->seen &= ~SEEN_DYING;

	member->seen = scan->seen;
	member->copies = 0;
	member->listed = 0;
	/* It was between two address spaces when it was written off. */
	if ((scan->seen & SEEN_ALIVE) && !member->killed)
		member->lost = false;
	WRITE_ONCE(member->scan, scan->number);
}

/* First pass: what is there? */
static void mark(struct scan *scan)
{
	scan->number = next_scan();
	walk_mms(scan, false, mark_mm);
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

static void sum_mm(struct mm_struct *mm, struct scan *scan)
{
	struct mm_limit_account *acct = scan->acct;
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_struct *oldmm = original(mm, scan);
	long pages = 0;

	lockdep_assert_held(&acct->lock);

	if (!mm_is_dying(mm, scan)) {
		/* Unless a process stands for it already */
		if (oldmm && member->scan != scan->number)
			oldmm->mm_limit.copies += mm_limit_mm_pages(mm, acct);
	} else if (!member->lost) {
		/* What comes in after the kill was not there to be counted on. */
		pages = mm_limit_mm_pages(mm, acct);
		if (member->killed)
			pages = min(pages, member->at_kill);
	}
	WRITE_ONCE(acct->dying, acct->dying + pages - member->dying);
	member->dying = pages;
}

/* Between the passes: what will be free without another kill? */
static void sum_dying(struct scan *scan)
{
	walk_mms(scan, true, sum_mm);
	scan->dying = READ_ONCE(scan->acct->dying);
}

/* A victim was killed: count on its memory. */
static void add_dying(struct mm_limit_account *acct, struct candidate *victim)
{
	struct mm_limit_mm *member = &victim->mm->mm_limit;

	spin_lock(&acct->lock);
	/* It may have left the account already. */
	if (member->owner == acct) {
		WRITE_ONCE(acct->dying, acct->dying + victim->pages +
					victim->copies - member->dying);
		member->dying = victim->pages + victim->copies;
		member->at_kill = member->dying;
	}
	spin_unlock(&acct->lock);
}

static void put_candidate(struct candidate *c)
{
	put_task_struct(c->task);
	mmdrop(c->mm);
}

/* Does it go before this other one? Of equals, the oldest process */
static bool goes_before(const struct candidate *a, const struct candidate *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	return a->task->group_leader->start_time <
	       b->task->group_leader->start_time;
}

/* Keep those that go first. */
static void pick(struct scan *scan, struct candidate *new)
{
	int i;

	if (scan->nr == MM_LIMIT_BATCH) {
		if (!goes_before(new, &scan->picked[scan->nr - 1])) {
			put_candidate(new);
			return;
		}
		put_candidate(&scan->picked[--scan->nr]);
	}
	for (i = scan->nr; i > 0 && goes_before(new, &scan->picked[i - 1]); i--)
		scan->picked[i] = scan->picked[i - 1];
	scan->picked[i] = *new;
	scan->nr++;
}

/* Of those that share an mm, the process that goes first stands for all. */
static void weigh(struct task_struct *t, void *arg)
{
	struct scan *scan = arg;
	struct candidate new = scan->weighed;

	if (scan->policy == MM_LIMIT_LONGEST_RUN_TIME)
		scan->run_time += task_sched_runtime(t);
	/* A process once, whichever of its threads are still there */
	if (t->signal->mm_limit_scan == scan->number)
		return;
	t->signal->mm_limit_scan = scan->number;
	if (scan->policy == MM_LIMIT_LONGEST_RUN_TIME)
		scan->run_time += mm_limit_past_run_time(t);

	new.task = t;
	new.score = mm_limit_score(scan->policy, t, new.mm, new.pages);
	if (scan->weighed.task && !goes_before(&new, &scan->weighed))
		return;
	get_task_struct(t);
	if (scan->weighed.task)
		put_task_struct(scan->weighed.task);
	scan->weighed = new;
}

static void weigh_mm(struct mm_struct *mm, struct scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	if (READ_ONCE(member->owner) != scan->acct)
		return;
	if (member->scan != scan->number) {
		scan->missed |= !list_empty_careful(&member->tasks);
		return;
	}
	if (member->killed || !(member->seen & SEEN_ALIVE) ||
	    (member->seen & SEEN_PROTECTED))
		return;

	scan->weighed = (struct candidate){
		.mm = mm,
		.pages = mm_limit_mm_pages(mm, scan->acct),
		.copies = member->copies,
	};
	scan->run_time = 0;
	walk_users(mm, weigh, scan);
	if (!scan->weighed.task)
		return;
	if (scan->policy == MM_LIMIT_LONGEST_RUN_TIME)
		scan->weighed.score = scan->run_time;
	mmgrab(mm);
	pick(scan, &scan->weighed);
}

/* Last pass */
static void pick_candidates(struct scan *scan)
{
	walk_mms(scan, false, weigh_mm);
}

/* Returns whether the process was not dying already. */
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
 * SIGKILL for everybody that shares an mm. Returns how many processes were not
 * dying already.
 */
static unsigned int signal_sharers(struct mm_struct *mm)
{
	unsigned int killed = 0;

	walk_users(mm, signal_user, &killed);
	return killed;
}

static void count_kills(struct mm_limit *limit, unsigned int killed)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	spin_lock(&acct->lock);
	limit->stats.kills += killed;
	spin_unlock(&acct->lock);
	mm_limit_notify(acct);
}

/* False if the victim has left the address space that it was chosen for. */
static bool kill_one(struct mm_limit *limit, struct candidate *victim)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct task_struct *t;
	unsigned int killed;

	t = mm_limit_lock_task(acct, victim->task);
	if (!t)
		return false;
	if (t->mm != victim->mm) {
		task_unlock(t);
		return false;
	}

	mm_limit_event_kill(limit, task_tgid_nr(t), victim->pages);
	killed = signal_process(t);
	task_unlock(t);
	oom_candidates_remove(victim->task);
	/* By its own threads at the least, which takes no time. */
	killed += signal_sharers(victim->mm);
	/*
	 * Faults fail from here on. Before the signal, that would be what its
	 * threads die of. Who waits to make it grow need not wait any more.
	 */
	WRITE_ONCE(victim->mm->mm_limit.killed, true);
	wake_up_all(&acct->wait);
	/* One that was dumping core had to go for the limit, too. */
	count_kills(limit, max(killed, 1U));
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
 * @bounded: break off after %MM_LIMIT_RUN_NS, to be called again
 *
 * Takes as many victims as it needs, and counts on the memory of processes that
 * are dying already.
 *
 * Return: whether there is memory on its way back, or reason to look again.
 * Context: process; with the limit's enforce held.
 */
bool mm_limit_kill(struct mm_limit *limit, unsigned int policy, bool bounded)
{
	u64 began = task_sched_runtime(current);
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
				(scan.stale ? retries++ < MM_LIMIT_RETRIES :
					      scan.nr == MM_LIMIT_BATCH);
		}
		coming |= scan.dying || scan.missed || scan.nr;
		cond_resched();
		/* Not before somebody was killed: it would begin from anew. */
		limit->unfinished = again && bounded && scan.nr &&
				    task_sched_runtime(current) - began >
					    MM_LIMIT_RUN_NS;
	} while (again && !limit->unfinished);

	WRITE_ONCE(limit->undecided, scan.undecided);
	return coming;
}

static void push(struct mm_struct *mm, struct scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	/* Who was dying at the last scan is so still. */
	if (READ_ONCE(member->owner) != scan->acct ||
	    (!member->killed && member->seen != SEEN_DYING))
		return;
	signal_sharers(mm);
	oom_reap_mm(mm);
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
	struct scan scan = { .acct = mm_limit_account(limit) };

	walk_mms(&scan, false, push);
}

static void write_off_mm(struct mm_struct *mm, struct scan *scan)
{
	if (mm_is_dying(mm, scan))
		mm->mm_limit.lost = true;
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

	mark(&scan);
	walk_mms(&scan, true, write_off_mm);
}
