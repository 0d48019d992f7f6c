/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the parts that live in other structures, an account
 * in every user_struct and a membership in every mm_struct.
 */
#ifndef _LINUX_MM_LIMIT_TYPES_H
#define _LINUX_MM_LIMIT_TYPES_H

#include <linux/atomic.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid_types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct mm_limit;
struct mm_limit_account;
struct task_struct;

#ifdef CONFIG_MM_LIMIT

/*
 * The max of a counter whose charges all take the slow path: it is below any usage, yet
 * the difference does not overflow.
 */
#define MM_LIMIT_SLOW_MAX	(LONG_MIN / 2)

/* Log lines of one user: at most so many in such a time */
#define MM_LIMIT_LOG_INTERVAL	(5 * HZ)
#define MM_LIMIT_LOG_BURST	20

/**
 * struct mm_limit_counter - what pages are charged to
 * @usage: pages
 * @max: above so many a charge takes the slow path; for a member of a pool each does
 * @pool_level: up to so many a member's charge has nothing to tell but to its pool;
 *	below any usage for others
 * @pool: the account of the pool that the user is a member of, with a reference; each
 *	charge goes there, too. NULL: none. It changes under the account's @limit_mutex,
 *	the pool's @walk_mutex and @lock of both while nothing is charged here; read by
 *	charges.
 */
struct mm_limit_counter {
	atomic_long_t usage;
	long max;
	long pool_level;
	struct mm_limit_account *pool;
};

/**
 * struct mm_limit_swap - what a user has in swap
 * @lock: guards the rest; inside whatever a charge is made under
 * @usage: swap entries, exact while charging
 * @counting: what changes is charged
 * @free: so many of them do not count toward the limit; 0 unless the limit
 *	reclaims
 * @max: at so many the limit swaps no more out; LONG_MAX unless the limit
 *	reclaims
 * @free_set: @free without what is saved. Written under the account's limit_mutex, too.
 * @max_set: @max likewise
 * @saved: bytes of their pages that entries do not take, because these are stored
 *	compressed
 * @leaving: of these, of entries that have been freed, while their address spaces still
 *	count them
 * @swapped_out: pages swapped out
 * @refaults: pages brought back because they were used
 * @stall: nanoseconds that threads have spent on bringing pages back, and on
 *	reclaiming at the limit
 */
struct mm_limit_swap {
	spinlock_t lock;	/* the rest */
	bool counting;
	long usage;
	long free;
	long max;
	long free_set;
	long max_set;
	s64 saved;
	s64 leaving;
	u64 swapped_out;
	u64 refaults;
	u64 stall;
};

/**
 * enum mm_limit_kind - what held pages are
 * @MM_LIMIT_FILE: of a file that is in memory only, or in swap
 * @MM_LIMIT_KERNEL: of the kernel
 * @MM_LIMIT_KINDS: how many kinds there are
 */
enum mm_limit_kind {
	MM_LIMIT_FILE,
	MM_LIMIT_KERNEL,
	MM_LIMIT_KINDS,
};

/**
 * struct mm_limit_later - slab objects that have been freed, but whose slabs are a grace
 *	period later
 * @freed: bytes that they took, and are charged for still
 * @waiting: of them, those that the end of the next grace period is waited for
 * @rcu: waits for it, while there are any
 */
struct mm_limit_later {
	atomic_long_t freed;
	long waiting;
	struct rcu_head rcu;
};

/**
 * struct mm_limit_held - what a user makes the kernel hold beside its address spaces
 * @total: pages, twice: its lowest bit says whether they count, that is, whether they
 *	are in the account's usage. While there are any the account stays, by the
 *	limit's reference or one of their own.
 * @kernel: of them, pages that kernel memory takes, @room included; the others are of
 *	files that are in memory only, or in swap
 * @max: how high the usage may get by what is charged here, for each kind, in pages;
 *	written along with the account's
 * @bytes: bytes of slab objects, @later included
 * @later: those that have been freed
 * @slabs: bytes of slabs that were made for the user and that it has objects in, see
 *	MM_LIMIT_SLACK
 * @room: bytes that are charged for them, in whole pages, of which up to two are spare
 * @lock: guards the next four. Taken in interrupts.
 * @charging: new allocations are charged
 * @keyed: the account has a share in mm_limit_held_key and, unless @charging, a
 *	reference on its user
 * @kept: it has a reference although it is @charging: the last other one has gone.
 *	Under @lock.
 * @refused: times that an allocation did not fit the limit
 * @pinned: of @kernel, pages of address spaces that buffers of pipes keep
 * @dying: of @kernel, pages that the killer counts on; this and the next under the
 *	account's lock, read by charges
 * @dying_until: so long, in jiffies
 * @walk: what a walk has found, and the charges at that moment, see
 *	mm/mm_limit/debugfs.c
 */
struct mm_limit_held {
	atomic_long_t total;
	atomic_long_t kernel;
	long max[MM_LIMIT_KINDS];
	atomic_long_t bytes;
	struct mm_limit_later later;
	atomic_long_t slabs;
	atomic_long_t room;
	spinlock_t lock;	/* charging to refused */
	bool charging;
	bool keyed;
	bool kept;
	u64 refused;
	atomic_long_t pinned;
	long dying;
	unsigned long dying_until;
	struct {
		long file;
		long kernel;
		long bytes;
		long slabs;
		long areas;
		s64 saved;
		long file_charged;
		long kernel_charged;
		long pinned;
		long bytes_charged;
		long slabs_charged;
		long room;
		s64 saved_noted;
	} walk;
};

/**
 * struct mm_limit_account - one user's physical memory
 * @counter: pages of all of @mms, exact while @charging, otherwise meaningless.
 *	Its max is the limit, or the lower threshold of a limit that reclaims;
 *	it is written under @limit_mutex and read by every charge.
 * @max: pages in force, LONG_MAX when no limit stands; written under @limit_mutex,
 *	and by the limit's work while it lets victims end by themselves
 * @level: above so many pages a charge has something to tell: @max, or what is noticed
 *	below it; likewise
 * @swap: swap entries of all of @mms; those beyond &mm_limit_swap.free are in
 *	@counter, too
 * @held: what the user has beside @mms
 * @peak: the highest usage since charging began, in pages; while usage is at
 *	its peak this may be less
 * @wait: threads that were stopped on their way to user space because the
 *	user is above its limit
 * @limit: the limit, or NULL. Written under @limit_mutex, read under RCU.
 * @lock: guards @mms, @nr_mms, @cursor, @charging and @dying against attach and
 *	detach of an mm, and the limit's statistics. Inside it, an mm's freeze lock and
 *	what a charge takes.
 * @mms: the address spaces that the user owns, by &mm_limit_mm.node
 * @nr_mms: length of @mms
 * @cursor: the node that the killer's walk over @mms comes to next, or NULL
 * @charging: whether @mms are charged to @counter. Written under @limit_mutex and
 *	@lock, so that either is enough to read it.
 * @dying: pages that the killer counts on, the sum of &mm_limit_mm_kill.dying, for a
 *	pool of all members. A user's is written under @lock; read by charges.
 * @maker: the user that has made this one, as the owner of a user namespace to which the
 *	administrator has given its uid; otherwise the user itself
 * @lost_scan: the last scan, see mm/mm_limit/scan.c, that found memory of processes that were
 *	written off
 * @payer: @maker, with a reference, so that what it owes for its users is not forgotten
 *	while it has any; NULL if that is the user itself, or nobody pays
 * @is_pool: it is no user's, but a pool's; so it has no @mms, but @members
 * @members: the accounts that are charged to this pool, too, by @pool_node, under @lock
 * @nr_members: length of @members
 * @pool_node: in the list of its pool's members, under the pool's lock
 * @walk_mutex: serializes walks over the user's processes, see mm/mm_limit/trigger.c;
 *	a pool's those of killers over its members' processes, the members' own killers
 *	included: inside &mm_limit_enforcement.mutex
 * @reclaim_mutex: guards the hand of the limit's clock, see mm/mm_limit/reclaim.c;
 *	whoever holds it and finds @limit may use the limit. Inside @limit_mutex.
 * @limit_mutex: serializes limits being set, changed and removed. Nobody else takes
 *	it, and its holders do not wait for anything that a user can prolong.
 * @self_mutex: serializes what the user itself changes; outside @limit_mutex
 * @paid: when the user will have paid for the killer's CPU time, see
 *	mm/mm_limit/notice.c; monotonic, nanoseconds
 * @members_paid: of a pool, when its members will have paid for the work for limits of
 *	their own
 * @log: bounds what the user can make the kernel log
 * @events: counts what has happened to its limit
 * @pollers: readers of /proc/mm_limits that wait for @events to change
 * @tell: wakes @pollers; while it is pending it has a reference on the user
 * @gone: in the list of users that nobody finds any more, but whose limits do
 * @rcu: frees the user when nobody can be about to look at @held any more
 */
struct mm_limit_account {
	struct mm_limit_counter counter;
	long max;
	long level;
	struct mm_limit_swap swap;
	struct mm_limit_held held;
	long peak;
	wait_queue_head_t wait;
	struct mm_limit __rcu *limit;

	spinlock_t lock;	/* mms to dying, statistics */
	struct list_head mms;
	unsigned int nr_mms;
	struct list_head *cursor;
	bool charging;
	bool is_pool;
	unsigned int lost_scan;
	kuid_t maker;
	struct user_struct *payer;
	atomic_long_t dying;
	struct list_head members;
	unsigned int nr_members;
	struct list_head pool_node;

	struct mutex walk_mutex;	/* one walk at a time */
	struct mutex reclaim_mutex;	/* the hand of the limit's clock */
	struct mutex limit_mutex;	/* limit, max, charging */
	struct mutex self_mutex;	/* the user's own changes */
	atomic64_t paid;
	atomic64_t members_paid;
	struct ratelimit_state log;
	atomic_t events;
	wait_queue_head_t pollers;
	struct delayed_work tell;
	struct llist_node gone;
	struct rcu_head rcu;
} __aligned(16); /* see objects.c */

void mm_limit_tell(struct work_struct *work);

/**
 * struct mm_limit_mm_users - the threads that use an address space
 * @lock: guards the rest. Inside the account's lock and task_lock(); inside it, a
 *	task's siglock.
 * @tasks: the threads, by &task_struct.mm_limit_node. Kernel threads that have
 *	borrowed the mm are not among them.
 * @next: the node that the killer's walk over @tasks comes to next, or NULL
 */
struct mm_limit_mm_users {
	spinlock_t lock;	/* the rest */
	struct list_head tasks;
	struct list_head *next;
};

/**
 * struct mm_limit_mm_kill - what the killer knows about an address space
 * @scan: number of the killer's last scan that came across it, or 0
 * @seen: what that scan found, MM_LIMIT_SEEN_* in mm/mm_limit/kill.h
 * @killed: the killer chose this mm, which gets no more pages; read by anybody
 * @lost: it is dying, but has not given its memory back in time
 * @at_kill: pages that it had when it was chosen, the most that is counted on
 * @private: pages that only this mm maps, when the killer last counted them
 * @listed: its place in /proc/oom, from 1, when the killer last looked; 0: none
 * @copies: pages of address spaces that are being copied from this one, when
 *	the killer last looked
 * @dying: its share of the owner's &mm_limit_account.dying; under the owner's lock
 *
 * All but @dying belong to the owner's kill work.
 */
struct mm_limit_mm_kill {
	unsigned int scan;
	unsigned int seen;
	bool killed;
	bool lost;
	long at_kill;
	unsigned long private;
	unsigned int listed;
	long copies;
	long dying;
};

/**
 * struct mm_limit_mm_copy - where an address space in the making comes from
 * @source: the mm of the process that makes it, in a fork or exec under way, which
 *	keeps it alive. Cleared under the owner's lock.
 * @stopped: its copying was stopped at the limit; set by the thread that copies it
 */
struct mm_limit_mm_copy {
	struct mm_struct *source;
	bool stopped;
};

/**
 * struct mm_limit_mm - an address space's membership in an account
 * @charged: where page counts go: nowhere (NULL), to the counter of @account,
 *	or, during a hand-over, to @frozen. Written under @freeze_lock.
 * @frozen: a counter always above its max, so that each charge takes the slow
 *	path and takes @freeze_lock
 * @account: the account that page counts go to, or NULL. Written as @charged.
 * @owner: the account of the real uid that owns the mm, NULL when detached;
 *	the mm holds a reference on its user_struct. Changes under @freeze_lock and
 *	the locks of both the old and the new account.
 * @handover: number of the last hand-over that has frozen it, under @freeze_lock
 * @freeze_lock: serializes changes of the mm's counters while the mm is handed over
 * @node: in @owner's list, under @owner's lock
 * @users: the threads that use it
 * @kill: what the killer knows about it
 * @copy: where it comes from, until it is complete
 * @walked: number of the last walk of a trigger that came across it, under the
 *	owner's &mm_limit_account.walk_mutex
 * @turn: number of the clock's last turn that has been through with it, under
 *	the owner's &mm_limit_account.reclaim_mutex
 */
struct mm_limit_mm {
	struct mm_limit_counter *charged;
	struct mm_limit_counter frozen;
	struct mm_limit_account *account;
	struct mm_limit_account *owner;
	int handover;
	spinlock_t freeze_lock;	/* counters during a hand-over */
	struct list_head node;
	struct mm_limit_mm_users users;
	struct mm_limit_mm_kill kill;
	struct mm_limit_mm_copy copy;
	unsigned int walked;
	unsigned int turn;
};

#define MM_LIMIT_ACCOUNT_INIT(acct) {					\
	.counter.max = LONG_MAX,					\
	.counter.pool_level = MM_LIMIT_SLOW_MAX,			\
	.max	= LONG_MAX,						\
	.level	= LONG_MAX,						\
	.swap	= {							\
		.lock	= __SPIN_LOCK_UNLOCKED((acct).swap.lock),	\
		.max	= LONG_MAX,					\
		.max_set = LONG_MAX,					\
	},								\
	.held.lock = __SPIN_LOCK_UNLOCKED((acct).held.lock),		\
	.wait	= __WAIT_QUEUE_HEAD_INITIALIZER((acct).wait),		\
	.lock	= __SPIN_LOCK_UNLOCKED((acct).lock),			\
	.mms	= LIST_HEAD_INIT((acct).mms),				\
	.members = LIST_HEAD_INIT((acct).members),			\
	.pool_node = LIST_HEAD_INIT((acct).pool_node),			\
	.walk_mutex = __MUTEX_INITIALIZER((acct).walk_mutex),		\
	.reclaim_mutex = __MUTEX_INITIALIZER((acct).reclaim_mutex),	\
	.limit_mutex = __MUTEX_INITIALIZER((acct).limit_mutex),	\
	.self_mutex = __MUTEX_INITIALIZER((acct).self_mutex),		\
	.log	= RATELIMIT_STATE_INIT((acct).log, MM_LIMIT_LOG_INTERVAL, \
				       MM_LIMIT_LOG_BURST),		\
	.pollers = __WAIT_QUEUE_HEAD_INITIALIZER((acct).pollers),	\
	.tell	= __DELAYED_WORK_INITIALIZER((acct).tell, mm_limit_tell, 0), \
}

#endif /* CONFIG_MM_LIMIT */
#endif /* _LINUX_MM_LIMIT_TYPES_H */
