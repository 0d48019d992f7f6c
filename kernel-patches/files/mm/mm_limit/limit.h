/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: one user's (limit.c), what it says (describe.c), where it comes
 * from (given.c, change.c), one for many users (rule.c), who come and go (users.c), and what
 * callers ask (request.c).
 */
#ifndef _MM_LIMIT_LIMIT_H
#define _MM_LIMIT_LIMIT_H

#include "enforce.h"

/* limit.c */
extern const struct mm_limit_part mm_limit_no_part;
extern const struct mm_limit_settings mm_limit_default_settings;

struct mm_limit *mm_limit_new(struct user_struct *user,
			      const struct mm_limit_range *range, gfp_t gfp);
bool mm_limit_begin_enact(struct mm_limit *limit, int *handover);
struct mm_limit_part mm_limit_finish_enact(struct mm_limit *limit,
					   int handover);
struct mm_limit_part mm_limit_enact(struct mm_limit *limit);
void mm_limit_withdraw(struct mm_limit *limit);
void mm_limit_begin_destroy(struct mm_limit *limit);
void mm_limit_finish_destroy(struct mm_limit *limit);
void mm_limit_destroy(struct mm_limit *limit);
struct mm_limit_part mm_limit_replace(struct mm_limit *old,
				      struct mm_limit *new);
void mm_limit_recount(struct mm_limit_account *acct,
		      struct mm_limit_account *pool);

/* describe.c */
void mm_limit_describe(struct mm_limit *limit, struct mm_limit_attr *attr);

/* given.c */

/**
 * struct mm_limit_obeying - a user that obeys the rule that goes for it, in two steps
 * @user: the user, with a reference
 * @rule: the rule, with a reference; NULL: none
 * @comes: the limit that it gives the user, until that is in force; NULL: none
 * @goes: the limit that the user has no longer, until that has gone; NULL: none
 * @renewed: the limit that the user has already, once it has changed; NULL: none
 * @handover: of the user's address spaces
 * @applying: @renewed
 */
struct mm_limit_obeying {
	struct user_struct *user;
	struct mm_limit *rule;
	struct mm_limit *comes;
	struct mm_limit *goes;
	struct mm_limit *renewed;
	int handover;
	struct mm_limit_applying applying;
};

void mm_limit_give(struct user_struct *user, struct mm_limit *own,
		   struct mm_limit *rule);
bool mm_limit_begin_obeying(struct mm_limit_obeying *obeying, bool changed);
void mm_limit_finish_obeying(struct mm_limit_obeying *obeying);
void mm_limit_obey_locked(struct user_struct *user, struct mm_limit *rule,
			  bool changed);
int mm_limit_give_first(struct user_struct *user, struct mm_limit *rule);
void mm_limit_show_first(struct user_struct *user);
void mm_limit_retire(struct mm_limit_account *acct);

/* users.c */
void mm_limit_look_at_new_users(void);
struct mm_limit *mm_limit_rule_for(struct user_struct *user);

/* change.c */
bool mm_limit_has_own(struct mm_limit_account *acct);
int mm_limit_create(struct user_struct *user, bool privileged,
		    const struct mm_limit_range *rule,
		    const struct mm_limit_change *change,
		    struct mm_limit *evicted);
int mm_limit_set_locked(struct user_struct *user, bool privileged,
			const struct mm_limit_change *change);
int mm_limit_remove_locked(struct user_struct *user, bool privileged,
			   struct mm_limit *rule);

/* rule.c */
int mm_limit_set_rule(const struct mm_limit_range *range,
		      const struct mm_limit_change *change);
int mm_limit_remove_rule(const struct mm_limit_range *range);
int mm_limit_read_rule(const struct mm_limit_range *range,
		       struct mm_limit_attr *attr);
void mm_limit_obey(struct user_struct *user);
int mm_limit_obey_all(void);

/* request.c */
int mm_limit_set(kuid_t kuid, const struct mm_limit_change *change, bool evict);
int mm_limit_remove(kuid_t kuid);
int mm_limit_get(kuid_t kuid, struct mm_limit_part *in_force);
int mm_limit_kill_all(int policy);
int mm_limit_read(kuid_t kuid, struct mm_limit_attr *attr);

#endif /* _MM_LIMIT_LIMIT_H */
