/* SPDX-License-Identifier: GPL-2.0-only */
/* Users whose memory is swapped out before they are killed. */
#ifndef GUEST_RECLAIM_H
#define GUEST_RECLAIM_H

#include <stdbool.h>
#include <sys/types.h>

#include "mmlimit.h"
#include "user.h"

/* reclaim_limit - limit a user, and have its memory reclaimed first */
void reclaim_limit(uid_t uid, unsigned long bytes);

/* The same with a threshold in percent, and a bound for its swap in bytes */
void reclaim_limit_with(uid_t uid, unsigned long bytes, unsigned int threshold,
			unsigned long long swap_max);

/*
 * Two sets of pages in a worker. For worker_call(); they return 0 unless said
 * otherwise. A size is in MiB.
 */

/* Touches so much anew, once. */
long sets_cold(long mib);

/* Has a hot set of this size, not touched yet. */
long sets_hot(long mib);

/* Like sets_cold(), and uses the whole hot set after each MiB of it. */
long sets_cold_beside_hot(long mib);

/*
 * Uses the whole hot set so many times. Returns how often a page had to be
 * brought back from swap.
 */
long sets_use_hot(long times);

/* Returns how many times sets_cold_beside_hot() found a page of the hot set gone. */
long sets_hot_refaults(long unused);

/* Returns how many pages of both sets are damaged. */
long sets_damage(long unused);

/* Forks a child that stops, with all that the worker has. Returns its pid. */
long sets_fork(long unused);

/* What a user has and may have, and that its account is right */
struct mm_limit_attr reclaim_read_exact(uid_t uid);

#endif /* GUEST_RECLAIM_H */
