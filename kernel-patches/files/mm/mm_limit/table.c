// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which limits there are.
 *
 * A user's limit is found through its account, which is found by uid. What is
 * here is the order in which limits were set, and how many there may be.
 */

#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>

#include "account.h"
#include "table.h"

/* Lines of the table in the log after a change */
#define MM_LIMIT_LOG_LINES	16

/*
 * This guards the trees and both counts. It nests inside an account's limit_mutex and
 * around its lock, and is held for a moment at a time, by threads that nobody can keep
 * from running meanwhile.
 */
static DEFINE_SPINLOCK(table_lock);
static struct rb_root by_uid = RB_ROOT;
static struct rb_root by_time = RB_ROOT;	/* by set_at */
static u64 last_set;
static unsigned int entries;
static unsigned int self_entries;	/* those without a hard part */

#define limit_by_uid(node) rb_entry_safe(node, struct mm_limit, table.by_uid)
#define limit_by_time(node) rb_entry_safe(node, struct mm_limit, table.by_time)

static bool uid_less(struct rb_node *a, const struct rb_node *b)
{
	return mm_limit_uid(limit_by_uid(a)) < mm_limit_uid(limit_by_uid(b));
}

static bool set_before(struct rb_node *a, const struct rb_node *b)
{
	return limit_by_time(a)->table.set_at < limit_by_time(b)->table.set_at;
}

static struct mm_limit *get(struct mm_limit *limit)
{
	if (limit)
		refcount_inc(&limit->refs);
	return limit;
}

/**
 * mm_limit_table_from - the limit of the first user from a uid on that has one
 * @uid: in the initial user namespace
 *
 * Callers that must reach every limit go by uid, which no user can change to stay out
 * of their way.
 *
 * Return: the limit, with a reference, or NULL. It may be about to come into force,
 * or have been removed.
 */
struct mm_limit *mm_limit_table_from(uid_t uid)
{
	struct mm_limit *limit, *found = NULL;
	struct rb_node *node;

	spin_lock(&table_lock);
	node = by_uid.rb_node;
	while (node) {
		limit = limit_by_uid(node);
		if (mm_limit_uid(limit) < uid) {
			node = node->rb_right;
		} else {
			found = limit;
			node = node->rb_left;
		}
	}
	get(found);
	spin_unlock(&table_lock);
	return found;
}

/**
 * mm_limit_table_before - the limit most recently set before another
 * @set_at: &mm_limit_table_node.set_at of the other, or U64_MAX for the most recent;
 *	becomes that of the limit that is returned
 *
 * Callers that show all limits may miss one that is set anew meanwhile, which takes
 * privilege if it is a hard one.
 *
 * Return: as mm_limit_table_from().
 */
struct mm_limit *mm_limit_table_before(u64 *set_at)
{
	struct mm_limit *limit, *found = NULL;
	struct rb_node *node;

	spin_lock(&table_lock);
	node = by_time.rb_node;
	while (node) {
		limit = limit_by_time(node);
		if (limit->table.set_at >= *set_at) {
			node = node->rb_left;
		} else {
			found = limit;
			node = node->rb_right;
		}
	}
	if (get(found))
		*set_at = found->table.set_at;
	spin_unlock(&table_lock);
	return found;
}

/*
 * Is there room for one more? A user with a range of subordinate uids can set a
 * limit for each, so users may take half of the table only.
 */
static bool has_room(bool privileged)
{
	unsigned int max = READ_ONCE(mm_limit_max_entries);

	if (entries >= max)
		return false;
	return privileged || self_entries < max - max / 2;
}

/* Make a limit the one set most recently. */
static void stamp(struct mm_limit *limit)
{
	limit->table.set_at = ++last_set;
	rb_add(&limit->table.by_time, &by_time, set_before);
}

static void unlink_limit(struct mm_limit *limit)
{
	rb_erase(&limit->table.by_time, &by_time);
	RB_CLEAR_NODE(&limit->table.by_time);
	rb_erase(&limit->table.by_uid, &by_uid);
	entries--;
	self_entries -= !mm_limit_stands(&limit->hard);
}

/**
 * mm_limit_table_add - add a limit
 * @limit: the limit, with the part that it begins with
 * @evicted: the limit set longest ago, to give way; NULL: none
 *
 * Return: 0, or -ENOSPC: the table is full; -EAGAIN: @evicted is not the one set
 * longest ago any more, or need not give way.
 * Context: process; with both accounts' limit_mutex held.
 */
int mm_limit_table_add(struct mm_limit *limit, struct mm_limit *evicted)
{
	bool privileged = mm_limit_stands(&limit->hard);
	int ret = 0;

	spin_lock(&table_lock);
	if (evicted) {
		if (limit_by_time(rb_first(&by_time)) != evicted ||
		    has_room(privileged))
			ret = -EAGAIN;
		else
			unlink_limit(evicted);
	} else if (!has_room(privileged)) {
		ret = -ENOSPC;
	}
	if (!ret) {
		stamp(limit);
		rb_add(&limit->table.by_uid, &by_uid, uid_less);
		entries++;
		self_entries += !privileged;
	}
	spin_unlock(&table_lock);
	return ret;
}

/**
 * mm_limit_table_del - remove a limit
 * @limit: the limit; it may have been evicted
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_table_del(struct mm_limit *limit)
{
	spin_lock(&table_lock);
	if (!RB_EMPTY_NODE(&limit->table.by_time))
		unlink_limit(limit);
	spin_unlock(&table_lock);
}

/**
 * mm_limit_table_change - change what a limit says
 * @limit: the limit
 * @hard: its hard part
 * @self: the user's own part
 * @settings: the rest
 * @recent: it counts as set now
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_table_change(struct mm_limit *limit,
			   const struct mm_limit_part *hard,
			   const struct mm_limit_part *self,
			   const struct mm_limit_settings *settings,
			   bool recent)
{
	struct mm_limit_account *acct = mm_limit_account(limit);

	spin_lock(&table_lock);
	self_entries -= !mm_limit_stands(&limit->hard);
	self_entries += !mm_limit_stands(hard);
	spin_lock(&acct->lock);
	limit->hard = *hard;
	limit->self = *self;
	limit->settings = *settings;
	spin_unlock(&acct->lock);
	if (recent) {
		rb_erase(&limit->table.by_time, &by_time);
		stamp(limit);
	}
	spin_unlock(&table_lock);
}

/**
 * mm_limit_table_oldest - whose limit was set longest ago
 *
 * Return: the user, with a reference; NULL: there is no limit.
 * Context: process.
 */
struct user_struct *mm_limit_table_oldest(void)
{
	struct user_struct *user = NULL;
	struct mm_limit *oldest;

	spin_lock(&table_lock);
	oldest = limit_by_time(rb_first(&by_time));
	if (oldest)
		user = get_uid(oldest->user);
	spin_unlock(&table_lock);
	return user;
}

/**
 * mm_limit_table_log - log the limits in force
 *
 * Context: process.
 */
void mm_limit_table_log(void)
{
	unsigned int lines = MM_LIMIT_LOG_LINES;
	unsigned int nr = READ_ONCE(entries);
	struct mm_limit_account *acct;
	struct mm_limit *limit;
	u64 before = U64_MAX;
	u64 mm_max;

	while (lines-- && (limit = mm_limit_table_before(&before))) {
		acct = mm_limit_account(limit);
		spin_lock(&acct->lock);
		mm_max = mm_limit_in_force(limit).mm_max;
		spin_unlock(&acct->lock);
		pr_info("uid=%u, mm_max=%llu\n", mm_limit_uid(limit), mm_max);
		mm_limit_put(limit);
	}
	if (nr > MM_LIMIT_LOG_LINES)
		pr_info("... and %u more\n", nr - MM_LIMIT_LOG_LINES);
}
