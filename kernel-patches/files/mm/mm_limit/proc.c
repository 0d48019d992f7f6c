// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: /proc/mm_limits and /proc/mm_limit_kills.
 *
 * The first has a line with the names of the columns, then a line for each limit, most
 * recently set first; the second has the last kills of each that was set, in the same order,
 * and then by uid those of each that a rule has given a user, or had given one that has gone.
 * Readers that had CAP_SYS_RESOURCE when they opened one see all limits and rules, others
 * their own. Sizes are bytes, "-" stands for none. A reader holds no lock, so that nobody
 * waits for it; it may miss a limit that is set anew meanwhile.
 *
 * For both poll() reports POLLPRI when anything has happened to a limit that the reader can
 * see since the file was last read from its start. Readers that wait are woken by a
 * work, a tick later and not more often than that, so that they cost nothing to the
 * user that it happens to.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "account.h"
#include "events.h"
#include "history.h"
#include "kill.h"
#include "limit.h"
#include "table.h"

static const char *const state_names[] = {
	[MM_LIMIT_IDLE]		= "idle",
	[MM_LIMIT_EXCEEDED]	= "exceeded",
	[MM_LIMIT_GRACE]	= "grace",
	[MM_LIMIT_KILLING]	= "killing",
	[MM_LIMIT_STUCK]	= "stuck",
	[MM_LIMIT_RECLAIMING]	= "reclaiming",
	[MM_LIMIT_TERMINATING]	= "terminating",
};

/* The opener of the file decides, not its reader. */
static bool sees_all(const struct file *file)
{
	return file_ns_capable(file, &init_user_ns, CAP_SYS_RESOURCE);
}

static atomic_t *events_of(const struct file *file)
{
	return sees_all(file) ? &mm_limit_events : &file->f_cred->user->mm_limit.events;
}

/*
 * Places behind the heading count down from when the limit was set, so that they stay
 * what they are while others come and go. A reader's own limit has the first. Behind all
 * of them are those of the histories that rules have, by their keys.
 */
#define FIRST_BY_RULE		((loff_t)BIT_ULL(62))
#define PLACE_OF(set_at)	(FIRST_BY_RULE - 1 - (loff_t)(set_at))

/* The limit at a place or behind it, with a reference */
static struct mm_limit *seek(struct seq_file *m, loff_t *pos, bool gone)
{
	struct mm_limit *limit;
	u64 set_at;

	if (!sees_all(m->file))
		return *pos == 1 ? mm_limit_find(&m->file->f_cred->user->mm_limit) :
				   NULL;
	if (*pos >= FIRST_BY_RULE)
		return NULL;
	set_at = PLACE_OF(*pos) + 1;
	limit = mm_limit_table_before(&set_at, gone);
	if (limit)
		*pos = PLACE_OF(set_at);
	return limit;
}

static void *start_of_file(struct seq_file *m)
{
	m->poll_event = atomic_read(events_of(m->file));
	smp_rmb(); /* what comes after it is reported */
	return SEQ_START_TOKEN;
}

static void *limits_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? seek(m, pos, false) : start_of_file(m);
}

static void limits_stop(struct seq_file *m, void *v)
{
	if (v && v != SEQ_START_TOKEN)
		mm_limit_put(v);
}

static void *limits_next(struct seq_file *m, void *v, loff_t *pos)
{
	limits_stop(m, v);
	++*pos;
	return seek(m, pos, false);
}

static void show_size(struct seq_file *m, u64 bytes)
{
	if (bytes == MM_LIMIT_ATTR_NONE)
		seq_puts(m, " -");
	else
		seq_printf(m, " %llu", bytes);
}

/* The users that a rule is for, as the reader counts them */
static void show_range(struct seq_file *m, const struct mm_limit_attr *attr)
{
	struct user_namespace *ns = seq_user_ns(m);

	seq_printf(m, "%u-%u", from_kuid_munged(ns, KUIDT_INIT(attr->first)),
		   from_kuid_munged(ns, KUIDT_INIT(attr->last)));
}

/* Which kind of rule this is, or which rule it is that goes for the user */
static void show_rule(struct seq_file *m, const struct mm_limit *limit,
		      const struct mm_limit_attr *attr)
{
	static const char *const kinds[] = {
		[MM_LIMIT_RULE_NONE] = "-",
		[MM_LIMIT_RULE_EACH] = "each",
		[MM_LIMIT_RULE_POOL] = "pool",
	};

	seq_puts(m, kinds[attr->rule]);
	if (!limit->is_rule && attr->rule != MM_LIMIT_RULE_NONE) {
		seq_putc(m, ':');
		show_range(m, attr);
	}
}

static void show_part(struct seq_file *m, u64 max, u64 grace_ms)
{
	if (max == MM_LIMIT_ATTR_NONE)
		seq_puts(m, " - -");
	else
		seq_printf(m, " %llu %llu", max, grace_ms);
}

static void show_reclaim(struct seq_file *m, const struct mm_limit_attr *attr)
{
	if (attr->flags & MM_LIMIT_RECLAIM)
		seq_printf(m, " %u %llu", attr->threshold, attr->swap);
	else
		seq_printf(m, " - %llu", attr->swap);
	show_size(m, attr->swap_max);
	seq_printf(m, " %llu %llu %llu %llu %llu %llu %u", attr->scanned,
		   attr->spared, attr->swapped_out, attr->dropped,
		   attr->direct_reclaims, attr->refaults, attr->thrashed);
}

static int limits_show(struct seq_file *m, void *v)
{
	struct mm_limit *limit = v;
	struct mm_limit_attr attr;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "uid mm_max time_allow_exceed_ms policy flags state usage peak exceeds graces kills pid pRSS uRSS hard_max hard_ms self_max self_ms threshold swap swap_max scanned spared swapped_out dropped direct_reclaims refaults thrashed anon file shmem tables kernel refused warn warned warnings dry_kills term_ms terms rule swap_stored\n");
		return 0;
	}

	mm_limit_describe(limit, &attr);
	if (limit->is_rule)
		show_range(m, &attr);
	else
		seq_printf(m, "%u", from_kuid_munged(seq_user_ns(m),
						     limit->user->uid));
	show_size(m, attr.mm_max);
	seq_printf(m, " %llu %s %u %s %llu %llu %llu %llu %llu", attr.grace_ms,
		   mm_limit_policy_names[attr.policy], attr.flags,
		   state_names[attr.state], attr.usage, attr.peak, attr.exceeds,
		   attr.graces, attr.kills);
	if (attr.kill_pid)
		seq_printf(m, " %d %llu %llu", attr.kill_pid, attr.kill_rss,
			   attr.kill_usage);
	else
		seq_puts(m, " - - -");
	show_part(m, attr.hard_max, attr.hard_grace_ms);
	show_part(m, attr.self_max, attr.self_grace_ms);
	show_reclaim(m, &attr);
	seq_printf(m, " %llu %llu %llu %llu %llu %llu", attr.anon, attr.file,
		   attr.shmem, attr.tables, attr.kernel, attr.refused);
	if (attr.warn)
		seq_printf(m, " %u", attr.warn);
	else
		seq_puts(m, " -");
	seq_printf(m, " %u %llu %llu %llu %llu ", attr.warned, attr.warnings,
		   attr.dry_kills, attr.term_ms, attr.terms);
	show_rule(m, limit, &attr);
	seq_printf(m, " %llu\n", attr.swap_stored);
	return 0;
}

static const struct seq_operations limits_ops = {
	.start	= limits_start,
	.next	= limits_next,
	.stop	= limits_stop,
	.show	= limits_show,
};

static struct mm_limit_history *history_of_pool(struct mm_limit_account *acct)
{
	struct mm_limit_account *pool = mm_limit_get_pool(acct);
	struct mm_limit_history *history = NULL;
	struct mm_limit *limit;

	if (!pool)
		return NULL;
	limit = mm_limit_find(pool);
	if (limit) {
		history = mm_limit_history_of(limit);
		mm_limit_put(limit);
	}
	free_uid(mm_limit_account_user(pool));
	return history;
}

/* The history of a limit at a place or behind it, with a reference */
static struct mm_limit_history *seek_limits(struct seq_file *m, loff_t *pos)
{
	struct mm_limit_history *history = NULL;
	struct mm_limit *limit;

	while (!history && (limit = seek(m, pos, true))) {
		history = mm_limit_history_of(limit);
		mm_limit_put(limit);
		*pos += !history;
	}
	return history;
}

/* A rule's history at a place or behind it, with a reference: anybody's, or the reader's own */
static struct mm_limit_history *seek_by_rule(struct seq_file *m, loff_t *pos)
{
	struct mm_limit_history *history;
	u64 first = 0, end = U64_MAX, key;
	uid_t uid;

	if (!sees_all(m->file)) {
		uid = from_kuid(&init_user_ns, m->file->f_cred->uid);
		first = mm_limit_history_key(uid);
		end = mm_limit_history_key(uid + 1);
	}
	key = max(first, (u64)max(*pos - FIRST_BY_RULE, 0LL));
	history = mm_limit_next_history(&key, end);
	if (history)
		*pos = FIRST_BY_RULE + key;
	return history;
}

/*
 * A reader sees its own limit's, of its pool's what has become of its processes, for the
 * rest is the other members' business, and what rules have kept of it.
 */
static struct mm_limit_history *seek_history(struct seq_file *m, loff_t *pos)
{
	struct mm_limit_history *history = seek_limits(m, pos);

	if (!history && !sees_all(m->file) && *pos <= 2) {
		*pos = 2;
		history = history_of_pool(&m->file->f_cred->user->mm_limit);
	}
	return history ? history : seek_by_rule(m, pos);
}

static void *kills_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? seek_history(m, pos) : start_of_file(m);
}

static void kills_stop(struct seq_file *m, void *v)
{
	if (v && v != SEQ_START_TOKEN)
		mm_limit_put_history(v);
}

static void *kills_next(struct seq_file *m, void *v, loff_t *pos)
{
	kills_stop(m, v);
	++*pos;
	return seek_history(m, pos);
}

/* Whose kills of a limit a reader sees; INVALID_UID: all */
static kuid_t kills_seen(const struct seq_file *m,
			 const struct mm_limit_history *history)
{
	if (sees_all(m->file) || history->range.rule == MM_LIMIT_RULE_NONE)
		return INVALID_UID;
	return m->file->f_cred->uid;
}

static int kills_show(struct seq_file *m, void *v)
{
	if (v != SEQ_START_TOKEN)
		mm_limit_show_kills(m, v, kills_seen(m, v));
	return 0;
}

static const struct seq_operations kills_ops = {
	.start	= kills_start,
	.next	= kills_next,
	.stop	= kills_stop,
	.show	= kills_show,
};

static int open_seq(struct file *file, const struct seq_operations *ops)
{
	int ret = seq_open(file, ops);

	if (!ret)
		((struct seq_file *)file->private_data)->poll_event =
			atomic_read(events_of(file));
	return ret;
}

static int limits_open(struct inode *inode, struct file *file)
{
	return open_seq(file, &limits_ops);
}

static int kills_open(struct inode *inode, struct file *file)
{
	return open_seq(file, &kills_ops);
}

static __poll_t limits_poll(struct file *file, poll_table *wait)
{
	struct seq_file *m = file->private_data;
	__poll_t ready = EPOLLIN | EPOLLRDNORM;

	poll_wait(file,
		  sees_all(file) ? &mm_limit_pollers : &file->f_cred->user->mm_limit.pollers,
		  wait);
	if (READ_ONCE(m->poll_event) != atomic_read(events_of(file)))
		ready |= EPOLLERR | EPOLLPRI;
	return ready;
}

static const struct proc_ops limits_proc_ops = {
	.proc_open	= limits_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_poll	= limits_poll,
	.proc_release	= seq_release,
};

static const struct proc_ops kills_proc_ops = {
	.proc_open	= kills_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_poll	= limits_poll,
	.proc_release	= seq_release,
};

static int __init mm_limit_proc_init(void)
{
	proc_create("mm_limits", 0444, NULL, &limits_proc_ops);
	proc_create("mm_limit_kills", 0444, NULL, &kills_proc_ops);
	return 0;
}
late_initcall(mm_limit_proc_init);
