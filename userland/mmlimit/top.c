// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit top: all limits with their usages, as they change. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "clock.h"
#include "commands.h"
#include "format.h"
#include "json.h"
#include "list.h"
#include "live.h"
#include "processes.h"
#include "say.h"
#include "screen.h"
#include "table.h"
#include "terminal.h"

/* A limit that reclaims has news hundreds of times a second. */
#define SHORTEST_DELAY_MS 100

/**
 * struct top - what is shown, and how
 * @live: on a screen, or table after table
 * @options: of the command
 * @most: how often to look, 0: until a signal or a key ends it
 * @list: the kernel's list
 * @order: of the limits, an index of orders[]
 * @looks: how often was looked
 * @limits: as they were the last time
 * @count: their number
 * @first: which one stands at the top of the screen
 * @page: how many stood there
 * @has_processes: processes are shown, too
 */
struct top {
	struct live live;
	const struct options *options;
	unsigned int most;
	int list;
	size_t order;
	unsigned int looks;
	struct mm_limit_attr *limits;
	size_t count;
	size_t first;
	size_t page;
	bool has_processes;
};

/*
 * The largest comes first. Equal ones are ordered by uid, so that they keep
 * their places.
 */
#define COMPARE(left, right) ((left) < (right)) - ((left) > (right))

static int by_uid(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;

	if (left->uid != right->uid || !mmlimit_is_rule(left))
		return COMPARE(right->uid, left->uid);
	if (left->first != right->first)
		return COMPARE(right->first, left->first);
	return COMPARE(right->last, left->last);
}

static int by_share(const void *a, const void *b)
{
	int ret = COMPARE(usage_share(a), usage_share(b));

	return ret ? ret : by_uid(a, b);
}

static int by_usage(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	int ret = COMPARE(left->usage, right->usage);

	return ret ? ret : by_uid(a, b);
}

static int by_limit(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	int ret = COMPARE(left->mm_max, right->mm_max);

	return ret ? ret : by_uid(a, b);
}

static int by_kills(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	int ret = COMPARE(left->kills, right->kills);

	return ret ? ret : by_uid(a, b);
}

static int by_name(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	char left_name[USER_TEXT_SIZE], right_name[USER_TEXT_SIZE];
	int ret = strcmp(whose_text(left, left_name),
			 whose_text(right, right_name));

	return ret ? ret : by_uid(a, b);
}

static const struct {
	char key;
	const char *name;
	int (*compare)(const void *a, const void *b);
} orders[] = {
	{ 'u', "share", by_share }, { 'm', "usage", by_usage },
	{ 'l', "limit", by_limit }, { 'k', "kills", by_kills },
	{ 'n', "name", by_name },
};

static int draw(struct top *top)
{
	struct processes processes = { 0 };
	struct view view = {
		.limits = top->limits,
		.count = top->count,
		.order = orders[top->order].name,
		.first = top->first,
	};
	int ret = 0;

	if (top->has_processes) {
		ret = processes_read("/proc", &processes);
		view.processes = &processes;
	}
	ret = ret ? fail("cannot read /proc: %s", strerror(-ret)) :
		    screen_draw(&view, terminal_size());
	free(processes.list);
	top->first = view.first;
	top->page = view.shown ? view.shown : 1;
	return ret;
}

static int show(void *data)
{
	struct top *top = data;

	if (top->count)
		qsort(top->limits, top->count, sizeof(*top->limits),
		      orders[top->order].compare);
	if (top->live.drawn)
		return draw(top);
	if (top->options->format == FORMAT_JSON) {
		json_print(top->limits, top->count);
		return finish_output();
	}
	if (top->looks)
		putchar('\n');
	table_print(top->limits, top->count, top->options->given & OPTION_BYTES,
		    table_width(false));
	return finish_output();
}

static int look(struct top *top)
{
	struct mm_limit_attr *limits;
	size_t count;
	int ret = list_read(top->list, &limits, &count);

	if (ret)
		return ret;
	free(top->limits);
	top->limits = limits;
	top->count = count;
	ret = show(top);
	top->looks++;
	return ret;
}

/* The last page has a limit where others tell how many limits follow. */
static size_t page_above(const struct top *top)
{
	bool is_last = top->first + top->page == top->count;

	return top->page - (is_last && top->page > 1);
}

/* What is drawn next sees to it that this is not too far. */
static void scroll(struct top *top, int key)
{
	size_t page;

	switch (key) {
	case KEY_UP:
		top->first -= top->first > 0;
		break;
	case KEY_DOWN:
		top->first++;
		break;
	case KEY_PAGE_UP:
		page = page_above(top);
		top->first -= top->first < page ? top->first : page;
		break;
	case KEY_PAGE_DOWN:
		top->first += top->page;
		break;
	case KEY_HOME:
		top->first = 0;
		break;
	case KEY_END:
		top->first = top->count;
		break;
	}
}

static void press(int key, void *data)
{
	struct top *top = data;

	scroll(top, key);
	if (key == 'p')
		top->has_processes = !top->has_processes;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
		if (orders[i].key == key)
			top->order = i;
}

static int loop(struct top *top)
{
	const struct options *options = top->options;
	int ret;

	do {
		long long begin = now_ms();

		ret = look(top);
		if (ret || (top->most && top->looks == top->most))
			return ret;
		ret = live_wait(&top->live, top->list,
				now_ms() + SHORTEST_DELAY_MS,
				begin + options->delay_ms);
	} while (ret == LIVE_GO_ON);
	return ret;
}

static int run(char **operands, const struct options *options)
{
	struct top top = {
		.live = { .show = show, .press = press, .data = &top },
		.options = options,
		.most = options->number,
	};
	int ret;

	(void)operands;
	if (options->format == FORMAT_JSON && !top.most)
		top.most = 1;
	top.live.drawn = !top.most && terminal_usable();
	top.list = list_open();
	if (top.list < 0)
		return EXIT_FAILURE;
	ret = live_begin(&top.live);
	if (!ret)
		ret = loop(&top);
	live_end();
	free(top.limits);
	return ret;
}

const struct command top_command = {
	.name = "top",
	.operands = "",
	.options = OPTION_DELAY | OPTION_NUMBER | OPTION_ONCE | OPTION_BYTES |
		   OPTION_JSON,
	.summary = "show all limits, live",
	.help = "On a terminal, draws bars of usage against limit, | marking the peak; with -n,\n"
		"--once, or elsewhere, prints tables. Keys sort by u: share of the limit, m:\n"
		"usage, l: limit, k: kills, n: name; p shows the largest processes of each user\n"
		"and pool, or no longer; arrows, page up and down, home and end scroll; q ends,\n"
		"as SIGINT and SIGTERM do. With NO_COLOR in the environment there are no colours.\n"
		"Events show at once, usages as often as --delay says. Below a limit that\n"
		"reclaims stand what the user has in swap, the pages swapped out and brought\n"
		"back, how often threads did so at the limit, and how often it was given up.\n"
		"STATE has \",warned\" of a user near its limit, and \",dry\" of a dry run. Rules are\n"
		"there by their range; what a pool has is what its users have. On a narrow\n"
		"terminal what says less is left out: STATE, KILLS, bars, LIMIT, USAGE, in this\n"
		"order.\n"
		"\n"
		"--json prints once what 'mmlimit list --help' describes, the largest share of a\n"
		"limit first; with -n an object for each look.",
	.run = run,
};
