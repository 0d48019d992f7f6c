// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what is told about them. There is the log for people, trace
 * events for tools, statistics, and a wake-up for readers that poll /proc/mm_limits.
 *
 * Users can cause events as often as they like, so each user's log is rate
 * limited; the rest costs a user more than it costs us.
 */

#include <linux/mm.h>
#include <linux/printk.h>

#include "events.h"
#include "kill.h"
#include "table.h"
#include "reclaim.h"

#define CREATE_TRACE_POINTS
#include <trace/events/mm_limit.h>

/**
 * struct users - whom a limit is for, as it is logged
 * @name: a uid, or those of a pool or another rule
 */
struct users {
	char name[24];
};

static struct users users_of(const struct mm_limit *limit)
{
	const struct mm_limit_range *range = &limit->range;
	struct users users;

	if (limit->is_rule)
		snprintf(users.name, sizeof(users.name), "%u-%u", range->first,
			 range->last);
	else
		snprintf(users.name, sizeof(users.name), "%u",
			 mm_limit_uid(limit));
	return users;
}

/* Those that one user has made share its lines: else each of thousands would have its own. */
static bool may_log(struct mm_limit_account *acct)
{
	for (; acct; acct = mm_limit_payer_of(acct))
		if (!__ratelimit(&acct->log))
			return false;
	return true;
}

/* Statistics are read under the account's lock. */
static void count(struct mm_limit_account *acct, u64 *events)
{
	spin_lock(&acct->lock);
	++*events;
	spin_unlock(&acct->lock);
}

/**
 * mm_limit_event_set - a limit was added, updated or removed
 * @what: "Added", "Updated" or "Removed"
 * @limit: the limit, with a reference
 * @part: the part of it that was
 * @privileged: by a caller with CAP_SYS_RESOURCE
 *
 * Context: process.
 */
void mm_limit_event_set(const char *what, struct mm_limit *limit,
			const struct mm_limit_part *part, bool privileged)
{
	/* For all users together */
	static DEFINE_RATELIMIT_STATE(log, MM_LIMIT_LOG_INTERVAL,
				      MM_LIMIT_LOG_BURST);
	static const char *const rules[] = {
		[MM_LIMIT_RULE_NONE] = "",
		[MM_LIMIT_RULE_EACH] = ", rule=each",
		[MM_LIMIT_RULE_POOL] = ", rule=pool",
	};

	trace_mm_limit_set(what, mm_limit_uid(limit), part);
	mm_limit_notify(mm_limit_account(limit));
	if (!privileged && !__ratelimit(&log))
		return;
	pr_info("%s: uid=%s, mm_max=%llu, time_allow_exceed_ms=%lu%s\n", what,
		users_of(limit).name, part->mm_max, part->time_allow_exceed_ms,
		limit->is_rule ? rules[limit->range.rule] : "");
	/* Others' limits are none of a user's business. */
	if (privileged && READ_ONCE(mm_limit_log_table))
		mm_limit_table_log();
}

/**
 * mm_limit_event_evicted - a limit gives way to another
 * @acct: the user's account
 * @part: what was in force
 *
 * Context: process.
 */
void mm_limit_event_evicted(struct mm_limit_account *acct,
			    const struct mm_limit_part *part)
{
	uid_t uid = mm_limit_account_uid(acct);

	trace_mm_limit_set("Evicted", uid, part);
	mm_limit_notify(acct);
	pr_info("Removed: uid=%u, mm_max=%llu, time_allow_exceed_ms=%lu, evicted\n",
		uid, part->mm_max, part->time_allow_exceed_ms);
}

/**
 * mm_limit_event_exceed - a user was found above its limit
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_exceed(struct mm_limit_account *acct,
			   struct mm_limit *limit)
{
	count(acct, &limit->stats.exceeds);

	trace_mm_limit_exceed(mm_limit_account_uid(acct), mm_limit_usage(acct),
			      limit->enforce.mm_max);
	mm_limit_notify(acct);
}

/**
 * mm_limit_event_grace - a grace begins
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_grace(struct mm_limit_account *acct, struct mm_limit *limit)
{
	long usage = mm_limit_usage(acct);

	count(acct, &limit->stats.graces);

	trace_mm_limit_grace(mm_limit_account_uid(acct), usage,
			     limit->enforce.mm_max);
	mm_limit_notify(acct);
	if (may_log(acct))
		pr_info("grace: uid=%s, uRSS=%llu, mm_max=%llu, time_allow_exceed_ms=%lu\n",
			users_of(limit).name, mm_limit_bytes(usage),
			limit->enforce.mm_max, limit->enforce.grace_ms);
}

/**
 * mm_limit_event_normal - a grace has ended well
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_normal(struct mm_limit_account *acct,
			   struct mm_limit *limit)
{
	trace_mm_limit_normal(mm_limit_account_uid(acct), mm_limit_usage(acct),
			      limit->enforce.mm_max);
	mm_limit_notify(acct);
	if (may_log(acct))
		pr_info("normal: uid=%s is below its limit at the end of its grace\n",
			users_of(limit).name);
}

/* What becomes of a process, which is one of a pool's users' if the limit is a pool's */
static void log_victim(const char *what, struct mm_limit_account *acct,
		       const struct mm_limit *limit,
		       const struct mm_limit_victim *who)
{
	if (!may_log(acct))
		return;
	pr_info("%s: uid=%u, uRSS=%llu, mm_max=%llu, pid=%d, pRSS=%llu%s%s\n",
		what, who->uid, mm_limit_bytes(who->usage),
		limit->enforce.mm_max, who->process.pid,
		mm_limit_bytes(who->process.pages),
		limit->is_rule ? ", pool=" : "",
		limit->is_rule ? users_of(limit).name : "");
}

/**
 * mm_limit_event_kill - a process is about to be killed
 * @acct: the user's account
 * @limit: its limit
 * @who: the process
 *
 * Context: atomic.
 */
void mm_limit_event_kill(struct mm_limit_account *acct, struct mm_limit *limit,
			 const struct mm_limit_victim *who)
{
	const struct mm_limit_process *process = &who->process;

	spin_lock(&acct->lock);
	limit->stats.kill_usage = who->usage;
	limit->stats.kill_rss = process->pages;
	limit->stats.kill_pid = process->pid;
	spin_unlock(&acct->lock);

	trace_mm_limit_kill(who->uid, who->usage, limit->enforce.mm_max,
			    process->pid, process->pages);
	log_victim("kill", acct, limit, who);
}

/**
 * mm_limit_event_dry_run - a process would be killed, but for a dry run
 * @acct: the user's account
 * @limit: its limit
 * @who: the process
 */
void mm_limit_event_dry_run(struct mm_limit_account *acct,
			    struct mm_limit *limit,
			    const struct mm_limit_victim *who)
{
	count(acct, &limit->stats.dry_kills);

	trace_mm_limit_dry_run(who->uid, who->usage, limit->enforce.mm_max,
			       who->process.pid, who->process.pages);
	mm_limit_notify(acct);
	log_victim("dry run", acct, limit, who);
}

/**
 * mm_limit_event_term - a process was asked to end
 * @acct: the user's account
 * @limit: its limit
 * @who: the process
 */
void mm_limit_event_term(struct mm_limit_account *acct, struct mm_limit *limit,
			 const struct mm_limit_victim *who)
{
	count(acct, &limit->stats.terms);

	trace_mm_limit_term(who->uid, who->usage, limit->enforce.mm_max,
			    who->process.pid, who->process.pages);
	mm_limit_notify(acct);
	log_victim("term", acct, limit, who);
}

/**
 * mm_limit_event_warn - a user has come near its limit
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_warn(struct mm_limit_account *acct, struct mm_limit *limit)
{
	long usage = mm_limit_usage(acct);

	count(acct, &limit->stats.warnings);

	trace_mm_limit_warn(mm_limit_account_uid(acct), usage,
			    limit->enforce.mm_max);
	mm_limit_notify(acct);
	if (may_log(acct))
		pr_info("warn: uid=%s, uRSS=%llu, mm_max=%llu, percent=%u\n",
			users_of(limit).name, mm_limit_bytes(usage),
			limit->enforce.mm_max,
			READ_ONCE(limit->settings.warn));
}

/**
 * mm_limit_event_force - victims are pushed
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_force(struct mm_limit_account *acct, struct mm_limit *limit)
{
	long usage = mm_limit_usage(acct);

	trace_mm_limit_force(mm_limit_account_uid(acct), usage,
			     limit->enforce.mm_max);
	mm_limit_notify(acct);
	if (may_log(acct))
		pr_info("force: uid=%s, uRSS=%llu, mm_max=%llu, round=%u\n",
			users_of(limit).name, mm_limit_bytes(usage),
			limit->enforce.mm_max, limit->enforce.rounds);
}

/**
 * mm_limit_event_reclaim - a user's memory is swapped out before it is killed
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_reclaim(struct mm_limit_account *acct,
			    struct mm_limit *limit)
{
	trace_mm_limit_reclaim(mm_limit_account_uid(acct), mm_limit_usage(acct),
			       limit->enforce.mm_max);
	mm_limit_notify(acct);
}

/**
 * mm_limit_event_sweep - the clock's hand has moved
 * @acct: the user's account
 * @limit: its limit
 * @sweep: how far
 * @direct: in a thread that is stopped at the limit
 */
void mm_limit_event_sweep(struct mm_limit_account *acct, struct mm_limit *limit,
			  const struct mm_limit_sweep *sweep, bool direct)
{
	spin_lock(&acct->lock);
	limit->stats.scanned += sweep->scanned;
	limit->stats.spared += sweep->spared;
	spin_unlock(&acct->lock);

	trace_mm_limit_sweep(mm_limit_account_uid(acct), sweep->scanned,
			     sweep->spared, sweep->found, direct);
}

/**
 * mm_limit_event_dropped - the queue of pages to swap out is full
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_dropped(struct mm_limit_account *acct,
			    struct mm_limit *limit)
{
	count(acct, &limit->stats.dropped);

	trace_mm_limit_drop(mm_limit_account_uid(acct), mm_limit_usage(acct),
			    limit->enforce.mm_max);
}

/**
 * mm_limit_event_direct - a thread begins to reclaim at the limit
 * @acct: the user's account
 * @limit: its limit
 */
void mm_limit_event_direct(struct mm_limit_account *acct,
			   struct mm_limit *limit)
{
	count(acct, &limit->stats.direct_reclaims);
}

/**
 * mm_limit_event_thrash - what is swapped out comes straight back
 * @acct: the user's account
 * @limit: its limit
 * @swap: the figures
 */
void mm_limit_event_thrash(struct mm_limit_account *acct,
			   struct mm_limit *limit,
			   const struct mm_limit_swap *swap)
{
	long usage = mm_limit_usage(acct);

	count(acct, &limit->stats.thrashed);

	trace_mm_limit_thrash(mm_limit_account_uid(acct), usage,
			      limit->enforce.mm_max);
	mm_limit_notify(acct);
	if (may_log(acct))
		pr_info("thrash: uid=%s, uRSS=%llu, mm_max=%llu, swapped_out=%llu, refaults=%llu\n",
			users_of(limit).name, mm_limit_bytes(usage),
			limit->enforce.mm_max, swap->swapped_out,
			swap->refaults);
}

/**
 * mm_limit_event_stuck - a user stays above its limit
 * @acct: the user's account
 * @limit: its limit
 * @why: the reason
 */
void mm_limit_event_stuck(struct mm_limit_account *acct, struct mm_limit *limit,
			  const char *why)
{
	long usage = mm_limit_usage(acct);

	trace_mm_limit_stuck(mm_limit_account_uid(acct), usage,
			     limit->enforce.mm_max);
	mm_limit_notify(acct);
	if (may_log(acct))
		pr_warn("stuck: uid=%s, uRSS=%llu, mm_max=%llu: %s\n",
			users_of(limit).name, mm_limit_bytes(usage),
			limit->enforce.mm_max, why);
}
