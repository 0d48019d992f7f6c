/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs programs and keeps what they print. */
#ifndef GUEST_PROGRAM_H
#define GUEST_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

/* This is more than any program here prints. */
#define PROGRAM_OUTPUT 8192

/**
 * program_run - run a program to its end
 * @output: gets what it prints on standard output and error, as a string; it
 *	also goes to the test's own output
 * @size: of @output
 * @arguments: its path, looked up in PATH, and its arguments, up to NULL
 *
 * Return: its status, as waitpid() gives it. Not to be started is a failure of
 * the test.
 */
int program_run(char *output, size_t size, const char *const arguments[]);

/* PROGRAM(output, "id", "-u"): program_run() with an array for @output */
#define PROGRAM(output, ...)                \
	program_run(output, sizeof(output), \
		    (const char *const[]){ __VA_ARGS__, NULL })

/**
 * program_install - copy the tests' own program to another place
 * @path: where nothing is yet
 * @mode: who may run it, and as whom: 04755 is a set-user-ID program of root
 *
 * It is the KTAP_PROGRAM() of the name that it is started under.
 */
void program_install(const char *path, mode_t mode);

/* How often @part occurs in @text */
unsigned int occurrences(const char *text, const char *part);

#endif /* GUEST_PROGRAM_H */
