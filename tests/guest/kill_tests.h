/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of the killer that several suites run, each on machines of its own. */
#ifndef GUEST_KILL_TESTS_H
#define GUEST_KILL_TESTS_H

#include "memory.h"
#include "mmlimit.h"
#include "user.h"

/* A limit that only serves to have the user charged */
#define HUGE_LIMIT (MMLIMIT_NONE - 1)

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

/* kill_overshoot.c */
void toucher_gets_not_one_page_beyond_the_limit(void);
void threads_get_no_more_than_one_page_each_beyond_the_limit(void);

/* kill_justice.c */
void lowered_limits_kill_just_as_many_of_the_largest_as_they_must(void);
void victim_that_just_suffices_is_enough(void);
void crossed_limits_kill_the_largest_and_nobody_else(void);

#endif /* GUEST_KILL_TESTS_H */
