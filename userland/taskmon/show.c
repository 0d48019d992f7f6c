// SPDX-License-Identifier: GPL-2.0-only
/* taskmon show: samples as a table. */
#define _GNU_SOURCE 1
#include <stdio.h>

#include "commands.h"
#include "mmlimit.h"
#include "monitor.h"
#include "operands.h"
#include "say.h"
#include "task.h"

/**
 * struct table - what has been read so far
 * @pid: the only process, or 0
 * @count: how many samples of the process at hand
 * @before: the last but one of it
 * @last: the last one
 * @rows: how many lines were printed
 */
struct table {
	pid_t pid;
	unsigned long count;
	struct sample before;
	struct sample last;
	unsigned long rows;
};

static void print_size(unsigned long kib)
{
	char text[MMLIMIT_TEXT_SIZE];

	printf(" %10s", mmlimit_format_size(1024ULL * kib, text));
}

/* What there is to say of a process only once */
static void print_end(const struct table *table)
{
	char name[TASK_NAME_SIZE] = "-";

	task_name(&table->last, name);
	printf(" %9lu  %s\n", table->count, name);
}

/* Prints a row for the last sample. */
static void print_row(struct table *table)
{
	const struct sample *sample = &table->last;
	unsigned int share =
		table->count > 1 ? cpu_share(&table->before, sample) : 0;

	if (!table->rows++)
		printf("%7s %12s %12s %12s %6s %10s %10s %10s%s\n", "PID",
		       "TIME", "USR", "SYS", "CPU%", "TOTAL", "STACK", "DATA",
		       table->pid ? "" : "   SAMPLES  NAME");
	printf("%7d %11.3fs %11.3fs %11.3fs %4u.%u", sample->pid,
	       sample->time_us / 1e6, sample->usr_us / 1e6,
	       sample->sys_us / 1e6, share / 10, share % 10);
	print_size(sample->total_kib);
	print_size(sample->stack_kib);
	print_size(sample->data_kib);
	if (table->pid)
		putchar('\n');
	else
		print_end(table);
}

static void take_row(const struct sample *sample, void *data)
{
	struct table *table = data;

	/* If no process was named, there is a row for each. */
	if (!table->pid && table->count && sample->pid != table->last.pid) {
		print_row(table);
		table->count = 0;
	}
	table->before = table->last;
	table->last = *sample;
	table->count++;
	if (table->pid)
		print_row(table);
}

static int run(char **words)
{
	struct table table = { 0 };
	pid_t pid = 0;

	if (*words && parse_pid(*words, &pid))
		return EXIT_USAGE;
	table.pid = pid;
	if (monitor_read(pid, take_row, &table))
		return EXIT_FAILURE;
	if (!pid && table.count)
		print_row(&table);
	if (pid && !table.count)
		return fail("%d: has no history; 'taskmon start %d' begins one",
			    pid, pid);
	return finish_output();
}

const struct command show_command = {
	.name = "show",
	.operands = "[PID]",
	.max = 1,
	.summary = "newest sample of each process; history of one",
	.run = run,
};
