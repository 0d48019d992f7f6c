/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs say when something is wrong, and how they exit then. */
#ifndef COMMON_SAY_H
#define COMMON_SAY_H

#include <stdlib.h>

/* For wrong usage; the others are EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE 2

/* What all messages begin with; each program has its own. */
extern const char program_name[];

/* Tells what has failed, after the program's name. Returns EXIT_FAILURE. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Tells what is wrong with the command line, and which help to read. Returns EXIT_USAGE. */
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on the help to read is that of a command; NULL: the program's own. */
void say_help_of(const char *command);

/*
 * Called before an error is told, unless it is NULL: a program that draws on a
 * screen leaves it, so that the error is seen on the usual one.
 */
extern void (*say_leave_screen)(void);

/*
 * Whether all of standard output was written; if not, the user was told.
 * Returns the exit status.
 */
int finish_output(void);

#endif /* COMMON_SAY_H */
