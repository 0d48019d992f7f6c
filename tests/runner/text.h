/* SPDX-License-Identifier: GPL-2.0-only */
/* A string that grows, and the escaping of what a guest printed. */
#ifndef RUNNER_TEXT_H
#define RUNNER_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct text - a growing string
 * @data: NUL-terminated once something was added; read it with text_string()
 * @length: bytes, without the NUL
 * @size: bytes allocated
 * @failed: memory ran out and the content is incomplete; stays set until
 *	text_free(), so that callers need to look once, at the end
 *
 * All zero is an empty text.
 */
struct text {
	char *data;
	size_t length;
	size_t size;
	bool failed;
};

void text_add(struct text *text, const char *data, size_t length);
void text_puts(struct text *text, const char *string);
void text_vprintf(struct text *text, const char *format, va_list arguments);
void text_printf(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * text_add_clean() - add one line from an untrusted source
 *
 * What a terminal, XML 1.0 or JSON cannot carry (control characters, bytes
 * that are not UTF-8, noncharacters) becomes \xNN; a tab becomes a blank.
 */
void text_add_clean(struct text *text, const char *data, size_t length);

/* Adds @word as a POSIX shell reads it, with quotes where it needs them. */
void text_add_shell(struct text *text, const char *word);

/* Never NULL: an empty text reads as "". Valid until the next change. */
const char *text_string(const struct text *text);
void text_reset(struct text *text);
void text_free(struct text *text);

#endif
