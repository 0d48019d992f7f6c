// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: the lines and words of what the kernel lists. */
#include <errno.h>
#include <string.h>

#include "internal.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool __mmlimit_next_line(struct mmlimit_piece *text, struct mmlimit_piece *line)
{
	const char *end;

	if (!text->length)
		return false;
	line->start = text->start;
	end = memchr(text->start, '\n', text->length);
	line->length = end ? (size_t)(end - text->start) : text->length;
	text->start += line->length + !!end;
	text->length -= line->length + !!end;
	return true;
}

bool __mmlimit_next_word(struct mmlimit_piece *line, struct mmlimit_piece *word)
{
	while (line->length && is_blank(*line->start)) {
		line->start++;
		line->length--;
	}
	word->start = line->start;
	while (line->length && !is_blank(*line->start)) {
		line->start++;
		line->length--;
	}
	word->length = line->start - word->start;
	return word->length;
}

bool __mmlimit_is_word(const struct mmlimit_piece *word, const char *text)
{
	return word->length == strlen(text) &&
	       !memcmp(word->start, text, word->length);
}

bool __mmlimit_is_name(const struct mmlimit_piece *word)
{
	for (size_t i = 0; i < word->length; i++) {
		char c = word->start[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_')
			return false;
	}
	return true;
}

int __mmlimit_parse_number(const struct mmlimit_piece *word, uint64_t max,
			   uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < word->length; i++) {
		char c = word->start[i];

		if (c < '0' || c > '9' ||
		    __builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, c - '0', value))
			return -EPROTO;
	}
	return *value > max ? -EPROTO : 0;
}
