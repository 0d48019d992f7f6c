// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which limits there are.
 *
 * A user's limit is found through its account, which is found by uid. What is
 * here is the order in which limits were set, how many there may be, and which rules
 * there are. A limit that a rule gives a user does not count among those that were set.
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
 * This guards the trees, the lists and both counts. It nests inside an account's limit_mutex and
 * around its lock, and is held for a moment at a time, by threads that nobody can keep
 * from running meanwhile.
 */
static DEFINE_SPINLOCK(table_lock);
static struct rb_root by_key = RB_ROOT;
static struct rb_root by_time = RB_ROOT;	/* by set_at */
static LIST_HEAD(entries_by_time);		/* likewise */
static LIST_HEAD(rules);
static u64 last_set;
static unsigned int entries;
static unsigned int self_entries;	/* those without a hard part */

#define limit_by_key(node) rb_entry_safe(node, struct mm_limit, table.by_key)
#define limit_by_time(node) rb_entry_safe(node, struct mm_limit, table.by_time)

/*
 * A user that has gone may still have a limit, while another with the same uid has one.
 * No user has the last uid, whose keys are the rules'.
 */
static u64 new_key(const struct mm_limit *limit)
{
	uid_t uid = limit->is_rule ? (uid_t)-1 : mm_limit_uid(limit);

	return (u64)uid << 32 | (u32)limit->table.set_at;
}

static bool key_less(struct rb_node *a, const struct rb_node *b)
{
	return limit_by_key(a)->table.key < limit_by_key(b)->table.key;
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
 * mm_limit_table_next - whose limit is the first from a key on
 * @key: the key; becomes the one behind that which was found
 *
 * Callers that must reach every limit go by key, which no user can change to stay out
 * of their way. Rules come last.
 *
 * Return: the user, with a reference; NULL: there is none. Its limit may be about to come
 * into force, or have been removed.
 */
struct user_struct *mm_limit_table_next(u64 *key)
{
	struct user_struct *user = NULL;
	struct mm_limit *limit, *found;
	struct rb_node *node;

	guard(spinlock)(&table_lock);
	do {
		found = NULL;
		node = by_key.rb_node;
		while (node) {
			limit = limit_by_key(node);
			if (limit->table.key < *key) {
				node = node->rb_right;
			} else {
				found = limit;
				node = node->rb_left;
			}
		}
		if (!found)
			return NULL;
		*key = found->table.key + 1;
		user = found->user;
		/* A user that has gone takes along the limit that a rule gave it. */
	} while (!refcount_inc_not_zero(&user->__count));
	return user;
}

/**
 * mm_limit_table_before - the limit most recently set before another
 * @set_at: &mm_limit_table_node.set_at of the other, or U64_MAX for the most recent;
 *	becomes that of the limit that is returned
 * @gone: also those of users that have gone, which are about to go, too
 *
 * Callers that show all limits may miss one that is set anew meanwhile, which takes
 * privilege if it is a hard one.
 *
 * Return: the limit, with a reference, or NULL. It may be about to come into force, or have
 * been removed.
 */
struct mm_limit *mm_limit_table_before(u64 *set_at, bool gone)
{
	struct mm_limit *limit, *found;
	struct rb_node *node;

	guard(spinlock)(&table_lock);
	do {
		found = NULL;
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
		if (!found)
			return NULL;
		*set_at = found->table.set_at;
	} while (!gone && !refcount_read(&found->user->__count));
	return get(found);
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

/* Does a limit count among those that were set? */
static bool is_entry(const struct mm_limit *limit)
{
	return !mm_limit_by_rule(limit);
}

/* Make a limit the one set most recently. */
static void stamp(struct mm_limit *limit)
{
	limit->table.set_at = ++last_set;
	rb_add(&limit->table.by_time, &by_time, set_before);
	if (is_entry(limit))
		list_move_tail(&limit->table.entry, &entries_by_time);
}

static void link_limit(struct mm_limit *limit)
{
	stamp(limit);
	limit->table.key = new_key(limit);
	rb_add(&limit->table.by_key, &by_key, key_less);
	if (limit->is_rule)
		list_add(&limit->table.rule, &rules);
	if (is_entry(limit)) {
		entries++;
		self_entries += !mm_limit_stands(&limit->hard);
	}
}

static void unlink_limit(struct mm_limit *limit)
{
	rb_erase(&limit->table.by_time, &by_time);
	RB_CLEAR_NODE(&limit->table.by_time);
	rb_erase(&limit->table.by_key, &by_key);
	list_del_init(&limit->table.entry);
	list_del_init(&limit->table.rule);
	if (is_entry(limit)) {
		entries--;
		self_entries -= !mm_limit_stands(&limit->hard);
	}
}

/* The user's limit that was set longest ago; rules do not give way. */
static struct mm_limit *oldest_entry(void)
{
	struct mm_limit *limit;

	list_for_each_entry(limit, &entries_by_time, table.entry)
		if (!limit->is_rule)
			return limit;
	return NULL;
}

/**
 * mm_limit_table_init - prepare a new limit for the table
 * @limit: the limit
 */
void mm_limit_table_init(struct mm_limit *limit)
{
	RB_CLEAR_NODE(&limit->table.by_key);
	RB_CLEAR_NODE(&limit->table.by_time);
	INIT_LIST_HEAD(&limit->table.entry);
	INIT_LIST_HEAD(&limit->table.rule);
}

/**
 * mm_limit_table_add - add a limit
 * @limit: the limit, with the part that it begins with
 * @evicted: the limit set longest ago, to give way; NULL: none
 *
 * Return: 0, or -ENOSPC: the table is full; -EAGAIN: @evicted is not the one set
 * longest ago any more, or need not give way; or @limit is there, or has gone.
 * Context: process; with both accounts' limit_mutex held.
 */
int mm_limit_table_add(struct mm_limit *limit, struct mm_limit *evicted)
{
	bool privileged = mm_limit_stands(&limit->hard);

	guard(spinlock)(&table_lock);
	if (limit->table.removed || !RB_EMPTY_NODE(&limit->table.by_time))
		return -EAGAIN;
	if (evicted) {
		if (oldest_entry() != evicted || has_room(privileged))
			return -EAGAIN;
		unlink_limit(evicted);
	} else if (is_entry(limit) && !has_room(privileged)) {
		return -ENOSPC;
	}
	link_limit(limit);
	return 0;
}

/**
 * mm_limit_table_del - remove a limit
 * @limit: the limit; it may have been evicted
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_table_del(struct mm_limit *limit)
{
	guard(spinlock)(&table_lock);
	if (!RB_EMPTY_NODE(&limit->table.by_time))
		unlink_limit(limit);
	limit->table.removed = true;
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
	if (is_entry(limit)) {
		self_entries -= !mm_limit_stands(&limit->hard);
		self_entries += !mm_limit_stands(hard);
	}
	spin_lock(&acct->lock);
	limit->hard = *hard;
	limit->self = *self;
	limit->settings = *settings;
	spin_unlock(&acct->lock);
	/* A user may change what it was given before that is in the table. */
	if (recent && !RB_EMPTY_NODE(&limit->table.by_time)) {
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
	struct mm_limit *oldest;

	guard(spinlock)(&table_lock);
	oldest = oldest_entry();
	return oldest ? get_uid(oldest->user) : NULL;
}

static bool is_narrower(const struct mm_limit_range *a,
			const struct mm_limit_range *b)
{
	if (a->last - a->first != b->last - b->first)
		return a->last - a->first < b->last - b->first;
	return a->first < b->first;
}

/**
 * mm_limit_table_rule_for - the rule that goes for a user
 * @uid: in the initial user namespace
 *
 * That is the narrowest that is for it; of two that are equally wide, the one that begins
 * with the lower uid.
 *
 * Return: the rule, with a reference; NULL: there is none.
 */
struct mm_limit *mm_limit_table_rule_for(uid_t uid)
{
	struct mm_limit *rule, *found = NULL;

	/* Whoever sets one looks for users after that. */
	if (list_empty_careful(&rules))
		return NULL;
	guard(spinlock)(&table_lock);
	list_for_each_entry(rule, &rules, table.rule)
		if (rule->range.first <= uid && uid <= rule->range.last &&
		    (!found || is_narrower(&rule->range, &found->range)))
			found = rule;
	return get(found);
}

/**
 * mm_limit_table_rule - find a rule
 * @first: the first uid that it is for
 * @last: the last
 *
 * Return: the rule, with a reference; NULL: there is none.
 */
struct mm_limit *mm_limit_table_rule(uid_t first, uid_t last)
{
	struct mm_limit *rule;

	guard(spinlock)(&table_lock);
	list_for_each_entry(rule, &rules, table.rule)
		if (rule->range.first == first && rule->range.last == last)
			return get(rule);
	return NULL;
}

/* The limit before another among those that were set, with a reference */
static struct mm_limit *entry_before(struct mm_limit *limit)
{
	struct list_head *node;

	guard(spinlock)(&table_lock);
	node = limit ? &limit->table.entry : &entries_by_time;
	/* It may have been removed meanwhile. */
	if (limit && list_empty(node))
		return NULL;
	if (node->prev == &entries_by_time)
		return NULL;
	return get(list_entry(node->prev, struct mm_limit, table.entry));
}

/**
 * mm_limit_table_log - log the limits that were set
 *
 * Context: process.
 */
void mm_limit_table_log(void)
{
	struct mm_limit *limit = NULL, *before;
	unsigned int lines = MM_LIMIT_LOG_LINES;
	unsigned int nr = READ_ONCE(entries);
	struct mm_limit_account *acct;
	u64 mm_max;

	while (lines--) {
		before = entry_before(limit);
		if (limit)
			mm_limit_put(limit);
		limit = before;
		if (!limit)
			break;
		acct = mm_limit_account(limit);
		spin_lock(&acct->lock);
		mm_max = mm_limit_in_force(limit).mm_max;
		spin_unlock(&acct->lock);
		if (limit->is_rule)
			pr_info("uid=%u-%u, mm_max=%llu\n", limit->range.first,
				limit->range.last, mm_max);
		else
			pr_info("uid=%u, mm_max=%llu\n", mm_limit_uid(limit),
				mm_max);
	}
	if (limit)
		mm_limit_put(limit);
	if (nr > MM_LIMIT_LOG_LINES)
		pr_info("... and %u more\n", nr - MM_LIMIT_LOG_LINES);
}
