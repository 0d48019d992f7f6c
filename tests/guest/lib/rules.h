/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules, which give many users a limit. */
#ifndef GUEST_RULES_H
#define GUEST_RULES_H

#include <stdbool.h>
#include <sys/types.h>

#include "mmlimit.h"

/**
 * rule_set - set or change a rule
 * @kind: enum mm_limit_rule
 * @first: the first user that it is for
 * @last: the last
 * @bytes: the limit
 *
 * Return: 0, or -errno.
 */
long rule_set(unsigned int kind, uid_t first, uid_t last, uint64_t bytes);

/* The same with a grace, in milliseconds */
long rule_set_time(unsigned int kind, uid_t first, uid_t last, uint64_t bytes,
		   unsigned int grace_ms);

/* Return: 0, or -errno. */
long rule_remove(uid_t first, uid_t last);

/* Everything about a rule, which must be there */
struct mm_limit_attr rule_read(uid_t first, uid_t last);

/* A user has the limit of this rule, of so many bytes in force; UINT64_MAX is none. */
void rule_expect(uid_t uid, unsigned int kind, uid_t first, uid_t last,
		 uint64_t bytes);

/*
 * What a pool is charged, which must be what its members are together: so nothing may run
 * meanwhile, but what is freed a grace period after its end is waited for.
 */
unsigned long pool_exact(uid_t first, uid_t last);

/*
 * A pool is charged what these two users are together; 0 is no user. What is freed a
 * grace period after its end may go between two looks, so this waits until it is so.
 */
void pool_expect(uid_t first, uid_t last, uid_t a, uid_t b);

/* Waits until a user that has gone is no longer charged for. */
void rule_wait_until_gone(uid_t uid);

#endif /* GUEST_RULES_H */
