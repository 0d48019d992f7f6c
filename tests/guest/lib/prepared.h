/* SPDX-License-Identifier: GPL-2.0-only */
/* Workers that are charged once for each further page. */
#ifndef GUEST_PREPARED_H
#define GUEST_PREPARED_H

#include "lib/memory.h"
#include "lib/user.h"
#include "mmlimit.h"

/*
 * A worker that has touched all it needs but the memory that a test is about,
 * so that each further page is one charge
 */
struct worker start_prepared(uid_t uid, long pages);

/*
 * In a worker: touches so many pages one by one and counts in kill_progress,
 * which it shares with the test, how many it got to touch.
 */
long grow_and_count(long pages);
extern volatile unsigned long *kill_progress;

/* Must come before the first worker. */
void share_progress(void);

#endif /* GUEST_PREPARED_H */
