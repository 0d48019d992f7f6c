// SPDX-License-Identifier: GPL-2.0-only
/* TAP of host programs: cmocka's dialects, and scripts. */
#include "fixture.h"

#include <signal.h>
#include <string.h>

#include "tap.h"

#define EXITED(status) ((status) << 8)

/**
 * struct expected - a program's output and what to make of it
 * @output: what it printed
 * @status: as wait() gave it
 * @outcome: the suite's
 * @passed: tests that passed; likewise @failed and @skipped
 * @message: part of the first failure's message
 */
struct expected {
	const char *output;
	int status;
	enum outcome outcome;
	unsigned int passed;
	unsigned int failed;
	unsigned int skipped;
	const char *message;
};

static void judge_tap(struct tap *tap, const char *output, int status)
{
	struct console console = {
		.fn = tap_line,
		.context = tap,
		.plain = true,
	};

	tap_begin(tap);
	console_feed(&console, output, strlen(output));
	console_end(&console);
	tap_end(tap, status);
}

static void check(const struct expected *expected)
{
	const struct test_case *failed = NULL;
	struct tap tap;
	size_t i;

	judge_tap(&tap, expected->output, expected->status);
	for (i = 0; i < tap.cases.count && !failed; i++) {
		if (tap.cases.cases[i].status == CASE_FAILED)
			failed = &tap.cases.cases[i];
	}
	if (tap.outcome != expected->outcome ||
	    cases_count(&tap.cases, CASE_PASSED) != expected->passed ||
	    cases_count(&tap.cases, CASE_FAILED) != expected->failed ||
	    cases_count(&tap.cases, CASE_SKIPPED) != expected->skipped ||
	    (expected->message &&
	     (!failed || !strstr(failed->message, expected->message))))
		fail_msg("%s: got %s, %zu passed, %zu failed, %zu skipped, %s",
			 expected->output, outcome_name(tap.outcome),
			 cases_count(&tap.cases, CASE_PASSED),
			 cases_count(&tap.cases, CASE_FAILED),
			 cases_count(&tap.cases, CASE_SKIPPED),
			 failed ? failed->message : "");
	tap_free(&tap);
}

static void check_all(const struct expected *expected, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		check(&expected[i]);
}

#define CHECK_ALL(list) check_all(list, sizeof(list) / sizeof(*(list)))

static void cmocka_is_understood(void **state)
{
	static const struct expected cases[] = {
		/* 1.1.5, of Debian 12 */
		{ "1..3\nok 1 - a\nnot ok 2 - b\n# 0x1 != 0x2\n"
		  "# c.c:7: error: Failure!\nnot ok 3 # SKIP c\n"
		  "# not ok - one\n1..1\nok 1 - a\n# ok - u\n",
		  EXITED(1), OUTCOME_FAILED, 2, 1, 1, "0x1 != 0x2" },
		{ "1..1\nnot ok 1 - a Could not run test: Test setup failed\n",
		  EXITED(1), OUTCOME_FAILED, 0, 1, 0, NULL },
		{ "1..1\nnot ok 0 - u [  FAILED  ] GROUP SETUP\n# ok - u\n",
		  EXITED(1), OUTCOME_FAILED, 0, 2, 0, NULL },
		/* 1.1.7, of Debian 13 */
		{ "TAP version 13\n1..2\nok 1 - a\nok 2 # SKIP c\n# ok - one\n",
		  0, OUTCOME_PASSED, 1, 0, 1, NULL },
		{ "TAP version 13\n1..1\nok 1 - a\n# ok - one\n"
		  "TAP version 13\n1..1\nok 1 - b\n# ok - two\n",
		  0, OUTCOME_PASSED, 2, 0, 0, NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void scripts_are_understood(void **state)
{
	static const struct expected cases[] = {
		{ "1..2\nok 1 first\nok 2 second # SKIP not here\n", 0,
		  OUTCOME_PASSED, 1, 0, 1, NULL },
		{ "ok 1 first\nok 2 second\n1..2\n", 0, OUTCOME_PASSED, 2, 0, 0,
		  NULL },
		{ "1..1\n# got: 3\nnot ok 1 first # expected 2\n", EXITED(1),
		  OUTCOME_FAILED, 0, 1, 0, "expected 2" },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void no_failure_passes(void **state)
{
	static const struct expected cases[] = {
		{ "", 0, OUTCOME_FAILED, 0, 1, 0, "there is no plan" },
		{ "1..0\n", 0, OUTCOME_FAILED, 0, 1, 0, "no test ran" },
		{ "ok 1 a\n", 0, OUTCOME_FAILED, 1, 1, 0, "plan" },
		{ "1..2\nok 1 a\n", 0, OUTCOME_FAILED, 1, 1, 0, "number 2 of" },
		{ "1..1\nok 1 a\nok 2 b\n", 0, OUTCOME_FAILED, 2, 1, 0,
		  "beyond the plan" },
		{ "1..1\nok 1 a", 0, OUTCOME_FAILED, 0, 1, 0, "number 1 of" },
		{ "1..2\nok 2 a\nok 1 b\n", 0, OUTCOME_FAILED, 2, 1, 0,
		  "result number 2 where 1 was due" },
		{ "1..1\nok 1 a\n", EXITED(1), OUTCOME_FAILED, 1, 1, 0,
		  "ended with status 1" },
		{ "1..1\nok 1 a\n", SIGSEGV, OUTCOME_FAILED, 1, 1, 0,
		  "signal 11" },
		{ "1..1\nnot ok 1 a\n", 0, OUTCOME_FAILED, 0, 1, 0, NULL },
		{ "1..1\nnot ok 1 a # SKIP not a skip\n", EXITED(1),
		  OUTCOME_FAILED, 0, 1, 0, "not a skip" },
		{ "1..1\nok 1 a\nnot ok - unnumbered\n", 0, OUTCOME_FAILED, 1,
		  2, 0, NULL },
		{ "1..1\nok 1 a\nBail out! no room\n", 0, OUTCOME_FAILED, 1, 1,
		  0, "no room" },
		{ "1..1\nok 1 a # TIMEOUT after 3 s\n", 0, OUTCOME_HANG, 0, 1,
		  0, "TIMEOUT after 3 s" },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void a_failure_has_its_comments(void **state)
{
	struct tap tap;

	(void)state;
	judge_tap(
		&tap,
		"1..2\n# one\n# two\nnot ok 1 a\n# three\x1b\nok 2 b\n# four\n",
		EXITED(1));
	assert_string_equal(tap.cases.cases[0].detail,
			    "one\ntwo\nthree\\x1b\n");
	assert_string_equal(tap.cases.cases[0].message, "one");
	assert_string_equal(tap.cases.cases[1].detail, "");
	tap_free(&tap);
}

static void a_hang_is_one(void **state)
{
	struct tap tap;

	(void)state;
	tap_begin(&tap);
	tap_hang(&tap, "backstop");
	tap_end(&tap, SIGTERM);
	assert_int_equal(tap.outcome, OUTCOME_HANG);
	assert_true(cases_count(&tap.cases, CASE_FAILED) > 0);
	tap_free(&tap);
}

/* What would fill the runner's memory is the program's fault. */
static void endless_results_and_nesting_are_faults(void **state)
{
	struct text output = { 0 };
	struct tap tap;
	int i;

	(void)state;
	text_printf(&output, "1..%d\n", CASES_MAX + 2);
	for (i = 1; i <= CASES_MAX + 2; i++)
		text_printf(&output, "ok %d t\n", i);
	judge_tap(&tap, text_string(&output), EXITED(0));
	assert_int_equal(tap.outcome, OUTCOME_FAILED);
	assert_true(tap.cases.count <= CASES_MAX + 1);
	tap_free(&tap);
	text_reset(&output);
	for (i = 0; i <= KTAP_DEPTH_MAX; i++)
		text_printf(&output, "%*s1..1\n", 4 * i, "");
	judge_tap(&tap, text_string(&output), EXITED(0));
	assert_int_equal(tap.outcome, OUTCOME_FAILED);
	tap_free(&tap);
	text_free(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cmocka_is_understood),
		cmocka_unit_test(scripts_are_understood),
		cmocka_unit_test(no_failure_passes),
		cmocka_unit_test(a_failure_has_its_comments),
		cmocka_unit_test(a_hang_is_one),
		cmocka_unit_test(endless_results_and_nesting_are_faults),
	};

	return RUN_GROUP(tests);
}
