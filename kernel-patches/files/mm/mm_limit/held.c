// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what a user makes the kernel hold beside its address spaces.
 *
 * Files that are in memory only, and kernel memory, are charged to the owner of the
 * address space whose thread allocates them, and stay charged until they are freed, by
 * whomever and whenever: also after the user's last process, and after its limit. What
 * was allocated before the user had a limit is not charged.
 *
 * An allocation that does not fit the limit fails. Nobody is killed for it.
 */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "account.h"
#include "enforce.h"
#include "held.h"
#include "reclaim.h"

/* As mm_limit_key, but it stays on for what is still charged. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(mm_limit_held_key, HZ);

/**
 * mm_limit_held_max - how much a user may have, what is charged here included
 * @max: its limit, in pages
 * @kind: what is about to be charged
 *
 * What is refused leaves room for page faults, which cannot be, so that nobody is killed
 * for the next one: a user whose files fill its limit can still remove them.
 *
 * Return: pages, fewer by a sixteenth or at most 1 MiB for files, and by a quarter of
 * that for kernel memory.
 */
long mm_limit_held_max(long max, enum mm_limit_kind kind)
{
	long spare = min(max / 16, (long)(SZ_1M >> PAGE_SHIFT));

	return max - (kind == MM_LIMIT_FILE ? spare : spare / 4);
}

/*
 * The usage, grown by so many pages, or 0 if they do not fit the limit. All at once, so
 * that nobody ever sees a usage that is too high for pages that were refused.
 */
static long try_usage(struct mm_limit_account *acct, enum mm_limit_kind kind,
		      long pages)
{
	long max = mm_limit_held_max(READ_ONCE(acct->max), kind);
	long usage = mm_limit_usage(acct);

	do {
		if (usage > max - pages && mm_limit_acts())
			return 0;
	} while (!atomic_long_try_cmpxchg_relaxed(&acct->counter.usage, &usage,
						  usage + pages));
	return usage + pages;
}

/*
 * Has the user been given time above its limit, in which its processes have to get on?
 * They may have a quarter of the limit in kernel memory then.
 */
static bool has_grace(struct mm_limit_account *acct, enum mm_limit_kind kind,
		      long pages)
{
	struct mm_limit *limit;

	if (kind != MM_LIMIT_KERNEL ||
	    acct->held.kernel + pages > READ_ONCE(acct->max) / 4)
		return false;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	return limit && READ_ONCE(limit->enforce.state) == MM_LIMIT_GRACE;
}

/*
 * Keep the user while anything is charged. Whoever charges has a reference of
 * another kind, so the total can come from 0 at any time.
 */
static bool add_total(struct mm_limit_account *acct, long pages)
{
	struct mm_limit_held *held = &acct->held;
	long before = held->total;

	lockdep_assert_held(&held->lock);

	held->total += pages;
	if (!before && held->total)
		get_uid(mm_limit_account_user(acct));
	return before && !held->total;
}

/* The last charge is gone, and no new one comes. */
static bool has_done_with_key(struct mm_limit_held *held)
{
	bool done = held->keyed && !held->charging && !held->total;

	lockdep_assert_held(&held->lock);

	if (done)
		held->keyed = false;
	return done;
}

/* What add_total() and has_done_with_key() have found, without the lock */
static void let_go(struct mm_limit_account *acct, bool user, bool key)
{
	if (key)
		static_branch_slow_dec_deferred(&mm_limit_held_key);
	if (user)
		free_uid(mm_limit_account_user(acct));
}

static long *part_of(struct mm_limit_held *held, enum mm_limit_kind kind)
{
	return kind == MM_LIMIT_FILE ? &held->file : &held->kernel;
}

/**
 * mm_limit_held_charge - charge pages
 * @acct: the account
 * @kind: what they are
 * @pages: how many
 * @force: even if they do not fit the limit
 *
 * Return: false if they do not fit.
 * Context: with preemption disabled, or with a reference on the user.
 */
bool mm_limit_held_charge(struct mm_limit_account *acct,
			  enum mm_limit_kind kind, long pages, bool force)
{
	struct mm_limit_held *held = &acct->held;
	unsigned long flags;
	bool fits = true;
	long usage = 0;

	spin_lock_irqsave(&held->lock, flags);
	if (held->counted) {
		usage = try_usage(acct, kind, pages);
		fits = usage;
		force |= !fits && has_grace(acct, kind, pages);
	}
	if (!fits && force)
		usage = atomic_long_add_return(pages, &acct->counter.usage);
	else if (!fits)
		held->refused++;
	if (fits || force) {
		*part_of(held, kind) += pages;
		add_total(acct, pages);
	}
	spin_unlock_irqrestore(&held->lock, flags);

	if (usage)
		mm_limit_account_grown(acct, current->mm, pages, usage);
	return fits || force;
}

/**
 * mm_limit_held_uncharge - pages have been freed
 * @acct: the account
 * @kind: what they were
 * @pages: how many
 *
 * Context: any.
 */
void mm_limit_held_uncharge(struct mm_limit_account *acct,
			    enum mm_limit_kind kind, long pages)
{
	struct mm_limit_held *held = &acct->held;
	unsigned long flags;
	bool user, key;

	spin_lock_irqsave(&held->lock, flags);
	*part_of(held, kind) -= pages;
	user = add_total(acct, -pages);
	/* Under the lock, for the account may go with the next uncharge. */
	if (held->counted)
		mm_limit_account_charge(acct, NULL, -pages);
	key = has_done_with_key(held);
	spin_unlock_irqrestore(&held->lock, flags);
	let_go(acct, user, key);
}

/**
 * mm_limit_keeps_room - does an account keep room for objects that it has not?
 * @acct: the account
 */
bool mm_limit_keeps_room(struct mm_limit_account *acct)
{
	return READ_ONCE(acct->nr_mms) && READ_ONCE(acct->held.charging);
}

/**
 * mm_limit_give_room - give up what an account is charged beyond its slab objects
 * @acct: the account, which may have gone, with all of its room, but not its memory
 *
 * Context: any; a read-side critical section of RCU, or a reference on the user.
 */
void mm_limit_give_room(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;
	long room = atomic_long_read(&held->room), kept;

	for (;;) {
		kept = PFN_UP(atomic_long_read(&held->bytes)) * PAGE_SIZE;
		if (room <= kept)
			return;
		if (atomic_long_try_cmpxchg(&held->room, &room, kept))
			break;
	}
	/* Somebody may count on it since. */
	if (atomic_long_read(&held->bytes) > kept)
		atomic_long_add(room - kept, &held->room);
	else
		mm_limit_held_uncharge(acct, MM_LIMIT_KERNEL,
				       PHYS_PFN(room - kept));
}

/**
 * mm_limit_settle_room - a user's last process has gone, or its limit
 * @acct: its account
 *
 * Context: any, with a reference on the user.
 */
void mm_limit_settle_room(struct mm_limit_account *acct)
{
	/* Pairs with the atomic operation of uncharge_bytes(). */
	smp_mb();
	if (!mm_limit_keeps_room(acct))
		mm_limit_give_room(acct);
}

/* So many pages a fork takes of kernel memory, at most. */
#define MM_LIMIT_FORK_PAGES	(SZ_64K >> PAGE_SHIFT)

/*
 * What the last processes had is freed a grace period after they are gone. Near the limit the
 * next one waits for that, rather than to be refused. Called without a lock.
 */
void __mm_limit_fork(void)
{
	struct mm_limit_account *acct;
	bool near = false;

	preempt_disable();
	acct = mm_limit_payer();
	if (acct && READ_ONCE(acct->held.counted))
		near = mm_limit_usage(acct) >
		       mm_limit_held_max(READ_ONCE(acct->max),
					 MM_LIMIT_KERNEL) -
			       MM_LIMIT_FORK_PAGES;
	preempt_enable();
	if (near)
		synchronize_rcu();
}

/**
 * mm_limit_held_forced - must an allocation of the current task not fail for a limit?
 * @gfp: how it is made
 */
bool mm_limit_held_forced(gfp_t gfp)
{
	return (gfp & __GFP_NOFAIL) ||
	       (current->mm_limit_scope & MM_LIMIT_SCOPE_FORCE);
}

/**
 * mm_limit_held_start - charge what a user allocates from now on
 * @acct: its account, whose usage has been set to 0
 *
 * What is still charged from before counts again.
 *
 * Context: process.
 */
void mm_limit_held_start(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;
	bool had_key;

	lockdep_assert_held(&acct->limit_mutex);

	static_branch_deferred_inc(&mm_limit_held_key);

	spin_lock_irq(&held->lock);
	had_key = held->keyed;
	held->keyed = true;
	held->charging = true;
	held->counted = READ_ONCE(mm_limit_count) == MM_LIMIT_COUNT_HELD;
	if (held->counted)
		mm_limit_account_charge(acct, NULL, held->total);
	spin_unlock_irq(&held->lock);

	if (had_key)
		static_branch_slow_dec_deferred(&mm_limit_held_key);
}

/**
 * mm_limit_held_stop - charge no more of what a user allocates
 * @acct: its account; no charge to it is being made any more
 *
 * Context: process.
 */
void mm_limit_held_stop(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;
	bool key;

	lockdep_assert_held(&acct->limit_mutex);

	spin_lock_irq(&held->lock);
	held->charging = false;
	held->counted = false;
	key = has_done_with_key(held);
	spin_unlock_irq(&held->lock);
	let_go(acct, false, key);
	mm_limit_settle_room(acct);
}
