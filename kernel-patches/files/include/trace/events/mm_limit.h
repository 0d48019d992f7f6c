/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: trace events. Users are uids of the initial user
 * namespace, sizes are bytes; pages of usage are converted for output.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mm_limit

#if !defined(_TRACE_MM_LIMIT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_MM_LIMIT_H

#include <linux/tracepoint.h>
#include <linux/types.h>

#include <uapi/linux/mm_limit.h>

/* A limit was added, updated, removed or evicted. */
TRACE_EVENT(mm_limit_set,

	TP_PROTO(const char *what, uid_t uid, const struct mm_limit_part *part),

	TP_ARGS(what, uid, part),

	TP_STRUCT__entry(
		__string(what, what)
		__field(uid_t, uid)
		__field(u64, mm_max)
		__field(unsigned long, grace_ms)
	),

	TP_fast_assign(
		__assign_str(what);
		__entry->uid = uid;
		__entry->mm_max = part->mm_max;
		__entry->grace_ms = part->time_allow_exceed_ms;
	),

	TP_printk("%s uid=%u mm_max=%llu grace_ms=%lu", __get_str(what),
		  __entry->uid, __entry->mm_max, __entry->grace_ms)
);

/* Something has happened to a user, whose usage is given in pages. */
DECLARE_EVENT_CLASS(mm_limit_usage,

	TP_PROTO(uid_t uid, long usage, u64 mm_max),

	TP_ARGS(uid, usage, mm_max),

	TP_STRUCT__entry(
		__field(uid_t, uid)
		__field(u64, usage)
		__field(u64, mm_max)
	),

	TP_fast_assign(
		__entry->uid = uid;
		__entry->usage = (u64)usage << PAGE_SHIFT;
		__entry->mm_max = mm_max;
	),

	TP_printk("uid=%u uRSS=%llu mm_max=%llu", __entry->uid, __entry->usage,
		  __entry->mm_max)
);

/* The user was found above its limit. */
DEFINE_EVENT(mm_limit_usage, mm_limit_exceed,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* The user has come near its limit, and is warned. */
DEFINE_EVENT(mm_limit_usage, mm_limit_warn,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* A grace begins. */
DEFINE_EVENT(mm_limit_usage, mm_limit_grace,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* A grace has ended with the user below its limit. */
DEFINE_EVENT(mm_limit_usage, mm_limit_normal,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* Victims have not given their memory back in time, and are pushed. */
DEFINE_EVENT(mm_limit_usage, mm_limit_force,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* The user's memory is swapped out before anything else. */
DEFINE_EVENT(mm_limit_usage, mm_limit_reclaim,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* The queue of pages to swap out is full. */
DEFINE_EVENT(mm_limit_usage, mm_limit_drop,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* What is swapped out comes straight back; that has been given up. */
DEFINE_EVENT(mm_limit_usage, mm_limit_thrash,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* The user stays above its limit. */
DEFINE_EVENT(mm_limit_usage, mm_limit_stuck,
	TP_PROTO(uid_t uid, long usage, u64 mm_max),
	TP_ARGS(uid, usage, mm_max)
);

/* Something is done to a process: what its user had, and its share of that. */
DECLARE_EVENT_CLASS(mm_limit_process,

	TP_PROTO(uid_t uid, long usage, u64 mm_max, pid_t pid,
		 long pages),

	TP_ARGS(uid, usage, mm_max, pid, pages),

	TP_STRUCT__entry(
		__field(uid_t, uid)
		__field(u64, usage)
		__field(u64, mm_max)
		__field(pid_t, pid)
		__field(u64, rss)
	),

	TP_fast_assign(
		__entry->uid = uid;
		__entry->usage = (u64)usage << PAGE_SHIFT;
		__entry->mm_max = mm_max;
		__entry->pid = pid;
		__entry->rss = (u64)pages << PAGE_SHIFT;
	),

	TP_printk("uid=%u uRSS=%llu mm_max=%llu pid=%d pRSS=%llu", __entry->uid,
		  __entry->usage, __entry->mm_max, __entry->pid, __entry->rss)
);

/* It is about to be killed. */
DEFINE_EVENT(mm_limit_process, mm_limit_kill,
	TP_PROTO(uid_t uid, long usage, u64 mm_max, pid_t pid, long pages),
	TP_ARGS(uid, usage, mm_max, pid, pages)
);

/* It is asked to end, by SIGTERM. */
DEFINE_EVENT(mm_limit_process, mm_limit_term,
	TP_PROTO(uid_t uid, long usage, u64 mm_max, pid_t pid, long pages),
	TP_ARGS(uid, usage, mm_max, pid, pages)
);

/* It would be killed, but for a dry run. */
DEFINE_EVENT(mm_limit_process, mm_limit_dry_run,
	TP_PROTO(uid_t uid, long usage, u64 mm_max, pid_t pid, long pages),
	TP_ARGS(uid, usage, mm_max, pid, pages)
);

/* The hand of a user's clock has moved; direct: in a thread stopped at the limit. */
TRACE_EVENT(mm_limit_sweep,

	TP_PROTO(uid_t uid, unsigned int scanned, unsigned int spared,
		 unsigned int found, bool direct),

	TP_ARGS(uid, scanned, spared, found, direct),

	TP_STRUCT__entry(
		__field(uid_t, uid)
		__field(unsigned int, scanned)
		__field(unsigned int, spared)
		__field(unsigned int, found)
		__field(bool, direct)
	),

	TP_fast_assign(
		__entry->uid = uid;
		__entry->scanned = scanned;
		__entry->spared = spared;
		__entry->found = found;
		__entry->direct = direct;
	),

	TP_printk("uid=%u scanned=%u spared=%u found=%u direct=%d",
		  __entry->uid, __entry->scanned, __entry->spared,
		  __entry->found, __entry->direct)
);

#endif /* _TRACE_MM_LIMIT_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
