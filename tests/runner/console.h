/* SPDX-License-Identifier: GPL-2.0-only */
/* The bytes of a serial console -> lines, with the guest's clock. */
#ifndef RUNNER_CONSOLE_H
#define RUNNER_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The records of printk() are shorter than 1 KiB. A longer line did not come
 * from the kernel; it is handed on in pieces, which overlap, so that a pattern
 * on a seam is still found.
 */
#define CONSOLE_LINE_MAX 4096
#define CONSOLE_OVERLAP 256

/*
 * The kernel prints a record as a whole, but others write to the console, too,
 * so that a record may start behind half a line of theirs. Therefore the first
 * time stamp of a line that does not start with one starts a line of its own.
 * In a line that does, whatever looks like another is part of the record's
 * text.
 */

/**
 * struct console_line - one line of a console
 * @text: what follows printk's prefix; NUL-terminated, a NUL byte in it became
 *	ASCII SUB (0x1a); valid during the callback only
 * @length: bytes in @text
 * @usec: the guest's clock, when @stamped
 * @number: of the console's line, from 1
 * @stamped: the line began with printk's time stamp
 * @whole: from its start to a newline; false for the pieces of an overlong
 *	line, for what preceded a record, and for a last line without newline
 */
struct console_line {
	const char *text;
	size_t length;
	uint64_t usec;
	unsigned long number;
	bool stamped;
	bool whole;
};

typedef void console_fn(void *context, const struct console_line *line);

/**
 * struct console - a console that is being read
 * @fn: called for each line
 * @context: for @fn
 * @plain: no printk prefixes here: nothing is stripped
 * @lines: that came to their end so far
 * @length: bytes in @line
 * @continued: @line does not start where the console's line started
 * @record: that line started with a time stamp
 * @line: the line so far
 */
struct console {
	console_fn *fn;
	void *context;
	bool plain;
	unsigned long lines;
	size_t length;
	bool continued;
	bool record;
	char line[CONSOLE_LINE_MAX + 1];
};

void console_feed(struct console *console, const char *data, size_t length);

/* The console ended: hands on what came after the last newline. */
void console_end(struct console *console);

/**
 * console_prefix() - read printk's prefix
 * @text: where it must start
 * @usec: set to its time
 *
 * Accepts "[   12.345678] ", before it a level ("<6>"), after it a caller
 * ("[    T1]", CONFIG_PRINTK_CALLER).
 *
 * Return: the length of the prefix, 0 when there is none.
 */
size_t console_prefix(const char *text, uint64_t *usec);

#endif
