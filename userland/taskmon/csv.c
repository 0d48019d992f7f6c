// SPDX-License-Identifier: GPL-2.0-only
/* taskmon csv: histories for programs. */
#include <stdio.h>

#include "commands.h"
#include "monitor.h"
#include "operands.h"
#include "say.h"

static void take_record(const struct sample *sample, void *data)
{
	(void)data;
	printf("%d,%llu,%llu,%llu,%lu,%lu,%lu\n", sample->pid, sample->time_us,
	       sample->usr_us, sample->sys_us, sample->total_kib,
	       sample->stack_kib, sample->data_kib);
}

static int run(char **words)
{
	pid_t pid = 0;

	if (*words && parse_pid(*words, &pid))
		return EXIT_USAGE;
	puts("pid,time_us,usr_us,sys_us,total_kib,stack_kib,data_kib");
	if (monitor_read(pid, take_record, NULL))
		return EXIT_FAILURE;
	return finish_output();
}

const struct command csv_command = {
	.name = "csv",
	.operands = "[PID]",
	.max = 1,
	.summary = "histories for programs",
	.run = run,
};
