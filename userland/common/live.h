/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is shown live: drawn on a terminal again and again, until somebody presses q
 * or a signal ends it; the terminal is given back while the program is stopped.
 */
#ifndef COMMON_LIVE_H
#define COMMON_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Neither a failure nor the end */
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
 * @live: begun
 * @news: a file that says by POLLPRI that it is time, or -1
 * @soonest_ms: when it may say so
 * @latest_ms: when it is time without news
 *
 * Return: LIVE_GO_ON when it is time, or the exit status.
 */
int live_wait(struct live *live, int news, long long soonest_ms,
	      long long latest_ms);

/* Before each newline: what stood there goes. */
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
 * Begins a frame; shows all of it at once. Return 0, or EXIT_FAILURE after the user
 * was told.
 */
int frame_begin(struct frame *frame);
int frame_end(struct frame *frame);

#endif /* COMMON_LIVE_H */
