/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmmlimit: per-user limits on physical memory, from user space.
 *
 * No function here prints, exits or changes errno on purpose: each returns 0,
 * or a negative errno value that mmlimit_strerror() puts into words. All are
 * thread-safe.
 *
 * Sizes are bytes of physical memory, times are milliseconds, users are those
 * of the caller's user namespace.
 */
#ifndef MMLIMIT_H
#define MMLIMIT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/mm_limit.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * No limit, for mmlimit_set() and its kin, which take what fits a long, as their system
 * calls do; MM_LIMIT_ATTR_NONE elsewhere. One byte less is a limit like any other, if
 * a huge one; so is 0. Machines of 32 bits can have limits above 4 GiB, too: see
 * mmlimit_change().
 */
#define MMLIMIT_NONE ULONG_MAX

/* Room for what mmlimit_format_size(), _duration() and _range() write */
#define MMLIMIT_TEXT_SIZE 24

/**
 * mmlimit_set - limit a user's memory, without grace
 * @uid: the user
 * @bytes: the limit; MMLIMIT_NONE removes it
 *
 * With CAP_SYS_RESOURCE the limit is a hard one, for any user. Without, a
 * process may limit its own real user only, and never beyond a hard limit.
 * Lowering a limit below what the user has kills at once.
 *
 * Return: 0, or -EACCES (the uid is below vm.mm_limit_min_uid), -EPERM (not
 * allowed), -ENODATA (nothing to remove), -ENOSPC (the table is full), -EINVAL
 * (no such uid in this namespace), -ENOMEM, or -ENOSYS (the kernel has no
 * limits).
 */
int mmlimit_set(uid_t uid, unsigned long bytes);

/**
 * mmlimit_set_time - limit a user's memory, with grace
 * @uid: the user
 * @bytes: the limit; MMLIMIT_NONE removes it
 * @grace_ms: how long the user may stay above @bytes before the killer acts; 0
 *	is not at all
 *
 * Return: as mmlimit_set().
 */
int mmlimit_set_time(uid_t uid, unsigned long bytes, unsigned int grace_ms);

/**
 * mmlimit_remove - take a user's limit away
 * @uid: the user
 *
 * Nothing that this limit set in motion kills any more once the call has
 * returned.
 *
 * Return: as mmlimit_set().
 */
int mmlimit_remove(uid_t uid);

/**
 * mmlimit_get - read the limit in force for a user
 * @uid: the user: one's own real one, or any with CAP_SYS_RESOURCE
 * @limit: where to put it; untouched if the call fails
 *
 * Return: 0, or -EACCES, -EPERM, -ENODATA (the user has no limit), -EINVAL,
 * -EFAULT or -ENOSYS.
 */
int mmlimit_get(uid_t uid, struct mm_limit_user *limit);

/**
 * mmlimit_set_evict - as mmlimit_set(), and make room for it
 * @uid: the user
 * @bytes: the limit; MMLIMIT_NONE removes it
 *
 * If the table is full, the limit that was set longest ago gives way. That
 * takes CAP_SYS_RESOURCE; without, a full table stays -ENOSPC.
 *
 * Return: as mmlimit_set(), or 1 if a limit was evicted.
 */
int mmlimit_set_evict(uid_t uid, unsigned long bytes);

/**
 * mmlimit_kill - run the killer now
 * @policy: enum mm_limit_policy, for all users; MM_LIMIT_POLICY_OWN: each
 *	limit's own
 *
 * Each user that is above its limit loses processes until it no longer is,
 * whatever the trigger and without regard to graces. Takes CAP_SYS_RESOURCE.
 *
 * Return: how many processes were killed, or -EPERM, -EINVAL (no such policy),
 * -ENOMEM or -ENOSYS.
 */
int mmlimit_kill(int policy);

/**
 * mmlimit_read - read everything about a limit
 * @uid: as for mmlimit_get()
 * @attr: where to put it; its fields say which settings the kernel has: one that
 *	cannot reclaim lacks MM_LIMIT_FIELD_THRESHOLD and _SWAP_MAX, and leaves
 *	what belongs to them 0, or MM_LIMIT_ATTR_NONE
 *
 * Return: as mmlimit_get().
 */
int mmlimit_read(uid_t uid, struct mm_limit_attr *attr);

/**
 * mmlimit_change - set or change a limit
 * @attr: the user, which fields, and their values
 *
 * Fields that are not named stay as they are; a user without a limit gets one if
 * the size is named. Policy and flags of a limit with a hard part, and what the
 * flags need, are changed only with CAP_SYS_RESOURCE.
 *
 * MM_LIMIT_FIELD_FLAGS with MM_LIMIT_RECLAIM makes the limit swap cold memory out
 * before it kills; the threshold is MM_LIMIT_THRESHOLD_DEFAULT then, and swap bounded
 * by as much as the size, unless they are named or were set before. With
 * MM_LIMIT_DRY_RUN nobody is killed, see mmlimit_kills_read().
 *
 * Return: as mmlimit_set(); -ENODATA if there is no limit to change; -EINVAL for
 * an unknown policy, flag or field, a size of MM_LIMIT_ATTR_NONE, or a threshold or
 * swap_max of a limit that does not reclaim; -E2BIG for a field that the kernel
 * does not know, as one that cannot reclaim.
 */
int mmlimit_change(const struct mm_limit_attr *attr);

/*
 * Rules give many users a limit, those that are yet to come, too: all uids from @first to
 * @last either have one each, or share one, as a pool. All calls about rules take
 * CAP_SYS_RESOURCE (-EPERM); -EOPNOTSUPP: the kernel has limits, but no rules; -EINVAL:
 * not a range; -ENODATA: no rule is for just this range.
 */

/* Whether this is a rule, and not the limit of a user: then its uid is nobody's */
bool mmlimit_is_rule(const struct mm_limit_attr *attr);

/* Whether two are of the same user, or are rules for the same users */
bool mmlimit_is_same(const struct mm_limit_attr *a,
		     const struct mm_limit_attr *b);

/* Reads everything about a rule, or takes it away, and what it gave users. */
int mmlimit_rule_read(uid_t first, uid_t last, struct mm_limit_attr *attr);
int mmlimit_rule_remove(uid_t first, uid_t last);

/**
 * mmlimit_rule_change - set or change a rule
 * @attr: its range, its kind, which fields, and their values; its uid is not used
 *
 * The kind is MM_LIMIT_RULE_EACH or _POOL; MM_LIMIT_RULE_NONE: that of the rule that
 * stands. Fields are as for mmlimit_change(). The narrowest rule goes before a wider one,
 * and a user's own hard limit before a rule that gives one to each; it does not take
 * its user out of a pool.
 *
 * Return: as mmlimit_change(), or as above; -EACCES: @attr->first is below
 * vm.mm_limit_min_uid; -EEXIST: a rule of the other kind is for just this range;
 * -EINVAL also for a pool that is to reclaim.
 */
int mmlimit_rule_change(const struct mm_limit_attr *attr);

/**
 * mmlimit_parse_range - read whom a rule is for
 * @text: "FIRST-LAST", two decimal uids; or "default": from vm.mm_limit_min_uid, or
 *	10000 if the kernel does not say, to 4294967294
 * @first: where to put the first uid
 * @last: where to put the last
 *
 * Return: 0, -ENOENT (not of this form, so it may be a user), or -ERANGE (the last one
 * comes before the first one, or is above 4294967294).
 */
int mmlimit_parse_range(const char *text, uid_t *first, uid_t *last);

/* Writes a range as mmlimit_parse_range() understands it. Returns @text. */
char *mmlimit_format_range(uid_t first, uid_t last,
			   char text[MMLIMIT_TEXT_SIZE]);

/* The name of a kind of rule, "each" or "pool", or NULL */
const char *mmlimit_rule_name(unsigned int rule);

/**
 * mmlimit_user - find a user by name or number
 * @name: a login name, or else a decimal uid; a name made of digits wins over
 *	the number, as with chown(1)
 * @uid: where to put the user's number
 *
 * Return: 0, -ENOENT (neither a user nor a number a uid can have), or -ENOMEM.
 */
int mmlimit_user(const char *name, uid_t *uid);

/**
 * mmlimit_parse_size - read a size
 * @text: a decimal number, perhaps with a fraction, and a unit: K, M, G, KiB,
 *	MiB, GiB are powers of 1024, kB, MB, GB of 1000, B or none is bytes; in
 *	upper or lower case; % is of the machine's memory, as MemTotal in
 *	/proc/meminfo has it; no blanks, and a digit on both sides of the point
 * @bytes: where to put it, rounded down
 *
 * Return: 0, -EINVAL (not a size), or -ERANGE (more than MM_LIMIT_ATTR_NONE - 1, or
 * than 100%).
 */
int mmlimit_parse_size(const char *text, uint64_t *bytes);

/**
 * mmlimit_format_size - write a size for people
 * @bytes: the size, or MM_LIMIT_ATTR_NONE
 * @text: where to put it: "1.5GiB", rounded to nearest, or "none"
 *
 * What a parser of sizes makes of it is @bytes again only up to the rounding.
 *
 * Return: @text.
 */
char *mmlimit_format_size(uint64_t bytes, char text[MMLIMIT_TEXT_SIZE]);

/**
 * mmlimit_parse_duration - read a duration
 * @text: a decimal number, perhaps with a fraction, and a unit: ms, s, m or min,
 *	h; only 0 needs none; otherwise as for mmlimit_parse_size(), but in lower
 *	case
 * @ms: where to put it, in milliseconds, rounded down
 *
 * Return: 0, -EINVAL (not a duration), or -ERANGE (does not fit).
 */
int mmlimit_parse_duration(const char *text, unsigned int *ms);

/* Writes a duration for people, exactly: "2s", "1.5s", "20ms". Returns @text. */
char *mmlimit_format_duration(unsigned int ms, char text[MMLIMIT_TEXT_SIZE]);

/**
 * mmlimit_parse_policy - find a policy
 * @text: its name ("highest_rss") or its number
 * @policy: where to put enum mm_limit_policy
 *
 * Return: 0, or -EINVAL (no such policy).
 */
int mmlimit_parse_policy(const char *text, unsigned int *policy);

/**
 * mmlimit_parse_reclaim - read whether a limit reclaims, and from where on
 * @text: "80%" or "80": the threshold in percent of the limit, a whole number; or
 *	"off"
 * @threshold: where to put it: 1 to 100, or 0 for "off"
 *
 * Return: 0, -EINVAL (neither), or -ERANGE (not from 1 to 100).
 */
int mmlimit_parse_reclaim(const char *text, unsigned int *threshold);

/* The same for whether a user is warned, and from which percentage on */
int mmlimit_parse_warn(const char *text, unsigned int *percent);

/**
 * mmlimit_parse_swap_max - read how much may be swapped out for a limit
 * @text: a size as for mmlimit_parse_size(), or "none"
 * @bytes: where to put it; MM_LIMIT_SWAP_UNBOUNDED for "none"
 *
 * Return: as mmlimit_parse_size().
 */
int mmlimit_parse_swap_max(const char *text, __u64 *bytes);

/* The name of a policy, or NULL */
const char *mmlimit_policy_name(unsigned int policy);

/* The name of a state of enum mm_limit_state, or NULL */
const char *mmlimit_state_name(unsigned int state);

/* The name of a reason of enum mm_limit_reason, or NULL */
const char *mmlimit_reason_name(unsigned int reason);

/*
 * All limits at once, from /proc/mm_limits. Unprivileged callers see their own
 * only.
 */

/* Where the kernel lists them */
#define MMLIMIT_LIST_PATH "/proc/mm_limits"

/**
 * mmlimit_list_open - open the kernel's list of limits
 *
 * Return: a file descriptor, close-on-exec, for mmlimit_list_read() and poll():
 * POLLPRI says that something has happened to a limit since it was last read.
 * Or -ENOSYS (the kernel has no limits), or another negative errno value.
 */
int mmlimit_list_open(void);

/**
 * mmlimit_list_read - read the list, from its start
 * @fd: from mmlimit_list_open()
 * @limits: an array to be freed with free(), most recently set first
 * @count: its length
 *
 * Return: 0, -ENOMEM, -EPROTO (not a list of limits), or what reading said.
 */
int mmlimit_list_read(int fd, struct mm_limit_attr **limits, size_t *count);

/**
 * mmlimit_list_parse - the same from memory
 * @text: what the file has; need not end in a newline
 * @length: its length
 * @limits: as above
 * @count: as above
 *
 * Columns are found by the names in the first line, so that later kernels may
 * add some. Numbers of a column that is not there are 0, but a part of the limit
 * does not exist then, and swap is not bounded; fields are as mmlimit_read() gives
 * them. A policy, a state or a kind of rule that has no name here is UINT_MAX.
 *
 * Rules are in the list, too: see mmlimit_is_rule(). Of a user, rule, first and last
 * tell which rule has given it its limit, or in whose pool it is.
 *
 * Return: as above.
 */
int mmlimit_list_parse(const char *text, size_t length,
		       struct mm_limit_attr **limits, size_t *count);

/*
 * The last kills of each limit, from /proc/mm_limit_kills. Unprivileged callers see
 * those of their own limit only, whichever of their processes are left, and of a pool
 * those of their own processes, without what the pool's other members had.
 */

/* Where the kernel tells of them */
#define MMLIMIT_KILLS_PATH "/proc/mm_limit_kills"

/* Room for the name of a process, and processes that are named beside a victim */
#define MMLIMIT_NAME_SIZE 16
#define MMLIMIT_BESIDE 5

/**
 * struct mmlimit_process - a process at the time of a kill
 * @pid: in the initial pid namespace
 * @name: as it is: any bytes, up to a null byte
 * @memory: what would have been gained if it had gone, in bytes
 */
struct mmlimit_process {
	pid_t pid;
	char name[MMLIMIT_NAME_SIZE];
	uint64_t memory;
};

/**
 * struct mmlimit_kill - a kill
 * @uid: the user whose process it was
 * @number: which of this limit's, counted from 1
 * @boot_ns: when, in nanoseconds of CLOCK_BOOTTIME
 * @wall_ns: the same in CLOCK_REALTIME, as that is set when it is read
 * @dry_run: nobody was killed, because the limit was a dry run
 * @term: the victim was not killed, but asked to end, by SIGTERM
 * @reason: enum mm_limit_reason, or UINT_MAX: one that has no name here
 * @policy: enum mm_limit_policy, by which the victim was chosen, or likewise
 * @usage: what the user had, in bytes
 * @mm_max: the limit in force
 * @anon: this and the next five are what the user had of each kind, as in
 *	struct mm_limit_attr
 * @file: see @anon
 * @shmem: see @anon
 * @tables: see @anon
 * @swap: see @anon
 * @kernel: see @anon
 * @victim: who was killed
 * @age_ns: the time since it was forked
 * @cpu_ns: the CPU time that its threads had used
 * @beside: the user's largest other processes, the largest first
 * @beside_count: how many these are
 * @has_parts: what the user, or the pool, had of each kind is told, and who was beside
 * @is_pool: it was for the limit of a pool, so that the usage is the pool's
 * @first: the first uid of the pool
 * @last: the last
 */
struct mmlimit_kill {
	uid_t uid;
	uint64_t number;
	uint64_t boot_ns;
	int64_t wall_ns;
	bool dry_run;
	bool term;
	unsigned int reason;
	unsigned int policy;
	uint64_t usage;
	uint64_t mm_max;
	uint64_t anon;
	uint64_t file;
	uint64_t shmem;
	uint64_t tables;
	uint64_t swap;
	uint64_t kernel;
	struct mmlimit_process victim;
	uint64_t age_ns;
	uint64_t cpu_ns;
	struct mmlimit_process beside[MMLIMIT_BESIDE];
	size_t beside_count;
	bool has_parts;
	bool is_pool;
	uid_t first;
	uid_t last;
};

/**
 * mmlimit_kills_read - read what the kernel tells of kills
 * @kills: an array to be freed with free(): limits most recently set first, of each the
 *	last kill last
 * @count: its length
 *
 * Return: 0, -ENOSYS (the kernel has no limits, or remembers no kills), -ENOMEM,
 * -EPROTO (not a list of kills), or what opening and reading said.
 */
int mmlimit_kills_read(struct mmlimit_kill **kills, size_t *count);

/**
 * mmlimit_kills_parse - the same from memory
 * @text: what the file has; need not end in a newline
 * @length: its length
 * @kills: as above
 * @count: as above
 *
 * Fields are found by their keys, so that later kernels may add some; what a line does
 * not have is 0 or empty. Each line has to have a uid and a pid.
 *
 * Return: 0, -ENOMEM or -EPROTO.
 */
int mmlimit_kills_parse(const char *text, size_t length,
			struct mmlimit_kill **kills, size_t *count);

/*
 * The configuration file: for each limit a line "USER SIZE", perhaps with
 * "grace=DURATION", "policy=POLICY", "warn=PERCENT", "term=DURATION", "dry_run=yes",
 * "reclaim=PERCENT" and, only with the latter, "swap_max=SIZE" behind; for each rule
 * the same with a range, as for mmlimit_parse_range(), in the place of the user, and
 * perhaps "pool=yes"; after a line "[mmlimitd]", "interval=DURATION" and
 * "policy=POLICY", which may be "own", for the daemon. # begins a comment, also
 * behind something. Lines end as on Unix or as on DOS, and have no more than 1000
 * bytes. A byte order mark of UTF-8 may come first.
 */

/* Where it is by default */
#define MMLIMIT_CONF_PATH "/etc/mmlimit.conf"

/**
 * struct mmlimit_conf - what a configuration file says
 * @limits: for mmlimit_change(), or mmlimit_rule_change() if mmlimit_is_rule() is true,
 *	in the order of the file; the fields that a line does not name are set to
 *	their defaults, so that the file alone decides
 * @lines: where each stands in the file, from 1
 * @count: their number
 * @interval_ms: how often mmlimitd looks; 0: the file does not say
 * @policy: the policy it uses, or MM_LIMIT_POLICY_OWN
 * @policy_line: where the file says so, from 1; 0: it does not
 */
struct mmlimit_conf {
	struct mm_limit_attr *limits;
	unsigned int *lines;
	size_t count;
	unsigned int interval_ms;
	int policy;
	unsigned int policy_line;
};

/**
 * struct mmlimit_conf_error - what is wrong with a configuration file
 * @line: where, from 1; 0: the file as a whole, or no memory
 * @reason: a sentence without a full stop
 */
struct mmlimit_conf_error {
	unsigned int line;
	char reason[192];
};

/**
 * mmlimit_conf_parse - understand a configuration file
 * @text: its text
 * @length: its length
 * @conf: what it says, for mmlimit_conf_free(); untouched on failure
 * @error: filled on failure
 *
 * Return: 0, -EINVAL (see @error), or -ENOMEM.
 */
int mmlimit_conf_parse(const char *text, size_t length,
		       struct mmlimit_conf *conf,
		       struct mmlimit_conf_error *error);

/*
 * The same for a file of no more than 1 MiB; a failure to read it is described in
 * @error, too, and returned.
 */
int mmlimit_conf_read(const char *path, struct mmlimit_conf *conf,
		      struct mmlimit_conf_error *error);

void mmlimit_conf_free(struct mmlimit_conf *conf);

/**
 * mmlimit_strerror - say what went wrong, in terms of limits
 * @error: what a function of this library returned
 *
 * Return: a sentence without a full stop, never NULL; it is constant.
 */
const char *mmlimit_strerror(int error);

#ifdef __cplusplus
}
#endif

#endif /* MMLIMIT_H */
