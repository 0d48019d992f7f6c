// SPDX-License-Identifier: GPL-2.0-only
/* Finds what a kernel in trouble prints. Pure: the patterns come in a buffer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "splats.h"

/* After so many lines a START line without a headline is a splat of its own. */
#define UNDECIDED_LINES 8
/* A block that never ends does so here: what follows is judged afresh. */
#define BLOCK_LINES 100

#define NO_HEADLINE "a splat that never said what it is"

static int add_pattern(struct splats *splats, enum splat_rule rule,
		       const char *pattern, struct text *why)
{
	struct splat_pattern *patterns;
	char reason[128];
	int error;

	patterns = realloc(splats->patterns,
			   (splats->count + 1) * sizeof(*patterns));
	if (!patterns)
		return -ENOMEM;
	splats->patterns = patterns;
	patterns[splats->count].rule = rule;
	error = regcomp(&patterns[splats->count].regex, pattern,
			REG_EXTENDED | REG_NOSUB);
	if (error) {
		regerror(error, NULL, reason, sizeof(reason));
		text_printf(why, "bad pattern: %s", reason);
		return error == REG_ESPACE ? -ENOMEM : -EINVAL;
	}
	splats->count++;
	return 0;
}

static int parse_line(struct splats *splats, char *line, struct text *why)
{
	static const char *const rules[SPLAT_RULES] = {
		[SPLAT_DENY] = "deny",	 [SPLAT_ALLOW] = "allow",
		[SPLAT_START] = "start", [SPLAT_TRACE] = "trace",
		[SPLAT_END] = "end",
	};
	size_t length;
	size_t i;

	line += strspn(line, " \t");
	length = strlen(line);
	while (length && strchr(" \t\r", line[length - 1]))
		line[--length] = '\0';
	if (!*line || *line == '#')
		return 0;
	length = strcspn(line, " \t");
	for (i = 0; i < SPLAT_RULES; i++) {
		if (strlen(rules[i]) == length &&
		    !strncmp(line, rules[i], length))
			break;
	}
	if (i == SPLAT_RULES) {
		text_printf(why,
			    "neither deny, allow, start, trace nor end: %.*s",
			    (int)length, line);
		return -EINVAL;
	}
	line += length;
	line += strspn(line, " \t");
	if (!*line) {
		text_printf(why, "%s needs a pattern", rules[i]);
		return -EINVAL;
	}
	return add_pattern(splats, i, line, why);
}

int splats_parse(struct splats *splats, const char *file, const char *data,
		 struct text *why)
{
	struct text reason = { 0 };
	unsigned int number = 0;
	bool denies = false;
	int ret = 0;
	size_t i;

	while (*data && !ret) {
		size_t length = strcspn(data, "\n");
		char *line = strndup(data, length);

		number++;
		ret = line ? parse_line(splats, line, &reason) : -ENOMEM;
		free(line);
		data += length + (data[length] == '\n');
	}
	for (i = 0; i < splats->count; i++)
		denies |= splats->patterns[i].rule == SPLAT_DENY;
	if (ret == -ENOMEM) {
		text_printf(why, "%s: out of memory", file);
	} else if (ret) {
		text_printf(why, "%s:%u: %s", file, number,
			    text_string(&reason));
	} else if (!denies) {
		text_printf(why,
			    "%s:%u: no deny pattern: nothing would be found",
			    file, number);
		ret = -EINVAL;
	}
	text_free(&reason);
	return ret;
}

void splats_free(struct splats *splats)
{
	size_t i;

	for (i = 0; i < splats->count; i++)
		regfree(&splats->patterns[i].regex);
	free(splats->patterns);
	*splats = (struct splats){ 0 };
}

/* Out of memory (REG_ESPACE) counts as a match of what denies, never else. */
static bool matches(const struct splats *splats, enum splat_rule rule,
		    const char *text)
{
	size_t i;
	int ret;

	for (i = 0; i < splats->count; i++) {
		if (splats->patterns[i].rule != rule)
			continue;
		ret = regexec(&splats->patterns[i].regex, text, 0, NULL, 0);
		if (!ret || (ret != REG_NOMATCH && rule == SPLAT_DENY))
			return true;
	}
	return false;
}

static bool is_permitted(const struct splat_watch *watch, const char *text)
{
	size_t i;

	for (i = 0; i < watch->expected_count; i++) {
		if (!regexec(&watch->expected[i], text, 0, NULL, 0))
			return true;
	}
	return matches(watch->splats, SPLAT_ALLOW, text);
}

static void leave_block(struct splat_watch *watch)
{
	watch->traced = false;
	watch->state = SPLAT_OUTSIDE;
	watch->lines = 0;
}

static enum splat_found begin_splat(struct splat_watch *watch, const char *text)
{
	watch->state = SPLAT_INSIDE;
	text_reset(&watch->headline);
	text_add_clean(&watch->headline, text, strlen(text));
	return SPLAT_NEW;
}

static void keep_pending(struct splat_watch *watch, const char *text)
{
	text_add_clean(&watch->pending, text, strlen(text));
	text_puts(&watch->pending, "\n");
}

/*
 * A stack trace. One goes with a splat that is permitted; of others, the line
 * before says what they are about.
 */
static enum splat_found judge_trace(struct splat_watch *watch, const char *text)
{
	struct text headline = { 0 };
	enum splat_found found;

	if (watch->state == SPLAT_PERMITTED && !watch->traced) {
		watch->traced = true;
		return SPLAT_NONE;
	}
	if (watch->state == SPLAT_UNDECIDED) {
		keep_pending(watch, text);
		return SPLAT_NONE;
	}
	if (watch->pending.length)
		text_add(&headline, watch->pending.data,
			 strcspn(watch->pending.data, "\n"));
	else
		text_puts(&headline, text);
	keep_pending(watch, text);
	found = begin_splat(watch, text_string(&headline));
	watch->headline.failed |= headline.failed;
	text_free(&headline);
	return found;
}

/* A line outside any block, or in one that is permitted or undecided. */
static enum splat_found judge(struct splat_watch *watch, const char *text)
{
	bool denied = matches(watch->splats, SPLAT_DENY, text);
	bool starts = matches(watch->splats, SPLAT_START, text);
	bool traces = matches(watch->splats, SPLAT_TRACE, text);

	if (traces && !denied && !is_permitted(watch, text))
		return judge_trace(watch, text);
	if (watch->state != SPLAT_UNDECIDED)
		text_reset(&watch->pending);
	keep_pending(watch, text);
	if (denied && is_permitted(watch, text)) {
		watch->state = SPLAT_PERMITTED;
		watch->traced = false;
		return SPLAT_NONE;
	}
	if (denied)
		return begin_splat(watch, text);
	if (starts && watch->state != SPLAT_UNDECIDED) {
		watch->state = SPLAT_UNDECIDED;
		watch->lines = 0;
	}
	if (watch->state == SPLAT_UNDECIDED && watch->lines >= UNDECIDED_LINES)
		return begin_splat(watch, NO_HEADLINE);
	return SPLAT_NONE;
}

enum splat_found splat_feed(struct splat_watch *watch, const char *text)
{
	enum splat_found found;
	bool ends;

	if (watch->state != SPLAT_OUTSIDE)
		watch->lines++;
	ends = watch->lines >= BLOCK_LINES ||
	       matches(watch->splats, SPLAT_END, text);
	if (watch->state == SPLAT_INSIDE)
		found = SPLAT_MORE;
	else
		found = judge(watch, text);
	if (ends && watch->state == SPLAT_UNDECIDED)
		found = begin_splat(watch, NO_HEADLINE);
	if (ends)
		leave_block(watch);
	return found;
}

enum splat_found splat_close(struct splat_watch *watch)
{
	enum splat_found found = SPLAT_NONE;

	if (watch->state == SPLAT_UNDECIDED)
		found = begin_splat(watch, NO_HEADLINE);
	else
		text_reset(&watch->pending);
	leave_block(watch);
	return found;
}

const char *splat_expect(struct splat_watch *watch, const char *pattern)
{
	regex_t *regex = &watch->expected[watch->expected_count];
	const char *escape;

	if (watch->expected_count == SPLAT_EXPECTED_MAX)
		return "too many expected splats";
	if (!*pattern || strlen(pattern) > SPLAT_EXPECTED_LENGTH)
		return "an expected splat's pattern is empty or too long";
	/* The C library takes time or memory without bound for these. */
	escape = strchr(pattern, '\\');
	while (escape && escape[1] && !strchr("123456789", escape[1]))
		escape = strchr(escape + 2, '\\');
	if (escape || strpbrk(pattern, "{+"))
		return "an expected splat's pattern may not use +, {} or \\1";
	if (regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB))
		return "an expected splat's pattern is malformed";
	watch->expected_count++;
	return NULL;
}

void splat_expect_none(struct splat_watch *watch)
{
	while (watch->expected_count)
		regfree(&watch->expected[--watch->expected_count]);
}

void splat_watch_free(struct splat_watch *watch)
{
	splat_expect_none(watch);
	text_free(&watch->headline);
	text_free(&watch->pending);
}
