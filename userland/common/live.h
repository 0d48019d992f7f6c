/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is shown live is drawn on a terminal again and again, until somebody
 * presses q or a signal ends it. While the program is stopped the terminal is
 * given back.
 */
#ifndef COMMON_LIVE_H
#define COMMON_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What a function returns that has neither failed nor come to the end */
#define LIVE_GO_ON (-1)

/**
 * struct live - what is shown live
 * @show: shows it as it is now; returns 0, or EXIT_FAILURE after the user was told
 * @press: somebody has pressed a key other than q; or NULL
 * @data: handed to both
 * @drawn: on a terminal, not as line after line
 * @keys: somebody may press some
 * @signals: a signalfd of those that end or change what is drawn
 */
struct live {
	int (*show)(void *data);
	void (*press)(int key, void *data);
	void *data;
	bool drawn;
	bool keys;
	int signals;
};

/*
 * Takes the terminal, if @drawn, and the signals. Returns 0, or EXIT_FAILURE after
 * the user was told; in either case live_end() gives the terminal back.
 */
int live_begin(struct live *live);
void live_end(void);

/**
 * live_wait - see to keys and signals until it is time to look again
 * @live: after live_begin()
 * @news: a file that has POLLPRI when there is something new, or -1
 * @soonest_ms: from when on news count
 * @latest_ms: when to look again without news
 *
 * Return: LIVE_GO_ON when it is time, or the exit status.
 */
int live_wait(struct live *live, int news, long long soonest_ms,
	      long long latest_ms);

/* Stands before each newline, and clears what was on the rest of the line. */
#define FRAME_END_OF_LINE "\033[K"

/**
 * struct frame - what is drawn at one time
 * @file: where to print it, from the top left on
 * @text: what was printed
 * @length: its length
 */
struct frame {
	FILE *file;
	char *text;
	size_t length;
};

/*
 * frame_begin() starts a frame, frame_end() shows all of it at once. Both
 * return 0, or EXIT_FAILURE after the user was told.
 */
int frame_begin(struct frame *frame);
int frame_end(struct frame *frame);

#endif /* COMMON_LIVE_H */
