// SPDX-License-Identifier: GPL-2.0-only
/* Lines of source that a message names. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

/* How many lines are shown before and after the line */
#define AROUND 3

/* A longer line is cut, as an editor would. */
#define LINE_SHOWN 400

static bool is_path_byte(char byte)
{
	return isalnum((unsigned char)byte) || (byte && strchr("_-./+", byte));
}

static bool is_source(const char *path, size_t length)
{
	static const char *const suffixes[] = { ".c", ".h", ".S", ".sh" };
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (length > suffix &&
		    !strncmp(path + length - suffix, suffixes[i], suffix))
			return true;
	}
	return false;
}

bool source_find(const char *text, struct source_place *place)
{
	const char *colon;

	for (colon = text; (colon = strchr(colon, ':')); colon++) {
		const char *start = colon;
		char *end;

		while (start > text && is_path_byte(start[-1]))
			start--;
		if (!isdigit((unsigned char)colon[1]) ||
		    !is_source(start, colon - start))
			continue;
		place->at = start;
		place->path_length = colon - start;
		place->line = strtoul(colon + 1, &end, 10);
		place->end = end;
		return true;
	}
	return false;
}

/* Tabs become blanks here: behind a number they would not line up. */
static void add_line(struct text *text, const char *line, size_t length)
{
	size_t shown = length > LINE_SHOWN ? LINE_SHOWN : length;
	size_t column = 0;
	size_t i = 0;

	while (i < shown) {
		size_t piece = 0;

		while (i + piece < shown && line[i + piece] != '\t')
			piece++;
		text_add_clean(text, line + i, piece);
		column += piece;
		i += piece;
		if (i == shown)
			break;
		text_printf(text, "%*s", (int)(8 - column % 8), "");
		column += 8 - column % 8;
		i++;
	}
	text_puts(text, length > LINE_SHOWN ? "...\n" : "\n");
}

unsigned long file_lines(const char *path, unsigned long first,
			 unsigned long last, struct text *text)
{
	FILE *file = fopen(path, "rbe");
	unsigned long number = 0;
	unsigned long got = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while (file && number < last &&
	       (length = getline(&line, &size, file)) >= 0) {
		if (++number < first)
			continue;
		while (length && strchr("\r\n", line[length - 1]))
			length--;
		add_line(text, line, length);
		got++;
	}
	free(line);
	if (file)
		fclose(file);
	return got;
}

static bool is_below(const char *path, size_t length)
{
	size_t i;

	if (path[0] == '/')
		return false;
	for (i = 0; i + 1 < length; i++) {
		if (path[i] == '.' && path[i + 1] == '.')
			return false;
	}
	return true;
}

bool source_read(struct source_lines *lines, const struct source_place *place,
		 const char *const *folders)
{
	unsigned long first = place->line > AROUND ? place->line - AROUND : 1;

	if (!place->line || place->line > 1000000 ||
	    !is_below(place->at, place->path_length))
		return false;
	for (; *folders; folders++) {
		struct text path = { 0 };
		unsigned long got = 0;

		text_printf(&path, "%s/%.*s", *folders, (int)place->path_length,
			    place->at);
		text_reset(&lines->text);
		if (!path.failed)
			got = file_lines(text_string(&path), first,
					 place->line + AROUND, &lines->text);
		text_free(&path);
		if (first + got <= place->line)
			continue;
		text_add_clean(&lines->file, place->at, place->path_length);
		lines->line = place->line;
		lines->first = first;
		return !lines->text.failed && !lines->file.failed;
	}
	return false;
}

void source_free(struct source_lines *lines)
{
	text_free(&lines->file);
	text_free(&lines->text);
}
