/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the types that the files of this folder share. From the
 * ground up, with the header of each room:
 *
 *	internal.h	tunables.c	what the administrator tunes
 *	account.h	sums.c		what an address space adds up to
 *			swap.c		what a user has in swap
 *			account.c	what a user is charged
 *	held.h		held.c		what an account has beside address spaces
 *	bytes.h		bytes.c		kernel memory that is no whole page
 *	held.h		swapped.c	whose the pages in swap are
 *			pages.c		whom a page is charged to
 *			objects.c	whom a slab object is charged to
 *			percpu.c	whom memory of each CPU is charged to
 *			pins.c		pages that are kept though unmapped
 *	history.h	history.c	how long kills are remembered
 *	account.h	lives.c		how long accounts and limits live
 *			pool.c		which accounts are charged together
 *			member.c	which address spaces an account has
 *			handover.c	how they change accounts
 *	table.h		table.c		which limits there are
 *	events.h	notify.c	wakes readers that wait for news
 *			events.c	what is told: log, trace events
 *	reclaim.h	thrash.c	is swapping out of any use?
 *			queue.c		pages on their way to swap
 *			clock.c		which pages go
 *			reclaim.c	what makes them go, and when
 *			background.c	the same without a thread of the user's
 *	kill.h		scan.c		what a user has, in what condition
 *			policy.c	in which order it goes
 *			kills.c		what is remembered of who went
 *			pick.c		the choice of the victims
 *			kill.c		their end
 *	enforce.h	notice.c	a user is seen above its limit
 *			levels.c	what is noticed below it: a user is warned
 *			exceed.c	what is done about it, step by step
 *			throttle.c	its threads are stopped meanwhile
 *			trigger.c	other ways to notice
 *			enforce.c	the work that does it all
 *	limit.h		limit.c		a limit comes into force, and goes
 *			describe.c	what it says
 *			given.c		a user's that a rule gives it
 *			users.c		users that come and go while there are rules
 *			change.c	one that is set, changed and removed
 *			rule.c		one for many users
 *			request.c	what callers ask of it, whether they may
 *			syscalls.c	what they hand over
 *			proc.c		/proc/mm_limits, /proc/mm_limit_kills
 *			sysctl.c	/proc/sys/vm/mm_limit_*
 *			debugfs.c	accounts, beside what a walk sums
 */
#ifndef _MM_LIMIT_INTERNAL_H
#define _MM_LIMIT_INTERNAL_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mm_limit.h>
#include <linux/mm_limit_types.h>
#include <linux/mm_types.h>
#include <linux/ratelimit.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/sizes.h>
#include <linux/sched/user.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>

#include <uapi/linux/mm_limit.h>

#include "kill_types.h"
#include "reclaim_types.h"

#undef pr_fmt
#define pr_fmt(fmt) "mm_limit: " fmt

/* Bytes that mean "no limit": here, and in mm_limit() and its kin */
#define MM_LIMIT_NONE		U64_MAX
#define MM_LIMIT_NONE_ARG	ULONG_MAX

/* Rounds of killing by force before a victim's memory is written off */
#define MM_LIMIT_MAX_ROUNDS	10

#define MM_LIMIT_POLICIES	(MM_LIMIT_USER_RANKED + 1)
#define MM_LIMIT_FIELDS_VER0	(MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE | \
				 MM_LIMIT_FIELD_POLICY | MM_LIMIT_FIELD_FLAGS)
#define MM_LIMIT_FIELDS		(MM_LIMIT_FIELDS_VER0 | \
				 MM_LIMIT_FIELD_THRESHOLD | \
				 MM_LIMIT_FIELD_SWAP_MAX | \
				 MM_LIMIT_FIELD_WARN | \
				 MM_LIMIT_FIELD_TERM)
/* Those of the limit as a whole, not of one of its parts */
#define MM_LIMIT_FIELDS_SETTINGS (MM_LIMIT_FIELD_POLICY | \
				  MM_LIMIT_FIELD_FLAGS | \
				  MM_LIMIT_FIELD_THRESHOLD | \
				  MM_LIMIT_FIELD_SWAP_MAX | \
				  MM_LIMIT_FIELD_WARN | \
				  MM_LIMIT_FIELD_TERM)

/*
 * What a victim that was asked to end may have above the limit to do that in: up to
 * 256 KiB, of which the last page stops whoever takes it
 */
#define MM_LIMIT_TERM_PAGES	((SZ_256K >> PAGE_SHIFT) - 1)

/**
 * struct mm_limit_part - the size and the grace of a limit, or of a part of it
 * @mm_max: bytes, or %MM_LIMIT_NONE
 * @time_allow_exceed_ms: milliseconds
 */
struct mm_limit_part {
	u64 mm_max;
	unsigned long time_allow_exceed_ms;
};

/**
 * struct mm_limit_settings - what a limit is set to beside size and grace
 * @policy: enum mm_limit_policy, 0 or more
 * @flags: %MM_LIMIT_RECLAIM, %MM_LIMIT_DRY_RUN
 * @threshold: percent of the limit above which memory is reclaimed
 * @swap_max: bytes, or %MM_LIMIT_ATTR_NONE: as many as the limit in force has
 * @warn: percent of the limit above which its user is warned, or 0
 * @term_ms: milliseconds between SIGTERM and SIGKILL; 0: no SIGTERM
 */
struct mm_limit_settings {
	unsigned int policy;
	unsigned int flags;
	unsigned int threshold;
	u64 swap_max;
	unsigned int warn;
	unsigned int term_ms;
};

/**
 * struct mm_limit_stats - what has become of a limit
 * @exceeds: times that the user was found above it
 * @graces: graces begun
 * @kills: processes killed
 * @kill_usage: the user's pages before the last kill
 * @kill_rss: the victim's share of them
 * @kill_pid: the victim; 0: none yet
 * @scanned: pages that the clock's hand came across
 * @spared: of those, pages that had been used
 * @dropped: times that the queue was full
 * @direct_reclaims: times that threads reclaimed at the limit
 * @thrashed: times that reclaiming was given up because of refaults
 * @warnings: times that the user was warned
 * @dry_kills: address spaces that would have been killed, but for a dry run
 * @terms: address spaces whose process was sent SIGTERM
 */
struct mm_limit_stats {
	u64 exceeds;
	u64 graces;
	u64 kills;
	long kill_usage;
	long kill_rss;
	pid_t kill_pid;
	u64 scanned;
	u64 spared;
	u64 dropped;
	u64 direct_reclaims;
	u64 thrashed;
	u64 warnings;
	u64 dry_kills;
	u64 terms;
};

/**
 * struct mm_limit_table_node - a limit's place in the table
 * @by_key: by @key
 * @by_time: by @set_at
 * @key: a user's uid, or one that no user has for a rule, and a number
 * @set_at: which of all settings was this limit's last, counted from 1
 * @entry: in the list of those that were set, the one set longest ago first; not in it
 *	if the limit is one that a rule gives a user
 * @rule: in the list of rules
 * @removed: it has been, or will never be, in the table
 *
 * All under the table's lock.
 */
struct mm_limit_table_node {
	struct rb_node by_key;
	struct rb_node by_time;
	u64 key;
	u64 set_at;
	struct list_head entry;
	struct list_head rule;
	bool removed;
};

/**
 * struct mm_limit_range - the users that a rule is for
 * @rule: what it gives them; %MM_LIMIT_RULE_NONE: there is none
 * @first: the first uid, in the initial user namespace
 * @last: the last
 */
struct mm_limit_range {
	enum mm_limit_rule rule;
	uid_t first;
	uid_t last;
};

/**
 * struct mm_limit_enforcement - the work that enforces a limit, and how far it is
 * @orders_lock: guards @orders and @dead
 * @orders: what @work has been told to do
 * @dead: the limit was removed, nobody acts on it any more
 * @mutex: @work takes it, and whoever changes vm.mm_limit_count, but no thread of a
 *	user's, which could delay it. It guards what
 *	is in force, and what follows @deadline.
 * @work: acts on breaches, graces and kills
 * @timer: queues the work at @deadline. A high-resolution timer: the slack of
 *	the timer wheel would lengthen a grace by up to an eighth.
 * @overdue: @deadline has passed; set by the timer
 * @kicked: @work has been told to look at once; set by anybody, cleared by @work
 * @put_off: @work has not been queued at once, for its user has yet to pay; likewise
 * @retry_at: when a limit that is stuck is worth another look, in jiffies
 * @state: where the work is; read without a lock by those that would queue it
 * @mm_max: limit in force, in bytes
 * @grace_ms: grace in force
 * @crossed: somebody has found the user above its limit since the work last
 *	looked; set by anybody
 * @deadline: the end of the grace, or when a killing is checked; monotonic
 * @rounds: how often victims were killed by force without progress
 * @round_usage: the user's pages before that
 * @reported: the log says already that the user is stuck
 */
struct mm_limit_enforcement {
	spinlock_t orders_lock;	/* orders, dead */
	struct list_head orders;
	bool dead;
	struct mutex mutex;	/* deadline to reported, what is in force */
	struct delayed_work work;
	struct hrtimer timer;
	bool overdue;
	bool kicked;
	bool put_off;
	unsigned long retry_at;
	enum mm_limit_state state;
	u64 mm_max;
	unsigned long grace_ms;
	bool crossed;
	ktime_t deadline;
	unsigned int rounds;
	long round_usage;
	bool reported;
};

/**
 * struct mm_limit_levels - usages that are noticed, in pages
 * @max: the limit. This and the next four are written under the account's limit_mutex,
 *	and read by charges and the limit's work.
 * @reclaim: above it memory is reclaimed; LONG_MAX: never
 * @trial: in a dry run, the limit, which the account does not have then; else LONG_MAX
 * @warn: above it the user is warned; LONG_MAX: never
 * @rearm: at or below it the user may be warned anew
 * @warned_at: the value of @warn for which the user has been warned and not been as low
 *	as @rearm since, or -1. It belongs to the limit's work; read by anybody.
 * @crossed: a charge has crossed @warn; set by charges, cleared by the work
 * @fallen: a charge has crossed @rearm, so the user was below it; likewise
 *
 * The counter's max is the lowest of those that matter: while the user is warned that is
 * @rearm, so that its next way up from there is noticed, else @warn.
 */
struct mm_limit_levels {
	long max;
	long reclaim;
	long trial;
	long warn;
	long rearm;
	long warned_at;
	bool crossed;
	bool fallen;
};

/**
 * struct mm_limit_walks - what the triggers "alloc" and "hybrid" have seen
 * @paused: "hybrid" does not look until @pause expires; read without a lock
 * @pause: ends it
 * @time: when a trigger last looked; monotonic
 * @usage: what it found, in pages
 *
 * All under the account's lock.
 */
struct mm_limit_walks {
	bool paused;
	struct hrtimer pause;
	ktime_t time;
	long usage;
};

/**
 * struct mm_limit - a user's limit, or a rule
 * @user: the user; the limit holds a reference, unless it is @weak. A rule has one that
 *	nobody is.
 * @range: for a rule, whom it is for; for a limit that a rule has given its user, the
 *	same of the rule; otherwise none
 * @is_rule: it is a rule
 * @weak: given by a rule, so that it goes when its user does; under the account's
 *	limit_mutex
 * @last: its user has gone, and its memory goes with the limit's last reference
 * @table: its place in the table
 * @hard: set by a privileged caller; mm_max is %MM_LIMIT_NONE where none is
 * @self: set by the user itself, in the same way
 *	Both are written under the account's limit_mutex and its lock, so that
 *	either is enough to read them.
 * @settings: likewise, and the work reads it
 * @reclaim: what is swapped out before somebody is killed
 * @refs: references; the table holds one
 * @enforce: what is done about its user
 * @levels: when charges have something to tell
 * @kill: why and how its user's processes are killed
 * @histories: of a rule, what is remembered of those that it gives limits
 * @stats: under the account's lock
 * @walk: what walks over the user's processes have seen
 * @rcu: frees it
 */
struct mm_limit {
	struct user_struct *user;
	struct mm_limit_range range;
	bool is_rule;
	bool weak;
	bool last;
	struct mm_limit_table_node table;
	struct mm_limit_part hard;
	struct mm_limit_part self;
	struct mm_limit_settings settings;
	struct mm_limit_reclaim reclaim;
	refcount_t refs;
	struct mm_limit_enforcement enforce;
	struct mm_limit_levels levels;
	struct mm_limit_killing kill;
	struct mm_limit_histories histories;
	struct mm_limit_stats stats;
	struct mm_limit_walks walk;
	struct rcu_head rcu;
};

/**
 * struct mm_limit_change - what to change about a limit
 * @fields: MM_LIMIT_FIELD_*; the rest stays as it is
 * @mm_max: bytes, not %MM_LIMIT_NONE
 * @grace_ms: milliseconds
 * @settings: the rest
 */
struct mm_limit_change {
	unsigned int fields;
	u64 mm_max;
	unsigned long grace_ms;
	struct mm_limit_settings settings;
};

static inline long mm_limit_usage(struct mm_limit_account *acct)
{
	return atomic_long_read(&acct->counter.usage);
}

/* In &mm_limit_held.total: they count; one page */
#define MM_LIMIT_COUNTED	1L
#define MM_LIMIT_HELD_PAGE	2L

/* Pages that a user is charged beside its address spaces */
static inline long mm_limit_held(struct mm_limit_account *acct)
{
	return atomic_long_read(&acct->held.total) / MM_LIMIT_HELD_PAGE;
}

/* Are they in the account's usage? */
static inline bool mm_limit_counts_held(struct mm_limit_account *acct)
{
	return atomic_long_read(&acct->held.total) & MM_LIMIT_COUNTED;
}

/* Of them, those of the kernel; those of files */
static inline long mm_limit_held_kernel(struct mm_limit_account *acct)
{
	return atomic_long_read(&acct->held.kernel);
}

static inline long mm_limit_held_files(struct mm_limit_account *acct)
{
	return max(mm_limit_held(acct) - mm_limit_held_kernel(acct), 0L);
}

static inline struct user_struct *
mm_limit_account_user(struct mm_limit_account *acct)
{
	return container_of(acct, struct user_struct, mm_limit);
}

static inline uid_t mm_limit_account_uid(struct mm_limit_account *acct)
{
	return from_kuid(&init_user_ns, mm_limit_account_user(acct)->uid);
}

static inline struct mm_limit_account *mm_limit_account(struct mm_limit *limit)
{
	return &limit->user->mm_limit;
}

static inline uid_t mm_limit_uid(const struct mm_limit *limit)
{
	return from_kuid(&init_user_ns, limit->user->uid);
}

static inline struct mm_limit *mm_limit_of(struct mm_limit_account *acct)
{
	return rcu_dereference_protected(acct->limit,
					 lockdep_is_held(&acct->limit_mutex));
}

static inline bool mm_limit_exceeded(struct mm_limit_account *acct)
{
	return mm_limit_usage(acct) > READ_ONCE(acct->max);
}

/* Page counts of 32-bit machines can stand for more bytes than fit a long. */
static inline u64 mm_limit_bytes(long pages)
{
	return pages < 0 ? 0 : (u64)pages << PAGE_SHIFT;
}

/* The most pages that a limit of so many bytes allows */
static inline long mm_limit_pages(u64 bytes)
{
	return min_t(u64, bytes >> PAGE_SHIFT, LONG_MAX);
}

/* Was this limit given to its user by a rule? */
static inline bool mm_limit_by_rule(const struct mm_limit *limit)
{
	return !limit->is_rule && limit->range.rule != MM_LIMIT_RULE_NONE;
}

static inline bool mm_limit_stands(const struct mm_limit_part *part)
{
	return part->mm_max != MM_LIMIT_NONE;
}

/**
 * mm_limit_in_force - what the two parts of a limit come to
 * @limit: the limit
 *
 * Return: the lower of the sizes, with the shorter of the graces.
 * Context: with the account's limit_mutex or its lock held.
 */
static inline struct mm_limit_part
mm_limit_in_force(const struct mm_limit *limit)
{
	const struct mm_limit_part *hard = &limit->hard, *self = &limit->self;

	if (!mm_limit_stands(self))
		return *hard;
	if (!mm_limit_stands(hard))
		return *self;
	return (struct mm_limit_part){
		.mm_max = min(hard->mm_max, self->mm_max),
		.time_allow_exceed_ms = min(hard->time_allow_exceed_ms,
					    self->time_allow_exceed_ms),
	};
}

/* tunables.c */

/**
 * enum mm_limit_trigger - vm.mm_limit_trigger: when the kernel looks
 * @MM_LIMIT_TRIGGER_EXACT: at each charge
 * @MM_LIMIT_TRIGGER_ALLOC: at each allocation of a page, by a walk
 * @MM_LIMIT_TRIGGER_HYBRID: likewise, with pauses far from the limit
 * @MM_LIMIT_TRIGGER_PERIODIC: only in mm_limit_kill()
 */
enum mm_limit_trigger {
	MM_LIMIT_TRIGGER_EXACT,
	MM_LIMIT_TRIGGER_ALLOC,
	MM_LIMIT_TRIGGER_HYBRID,
	MM_LIMIT_TRIGGER_PERIODIC,
};

/**
 * enum mm_limit_count - vm.mm_limit_count: what a limit counts
 * @MM_LIMIT_COUNT_HELD: every page that the user makes the machine hold
 * @MM_LIMIT_COUNT_RSS: what its address spaces have in memory and swap
 */
enum mm_limit_count {
	MM_LIMIT_COUNT_HELD,
	MM_LIMIT_COUNT_RSS,
};

extern enum mm_limit_trigger mm_limit_trigger;
extern enum mm_limit_count mm_limit_count;
extern unsigned int mm_limit_min_uid;
extern unsigned int mm_limit_max_entries;
extern unsigned int mm_limit_kill_wait_ms;
extern unsigned int mm_limit_thrash_ms;
extern unsigned int mm_limit_log_table;

/* Does the kernel act by itself on a user above its limit? */
static inline bool mm_limit_acts(void)
{
	return READ_ONCE(mm_limit_trigger) != MM_LIMIT_TRIGGER_PERIODIC;
}

/* Is this a user that can have no limit? */
static inline bool mm_limit_is_exempt(kuid_t kuid)
{
	return from_kuid(&init_user_ns, kuid) < READ_ONCE(mm_limit_min_uid);
}

#endif /* _MM_LIMIT_INTERNAL_H */
