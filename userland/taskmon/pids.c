// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: operands that are processes. */
#include <stddef.h>

#include "operands.h"
#include "pids.h"
#include "say.h"

int pids_check(char **words)
{
	pid_t pid;

	for (; *words; words++)
		if (parse_pid(*words, &pid))
			return EXIT_USAGE;
	return 0;
}

int pids_for_each(char **words, int (*call)(pid_t pid))
{
	int status = EXIT_SUCCESS;
	pid_t pid;

	for (; *words; words++)
		if (!parse_pid(*words, &pid) && call(pid))
			status = EXIT_FAILURE;
	return status;
}
