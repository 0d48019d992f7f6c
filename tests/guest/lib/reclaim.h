/* SPDX-License-Identifier: GPL-2.0-only */
/* Users whose memory is swapped out before they are killed. */
#ifndef GUEST_RECLAIM_H
#define GUEST_RECLAIM_H

#include <sys/types.h>

#include "lib/user.h"
#include "mmlimit.h"

/* Sizes in MiB: so many percent of them in this run */
#define RECLAIM_MIB(mib) ((mib)*ktap_volume("percent") / 100)

/*
 * As many times as long, at least, something may take whose time goes with these sizes: bounds
 * are for the 16 percent of a release kernel's usual run.
 */
#define RECLAIM_TIMES \
	(ktap_volume("percent") > 16 ? ktap_volume("percent") / 16 : 1)

/*
 * Begin and end a test: there is so much to swap to, and swapping what comes
 * straight back may go on.
 */
void reclaim_begin(unsigned long swap);
void reclaim_finish(void);

/* reclaim_limit - limit a user, and have its memory reclaimed first */
void reclaim_limit(uid_t uid, unsigned long bytes);

/* The same with a threshold in percent, and a bound for its swap in bytes */
void reclaim_limit_with(uid_t uid, unsigned long bytes, unsigned int threshold,
			unsigned long long swap_max);

/* Sets for how long swapping may go on whose pages come straight back. */
void reclaim_thrash_after(unsigned int ms);

/*
 * These are for worker_call(); they return 0 unless said otherwise. Cold memory
 * is what a worker holds (memory.h), hot memory is a second set of pages.
 */

/* Has a hot set of so many MiB. */
long hot_make(long mib);

/* Uses the whole hot set so many times. */
long hot_use(long times);

/* Uses so many pages more of it, in a circle. */
long hot_use_next(long pages);

/* Touches so many MiB of cold memory, and uses the hot set after each. */
long hot_beside_cold(long mib);

/* Returns how often a page of the hot set had to be brought back so far. */
long hot_refaults(long unused);

/* Returns how many pages of it are damaged. */
long hot_damage(long unused);

/*
 * reclaim_read - everything about a user's limit, which is printed, too. Nothing
 * of the user's may run, for its account must be right.
 */
struct mm_limit_attr reclaim_read(uid_t uid);

/* Ends a worker that must not be damaged, and must leave nothing behind. */
void reclaim_end(uid_t uid, struct worker *worker);

#endif /* GUEST_RECLAIM_H */
