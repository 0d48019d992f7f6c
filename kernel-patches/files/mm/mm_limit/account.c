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
 * 2. Once each CPU has been through a moment with preemption enabled, each
 *    change of its counters, along with its mm_limit_charge(), has seen the mark
 *    and holds the gate.
 * 3. With the gate held, the counters are summed, the sum is charged, and
 *    the mm's charges are directed to their new account.
 *
 * Step 2 is no RCU grace period: a user could prolong that at will, by readers
 * that are preempted, and so keep whoever waits for it.
 */

#include <linux/cpu.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/stop_machine.h>

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
	mutex_init(&acct->self_mutex);
	ratelimit_state_init(&acct->log, MM_LIMIT_LOG_INTERVAL,
			     MM_LIMIT_LOG_BURST);
	init_waitqueue_head(&acct->pollers);
	INIT_DELAYED_WORK(&acct->tell, mm_limit_tell);
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
	mutex_destroy(&acct->self_mutex);
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

static int pass(void *unused)
{
	return 0;
}

/*
 * Wait until every charge that has begun is over. Charges are made with preemption
 * disabled, so a CPU on which the highest priority task has run is in none that
 * began before. That takes microseconds, whatever users do.
 */
static void wait_for_charges(void)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		stop_one_cpu(cpu, pass, NULL);
	cpus_read_unlock();
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

	lockdep_assert_preemption_disabled();

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

/**
 * mm_limit_charged_account - the account that an mm is charged to
 * @mm: the mm
 *
 * Return: the account, for as long as preemption is disabled; NULL: none, or it is
 * being handed over.
 * Context: with preemption disabled.
 */
struct mm_limit_account *mm_limit_charged_account(struct mm_struct *mm)
{
	struct mm_limit_counter *counter = READ_ONCE(mm->mm_limit.charged);

	lockdep_assert_preemption_disabled();

	if (!counter || counter == &mm->mm_limit.gated)
		return NULL;
	return container_of(counter, struct mm_limit_account, counter);
}

void __mm_limit_swapped_out(struct mm_struct *mm)
{
	struct mm_limit_account *acct = mm_limit_charged_account(mm);

	if (!acct)
		return;
	spin_lock(&acct->swap.lock);
	acct->swap.outs++;
	spin_unlock(&acct->swap.lock);
}

void __mm_limit_refaulted(struct mm_struct *mm, long pages)
{
	struct mm_limit_account *acct = mm_limit_charged_account(mm);

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

	preempt_disable();
	acct = mm_limit_charged_account(mm);
	if (acct)
		mm_limit_swap_stall(acct, began);
	preempt_enable();
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

/* Numbers hand-overs, so that each is ended by whoever has waited for it. */
static atomic_t handover_number;

/*
 * Once wait_for_charges() has returned, whoever changes a counter holds the gate.
 * Raised anew, by another hand-over, it is that one's.
 */
static void raise_gate(struct mm_limit_mm *member, int handover)
{
	spin_lock(&member->gate);
	member->handover = handover;
	atomic_long_set(&member->gated.usage, 0);
	WRITE_ONCE(member->charged, &member->gated);
	spin_unlock(&member->gate);
}

static bool is_gated_by(const struct mm_limit_mm *member, int handover)
{
	return member->charged == &member->gated &&
	       member->handover == handover;
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
	spin_lock_init(&mm->mm_limit.tasks_lock);
	INIT_LIST_HEAD(&mm->mm_limit.tasks);
}

/* The killer's walk over the list goes on without this one. */
static void unlist(struct mm_limit_account *acct, struct mm_limit_mm *member)
{
	lockdep_assert_held(&acct->lock);

	mm_limit_step_over(acct, member);
	list_del(&member->node);
	acct->nr_mms--;
}

static void enlist(struct mm_limit_account *acct, struct mm_limit_mm *member)
{
	lockdep_assert_held(&acct->lock);

	list_add_tail(&member->node, &acct->mms);
	acct->nr_mms++;
}

/*
 * A copy belongs to whom the original belongs to; the memory of a new program to
 * the real uid that starts it. With a reference.
 */
static struct mm_limit_account *first_owner(struct task_struct *task)
{
	struct user_struct *user;

	if (task != current && current->mm)
		return mm_limit_get_owner(current->mm);
	user = rcu_dereference_protected(task->real_cred, true)->user;
	return &get_uid(user)->mm_limit;
}

/**
 * mm_limit_attach - a new address space joins its owner's account
 * @mm: the mm; nobody else can see it yet
 * @task: the task that will use it: the current one in an exec, its child in a
 *	fork, which copies the current one's mm
 */
void mm_limit_attach(struct mm_struct *mm, struct task_struct *task)
{
	struct mm_limit_account *acct = first_owner(task);
	long pages;

	/* Some machines have allocated tables along with the pgd. */
	pages = table_pages(mm_pgtables_bytes(mm));

	spin_lock(&acct->lock);
	mm->mm_limit.owner = acct;
	/* Until the exec is over, whoever makes it stands for it. */
	if (task == current)
		mm->mm_limit.copy_of = current->mm;
	if (acct->charging) {
		direct(&mm->mm_limit, acct);
		if (pages)
			charge(acct, mm, pages);
	}
	enlist(acct, &mm->mm_limit);
	spin_unlock(&acct->lock);
}

/**
 * mm_limit_join - a thread begins to use an address space
 * @task: the thread
 * @mm: its mm
 *
 * Context: process, maybe with task_lock() held.
 */
void mm_limit_join(struct task_struct *task, struct mm_struct *mm)
{
	spin_lock(&mm->mm_limit.tasks_lock);
	list_add_tail(&task->mm_limit_node, &mm->mm_limit.tasks);
	spin_unlock(&mm->mm_limit.tasks_lock);
}

/**
 * mm_limit_leave - a thread no longer uses an address space
 * @task: the thread
 * @mm: the mm
 *
 * Context: process, maybe with task_lock() held.
 */
void mm_limit_leave(struct task_struct *task, struct mm_struct *mm)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	/* It has only borrowed the mm. */
	if (task->flags & PF_KTHREAD)
		return;
	spin_lock(&member->tasks_lock);
	if (member->next == &task->mm_limit_node)
		member->next = member->next->next;
	list_del(&task->mm_limit_node);
	spin_unlock(&member->tasks_lock);
}

/**
 * mm_limit_exec - a thread has exchanged its address space
 * @task: the thread
 * @old: what it used before, or NULL
 * @mm: what it uses now
 *
 * Context: process, with task_lock() held.
 */
void mm_limit_exec(struct task_struct *task, struct mm_struct *old,
		   struct mm_struct *mm)
{
	if (old)
		mm_limit_leave(task, old);
	mm_limit_join(task, mm);
	mm_limit_copy_end(mm);
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
	unlist(acct, member);
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
 * Step 3 of handing over: charge the owner, if it is charged at all. The counters
 * are still while the gate is held, for the mm is gated and has been for long
 * enough. Another hand-over may have come in between, and ends it then.
 */
static void hand_over(struct mm_struct *mm, int handover)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_limit_account *from, *to;
	long pages, swap;

	spin_lock(&member->gate);
	if (member->owner && is_gated_by(member, handover)) {
		pages = mm_limit_mm_resident(mm);
		swap = mm_limit_mm_swap(mm);
		from = member->account;
		/* Who ends charging does so before it takes the gate. */
		to = READ_ONCE(member->owner->charging) ? member->owner : NULL;
		direct(member, to);
		if (from && from != to) {
			charge(from, mm, -pages);
			charge_swap(from, mm, -swap);
		}
		if (to && from != to) {
			charge(to, mm, pages);
			charge_swap(to, mm, swap);
		}
	}
	spin_unlock(&member->gate);
}

/*
 * The first mm of an account that this hand-over has gated, with a reference, moved
 * behind those that are done; NULL when all are.
 */
static struct mm_struct *next_gated(struct mm_limit_account *acct, int handover)
{
	struct mm_struct *mm, *found = NULL;

	spin_lock(&acct->lock);
	while (!found) {
		mm = list_first_entry_or_null(&acct->mms, struct mm_struct,
					      mm_limit.node);
		if (!mm || !is_gated_by(&mm->mm_limit, handover))
			break;
		mm_limit_step_over(acct, &mm->mm_limit);
		list_move_tail(&mm->mm_limit.node, &acct->mms);
		if (atomic_inc_not_zero(&mm->mm_count)) {
			found = mm;
			break;
		}
		/* It is about to be detached, without a page. */
		spin_lock(&mm->mm_limit.gate);
		direct(&mm->mm_limit, NULL);
		spin_unlock(&mm->mm_limit.gate);
	}
	spin_unlock(&acct->lock);
	return found;
}

/**
 * mm_limit_set_max - how many pages an account may have
 * @acct: the account
 * @max: pages
 * @threshold: pages above which memory is reclaimed
 *
 * Charges that are being made may still go by the former figures, see
 * mm_limit_settle_max().
 *
 * Return: whether one of the two is lower than before.
 * Context: process; with the account's mutex held.
 */
bool mm_limit_set_max(struct mm_limit_account *acct, long max, long threshold)
{
	bool lower = max < acct->max || min(max, threshold) < acct->counter.max;

	lockdep_assert_held(&acct->mutex);

	WRITE_ONCE(acct->max, max);
	WRITE_ONCE(acct->counter.max, min(max, threshold));
	return lower;
}

/**
 * mm_limit_settle_max - see the end of charges that go by former figures
 * @acct: the account
 *
 * On return each charge either has seen what mm_limit_set_max() has set, or is in
 * the usage.
 *
 * Context: process.
 */
void mm_limit_settle_max(struct mm_limit_account *acct)
{
	if (READ_ONCE(acct->charging) && !list_empty_careful(&acct->mms))
		wait_for_charges();
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
 * Context: process.
 */
void mm_limit_start_charging(struct mm_limit_account *acct)
{
	int handover = atomic_inc_return(&handover_number);
	struct mm_struct *mm;
	bool none;

	lockdep_assert_held(&acct->mutex);

	atomic_long_set(&acct->counter.usage, 0);
	acct->swap.usage = 0;
	acct->swap.outs = 0;
	acct->swap.refaults = 0;
	acct->peak = 0;
	static_branch_deferred_inc(&mm_limit_key);

	spin_lock(&acct->lock);
	WRITE_ONCE(acct->charging, true);
	none = list_empty(&acct->mms);
	list_for_each_entry(mm, &acct->mms, mm_limit.node)
		raise_gate(&mm->mm_limit, handover);
	spin_unlock(&acct->lock);
	if (none)
		return;

	wait_for_charges();

	while ((mm = next_gated(acct, handover))) {
		hand_over(mm, handover);
		mmdrop(mm);
		cond_resched();
	}
}

/**
 * mm_limit_stop_charging - leave a user's address spaces uncharged
 * @acct: the account
 *
 * On return no charge to it is being made any more.
 *
 * Context: process.
 */
void mm_limit_stop_charging(struct mm_limit_account *acct)
{
	struct mm_struct *mm;

	lockdep_assert_held(&acct->mutex);

	spin_lock(&acct->lock);
	WRITE_ONCE(acct->charging, false);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		spin_lock(&mm->mm_limit.gate);
		direct(&mm->mm_limit, NULL);
		spin_unlock(&mm->mm_limit.gate);
	}
	spin_unlock(&acct->lock);

	wait_for_charges();
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
 * Neither is held while waiting for the other.
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

/* In an order that all agree on */
static void lock_lists(struct mm_limit_account *a, struct mm_limit_account *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	spin_lock_nested(&b->lock, SINGLE_DEPTH_NESTING);
}

static void unlock_lists(struct mm_limit_account *a, struct mm_limit_account *b)
{
	spin_unlock(&a->lock);
	spin_unlock(&b->lock);
}

static void move_mm(struct mm_struct *mm, struct mm_limit_account *from,
		    struct mm_limit_account *to)
{
	int handover = atomic_inc_return(&handover_number);
	struct mm_limit_mm *member = &mm->mm_limit;
	bool moved, charged = false;

	lock_lists(from, to);
	/* Another process that shares the mm may have been faster. */
	moved = member->owner == from;
	if (moved) {
		forget_dying(from, member);
		unlist(from, member);
		enlist(to, member);
		get_uid(mm_limit_account_user(to));
		charged = from->charging || to->charging;
		if (charged)
			raise_gate(member, handover);
		spin_lock(&member->gate);
		member->owner = to;
		spin_unlock(&member->gate);
	}
	unlock_lists(from, to);

	if (charged) {
		wait_for_charges();
		hand_over(mm, handover);
	}
	if (moved)
		free_uid(mm_limit_account_user(from));
}

/* Does a process of another user have this mm, too? */
static bool shared_by_others(struct mm_struct *mm)
{
	struct task_struct *p;
	bool shared = false;

	spin_lock(&mm->mm_limit.tasks_lock);
	list_for_each_entry(p, &mm->mm_limit.tasks, mm_limit_node) {
		shared = !same_thread_group(p, current) &&
			 !uid_eq(task_uid(p), current_uid());
		if (shared)
			break;
	}
	spin_unlock(&mm->mm_limit.tasks_lock);
	return shared;
}

/**
 * mm_limit_change_owner - the current task has changed its real uid
 * @user: its new user
 *
 * The address space goes along from a user that can have no limit, as at a login
 * or where a daemon gives up its privilege. Memory of any other user stays on its
 * account, as that of a set-user-ID program does that becomes whom it serves;
 * otherwise users could get rid of memory, at others' cost. It also stays where
 * it is while processes of several users share it. A child of vfork() only
 * borrows its parent's.
 *
 * Context: process.
 */
void mm_limit_change_owner(struct user_struct *user)
{
	struct mm_limit_account *from, *to = &user->mm_limit;
	struct mm_struct *mm = current->mm;

	if (!mm || !thread_group_leader(current) || in_vfork(current))
		return;

	from = mm_limit_get_owner(mm);
	/* One that is limited, as vm.mm_limit_min_uid was raised since, keeps it. */
	if (from != to && mm_limit_is_exempt(mm_limit_account_user(from)->uid) &&
	    !READ_ONCE(from->charging) && !shared_by_others(mm))
		move_mm(mm, from, to);
	free_uid(mm_limit_account_user(from));
}
