// SPDX-License-Identifier: GPL-2.0-only
/* Recorded consoles, and what has to be made of each. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct expected - the verdict that a console deserves
 * @console: ../fixtures/CONSOLE.console
 * @outcome: the suite's
 * @passed: tests that passed; likewise @failed and @skipped
 * @blamed: the first case that failed, or NULL
 * @message: part of its message, or NULL
 * @suite: if not prj2
 */
struct expected {
	const char *console;
	enum outcome outcome;
	unsigned int passed;
	unsigned int failed;
	unsigned int skipped;
	const char *blamed;
	const char *message;
	const char *suite;
};

#define FIRST "one_child_above_the_limit_dies"
#define SECOND "two_of_four_die"
#define THIRD "another_user_is_untouched"

static const struct expected healthy[] = {
	{ "pass", OUTCOME_PASSED, 3, 0, 0, NULL, NULL, NULL },
	{ "skip_only", OUTCOME_PASSED, 2, 0, 1, NULL, NULL, NULL },
	{ "plan_last", OUTCOME_PASSED, 2, 0, 0, NULL, NULL, NULL },
	{ "garbage", OUTCOME_PASSED, 3, 0, 0, NULL, NULL, NULL },
	{ "interleaved", OUTCOME_PASSED, 3, 0, 0, NULL, NULL, NULL },
	{ "kunit", OUTCOME_PASSED, 6, 0, 1, NULL, NULL, NULL },
	{ "oom_expected", OUTCOME_PASSED, 3, 0, 0, NULL, NULL, NULL },
	{ "comment_inside_a_splat", OUTCOME_PASSED, 3, 0, 0, NULL, NULL, NULL },
	{ "caller_and_level", OUTCOME_PASSED, 3, 0, 0, NULL, NULL, NULL },
	{ "u_boot", OUTCOME_PASSED, 3, 0, 0, NULL, NULL, NULL },
	{ "boot", OUTCOME_PASSED, 10, 0, 0, NULL, NULL, "boot" },
	{ "misbehave_prints_garbage", OUTCOME_PASSED, 1, 0, 0, NULL, NULL,
	  "misbehave" },
};

static const struct expected failing[] = {
	{ "fail", OUTCOME_FAILED, 2, 1, 0, SECOND, "expected 2 deaths, got 1",
	  NULL },
	{ "skip", OUTCOME_FAILED, 1, 1, 1, THIRD, "it failed", NULL },
	{ "garbage_in_message", OUTCOME_FAILED, 2, 1, 0, FIRST,
	  "bad \\x01 bytes \\xe9", NULL },
	{ "output_looks_like_results", OUTCOME_FAILED, 2, 1, 0, FIRST,
	  "whatever it prints", NULL },
	{ "kunit_fail", OUTCOME_FAILED, 5, 1, 1, "mm_limit/usage_is_exact",
	  NULL, NULL },
	{ "kunit_unfinished", OUTCOME_FAILED, 4, 5, 0, "mm_limit/never_ran_2",
	  "number 2 of the 3 planned never ran: the suite began", NULL },
	{ "nested_subtests", OUTCOME_FAILED, 4, 2, 0, SECOND "/second",
	  "it did not", NULL },
	{ "unstamped_failure", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "not through /dev/kmsg: not ok 1 on_its_own", NULL },
	{ "coloured_failure", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "not through /dev/kmsg: not ok 2 two_of_four_die", NULL },
	{ "coloured_failure_inside", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "not through /dev/kmsg: not ok 2 two_of_four_die", NULL },
	{ "expect_malformed", OUTCOME_FAILED, 1, 2, 0, FIRST, "malformed",
	  NULL },
};

static const struct expected incomplete[] = {
	{ "missing_plan", OUTCOME_FAILED, 2, 1, 0, CASE_PROTOCOL, "plan",
	  NULL },
	{ "short_plan", OUTCOME_FAILED, 3, 2, 0, "never_ran_4",
	  "number 4 of the 5 planned never ran: the suite ended", NULL },
	{ "beyond_plan", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "beyond the plan of 2: " THIRD, NULL },
	{ "early_end", OUTCOME_FAILED, 1, 2, 0, SECOND,
	  "the console ended while it ran", NULL },
	{ "early_end_between_tests", OUTCOME_FAILED, 1, 3, 0, CASE_ENDS,
	  "the console ended", NULL },
	{ "missing_end", OUTCOME_FAILED, 3, 1, 0, CASE_ENDS,
	  "the console ended", NULL },
	{ "cut_result", OUTCOME_FAILED, 2, 1, 0, THIRD,
	  "the console ended while it ran", NULL },
	{ "result_after_end", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "after the end line: ok 4 one_more", NULL },
	{ "out_of_order", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "result number 3 where 2 was due: " THIRD, NULL },
	{ "duplicate_number", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "result number 1 where 2 was due: " FIRST, NULL },
	{ "forged_end", OUTCOME_FAILED, 1, 3, 0, SECOND,
	  "the suite ended while it ran", NULL },
	{ "forged_end_and_power_off", OUTCOME_FAILED, 1, 2, 0, SECOND,
	  "the suite ended while it ran", NULL },
	{ "second_begin", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "a second begin line", NULL },
	{ "other_suite", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "suite other began instead of prj2", NULL },
	{ "status_contradicts", OUTCOME_FAILED, 3, 1, 0, CASE_PROTOCOL,
	  "no test failed, but the suite's exit status is 139", NULL },
	{ "nothing_ran", OUTCOME_FAILED, 0, 1, 0, CASE_PROTOCOL, "no test ran",
	  NULL },
	{ "no_ktap", OUTCOME_FAILED, 0, 1, 0, CASE_PROTOCOL, "no plan", NULL },
	{ "bail_out", OUTCOME_FAILED, 1, 3, 0, "never_ran_2", NULL, NULL },
	{ "result_missing", OUTCOME_FAILED, 2, 1, 0, SECOND, "it has no result",
	  NULL },
	{ "unstamped", OUTCOME_FAILED, 2, 2, 0, SECOND, "it has no result",
	  NULL },
};

static const struct expected splats[] = {
	{ "panic", OUTCOME_SPLAT, 1, 2, 0, SECOND,
	  "kernel: Kernel panic - not syncing: Attempted to kill init!", NULL },
	{ "oops_mid_line", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "kernel: Unable to handle kernel NULL pointer dereference", NULL },
	{ "warn", OUTCOME_SPLAT, 2, 1, 0, SECOND, "kernel: WARNING: CPU: 0",
	  NULL },
	{ "warn_between_tests", OUTCOME_SPLAT, 3, 1, 0, CASE_KERNEL_LOG,
	  "WARNING: CPU: 0", NULL },
	{ "splat_between_and_in_a_test", OUTCOME_SPLAT, 2, 2, 0, SECOND,
	  "BUG: Bad rss-counter state", NULL },
	{ "warn_after_end", OUTCOME_SPLAT, 3, 1, 0, CASE_KERNEL_LOG,
	  "WARNING: CPU: 0", NULL },
	{ "cut_here_only", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "never said what it is", NULL },
	{ "lockdep", OUTCOME_SPLAT, 2, 1, 0, FIRST,
	  "WARNING: possible circular locking", NULL },
	{ "kasan", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "BUG: KASAN: slab-use-after-free in mm_limit_release", NULL },
	{ "kmemleak", OUTCOME_SPLAT, 2, 1, 0, THIRD,
	  "3 new suspected memory leaks", NULL },
	{ "hung_task", OUTCOME_SPLAT, 2, 1, 0, SECOND, "INFO: task prj2:33",
	  NULL },
	{ "hung_task_newline", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "kernel: INFO: task two", NULL },
	{ "dropped_behind_half_a_line", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "12 printk messages dropped", NULL },
	{ "swap_entry", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "Unused swap offset entry", NULL },
	{ "swap_device", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "Write-error on swap-device", NULL },
	{ "sysfs_duplicate", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "kernel: sysfs: cannot create duplicate filename", NULL },
	{ "irq_nobody_cared", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "kernel: irq 36: nobody cared", NULL },
	{ "fault_oom_leaked", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "VM_FAULT_OOM leaked out", NULL },
	{ "trace_only", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "kernel: taskmonitor: a message that no pattern knows", NULL },
	{ "second_trace_after_a_comment", OUTCOME_SPLAT, 2, 1, 0, FIRST,
	  "kernel: Call trace:", NULL },
	{ "bad_page_table", OUTCOME_SPLAT, 2, 1, 0, SECOND, "bad pmd", NULL },
	{ "cpu_missing", OUTCOME_SPLAT, 3, 1, 0, CASE_KERNEL_LOG,
	  "CPU1: failed to come online", NULL },
	{ "coloured_splat", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "kernel: ** 12 printk messages dropped", NULL },
	{ "oom", OUTCOME_SPLAT, 2, 1, 0, FIRST, "invoked oom-killer", NULL },
	{ "oom_expected_by_another", OUTCOME_SPLAT, 2, 1, 0, SECOND,
	  "Out of memory: Killed process 34", NULL },
	{ "misbehave_kernel_panics", OUTCOME_SPLAT, 0, 1, 0, "kernel_panics",
	  "kernel: Kernel panic - not syncing: dumptest", "misbehave" },
	{ "misbehave_kernel_warns", OUTCOME_SPLAT, 0, 1, 0, "kernel_warns",
	  "drivers/misc/lkdtm/bugs.c", "misbehave" },
};

static const struct expected hangs[] = {
	{ "timeout", OUTCOME_HANG, 2, 1, 0, SECOND, "TIMEOUT after 2 s", NULL },
	{ "timeout_unreported", OUTCOME_HANG, 1, 2, 0, SECOND,
	  "hang: no result 18 s after its start by the guest's clock", NULL },
	{ "no_power_off", OUTCOME_HANG, 3, 1, 0, CASE_ENDS, "did not power off",
	  NULL },
};

static const struct expected never_boots[] = {
	{ "empty", OUTCOME_BOOT, 0, 1, 0, CASE_BOOTS, "the console ended",
	  NULL },
	{ "silent_after_boot", OUTCOME_BOOT, 0, 1, 0, CASE_BOOTS,
	  "the console ended", NULL },
	{ "panic_at_boot", OUTCOME_BOOT, 0, 1, 0, CASE_BOOTS,
	  "Unable to mount root fs", NULL },
	{ "no_begin", OUTCOME_BOOT, 3, 2, 0, CASE_BOOTS, "never came", NULL },
	{ "unstamped_all", OUTCOME_BOOT, 0, 1, 0, CASE_BOOTS, "time stamp",
	  NULL },
};

static const struct test_case *first_failed(const struct case_list *cases)
{
	size_t i;

	for (i = 0; i < cases->count; i++) {
		if (cases->cases[i].status == CASE_FAILED)
			return &cases->cases[i];
	}
	return NULL;
}

static void check(const struct expected *expected, size_t piece)
{
	struct text content = { 0 };
	const struct test_case *failed;
	struct verdict verdict;
	char path[128];

	snprintf(path, sizeof(path), "runner/fixtures/%s.console",
		 expected->console);
	read_fixture(&content, path);
	judge(&verdict, expected->suite ? expected->suite : "prj2",
	      text_string(&content), content.length, piece);
	failed = first_failed(&verdict.cases);
	if (verdict.outcome != expected->outcome ||
	    cases_count(&verdict.cases, CASE_PASSED) != expected->passed ||
	    cases_count(&verdict.cases, CASE_FAILED) != expected->failed ||
	    cases_count(&verdict.cases, CASE_SKIPPED) != expected->skipped ||
	    !failed != !expected->blamed ||
	    (failed && strcmp(failed->name, expected->blamed)) ||
	    (failed && expected->message &&
	     !strstr(failed->message, expected->message)))
		fail_msg(
			"%s: got %s, %zu passed, %zu failed, %zu skipped, blamed %s: %s",
			expected->console, outcome_name(verdict.outcome),
			cases_count(&verdict.cases, CASE_PASSED),
			cases_count(&verdict.cases, CASE_FAILED),
			cases_count(&verdict.cases, CASE_SKIPPED),
			failed ? failed->name : "nothing",
			failed ? failed->message : "");
	verdict_free(&verdict);
	text_free(&content);
}

#define CHECK_ALL(list)                                                       \
	do {                                                                  \
		for (size_t i = 0; i < sizeof(list) / sizeof(*(list)); i++) { \
			check(&(list)[i], 1000000);                           \
			check(&(list)[i], 7);                                 \
			check(&(list)[i], 1);                                 \
		}                                                             \
	} while (0)

static void healthy_guests_pass(void **state)
{
	(void)state;
	CHECK_ALL(healthy);
}

static void failed_tests_fail(void **state)
{
	(void)state;
	CHECK_ALL(failing);
}

static void what_is_incomplete_or_contradicts_fails(void **state)
{
	(void)state;
	CHECK_ALL(incomplete);
}

static void splats_fail_the_test_that_was_running(void **state)
{
	(void)state;
	CHECK_ALL(splats);
}

static void hangs_are_told_apart(void **state)
{
	(void)state;
	CHECK_ALL(hangs);
}

static void guests_that_never_boot_are_told_apart(void **state)
{
	(void)state;
	CHECK_ALL(never_boots);
}

/* Without any one of its lines, or cut anywhere, "pass" passes no more. */
static void no_part_of_a_healthy_console_is_dispensable(void **state)
{
	struct text content = { 0 };
	const char *needed[] = { "mm_limit-check: begin",
				 "KTAP version",
				 "1..3",
				 "ok 1",
				 "ok 2",
				 "ok 3",
				 "mm_limit-check: end" };
	struct verdict verdict;
	size_t length;
	size_t i;

	(void)state;
	read_fixture(&content, "runner/fixtures/pass.console");
	length = strstr(content.data, "status=0") - content.data;
	for (i = 0; i <= length + strlen("status=0"); i++) {
		judge(&verdict, "prj2", content.data, i, 4096);
		assert_int_not_equal(verdict.outcome, OUTCOME_PASSED);
		assert_true(cases_count(&verdict.cases, CASE_FAILED) > 0);
		verdict_free(&verdict);
	}
	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		char *at = strstr(content.data, needed[i]);
		char saved = *at;

		*at = '-';
		judge(&verdict, "prj2", content.data, content.length, 4096);
		assert_int_not_equal(verdict.outcome, OUTCOME_PASSED);
		verdict_free(&verdict);
		*at = saved;
	}
	text_free(&content);
}

/* A splat at any place of a healthy console is found. */
static void no_place_hides_a_splat(void **state)
{
	static const char splat[] =
		"[    0.500000] BUG: KASAN: use-after-free in f+0x3c/0x44\r\n";
	struct text content = { 0 };
	struct verdict verdict;
	size_t i;

	(void)state;
	read_fixture(&content, "runner/fixtures/pass.console");
	for (i = 0; i < content.length; i++) {
		struct text spoilt = { 0 };

		if (i && content.data[i - 1] != '\n')
			continue;
		text_add(&spoilt, content.data, i);
		text_puts(&spoilt, splat);
		text_add(&spoilt, content.data + i, content.length - i);
		judge(&verdict, "prj2", spoilt.data, spoilt.length, 4096);
		assert_int_equal(verdict.outcome, OUTCOME_SPLAT);
		verdict_free(&verdict);
		text_free(&spoilt);
	}
	text_free(&content);
}

static void a_line_of_10_megabytes_is_survived(void **state)
{
	static const char splat[] = " kernel BUG: KASAN: in the middle of it ";
	static const char begin[] =
		"[    0.1] mm_limit-check: begin x\n[    0.1] KTAP version 1\n"
		"[    0.1] 1..1\n[    0.1] # run a timeout=9\n";
	static const char end[] =
		"[    0.1] ok 1 a\n[    0.1] mm_limit-check: end x status=0\n";
	const size_t size = 10 << 20;
	struct text content = { 0 };
	struct verdict verdict;
	char *line = malloc(size);
	unsigned int splats;

	(void)state;
	assert_non_null(line);
	memset(line, 'x', size);
	for (splats = 0; splats < 2; splats++) {
		if (splats)
			memcpy(line + size / 2, splat, strlen(splat));
		text_reset(&content);
		text_puts(&content, begin);
		text_add(&content, line, size);
		text_puts(&content, end);
		judge(&verdict, "x", content.data, content.length, 65536);
		assert_int_equal(verdict.outcome,
				 splats ? OUTCOME_SPLAT : OUTCOME_PASSED);
		assert_int_equal(verdict.cases.count, 1);
		verdict_free(&verdict);
	}
	free(line);
	text_free(&content);
}

static void times_are_the_guests(void **state)
{
	struct text content = { 0 };
	const struct test_case *test;
	struct verdict verdict;

	(void)state;
	read_fixture(&content, "runner/fixtures/interleaved.console");
	judge(&verdict, "prj2", content.data, content.length, 4096);
	test = find_case(&verdict.cases, SECOND);
	assert_non_null(test);
	assert_int_equal(test->usec, 1020000);
	assert_true(test->selectable);
	verdict_free(&verdict);
	text_free(&content);
}

static void hang_names_the_test_and_the_reason(void **state)
{
	struct text content = { 0 };
	struct console console = { .fn = verdict_line };
	const struct test_case *test;
	struct verdict verdict;

	(void)state;
	console.context = &verdict;
	read_fixture(&content, "runner/fixtures/early_end.console");
	verdict_begin(&verdict, "prj2", 1, &fixture_splats);
	console_feed(&console, content.data, content.length);
	verdict_hang(&verdict, "busy: 60 s");
	verdict_end(&verdict, "QEMU died of signal 15");
	assert_int_equal(verdict.outcome, OUTCOME_HANG);
	test = find_case(&verdict.cases, SECOND);
	assert_non_null(test);
	assert_string_equal(test->message, "hang: busy: 60 s while it ran");
	test = find_case(&verdict.cases, "never_ran_3");
	assert_non_null(test);
	assert_non_null(strstr(test->message, "hang: busy: 60 s"));
	verdict_free(&verdict);
	text_free(&content);
}

static void empty_selection_is_no_fault_of_the_guest(void **state)
{
	struct text content = { 0 };
	struct console console = { .fn = verdict_line };
	struct verdict verdict;

	(void)state;
	console.context = &verdict;
	read_fixture(&content, "runner/fixtures/nothing_ran.console");
	verdict_begin(&verdict, "prj2", 1, &fixture_splats);
	verdict.selection = true;
	console_feed(&console, content.data, content.length);
	verdict_end(&verdict, "the console ended");
	assert_int_equal(verdict.outcome, OUTCOME_PASSED);
	assert_int_equal(verdict.cases.count, 0);
	verdict_free(&verdict);
	text_free(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_guests_pass),
		cmocka_unit_test(failed_tests_fail),
		cmocka_unit_test(what_is_incomplete_or_contradicts_fails),
		cmocka_unit_test(splats_fail_the_test_that_was_running),
		cmocka_unit_test(hangs_are_told_apart),
		cmocka_unit_test(guests_that_never_boot_are_told_apart),
		cmocka_unit_test(no_part_of_a_healthy_console_is_dispensable),
		cmocka_unit_test(no_place_hides_a_splat),
		cmocka_unit_test(a_line_of_10_megabytes_is_survived),
		cmocka_unit_test(times_are_the_guests),
		cmocka_unit_test(hang_names_the_test_and_the_reason),
		cmocka_unit_test(empty_selection_is_no_fault_of_the_guest),
	};

	return RUN_GROUP_IN(tests, load_splats, free_splats);
}
