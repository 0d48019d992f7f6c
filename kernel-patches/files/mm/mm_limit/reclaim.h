/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: when memory is swapped out first (reclaim.c, background.c),
 * which memory (clock.c, queue.c), and whether that is of any use (thrash.c).
 */
#ifndef _MM_LIMIT_RECLAIM_H
#define _MM_LIMIT_RECLAIM_H

#include "internal.h"

/*
 * After so many turns without a page nothing is to be gained: the first may have
 * been under way already, and the second has cleared all access bits.
 */
#define MM_LIMIT_IDLE_TURNS	3

/**
 * enum mm_limit_outcome - what came of a few pages' worth of work
 * @MM_LIMIT_RECLAIMED: something was swapped out
 * @MM_LIMIT_SEARCHING: nothing yet
 * @MM_LIMIT_BLOCKED: others have to get on first
 * @MM_LIMIT_SPENT: there is nothing to be gained
 */
enum mm_limit_outcome {
	MM_LIMIT_RECLAIMED,
	MM_LIMIT_SEARCHING,
	MM_LIMIT_BLOCKED,
	MM_LIMIT_SPENT,
};

/* reclaim.c */
extern struct workqueue_struct *mm_limit_background_wq;
void mm_limit_queue_background(struct mm_limit *limit, unsigned long delay);
unsigned int mm_limit_swap_room(struct mm_limit_account *acct);
bool mm_limit_advance_hand(struct mm_limit_account *acct,
			   struct mm_limit *limit, struct list_head *folios,
			   unsigned int want, bool direct);
bool mm_limit_reclaim_wanted(struct mm_limit_account *acct,
			     struct mm_limit *limit, struct mm_struct *copied);
enum mm_limit_outcome mm_limit_reclaim_some(struct mm_limit_account *acct,
					    struct mm_limit *limit,
					    struct mm_struct *copied,
					    bool may_wait);
long mm_limit_threshold(u64 mm_max, const struct mm_limit_settings *settings);
long mm_limit_reclaim_target(long threshold);
bool mm_limit_reclaims(struct mm_limit *limit);
bool mm_limit_reclaim_direct(struct mm_limit_account *acct, bool first);
void mm_limit_reclaim_room(struct mm_limit_account *acct, struct mm_struct *mm);
void mm_limit_reclaim_retry(struct mm_limit *limit);
void mm_limit_reclaim_give_up(struct mm_limit *limit);
void mm_limit_reclaim_now(struct mm_limit_account *acct, struct mm_limit *limit,
			  unsigned long end);
void mm_limit_reclaim_configure(struct mm_limit *limit);

/* clock.c */

/**
 * struct mm_limit_sweep - the hand moving
 * @acct: whose pages
 * @folios: where those go that can be swapped out, isolated
 * @want: at most so many pages are to be found
 * @room: at most so many entries of page tables are to be looked at
 * @addr: where the hand is
 * @found: pages found
 * @scanned: pages come across
 * @spared: pages that had been used
 */
struct mm_limit_sweep {
	struct mm_limit_account *acct;
	struct list_head *folios;
	unsigned int want;
	int room;
	unsigned long addr;
	unsigned int found;
	unsigned int scanned;
	unsigned int spared;
};

bool mm_limit_is_own_and_unused(struct folio *folio,
				struct mm_limit_account *acct);
bool mm_limit_sweep_mm(struct mm_struct *mm, struct mm_limit_sweep *sweep);
struct mm_struct *mm_limit_hand(struct mm_limit_account *acct,
				struct mm_limit_clock *clock);
void mm_limit_sort_out(struct mm_limit_account *acct, struct list_head *folios);

/* queue.c */
void mm_limit_queue_init(struct mm_limit_queue *queue);
bool mm_limit_queue_push(struct mm_limit_queue *queue, struct folio *folio);
unsigned int mm_limit_queue_take(struct mm_limit_queue *queue,
				 struct list_head *folios, unsigned int want);
void mm_limit_queue_done(struct mm_limit_queue *queue, unsigned int nr);
unsigned int mm_limit_queue_busy(struct mm_limit_queue *queue);
void mm_limit_put_back(struct list_head *folios);

/* thrash.c */
bool mm_limit_thrashes(struct mm_limit_thrash *thrash, u64 now,
		       const struct mm_limit_swap *swap, u64 has, u64 bound);
bool mm_limit_is_futile(struct mm_limit_pace *pace,
			const struct mm_limit_swap *swap);

/* background.c */
void mm_limit_reclaim_wake(struct mm_limit_account *acct);
void mm_limit_reclaim_hurry(struct mm_limit *limit);
void mm_limit_reclaim_reset(struct mm_limit *limit);
void mm_limit_reclaim_init(struct mm_limit *limit);
void mm_limit_reclaim_destroy(struct mm_limit *limit);

#endif /* _MM_LIMIT_RECLAIM_H */
