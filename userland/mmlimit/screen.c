// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: limits on a screen, with bars of usage against limit. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "live.h"
#include "screen.h"

#define LINE_SIZE 1024

/* A shorter bar says nothing. */
#define SHORTEST_BAR 5
#define LONGEST_BAR 100

#define REVERSE "\033[7m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

/**
 * struct screen - a picture that is being drawn
 * @file: where to
 * @width: of its lines; the last column stays empty, as terminals do not agree
 *	on what happens there
 * @left: how many lines may follow
 */
struct screen {
	FILE *file;
	unsigned int width;
	unsigned int left;
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
	unsigned int share = usage_share(limit);
	unsigned int full = cells(width, share);
	unsigned int peak = cells(width, peak_share(limit));

	fprintf(screen->file, " [%s",
		share >= 900 ? RED :
		share >= 700 ? YELLOW :
			       GREEN);
	for (unsigned int i = 0; i < width; i++)
		putc(i < full ? '#' : i + 1 == peak ? '|' : ' ', screen->file);
	fputs(PLAIN "]", screen->file);
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

/* What stands before the bar */
static void make_text(char text[LINE_SIZE], const struct mm_limit_attr *limit)
{
	char user[USER_TEXT_SIZE], usage[MMLIMIT_TEXT_SIZE];
	char size[MMLIMIT_TEXT_SIZE];
	unsigned int share = usage_share(limit);

	snprintf(text, LINE_SIZE, "%-12.12s %9s %9s %4u.%u%% %6llu %-10s",
		 user_text(limit->uid, user),
		 size_text(limit->usage, false, usage),
		 size_text(limit->mm_max, false, size), share / 10, share % 10,
		 limit->kills, state_text(limit->state));
}

static void put_limit(struct screen *screen, const struct mm_limit_attr *limit)
{
	const unsigned int frame = strlen(" []");
	char text[LINE_SIZE];
	unsigned int used, width;

	make_text(text, limit);
	used = strlen(text) + frame;
	if (used + SHORTEST_BAR > screen->width || !screen->left) {
		put_line(screen, "", text);
		return;
	}
	width = screen->width - used;
	fputs(text, screen->file);
	put_bar(screen, limit, width < LONGEST_BAR ? width : LONGEST_BAR);
	put_line(screen, "", "");
}

/* How many lines a limit takes */
static unsigned int height(const struct mm_limit_attr *limit)
{
	return reclaims(limit) ? 2 : 1;
}

static void put_limits(struct screen *screen,
		       const struct mm_limit_attr *limits, size_t count)
{
	char text[LINE_SIZE];

	for (size_t i = 0; i < count; i++) {
		if (screen->left <= height(&limits[i]) && count - i > 1) {
			snprintf(text, sizeof(text), "... and %zu more",
				 count - i);
			put_line(screen, "", text);
			return;
		}
		put_limit(screen, &limits[i]);
		if (reclaims(&limits[i]))
			put_reclaim(screen, &limits[i]);
	}
	if (!count)
		put_line(screen, "",
			 "No limits. 'mmlimit set USER SIZE' sets one.");
}

int screen_draw(const struct mm_limit_attr *limits, size_t count,
		const char *order, struct terminal_size size)
{
	struct screen screen = {
		.width = size.columns > 1 ? size.columns - 1 : 1,
		.left = size.rows,
	};
	char text[LINE_SIZE];
	struct frame frame;

	if (frame_begin(&frame))
		return EXIT_FAILURE;
	screen.file = frame.file;
	snprintf(
		text, sizeof(text),
		"mmlimit: %zu limit%s by %s   [u]share [m]usage [l]imit [k]ills [n]ame [q]uit",
		count, count == 1 ? "" : "s", order);
	put_line(&screen, "", text);
	snprintf(text, sizeof(text), "%-12s %9s %9s %6s%% %6s %-*s", "USER",
		 "USAGE", "LIMIT", "USE", "KILLS",
		 screen.width > 52 ? (int)screen.width - 52 : 0, "STATE");
	put_line(&screen, REVERSE, text);
	put_limits(&screen, limits, count);
	return frame_end(&frame);
}
