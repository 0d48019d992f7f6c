// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what a user has, in what condition the processes are that
 * use it, and what will be free without another kill.
 *
 * A scan looks at the address spaces on the user's own list and at the threads that
 * use them, so its cost depends on what the user itself has. It holds a lock for a
 * few of them at a time.
 */

#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "account.h"
#include "kill.h"

/* So many address spaces or threads are looked at before a lock is let go. */
#define MM_LIMIT_CHUNK	32

/* Unique among all accounts, for an mm can change its owner between scans. */
static atomic_t scan_number;

/*
 * Look at each address space of one user. There is one such walk at a time, by the holder
 * of &mm_limit_enforcement.mutex, and of what mm_limit_lock_walk() has locked.
 */
static void walk_account(struct mm_limit_account *acct, void *arg)
{
	struct mm_limit_scan *scan = arg;
	struct mm_struct *mm;
	unsigned int left;

	scan->acct = acct;
	spin_lock(&acct->lock);
	acct->cursor = acct->mms.next;
	for (left = acct->nr_mms; left && acct->cursor != &acct->mms; left--) {
		mm = list_entry(acct->cursor, struct mm_struct, mm_limit.node);
		acct->cursor = acct->cursor->next;
		if (scan->walk.locked) {
			scan->walk.look(mm, scan);
			if (left % MM_LIMIT_CHUNK)
				continue;
			spin_unlock(&acct->lock);
		} else {
			if (!atomic_inc_not_zero(&mm->mm_count))
				continue;
			spin_unlock(&acct->lock);
			scan->walk.look(mm, scan);
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

/**
 * mm_limit_walk_mms - look at each address space of a user, or of a pool's members
 * @scan: of that user or pool
 * @locked: each is looked at under its account's lock; otherwise without a lock, with
 *	a reference
 * @look: what to call
 *
 * Address spaces that come meanwhile are left out.
 *
 * Context: the limit's work.
 */
void mm_limit_walk_mms(struct mm_limit_scan *scan, bool locked,
		       mm_limit_look_at_mm look)
{
	scan->walk.look = look;
	scan->walk.locked = locked;
	mm_limit_visit_members(scan->whole, walk_account, scan);
}

/**
 * mm_limit_walk_users - look at each thread that uses an address space
 * @mm: the mm
 * @look: what to call, with the lock of the mm's list held
 * @arg: for @look
 *
 * Threads that come meanwhile are looked at, too; a process that was killed starts no
 * more.
 */
void mm_limit_walk_users(struct mm_struct *mm, mm_limit_look_at_task look,
			 void *arg)
{
	struct mm_limit_mm_users *users = &mm->mm_limit.users;
	struct task_struct *t;
	unsigned int i;

	spin_lock(&users->lock);
	users->next = users->tasks.next;
	/* It is NULL when a walk for another owner has ended. */
	for (i = 1; users->next && users->next != &users->tasks; i++) {
		t = list_entry(users->next, struct task_struct, mm_limit_node);
		users->next = users->next->next;
		/* One that is being forked has no number yet. */
		if (READ_ONCE(t->thread_pid))
			look(t, arg);
		if (i % MM_LIMIT_CHUNK)
			continue;
		spin_unlock(&users->lock);
		cond_resched();
		spin_lock(&users->lock);
	}
	users->next = NULL;
	spin_unlock(&users->lock);
}

/* Is it the init of a pid namespace that is none of the user's own? */
static bool is_reaper(struct task_struct *t)
{
	struct pid *pid = task_tgid(t);

	return pid && is_child_reaper(pid) &&
	       ns_of_pid(pid)->user_ns == &init_user_ns;
}

static bool is_scanned(struct mm_limit_scan *scan, struct mm_limit_account *acct)
{
	return acct == scan->acct ||
	       (scan->whole->is_pool && READ_ONCE(acct->counter.pool) == scan->whole);
}

/*
 * Is this a process of the user, or of its pool? A set-user-ID program has the user of its
 * file, but its memory is its caller's.
 */
static bool is_among(struct mm_limit_scan *scan, struct task_struct *p)
{
	struct mm_limit_account *owner;
	struct task_struct *t;
	bool among;

	if (is_scanned(scan, &__task_cred(p)->user->mm_limit))
		return true;
	t = find_lock_task_mm(p);
	if (!t)
		return false;
	owner = READ_ONCE(t->mm->mm_limit.owner);
	among = owner && is_scanned(scan, owner);
	task_unlock(t);
	return among;
}

/* All that is left of it is what its parent will read. */
static bool is_corpse(struct task_struct *p)
{
	return READ_ONCE(p->exit_state) && thread_group_empty(p);
}

/*
 * Would the death of this process take other users' processes along? The death of
 * the init of a pid namespace kills all processes in there. Users make such
 * namespaces only inside user namespaces of their own.
 */
static bool takes_others_along(struct mm_limit_scan *scan,
			       struct task_struct *reaper)
{
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
		others = p && !is_corpse(p) && !is_among(scan, p);
	}
	rcu_read_unlock();
	return others;
}

/* Will this process give its memory back without our help? */
static void look_at(struct task_struct *t, void *arg)
{
	struct signal_struct *sig = t->signal;
	struct mm_limit_scan *scan = arg;

	if (is_global_init(t) || sig->oom_score_adj == OOM_SCORE_ADJ_MIN)
		scan->seen |= MM_LIMIT_SEEN_PROTECTED;
	else if (sig->core_state)
		/* Writing a core dump can take arbitrarily long. */
		scan->seen |= MM_LIMIT_SEEN_ALIVE;
	else if ((sig->flags & SIGNAL_GROUP_EXIT) || (t->flags & PF_EXITING))
		scan->seen |= MM_LIMIT_SEEN_DYING;
	else
		scan->seen |= MM_LIMIT_SEEN_ALIVE;

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

/* Scans are never numbered 0, which stands for an mm that no scan has seen. */
static unsigned int next_scan(void)
{
	unsigned int number;

	do {
		number = atomic_inc_return(&scan_number);
	} while (!number);
	return number;
}

static void mark_mm(struct mm_struct *mm, struct mm_limit_scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	scan->seen = 0;
	mm_limit_walk_users(mm, look_at, scan);
	if (scan->reaper) {
		if (takes_others_along(scan, scan->reaper))
			scan->seen |= MM_LIMIT_SEEN_PROTECTED;
		put_task_struct(scan->reaper);
		scan->reaper = NULL;
	}
	/* No process uses it yet, or any more. */
	if (!scan->seen)
		return;
	/* It is not dying as long as a process that uses it lives. */
	if (scan->seen & MM_LIMIT_SEEN_ALIVE)
		scan->seen &= ~MM_LIMIT_SEEN_DYING;

	member->kill.seen = scan->seen;
	member->kill.copies = 0;
	member->kill.listed = 0;
	/* Its process was between two address spaces when it was written off. */
	if ((scan->seen & MM_LIMIT_SEEN_ALIVE) && !member->kill.killed)
		member->kill.lost = false;
	WRITE_ONCE(member->kill.scan, scan->number);
}

/**
 * mm_limit_mark_mms - first pass of a scan: what is there?
 * @scan: the scan; gets its number
 */
void mm_limit_mark_mms(struct mm_limit_scan *scan)
{
	scan->number = next_scan();
	mm_limit_walk_mms(scan, false, mark_mm);
}

/* The mm that this one comes from, as long as a fork or exec is under way */
static struct mm_struct *copy_source(struct mm_struct *mm,
				     struct mm_limit_scan *scan)
{
	struct mm_struct *oldmm = READ_ONCE(mm->mm_limit.copy.source);

	lockdep_assert_held(&scan->acct->lock);

	/* What belongs to somebody else cannot be taken along. */
	if (!oldmm || READ_ONCE(oldmm->mm_limit.owner) != scan->acct)
		return NULL;
	return oldmm;
}

/**
 * mm_limit_is_dying - is an address space on its way out?
 * @mm: the mm, of the user
 * @scan: the scan that has marked it
 *
 * An mm without a process may be: before it is torn down at an exit or exec it has
 * none. But before an exec or fork is over it has none either, so it is undecided. It
 * would be wrong to kill anything else in its place, and it cannot be killed.
 *
 * Return: whether it is, or may be.
 * Context: with the account's lock held.
 */
bool mm_limit_is_dying(struct mm_struct *mm, struct mm_limit_scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_struct *oldmm = copy_source(mm, scan);

	if (member->kill.killed || !atomic_read(&mm->mm_users))
		return true;
	if (member->kill.scan == scan->number)
		return member->kill.seen == MM_LIMIT_SEEN_DYING;
	if (oldmm)
		return oldmm->mm_limit.kill.killed ||
		       (oldmm->mm_limit.kill.scan == scan->number &&
			oldmm->mm_limit.kill.seen == MM_LIMIT_SEEN_DYING);
	scan->undecided = true;
	return true;
}

static void sum_mm(struct mm_struct *mm, struct mm_limit_scan *scan)
{
	struct mm_limit_account *acct = scan->acct;
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_struct *oldmm = copy_source(mm, scan);
	long pages = 0;

	lockdep_assert_held(&acct->lock);

	if (!mm_limit_is_dying(mm, scan)) {
		/* Unless a process stands for it already */
		if (oldmm && member->kill.scan != scan->number)
			oldmm->mm_limit.kill.copies +=
				mm_limit_mm_pages(mm, acct);
	} else if (!member->kill.lost) {
		/* What comes in after the kill was not there to be counted on. */
		pages = mm_limit_mm_pages(mm, acct);
		if (member->kill.killed)
			pages = min(pages, member->kill.at_kill);
	} else if (mm_limit_mm_pages(mm, acct) > 0) {
		acct->lost_scan = scan->number;
	}
	mm_limit_change_dying(acct, member, pages);
}

/**
 * mm_limit_sum_dying - what will be free without another kill?
 * @scan: the scan, after its first pass
 */
void mm_limit_sum_dying(struct mm_limit_scan *scan)
{
	mm_limit_walk_mms(scan, true, sum_mm);
	scan->dying = mm_limit_dying(scan->whole);
}

static void count_on_mm(struct mm_struct *mm, struct mm_limit_scan *scan)
{
	if (mm_limit_keeps_lost(scan, scan->acct))
		mm->mm_limit.kill.lost = false;
}

/**
 * mm_limit_count_on_lost - wait once more for processes that were killed in vain
 * @scan: the scan that has found them
 *
 * All else that those had who keep them from ending has been killed, so they may end now,
 * before anybody else goes.
 */
void mm_limit_count_on_lost(struct mm_limit_scan *scan)
{
	mm_limit_walk_mms(scan, true, count_on_mm);
}
