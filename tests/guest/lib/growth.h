/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Users that make their memory grow in any way there is. However they do it,
 * their peak is the limit and a fault for each thread that runs.
 */
#ifndef GUEST_GROWTH_H
#define GUEST_GROWTH_H

#include "lib/memory.h"
#include "lib/user.h"

/* A fault makes a page resident, and may need a table for it. */
#define GROWTH_FAULT (2 * PAGE)

/* Somebody was killed, and u0_a70 never had more than @bytes. */
void growth_expect_peak(unsigned long bytes);

/*
 * Limits u0_a70, with room for so much beside what its workers have, for these are
 * many. Returns the limit.
 */
unsigned long growth_limit(struct worker *workers, int count,
			   unsigned long bytes);

/*
 * Starts a process of u0_a70 that is on its way out with so much memory, and has the
 * killer wait for that.
 */
struct worker growth_begin_wait(unsigned long bytes);

/*
 * There is memory on its way back, so nobody has to be killed; but it is not there
 * yet, so @grower must get no further, whoever owns the memory that it makes grow.
 * Ends the wait.
 */
void growth_expect_wait(struct worker *lingering, struct worker *grower,
			worker_fn grow, long argument);

/* The same, with so much to grow by until then. Else it is 2 MiB, and some pages. */
void growth_expect_wait_after(unsigned long bytes, struct worker *lingering,
			      struct worker *grower, worker_fn grow,
			      long argument);

void growth_end_wait(struct worker *lingering);

/* Reads the areas of the process, for which its lock is taken for reading. */
void growth_look_at_areas(pid_t pid);

#endif /* GUEST_GROWTH_H */
