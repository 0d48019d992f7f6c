// SPDX-License-Identifier: GPL-2.0-only
/* A string that grows, and the escaping of what a guest printed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Makes room for @length more bytes and the final NUL. */
static bool text_reserve(struct text *text, size_t length)
{
	size_t size = text->size ? text->size : 64;
	char *data;

	if (text->failed)
		return false;
	if (length >= SIZE_MAX / 4 || text->length >= SIZE_MAX / 4) {
		text->failed = true;
		return false;
	}
	while (size <= text->length + length)
		size *= 2;
	if (size == text->size)
		return true;
	data = realloc(text->data, size);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->size = size;
	return true;
}

void text_add(struct text *text, const char *data, size_t length)
{
	if (!text_reserve(text, length))
		return;
	if (length)
		memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_puts(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_vprintf(struct text *text, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0) {
		text->failed = true;
		return;
	}
	if (!text_reserve(text, length))
		return;
	vsnprintf(text->data + text->length, length + 1, format, arguments);
	text->length += length;
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_vprintf(text, format, arguments);
	va_end(arguments);
}

/*
 * Returns the length of the printable UTF-8 character at @data, or 0 when its
 * first byte has to be escaped.
 */
static size_t printable(const unsigned char *data, size_t length)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t bytes;
	size_t i;

	if (data[0] < 0x80)
		return data[0] >= ' ' && data[0] != 0x7f;
	if (data[0] >= 0xc2 && data[0] <= 0xdf)
		bytes = 2;
	else if ((data[0] & 0xf0) == 0xe0)
		bytes = 3;
	else if (data[0] >= 0xf0 && data[0] <= 0xf4)
		bytes = 4;
	else
		return 0;
	if (bytes > length)
		return 0;
	code = data[0] & (0xff >> (bytes + 1));
	for (i = 1; i < bytes; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (data[i] & 0x3f);
	}
	if (code < least[bytes] || code > 0x10ffff)
		return 0;
	/* C1 controls, surrogates, noncharacters */
	if (code < 0xa0 || (code >= 0xd800 && code <= 0xdfff) ||
	    (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef))
		return 0;
	return bytes;
}

void text_add_clean(struct text *text, const char *data, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)data;
	size_t i = 0;

	while (i < length) {
		size_t good = 0;
		size_t step;

		while (i + good < length &&
		       (step = printable(bytes + i + good, length - i - good)))
			good += step;
		text_add(text, data + i, good);
		i += good;
		if (i == length)
			break;
		if (bytes[i] == '\t')
			text_add(text, " ", 1);
		else
			text_printf(text, "\\x%02x", bytes[i]);
		i++;
	}
}

void text_add_shell(struct text *text, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=.,:/@%";

	if (*word && !word[strspn(word, plain)]) {
		text_puts(text, word);
		return;
	}
	text_puts(text, "'");
	while (*word) {
		size_t length = strcspn(word, "'");

		text_add_clean(text, word, length);
		word += length;
		if (*word) {
			text_puts(text, "'\\''");
			word++;
		}
	}
	text_puts(text, "'");
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

void text_reset(struct text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}
