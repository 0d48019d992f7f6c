/* SPDX-License-Identifier: GPL-2.0-only */
/* KTAP (and TAP) lines -> test cases. Pure: no input or output of its own. */
#ifndef RUNNER_KTAP_H
#define RUNNER_KTAP_H

#include <stdbool.h>
#include <stddef.h>

#include "cases.h"
#include "text.h"

enum ktap_kind {
	KTAP_OTHER,
	KTAP_VERSION,
	KTAP_PLAN,
	KTAP_RESULT,
	KTAP_COMMENT,
	KTAP_BAIL_OUT,
};

enum ktap_directive {
	KTAP_NO_DIRECTIVE,
	KTAP_SKIP,
	KTAP_TIMEOUT,
};

/**
 * struct ktap_line - one line, taken apart
 * @kind: what it is; the rest is meaningful as far as the kind has it
 * @indent: blanks before it
 * @ok: result: not "not ok"
 * @forced: set by the caller: report this result even when a nested test has
 *	already been reported for it
 * @number: plan: how many; result: which, 0 when absent
 * @directive: result: what followed the "#"
 * @name: result: its description
 * @name_length: bytes in @name
 * @message: comment, bail out: its text; result: what followed the "#", but
 *	not the word SKIP; runs to the end of the line
 */
struct ktap_line {
	enum ktap_kind kind;
	unsigned int indent;
	bool ok;
	bool forced;
	unsigned long number;
	enum ktap_directive directive;
	const char *name;
	size_t name_length;
	const char *message;
};

/* Larger plans and numbers are not read as such. */
#define KTAP_NUMBER_MAX 10000

/* Takes @text (one line, NUL-terminated) apart. */
void ktap_scan(struct ktap_line *line, const char *text);

#define KTAP_DEPTH_MAX 8

/**
 * struct ktap_block - a block that is open: from its version line (or, in
 *	lenient TAP, its plan) to the last result in its plan, or to its
 *	parent's result
 * @indent: of its lines
 * @planned: it has a plan, of @plan tests
 * @plan: how many tests the plan promises
 * @seen: results so far
 * @first: index of the first case that belongs to it
 * @name: from KUnit's "# Subtest: NAME", or empty
 */
struct ktap_block {
	unsigned int indent;
	bool planned;
	unsigned long plan;
	unsigned long seen;
	size_t first;
	char name[128];
};

/**
 * struct ktap - a stream that is being parsed
 * @cases: results go here
 * @faults: each broken rule, one printable line each
 * @fault_count: how many; @faults holds the first ones only
 * @lenient: TAP of a host program: version line optional, "not ok N # SKIP"
 *	without a name is a skip (cmocka before 1.1.6 prints that)
 * @why: why tests that are still due will never run; for messages
 * @depth: blocks open
 * @blocks: the open blocks, outermost first
 */
struct ktap {
	struct case_list *cases;
	struct text faults;
	unsigned int fault_count;
	bool lenient;
	const char *why;
	unsigned int depth;
	struct ktap_block blocks[KTAP_DEPTH_MAX];
};

/* Notes a broken rule: the suite cannot pass any more. */
void ktap_fault(struct ktap *ktap, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * ktap_feed() - the next line
 *
 * Return: the case it added, valid until the next call, or NULL. A result
 * whose nested tests say it all adds none.
 */
struct test_case *ktap_feed(struct ktap *ktap, const struct ktap_line *line);

/* The test @name of the outermost block will have no result: it failed. */
struct test_case *ktap_lost(struct ktap *ktap, const char *name,
			    const char *message);

/* Is no block open, or only one whose plan is fulfilled? */
bool ktap_is_complete(const struct ktap *ktap);

/* No more lines: tests that are still due failed. @ktap->why says why. */
void ktap_end(struct ktap *ktap);
void ktap_free(struct ktap *ktap);

#endif
