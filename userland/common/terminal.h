/* SPDX-License-Identifier: GPL-2.0-only */
/* A terminal that is drawn on, and is left as it was. */
#ifndef COMMON_TERMINAL_H
#define COMMON_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct terminal_size - what there is to draw on; at least 1 by 1
 * @rows: lines
 * @columns: characters of each
 */
struct terminal_size {
	unsigned int rows;
	unsigned int columns;
};

/* Whether standard output is a terminal that can be drawn on */
bool terminal_usable(void);

/*
 * Takes the terminal: keys come one by one and without an echo, and the screen
 * is the second one. The terminal is left however the program ends, short of
 * SIGKILL. Returns 0 or a negative error.
 */
int terminal_enter(void);

/* Makes the terminal what it was. Does nothing if it has not been taken. */
void terminal_leave(void);

/* Whether nobody has asked for a screen without colours, by NO_COLOR */
bool terminal_colours(void);

/* The size now, or what is usual if the terminal does not know its own */
struct terminal_size terminal_size(void);

/* Writes all of it. Returns 0 or a negative error. */
int terminal_write(const char *text, size_t length);

/* Keys that are no characters */
enum terminal_key {
	KEY_UP = 0x100,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_OTHER,
};

/*
 * A character or one of enum terminal_key that was pressed, -EAGAIN if there is none now, or another negative
 * error if none will come any more
 */
int terminal_key(void);

#endif /* COMMON_TERMINAL_H */
