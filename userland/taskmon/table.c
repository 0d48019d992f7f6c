// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: samples as tables, for people and for programs. */
#define _GNU_SOURCE 1
#include "mmlimit.h"
#include "taskmon.h"

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

/* A row for the last sample */
static void print_row(struct table *table)
{
	const struct sample *sample = &table->last;
	unsigned int share =
		table->count > 1 ? cpu_share(&table->before, sample) : 0;

	if (!table->rows++)
		printf("%7s %12s %12s %12s %6s %10s %10s %10s%s\n", "PID",
		       "TIME", "USR", "SYS", "CPU%", "TOTAL", "STACK", "DATA",
		       table->pid ? "" : "   SAMPLES");
	printf("%7d %11.3fs %11.3fs %11.3fs %4u.%u", sample->pid,
	       sample->time_us / 1e6, sample->usr_us / 1e6,
	       sample->sys_us / 1e6, share / 10, share % 10);
	print_size(sample->total_kib);
	print_size(sample->stack_kib);
	print_size(sample->data_kib);
	if (table->pid)
		putchar('\n');
	else
		printf(" %9lu\n", table->count);
}

static void take_row(const struct sample *sample, void *data)
{
	struct table *table = data;

	/* Without a process in particular there is a row for each. */
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

int show(pid_t pid)
{
	struct table table = { .pid = pid };

	if (monitor_read(pid, take_row, &table))
		return EXIT_FAILURE;
	if (!pid && table.count)
		print_row(&table);
	if (pid && !table.count)
		return fail("%d: has no history; 'taskmon start %d' begins one",
			    pid, pid);
	return finish_output();
}

static void take_record(const struct sample *sample, void *data)
{
	(void)data;
	printf("%d,%llu,%llu,%llu,%lu,%lu,%lu\n", sample->pid, sample->time_us,
	       sample->usr_us, sample->sys_us, sample->total_kib,
	       sample->stack_kib, sample->data_kib);
}

int csv(pid_t pid)
{
	puts("pid,time_us,usr_us,sys_us,total_kib,stack_kib,data_kib");
	if (monitor_read(pid, take_record, NULL))
		return EXIT_FAILURE;
	return finish_output();
}
