/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs programs by their command lines. */
#ifndef GUEST_TOOLS_H
#define GUEST_TOOLS_H

#include "lib/program.h"

/* The output of the last program */
extern char tool_output[PROGRAM_OUTPUT];

/* Runs a command line; returns its exit status, or -1: it has none. */
int tool(const char *command_line);

/* Writes a text file anew. A failure is the test's. */
void tool_write(const char *path, const char *text);

/* The output must contain this, or must not. */
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

#endif /* GUEST_TOOLS_H */
