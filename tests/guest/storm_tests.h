/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests under storms that several suites run, each on machines of its own. */
#ifndef GUEST_STORM_TESTS_H
#define GUEST_STORM_TESTS_H

/* storm_forks.c */
void fork_storm_of_a_limited_user_hurts_nobody_else(void);

/* storm_limits.c */
void thousands_of_limits_come_and_go_while_users_allocate(void);

/* storm_users.c */
void many_limited_users_at_once_lose_only_what_exceeds(void);

#endif /* GUEST_STORM_TESTS_H */
