// SPDX-License-Identifier: GPL-2.0-only
/* The bytes of a serial console -> lines, with the guest's clock. */
#include <ctype.h>
#include <string.h>

#include "console.h"

#define SUBSTITUTE 0x1a

static const char *skip_digits(const char *text, unsigned int most)
{
	while (most-- && isdigit((unsigned char)*text))
		text++;
	return text;
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ')
		text++;
	return text;
}

/* "<6>" */
static const char *skip_level(const char *text)
{
	const char *end;

	if (*text != '<')
		return text;
	end = skip_digits(text + 1, 4);
	return end > text + 1 && *end == '>' ? end + 1 : text;
}

/* "[    T1]" or "[    C0]": a task's pid or, in an interrupt, a CPU */
static const char *skip_caller(const char *text)
{
	const char *start = skip_blanks(text);
	const char *end;

	if (*start != '[')
		return text;
	start = skip_blanks(start + 1);
	if (*start != 'T' && *start != 'C')
		return text;
	end = skip_digits(start + 1, 10);
	return end > start + 1 && *end == ']' ? end + 1 : text;
}

size_t console_prefix(const char *text, uint64_t *usec)
{
	uint64_t unit = 100000;
	const char *start;
	const char *at;

	start = skip_level(text);
	if (*start != '[')
		return 0;
	start = skip_blanks(start + 1);
	at = skip_digits(start, 10);
	if (at == start || *at != '.' || !isdigit((unsigned char)at[1]))
		return 0;
	*usec = 0;
	for (; start < at; start++)
		*usec = *usec * 10 + (*start - '0');
	*usec *= 1000000;
	at++;
	for (start = at, at = skip_digits(at, 9); start < at; start++) {
		*usec += (*start - '0') * unit;
		unit /= 10;
	}
	if (*at != ']')
		return 0;
	at = skip_caller(at + 1);
	if (*at == ' ')
		at++;
	else if (*at)
		return 0;
	return at - text;
}

/* Hands on the bytes from @start to @end. */
static void emit(struct console *console, size_t start, size_t end, bool whole)
{
	char *text = console->line + start;
	struct console_line line = {
		.number = console->lines + 1,
		.whole = whole,
	};
	char next = console->line[end];
	size_t prefix = 0;

	console->line[end] = '\0';
	if (!console->plain && !(console->continued && !start))
		prefix = console_prefix(text, &line.usec);
	line.text = text + prefix;
	line.length = end - start - prefix;
	line.stamped = prefix > 0;
	console->fn(console->context, &line);
	console->line[end] = next;
}

/* Where a record starts that does not start the line, or 0. */
static size_t inner_record(const struct console *console, size_t length)
{
	uint64_t usec;
	size_t i;

	if (console->plain)
		return 0;
	if (console->continued ? console->record :
				 console_prefix(console->line, &usec))
		return 0;
	for (i = 1; i < length; i++) {
		if (console->line[i] == '[' &&
		    console_prefix(console->line + i, &usec))
			return i;
	}
	return 0;
}

static void end_line(struct console *console)
{
	size_t length = console->length;
	size_t inner;

	while (length && console->line[length - 1] == '\r')
		length--;
	console->line[length] = '\0';
	inner = inner_record(console, length);
	if (inner)
		emit(console, 0, inner, false);
	emit(console, inner, length, inner || !console->continued);
	console->lines++;
	console->length = 0;
	console->continued = false;
}

/* The line is too long: hands on a part of it and makes room. */
static void shorten_line(struct console *console)
{
	uint64_t usec;
	size_t inner;
	size_t keep;

	console->line[CONSOLE_LINE_MAX] = '\0';
	if (!console->continued)
		console->record = console_prefix(console->line, &usec);
	inner = inner_record(console, CONSOLE_LINE_MAX);
	keep = inner ? CONSOLE_LINE_MAX - inner : CONSOLE_OVERLAP;
	emit(console, 0, inner ? inner : CONSOLE_LINE_MAX, false);
	memmove(console->line, console->line + CONSOLE_LINE_MAX - keep, keep);
	console->length = keep;
	console->continued = !inner;
}

static void console_put(struct console *console, char byte)
{
	if (byte == '\n') {
		end_line(console);
		return;
	}
	if (console->length == CONSOLE_LINE_MAX)
		shorten_line(console);
	console->line[console->length++] = byte ? byte : SUBSTITUTE;
}

void console_feed(struct console *console, const char *data, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		console_put(console, data[i]);
}

void console_end(struct console *console)
{
	size_t inner;

	console->line[console->length] = '\0';
	inner = inner_record(console, console->length);
	if (inner)
		emit(console, 0, inner, false);
	if (console->length)
		emit(console, inner, console->length, false);
	console->length = 0;
	console->continued = false;
}
