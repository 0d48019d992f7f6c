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
 * 2. After an RCU grace period each change of its counters, along with its
 *    mm_limit_charge(), has seen the mark and holds the gate.
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

/*
 * The max of a counter that stands for a gate: below any usage, yet so that the
 * difference does not overflow
 */
#define GATE_MAX	(LONG_MIN / 2)

/**
 * mm_limit_user_init - prepare the account of a new user
 * @user: zeroed memory
 */
void mm_limit_user_init(struct user_struct *user)
{
	struct mm_limit_account *acct = &user->mm_limit;

	acct->counter.max = LONG_MAX;
	acct->max = LONG_MAX;
	spin_lock_init(&acct->swap.lock);
	acct->swap.max = LONG_MAX;
	init_waitqueue_head(&acct->wait);
	spin_lock_init(&acct->lock);
	INIT_LIST_HEAD(&acct->mms);
	mutex_init(&acct->walk);
	mutex_init(&acct->clock);
	mutex_init(&acct->mutex);
	ratelimit_state_init(&acct->log, MM_LIMIT_LOG_INTERVAL,
			     MM_LIMIT_LOG_BURST);
	acct->stopped = get_completed_synchronize_rcu();
}

/**
 * mm_limit_user_destroy - a user goes away
 * @user: the user; limits and address spaces hold references, so there are none
 *	left
 */
void mm_limit_user_destroy(struct user_struct *user)
{
	struct mm_limit_account *acct = &user->mm_limit;

	WARN_ON_ONCE(acct->charging || !list_empty(&acct->mms));
	mutex_destroy(&acct->mutex);
	mutex_destroy(&acct->clock);
	mutex_destroy(&acct->walk);
}

/*
 * What the kernel books for a page table is the bytes that hold entries. ARM's
 * two-level format has 2 KiB of them in each table, but the hardware's copy
 * takes the other half of the page.
 */
static long table_bytes(void)
{
	const long bytes = PTRS_PER_PTE * sizeof(pte_t);

	BUILD_BUG_ON(bytes < PAGE_SIZE && CONFIG_PGTABLE_LEVELS > 2);
	return min_t(long, bytes, PAGE_SIZE);
}

/* Pages that so many bytes booked stand for */
static long table_pages(long bytes)
{
	return bytes / table_bytes();
}

/**
 * mm_limit_mm_resident - sum what an address space has in memory
 * @mm: the mm
 *
 * Return: resident pages and pages of page tables. Exact if the caller keeps
 * the counters from changing.
 */
long mm_limit_mm_resident(struct mm_struct *mm)
{
	long pages = table_pages(mm_pgtables_bytes(mm));
	int i;

	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (i != MM_SWAPENTS)
			pages += percpu_counter_sum(&mm->rss_stat[i]);
	return pages;
}

/**
 * mm_limit_mm_swap - sum what an address space has in swap
 * @mm: the mm
 *
 * Return: swap entries, as exact as mm_limit_mm_resident().
 */
long mm_limit_mm_swap(struct mm_struct *mm)
{
	return percpu_counter_sum(&mm->rss_stat[MM_SWAPENTS]);
}

/**
 * mm_limit_counted_swap - swap that counts toward a limit
 * @swap: swap entries of the user
 * @free: so many do not count
 *
 * Return: pages.
 */
long mm_limit_counted_swap(long swap, long free)
{
	return max(swap - free, 0L);
}

/**
 * mm_limit_mm_pages - what would be gained if an address space went
 * @mm: the mm
 * @acct: its owner
 *
 * Return: pages that count toward the limit, as exact as mm_limit_mm_resident().
 */
long mm_limit_mm_pages(struct mm_struct *mm, struct mm_limit_account *acct)
{
	return mm_limit_mm_resident(mm) +
	       min(mm_limit_mm_swap(mm),
		   mm_limit_counted_swap(READ_ONCE(acct->swap.usage),
					 READ_ONCE(acct->swap.free)));
}

/*
 * The highest usage is one before a fall, so who makes it fall looks. While it
 * stands there nobody needs to.
 */
static noinline void raise_peak(struct mm_limit_account *acct, long usage)
{
	long peak = READ_ONCE(acct->peak);

	while (usage > peak && !try_cmpxchg_relaxed(&acct->peak, &peak, usage))
		;
}

/**
 * mm_limit_peak - the highest usage since charging began
 * @acct: the account
 *
 * Return: pages.
 */
long mm_limit_peak(struct mm_limit_account *acct)
{
	return max(READ_ONCE(acct->peak), mm_limit_usage(acct));
}

static noinline void wake_waiters(struct mm_limit_account *acct, long usage)
{
	if (usage <= READ_ONCE(acct->max))
		wake_up_all(&acct->wait);
}

/* What a charge brings about that is not just one of many. */
static void charged(struct mm_limit_account *acct, struct mm_struct *mm,
		    long pages, long usage)
{
	long max;

	/*
	 * Against a waiter that queues itself and then reads usage, and a work
	 * that forgets a crossing and then reads it: one of the two sides sees
	 * the other.
	 */
	smp_mb__after_atomic();

	if (pages < 0) {
		if (unlikely(usage - pages > READ_ONCE(acct->peak)))
			raise_peak(acct, usage - pages);
		if (unlikely(waitqueue_active(&acct->wait))) /* see above */
			wake_waiters(acct, usage);
		return;
	}
	max = READ_ONCE(acct->max);
	if (usage > max)
		mm_limit_over(acct, mm, usage, usage - pages <= max);
	else if (usage > READ_ONCE(acct->counter.max))
		mm_limit_reclaim_wake(acct);
}

/* Callers are inside the unit that mm_limit_charge() speaks of. */
static void charge(struct mm_limit_account *acct, struct mm_struct *mm,
		   long pages)
{
	charged(acct, mm, pages,
		atomic_long_add_return_relaxed(pages, &acct->counter.usage));
}

/*
 * Swap entries count beyond &mm_limit_swap.free only. However charges follow each
 * other, what they add up to is what counts of the last usage, for each adds the
 * difference that it makes.
 */
static void charge_swap(struct mm_limit_account *acct, struct mm_struct *mm,
			long pages)
{
	struct mm_limit_swap *swap = &acct->swap;
	long counted;

	spin_lock(&swap->lock);
	counted = mm_limit_counted_swap(swap->usage + pages, swap->free) -
		  mm_limit_counted_swap(swap->usage, swap->free);
	WRITE_ONCE(swap->usage, swap->usage + pages);
	spin_unlock(&swap->lock);
	if (counted)
		charge(acct, mm, counted);
}

static void change_counter(struct mm_struct *mm, int member, long pages)
{
	if (member == MM_LIMIT_TABLES)
		atomic_long_add(pages * table_bytes(), &mm->pgtables_bytes);
	else
		percpu_counter_add(&mm->rss_stat[member], pages);
}

/* While the mm is handed over, its counters change under the gate. */
static noinline void charge_gated(struct mm_struct *mm, int member, long pages)
{
	struct mm_limit_mm *membership = &mm->mm_limit;

	spin_lock(&membership->gate);
	if (membership->account && member == MM_SWAPENTS)
		charge_swap(membership->account, mm, pages);
	else if (membership->account)
		charge(membership->account, mm, pages);
	change_counter(mm, member, pages);
	spin_unlock(&membership->gate);
}

/*
 * The slow path of mm_limit_charge(), which has added @pages to @counter unless they
 * are swap entries.
 */
bool __mm_limit_charge(struct mm_struct *mm, int member, long pages,
		       struct mm_limit_counter *counter, long usage)
{
	struct mm_limit_account *acct;

	RCU_LOCKDEP_WARN(!rcu_read_lock_any_held(),
			 "mm counters changed outside of a read-side section");

	if (unlikely(counter == &mm->mm_limit.gated)) {
		charge_gated(mm, member, pages);
		return true;
	}
	acct = container_of(counter, struct mm_limit_account, counter);
	if (member == MM_SWAPENTS)
		charge_swap(acct, mm, pages);
	else
		charged(acct, mm, pages, usage);
	return false;
}

/*
 * The account that an mm is charged to, for callers inside an RCU read-side
 * section; NULL: none, or it is being handed over
 */
static struct mm_limit_account *charged_account(struct mm_struct *mm)
{
	struct mm_limit_counter *counter = READ_ONCE(mm->mm_limit.charged);

	RCU_LOCKDEP_WARN(!rcu_read_lock_any_held(),
			 "account of an mm used outside of a read-side section");

	if (!counter || counter == &mm->mm_limit.gated)
		return NULL;
	return container_of(counter, struct mm_limit_account, counter);
}

void __mm_limit_swapped_out(struct mm_struct *mm)
{
	struct mm_limit_account *acct = charged_account(mm);

	if (!acct)
		return;
	spin_lock(&acct->swap.lock);
	acct->swap.outs++;
	spin_unlock(&acct->swap.lock);
}

void __mm_limit_refaulted(struct mm_struct *mm, long pages)
{
	struct mm_limit_account *acct = charged_account(mm);

	if (!acct)
		return;
	spin_lock(&acct->swap.lock);
	acct->swap.refaults += pages;
	spin_unlock(&acct->swap.lock);
}

/**
 * mm_limit_swap_stall - a user has lost time to swapping
 * @acct: the account
 * @began: since then; monotonic, nanoseconds
 */
void mm_limit_swap_stall(struct mm_limit_account *acct, u64 began)
{
	u64 took = ktime_get_ns() - began;

	spin_lock(&acct->swap.lock);
	acct->swap.stall += took;
	spin_unlock(&acct->swap.lock);
}

void __mm_limit_swapped_in(struct mm_struct *mm, u64 began)
{
	struct mm_limit_account *acct;

	rcu_read_lock();
	acct = charged_account(mm);
	if (acct)
		mm_limit_swap_stall(acct, began);
	rcu_read_unlock();
}

/**
 * mm_limit_swap_read - what a user has in swap, and what became of it
 * @acct: the account
 *
 * Return: a copy; its lock is not to be used.
 */
struct mm_limit_swap mm_limit_swap_read(struct mm_limit_account *acct)
{
	struct mm_limit_swap swap;

	spin_lock(&acct->swap.lock);
	swap = acct->swap;
	spin_unlock(&acct->swap.lock);
	return swap;
}

void __mm_limit_update_tables(struct mm_struct *mm, long bytes)
{
	if (!mm_limit_charge(mm, MM_LIMIT_TABLES, table_pages(bytes)))
		atomic_long_add(bytes, &mm->pgtables_bytes);
}

/* From now on charges to @account, or to none, are in force. */
static void direct(struct mm_limit_mm *member, struct mm_limit_account *account)
{
	WRITE_ONCE(member->account, account);
	WRITE_ONCE(member->charged, account ? &account->counter : NULL);
}

/* Once a grace period has passed, whoever changes a counter holds the gate. */
static void raise_gate(struct mm_limit_mm *member)
{
	atomic_long_set(&member->gated.usage, 0);
	WRITE_ONCE(member->charged, &member->gated);
}

static bool is_gated(const struct mm_limit_mm *member)
{
	return member->charged == &member->gated;
}

/**
 * mm_limit_mm_init - a new address space, not attached to any account
 * @mm: the mm, perhaps a copy of another
 */
void mm_limit_mm_init(struct mm_struct *mm)
{
	mm->mm_limit = (struct mm_limit_mm){
		.gated.max = GATE_MAX,
	};
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
		direct(&mm->mm_limit, acct);
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
 * What is left is a page table at the most, as check_mm() makes sure: ARM frees
 * that of the lowest addresses along with the pgd, which an idle CPU can keep
 * for ever.
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
	if (member->account) {
		charge(acct, mm, -table_pages(mm_pgtables_bytes(mm)));
		mm_limit_gone(acct);
	}
	direct(member, NULL);
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
	long pages, swap;

	spin_lock(&member->gate);
	/* It may have been detached in the meantime. */
	if (member->owner) {
		pages = mm_limit_mm_resident(mm);
		swap = mm_limit_mm_swap(mm);
		member->owner = to;
		direct(member, to->charging ? to : NULL);
		if (from->charging && from != to) {
			charge(from, mm, -pages);
			charge_swap(from, mm, -swap);
		}
		if (to->charging) {
			charge(to, mm, pages);
			charge_swap(to, mm, swap);
		}
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
		if (!mm || !is_gated(&mm->mm_limit)) {
			mm = NULL;
			break;
		}
		list_move_tail(&mm->mm_limit.node, &acct->mms);
		if (atomic_inc_not_zero(&mm->mm_count))
			break;
		/* It is about to be detached, without a page. */
		direct(&mm->mm_limit, NULL);
	}
	spin_unlock(&acct->lock);
	return mm;
}

/**
 * mm_limit_set_max - how many pages an account may have
 * @acct: the account
 * @max: pages
 * @threshold: pages above which memory is reclaimed
 *
 * On return each charge either sees @max and @threshold or is in the usage.
 *
 * Context: process; sleeps for an RCU grace period if the lower of the two is
 * lower than before.
 */
void mm_limit_set_max(struct mm_limit_account *acct, long max, long threshold)
{
	bool lower = max < acct->max || min(max, threshold) < acct->counter.max;
	bool none;

	lockdep_assert_held(&acct->mutex);

	WRITE_ONCE(acct->max, max);
	WRITE_ONCE(acct->counter.max, min(max, threshold));
	if (!lower || !acct->charging)
		return;
	spin_lock(&acct->lock);
	none = list_empty(&acct->mms);
	spin_unlock(&acct->lock);
	if (!none)
		synchronize_rcu();
}

/**
 * mm_limit_set_swap - how much swap an account may have
 * @acct: the account
 * @free: swap entries that do not count toward the limit
 * @max: swap entries
 *
 * Context: process. The caller looks whether the limit is exceeded afterwards.
 */
void mm_limit_set_swap(struct mm_limit_account *acct, long free, long max)
{
	struct mm_limit_swap *swap = &acct->swap;
	long counted;

	lockdep_assert_held(&acct->mutex);

	spin_lock(&swap->lock);
	counted = mm_limit_counted_swap(swap->usage, free) -
		  mm_limit_counted_swap(swap->usage, swap->free);
	WRITE_ONCE(swap->free, free);
	WRITE_ONCE(swap->max, max);
	spin_unlock(&swap->lock);
	if (counted < 0)
		charge(acct, NULL, counted);
	else
		atomic_long_add(counted, &acct->counter.usage);
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
	atomic_long_set(&acct->counter.usage, 0);
	acct->swap.usage = 0;
	acct->swap.outs = 0;
	acct->swap.refaults = 0;
	acct->peak = 0;
	static_branch_deferred_inc(&mm_limit_key);

	spin_lock(&acct->lock);
	acct->charging = true;
	none = list_empty(&acct->mms);
	list_for_each_entry(mm, &acct->mms, mm_limit.node)
		raise_gate(&mm->mm_limit);
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
		direct(&mm->mm_limit, NULL);
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
		raise_gate(member);
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
