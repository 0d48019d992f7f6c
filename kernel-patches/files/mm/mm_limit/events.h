/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: what is told about limits, in log and trace events (events.c)
 * and to readers that wait for news (notify.c).
 */
#ifndef _MM_LIMIT_EVENTS_H
#define _MM_LIMIT_EVENTS_H

#include "internal.h"

struct mm_limit_sweep;
struct mm_limit_victim;

void mm_limit_event_set(const char *what, struct mm_limit *limit,
			const struct mm_limit_part *part, bool privileged);
void mm_limit_event_evicted(struct mm_limit_account *acct,
			    const struct mm_limit_part *part);
void mm_limit_event_exceed(struct mm_limit_account *acct,
			   struct mm_limit *limit);
void mm_limit_event_grace(struct mm_limit_account *acct,
			  struct mm_limit *limit);
void mm_limit_event_normal(struct mm_limit_account *acct,
			   struct mm_limit *limit);
void mm_limit_event_kill(struct mm_limit_account *acct, struct mm_limit *limit,
			 const struct mm_limit_victim *who);
void mm_limit_event_dry_run(struct mm_limit_account *acct,
			    struct mm_limit *limit,
			    const struct mm_limit_victim *who);
void mm_limit_event_term(struct mm_limit_account *acct, struct mm_limit *limit,
			 const struct mm_limit_victim *who);
void mm_limit_event_warn(struct mm_limit_account *acct, struct mm_limit *limit);
void mm_limit_event_force(struct mm_limit_account *acct,
			  struct mm_limit *limit);
void mm_limit_event_reclaim(struct mm_limit_account *acct,
			    struct mm_limit *limit);
void mm_limit_event_sweep(struct mm_limit_account *acct, struct mm_limit *limit,
			  const struct mm_limit_sweep *sweep, bool direct);
void mm_limit_event_dropped(struct mm_limit_account *acct,
			    struct mm_limit *limit);
void mm_limit_event_direct(struct mm_limit_account *acct,
			   struct mm_limit *limit);
void mm_limit_event_thrash(struct mm_limit_account *acct,
			   struct mm_limit *limit,
			   const struct mm_limit_swap *swap);
void mm_limit_event_stuck(struct mm_limit_account *acct, struct mm_limit *limit,
			  const char *why);

/* notify.c */
extern wait_queue_head_t mm_limit_pollers;
extern atomic_t mm_limit_events;
void mm_limit_wake_pollers(struct mm_limit_account *acct);
void mm_limit_notify(struct mm_limit_account *acct);

#endif /* _MM_LIMIT_EVENTS_H */
