// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which limits there are.
 *
 * A user's limit is found through its account, which is found by uid. What is
 * here is the order in which limits were set, and how many there may be.
 */

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include "internal.h"

/* Lines of the table in the log after a change */
#define MM_LIMIT_LOG_LINES	16

/*
 * Guards the list, both counts and, together with the account's mutex, what each
 * limit says. Taken inside an account's mutex; held only briefly.
 */
static DEFINE_MUTEX(table_lock);
static LIST_HEAD(table);	/* most recently set first */
static unsigned int entries;
static unsigned int self_entries;	/* those without a hard part */

/**
 * mm_limit_table_lock - keep limits from being added, changed and removed
 *
 * Context: process.
 */
void mm_limit_table_lock(void)
{
	mutex_lock(&table_lock);
}

/**
 * mm_limit_table_unlock - let them change again
 */
void mm_limit_table_unlock(void)
{
	mutex_unlock(&table_lock);
}

/**
 * mm_limit_table_seek - a limit by its place
 * @pos: 0 is the one set last
 *
 * Return: its list entry, or NULL behind the last.
 * Context: process, with the table locked.
 */
struct list_head *mm_limit_table_seek(loff_t pos)
{
	lockdep_assert_held(&table_lock);
	return seq_list_start(&table, pos);
}

/**
 * mm_limit_table_next - the limit after another
 * @entry: a list entry
 * @pos: its place, which becomes that of the next
 *
 * Return: the next, or NULL.
 * Context: process, with the table locked.
 */
struct list_head *mm_limit_table_next(struct list_head *entry, loff_t *pos)
{
	lockdep_assert_held(&table_lock);
	return seq_list_next(entry, &table, pos);
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
	return privileged || self_entries < DIV_ROUND_UP(max, 2);
}

static void unlink_limit(struct mm_limit *limit)
{
	list_del_init(&limit->order);
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
 * Context: process; with the mutexes of both accounts held.
 */
int mm_limit_table_add(struct mm_limit *limit, struct mm_limit *evicted)
{
	bool privileged = mm_limit_stands(&limit->hard);
	int ret = 0;

	mutex_lock(&table_lock);
	if (evicted) {
		if (list_last_entry(&table, struct mm_limit, order) != evicted ||
		    has_room(privileged))
			ret = -EAGAIN;
		else
			unlink_limit(evicted);
	} else if (!has_room(privileged)) {
		ret = -ENOSPC;
	}
	if (!ret) {
		list_add(&limit->order, &table);
		entries++;
		self_entries += !privileged;
	}
	mutex_unlock(&table_lock);
	return ret;
}

/**
 * mm_limit_table_del - remove a limit
 * @limit: the limit; it may have been evicted
 *
 * Context: process; with the account's mutex held.
 */
void mm_limit_table_del(struct mm_limit *limit)
{
	mutex_lock(&table_lock);
	if (!list_empty(&limit->order))
		unlink_limit(limit);
	mutex_unlock(&table_lock);
}

/**
 * mm_limit_table_change - change what a limit says
 * @limit: the limit
 * @hard: its hard part
 * @self: the user's own part
 * @choice: the rest
 * @recent: it counts as set now
 *
 * Context: process; with the account's mutex held.
 */
void mm_limit_table_change(struct mm_limit *limit,
			   const struct mm_limit_part *hard,
			   const struct mm_limit_part *self,
			   const struct mm_limit_choice *choice, bool recent)
{
	mutex_lock(&table_lock);
	self_entries -= !mm_limit_stands(&limit->hard);
	self_entries += !mm_limit_stands(hard);
	limit->hard = *hard;
	limit->self = *self;
	limit->choice = *choice;
	if (recent)
		list_move(&limit->order, &table);
	mutex_unlock(&table_lock);
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

	mutex_lock(&table_lock);
	if (!list_empty(&table))
		user = get_uid(list_last_entry(&table, struct mm_limit,
					       order)->user);
	mutex_unlock(&table_lock);
	return user;
}

/**
 * mm_limit_table_users - all users that have a limit
 * @nr: their number
 * @locked: called before, with the table locked, unless it fails; may be NULL
 * @arg: passed on
 *
 * Return: an array for kvfree(), with a reference on each; or -ENOMEM.
 * Context: process.
 */
struct user_struct **mm_limit_table_users(unsigned int *nr,
					  void (*locked)(int arg), int arg)
{
	struct user_struct **users = NULL;
	struct mm_limit *limit;
	unsigned int room;

	/* Allocate without the lock, and see whether it still is enough. */
	for (;;) {
		room = READ_ONCE(entries);
		users = kvmalloc_array(max(room, 1U), sizeof(*users),
				       GFP_KERNEL);
		if (!users)
			return ERR_PTR(-ENOMEM);
		mutex_lock(&table_lock);
		if (entries <= room)
			break;
		mutex_unlock(&table_lock);
		kvfree(users);
	}
	if (locked)
		locked(arg);
	*nr = 0;
	list_for_each_entry(limit, &table, order)
		users[(*nr)++] = get_uid(limit->user);
	mutex_unlock(&table_lock);
	return users;
}

/**
 * mm_limit_table_log - log the limits in force
 *
 * Context: process.
 */
void mm_limit_table_log(void)
{
	struct mm_limit *limit;
	unsigned int lines = 0;

	mutex_lock(&table_lock);
	list_for_each_entry(limit, &table, order) {
		if (lines++ == MM_LIMIT_LOG_LINES) {
			pr_info("... and %u more\n",
				entries - MM_LIMIT_LOG_LINES);
			break;
		}
		pr_info("uid=%u, mm_max=%llu\n",
			from_kuid(&init_user_ns, limit->user->uid),
			mm_limit_in_force(limit).mm_max);
	}
	mutex_unlock(&table_lock);
}
