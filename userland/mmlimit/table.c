// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: limits as a table. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "format.h"
#include "table.h"
#include "terminal.h"

#define CELL_SIZE USER_TEXT_SIZE

/* Between two columns */
#define GAP 2

/* A name of a user is not cut any shorter. */
#define SHORTEST_USER 8

/* For a column that always stays */
#define NEVER 0

enum column {
	USER,
	LIMIT,
	KIND,
	USAGE,
	SHARE,
	GRACE,
	KILLS,
	POLICY,
	STATE,
	/* This is there only if there is a rule. */
	RULE,
	/* The last ones are there only if a limit reclaims. */
	RECLAIM,
	SWAP,
	SWAP_MAX,
	COLUMNS,
};

static const struct {
	const char *title;
	bool right;
	/* Which is left out first where there is too little room, from 1 on */
	int turn;
} columns[COLUMNS] = {
	[USER] = { "USER", false, NEVER },   [LIMIT] = { "LIMIT", true, NEVER },
	[KIND] = { "KIND", false, 2 },	     [USAGE] = { "USAGE", true, NEVER },
	[SHARE] = { "USE%", true, 9 },	     [GRACE] = { "GRACE", true, 4 },
	[KILLS] = { "KILLS", true, 6 },	     [POLICY] = { "POLICY", false, 1 },
	[STATE] = { "STATE", false, 8 },     [RULE] = { "RULE", false, 7 },
	[RECLAIM] = { "RECLAIM", true, 5 },  [SWAP] = { "SWAP", true, 10 },
	[SWAP_MAX] = { "SWAPMAX", true, 3 },
};

/**
 * struct table - which columns there are
 * @widths: of each
 * @shown: the others are left out
 */
struct table {
	int widths[COLUMNS];
	bool shown[COLUMNS];
};

typedef char table_row[COLUMNS][CELL_SIZE];

static const char *kind(const struct mm_limit_attr *limit)
{
	if (limit->self_max == MM_LIMIT_ATTR_NONE)
		return limit->hard_max == MM_LIMIT_ATTR_NONE ? "-" : "hard";
	return limit->hard_max == MM_LIMIT_ATTR_NONE ? "own" : "both";
}

static void fill_row(table_row row, const struct mm_limit_attr *limit,
		     bool exactly)
{
	unsigned int share = usage_share(limit);

	whose_text(limit, row[USER]);
	rule_text(limit, row[RULE]);
	size_text(limit->mm_max, exactly, row[LIMIT]);
	snprintf(row[KIND], CELL_SIZE, "%s", kind(limit));
	size_text(limit->usage, exactly, row[USAGE]);
	if (limit->mm_max == MM_LIMIT_ATTR_NONE)
		snprintf(row[SHARE], CELL_SIZE, "-");
	else
		snprintf(row[SHARE], CELL_SIZE, "%u.%u", share / 10,
			 share % 10);
	mmlimit_format_duration(limit->grace_ms, row[GRACE]);
	snprintf(row[KILLS], CELL_SIZE, "%llu", limit->kills);
	snprintf(row[POLICY], CELL_SIZE, "%s", policy_text(limit->policy));
	/* What is read there first is whether somebody will die. */
	snprintf(row[STATE], CELL_SIZE, "%s%s%s", state_text(limit->state),
		 limit->warned ? ",warned" : "",
		 is_dry_run(limit) ? ",dry" : "");
	snprintf(row[RECLAIM], CELL_SIZE, "off");
	if (reclaims(limit))
		snprintf(row[RECLAIM], CELL_SIZE, "%u%%", limit->threshold);
	size_text(limit->swap, exactly, row[SWAP]);
	swap_text(limit, exactly, row[SWAP_MAX]);
}

static void measure(struct table *table, const struct mm_limit_attr *limits,
		    size_t count, bool exactly)
{
	bool reclaim = false, rule = false;
	table_row row;

	for (int i = 0; i < COLUMNS; i++)
		table->widths[i] = strlen(columns[i].title);
	for (size_t i = 0; i < count; i++) {
		reclaim |= reclaims(&limits[i]);
		rule |= limits[i].rule != MM_LIMIT_RULE_NONE;
		fill_row(row, &limits[i], exactly);
		for (int j = 0; j < COLUMNS; j++)
			if (table->widths[j] < (int)strlen(row[j]))
				table->widths[j] = strlen(row[j]);
	}
	for (int i = 0; i < COLUMNS; i++)
		table->shown[i] = i == RULE ? rule : reclaim || i < RECLAIM;
}

static int total(const struct table *table)
{
	int width = -GAP;

	for (int i = 0; i < COLUMNS; i++)
		if (table->shown[i])
			width += table->widths[i] + GAP;
	return width;
}

static void fit(struct table *table, int width)
{
	int excess;

	for (int turn = 1; total(table) > width && turn < COLUMNS; turn++)
		for (int i = 0; i < COLUMNS; i++)
			if (columns[i].turn == turn)
				table->shown[i] = false;
	excess = total(table) - width;
	if (excess <= 0)
		return;
	table->widths[USER] -= excess;
	if (table->widths[USER] < SHORTEST_USER)
		table->widths[USER] = SHORTEST_USER;
}

static void print_row(const struct table *table, table_row row)
{
	int last = 0;

	for (int i = 0; i < COLUMNS; i++)
		if (table->shown[i])
			last = i;
	for (int i = 0; i <= last; i++) {
		int width = table->widths[i];

		if (!table->shown[i])
			continue;
		/* The last column needs no blanks behind it. */
		printf("%*s%*.*s", i ? GAP : 0, "",
		       columns[i].right ? width :
		       i == last	? 0 :
					  -width,
		       width, row[i]);
	}
	putchar('\n');
}

unsigned int table_width(bool wide)
{
	return wide ? TABLE_UNBOUNDED : terminal_size().columns;
}

void table_print(const struct mm_limit_attr *limits, size_t count, bool exactly,
		 unsigned int width)
{
	struct table table;
	table_row row;

	measure(&table, limits, count, exactly);
	if (width != TABLE_UNBOUNDED)
		fit(&table, width);
	for (int i = 0; i < COLUMNS; i++)
		snprintf(row[i], CELL_SIZE, "%s", columns[i].title);
	print_row(&table, row);
	for (size_t i = 0; i < count; i++) {
		fill_row(row, &limits[i], exactly);
		print_row(&table, row);
	}
}
