/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: one user's limit (limit.c), and what callers ask of it
 * (request.c).
 */
#ifndef _MM_LIMIT_LIMIT_H
#define _MM_LIMIT_LIMIT_H

#include "internal.h"

/* limit.c */
int mm_limit_create(struct user_struct *user, bool privileged,
		    const struct mm_limit_change *change,
		    struct mm_limit *evicted);
int mm_limit_set_locked(struct user_struct *user, bool privileged,
			const struct mm_limit_change *change);
int mm_limit_remove_locked(struct user_struct *user, bool privileged);
void mm_limit_describe(struct mm_limit *limit, struct mm_limit_attr *attr);

/* request.c */
int mm_limit_set(kuid_t kuid, const struct mm_limit_change *change, bool evict);
int mm_limit_remove(kuid_t kuid);
int mm_limit_get(kuid_t kuid, struct mm_limit_part *in_force);
int mm_limit_kill_all(int policy);
int mm_limit_read(kuid_t kuid, struct mm_limit_attr *attr);

#endif /* _MM_LIMIT_LIMIT_H */
