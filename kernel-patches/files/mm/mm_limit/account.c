// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: accounts.
 *
 * Every user has an account; those of limited users are charged. member.c knows which
 * address spaces belong to an account, handover.c changes that without losing a page.
 */

#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "account.h"
#include "enforce.h"

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
	unsigned long spare = min(max / 16UL, (unsigned long)PHYS_PFN(SZ_1M));

	return max - (kind == MM_LIMIT_FILE ? spare : spare / 4);
}

static void set_level(struct mm_limit_account *acct, long level)
{
	bool member = READ_ONCE(acct->counter.pool);

	WRITE_ONCE(acct->level, level);
	WRITE_ONCE(acct->counter.max, member ? MM_LIMIT_SLOW_MAX : level);
	WRITE_ONCE(acct->counter.pool_level,
		   member ? level : MM_LIMIT_SLOW_MAX);
}

static void set_max(struct mm_limit_account *acct, long max, long level)
{
	enum mm_limit_kind kind;

	WRITE_ONCE(acct->max, max);
	set_level(acct, min(max, level));
	for (kind = 0; kind < MM_LIMIT_KINDS; kind++)
		WRITE_ONCE(acct->held.max[kind], mm_limit_held_max(max, kind));
}

/* The user that makes another one now: whose are the uids of the outermost namespace? */
static kuid_t maker_of(kuid_t uid)
{
	struct user_namespace *ns = current_user_ns();

	if (ns == &init_user_ns)
		return uid;
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	return ns->owner;
}

/**
 * mm_limit_user_init - prepare the account of a new user
 * @user: zeroed memory, but for its uid
 *
 * Context: process; the one that needs the user.
 */
void mm_limit_user_init(struct user_struct *user)
{
	struct mm_limit_account *acct = &user->mm_limit;

	set_max(acct, LONG_MAX, LONG_MAX);
	spin_lock_init(&acct->swap.lock);
	acct->swap.max = LONG_MAX;
	acct->swap.max_set = LONG_MAX;
	spin_lock_init(&acct->held.lock);
	init_waitqueue_head(&acct->wait);
	spin_lock_init(&acct->lock);
	acct->maker = maker_of(user->uid);
	INIT_LIST_HEAD(&acct->mms);
	INIT_LIST_HEAD(&acct->members);
	INIT_LIST_HEAD(&acct->pool_node);
	mutex_init(&acct->walk_mutex);
	mutex_init(&acct->reclaim_mutex);
	mutex_init(&acct->limit_mutex);
	mutex_init(&acct->self_mutex);
	ratelimit_state_init(&acct->log, MM_LIMIT_LOG_INTERVAL,
			     MM_LIMIT_LOG_BURST);
	init_waitqueue_head(&acct->pollers);
	INIT_DELAYED_WORK(&acct->tell, mm_limit_tell);
}

/*
 * Usage is highest just before it falls, so the charges that make it fall note the
 * peak. As long as usage stands at its peak nothing needs to be noted.
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

/*
 * What a charge brings about: a peak, room for waiters, a limit that is crossed.
 *
 * The usage was changed with a barrier after it, which pairs with a waiter that queues
 * itself and then reads usage, and with the work, which forgets a crossing and then reads
 * usage: at least one of the two sides sees the other.
 */
static __always_inline void notice(struct mm_limit_account *acct,
				   struct mm_struct *mm, long pages, long usage)
{
	long max;

	if (pages < 0) {
		if (unlikely(usage - pages > READ_ONCE(acct->peak)))
			raise_peak(acct, usage - pages);
		if (unlikely(waitqueue_active(&acct->wait))) /* see above */
			wake_waiters(acct, usage);
		return;
	}
	max = READ_ONCE(acct->max);
	if (usage > max)
		mm_limit_charge_exceeded(acct, mm, usage, usage - pages <= max);
	else if (usage > READ_ONCE(acct->level))
		mm_limit_level_passed(acct, usage, pages);
}

static noinline void charge_pool(struct mm_limit_account *pool,
				 struct mm_struct *mm, long pages)
{
	notice(pool, mm, pages,
	       atomic_long_add_return(pages, &pool->counter.usage));
}

/* An account has been charged, and its pool is going to be. */
static void charged(struct mm_limit_account *acct, struct mm_struct *mm,
		    long pages, long usage)
{
	struct mm_limit_account *pool = READ_ONCE(acct->counter.pool);

	smp_mb__after_atomic(); /* see notice() */
	notice(acct, mm, pages, usage);
	if (unlikely(pool))
		charge_pool(pool, mm, pages);
}

/**
 * mm_limit_account_charge - charge an account
 * @acct: the account
 * @mm: the mm that grows or shrinks
 * @pages: by so many
 *
 * Context: inside the unit that mm_limit_charge() describes, or with the account's
 *	limit_mutex held, so that its pool stays what it is.
 */
void mm_limit_account_charge(struct mm_limit_account *acct,
			     struct mm_struct *mm, long pages)
{
	charged(acct, mm, pages,
		atomic_long_add_return_relaxed(pages, &acct->counter.usage));
}

/**
 * mm_limit_account_refuse - take back a charge that fits the user's limit, not its pool's
 * @acct: the user's account
 * @pages: by so many it has been charged
 *
 * It is no peak. Whoever has seen it may wait for room.
 */
void mm_limit_account_refuse(struct mm_limit_account *acct, long pages)
{
	long usage = atomic_long_sub_return(pages, &acct->counter.usage);

	if (unlikely(waitqueue_active(&acct->wait))) /* see notice() */
		wake_waiters(acct, usage);
}

/**
 * mm_limit_account_charge_swap - charge an account with swap entries
 * @acct: the account
 * @mm: the mm whose entries come or go
 * @pages: so many
 *
 * Context: as with mm_limit_account_charge().
 */
void mm_limit_account_charge_swap(struct mm_limit_account *acct,
				  struct mm_struct *mm, long pages)
{
	long counted = mm_limit_swap_add(acct, pages);

	if (counted)
		mm_limit_account_charge(acct, mm, counted);
}

/**
 * mm_limit_dying - what will be free without another kill
 * @acct: the account
 *
 * That is memory of address spaces that are about to go, and for a while kernel memory
 * of the processes that were killed.
 *
 * Return: pages.
 */
long mm_limit_dying(struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;
	long pages = atomic_long_read(&acct->dying);

	if ((mm_limit_counts_held(acct) || acct->is_pool) &&
	    time_before(jiffies, READ_ONCE(held->dying_until)))
		pages += READ_ONCE(held->dying);
	return pages;
}

/**
 * mm_limit_account_grown - an account has been charged in another way, without its pool
 * @acct: the account
 * @mm: the mm that has grown, or NULL
 * @pages: by so many
 * @usage: the usage after that
 */
void mm_limit_account_grown(struct mm_limit_account *acct,
			    struct mm_struct *mm, long pages, long usage)
{
	smp_mb__after_atomic(); /* see notice() */
	notice(acct, mm, pages, usage);
}

/* A counter whose changes mm_limit_charge() has left to its slow path */
static void charge_special(struct mm_limit_account *acct, struct mm_struct *mm,
			   int counter, long pages)
{
	if (counter == MM_SWAPENTS)
		mm_limit_account_charge_swap(acct, mm, pages);
	else if (!mm_limit_counts_held(acct))
		mm_limit_account_charge(acct, mm, pages);
}

static void change_counter(struct mm_struct *mm, int counter, long pages)
{
	if (counter == MM_LIMIT_TABLES)
		atomic_long_add(pages * mm_limit_table_bytes(), &mm->pgtables_bytes);
	else
		percpu_counter_add(&mm->rss_stat[counter], pages);
}

/* While the mm is handed over, its counters change under the freeze lock. */
static noinline void charge_frozen(struct mm_struct *mm, int counter,
				   long pages)
{
	struct mm_limit_mm *member = &mm->mm_limit;

	spin_lock(&member->freeze_lock);
	if (member->account && mm_limit_is_special(counter))
		charge_special(member->account, mm, counter, pages);
	else if (member->account)
		mm_limit_account_charge(member->account, mm, pages);
	change_counter(mm, counter, pages);
	spin_unlock(&member->freeze_lock);
}

/* Of what __mm_limit_charge() is handed. A shift rounds down, also below zero. */
static __always_inline long pages_of(long pages_and_counter)
{
	BUILD_BUG_ON(MM_LIMIT_TABLES >= MM_LIMIT_COUNTERS);

	return pages_and_counter >> ilog2(MM_LIMIT_COUNTERS);
}

static noinline bool charge_slowly(struct mm_struct *mm, long pages_and_counter,
				   struct mm_limit_counter *target, long usage)
{
	int counter = pages_and_counter & (MM_LIMIT_COUNTERS - 1);
	long pages = pages_of(pages_and_counter);
	struct mm_limit_account *acct;

	lockdep_assert_preemption_disabled();

	if (unlikely(target == &mm->mm_limit.frozen)) {
		charge_frozen(mm, counter, pages);
		return true;
	}
	acct = container_of(target, struct mm_limit_account, counter);
	if (mm_limit_is_special(counter))
		charge_special(acct, mm, counter, pages);
	else
		charged(acct, mm, pages, usage);
	return false;
}

/*
 * The pool has something to tell, its member has not. In this order the arguments leave
 * __mm_limit_charge() registers enough to do without a stack.
 */
static noinline bool pool_grown(long pages, struct mm_struct *mm,
				struct mm_limit_counter *pool, long usage)
{
	mm_limit_account_grown(container_of(pool, struct mm_limit_account,
					    counter),
			       mm, pages, usage);
	return false;
}

/*
 * The slow path of mm_limit_charge(), which has added the pages to @target unless the
 * counter is special. A page of a pool's member takes the shortest way through it.
 */
bool __mm_limit_charge(struct mm_struct *mm, long pages_and_counter,
		       struct mm_limit_counter *target, long usage)
{
	long pages;

	/* Of special counters the second lowest bit is set, which becomes the sign here. */
	BUILD_BUG_ON(MM_SWAPENTS != 2 || MM_SHMEMPAGES != 3 ||
		     MM_LIMIT_TABLES != 4);
	if (unlikely((pages_and_counter |
		      pages_and_counter << (BITS_PER_LONG - 2)) < 0) ||
	    unlikely(usage > READ_ONCE(target->pool_level)))
		return charge_slowly(mm, pages_and_counter, target, usage);

	pages = pages_of(pages_and_counter);
	target = &READ_ONCE(target->pool)->counter;
	usage = atomic_long_add_return_relaxed(pages, &target->usage);
	if (unlikely(usage > READ_ONCE(target->max)))
		return pool_grown(pages, mm, target, usage);
	return false;
}

void __mm_limit_update_tables(struct mm_struct *mm, long bytes)
{
	if (!mm_limit_charge(mm, MM_LIMIT_TABLES, mm_limit_table_pages(bytes)))
		atomic_long_add(bytes, &mm->pgtables_bytes);
}

/**
 * mm_limit_set_max - how many pages an account may have
 * @acct: the account
 * @max: pages
 * @level: pages above which a charge has something to tell, see &mm_limit_levels
 *
 * Charges that are being made may still go by the former figures, see
 * mm_limit_must_settle().
 *
 * Return: whether one of the two is lower than before.
 * Context: process; with the account's limit_mutex held.
 */
bool mm_limit_set_max(struct mm_limit_account *acct, long max, long level)
{
	bool lower = max < acct->max || min(max, level) < acct->level;

	lockdep_assert_held(&acct->limit_mutex);

	set_max(acct, max, level);
	return lower;
}

/**
 * mm_limit_set_level - when a charge has something to tell, without a change of the limit
 * @acct: the account
 * @level: pages
 *
 * If the limit is changed meanwhile, its work does this once more.
 *
 * Context: the limit's work.
 */
void mm_limit_set_level(struct mm_limit_account *acct, long level)
{
	set_level(acct, min(READ_ONCE(acct->max), level));
	smp_mb(); /* pairs with the one in charged() */
}

/**
 * mm_limit_set_swap - how much swap an account may have
 * @acct: the account
 * @free: pages of swap that do not count toward the limit
 * @max: pages of swap
 *
 * Context: process. The caller looks whether the limit is exceeded afterwards.
 */
void mm_limit_set_swap(struct mm_limit_account *acct, long free, long max)
{
	long counted = mm_limit_swap_set(acct, free, max);

	lockdep_assert_held(&acct->limit_mutex);

	if (counted < 0) {
		mm_limit_account_charge(acct, NULL, counted);
		return;
	}
	guard(preempt)();
	atomic_long_add(counted, &acct->counter.usage);
	if (acct->counter.pool)
		charge_pool(acct->counter.pool, NULL, counted);
}
