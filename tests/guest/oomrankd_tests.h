/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of oomrankd, and what they share. */
#ifndef GUEST_OOMRANKD_TESTS_H
#define GUEST_OOMRANKD_TESTS_H

#include <stddef.h>
#include <sys/types.h>

#include "background.h"

/* The daemon of a test, which tells of each ranking */
extern struct background oomrankd;

/* Starts it in the foreground, and waits for its first ranking. */
#define RANKD_START(...)                                           \
	rankd_start((const char *const[]){ "oomrankd", "-f", "-v", \
					   __VA_ARGS__, NULL })
void rankd_start(const char *const arguments[]);

/* The next ranking, at its own time or at the test's. */
void rankd_await(const char *why);
void rankd_rank(void);

/* Ends it by SIGTERM. */
void rankd_end(void);

/* The kernel's list now */
#define RANKD_MOST 512
size_t rankd_list(pid_t pids[RANKD_MOST]);

/* At which place of the list a process is, from 0; -1: it is not there */
int rankd_place(pid_t pid);

/* oomrankd_ranking.c */
void list_is_what_dry_run_prints(void);
void more_memory_comes_first(void);
void who_may_not_be_killed_is_not_listed(void);
void top_bounds_the_list(void);
void names_confuse_nobody(void);
void process_behind_a_dead_first_thread_is_listed(void);
void namespace_of_ones_own_is_no_privilege(void);
void processes_that_come_and_go_are_no_trouble(void);

/* oomrankd_moments.c */
void ranks_at_intervals_without_pressure(void);
void pressure_wakes_it(void);
void goes_on_without_pressure_information(void);
void wake_ups_take_no_memory(void);
void works_when_memory_is_nearly_gone(void);
void its_first_is_the_systems_first(void);

/* oomrankd_manners.c */
void sighup_ranks_now(void);
void sigterm_takes_the_list_back(void);
void is_a_daemon_when_its_parent_exits(void);
void second_one_is_refused(void);
void wrong_usage_and_refusals_of_it_are_explained(void);

#endif /* GUEST_OOMRANKD_TESTS_H */
