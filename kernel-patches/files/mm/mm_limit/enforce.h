/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what happens above a limit. It is noticed and paid for
 * (notice.c), before it is reached, too (levels.c), and a work (enforce.c) acts on it
 * step by step (exceed.c).
 */
#ifndef _MM_LIMIT_ENFORCE_H
#define _MM_LIMIT_ENFORCE_H

#include "internal.h"

/* Does the work come later because the user has had it work too much? */
static inline bool mm_limit_is_put_off(struct mm_limit *limit)
{
	return READ_ONCE(limit->enforce.put_off);
}

/* exceed.c */

/**
 * enum mm_limit_step - what the work does next
 * @MM_LIMIT_STEP_REST: nothing
 * @MM_LIMIT_STEP_WAIT: come back at the deadline
 * @MM_LIMIT_STEP_START_GRACE: let the user run for a while
 * @MM_LIMIT_STEP_END_GRACE: it has freed enough in time
 * @MM_LIMIT_STEP_RECLAIM: have its memory swapped out
 * @MM_LIMIT_STEP_TERM: ask them to end
 * @MM_LIMIT_STEP_KILL: kill as many as needed
 * @MM_LIMIT_STEP_FORCE: the same, and push those that are dying
 */
enum mm_limit_step {
	MM_LIMIT_STEP_REST,
	MM_LIMIT_STEP_WAIT,
	MM_LIMIT_STEP_START_GRACE,
	MM_LIMIT_STEP_END_GRACE,
	MM_LIMIT_STEP_RECLAIM,
	MM_LIMIT_STEP_TERM,
	MM_LIMIT_STEP_KILL,
	MM_LIMIT_STEP_FORCE,
};

enum mm_limit_step mm_limit_next_step(enum mm_limit_state state, bool over,
				      bool due, bool grace, bool reclaim);
void mm_limit_set_state(struct mm_limit_account *acct, struct mm_limit *limit,
			enum mm_limit_state state);
void mm_limit_kill_victims(struct mm_limit_account *acct,
			   struct mm_limit *limit, unsigned int policy,
			   bool bounded);
void mm_limit_act(struct mm_limit_account *acct, struct mm_limit *limit);

/* notice.c */
s64 mm_limit_due(s64 paid, s64 now, u64 worked);
void mm_limit_charge_exceeded(struct mm_limit_account *acct,
			      struct mm_struct *mm, long usage, bool crossed);
void mm_limit_report_excess(struct mm_limit_account *acct,
			    struct mm_limit *limit, struct mm_struct *mm,
			    long usage, bool crossed);
void mm_limit_queue_enforcement(struct mm_limit *limit);
void mm_limit_queue_enforcement_now(struct mm_limit *limit);
void mm_limit_queue_enforcement_again(struct mm_limit *limit);
void mm_limit_level_passed(struct mm_limit_account *acct, long usage,
			   long pages);
void mm_limit_mm_detached(struct mm_limit_account *acct);
void mm_limit_enforce_bill(struct mm_limit_account *acct, u64 worked);
int mm_limit_enforce_pay(struct mm_limit_account *acct);

/* levels.c */
long mm_limit_rearm_level(long warn);
bool mm_limit_set_levels(struct mm_limit *limit,
			 const struct mm_limit_part *in_force);
bool mm_limit_over(struct mm_limit_account *acct, struct mm_limit *limit);
bool mm_limit_in_trial(struct mm_limit *limit);
void mm_limit_make_room(struct mm_limit_account *acct, struct mm_limit *limit,
			long room);
void mm_limit_warn(struct mm_limit_account *acct, struct mm_limit *limit);
bool mm_limit_is_warned(struct mm_limit_account *acct, struct mm_limit *limit);

/* trigger.c */
u64 mm_limit_pause_ns(u64 elapsed_ns, long grown, long room);
void mm_limit_trigger_init(struct mm_limit *limit);
void mm_limit_trigger_reset(struct mm_limit *limit);

/* enforce.c */

/**
 * struct mm_limit_applying - a limit that has been changed, before its work has looked
 *	by all charges
 * @look: it is lower, so the work must look again
 * @wait: mm_limit_wait_for_charges() must come before that
 * @found: the user was above it at the first look
 */
struct mm_limit_applying {
	bool look;
	bool wait;
	bool found;
};

void mm_limit_enforce_init(struct mm_limit *limit);
void mm_limit_enforce_begin(struct mm_limit *limit,
			    const struct mm_limit_part *in_force);
void mm_limit_enforce_stop(struct mm_limit *limit);
struct mm_limit_applying
mm_limit_begin_apply(struct mm_limit *limit,
		     const struct mm_limit_part *in_force, bool restart);
void mm_limit_finish_apply(struct mm_limit *limit,
			   const struct mm_limit_applying *applying);
void mm_limit_enforce_apply(struct mm_limit *limit,
			    const struct mm_limit_part *in_force, bool restart);
int mm_limit_enforce_now(struct mm_limit *limit, int policy, unsigned long end);

#endif /* _MM_LIMIT_ENFORCE_H */
