/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-user memory limits: which there are. */
#ifndef _MM_LIMIT_TABLE_H
#define _MM_LIMIT_TABLE_H

#include "internal.h"

void mm_limit_table_init(struct mm_limit *limit);
int mm_limit_table_add(struct mm_limit *limit, struct mm_limit *evicted);
void mm_limit_table_del(struct mm_limit *limit);
void mm_limit_table_change(struct mm_limit *limit,
			   const struct mm_limit_part *hard,
			   const struct mm_limit_part *self,
			   const struct mm_limit_settings *settings,
			   bool recent);
struct user_struct *mm_limit_table_oldest(void);
struct user_struct *mm_limit_table_next(u64 *key);
struct mm_limit *mm_limit_table_rule_for(uid_t uid);
struct mm_limit *mm_limit_table_rule(uid_t first, uid_t last);
struct mm_limit *mm_limit_table_before(u64 *set_at, bool gone);
void mm_limit_table_log(void);

#endif /* _MM_LIMIT_TABLE_H */
