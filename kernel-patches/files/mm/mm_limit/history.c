// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: how long kills are remembered.
 *
 * The history of a limit that was set goes with the limit. That of a limit which a rule
 * has given a user is the rule's: it is kept when the user has gone, or has another limit,
 * and becomes that of the limit which the rule gives the user next. So a rule has one for
 * each user at a time. It keeps a bounded number of those that no limit has.
 *
 * Nothing is allocated to keep one: it is the object that the limit had, which has its
 * place in the rule's list from the start.
 */

#include <linux/slab.h>

#include "held.h"
#include "history.h"

/* A history's key is its user's uid and a number of so many bits. */
#define MM_LIMIT_NUMBER_BITS	29

/* Guards the trees and all rules' lists; held for a moment. */
static DEFINE_SPINLOCK(histories_lock);
static struct rb_root used = RB_ROOT;
static struct rb_root kept = RB_ROOT;
static u64 last_number;

#define history_by_key(rb) rb_entry(rb, struct mm_limit_history, node)

static bool key_less(struct rb_node *a, const struct rb_node *b)
{
	return history_by_key(a)->key < history_by_key(b)->key;
}

/**
 * mm_limit_history_key - where the histories of a user begin
 * @uid: the user, in the initial user namespace
 *
 * Return: the lowest key that one of them can have, of at most 61 bits.
 */
u64 mm_limit_history_key(uid_t uid)
{
	return (u64)uid << MM_LIMIT_NUMBER_BITS;
}

/* The first history in a tree from a key on, and before another */
static struct mm_limit_history *find(struct rb_root *root, u64 key, u64 end)
{
	struct mm_limit_history *found = NULL;
	struct rb_node *node = root->rb_node;

	while (node) {
		if (history_by_key(node)->key < key) {
			node = node->rb_right;
		} else {
			found = history_by_key(node);
			node = node->rb_left;
		}
	}
	return found && found->key < end ? found : NULL;
}

/* A user's history in a tree that is a rule's. There are no more of a user than rules. */
static struct mm_limit_history *find_of(struct rb_root *root, uid_t uid,
					const struct mm_limit *rule)
{
	u64 key = mm_limit_history_key(uid), end = mm_limit_history_key(uid + 1);
	struct mm_limit_history *history;

	while ((history = find(root, key, end)) && history->rule != rule)
		key = history->key + 1;
	return history;
}

/*
 * A rule has the history of a limit from now on, with a reference. It has the place of
 * the @older one that it begins with, or its own, so that no reader comes across it twice.
 */
static void link_history(struct mm_limit_history *history, uid_t uid,
			 struct mm_limit *rule,
			 const struct mm_limit_history *older)
{
	if (older)
		history->key = older->key;
	else if (!history->key)
		history->key = mm_limit_history_key(uid) |
			       (last_number++ & (BIT(MM_LIMIT_NUMBER_BITS) - 1));
	history->rule = rule;
	rb_add(&history->node, &used, key_less);
	list_add_tail(&history->of_rule, &rule->histories.used);
	refcount_inc(&history->refs);
}

/* A rule no longer has a history; the caller drops its reference. */
static void unlink_history(struct mm_limit_history *history)
{
	rb_erase(&history->node, history->kept ? &kept : &used);
	list_del(&history->of_rule);
	history->rule->histories.nr_kept -= history->kept;
	history->rule = NULL;
	history->kept = false;
}

static unsigned int nr_made_by(const struct mm_limit_histories *histories,
			       kuid_t maker)
{
	struct mm_limit_history *history;
	unsigned int nr = 0;

	list_for_each_entry(history, &histories->kept, of_rule)
		nr += uid_eq(history->maker, maker);
	return nr;
}

/*
 * Who has made most of the users of whom a rule keeps something loses the oldest of these:
 * a user with many subordinate uids can have only its own forgotten.
 */
static struct mm_limit_history *
least_missed(const struct mm_limit_histories *histories)
{
	struct mm_limit_history *history, *least = NULL;
	unsigned int most = 0, nr;

	list_for_each_entry(history, &histories->kept, of_rule) {
		nr = nr_made_by(histories, history->maker);
		if (nr > most) {
			most = nr;
			least = history;
		}
	}
	return least;
}

/*
 * A rule keeps a history that no limit has any more.
 *
 * Return: the one that goes for it, or NULL.
 */
static struct mm_limit_history *keep_history(struct mm_limit_history *history,
					     kuid_t maker)
{
	struct mm_limit_histories *histories = &history->rule->histories;
	struct mm_limit_history *gone = NULL;

	rb_erase(&history->node, &used);
	rb_add(&history->node, &kept, key_less);
	history->kept = true;
	history->maker = maker;
	list_move_tail(&history->of_rule, &histories->kept);
	if (++histories->nr_kept > MM_LIMIT_KEPT) {
		gone = least_missed(histories);
		unlink_history(gone);
	}
	return gone;
}

static u64 total_of(struct mm_limit_history *history)
{
	guard(spinlock)(&history->lock);
	return history->total;
}

/**
 * mm_limit_new_history - make the history of a new limit
 * @gfp: how
 *
 * Return: the history, with a reference for the limit; NULL: no memory.
 */
struct mm_limit_history *mm_limit_new_history(gfp_t gfp)
{
	struct mm_limit_history *history = kzalloc(sizeof(*history), gfp);

	if (!history)
		return NULL;
	refcount_set(&history->refs, 1);
	history->limits = 1;
	spin_lock_init(&history->lock);
	return history;
}

/**
 * mm_limit_put_history - drop a reference
 * @history: the history, or NULL
 */
void mm_limit_put_history(struct mm_limit_history *history)
{
	if (history && refcount_dec_and_test(&history->refs))
		kfree(history);
}

/**
 * mm_limit_absorb_history - a history goes on where an older one has ended
 * @history: the history
 * @older: the other, which no limit has, and which is of no use afterwards
 *
 * Context: process; with the lock of all histories, unless nobody else has either.
 */
void mm_limit_absorb_history(struct mm_limit_history *history,
			     struct mm_limit_history *older)
{
	u64 number;

	guard(spinlock)(&history->lock);
	/* Readers that have found it before may still be at it. */
	spin_lock_nested(&older->lock, SINGLE_DEPTH_NESTING);
	number = history->total - min(history->total, MM_LIMIT_KILLS);
	for (older->total += number; number < history->total; number++)
		older->records[older->total++ % MM_LIMIT_KILLS] =
			history->records[number % MM_LIMIT_KILLS];
	history->total = older->total;
	memcpy(history->records, older->records, sizeof(history->records));
	spin_unlock(&older->lock);
}

/* What a rule has kept of a user becomes the beginning of the history of its limit. */
static struct mm_limit_history *take_back(struct mm_limit_history *history,
					  uid_t uid, struct mm_limit *rule)
{
	struct mm_limit_history *older = find_of(&kept, uid, rule);

	if (older) {
		unlink_history(older);
		mm_limit_absorb_history(history, older);
	}
	return older;
}

/**
 * mm_limit_init_histories - a new limit is no rule that remembers others' kills
 * @limit: the limit
 */
void mm_limit_init_histories(struct mm_limit *limit)
{
	INIT_LIST_HEAD(&limit->histories.used);
	INIT_LIST_HEAD(&limit->histories.kept);
}

/**
 * mm_limit_share_history - a limit that a rule is about to give goes on with what the rule
 *	remembers of its user
 * @limit: the limit, which nobody has found yet
 * @rule: the rule, with a reference
 *
 * If a limit of the same user is still there, or somebody else is about to make the same
 * user, they share the history: one of them will go.
 *
 * Context: process.
 */
void mm_limit_share_history(struct mm_limit *limit, struct mm_limit *rule)
{
	struct mm_limit_history *history = limit->kill.history, *other = NULL;
	uid_t uid = mm_limit_uid(limit);

	spin_lock(&histories_lock);
	if (!rule->histories.closed) {
		other = find_of(&used, uid, rule);
		if (other) {
			other->limits++;
			refcount_inc(&other->refs);
			limit->kill.history = other;
			other = history;
		} else {
			other = take_back(history, uid, rule);
			link_history(history, uid, rule, other);
		}
	}
	spin_unlock(&histories_lock);
	mm_limit_put_history(other);
}

/**
 * mm_limit_move_history - a limit that a rule has given is another rule's from now on
 * @limit: the limit
 * @rule: the other rule, with a reference; or the same, when nothing changes
 *
 * It takes its history along.
 *
 * Context: process; with the account's limit_mutex held.
 */
void mm_limit_move_history(struct mm_limit *limit, struct mm_limit *rule)
{
	struct mm_limit_history *history = limit->kill.history, *other = NULL;
	uid_t uid = mm_limit_uid(limit);
	bool linked = false;

	spin_lock(&histories_lock);
	if (history->rule != rule) {
		linked = history->rule;
		if (linked)
			unlink_history(history);
		if (!rule->histories.closed) {
			other = take_back(history, uid, rule);
			link_history(history, uid, rule, other);
		}
	}
	spin_unlock(&histories_lock);
	if (linked)
		mm_limit_put_history(history);
	mm_limit_put_history(other);
}

/**
 * mm_limit_leave_history - a limit has gone
 * @limit: the limit, for which nobody will be killed any more
 *
 * If a rule has given it, that keeps its history, unless there is nothing in it. Who made
 * the user is charged for it no longer.
 *
 * Context: process.
 */
void mm_limit_leave_history(struct mm_limit *limit)
{
	struct mm_limit_history *history = limit->kill.history, *gone = NULL;
	bool keep = false;

	spin_lock(&histories_lock);
	if (!--history->limits && history->rule) {
		keep = total_of(history);
		if (keep) {
			gone = keep_history(history,
					    mm_limit_account(limit)->maker);
		} else {
			unlink_history(history);
			gone = history;
		}
	}
	spin_unlock(&histories_lock);
	if (keep)
		mm_limit_disown_object(history);
	mm_limit_put_history(gone);
}

/**
 * mm_limit_rule_stands - is the rule still there that has given a user its limit?
 * @limit: the limit, with a reference
 *
 * Context: process.
 */
bool mm_limit_rule_stands(struct mm_limit *limit)
{
	guard(spinlock)(&histories_lock);
	return limit->kill.history->rule;
}

static struct mm_limit_history *take_any(struct mm_limit_histories *histories)
{
	struct mm_limit_history *history;

	guard(spinlock)(&histories_lock);
	histories->closed = true;
	history = list_first_entry_or_null(list_empty(&histories->used) ?
						   &histories->kept :
						   &histories->used,
					   struct mm_limit_history, of_rule);
	if (history)
		unlink_history(history);
	return history;
}

/**
 * mm_limit_drop_histories - a limit goes, and if it is a rule all that it remembers
 * @rule: the limit
 *
 * Limits that it has given keep theirs until they go, too, or are another rule's.
 *
 * Context: process.
 */
void mm_limit_drop_histories(struct mm_limit *rule)
{
	struct mm_limit_history *history;

	while ((history = take_any(&rule->histories))) {
		mm_limit_put_history(history);
		cond_resched();
	}
}

/**
 * mm_limit_history_of - the history of a limit, for readers of all limits
 * @limit: the limit, with a reference
 *
 * Return: the history, with a reference; NULL: it is a rule's, see
 * mm_limit_next_history(), or that of a user that has gone along with its rule.
 * Context: process.
 */
struct mm_limit_history *mm_limit_history_of(struct mm_limit *limit)
{
	struct mm_limit_history *history = limit->kill.history;

	guard(spinlock)(&histories_lock);
	if (history->rule || !refcount_read(&limit->user->__count))
		return NULL;
	refcount_inc(&history->refs);
	return history;
}

/**
 * mm_limit_next_history - the first history from a key on that is a rule's
 * @key: the key; becomes that of the history
 * @end: and before this one
 *
 * A history stays where it is when it begins or ends to belong to a limit.
 *
 * Return: the history, with a reference; NULL: there is none.
 * Context: process.
 */
struct mm_limit_history *mm_limit_next_history(u64 *key, u64 end)
{
	struct mm_limit_history *history, *other;

	guard(spinlock)(&histories_lock);
	history = find(&kept, *key, end);
	other = find(&used, *key, end);
	if (!history || (other && other->key < history->key))
		history = other;
	if (history) {
		*key = history->key;
		refcount_inc(&history->refs);
	}
	return history;
}
