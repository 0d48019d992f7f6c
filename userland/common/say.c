// SPDX-License-Identifier: GPL-2.0-only
/* What programs say when something is wrong, and how they exit then. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

void (*say_leave_screen)(void);

static const char *help_of;

static void complain(const char *format, va_list args)
{
	/* What was printed before comes first. */
	fflush(stdout);
	if (say_leave_screen)
		say_leave_screen();
	fprintf(stderr, "%s: ", program_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return EXIT_FAILURE;
}

int wrong_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	fprintf(stderr, "Try '%s%s%s --help'.\n", program_name,
		help_of ? " " : "", help_of ? help_of : "");
	return EXIT_USAGE;
}

void say_help_of(const char *command)
{
	help_of = command;
}

int finish_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_SUCCESS;
	return fail("cannot write: %s", strerror(errno));
}
