/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls on limits, made as any user. */
#ifndef GUEST_LIMITS_H
#define GUEST_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/user.h"
#include "mmlimit.h"

#define KILL_WAIT "/proc/sys/vm/mm_limit_kill_wait_ms"
#define MAX_ENTRIES "/proc/sys/vm/mm_limit_max_entries"
#define TRIGGER "/proc/sys/vm/mm_limit_trigger"
#define COUNTED "/proc/sys/vm/mm_limit_count"

/* The largest limit that a word holds; it only serves to have a user charged. */
#define LIMIT_HUGE (MMLIMIT_NONE - 1)

/**
 * struct limit_call - one system call, raw
 * @number: __NR_mm_limit, __NR_mm_limit_time, __NR_get_mm_limit, or another with
 *	no more arguments
 * @uid: first argument
 * @second: second argument: bytes, or a pointer
 * @third: third argument: milliseconds
 */
struct limit_call {
	long number;
	uid_t uid;
	unsigned long second;
	unsigned long third;
};

#define SET(user, bytes) ((struct limit_call){ __NR_mm_limit, user, bytes, 0 })
#define SET_TIME(user, bytes, ms) \
	((struct limit_call){ __NR_mm_limit_time, user, bytes, ms })
#define REMOVE(user) SET(user, MMLIMIT_NONE)
#define GET(user)                                      \
	((struct limit_call){ __NR_get_mm_limit, user, \
			      (unsigned long)&limit_call_result, 0 })

/* GET() puts its result here, in the process that calls. */
extern struct mm_limit_user limit_call_result;

/* limit_call_do - make a call; for worker_call(), with its address */
long limit_call_do(long call);

/*
 * limit_call_as - make a call in a process of a user that does nothing else
 *
 * Return: what the system call returned, or -errno.
 */
long limit_call_as(uid_t uid, struct limit_call call);

/* limit_call_by - the same in a worker */
long limit_call_by(struct worker *worker, struct limit_call call);

/**
 * limit_ctl - mm_limit_ctl(), raw
 *
 * Return: 0, or -errno.
 */
long limit_ctl(int op, const void *attr, size_t size);

/* Everything about a user's limit, which must be there */
struct mm_limit_attr limit_read(uid_t uid);

/* Waits until a limit is in this state. */
void limit_wait_for_state(uid_t uid, unsigned int state);

/* The limit in force for a user must be this, or there must be none. */
void limit_expect(uid_t uid, unsigned long bytes, unsigned long grace_ms);
void limit_expect_none(uid_t uid);

/* Nothing about a limit may have changed since this was read. */
void limit_expect_unchanged(const struct mm_limit_attr *before);

/*
 * What counts from now on: "held", or "rss" for tests whose figures are those of
 * address spaces alone. The test puts it back.
 */
void limits_count(const char *definition);

/*
 * Whether the kernel logs the table after each change. Tests with thousands of
 * changes do without, and turn it on again.
 */
void limits_log_table(bool shown);

#endif /* GUEST_LIMITS_H */
