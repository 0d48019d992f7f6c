// SPDX-License-Identifier: GPL-2.0-only
/* taskmon stop: ends the sampling of processes. */
#include "commands.h"
#include "monitor.h"
#include "pids.h"
#include "say.h"

static int run(char **words)
{
	if (pids_check(words))
		return EXIT_USAGE;
	return pids_for_each(words, monitor_stop);
}

const struct command stop_command = {
	.name = "stop",
	.operands = "PID...",
	.min = 1,
	.summary = "no longer, and forget their histories",
	.run = run,
};
