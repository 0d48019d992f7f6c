// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judges one guest by its console. Pure: fed lines, it does no I/O.
 *
 * The rule behind every decision here: what speaks for a guest (begin, end,
 * plan, result) counts only on a whole line with the kernel's time stamp; what
 * speaks against it counts wherever it stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict.h"

#define MARKER "mm_limit-check: "
#define USEC_PER_SEC 1000000ULL

/*
 * A test that exceeds its timeout is killed and reported by the guest, which
 * may take this long, in seconds times the slowdown, to reap what it left.
 */
#define TIMEOUT_MARGIN 15
/* How long the guest may take from the end line to power off, likewise */
#define POWER_OFF_MARGIN 30

#define SPLAT_TEXT_MAX 16384
#define OUTPUT_LINES_MAX 40

static void worsen(struct verdict *verdict, enum outcome outcome)
{
	if (outcome > verdict->outcome)
		verdict->outcome = outcome;
}

static bool is_running(const struct verdict *verdict)
{
	return *verdict->running.name;
}

static void forget_running(struct verdict *verdict)
{
	struct running *running = &verdict->running;

	running->name[0] = '\0';
	text_reset(&running->output);
	text_reset(&running->splats);
	text_reset(&running->headline);
	running->output_lines = 0;
	running->splat_count = 0;
	running->fault = NULL;
	splat_expect_none(&verdict->watch);
}

/* Moves what was gathered about the running test to its result. */
static void settle(struct verdict *verdict, struct test_case *test)
{
	struct running *running = &verdict->running;

	if (test && test->status == CASE_FAILED) {
		case_add_detail(&verdict->cases, test,
				text_string(&running->splats));
		test->splat = strlen(test->detail);
		case_add_detail(&verdict->cases, test,
				text_string(&running->output));
	}
	if (test && is_running(verdict) && verdict->now > running->since)
		test->usec = verdict->now - running->since;
	if (test && is_running(verdict))
		test->first_line = running->first_line;
	if (test)
		test->last_line = verdict->line;
	forget_running(verdict);
}

void verdict_lose_running(struct verdict *verdict, const char *reason)
{
	struct running *running = &verdict->running;
	struct text message = { 0 };
	struct test_case *test;

	if (running->splat_count)
		text_printf(&message, "kernel: %s; ",
			    text_string(&running->headline));
	text_puts(&message, reason);
	test = ktap_lost(&verdict->ktap, running->name, text_string(&message));
	verdict->cases.failed |= message.failed;
	text_free(&message);
	verdict->results++;
	settle(verdict, test);
}

static void note_splat(struct verdict *verdict, enum splat_found found,
		       const char *line)
{
	struct splat_watch *watch = &verdict->watch;
	struct text *lines;

	if (found == SPLAT_NONE)
		return;
	if (found == SPLAT_NEW) {
		worsen(verdict, OUTCOME_SPLAT);
		verdict->splat_is_stray = !is_running(verdict);
		if (verdict->splat_is_stray) {
			if (!verdict->stray_headline.length) {
				text_puts(&verdict->stray_headline,
					  text_string(&watch->headline));
				verdict->stray_line = verdict->line;
			}
		} else if (!verdict->running.splat_count++) {
			text_puts(&verdict->running.headline,
				  text_string(&watch->headline));
		}
	}
	lines = verdict->splat_is_stray ? &verdict->stray :
					  &verdict->running.splats;
	if (lines->length > SPLAT_TEXT_MAX)
		return;
	if (found == SPLAT_NEW) {
		text_puts(lines, text_string(&watch->pending));
	} else {
		text_add_clean(lines, line, strlen(line));
		text_puts(lines, "\n");
	}
}

void verdict_close_splat(struct verdict *verdict)
{
	note_splat(verdict, splat_close(&verdict->watch), "");
}

/* A result of the suite itself, at the outermost level. */
static void take_result(struct verdict *verdict, struct ktap_line *line)
{
	struct running *running = &verdict->running;
	struct text message = { 0 };
	struct test_case *test;

	if (is_running(verdict) &&
	    (strlen(running->name) != line->name_length ||
	     strncmp(running->name, line->name, line->name_length)))
		verdict_lose_running(verdict,
				     "another test's result came instead");
	if (running->splat_count)
		text_printf(&message, "kernel: %s",
			    text_string(&running->headline));
	else if (running->fault)
		text_puts(&message, running->fault);
	if (message.length) {
		if (*line->message)
			text_printf(&message, "; %s", line->message);
		line->message = text_string(&message);
		line->forced = true;
	}
	if (line->directive == KTAP_TIMEOUT)
		worsen(verdict, OUTCOME_HANG);
	verdict->results++;
	test = ktap_feed(&verdict->ktap, line);
	verdict->cases.failed |= message.failed;
	text_free(&message);
	settle(verdict, test);
}

/*
 * "WORD NAME KEY=NUMBER" exactly, as in "run NAME timeout=S"; @template is the
 * sscanf() format for it, anything else is no such line.
 */
static bool scan_exactly(const char *text, const char *template, char *name,
			 unsigned int *number)
{
	char digits[7];
	int end = 0;

	if (sscanf(text, template, name, digits, &end) != 2 || !end ||
	    text[end])
		return false;
	*number = strtoul(digits, NULL, 10);
	return true;
}

static void take_comment(struct verdict *verdict, const char *comment)
{
	static const char expect[] = "expect-splat ";
	struct running *running = &verdict->running;
	char name[VERDICT_NAME_MAX];
	unsigned int timeout;

	if (scan_exactly(comment, "run %127[^ #] timeout=%6[0-9]%n", name,
			 &timeout)) {
		if (verdict->ended || !verdict->began) {
			ktap_fault(&verdict->ktap, "outside the suite: # %s",
				   comment);
			return;
		}
		verdict_close_splat(verdict);
		if (is_running(verdict))
			verdict_lose_running(verdict, "it has no result");
		snprintf(running->name, sizeof(running->name), "%s", name);
		running->since = verdict->now;
		running->first_line = verdict->line;
		running->timeout = timeout;
		return;
	}
	if (!is_running(verdict))
		return;
	if (!strncmp(comment, expect, sizeof(expect) - 1)) {
		const char *wrong = splat_expect(&verdict->watch,
						 comment + sizeof(expect) - 1);

		if (wrong)
			running->fault = wrong;
	}
	if (!strncmp(comment, "alive ", 6) ||
	    running->output_lines++ >= OUTPUT_LINES_MAX)
		return;
	text_add_clean(&running->output, comment, strlen(comment));
	text_puts(&running->output, "\n");
}

static void take_begin(struct verdict *verdict, const char *suite)
{
	if (strcmp(suite, verdict->suite))
		ktap_fault(&verdict->ktap, "suite %s began instead of %s",
			   suite, verdict->suite);
	if (verdict->began)
		ktap_fault(&verdict->ktap, "a second begin line");
	if (!ktap_is_complete(&verdict->ktap))
		ktap_fault(&verdict->ktap,
			   "the suite began inside an unfinished block");
	verdict->ktap.why = "the suite began";
	ktap_end(&verdict->ktap);
	verdict->ktap.why = NULL;
	verdict->began = true;
}

static void take_end(struct verdict *verdict, const char *rest)
{
	char name[VERDICT_NAME_MAX];

	if (verdict->ended || !verdict->began)
		ktap_fault(&verdict->ktap, "%s end line",
			   verdict->ended ? "a second" : "an early");
	if (!scan_exactly(rest, "%127[^ ] status=%6[0-9]%n", name,
			  &verdict->status))
		ktap_fault(&verdict->ktap, "malformed end line: %s", rest);
	else if (strcmp(name, verdict->suite))
		ktap_fault(&verdict->ktap, "suite %s ended instead of %s", name,
			   verdict->suite);
	if (is_running(verdict))
		verdict_lose_running(verdict, "the suite ended while it ran");
	verdict->ktap.why = "the suite ended";
	ktap_end(&verdict->ktap);
	verdict->ended = true;
	verdict->ended_at = verdict->now;
}

enum line_kind {
	LINE_KERNEL,
	LINE_BEGIN,
	LINE_END,
	LINE_KTAP,
};

static enum line_kind classify(const char *text, struct ktap_line *ktap,
			       const char **rest)
{
	static const char begin[] = MARKER "begin ";
	static const char end[] = MARKER "end ";

	if (!strncmp(text, begin, sizeof(begin) - 1)) {
		*rest = text + sizeof(begin) - 1;
		return LINE_BEGIN;
	}
	if (!strncmp(text, end, sizeof(end) - 1)) {
		*rest = text + sizeof(end) - 1;
		return LINE_END;
	}
	ktap_scan(ktap, text);
	return ktap->kind == KTAP_OTHER ? LINE_KERNEL : LINE_KTAP;
}

/* A line that cannot speak for the guest: it may only speak against it. */
static void take_doubtful(struct verdict *verdict, enum line_kind kind,
			  const struct ktap_line *ktap, const char *text)
{
	if (kind == LINE_BEGIN && !verdict->began)
		verdict->unstamped = true;
	if (kind == LINE_KTAP && ktap->kind == KTAP_COMMENT)
		return;
	if (kind != LINE_KERNEL && verdict->ended)
		ktap_fault(&verdict->ktap, "after the end line: %s", text);
	else if (kind == LINE_KTAP && ktap->kind == KTAP_RESULT && !ktap->ok)
		ktap_fault(&verdict->ktap, "not through /dev/kmsg: %s", text);
}

static void take_protocol(struct verdict *verdict, enum line_kind kind,
			  struct ktap_line *ktap, const char *rest,
			  const char *text)
{
	if (kind == LINE_BEGIN) {
		take_begin(verdict, rest);
	} else if (kind == LINE_END) {
		take_end(verdict, rest);
	} else if (ktap->kind == KTAP_COMMENT && !ktap->indent) {
		take_comment(verdict, ktap->message);
		ktap_feed(&verdict->ktap, ktap);
	} else if (ktap->kind == KTAP_COMMENT) {
		ktap_feed(&verdict->ktap, ktap);
	} else if (verdict->ended) {
		ktap_fault(&verdict->ktap, "after the end line: %s", text);
	} else if (verdict->began && ktap->kind == KTAP_RESULT &&
		   !ktap->indent) {
		take_result(verdict, ktap);
	} else {
		verdict->planned |= verdict->began && ktap->kind == KTAP_PLAN &&
				    !ktap->indent;
		ktap_feed(&verdict->ktap, ktap);
	}
}

static void check_clock(struct verdict *verdict)
{
	const struct running *running = &verdict->running;
	uint64_t margin = TIMEOUT_MARGIN * USEC_PER_SEC * verdict->slowdown;
	char how[128];

	if (is_running(verdict) &&
	    verdict->now >
		    running->since + running->timeout * USEC_PER_SEC + margin) {
		snprintf(
			how, sizeof(how),
			"no result %llu s after its start by the guest's clock; its timeout is %u s",
			(unsigned long long)(verdict->now - running->since) /
				USEC_PER_SEC,
			running->timeout);
		verdict_hang(verdict, how);
	}
	margin = POWER_OFF_MARGIN * USEC_PER_SEC * verdict->slowdown;
	if (verdict->ended && verdict->now > verdict->ended_at + margin)
		verdict_hang(verdict, "the guest did not power off");
}

static void keep_tail(struct verdict *verdict, const char *text)
{
	char *slot = verdict->tail[verdict->tail_count++ % VERDICT_TAIL];

	snprintf(slot, sizeof(verdict->tail[0]), "%s", text);
}

void verdict_begin(struct verdict *verdict, const char *suite,
		   unsigned int slowdown, const struct splats *splats)
{
	*verdict = (struct verdict){
		.suite = suite,
		.slowdown = slowdown,
		.watch.splats = splats,
	};
	verdict->ktap.cases = &verdict->cases;
}

/* A splat may be one only with, or only without, what is left out of @plain. */
static void feed_splat(struct verdict *verdict, const char *text,
		       const char *plain)
{
	enum splat_found found = splat_feed(&verdict->watch, text);

	if (found == SPLAT_NONE && strcmp(text, plain))
		found = splat_feed(&verdict->watch, plain);
	note_splat(verdict, found, plain);
}

/* The line as it reads: without what colours a terminal or moves its cursor. */
static const char *as_it_reads(const struct console_line *line, char *plain)
{
	const char *at = line->text;
	size_t length = 0;

	while (*at) {
		unsigned char byte = *at++;

		if (byte == 0x1b && *at == '[') {
			at += 1 + strspn(at + 1, "0123456789:;<=>?");
			at += strspn(at, " !\"#$%&'()*+,-./");
			at += *at >= 0x40;
		} else if (byte == 0x1b && *at == ']') {
			at += strcspn(at, "\a\033");
			at += *at ? 1 : 0;
			at += at[-1] == 0x1b && *at;
		} else if (byte == 0x1b) {
			at += *at ? 1 : 0;
		} else if ((byte >= ' ' && byte != 0x7f) || byte == '\t') {
			plain[length++] = byte;
		}
	}
	plain[length] = '\0';
	return plain;
}

void verdict_line(void *context, const struct console_line *line)
{
	struct verdict *verdict = context;
	bool credible = line->stamped && line->whole;
	char plain[CONSOLE_LINE_MAX + 1];
	const char *text = line->text;
	const char *rest = "";
	struct ktap_line ktap;
	enum line_kind kind;

	if (verdict->over)
		return;
	keep_tail(verdict, line->text);
	verdict->line = line->number;
	if (line->stamped && line->usec > verdict->now)
		verdict->now = line->usec;
	kind = classify(text, &ktap, &rest);
	if (kind == LINE_KERNEL) {
		/*
		 * Colours may hide what speaks against a guest, but nothing in
		 * colours speaks for it.
		 */
		text = as_it_reads(line, plain);
		kind = classify(text, &ktap, &rest);
		credible = false;
	}
	if (!credible) {
		feed_splat(verdict, line->text, text);
		take_doubtful(verdict, kind, &ktap, text);
	} else {
		/* A test may say something while the kernel speaks. */
		if (kind != LINE_KTAP || ktap.kind != KTAP_COMMENT)
			verdict_close_splat(verdict);
		take_protocol(verdict, kind, &ktap, rest, text);
	}
	if (line->stamped)
		check_clock(verdict);
}

void verdict_hang(struct verdict *verdict, const char *how)
{
	worsen(verdict, OUTCOME_HANG);
	text_reset(&verdict->hang);
	text_printf(&verdict->hang, "hang: %s", how);
	verdict->over = true;
}
