// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: pools, accounts that many users are charged to.
 *
 * A member of a pool has its own account as any user, and each of its charges goes to
 * the pool's, too. A pool has no address spaces: what its killer looks at are those of
 * its members.
 */

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "account.h"

/**
 * mm_limit_get_pool - the pool that a user is a member of
 * @acct: the user's account
 *
 * Return: the pool's account, with a reference on its user; NULL: none.
 * Context: any.
 */
struct mm_limit_account *mm_limit_get_pool(struct mm_limit_account *acct)
{
	struct mm_limit_account *pool;

	guard(rcu)();
	pool = READ_ONCE(acct->counter.pool);
	if (pool &&
	    !refcount_inc_not_zero(&mm_limit_account_user(pool)->__count))
		pool = NULL;
	return pool;
}

/**
 * mm_limit_enter_pool - a user becomes a member of a pool
 * @acct: the user's account, of which nothing is charged
 * @pool: the pool's
 *
 * Context: process.
 */
void mm_limit_enter_pool(struct mm_limit_account *acct,
			 struct mm_limit_account *pool)
{
	lockdep_assert_held(&acct->limit_mutex);

	get_uid(mm_limit_account_user(pool));
	spin_lock(&acct->lock);
	spin_lock_nested(&pool->lock, SINGLE_DEPTH_NESTING);
	list_add_tail(&acct->pool_node, &pool->members);
	pool->nr_members++;
	WRITE_ONCE(acct->counter.pool, pool);
	atomic_long_add(atomic_long_read(&acct->dying), &pool->dying);
	spin_unlock(&pool->lock);
	spin_unlock(&acct->lock);
	mm_limit_set_level(acct, READ_ONCE(acct->level));
}

/**
 * mm_limit_leave_pool - a user is no longer a member of its pool
 * @acct: the user's account, of which nothing is charged
 *
 * Context: process.
 */
void mm_limit_leave_pool(struct mm_limit_account *acct)
{
	struct mm_limit_account *pool = acct->counter.pool;

	lockdep_assert_held(&acct->limit_mutex);

	if (!pool)
		return;
	spin_lock(&acct->lock);
	spin_lock_nested(&pool->lock, SINGLE_DEPTH_NESTING);
	list_del_init(&acct->pool_node);
	pool->nr_members--;
	WRITE_ONCE(acct->counter.pool, NULL);
	atomic_long_sub(atomic_long_read(&acct->dying), &pool->dying);
	spin_unlock(&pool->lock);
	spin_unlock(&acct->lock);
	mm_limit_set_level(acct, READ_ONCE(acct->level));
	/* Its threads need not wait for that any more. */
	wake_up_all(&pool->wait);
	free_uid(mm_limit_account_user(pool));
}

/* The member behind another one, with a reference; users that have gone are left out. */
static struct mm_limit_account *next_member(struct mm_limit_account *pool,
					    struct mm_limit_account *member)
{
	struct mm_limit_account *next = NULL;
	struct list_head *node;

	spin_lock(&pool->lock);
	/* One that has left meanwhile has no place in the list. */
	node = member ? &member->pool_node : &pool->members;
	if (!member || member->counter.pool == pool)
		list_for_each_continue(node, &pool->members) {
			next = list_entry(node, struct mm_limit_account,
					  pool_node);
			if (refcount_inc_not_zero(&mm_limit_account_user(next)->__count))
				break;
			next = NULL;
		}
	spin_unlock(&pool->lock);
	if (member)
		free_uid(mm_limit_account_user(member));
	return next;
}

/**
 * mm_limit_visit_members - call a function for all accounts that a limit is for
 * @acct: the limit's account
 * @call: the function
 * @arg: for it
 *
 * For a pool these are its members, but for those that enter or leave meanwhile; for a
 * user it is its own.
 *
 * Context: process.
 */
void mm_limit_visit_members(struct mm_limit_account *acct,
			    mm_limit_member_fn call, void *arg)
{
	struct mm_limit_account *member = NULL;
	struct user_struct *user;

	if (!acct->is_pool) {
		user = mm_limit_account_user(acct);
		/* A user that has gone takes along the limit that a rule gave it. */
		if (refcount_inc_not_zero(&user->__count)) {
			call(acct, arg);
			free_uid(user);
		}
		return;
	}
	while ((member = next_member(acct, member))) {
		call(member, arg);
		cond_resched();
	}
}

/**
 * mm_limit_lock_walk - keep other killers from what one is about to look at
 * @acct: the account of its limit
 *
 * The address spaces of a pool's members are those of two limits.
 *
 * Return: what mm_limit_unlock_walk() gets.
 * Context: with the limit's &mm_limit_enforcement.mutex held.
 */
struct mm_limit_account *mm_limit_lock_walk(struct mm_limit_account *acct)
{
	struct mm_limit_account *pool = acct->is_pool ? acct : acct->counter.pool;

	if (pool) {
		get_uid(mm_limit_account_user(pool));
		mutex_lock(&pool->walk_mutex);
	}
	return pool;
}

/**
 * mm_limit_trylock_walk - mm_limit_lock_walk(), if that is possible at once
 * @acct: the account of its limit
 * @walk: for mm_limit_unlock_walk()
 *
 * Return: whether it was.
 * Context: as with mm_limit_lock_walk().
 */
bool mm_limit_trylock_walk(struct mm_limit_account *acct,
			   struct mm_limit_account **walk)
{
	*walk = acct->is_pool ? acct : acct->counter.pool;
	if (!*walk)
		return true;
	if (!mutex_trylock(&(*walk)->walk_mutex))
		return false;
	get_uid(mm_limit_account_user(*walk));
	return true;
}

/**
 * mm_limit_unlock_walk - let other killers look
 * @pool: what mm_limit_lock_walk() has returned
 */
void mm_limit_unlock_walk(struct mm_limit_account *pool)
{
	if (pool) {
		mutex_unlock(&pool->walk_mutex);
		free_uid(mm_limit_account_user(pool));
	}
}
