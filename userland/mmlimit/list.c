// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit list: all limits, as a table or for programs. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "format.h"
#include "json.h"
#include "list.h"
#include "mmlimit.h"
#include "prometheus.h"
#include "refusal.h"
#include "say.h"

/* The last columns are there only if a limit reclaims. */
#define COLUMNS 12
#define COLUMNS_ALWAYS 9
#define CELL_SIZE USER_TEXT_SIZE

static const struct {
	const char *title;
	bool right;
} columns[COLUMNS] = {
	{ "USER", false },   { "LIMIT", true },	  { "KIND", false },
	{ "USAGE", true },   { "USE%", true },	  { "GRACE", true },
	{ "KILLS", true },   { "POLICY", false }, { "STATE", false },
	{ "RECLAIM", true }, { "SWAP", true },	  { "SWAPMAX", true },
};

static int columns_of(const struct mm_limit_attr *limits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (reclaims(&limits[i]))
			return COLUMNS;
	return COLUMNS_ALWAYS;
}

static const char *kind(const struct mm_limit_attr *limit)
{
	if (limit->self_max == MM_LIMIT_ATTR_NONE)
		return "hard";
	return limit->hard_max == MM_LIMIT_ATTR_NONE ? "own" : "both";
}

static void fill_row(char row[COLUMNS][CELL_SIZE],
		     const struct mm_limit_attr *limit, bool exactly)
{
	unsigned int share = usage_share(limit);

	user_text(limit->uid, row[0]);
	size_text(limit->mm_max, exactly, row[1]);
	snprintf(row[2], CELL_SIZE, "%s", kind(limit));
	size_text(limit->usage, exactly, row[3]);
	snprintf(row[4], CELL_SIZE, "%u.%u", share / 10, share % 10);
	mmlimit_format_duration(limit->grace_ms, row[5]);
	snprintf(row[6], CELL_SIZE, "%llu", limit->kills);
	snprintf(row[7], CELL_SIZE, "%s", policy_text(limit->policy));
	snprintf(row[8], CELL_SIZE, "%s", state_text(limit->state));
	snprintf(row[9], CELL_SIZE, "off");
	if (reclaims(limit))
		snprintf(row[9], CELL_SIZE, "%u%%", limit->threshold);
	size_text(limit->swap, exactly, row[10]);
	swap_text(limit, exactly, row[11]);
}

static void print_row(char row[COLUMNS][CELL_SIZE], const int *widths,
		      int count)
{
	for (int i = 0; i < count; i++) {
		int width = columns[i].right ? widths[i] : -widths[i];

		/* The last column needs no blanks behind it. */
		if (i == count - 1 && !columns[i].right)
			width = 0;
		printf("%s%*s", i ? "  " : "", width, row[i]);
	}
	putchar('\n');
}

void list_print(const struct mm_limit_attr *limits, size_t count, bool exactly)
{
	char titles[COLUMNS][CELL_SIZE], row[COLUMNS][CELL_SIZE];
	int number = columns_of(limits, count);
	int widths[COLUMNS];

	for (int i = 0; i < COLUMNS; i++) {
		snprintf(titles[i], CELL_SIZE, "%s", columns[i].title);
		widths[i] = strlen(titles[i]);
	}
	for (size_t i = 0; i < count; i++) {
		fill_row(row, &limits[i], exactly);
		for (int j = 0; j < COLUMNS; j++)
			if (widths[j] < (int)strlen(row[j]))
				widths[j] = strlen(row[j]);
	}
	print_row(titles, widths, number);
	for (size_t i = 0; i < count; i++) {
		fill_row(row, &limits[i], exactly);
		print_row(row, widths, number);
	}
}

int list_read(int fd, struct mm_limit_attr **limits, size_t *count)
{
	int ret = mmlimit_list_read(fd, limits, count);

	return ret ? fail(MMLIMIT_LIST_PATH ": %s", mmlimit_strerror(ret)) : 0;
}

int list_open(void)
{
	char why[REFUSAL_SIZE];
	int fd = mmlimit_list_open();

	if (fd < 0)
		fail("cannot list limits: %s", refusal_text(getuid(), fd, why));
	return fd;
}

static int run(char **operands, const struct options *options)
{
	struct mm_limit_attr *limits;
	size_t count;
	int fd, ret;

	(void)operands;
	fd = list_open();
	if (fd < 0)
		return EXIT_FAILURE;
	ret = list_read(fd, &limits, &count);
	close(fd);
	if (ret)
		return ret;
	if (options->format == FORMAT_JSON)
		json_print(limits, count);
	else if (options->format == FORMAT_PROMETHEUS)
		prometheus_print(limits, count);
	else
		list_print(limits, count, options->given & OPTION_BYTES);
	free(limits);
	return finish_output();
}

const struct command list_command = {
	.name = "list",
	.operands = "",
	.options = OPTION_JSON | OPTION_FORMAT | OPTION_BYTES,
	.summary = "show all limits",
	.help = "The limit set most recently comes first; without CAP_SYS_RESOURCE one's own is\n"
		"all there is. KIND is hard, own, or both; LIMIT and GRACE are what is in force.\n"
		"If a limit reclaims, there are RECLAIM, the percentage above which it does, SWAP,\n"
		"what the user has there now, and SWAPMAX, what it may have.\n"
		"\n"
		"--format prometheus prints metrics for Prometheus, of each limit by its uid and\n"
		"user; a timer that writes them to a file *.prom in a folder of node_exporter's\n"
		"textfile collector has them scraped.\n"
		"\n"
		"--json prints {\"schema\": 1, \"limits\": [...]}. Each limit is an object of numbers,\n"
		"names and nulls; sizes are in bytes, times in ms. Keys are only ever added:\n"
		"\n"
		"  uid, user                      the user; user is null if it has no name\n"
		"  mm_max, grace_ms               what is in force\n"
		"  policy, state                  names, or null if this program knows none\n"
		"  flags\n"
		"  hard_max, hard_grace_ms        the hard part, or nulls\n"
		"  self_max, self_grace_ms        the user's own part, or nulls\n"
		"  usage, peak                    now, and the most since the limit was first set\n"
		"  exceeds, graces, kills         how often\n"
		"  kill_pid, kill_rss, kill_usage last victim, what it had, and the user, or nulls\n"
		"  threshold                      percent of mm_max above which cold memory is\n"
		"                                 swapped out, or null: it is not\n"
		"  swap, swap_max                 what the user has in swap, and may have; null: no\n"
		"                                 bound\n"
		"  scanned, spared                pages looked at, and of those, in use\n"
		"  swapped_out, refaults          pages swapped out, and brought back\n"
		"  dropped                        how often the queue of pages was full\n"
		"  direct_reclaims                how often swapping out took place at the limit\n"
		"  thrashed                       how often it was given up as of no use\n"
		"  anon, file, shmem, tables      what the usage consists of: anonymous memory, files\n"
		"                                 on disk, files in memory, page tables\n"
		"  kernel                         and what the kernel keeps for the user\n"
		"  refused                        how often a call failed for lack of room",
	.run = run,
};
