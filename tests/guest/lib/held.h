/* SPDX-License-Identifier: GPL-2.0-only */
/* What users hold beside their address spaces, and ways to try to hold more. */
#ifndef GUEST_HELD_H
#define GUEST_HELD_H

#include <sys/types.h>

#include "lib/user.h"

/**
 * struct held - what a user is charged beside its address spaces, in bytes
 * @file: files in memory
 * @kernel: kernel memory
 */
struct held {
	unsigned long file;
	unsigned long kernel;
};

/*
 * What it is charged, which must be what a walk over all pages and objects finds; all
 * zero for a user without a limit. Its processes may not be changing it meanwhile.
 */
struct held held_exact(uid_t uid);

/* Bytes of memory that each CPU has for a user's processes and files; -1: it has no limit */
long held_areas(uid_t uid);

/* Waits until a user is charged nothing: much is freed after a grace period. */
void held_wait_for_nothing(uid_t uid);

/*
 * Waits until what others have left behind has been freed, which the kernel does a
 * grace period of RCU after its end.
 */
void grace_periods_pass(void);

/*
 * Removes System V objects of all kinds, which processes leave behind. Returns a kind that
 * there was, or NULL.
 */
const char *held_remove_ipc(void);

/* The limit of users that try, in bytes; a volume */
unsigned long held_limit(void);

/* By how much the machine may hold more for a user than this limit, in bytes */
unsigned long held_slack(unsigned long limit);

/**
 * held_check_channel - let a user with a limit hold what it can
 * @name: of the way
 * @fill: the way, as a worker_fn. It returns what it came to, or -errno if it could
 *	not even begin, or was not refused.
 *
 * The machine must hold no more for it than the limit, nobody must be killed, and in
 * the end nothing may be charged.
 */
void held_check_channel(const char *name, worker_fn fill);

/* For a worker: such a way, with room left in the end to tell what it came to */
long held_fill_and_tell(long fill);

/* Removes what such ways leave behind when their processes have ended. */
void held_remove_all(void);

/* Has the kernel reclaim dentries and inodes, all that it can. */
void held_drop_caches(void);

/* What each CPU has free for itself, in KiB, which is in no figure of /proc/meminfo */
long held_cpu_lists(void);

#endif /* GUEST_HELD_H */
