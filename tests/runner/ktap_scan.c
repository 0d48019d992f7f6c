// SPDX-License-Identifier: GPL-2.0-only
/* Takes one KTAP line apart. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ktap.h"

static bool starts(const char **at, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*at, word, length))
		return false;
	*at += length;
	return true;
}

/* A number from 0 to KTAP_NUMBER_MAX that ends at a blank or the line's end. */
static bool read_number(const char **at, unsigned long *number)
{
	const char *end = *at;
	unsigned long value = 0;

	while (isdigit((unsigned char)*end) && value <= KTAP_NUMBER_MAX)
		value = value * 10 + (*end++ - '0');
	if (end == *at || value > KTAP_NUMBER_MAX || (*end && *end != ' '))
		return false;
	*number = value;
	*at = end;
	return true;
}

/* "SKIP", "SKIP reason", "SKIP: reason", in any case */
static bool read_directive(const char **at, const char *word)
{
	size_t length = strlen(word);
	const char *end = *at + length;

	if (strncasecmp(*at, word, length) ||
	    (*end && *end != ' ' && *end != ':'))
		return false;
	while (*end == ' ' || *end == ':')
		end++;
	*at = end;
	return true;
}

/* Where the "# ..." part begins, or the end of the line. */
static const char *find_directive(const char *at)
{
	const char *hash;

	for (hash = at; (hash = strchr(hash, '#')); hash++) {
		if ((hash == at || hash[-1] == ' ') &&
		    (!hash[1] || hash[1] == ' '))
			return hash;
	}
	return at + strlen(at);
}

/* What follows "ok" or "not ok": "[ NUMBER][ -][ NAME][ # [DIRECTIVE]...]" */
static bool scan_result(struct ktap_line *line, const char *at)
{
	const char *hash;

	if (*at != ' ' && *at)
		return false;
	while (*at == ' ')
		at++;
	/* An unnumbered "ok" may be a kernel message; "not ok" is bad news. */
	if (!read_number(&at, &line->number) && line->ok)
		return false;
	while (*at == ' ')
		at++;
	if (*at == '-' && (at[1] == ' ' || !at[1]))
		at++;
	while (*at == ' ')
		at++;
	hash = find_directive(at);
	line->name = at;
	line->name_length = hash - at;
	while (line->name_length && at[line->name_length - 1] == ' ')
		line->name_length--;
	if (*hash)
		hash++;
	while (*hash == ' ')
		hash++;
	line->message = hash;
	if (read_directive(&line->message, "SKIP"))
		line->directive = KTAP_SKIP;
	else if (read_directive(&hash, "TIMEOUT"))
		line->directive = KTAP_TIMEOUT;
	line->kind = KTAP_RESULT;
	return true;
}

void ktap_scan(struct ktap_line *line, const char *text)
{
	const char *at = text;

	*line = (struct ktap_line){ .name = "", .message = "" };
	while (*at == ' ')
		at++;
	line->indent = at - text;
	if (starts(&at, "KTAP version ") || starts(&at, "TAP version ")) {
		if (read_number(&at, &line->number))
			line->kind = KTAP_VERSION;
	} else if (starts(&at, "1..")) {
		if (read_number(&at, &line->number))
			line->kind = KTAP_PLAN;
	} else if (starts(&at, "ok")) {
		line->ok = true;
		scan_result(line, at);
	} else if (starts(&at, "not ok")) {
		scan_result(line, at);
	} else if (starts(&at, "Bail out!")) {
		line->kind = KTAP_BAIL_OUT;
		line->message = at + (*at == ' ');
	} else if (starts(&at, "#")) {
		line->kind = KTAP_COMMENT;
		line->message = at + (*at == ' ');
	}
}
