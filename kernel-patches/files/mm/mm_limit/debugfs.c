// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: a look at the accounts, for tests.
 *
 * debugfs mm_limit/accounts has a line for each limited user:
 *	uid=%u usage=%llu walk=%llu mms=%u swap=%llu swap_walk=%llu
 * @usage is what the user is charged, in bytes, @walk what its @mms address
 * spaces add up to now; @swap is what it has in swap by its account, @swap_walk
 * by its address spaces. They are equal while nothing changes.
 */

#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/seq_file.h>

#include "account.h"
#include "table.h"

static void show_account(struct seq_file *m, struct mm_limit_account *acct)
{
	struct mm_struct *mm;
	unsigned int mms = 0;
	long usage, walk = 0, swap, swap_walk = 0;

	spin_lock(&acct->lock);
	usage = mm_limit_usage(acct);
	swap = READ_ONCE(acct->swap.usage);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		walk += mm_limit_mm_resident(mm);
		swap_walk += mm_limit_mm_swap(mm);
		mms++;
	}
	walk += mm_limit_counted_swap(swap_walk, READ_ONCE(acct->swap.free));
	spin_unlock(&acct->lock);

	seq_printf(m,
		   "uid=%u usage=%llu walk=%llu mms=%u swap=%llu swap_walk=%llu\n",
		   mm_limit_account_uid(acct), mm_limit_bytes(usage),
		   mm_limit_bytes(walk), mms, mm_limit_bytes(swap),
		   mm_limit_bytes(swap_walk));
}

static int accounts_show(struct seq_file *m, void *unused)
{
	struct mm_limit *limit;
	uid_t uid = 0;

	while ((limit = mm_limit_table_from(uid))) {
		show_account(m, mm_limit_account(limit));
		uid = mm_limit_uid(limit) + 1;
		mm_limit_put(limit);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(accounts);

static int __init mm_limit_debugfs_init(void)
{
	debugfs_create_file("accounts", 0400,
			    debugfs_create_dir("mm_limit", NULL), NULL,
			    &accounts_fops);
	return 0;
}
late_initcall(mm_limit_debugfs_init);
