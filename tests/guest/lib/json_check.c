// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks whether a text is JSON by RFC 8259, but not whether it is valid UTF-8.
 */
#define _GNU_SOURCE 1
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "lib/json_check.h"

/* Each returns what follows, blanks skipped, or NULL. */
static const char *value(const char *text);

static const char *blanks(const char *text)
{
	return text ? text + strspn(text, " \t\r\n") : NULL;
}

static const char *word(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	return text && !strncmp(text, wanted, length) ? blanks(text + length) :
							NULL;
}

static const char *digits(const char *text)
{
	if (!text || !isdigit((unsigned char)*text))
		return NULL;
	while (isdigit((unsigned char)*text))
		text++;
	return text;
}

static const char *number(const char *text)
{
	if (*text == '-')
		text++;
	/* A number has no zeros in front. */
	text = *text == '0' ? text + 1 : digits(text);
	if (text && *text == '.')
		text = digits(text + 1);
	if (text && (*text == 'e' || *text == 'E')) {
		text++;
		if (*text == '+' || *text == '-')
			text++;
		text = digits(text);
	}
	return blanks(text);
}

static const char *string(const char *text)
{
	if (!text || *text++ != '"')
		return NULL;
	for (; *text != '"'; text++) {
		if ((unsigned char)*text < ' ')
			return NULL;
		if (*text != '\\')
			continue;
		text++;
		if (!*text || !strchr("\"\\/bfnrtu", *text))
			return NULL;
		if (*text == 'u')
			for (int i = 0; i < 4; i++)
				if (!isxdigit((unsigned char)*++text))
					return NULL;
	}
	return blanks(text + 1);
}

/* Members of an object, or elements of an array */
static const char *members(const char *text, bool object, const char *end)
{
	const char *after = word(text, end);

	if (after)
		return after;
	for (;;) {
		if (object)
			text = word(string(text), ":");
		if (text)
			text = value(text);
		after = word(text, end);
		if (after)
			return after;
		text = word(text, ",");
		if (!text)
			return NULL;
	}
}

static const char *value(const char *text)
{
	switch (*text) {
	case '{':
		return members(blanks(text + 1), true, "}");
	case '[':
		return members(blanks(text + 1), false, "]");
	case '"':
		return string(text);
	case 't':
		return word(text, "true");
	case 'f':
		return word(text, "false");
	case 'n':
		return word(text, "null");
	}
	return number(text);
}

bool json_is_valid(const char *text)
{
	const char *end = value(blanks(text));

	return end && !*end;
}
