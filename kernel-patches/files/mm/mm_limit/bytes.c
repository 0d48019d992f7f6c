// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: kernel memory that is no whole page. The bytes are added up, and
 * charged in pages.
 *
 * Objects of caches whose slabs are freed a grace period later (SLAB_TYPESAFE_BY_RCU), such as
 * open files and requests of io_uring, stay charged for as long: a user could fill its limit
 * again and again meanwhile.
 */

#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "bytes.h"
#include "held.h"

/* What was found to be too little is less, or others have made some room. */
static bool needs_less(struct mm_limit_held *held, long pages, long *room)
{
	*room = atomic_long_read(&held->room);
	return PFN_UP(mm_limit_bytes_needed(held)) - PHYS_PFN(*room) < pages;
}

/**
 * mm_limit_add_room - charge whole pages for bytes that have been added
 * @acct: the account
 * @flags: how they were allocated
 *
 * Return: false if they do not fit.
 * Context: inside the unit that mm_limit_charge() describes.
 */
bool mm_limit_add_room(struct mm_limit_account *acct, gfp_t flags)
{
	struct mm_limit_held *held = &acct->held;
	long room = atomic_long_read(&held->room), pages;

	for (;;) {
		pages = PFN_UP(mm_limit_bytes_needed(held)) - PHYS_PFN(room);
		if (pages <= 0)
			return true;
		if (!mm_limit_held_charge(acct, MM_LIMIT_KERNEL, pages, flags)) {
			if (needs_less(held, pages, &room))
				continue;
			return false;
		}
		if (atomic_long_try_cmpxchg(&held->room, &room,
					    room + pages * PAGE_SIZE))
			return true;
		mm_limit_held_uncharge(acct, MM_LIMIT_KERNEL, pages);
	}
}

/**
 * mm_limit_charge_bytes - charge kernel memory that is no page and no object
 * @acct: whom, of the current task's address space
 * @bytes: how much
 * @flags: how it was allocated
 *
 * Return: false if it does not fit.
 * Context: inside the unit that mm_limit_charge() describes.
 */
bool mm_limit_charge_bytes(struct mm_limit_account *acct, long bytes,
			   gfp_t flags)
{
	return mm_limit_bytes_grow(acct, bytes, flags);
}

/**
 * mm_limit_uncharge_bytes - such memory has been freed
 * @acct: whom it was charged to
 * @bytes: how much
 *
 * Context: any.
 */
void mm_limit_uncharge_bytes(struct mm_limit_account *acct, long bytes)
{
	guard(preempt)();
	mm_limit_bytes_fall(acct, bytes);
}

/*
 * Those of the first grace period are uncharged, and the next one is waited for on behalf of
 * what has been freed since. What is still charged keeps the account.
 */
static void grace_period_is_over(struct rcu_head *rcu)
{
	struct mm_limit_later *later =
		container_of(rcu, struct mm_limit_later, rcu);
	struct mm_limit_account *acct =
		container_of(later, struct mm_limit_account, held.later);
	long bytes = later->waiting, more;

	/*
	 * A walk sees both of them changed, or neither; so long the account stays, too. Who
	 * finds nothing more to wait for finds the room.
	 */
	guard(preempt)();
	mm_limit_uncharge_bytes(acct, bytes);
	more = atomic_long_sub_return(bytes, &later->freed);
	if (more) {
		later->waiting = more;
		call_rcu(&later->rcu, grace_period_is_over);
	}
}

/**
 * mm_limit_await_later - have what was freed be uncharged a grace period later
 * @acct: whom it is charged to
 * @bytes: so much, the first since nothing was waited for
 *
 * Context: any, with preemption disabled.
 */
void mm_limit_await_later(struct mm_limit_account *acct, long bytes)
{
	struct mm_limit_later *later = &acct->held.later;

	lockdep_assert_preemption_disabled();

	later->waiting = bytes;
	call_rcu(&later->rcu, grace_period_is_over);
}

static bool has_later(void)
{
	struct mm_limit_account *acct;

	guard(preempt)();
	acct = mm_limit_payer();
	return acct && atomic_long_read(&acct->held.later.freed);
}

/* So long it is waited for, for another user may prolong a grace period. */
#define MM_LIMIT_LATER_WAIT	(HZ / 10)

/**
 * mm_limit_wait_for_later - wait for what the current task's user has freed of such objects
 *
 * Return: whether there was any.
 * Context: process, may sleep.
 */
bool mm_limit_wait_for_later(void)
{
	unsigned long end = jiffies + MM_LIMIT_LATER_WAIT;
	bool any = false;

	while (has_later() && time_before(jiffies, end) &&
	       !fatal_signal_pending(current)) {
		any = true;
		schedule_timeout_killable(1);
	}
	return any;
}

void __mm_limit_settle(void)
{
	if (mm_limit_payer_is_near())
		mm_limit_wait_for_later();
}
