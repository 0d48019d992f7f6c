// SPDX-License-Identifier: GPL-2.0-only
/* taskmon show: samples as a table, or for programs. */
#define _GNU_SOURCE 1
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json_text.h"
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
 * @json: for programs
 */
struct table {
	pid_t pid;
	unsigned long count;
	struct sample before;
	struct sample last;
	unsigned long rows;
	bool json;
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

static void print_object(struct table *table, unsigned int share)
{
	const struct sample *sample = &table->last;
	char name[TASK_NAME_SIZE];

	printf("%s\n    {\"pid\": %d, \"time_us\": %llu, \"usr_us\": %llu, \"sys_us\": %llu, \"cpu_percent\": %u.%u, \"total_kib\": %lu, \"stack_kib\": %lu, \"data_kib\": %lu",
	       table->rows++ ? "," : "", sample->pid, sample->time_us,
	       sample->usr_us, sample->sys_us, share / 10, share % 10,
	       sample->total_kib, sample->stack_kib, sample->data_kib);
	if (!table->pid) {
		printf(", \"samples\": %lu, \"name\": ", table->count);
		json_string(stdout, task_name(sample, name) ? name : NULL);
	}
	putchar('}');
}

/* Prints a row for the last sample. */
static void print_row(struct table *table)
{
	const struct sample *sample = &table->last;
	unsigned int share =
		table->count > 1 ? cpu_share(&table->before, sample) : 0;

	if (table->json) {
		print_object(table, share);
		return;
	}
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

static bool is_json(const char *word)
{
	return word && (!strcmp(word, "--json") || !strcmp(word, "-j"));
}

static int show(struct table *table)
{
	if (table->json)
		printf("{\n  \"schema\": 1,\n  \"samples\": [");
	if (monitor_read(table->pid, take_row, table))
		return EXIT_FAILURE;
	if (!table->pid && table->count)
		print_row(table);
	if (table->json)
		printf("%s]\n}\n", table->rows ? "\n  " : "");
	return 0;
}

static int run(char **words)
{
	struct table table = { .json = is_json(words[0]) };
	int ret;

	words += table.json;
	if (!table.json && *words && is_json(words[1])) {
		table.json = true;
		words[1] = NULL;
	}
	if (*words && words[1])
		return unexpected_operand(words[1]);
	if (*words && parse_pid(*words, &table.pid))
		return EXIT_USAGE;
	ret = show(&table);
	if (ret)
		return ret;
	if (table.pid && !table.count)
		return fail("%d: has no history; 'taskmon start %d' begins one",
			    table.pid, table.pid);
	return finish_output();
}

const struct command show_command = {
	.name = "show",
	.operands = "[--json] [PID]",
	.max = 2,
	.summary = "newest sample of each process; history of one",
	.run = run,
};
