// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: a look at the accounts, for tests.
 *
 * debugfs mm_limit/accounts has a line for each limited user:
 *	uid=%u usage=%llu walk=%llu mms=%u swap=%llu swap_walk=%llu
 * @usage is what the user is charged, in bytes, @walk what its @mms address
 * spaces add up to now, with what it is charged beside them; @swap is what it has in
 * swap by its account, @swap_walk by its address spaces. They are equal while nothing changes.
 *
 * mm_limit/pools has a line for each pool with what it is charged, and what its members are:
 *	uid=%u-%u usage=%llu walk=%llu members=%u
 *
 * mm_limit/held has a line for each limited user with what it is charged beside its
 * address spaces, and what a walk over all pages, slab objects, areas of CPUs and swap
 * entries finds:
 *	uid=%u file=%llu file_walk=%llu kernel=%llu kernel_walk=%llu
 */

#include <linux/debugfs.h>
#include <linux/memblock.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/memory_hotplug.h>
#include <linux/seq_file.h>
#include <linux/stop_machine.h>

#include "account.h"
#include "held.h"
#include "table.h"

typedef void (*account_fn)(struct seq_file *m, struct mm_limit_account *acct);

/* How often an account is looked at that does not add up */
#define ACCOUNT_TRIES	3

/* Calls a function for each limited user's account. */
static void call_for_each(account_fn call, struct seq_file *m)
{
	struct user_struct *user;
	u64 key = 0;

	while ((user = mm_limit_table_next(&key))) {
		if (user->mm_limit.charging)
			call(m, &user->mm_limit);
		free_uid(user);
	}
}

/* What a walk over the user's address spaces and what it holds beside them sum */
static long walk_account(struct mm_limit_account *acct, unsigned int *mms,
			 long *swap)
{
	struct mm_struct *mm;
	long pages = 0;

	*mms = 0;
	*swap = 0;
	guard(spinlock)(&acct->lock);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		pages += mm_limit_mm_charged(mm, acct);
		*swap += mm_limit_mm_swap(mm);
		++*mms;
	}
	if (mm_limit_counts_held(acct))
		pages += mm_limit_held(acct);
	return pages +
	       mm_limit_counted_swap(*swap, READ_ONCE(acct->swap.free));
}

static void show_account(struct seq_file *m, struct mm_limit_account *acct)
{
	long usage, walk, swap, swap_walk;
	int tries = ACCOUNT_TRIES;
	unsigned int mms;

	/* Kernel memory may be freed at any time, and be half uncharged. */
	do {
		usage = mm_limit_usage(acct);
		swap = READ_ONCE(acct->swap.usage);
		walk = walk_account(acct, &mms, &swap_walk);
		if (usage == walk && usage == mm_limit_usage(acct))
			break;
		mm_limit_wait_for_charges();
	} while (--tries);

	seq_printf(m,
		   "uid=%u usage=%llu walk=%llu mms=%u swap=%llu swap_walk=%llu\n",
		   mm_limit_account_uid(acct), mm_limit_bytes(usage),
		   mm_limit_bytes(walk), mms, mm_limit_bytes(swap),
		   mm_limit_bytes(swap_walk));
}

static int accounts_show(struct seq_file *m, void *unused)
{
	call_for_each(show_account, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(accounts);

static void add_usage(struct mm_limit_account *acct, void *arg)
{
	long *sum = arg;

	*sum += mm_limit_usage(acct);
}

static void show_pool(struct seq_file *m, struct mm_limit_account *pool,
		      const struct mm_limit_range *range)
{
	int tries = ACCOUNT_TRIES;
	long usage, walk;

	do {
		usage = mm_limit_usage(pool);
		walk = 0;
		mm_limit_visit_members(pool, add_usage, &walk);
		if (usage == walk && usage == mm_limit_usage(pool))
			break;
		mm_limit_wait_for_charges();
	} while (--tries);
	seq_printf(m, "uid=%u-%u usage=%llu walk=%llu members=%u\n",
		   range->first, range->last, mm_limit_bytes(usage),
		   mm_limit_bytes(walk), READ_ONCE(pool->nr_members));
}

static int pools_show(struct seq_file *m, void *unused)
{
	struct user_struct *user;
	struct mm_limit *limit;
	u64 key = 0;

	while ((user = mm_limit_table_next(&key))) {
		limit = mm_limit_find(&user->mm_limit);
		if (limit && user->mm_limit.is_pool)
			show_pool(m, &user->mm_limit, &limit->range);
		if (limit)
			mm_limit_put(limit);
		free_uid(user);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pools);

/* One walk at a time, for the results are in the accounts. */
static DEFINE_MUTEX(walk_lock);

/* What the accounts say meanwhile; the table is not changed, nobody runs. */
static void note_charges(struct seq_file *m, struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;

	held->walk.file_charged = mm_limit_held_files(acct);
	held->walk.kernel_charged = mm_limit_held_kernel(acct);
	held->walk.pinned = atomic_long_read(&held->pinned);
	held->walk.bytes_charged = atomic_long_read(&held->bytes) -
				   atomic_long_read(&held->later.freed);
	held->walk.slabs_charged = atomic_long_read(&held->slabs);
	held->walk.room = atomic_long_read(&held->room);
	held->walk.saved_noted = acct->swap.saved - acct->swap.leaving;
}

static int walk_held(void *unused)
{
	unsigned long pfn;
	struct page *page;

	for (pfn = 0; pfn < max_pfn; pfn++) {
		page = pfn_to_online_page(pfn);
		if (!page)
			continue;
		mm_limit_walk_page(page);
		if (!PageTail(page) && PageSlab(page))
			mm_limit_walk_objects(page);
	}
	mm_limit_walk_areas();
	mm_limit_walk_swap();
	call_for_each(note_charges, NULL);
	return 0;
}

static void show_held(struct seq_file *m, struct mm_limit_account *acct)
{
	struct mm_limit_held *held = &acct->held;
	bool exact = held->walk.bytes == held->walk.bytes_charged &&
		     held->walk.slabs == held->walk.slabs_charged;
	long kernel = held->walk.kernel + held->walk.pinned +
		      (exact ? PHYS_PFN(held->walk.room) :
			       PFN_UP(held->walk.bytes));

	seq_printf(m,
		   "uid=%u file=%llu file_walk=%llu kernel=%llu kernel_walk=%llu saved=%lld saved_walk=%lld areas=%ld\n",
		   mm_limit_account_uid(acct),
		   mm_limit_bytes(held->walk.file_charged),
		   mm_limit_bytes(held->walk.file),
		   mm_limit_bytes(held->walk.kernel_charged),
		   mm_limit_bytes(kernel), held->walk.saved_noted,
		   held->walk.saved, held->walk.areas);
}

static void forget_walk(struct seq_file *m, struct mm_limit_account *acct)
{
	memset(&acct->held.walk, 0, sizeof(acct->held.walk));
}

static int held_show(struct seq_file *m, void *unused)
{
	mutex_lock(&walk_lock);
	call_for_each(forget_walk, m);
	stop_machine(walk_held, NULL, NULL);
	call_for_each(show_held, m);
	mutex_unlock(&walk_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(held);

static int __init mm_limit_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("mm_limit", NULL);

	debugfs_create_file("accounts", 0400, dir, NULL, &accounts_fops);
	debugfs_create_file("pools", 0400, dir, NULL, &pools_fops);
	debugfs_create_file("held", 0400, dir, NULL, &held_fops);
	return 0;
}
late_initcall(mm_limit_debugfs_init);
