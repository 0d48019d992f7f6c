// SPDX-License-Identifier: GPL-2.0-only
/* Per-user memory limits: everything about a limit, for readers. */

#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "account.h"
#include "enforce.h"
#include "history.h"
#include "limit.h"

static u64 attr_max(const struct mm_limit_part *part)
{
	return mm_limit_stands(part) ? part->mm_max : MM_LIMIT_ATTR_NONE;
}

/* What all members of a pool have, or a user */
struct sum {
	struct mm_limit_parts parts;
	s64 saved;
};

static void sum_account(struct mm_limit_account *acct, void *arg)
{
	bool counted = mm_limit_counts_held(acct);
	struct sum *all = arg;
	struct mm_limit_parts *sum = &all->parts;
	struct mm_struct *mm;

	spin_lock(&acct->lock);
	list_for_each_entry(mm, &acct->mms, mm_limit.node) {
		sum->anon += percpu_counter_sum(&mm->rss_stat[MM_ANONPAGES]);
		sum->file += percpu_counter_sum(&mm->rss_stat[MM_FILEPAGES]);
		sum->tables += mm_limit_table_pages(mm_pgtables_bytes(mm));
		/* The user may wait for the lock, so no more than needed is summed. */
		if (!counted)
			sum->shmem += mm_limit_mm_files(mm);
	}
	spin_unlock(&acct->lock);
	mm_limit_add_beside(sum, acct);
	all->saved += mm_limit_swap_read(acct).saved;
}

/*
 * By which rule a user has its limit, or in whose pool it is; or the rule itself. What a
 * rule that has gone gave is about to go, too.
 */
static struct mm_limit_range range_of(struct mm_limit *limit)
{
	struct mm_limit_account *pool;
	struct mm_limit *rule;

	if (limit->is_rule)
		return limit->range;
	if (mm_limit_by_rule(limit))
		return mm_limit_rule_stands(limit) ? limit->range :
						     (struct mm_limit_range){};
	guard(rcu)();
	pool = READ_ONCE(mm_limit_account(limit)->counter.pool);
	rule = pool ? rcu_dereference(pool->limit) : NULL;
	return rule ? rule->range : limit->range;
}

/**
 * mm_limit_describe - everything about a limit
 * @limit: the limit, with a reference
 * @attr: where to put it, but for the uid
 */
void mm_limit_describe(struct mm_limit *limit, struct mm_limit_attr *attr)
{
	struct mm_limit_account *acct = mm_limit_account(limit);
	struct mm_limit_swap swap = mm_limit_swap_read(acct);
	struct mm_limit_range range = range_of(limit);
	struct mm_limit_part in_force, hard, self;
	struct mm_limit_settings settings;
	struct mm_limit_parts *parts;
	struct sum sum = {};
	struct mm_limit_stats stats;

	spin_lock(&acct->lock);
	in_force = mm_limit_in_force(limit);
	hard = limit->hard;
	self = limit->self;
	settings = limit->settings;
	stats = limit->stats;
	spin_unlock(&acct->lock);

	mm_limit_visit_members(acct, sum_account, &sum);
	parts = &sum.parts;

	*attr = (struct mm_limit_attr){
		.fields = MM_LIMIT_FIELDS,
		.mm_max = in_force.mm_max,
		.grace_ms = in_force.time_allow_exceed_ms,
		.policy = settings.policy,
		.flags = settings.flags,
		.hard_max = attr_max(&hard),
		.hard_grace_ms = hard.time_allow_exceed_ms,
		.self_max = attr_max(&self),
		.self_grace_ms = self.time_allow_exceed_ms,
		.usage = mm_limit_bytes(mm_limit_usage(acct)),
		.peak = mm_limit_bytes(mm_limit_peak(acct)),
		.exceeds = stats.exceeds,
		.graces = stats.graces,
		.kills = stats.kills,
		.kill_usage = mm_limit_bytes(stats.kill_usage),
		.kill_rss = mm_limit_bytes(stats.kill_rss),
		.kill_pid = stats.kill_pid,
		.state = READ_ONCE(limit->enforce.state),
		.swap_max = settings.swap_max,
		.threshold = settings.threshold,
		.thrashed = stats.thrashed,
		.swap = mm_limit_bytes(parts->swap),
		.scanned = stats.scanned,
		.spared = stats.spared,
		.swapped_out = swap.swapped_out,
		.dropped = stats.dropped,
		.direct_reclaims = stats.direct_reclaims,
		.refaults = swap.refaults,
		.anon = mm_limit_bytes(parts->anon),
		.file = mm_limit_bytes(parts->file),
		.shmem = mm_limit_bytes(parts->shmem),
		.tables = mm_limit_bytes(parts->tables),
		.kernel = mm_limit_bytes(parts->kernel),
		.refused = READ_ONCE(acct->held.refused),
		.warn = settings.warn,
		.warned = mm_limit_is_warned(acct, limit),
		.warnings = stats.warnings,
		.dry_kills = stats.dry_kills,
		.term_ms = settings.term_ms,
		.terms = stats.terms,
		.rule = range.rule,
		.first = range.first,
		.last = range.last,
		.members = READ_ONCE(acct->nr_members),
		.swap_stored = mm_limit_bytes(parts->swap -
					      (long)(sum.saved >> PAGE_SHIFT)),
	};
}
