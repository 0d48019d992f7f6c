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
#include "bytes.h"
#include "enforce.h"
#include "held.h"
#include "reclaim.h"

/* As mm_limit_key, but it stays on for what is still charged. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(mm_limit_held_key, HZ);

/* Stands for the usage of an account that has not been charged */
#define NOT_CHARGED	LONG_MIN

/*
 * The usage, grown by so many pages, if they fit the limit. All at once, so that nobody
 * ever sees a usage that is too high for pages that were refused.
 */
static long try_usage(struct mm_limit_account *acct, enum mm_limit_kind kind,
		      long pages)
{
	long max = READ_ONCE(acct->held.max[kind]);
	long usage = mm_limit_usage(acct);

	do {
		if (usage > max - pages && mm_limit_acts())
			return NOT_CHARGED;
	} while (!atomic_long_try_cmpxchg_relaxed(&acct->counter.usage, &usage,
						  usage + pages));
	return usage + pages;
}

/*
 * Has the user been given time above its limit, in which its processes have to get on?
 * They may have a quarter of the limit in kernel memory then; those of a pool, until it
 * is a quarter above its limit.
 */
static bool has_grace(struct mm_limit_account *acct, enum mm_limit_kind kind,
		      long pages)
{
	long max = READ_ONCE(acct->max), has;
	struct mm_limit *limit;

	has = acct->is_pool ? mm_limit_usage(acct) - max :
			      mm_limit_held_kernel(acct);
	if (kind != MM_LIMIT_KERNEL || has + pages > max / 4)
		return false;

	guard(rcu)();
	limit = rcu_dereference(acct->limit);
	return limit && READ_ONCE(limit->enforce.state) == MM_LIMIT_GRACE;
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

/* The usage, grown although the pages do not fit, unless they are refused */
static noinline long force_usage(struct mm_limit_account *acct,
				 enum mm_limit_kind kind, long pages, gfp_t gfp)
{
	if (mm_limit_held_forced(gfp) || has_grace(acct, kind, pages))
		return atomic_long_add_return(pages, &acct->counter.usage);
	return NOT_CHARGED;
}

static noinline void count_refusal(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;

	guard(spinlock_irqsave)(&held->lock);
	held->refused++;
}

/* Charge one of the two accounts. Return: whether the pages fit, or may not be refused. */
static __always_inline bool charge_usage(struct mm_limit_account *acct,
					 enum mm_limit_kind kind, long pages,
					 gfp_t gfp)
{
	long usage = try_usage(acct, kind, pages);

	if (unlikely(usage == NOT_CHARGED))
		usage = force_usage(acct, kind, pages, gfp);
	if (unlikely(usage == NOT_CHARGED))
		return false;
	if (unlikely(usage > READ_ONCE(acct->level)))
		mm_limit_account_grown(acct, current->mm, pages, usage);
	return true;
}

/* Charge the pool of a user that has been charged, or take that back. */
static noinline bool charge_pool_too(struct mm_limit_account *pool,
				     struct mm_limit_account *acct,
				     enum mm_limit_kind kind, long pages,
				     gfp_t gfp)
{
	if (charge_usage(pool, kind, pages, gfp))
		return true;
	/* For a moment the user had more than it has, but no other member. */
	mm_limit_account_refuse(acct, pages);
	count_refusal(acct);
	count_refusal(pool);
	return false;
}

/* Charge a user, and its pool if it has one, or neither. */
static __always_inline bool charge_usages(struct mm_limit_account *acct,
					  enum mm_limit_kind kind, long pages,
					  gfp_t gfp)
{
	struct mm_limit_account *pool = READ_ONCE(acct->counter.pool);

	if (unlikely(!charge_usage(acct, kind, pages, gfp))) {
		count_refusal(acct);
		return false;
	}
	return likely(!pool) || charge_pool_too(pool, acct, kind, pages, gfp);
}

/**
 * mm_limit_held_charge - charge pages
 * @acct: the account, of the current task's address space
 * @kind: what they are
 * @pages: how many
 * @gfp: how they were allocated: some may not fail
 *
 * Return: false if they do not fit.
 * Context: inside the unit that mm_limit_charge() describes.
 */
bool mm_limit_held_charge(struct mm_limit_account *acct,
			  enum mm_limit_kind kind, long pages, gfp_t gfp)
{
	struct mm_limit_held *held = &acct->held;
	long total = atomic_long_read(&held->total);
	bool counted = false;

	lockdep_assert_preemption_disabled();

	do {
		/* A limit that is removed may count them no more meanwhile. */
		if (!counted && (total & MM_LIMIT_COUNTED)) {
			if (unlikely(!charge_usages(acct, kind, pages, gfp)))
				return false;
			counted = true;
		}
	} while (!atomic_long_try_cmpxchg_relaxed(&held->total, &total,
						  total + pages * MM_LIMIT_HELD_PAGE));

	if (kind == MM_LIMIT_KERNEL)
		atomic_long_add(pages, &held->kernel);
	return true;
}

/* Nothing is charged any more; if no limit keeps it either, the account may go. */
static noinline void uncharged_last(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;
	bool kept = false, keyed = false;

	scoped_guard(spinlock_irqsave, &held->lock) {
		if (!mm_limit_held(acct)) {
			kept = held->kept;
			held->kept = false;
			keyed = held->keyed && !held->charging;
			held->keyed &= !keyed;
		}
	}
	if (keyed)
		static_branch_slow_dec_deferred(&mm_limit_held_key);
	if (keyed || kept)
		free_uid(mm_limit_account_user(acct));
}

/**
 * mm_limit_held_keeps - does what a user holds keep its account?
 * @acct: its account, whose limit goes with the user, and whose user nothing else has a
 *	reference on
 *
 * If so, it has one from now on.
 *
 * Context: any.
 */
bool mm_limit_held_keeps(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;

	guard(spinlock_irqsave)(&held->lock);
	/* Whoever uncharges the last of it from here on sees both. */
	held->kept = held->charging && mm_limit_held(acct);
	if (held->kept)
		refcount_set(&mm_limit_account_user(acct)->__count, 1);
	return held->kept;
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
	long total;

	/* The unit that mm_limit_charge() describes; and the account's memory stays. */
	guard(preempt)();
	if (kind == MM_LIMIT_KERNEL)
		atomic_long_sub(pages, &held->kernel);
	total = atomic_long_sub_return(pages * MM_LIMIT_HELD_PAGE, &held->total);
	if (total & MM_LIMIT_COUNTED)
		mm_limit_account_charge(acct, NULL, -pages);
	if (unlikely(total < MM_LIMIT_HELD_PAGE))
		uncharged_last(acct);
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
		kept = PFN_UP(mm_limit_bytes_needed(held)) * PAGE_SIZE;
		if (room <= kept)
			return;
		if (!atomic_long_try_cmpxchg(&held->room, &room, kept))
			continue;
		if (mm_limit_bytes_needed(held) <= kept)
			break;
		/*
		 * Somebody counts on it since. If it has been given back meanwhile,
		 * nobody but us has seen this room.
		 */
		room = atomic_long_add_return(room - kept, &held->room);
	}
	mm_limit_held_uncharge(acct, MM_LIMIT_KERNEL, PHYS_PFN(room - kept));
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

static bool is_near(struct mm_limit_account *acct)
{
	return mm_limit_usage(acct) >
	       READ_ONCE(acct->held.max[MM_LIMIT_KERNEL]) - MM_LIMIT_FORK_PAGES;
}

/* So long a fork waits for one; another user may prolong it. */
#define MM_LIMIT_FORK_WAIT	(HZ / 10)

static void wait_for_grace_period(void)
{
	unsigned long period = start_poll_synchronize_rcu();
	unsigned long end = jiffies + MM_LIMIT_FORK_WAIT;

	while (!poll_state_synchronize_rcu(period) &&
	       time_before(jiffies, end) && !fatal_signal_pending(current))
		schedule_timeout_killable(1);
}

/**
 * mm_limit_payer_is_near - is the current task's user near its limit, or its pool?
 *
 * Return: whether what a fork takes of kernel memory may be too much.
 * Context: any.
 */
bool mm_limit_payer_is_near(void)
{
	struct mm_limit_account *acct, *pool;

	guard(preempt)();
	acct = mm_limit_payer();
	if (!acct || !mm_limit_counts_held(acct))
		return false;
	pool = READ_ONCE(acct->counter.pool);
	return is_near(acct) || (pool && is_near(pool));
}

/*
 * What the last processes had is freed a grace period after they are gone. Near the limit the
 * next one waits for that, rather than to be refused. Called without a lock.
 */
void __mm_limit_fork(void)
{
	if (mm_limit_payer_is_near())
		wait_for_grace_period();
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

	scoped_guard(spinlock_irq, &held->lock) {
		had_key = held->keyed;
		held->keyed = true;
		held->charging = true;
	}
	if (READ_ONCE(mm_limit_count) == MM_LIMIT_COUNT_HELD) {
		long total;

		guard(preempt)();
		total = atomic_long_fetch_or(MM_LIMIT_COUNTED, &held->total);
		mm_limit_account_charge(acct, NULL, total / MM_LIMIT_HELD_PAGE);
	}
	if (had_key) {
		static_branch_slow_dec_deferred(&mm_limit_held_key);
		free_uid(mm_limit_account_user(acct));
	}
}

/**
 * mm_limit_held_uncount - what a user has been charged no longer counts
 * @acct: its account
 *
 * Charges and uncharges that are being made may still change the usage.
 *
 * Context: process.
 */
void mm_limit_held_uncount(struct mm_limit_account *acct)
{
	lockdep_assert_held(&acct->limit_mutex);

	atomic_long_andnot(MM_LIMIT_COUNTED, &acct->held.total);
}

/**
 * mm_limit_held_stop - charge no more of what a user allocates
 * @acct: its account; no charge to it is being made any more
 *
 * What is still charged keeps the account.
 *
 * Context: process, with a reference on the user.
 */
void mm_limit_held_stop(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;
	bool had_one;

	lockdep_assert_held(&acct->limit_mutex);

	get_uid(mm_limit_account_user(acct));
	scoped_guard(spinlock_irq, &held->lock) {
		held->charging = false;
		had_one = held->kept;
		held->kept = false;
	}
	if (had_one)
		free_uid(mm_limit_account_user(acct));
	if (!mm_limit_held(acct))
		uncharged_last(acct);
	mm_limit_settle_room(acct);
}

/**
 * mm_limit_held_leave - a user that has gone, and that is charged nothing, is charged no more
 * @acct: its account
 *
 * Context: process.
 */
void mm_limit_held_leave(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;

	lockdep_assert_held(&acct->limit_mutex);

	mm_limit_held_uncount(acct);
	scoped_guard(spinlock_irq, &held->lock) {
		held->charging = false;
		held->keyed = false;
	}
	static_branch_slow_dec_deferred(&mm_limit_held_key);
}
