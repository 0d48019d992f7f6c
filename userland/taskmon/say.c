// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: what goes wrong, in a line. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "../mmlimit/terminal.h"
#include "taskmon.h"

static void complain(const char *format, va_list args)
{
	/* Whatever was said before comes first, and errors on the usual screen. */
	fflush(stdout);
	terminal_leave();
	fprintf(stderr, "taskmon: ");
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
	fputs("Try 'taskmon --help'.\n", stderr);
	return EXIT_USAGE;
}

int finish_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_SUCCESS;
	return fail("cannot write: %s", strerror(errno));
}
