// SPDX-License-Identifier: GPL-2.0-only
/* KTAP (and TAP) lines -> test cases. Pure: no input or output of its own. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ktap.h"

#define FAULTS_KEPT 20
#define NO_CHILD SIZE_MAX

void ktap_fault(struct ktap *ktap, const char *format, ...)
{
	struct text line = { 0 };
	va_list arguments;

	if (ktap->fault_count++ >= FAULTS_KEPT)
		return;
	va_start(arguments, format);
	text_vprintf(&line, format, arguments);
	va_end(arguments);
	text_add_clean(&ktap->faults, text_string(&line), line.length);
	text_puts(&ktap->faults, "\n");
	ktap->faults.failed |= line.failed;
	text_free(&line);
}

static struct ktap_block *top(struct ktap *ktap)
{
	return ktap->depth ? &ktap->blocks[ktap->depth - 1] : NULL;
}

static bool block_is_complete(const struct ktap_block *block)
{
	return block->planned && block->seen == block->plan;
}

bool ktap_is_complete(const struct ktap *ktap)
{
	return !ktap->depth ||
	       (ktap->depth == 1 && block_is_complete(&ktap->blocks[0]));
}

static struct test_case *add_case(struct ktap *ktap, enum case_status status,
				  const char *name, const char *message)
{
	if (ktap->cases->count >= CASES_MAX) {
		ktap_fault(ktap, "more than %d results", CASES_MAX);
		return NULL;
	}
	return cases_add(ktap->cases, status, name, message);
}

static void open_block(struct ktap *ktap, unsigned int indent)
{
	if (ktap->depth == KTAP_DEPTH_MAX) {
		ktap_fault(ktap, "blocks nest deeper than %d", KTAP_DEPTH_MAX);
		return;
	}
	ktap->blocks[ktap->depth++] = (struct ktap_block){
		.indent = indent,
		.first = ktap->cases->count,
	};
}

/*
 * Closes the innermost block and fails what its plan still promised. Only a
 * nested block may lack a plan: KUnit cannot know the number of parameters,
 * and the parent's result says that the block was complete.
 */
static void close_block(struct ktap *ktap)
{
	struct ktap_block *block = top(ktap);
	const char *why = ktap->why ? ktap->why : "its block ended";
	unsigned long number;

	for (number = block->seen + 1; block->planned && number <= block->plan;
	     number++) {
		char name[32];
		char message[256];

		snprintf(name, sizeof(name), "never_ran_%lu", number);
		snprintf(message, sizeof(message),
			 "number %lu of the %lu planned never ran: %s", number,
			 block->plan, why);
		add_case(ktap, CASE_FAILED, name, message);
	}
	if (!block->planned && ktap->depth == 1)
		ktap_fault(ktap, "a block has no plan");
	ktap->depth--;
	if (!ktap->depth)
		return;
	if (*block->name)
		cases_prefix(ktap->cases, block->first, block->name);
}

/*
 * Closes the blocks that lie deeper than @indent. When the line at @indent is
 * a result, it is the result of the outermost of these, whose name it is:
 * Return: the index of that block's first case, or NO_CHILD.
 */
static size_t close_deeper(struct ktap *ktap, unsigned int indent, bool result)
{
	size_t first = NO_CHILD;

	while (ktap->depth && top(ktap)->indent > indent) {
		struct ktap_block *block = top(ktap);
		bool direct = result && ktap->depth > 1 &&
			      block[-1].indent <= indent;

		first = block->first;
		if (direct)
			*block->name = '\0';
		else
			ktap_fault(ktap, "nested block %.100s has no result",
				   block->name);
		close_block(ktap);
	}
	return first;
}

static void feed_version(struct ktap *ktap, const struct ktap_line *line)
{
	struct ktap_block *block;

	close_deeper(ktap, line->indent, false);
	block = top(ktap);
	if (block && block->indent == line->indent) {
		if (!block_is_complete(block) || ktap->depth > 1)
			ktap_fault(ktap,
				   "a block began inside an unfinished one");
		close_block(ktap);
	} else if (block && block_is_complete(block)) {
		ktap_fault(ktap, "a nested block after the last result");
	} else if (!block && line->indent) {
		ktap_fault(ktap, "a nested block outside any block");
		return;
	}
	open_block(ktap, line->indent);
}

static void feed_plan(struct ktap *ktap, const struct ktap_line *line)
{
	struct ktap_block *block;

	close_deeper(ktap, line->indent, false);
	block = top(ktap);
	/* cmocka prints a plan for each group, and no version line */
	if (ktap->lenient && !line->indent &&
	    (!block || (block->planned && block_is_complete(block)))) {
		if (block)
			close_block(ktap);
		open_block(ktap, 0);
		block = top(ktap);
	}
	if (!block || block->indent != line->indent) {
		ktap_fault(ktap, "a plan outside any block: 1..%lu",
			   line->number);
		return;
	}
	if (block->planned) {
		ktap_fault(ktap, "a second plan, 1..%lu after 1..%lu",
			   line->number, block->plan);
		return;
	}
	if (line->number < block->seen)
		ktap_fault(ktap, "a plan of %lu tests after %lu results",
			   line->number, block->seen);
	block->planned = true;
	block->plan = line->number;
}

static enum case_status result_status(const struct ktap *ktap,
				      const struct ktap_line *line)
{
	bool cmocka_skip = ktap->lenient && !line->name_length;

	if (line->directive == KTAP_SKIP && (line->ok || cmocka_skip) &&
	    !line->forced)
		return CASE_SKIPPED;
	if (line->ok && line->directive == KTAP_NO_DIRECTIVE && !line->forced)
		return CASE_PASSED;
	return CASE_FAILED;
}

static void check_number(struct ktap *ktap, struct ktap_block *block,
			 const struct ktap_line *line)
{
	if (line->number != block->seen)
		ktap_fault(ktap, "result number %lu where %lu was due: %.*s",
			   line->number, block->seen, (int)line->name_length,
			   line->name);
	if (block->planned && block->seen > block->plan)
		ktap_fault(ktap, "a result beyond the plan of %lu: %.*s",
			   block->plan, (int)line->name_length, line->name);
}

static void result_name(char *name, size_t size, const struct ktap *ktap,
			const struct ktap_line *line)
{
	/* cmocka before 1.1.6: "not ok 3 # SKIP name" */
	if (line->name_length)
		snprintf(name, size, "%.*s", (int)line->name_length,
			 line->name);
	else if (ktap->lenient && line->directive == KTAP_SKIP &&
		 *line->message)
		snprintf(name, size, "%s", line->message);
	else
		snprintf(name, size, "test_%lu", line->number);
}

static struct test_case *feed_result(struct ktap *ktap,
				     const struct ktap_line *line)
{
	enum case_status status = result_status(ktap, line);
	struct ktap_block *block;
	struct test_case *test;
	bool reported = false;
	char name[256];
	size_t child;

	child = close_deeper(ktap, line->indent, true);
	if (!ktap->depth && ktap->lenient && !line->indent)
		open_block(ktap, 0);
	block = top(ktap);
	if (!block || block->indent != line->indent) {
		ktap_fault(ktap, "a result outside any block: %sok %lu %.*s",
			   line->ok ? "" : "not ", line->number,
			   (int)line->name_length, line->name);
		return NULL;
	}
	block->seen++;
	check_number(ktap, block, line);
	result_name(name, sizeof(name), ktap, line);
	if (child != NO_CHILD && child < ktap->cases->count) {
		size_t i;

		for (i = child; i < ktap->cases->count; i++)
			reported |= ktap->cases->cases[i].status == CASE_FAILED;
		cases_prefix(ktap->cases, child, name);
		if (status != CASE_FAILED || (reported && !line->forced))
			return NULL;
	}
	test = add_case(ktap, status, name, line->message);
	if (test)
		test->selectable = ktap->depth == 1;
	return test;
}

struct test_case *ktap_feed(struct ktap *ktap, const struct ktap_line *line)
{
	static const char subtest[] = "Subtest: ";
	struct ktap_block *block = top(ktap);

	switch (line->kind) {
	case KTAP_VERSION:
		feed_version(ktap, line);
		break;
	case KTAP_PLAN:
		feed_plan(ktap, line);
		break;
	case KTAP_RESULT:
		return feed_result(ktap, line);
	case KTAP_BAIL_OUT:
		ktap_fault(ktap, "Bail out! %s", line->message);
		break;
	case KTAP_COMMENT:
		if (block && block->indent == line->indent && !block->seen &&
		    !strncmp(line->message, subtest, sizeof(subtest) - 1))
			snprintf(block->name, sizeof(block->name), "%s",
				 line->message + sizeof(subtest) - 1);
		break;
	case KTAP_OTHER:
		break;
	}
	return NULL;
}

struct test_case *ktap_lost(struct ktap *ktap, const char *name,
			    const char *message)
{
	struct test_case *test;

	while (ktap->depth > 1)
		close_block(ktap);
	if (ktap->depth)
		ktap->blocks[0].seen++;
	test = add_case(ktap, CASE_FAILED, name, message);
	if (test)
		test->selectable = true;
	return test;
}

void ktap_end(struct ktap *ktap)
{
	while (ktap->depth)
		close_block(ktap);
}

void ktap_free(struct ktap *ktap)
{
	text_free(&ktap->faults);
	ktap->depth = 0;
}
