/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of programs by their command lines; and those of the suite tools. */
#ifndef GUEST_TOOL_TESTS_H
#define GUEST_TOOL_TESTS_H

#include "program.h"

/* What the last program printed */
extern char tool_output[PROGRAM_OUTPUT];

/* Runs a command line; returns its exit status, or -1: it has none. */
int tool(const char *command_line);

/* Writes a text file anew. A failure is the test's. */
void tool_write(const char *path, const char *text);

/* What it printed must contain this, or not. */
#define EXPECT_SAID(part)                                            \
	do {                                                         \
		if (!strstr(tool_output, part))                      \
			KTAP_FAIL("expected '%s' to be said", part); \
	} while (0)

#define EXPECT_NOT_SAID(part)                                            \
	do {                                                             \
		if (strstr(tool_output, part))                           \
			KTAP_FAIL("expected '%s' not to be said", part); \
	} while (0)

/* tools_load.c */
void load_sets_all_limits_of_a_file(void);
void load_tells_where_a_file_is_wrong_and_changes_nothing(void);
void load_checks_what_is_refused_before_it_changes_anything(void);
void load_puts_back_what_it_changed_when_the_kernel_refuses(void);
void load_of_a_user_sets_its_own_limit_only(void);
void boot_script_loads_limits_and_starts_the_daemon(void);

/* tools_run.c */
void run_exits_as_the_command_did(void);
void run_explains_that_the_limit_killed_the_command(void);
void run_explains_that_the_limit_killed_a_child_of_the_command(void);
void run_blames_no_limit_for_another_kill(void);
void run_becomes_the_user(void);
void run_puts_the_earlier_limit_back(void);
void run_blames_the_limit_for_what_it_did_alone(void);
void run_warns_where_nothing_can_be_killed(void);
void run_of_a_user_is_for_oneself(void);
void run_passes_signals_on(void);
void run_stops_and_goes_on_with_the_command(void);

/* tools_watch.c */
void watch_tells_what_is_set_changed_and_removed(void);
void watch_tells_exceeds_and_kills(void);
void watch_tells_graces(void);
void watch_tells_that_nothing_can_be_done(void);
void watch_sleeps_while_nothing_happens(void);
void watch_shows_users_their_own_limit_only(void);
void watch_ends_on_signals(void);
void watch_ends_when_nobody_reads(void);

/* tools_reclaim.c */
void set_makes_a_limit_reclaim(void);
void swap_is_bounded_of_limits_that_reclaim_only(void);
void reclaim_of_a_hard_limit_is_not_the_users(void);
void reclaim_is_shown(void);
void swap_out_is_shown(void);
void top_has_a_line_more_for_a_limit_that_reclaims(void);
void watch_tells_how_a_limit_reclaims(void);
void watch_tells_reclaim_as_one_thing(void);
void load_makes_limits_reclaim_or_no_longer(void);
void load_puts_reclaim_back_when_the_kernel_refuses(void);
void run_reclaims_and_puts_the_earlier_limit_back(void);

#endif /* GUEST_TOOL_TESTS_H */
