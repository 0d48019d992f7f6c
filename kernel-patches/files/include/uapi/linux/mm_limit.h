/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Per-user limits on physical memory: system call numbers and structures.
 * Semantics and errors: Documentation/admin-guide/mm/mm_limit.rst.
 */
#ifndef _UAPI_LINUX_MM_LIMIT_H
#define _UAPI_LINUX_MM_LIMIT_H

#include <linux/types.h>

/*
 * The numbers are the same in the kernel's table (arch/arm/tools/syscall.tbl),
 * far above those that upstream hands out.
 */
#ifndef __KERNEL__
#ifndef __NR_mm_limit
#define __NR_mm_limit		500
#define __NR_mm_limit_time	501
#define __NR_get_mm_limit	502
#define __NR_set_mm_limits	503
#define __NR_mm_limit_kill	504
#define __NR_mm_limit_ctl	505
#endif
#endif

/**
 * struct mm_limit_user - the limit in force for a user, see get_mm_limit()
 * @mm_max: bytes of physical memory
 * @time_allow_exceed_ms: how long the user may stay above @mm_max, in
 *	milliseconds; 0 is not at all
 */
struct mm_limit_user {
	unsigned long mm_max;
	unsigned long time_allow_exceed_ms;
};

/**
 * enum mm_limit_policy - which of a user's processes has to go first
 * @MM_LIMIT_POLICY_OWN: for mm_limit_kill(): each limit's own policy
 * @MM_LIMIT_HIGHEST_RSS: most pages: resident, page tables and swap
 * @MM_LIMIT_LONGEST_RUN_TIME: most CPU time, user and system
 * @MM_LIMIT_BADNESS: pages in thousandths of RAM and swap, 30 fewer with
 *	CAP_SYS_ADMIN, plus oom_score_adj; at least 1
 * @MM_LIMIT_MOST_PRIVATE: most pages that nobody else maps
 * @MM_LIMIT_USER_RANKED: the first in /proc/oom; processes that are not listed
 *	come later, most pages first
 */
enum mm_limit_policy {
	MM_LIMIT_POLICY_OWN = -1,
	MM_LIMIT_HIGHEST_RSS,
	MM_LIMIT_LONGEST_RUN_TIME,
	MM_LIMIT_BADNESS,
	MM_LIMIT_MOST_PRIVATE,
	MM_LIMIT_USER_RANKED,
};

/**
 * enum mm_limit_state - how far a limit's enforcement has come
 * @MM_LIMIT_IDLE: below the limit, or nothing is to be done about it
 * @MM_LIMIT_EXCEEDED: above; the killer is about to act
 * @MM_LIMIT_GRACE: above, until the grace ends
 * @MM_LIMIT_KILLING: victims have been killed, their memory is on its way back
 * @MM_LIMIT_STUCK: above, and nothing more can be done about it
 * @MM_LIMIT_RECLAIMING: above; its cold memory is being swapped out
 * @MM_LIMIT_TERMINATING: above; victims have been sent SIGTERM, and have time to end
 */
enum mm_limit_state {
	MM_LIMIT_IDLE,
	MM_LIMIT_EXCEEDED,
	MM_LIMIT_GRACE,
	MM_LIMIT_KILLING,
	MM_LIMIT_STUCK,
	MM_LIMIT_RECLAIMING,
	MM_LIMIT_TERMINATING,
};

/**
 * enum mm_limit_reason - why somebody was killed, see /proc/mm_limit_kills
 * @MM_LIMIT_REASON_EXCEEDED: "exceeded": the user exceeded its limit, which has no grace
 * @MM_LIMIT_REASON_GRACE: "grace": it was still above at the end of the grace
 * @MM_LIMIT_REASON_LOWERED: "lowered": the limit was set below what it had
 * @MM_LIMIT_REASON_RECLAIM: "reclaim": swapping its memory out did not help
 * @MM_LIMIT_REASON_FORCE: "force": others that were killed did not give their memory
 *	back in time
 * @MM_LIMIT_REASON_ORDER: "order": of mm_limit_kill()
 */
enum mm_limit_reason {
	MM_LIMIT_REASON_EXCEEDED,
	MM_LIMIT_REASON_GRACE,
	MM_LIMIT_REASON_LOWERED,
	MM_LIMIT_REASON_RECLAIM,
	MM_LIMIT_REASON_FORCE,
	MM_LIMIT_REASON_ORDER,
};

/*
 * Operations of mm_limit_ctl(): read, and set or change, the limit of a user; read, set or
 * change, and remove a rule, which gives one to many users
 */
#define MM_LIMIT_CTL_GET	0
#define MM_LIMIT_CTL_SET	1
#define MM_LIMIT_CTL_GET_RULE	16
#define MM_LIMIT_CTL_SET_RULE	17
#define MM_LIMIT_CTL_REMOVE_RULE 18

/**
 * enum mm_limit_rule - what a rule gives the users that it is for
 * @MM_LIMIT_RULE_NONE: nothing, there is no rule
 * @MM_LIMIT_RULE_EACH: a limit to each
 * @MM_LIMIT_RULE_POOL: one limit to all of them together
 */
enum mm_limit_rule {
	MM_LIMIT_RULE_NONE,
	MM_LIMIT_RULE_EACH,
	MM_LIMIT_RULE_POOL,
};

/* In mm_limit_attr.fields: what MM_LIMIT_CTL_SET changes */
#define MM_LIMIT_FIELD_MAX	0x1
#define MM_LIMIT_FIELD_GRACE	0x2
#define MM_LIMIT_FIELD_POLICY	0x4
#define MM_LIMIT_FIELD_FLAGS	0x8
#define MM_LIMIT_FIELD_THRESHOLD 0x10
#define MM_LIMIT_FIELD_SWAP_MAX	0x20
#define MM_LIMIT_FIELD_WARN	0x40
#define MM_LIMIT_FIELD_TERM	0x80

/*
 * In mm_limit_attr.flags: swap the user's cold memory out, and kill only when
 * that does not help. Swap counts toward such a limit only beyond swap_max.
 */
#define MM_LIMIT_RECLAIM	0x1

/*
 * In mm_limit_attr.flags: nobody is killed, stopped or refused anything. Who would have
 * been killed is in /proc/mm_limit_kills, for each time that the user crosses the limit.
 */
#define MM_LIMIT_DRY_RUN	0x2

/* In mm_limit_attr.threshold, where no other was set */
#define MM_LIMIT_THRESHOLD_DEFAULT 80

/* In mm_limit_attr, as a size: there is no such limit */
#define MM_LIMIT_ATTR_NONE	(~(__u64)0)

/* In mm_limit_attr.swap_max: any amount, also more than mm_max */
#define MM_LIMIT_SWAP_UNBOUNDED	(MM_LIMIT_ATTR_NONE - 1)

/**
 * struct mm_limit_attr - everything about a limit, see mm_limit_ctl()
 * @uid: the user, always given by the caller
 * @fields: MM_LIMIT_FIELD_*: which of the next four, @swap_max, @threshold, @warn and
 *	@term_ms to change; GET returns all that fit the caller's structure
 * @mm_max: bytes; GET returns the limit in force, SET changes the caller's part
 * @grace_ms: how long the user may stay above, in milliseconds; likewise
 * @policy: enum mm_limit_policy, 0 or more
 * @flags: %MM_LIMIT_RECLAIM, %MM_LIMIT_DRY_RUN
 * @hard_max: the part set with CAP_SYS_RESOURCE, or %MM_LIMIT_ATTR_NONE
 * @hard_grace_ms: its grace
 * @self_max: the part set by the user itself, or %MM_LIMIT_ATTR_NONE
 * @self_grace_ms: its grace
 * @usage: what the user has now, in bytes
 * @peak: the most it had since it has a limit, in bytes
 * @exceeds: how often it was found above its limit
 * @graces: how often a grace has begun
 * @kills: how many processes were killed for this limit
 * @kill_usage: the user's usage before the last kill, in bytes
 * @kill_rss: the victim's share of it
 * @kill_pid: the victim, in the initial pid namespace; 0: none yet
 * @state: enum mm_limit_state
 * @swap_max: bytes of swap, of @swap_stored, that do not count toward the limit, and
 *	that it does not swap out beyond; %MM_LIMIT_ATTR_NONE: as many as @mm_max has,
 *	whatever that is; %MM_LIMIT_SWAP_UNBOUNDED: no bound. With
 *	%MM_LIMIT_RECLAIM only
 * @threshold: percent of @mm_max, 1 to 100, above which cold memory is swapped
 *	out in the background; likewise
 * @thrashed: how often swapping has been given up because what was swapped out
 *	came straight back
 * @swap: what the user has in swap now, in bytes
 * @scanned: pages looked at for swapping out
 * @spared: of those, pages that had been used since they were last looked at
 * @swapped_out: pages of the user swapped out, by its limit or for lack of memory
 * @dropped: times that the queue of pages to swap out was full
 * @direct_reclaims: times that threads of the user swapped out at the limit
 * @refaults: pages brought back from swap because they were used
 * @anon: of @usage, resident anonymous pages of its address spaces, in bytes
 * @file: resident pages of files on other media
 * @shmem: pages of files that are in memory only. With vm.mm_limit_count=held each
 *	once, whoever maps it; with "rss" once for each mapping
 * @tables: page tables
 * @kernel: kernel memory, whether it counts or not
 * @refused: how often an allocation failed because it did not fit the limit
 *
 * @warn: percent of @mm_max, 1 to 100, above which the user is warned; 0: it is not
 * @warned: 1 if it has been warned, and not been a sixteenth below that since; else 0
 * @warnings: how often it has been warned
 * @dry_kills: how many would have been killed, but for %MM_LIMIT_DRY_RUN
 * @term_ms: how long a victim has between SIGTERM and SIGKILL, in milliseconds; meanwhile
 *	the user may have up to 256 KiB above the limit. 0: it gets no SIGTERM
 * @terms: how many were sent SIGTERM
 *
 * @rule: enum mm_limit_rule. GET: whose limit the user has, if not its own, or whose
 *	pool it is in; the operations on rules: of which kind the rule is
 * @first: the first uid that the rule is for; the caller gives it and @last in the
 *	operations on rules, which do not use @uid; GET_RULE sets that to (uid_t)-1
 * @last: the last
 * @members: GET_RULE: users that are in the pool now
 *
 * @swap_stored: what @swap takes, in bytes: less if it is stored compressed (zram), or
 *	of pages that are nothing but zeros, but a sixteenth at least. It is known of
 *	what a limit that reclaims has swapped out; the rest of @swap is in it in full
 *
 * A rule has all the fields of a limit. What a pool has is what its members have.
 *
 * The fields from @hard_max to @state and from @thrashed on but for @warn and @term_ms are
 * for reading only: SET ignores them. Later versions append fields.
 */
struct mm_limit_attr {
	__u32 uid;
	__u32 fields;
	__u64 mm_max;
	__u64 grace_ms;
	__u32 policy;
	__u32 flags;

	__u64 hard_max;
	__u64 hard_grace_ms;
	__u64 self_max;
	__u64 self_grace_ms;
	__u64 usage;
	__u64 peak;
	__u64 exceeds;
	__u64 graces;
	__u64 kills;
	__u64 kill_usage;
	__u64 kill_rss;
	__s32 kill_pid;
	__u32 state;

	__u64 swap_max;
	__u32 threshold;
	__u32 thrashed;
	__u64 swap;
	__u64 scanned;
	__u64 spared;
	__u64 swapped_out;
	__u64 dropped;
	__u64 direct_reclaims;
	__u64 refaults;

	__u64 anon;
	__u64 file;
	__u64 shmem;
	__u64 tables;
	__u64 kernel;
	__u64 refused;

	__u32 warn;
	__u32 warned;
	__u64 warnings;
	__u64 dry_kills;
	__u64 term_ms;
	__u64 terms;

	__u32 rule;
	__u32 first;
	__u32 last;
	__u32 members;

	__u64 swap_stored;
};

/*
 * Sizes of the versions of struct mm_limit_attr: up to @state, up to @refaults, up to
 * @refused, up to @terms, up to @members, up to @swap_stored
 */
#define MM_LIMIT_ATTR_SIZE_VER0	128
#define MM_LIMIT_ATTR_SIZE_VER1	200
#define MM_LIMIT_ATTR_SIZE_VER2	248
#define MM_LIMIT_ATTR_SIZE_VER3	288
#define MM_LIMIT_ATTR_SIZE_VER4	304
#define MM_LIMIT_ATTR_SIZE_VER5	312

#endif /* _UAPI_LINUX_MM_LIMIT_H */
