// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: limits on a screen, with bars of usage against limit. */
#define _GNU_SOURCE 1
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "live.h"
#include "screen.h"

#define LINE_SIZE 1024

/* Below each limit */
#define MOST_PROCESSES 5

/* Above the limits */
#define TITLES 2

/* A shorter bar says nothing. */
#define SHORTEST_BAR 5
#define LONGEST_BAR 100
/* " []" */
#define BAR_FRAME 3U

#define REVERSE "\033[7m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

/* Columns before the bar. The one with the highest turn goes first. */
enum column { USER, USAGE, LIMIT, SHARE, KILLS, STATE, COLUMNS };

static const struct {
	const char *title;
	int width;
	unsigned int turn;
} columns[COLUMNS] = {
	[USER] = { "USER", -12, 0 }, [USAGE] = { "USAGE", 9, 2 },
	[LIMIT] = { "LIMIT", 9, 3 }, [SHARE] = { "USE%", 7, 1 },
	[KILLS] = { "KILLS", 6, 5 }, [STATE] = { "STATE", -15, 6 },
};

/* The bar goes after this many turns. */
#define TURN_OF_BAR 4
#define LAST_TURN 6

/**
 * struct screen - a picture that is being drawn
 * @file: where to
 * @width: of its lines; the last column stays empty, as terminals do not agree
 *	on what happens there
 * @left: how many lines may follow
 * @turns: columns of this turn and later ones are left out
 * @has_bar: there are bars, too
 */
struct screen {
	FILE *file;
	unsigned int width;
	unsigned int left;
	unsigned int turns;
	bool has_bar;
};

/* Puts what fits of a text in a line of its own. */
static void put_line(struct screen *screen, const char *begin, const char *text)
{
	if (!screen->left)
		return;
	/* A newline after the last line would scroll the screen. */
	screen->left--;
	fprintf(screen->file, "%s%.*s%s" FRAME_END_OF_LINE "%s", begin,
		(int)screen->width, text, *begin ? PLAIN : "",
		screen->left ? "\n" : "");
}

/* How many cells of a bar are full for so many tenths of a percent */
static unsigned int cells(unsigned int width, unsigned int share)
{
	return share >= 1000 ? width : (share * width + 999) / 1000;
}

static unsigned int peak_share(const struct mm_limit_attr *limit)
{
	struct mm_limit_attr most = { .mm_max = limit->mm_max,
				      .usage = limit->peak };

	return usage_share(&most);
}

/* "[####   |  ]": usage, and where the peak was */
static void put_bar(struct screen *screen, const struct mm_limit_attr *limit,
		    unsigned int width)
{
	bool colours = terminal_colours();
	unsigned int share = usage_share(limit);
	unsigned int full = cells(width, share);
	unsigned int peak = cells(width, peak_share(limit));

	fprintf(screen->file, " [%s",
		!colours     ? "" :
		share >= 900 ? RED :
		share >= 700 ? YELLOW :
			       GREEN);
	for (unsigned int i = 0; i < width; i++)
		putc(i < full ? '#' : i + 1 == peak ? '|' : ' ', screen->file);
	fprintf(screen->file, "%s]", colours ? PLAIN : "");
}

/* A limit that reclaims has a second line. */
static void put_reclaim(struct screen *screen,
			const struct mm_limit_attr *limit)
{
	char text[LINE_SIZE], swap[MMLIMIT_TEXT_SIZE], max[MMLIMIT_TEXT_SIZE];
	bool bounded = swap_max(limit) != MM_LIMIT_SWAP_UNBOUNDED;

	if (bounded)
		swap_text(limit, false, max);
	snprintf(text, sizeof(text),
		 "  swap %s%s%s, %llu out, %llu back, %llu direct, %u thrashed",
		 size_text(limit->swap, false, swap), bounded ? " of " : "",
		 bounded ? max : "", limit->swapped_out, limit->refaults,
		 limit->direct_reclaims, limit->thrashed);
	put_line(screen, "", text);
}

typedef char cells_of_row[COLUMNS][USER_TEXT_SIZE];

static void fill_row(cells_of_row row, const struct mm_limit_attr *limit)
{
	unsigned int share = usage_share(limit);

	whose_text(limit, row[USER]);
	size_text(limit->usage, false, row[USAGE]);
	size_text(limit->mm_max, false, row[LIMIT]);
	if (limit->mm_max == MM_LIMIT_ATTR_NONE)
		snprintf(row[SHARE], USER_TEXT_SIZE, "-");
	else
		snprintf(row[SHARE], USER_TEXT_SIZE, "%u.%u%%", share / 10,
			 share % 10);
	snprintf(row[KILLS], USER_TEXT_SIZE, "%llu", limit->kills);
	/* Whoever is above its limit is above what it is warned at, too. */
	snprintf(row[STATE], USER_TEXT_SIZE, "%s%s%s", state_text(limit->state),
		 limit->warned && limit->state == MM_LIMIT_IDLE ? ",warned" :
								  "",
		 is_dry_run(limit) ? ",dry" : "");
}

/* The columns that are shown, with a blank between them. No figure is cut. */
static void make_text(const struct screen *screen, char text[LINE_SIZE],
		      cells_of_row row)
{
	size_t length = 0;

	for (int i = 0; i < COLUMNS; i++) {
		int width = columns[i].width;

		if (columns[i].turn < screen->turns)
			length += snprintf(text + length, LINE_SIZE - length,
					   "%s%*.*s", i ? " " : "", width,
					   width < 0 ? -width : INT_MAX,
					   row[i]);
	}
}

/* How wide the columns are that are shown */
static unsigned int used_width(const struct screen *screen)
{
	unsigned int width = 0;

	for (int i = 0; i < COLUMNS; i++)
		if (columns[i].turn < screen->turns)
			width += !!i + abs(columns[i].width);
	return width;
}

/* Leaves out as much as the width demands, turn by turn. */
static void choose_columns(struct screen *screen)
{
	unsigned int used;

	for (screen->turns = LAST_TURN + 1;; screen->turns--) {
		screen->has_bar = screen->turns > TURN_OF_BAR;
		used = used_width(screen);
		if (screen->has_bar)
			used += BAR_FRAME + SHORTEST_BAR;
		if (used <= screen->width || screen->turns == 1)
			return;
	}
}

static void put_titles(struct screen *screen, const struct view *view)
{
	char text[LINE_SIZE], padded[LINE_SIZE], part[64] = "";
	cells_of_row row;

	/* Which limits these are, if they are not the first */
	if (view->first)
		snprintf(part, sizeof(part), "%zu to %zu of ", view->first + 1,
			 view->first + view->shown);
	snprintf(
		text, sizeof(text),
		"mmlimit: %s%zu limit%s by %s  [u]share [m]usage [l]imit [k]ills [n]ame [p]ids [q]uit",
		part, view->count, view->count == 1 ? "" : "s", view->order);
	put_line(screen, "", text);
	for (int i = 0; i < COLUMNS; i++)
		snprintf(row[i], sizeof(row[i]), "%s", columns[i].title);
	make_text(screen, text, row);
	snprintf(padded, sizeof(padded), "%-*s", (int)screen->width, text);
	put_line(screen, REVERSE, padded);
}

static void put_limit(struct screen *screen, const struct mm_limit_attr *limit)
{
	char text[LINE_SIZE];
	cells_of_row row;
	unsigned int used, width;

	fill_row(row, limit);
	make_text(screen, text, row);
	used = strlen(text) + BAR_FRAME;
	if (!screen->has_bar || !screen->left ||
	    used + SHORTEST_BAR > screen->width) {
		put_line(screen, "", text);
		return;
	}
	width = screen->width - used;
	fputs(text, screen->file);
	put_bar(screen, limit, width < LONGEST_BAR ? width : LONGEST_BAR);
	put_line(screen, "", "");
}

/**
 * struct largest - the largest processes that are found, no more than are shown
 * @count: how many
 * @processes: the processes, the largest first
 */
struct largest {
	size_t count;
	const struct process *processes[MOST_PROCESSES];
};

static void note_process(struct largest *largest, const struct process *process)
{
	size_t i = largest->count;

	if (i < MOST_PROCESSES)
		largest->count++;
	else if (process->bytes <= largest->processes[--i]->bytes)
		return;
	for (; i && largest->processes[i - 1]->bytes < process->bytes; i--)
		largest->processes[i] = largest->processes[i - 1];
	largest->processes[i] = process;
}

static void note_user(const struct view *view, uid_t uid,
		      struct largest *largest)
{
	const struct process *process;
	size_t count;

	process = processes_of(view->processes, uid, &count);
	for (; count; count--)
		note_process(largest, process++);
}

static bool is_member(const struct mm_limit_attr *limit,
		      const struct mm_limit_attr *pool)
{
	return !mmlimit_is_rule(limit) && limit->rule == MM_LIMIT_RULE_POOL &&
	       limit->first == pool->first && limit->last == pool->last;
}

/* A user's largest processes, or those of a pool's users */
static struct largest find_largest(const struct view *view, size_t number)
{
	const struct mm_limit_attr *limit = &view->limits[number];
	struct largest largest = { 0 };

	if (!view->processes)
		return largest;
	if (!mmlimit_is_rule(limit))
		note_user(view, limit->uid, &largest);
	else if (limit->rule == MM_LIMIT_RULE_POOL)
		for (size_t i = 0; i < view->count; i++)
			if (is_member(&view->limits[i], limit))
				note_user(view, view->limits[i].uid, &largest);
	return largest;
}

static void put_processes(struct screen *screen, const struct view *view,
			  size_t number)
{
	struct largest largest = find_largest(view, number);
	char text[LINE_SIZE], size[MMLIMIT_TEXT_SIZE];

	for (size_t i = 0; i < largest.count; i++) {
		const struct process *process = largest.processes[i];

		snprintf(text, sizeof(text), "  pid %-7d %9s  %s", process->pid,
			 size_text(process->bytes, false, size), process->name);
		put_line(screen, "", text);
	}
}

/* How many lines a limit takes */
static unsigned int height(const struct view *view, size_t number)
{
	return 1 + reclaims(&view->limits[number]) +
	       find_largest(view, number).count;
}

/* How many limits from the first on fit; a line is for those that follow. */
static size_t count_fitting(const struct view *view, unsigned int lines)
{
	size_t i;

	for (i = view->first; i < view->count; i++) {
		unsigned int wanted = height(view, i);

		if (lines <= wanted && view->count - i > 1)
			break;
		lines -= lines < wanted ? lines : wanted;
	}
	return i - view->first;
}

/* No further down than that the last limit stands in the last line */
static void choose_first(struct view *view, unsigned int lines)
{
	size_t first = view->count;

	while (first && height(view, first - 1) <= lines)
		lines -= height(view, --first);
	/* The last one is shown also if not all of it fits. */
	if (view->count && first == view->count)
		first--;
	if (view->first > first)
		view->first = first;
}

static void put_limits(struct screen *screen, const struct view *view)
{
	size_t end = view->first + view->shown;
	char text[LINE_SIZE];

	for (size_t i = view->first; i < end; i++) {
		put_limit(screen, &view->limits[i]);
		if (reclaims(&view->limits[i]))
			put_reclaim(screen, &view->limits[i]);
		put_processes(screen, view, i);
	}
	if (end < view->count) {
		snprintf(text, sizeof(text), "... and %zu more",
			 view->count - end);
		put_line(screen, "", text);
	}
	if (!view->count)
		put_line(screen, "",
			 "No limits. 'mmlimit set WHO SIZE' sets one.");
}

int screen_draw(struct view *view, struct terminal_size size)
{
	unsigned int lines = size.rows > TITLES ? size.rows - TITLES : 0;
	struct screen screen = {
		.width = size.columns > 1 ? size.columns - 1 : 1,
		.left = size.rows,
	};
	struct frame frame;

	if (frame_begin(&frame))
		return EXIT_FAILURE;
	screen.file = frame.file;
	choose_columns(&screen);
	choose_first(view, lines);
	view->shown = count_fitting(view, lines);
	put_titles(&screen, view);
	put_limits(&screen, view);
	return frame_end(&frame);
}
