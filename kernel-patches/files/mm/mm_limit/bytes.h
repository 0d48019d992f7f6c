/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: kernel memory that is charged by the byte, in the fast paths of
 * slab objects (objects.c); the rest is in bytes.c.
 */
#ifndef _MM_LIMIT_BYTES_H
#define _MM_LIMIT_BYTES_H

#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "held.h"

/*
 * Room comes and goes in pages, and it goes only when there are two too many, or with
 * the user's last process or its limit, so that it stays as it is while objects come
 * and go. Bytes change first, then room is looked at: whoever takes room away sees the
 * bytes of those who have seen it.
 */
#define MM_LIMIT_SPARE_ROOM	(2 * (long)PAGE_SIZE)

/*
 * So much in a user's own slabs that no object of its takes is not charged: about as much as
 * that of many small processes. Beyond that its slabs are charged whole, so that it cannot leave
 * one object in each slab, and then go on with another kind.
 */
#define MM_LIMIT_SLACK		SZ_1M

/* Room for so many bytes */
static inline long mm_limit_bytes_needed(const struct mm_limit_held *held)
{
	return max(atomic_long_read(&held->bytes),
		   atomic_long_read(&held->slabs) - MM_LIMIT_SLACK);
}

bool mm_limit_add_room(struct mm_limit_account *acct, gfp_t flags);
void mm_limit_await_later(struct mm_limit_account *acct, long bytes);

/* Inside the unit that mm_limit_charge() describes, both of them */
static __always_inline void mm_limit_bytes_fall(struct mm_limit_account *acct,
						long bytes)
{
	struct mm_limit_held *held = &acct->held;
	long now;

	/* Others may free the rest meanwhile, but the account stays so long. */
	lockdep_assert_preemption_disabled();
	now = atomic_long_sub_return_relaxed(bytes, &held->bytes);
	/* Bytes before room and what keeps it; pairs with mm_limit_settle_room(). */
	smp_mb__after_atomic();
	if (now <= atomic_long_read(&held->room) - MM_LIMIT_SPARE_ROOM ||
	    unlikely(!now && !mm_limit_keeps_room(acct)))
		mm_limit_give_room(acct);
}

static __always_inline bool mm_limit_bytes_grow(struct mm_limit_account *acct,
						long bytes, gfp_t flags)
{
	struct mm_limit_held *held = &acct->held;
	long now = atomic_long_add_return_relaxed(bytes, &held->bytes);

	/* Bytes before room; pairs with the exchange of mm_limit_give_room(). */
	smp_mb__after_atomic();
	if (likely(now <= atomic_long_read(&held->room)))
		return true;
	if (mm_limit_add_room(acct, flags))
		return true;
	mm_limit_bytes_fall(acct, bytes);
	return false;
}

/*
 * A slab that was made for a user has an object of its now. That can be refused, but is to be
 * taken back.
 */
static inline bool mm_limit_slabs_grow(struct mm_limit_account *acct,
				       long bytes, gfp_t flags)
{
	struct mm_limit_held *held = &acct->held;
	long now = atomic_long_add_return(bytes, &held->slabs);

	return now - MM_LIMIT_SLACK <= atomic_long_read(&held->room) ||
	       mm_limit_add_room(acct, flags);
}

/* It has none any more. The bytes of the last one fall after this, which gives room up. */
static inline void mm_limit_slabs_fall(struct mm_limit_account *acct, long bytes)
{
	lockdep_assert_preemption_disabled();
	atomic_long_sub_return(bytes, &acct->held.slabs);
}

/*
 * An object has been freed, but its slab is not as yet. The first one waits for all that come
 * before its callback is called.
 */
static __always_inline void
mm_limit_bytes_fall_later(struct mm_limit_account *acct, long bytes)
{
	if (atomic_long_add_return_relaxed(bytes, &acct->held.later.freed) == bytes)
		mm_limit_await_later(acct, bytes);
}

#endif /* _MM_LIMIT_BYTES_H */
