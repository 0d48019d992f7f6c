/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds what a kernel in trouble prints. Pure: the patterns come in a buffer. */
#ifndef RUNNER_SPLATS_H
#define RUNNER_SPLATS_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "text.h"

enum splat_rule {
	SPLAT_DENY,
	SPLAT_ALLOW,
	SPLAT_START,
	SPLAT_TRACE,
	SPLAT_END,
	SPLAT_RULES,
};

struct splat_pattern {
	enum splat_rule rule;
	regex_t regex;
};

/**
 * struct splats - the patterns of splats.conf, which explains them
 * @patterns: in the file's order
 * @count: how many
 */
struct splats {
	struct splat_pattern *patterns;
	size_t count;
};

/**
 * splats_parse() - read splats.conf
 * @splats: all zero; filled, to be freed with splats_free() also on error
 * @file: its name, for messages
 * @data: its content, NUL-terminated
 * @why: gets "FILE:LINE: REASON"
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int splats_parse(struct splats *splats, const char *file, const char *data,
		 struct text *why);
void splats_free(struct splats *splats);

enum splat_found {
	SPLAT_NONE,
	SPLAT_NEW,
	SPLAT_MORE,
};

#define SPLAT_EXPECTED_MAX 16
#define SPLAT_EXPECTED_LENGTH 200

/**
 * struct splat_watch - watches one console
 * @splats: the patterns
 * @expected: what the running test announced with "# expect-splat"
 * @expected_count: how many
 * @state: where in a splat's block we are: none; after a START line, not yet
 *	knowing what it is about; in a splat; in one that is allowed
 * @lines: seen of this block
 * @traced: the permitted splat has had its stack trace
 * @headline: the first line that says what the splat is
 * @pending: the lines of a block of which we do not know yet; outside any, the
 *	line before, where that was the kernel's
 */
struct splat_watch {
	const struct splats *splats;
	regex_t expected[SPLAT_EXPECTED_MAX];
	size_t expected_count;
	enum {
		SPLAT_OUTSIDE,
		SPLAT_UNDECIDED,
		SPLAT_INSIDE,
		SPLAT_PERMITTED,
	} state;
	unsigned int lines;
	bool traced;
	struct text headline;
	struct text pending;
};

/**
 * splat_feed() - the next line of kernel messages
 *
 * Return: SPLAT_NEW when a splat begins, or is recognized: @watch->headline
 * says what it is, @watch->pending holds its lines so far. SPLAT_MORE when
 * @text belongs to the splat that began last.
 */
enum splat_found splat_feed(struct splat_watch *watch, const char *text);

/*
 * A result, or whatever else says that a test is over or another begins, ends a
 * splat's block. Returns SPLAT_NEW when the block had begun and never said what
 * it was about.
 */
enum splat_found splat_close(struct splat_watch *watch);

/*
 * The running test expects lines that match @pattern. Returns NULL, or what is
 * wrong with @pattern.
 */
const char *splat_expect(struct splat_watch *watch, const char *pattern);
void splat_expect_none(struct splat_watch *watch);
void splat_watch_free(struct splat_watch *watch);

#endif
