/* SPDX-License-Identifier: GPL-2.0-only */
/* What users are charged, as the kernel's account says and as /proc does. */
#ifndef GUEST_USAGE_H
#define GUEST_USAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/memory.h"

#define USAGE_ACCOUNTS "/sys/kernel/debug/mm_limit/accounts"

/*
 * What else may be charged when a process takes so much for the first time, if its code is
 * resident already (code_make_resident()): a table for each 2 MiB, and one more where a mapping
 * begins within; a page of objects (an area, and what belongs to it), beside which up to two
 * pages of room are kept; data of the program, of the C library, and of the dynamic linker,
 * which binds a function at its first call: a fault maps 16 pages of each at once.
 */
#define USAGE_NOISE(bytes) (((bytes) / TABLE_SPAN + 1 + 3 + 3 * 16) * PAGE)

/**
 * struct usage - a user's account, in bytes
 * @charged: what the user is charged
 * @walked: what the kernel sums over the user's address spaces now
 * @mms: how many those are
 * @swap: what it has in swap by its account
 * @swap_walked: by its address spaces
 */
struct usage {
	unsigned long charged;
	unsigned long walked;
	unsigned int mms;
	unsigned long swap;
	unsigned long swap_walked;
};

/* Whether the kernel shows its accounts; somebody else's kernel may not. */
bool usage_shown(void);

/**
 * usage_for_each - look at the accounts of all limited users
 *
 * Return: whether the kernel shows them.
 */
bool usage_for_each(void (*visit)(uid_t uid, const struct usage *usage,
				  void *data),
		    void *data);

/**
 * usage_read - look at a user's account
 *
 * Return: whether the user has one, that is, a limit. All zero if not.
 */
bool usage_read(uid_t uid, struct usage *usage);

/*
 * What the user is charged. It is a failure of the test if that, or what it has in
 * swap, is not what the walk sums, so nothing may run meanwhile.
 */
unsigned long usage_exact(uid_t uid);

/**
 * usage_exact_of_all - what all limited users are charged together, in bytes
 * @users: gets how many those are
 *
 * As with usage_exact(), each must be charged what the walk sums.
 */
unsigned long long usage_exact_of_all(unsigned int *users);

/*
 * Waits until the user is charged this much: what is freed by a dying process
 * may take a moment, and an idle CPU keeps the tables of the last address space
 * that it has run until it runs another.
 */
void usage_wait_for(uid_t uid, unsigned long bytes);

/* An idle CPU keeps the tables of the last address space that it has run; now of ours. */
void usage_run_on_each_cpu(void);

/*
 * As usage_wait_for() 0 bytes, which must then be what the walk sums, too; or for the user to go,
 * if it has its limit from a rule.
 */
void usage_wait_for_nothing(uid_t uid);

/*
 * Limits the user where it never comes, so that it is charged, and waits until nothing is left
 * of an earlier test: that would go in the middle of this one, which counts pages. The peak
 * is only what comes after.
 */
void usage_begin(uid_t uid);

/*
 * VmRSS + page tables + VmSwap of one process, or of all whose real uid it is;
 * approximate on kernels with per-CPU counters.
 */
unsigned long usage_of_process(pid_t pid);
unsigned long usage_of_processes(uid_t uid);

/* Returns by how many bytes two such figures may differ for one process. */
unsigned long usage_slack(void);

#endif /* GUEST_USAGE_H */
