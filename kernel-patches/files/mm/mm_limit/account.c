// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: accounts.
 *
 * Every user has an account that lists its address spaces. Only the accounts
 * of limited users are charged. Handing an address space over, to an account
 * that starts charging or to another user, must neither lose nor double a page,
 * though faults, unmaps and reclaim go on meanwhile:
 *
 * 1. The mm is marked as gated.
 * 2. After an RCU grace period each change of its counters, between
 *    mm_limit_begin() and mm_limit_end(), has seen the mark and holds the gate.
 * 3. With the gate held, the counters are summed, the sum is charged, and
 *    the mm's charges are directed to their new account.
 */

#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "internal.h"

/* Turning it off waits a second, so that nobody can make it flap. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(mm_limit_key, HZ);

/**
 * mm_limit_account_init - prepare the account of a new user
 * @acct: zeroed memory
 */
void mm_limit_account_init(struct mm_limit_account *acct)
{
	acct->max = LONG_MAX;
	init_waitqueue_head(&acct->wait);
	spin_lock_init(&acct->lock);
	INIT_LIST_HEAD(&acct->mms);
	mutex_init(&acct->walk);
	mutex_init(&acct->mutex);
	ratelimit_state_init(&acct->log, MM_LIMIT_LOG_INTERVAL,
			     MM_LIMIT_LOG_BURST);
	acct->stopped = get_completed_synchronize_rcu();
}

/**
 * mm_limit_account_destroy - the user goes away
 * @acct: its account; limits and address spaces hold references, so there are
 *	none left
 */
void mm_limit_account_destroy(struct mm_limit_account *acct)
{
	WARN_ON_ONCE(acct->charging || !list_empty(&acct->mms));
	mutex_destroy(&acct->mutex);
	mutex_destroy(&acct->walk);
}

/*
 * Pages of so many bytes of page tables, which the kernel books as the bytes
 * that hold entries. ARM's two-level format has 2 KiB of them in each table,
 * but the hardware's copy takes the other half of the page.
 */
static long table_pages(long bytes)
{
	const long table = PTRS_PER_PTE * sizeof(pte_t);

	if (table >= PAGE_SIZE)
		return bytes / (long)PAGE_SIZE;

	BUILD_BUG_ON(table < PAGE_SIZE && CONFIG_PGTABLE_LEVELS > 2);
	return bytes / table;
}

/**
 * mm_limit_mm_pages - sum what an address space counts
 * @mm: the mm
 *
 * Return: resident pages, pages of page tables and swap entries. Exact if the
 * caller keeps the counters from changing.
 */
long mm_limit_mm_pages(struct mm_struct *mm)
{
	long pages = table_pages(mm_pgtables_bytes(mm));
	int i;

	for (i = 0; i < NR_MM_COUNTERS; i++)
		pages += percpu_counter_sum(&mm->rss_stat[i]);
	return pages;
}

static noinline void raise_peak(struct mm_limit_account *acct, long usage)
{
	long peak = READ_ONCE(acct->peak);

	while (usage > peak && !try_cmpxchg_relaxed(&acct->peak, &peak, usage))
		;
}

/* Callers are inside the unit that mm_limit_begin() speaks of. */
static void charge(struct mm_limit_account *acct, struct mm_struct *mm,
		   long pages)
{
	long usage, max;

	usage = atomic_long_add_return_relaxed(pages, &acct->usage);
	/*
	 * Against mm_limit_enforce_resume(), which writes max and then reads
	 * usage, and against a waiter that queues itself and then reads usage:
	 * one of the two sides sees the other.
	 */
	smp_mb__after_atomic();
	max = READ_ONCE(acct->max);

	if (unlikely(usage > max)) {
		if (pages > 0)
			mm_limit_over(acct, mm, usage, usage - pages <= max);
	} else if (unlikely(waitqueue_active(&acct->wait))) { /* see above */
		wake_up_all(&acct->wait);
	}
	if (unlikely(usage > READ_ONCE(acct->peak)))
		raise_peak(acct, usage);
}

unsigned long __mm_limit_begin(struct mm_struct *mm)
{
	unsigned long charged;

	spin_lock(&mm->mm_limit.gate);
	charged = mm->mm_limit.charged;
	/*
	 * If it has just been handed over, no need to hold the gate: the next
	 * hand-over's grace period waits for this read-side section.
	 */
	if (!(charged & MM_LIMIT_GATED))
		spin_unlock(&mm->mm_limit.gate);
	return charged;
}

void __mm_limit_end(struct mm_struct *mm, unsigned long charged, long pages)
{
	RCU_LOCKDEP_WARN(!rcu_read_lock_any_held(),
			 "mm counters changed outside of a read-side section");

	if (mm_limit_charged(charged))
		charge(mm_limit_charged(charged), mm, pages);
	if (charged & MM_LIMIT_GATED)
		spin_unlock(&mm->mm_limit.gate);
}

/**
 * mm_update_pgtables - count page tables of an mm
 * @mm: the mm
 * @bytes: bytes of entries more, or fewer if negative
 */
void mm_update_pgtables(struct mm_struct *mm, long bytes)
{
	unsigned long charged;

	/* Some callers hold no lock. */
	preempt_disable();
	charged = mm_limit_begin(mm);
	atomic_long_add(bytes, &mm->pgtables_bytes);
	mm_limit_end(mm, charged, table_pages(bytes));
	preempt_enable();
}

/**
 * mm_limit_mm_init - a new address space, not attached to any account
 * @mm: the mm, perhaps a copy of another
 */
void mm_limit_mm_init(struct mm_struct *mm)
{
	mm->mm_limit = (struct mm_limit_mm){};
	spin_lock_init(&mm->mm_limit.gate);
}

/**
 * mm_limit_attach - a new address space joins its owner's account
 * @mm: the mm; nobody else can see it yet
 * @task: the task that will use it
 */
void mm_limit_attach(struct mm_struct *mm, struct task_struct *task)
{
	struct user_struct *user =
		get_uid(rcu_dereference_protected(task->real_cred, true)->user);
	struct mm_limit_account *acct = &user->mm_limit;
	long pages;

	/* Some machines have allocated tables along with the pgd. */
	pages = table_pages(mm_pgtables_bytes(mm));

	spin_lock(&acct->lock);
	mm->mm_limit.owner = acct;
	if (acct->charging) {
		mm->mm_limit.charged = (unsigned long)acct;
		if (pages)
			charge(acct, mm, pages);
	}
	list_add_tail(&mm->mm_limit.node, &acct->mms);
	spin_unlock(&acct->lock);
}

/* The mm leaves the account: nobody needs to count on it any more. */
static void forget_dying(struct mm_limit_account *acct,
			 struct mm_limit_mm *member)
{
	lockdep_assert_held(&acct->lock);

	WRITE_ONCE(acct->dying, acct->dying - member->dying);
	member->dying = 0;
}

/**
 * mm_limit_detach - an address space leaves its owner's account
 * @mm: the mm; nobody uses it any more, though CPUs may have it loaded
 *
 * What is left is a page table at the most: ARM frees that of the lowest
 * addresses along with the pgd, which an idle CPU can keep for ever.
 *
 * May be called again, to no effect, in any context. The first time, which is
 * when its last user goes or if it never had one, the context is a process.
 */
void mm_limit_detach(struct mm_struct *mm)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_limit_account *acct = member->owner;

	if (!acct)
		return;

	spin_lock(&acct->lock);
	list_del(&member->node);
	forget_dying(acct, member);
	/* Against a hand-over that took its reference before. */
	spin_lock(&member->gate);
	if (mm_limit_charged(member->charged)) {
		charge(acct, mm, -mm_limit_mm_pages(mm));
		mm_limit_gone(acct);
	}
	member->charged = 0;
	member->owner = NULL;
	spin_unlock(&member->gate);
	spin_unlock(&acct->lock);
	free_uid(mm_limit_account_user(acct));
}

/**
 * mm_limit_copy_begin - a fork is about to copy an address space
 * @mm: the new mm, attached
 * @oldmm: the mm of the current task
 *
 * No process uses @mm yet. Until mm_limit_copy_end() it stands or falls with
 * whoever copies it.
 */
void mm_limit_copy_begin(struct mm_struct *mm, struct mm_struct *oldmm)
{
	WRITE_ONCE(mm->mm_limit.copy_of, oldmm);
}

/**
 * mm_limit_copy_end - the address space was copied, or could not be
 * @mm: the new mm
 */
void mm_limit_copy_end(struct mm_struct *mm)
{
	struct mm_limit_account *acct = mm->mm_limit.owner;

	spin_lock(&acct->lock);
	mm->mm_limit.copy_of = NULL;
	spin_unlock(&acct->lock);
}

/*
 * Step 3 of handing over. The counters are still while the gate is held, for
 * the mm is gated and a grace period has passed.
 */
static void hand_over(struct mm_struct *mm, struct mm_limit_account *from,
		      struct mm_limit_account *to)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	long pages;

	spin_lock(&member->gate);
	/* It may have been detached in the meantime. */
	if (member->owner) {
		pages = mm_limit_mm_pages(mm);
		member->owner = to;
		WRITE_ONCE(member->charged,
			   to->charging ? (unsigned long)to : 0);
		if (from->charging && from != to)
			charge(from, mm, -pages);
		if (to->charging)
			charge(to, mm, pages);
	}
	spin_unlock(&member->gate);
}

/*
 * The first gated mm of an account, with a reference, moved behind those that
 * are done; NULL when all are.
 */
static struct mm_struct *next_gated(struct mm_limit_account *acct)
{
	struct mm_struct *mm;

	lockdep_assert_held(&acct->mutex);

	spin_lock(&acct->lock);
	for (;;) {
		mm = list_first_entry_or_null(&acct->mms, struct mm_struct,
					      mm_limit.node);
		if (!mm || !(mm->mm_limit.charged & MM_LIMIT_GATED)) {
			mm = NULL;
			break;
		}
		list_move_tail(&mm->mm_limit.node, &acct->mms);
		if (atomic_inc_not_zero(&mm->mm_count))
			break;
		/* It is about to be detached, without a page. */
		WRITE_ONCE(mm->mm_limit.charged, 0);
	}
	spin_unlock(&acct->lock);
	return mm;
}

/**
 * mm_limit_start_charging - charge a user's address spaces to its account
 * @acct: the account
 *
 * On return the usage is what a walk over the user's address spaces would sum.
 *
 * Context: process; sleeps for an RCU grace period if the user has any.
 */
void mm_limit_start_charging(struct mm_limit_account *acct)
{
	struct mm_struct *mm;
	bool none;

	lockdep_assert_held(&acct->mutex);

	/* Charges of the last time may still be on their way. */
	cond_synchronize_rcu(acct->stopped);
	atomic_long_set(&acct->usage, 0);
	acct->peak = 0;
	static_branch_deferred_inc(&mm_limit_key);

	spin_lock(&acct->lock);
	acct->charging = true;
	none = list_empty(&acct->mms);
	list_for_each_entry(mm, &acct->mms, mm_limit.node)
		WRITE_ONCE(mm->mm_limit.charged, MM_LIMIT_GATED);
	spin_unlock(&acct->lock);
	if (none)
		return;

	synchronize_rcu();

	while ((mm = next_gated(acct))) {
		/* Only this user's own moves could interfere; they wait. */
		hand_over(mm, acct, acct);
		mmdrop(mm);
		cond_resched();
	}
}

/**
 * mm_limit_stop_charging - leave a user's address spaces uncharged
 * @acct: the account
 *
 * Context: process.
 */
void mm_limit_stop_charging(struct mm_limit_account *acct)
{
	struct mm_struct *mm;

	lockdep_assert_held(&acct->mutex);

	spin_lock(&acct->lock);
	acct->charging = false;
	list_for_each_entry(mm, &acct->mms, mm_limit.node)
		WRITE_ONCE(mm->mm_limit.charged, 0);
	spin_unlock(&acct->lock);

	acct->stopped = get_state_synchronize_rcu();
	static_branch_slow_dec_deferred(&mm_limit_key);
	wake_up_all(&acct->wait);
}

/**
 * mm_limit_get_owner - the account that owns an address space
 * @mm: the mm, attached
 *
 * Return: the account, with a reference on its user.
 */
struct mm_limit_account *mm_limit_get_owner(struct mm_struct *mm)
{
	struct mm_limit_account *acct;

	spin_lock(&mm->mm_limit.gate);
	acct = mm->mm_limit.owner;
	get_uid(mm_limit_account_user(acct));
	spin_unlock(&mm->mm_limit.gate);
	return acct;
}

/**
 * mm_limit_lock_both - lock two different accounts
 * @a: the one
 * @b: the other
 *
 * Neither is held while waiting for the other: root's is needed by everybody
 * who becomes a user, and a user may be able to keep its own busy.
 */
void mm_limit_lock_both(struct mm_limit_account *a, struct mm_limit_account *b)
{
	for (;;) {
		mutex_lock(&a->mutex);
		if (mutex_trylock(&b->mutex))
			return;
		mutex_unlock(&a->mutex);
		swap(a, b);
	}
}

/**
 * mm_limit_unlock_both - unlock what mm_limit_lock_both() locked
 * @a: the one
 * @b: the other
 */
void mm_limit_unlock_both(struct mm_limit_account *a,
			  struct mm_limit_account *b)
{
	mutex_unlock(&a->mutex);
	mutex_unlock(&b->mutex);
}

static void move_mm(struct mm_struct *mm, struct mm_limit_account *from,
		    struct mm_limit_account *to)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	/* Expedited, for somebody waits for setuid() to return. */
	if (from->charging || to->charging) {
		WRITE_ONCE(member->charged, member->charged | MM_LIMIT_GATED);
		synchronize_rcu_expedited();
	} else {
		/* Charges under way refer to an account that may be freed. */
		cond_synchronize_rcu_expedited(from->stopped);
	}
	get_uid(mm_limit_account_user(to));

	spin_lock(&from->lock);
	list_del(&member->node);
	forget_dying(from, member);
	spin_unlock(&from->lock);

	hand_over(mm, from, to);

	spin_lock(&to->lock);
	list_add_tail(&member->node, &to->mms);
	spin_unlock(&to->lock);

	free_uid(mm_limit_account_user(from));
}

/**
 * mm_limit_change_owner - the current task has changed its real uid
 * @user: its new user
 *
 * The address space follows the real uid of its thread group leader. A child
 * of vfork() only borrows its parent's.
 *
 * Context: process; sleeps for an RCU grace period if memory is charged.
 */
void mm_limit_change_owner(struct user_struct *user)
{
	struct mm_limit_account *from, *to = &user->mm_limit;
	struct mm_struct *mm = current->mm;
	bool moved = false;

	if (!mm || !thread_group_leader(current) || in_vfork(current))
		return;

	while (!moved) {
		from = mm_limit_get_owner(mm);
		if (from == to) {
			moved = true;
		} else {
			mm_limit_lock_both(from, to);
			/* Another process that shares the mm may be faster. */
			if (mm->mm_limit.owner == from) {
				move_mm(mm, from, to);
				moved = true;
			}
			mm_limit_unlock_both(from, to);
		}
		free_uid(mm_limit_account_user(from));
	}
}
