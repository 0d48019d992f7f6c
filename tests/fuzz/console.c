// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a console. test_fuzz.c feeds it mutated fixtures, `make fuzz
 * FUZZ=console` what libFuzzer finds.
 */
#define _GNU_SOURCE
#include "console_fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "splats.h"
#include "tap.h"
#include "verdict.h"

static const char patterns[] =
	"start cut here\nend end trace\ndeny ^WARNING: \ndeny BUG: \n"
	"deny panic\nallow harmless\n";

/* Aborts on a verdict that no console may lead to. */
static void check(enum outcome outcome, const struct case_list *cases)
{
	size_t failed = cases_count(cases, CASE_FAILED);
	size_t i;

	if ((outcome == OUTCOME_PASSED) != !failed)
		abort();
	for (i = 0; i < cases->count; i++) {
		if (strchr(cases->cases[i].name, '\n') ||
		    strchr(cases->cases[i].message, '\n'))
			abort();
	}
}

static bool contains(const uint8_t *data, size_t size, const char *needle)
{
	return size && memmem(data, size, needle, strlen(needle));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct splats splats;
	struct console console = { .fn = verdict_line };
	struct verdict verdict;
	struct text why = { 0 };
	struct tap tap;

	if (!splats.count && splats_parse(&splats, "fuzz", patterns, &why))
		abort();
	verdict_begin(&verdict, "prj2", 1, &splats);
	console.context = &verdict;
	console_feed(&console, (const char *)data, size);
	console_end(&console);
	verdict_end(&verdict, "the console ended");
	check(verdict.outcome, &verdict.cases);
	if (verdict.outcome == OUTCOME_PASSED &&
	    (!contains(data, size, "mm_limit-check: begin prj2") ||
	     !contains(data, size, "mm_limit-check: end prj2 status=") ||
	     !contains(data, size, "1..") || !contains(data, size, "ok ")))
		abort();
	verdict_free(&verdict);

	console = (struct console){
		.fn = tap_line,
		.context = &tap,
		.plain = true,
	};
	tap_begin(&tap);
	console_feed(&console, (const char *)data, size);
	console_end(&console);
	tap_end(&tap, 0);
	check(tap.outcome, &tap.cases);
	tap_free(&tap);
	return 0;
}
