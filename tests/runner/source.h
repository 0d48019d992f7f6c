/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of source that a message names. */
#ifndef RUNNER_SOURCE_H
#define RUNNER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/**
 * struct source_place - "FILE:LINE" in a text
 * @at: where it begins
 * @path_length: bytes of FILE
 * @line: from 1
 * @end: behind it
 */
struct source_place {
	const char *at;
	size_t path_length;
	unsigned long line;
	const char *end;
};

/* The first in @text of a file that ends in .c, .h, .S or .sh. Pure. */
bool source_find(const char *text, struct source_place *place);

/**
 * struct source_lines - a piece of a source
 * @file: its name, as the text had it
 * @line: the line that was named
 * @first: number of the first line of @text
 * @text: printable lines, each ended by a newline
 */
struct source_lines {
	struct text file;
	unsigned long line;
	unsigned long first;
	struct text text;
};

/**
 * source_read() - the lines around a place
 * @lines: all zero; filled, to be freed also on error
 * @place: from source_find()
 * @folders: where it may be, with a NULL at the end; a file whose name has no
 *	folder may lie in any of them, but not below
 *
 * What a guest says is not trusted: only files below @folders are read.
 *
 * Return: whether the file has the line.
 */
bool source_read(struct source_lines *lines, const struct source_place *place,
		 const char *const *folders);
void source_free(struct source_lines *lines);

/**
 * file_lines() - some lines of a file of any bytes
 * @path: its path
 * @first: number of the first line wanted
 * @last: number of the last
 * @text: gets those that there are, printable, each ended by a newline
 *
 * Return: how many it got.
 */
unsigned long file_lines(const char *path, unsigned long first,
			 unsigned long last, struct text *text);

#endif
