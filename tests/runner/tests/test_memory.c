// SPDX-License-Identifier: GPL-2.0-only
/* Whichever allocation fails, a guest that failed does not pass. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
static const bool can_fail;
static unsigned long until_failure;
#else
static const bool can_fail = true;

/* The allocation that fails, counted down; 0 if none does. */
static unsigned long until_failure;

/* The C library's own, under the names that it has for this purpose. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool fails(void)
{
	return until_failure && !--until_failure;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
#endif

#define MOST_ALLOCATIONS 1000000

static void try_all(const char *console, bool healthy)
{
	struct text content = { 0 };
	unsigned long number;
	char path[128];

	snprintf(path, sizeof(path), "runner/fixtures/%s.console", console);
	read_fixture(&content, path);
	for (number = 1; number < MOST_ALLOCATIONS; number++) {
		struct verdict verdict;
		unsigned long left;

		until_failure = number;
		judge(&verdict, "prj2", content.data, content.length, 4096);
		left = until_failure;
		until_failure = 0;
		if (!healthy && verdict.outcome == OUTCOME_PASSED)
			fail_msg("%s passes when allocation %lu fails", console,
				 number);
		if (verdict.outcome == OUTCOME_PASSED)
			assert_int_equal(
				cases_count(&verdict.cases, CASE_PASSED), 3);
		verdict_free(&verdict);
		/*
		 * The allocation that was to fail was not reached, so all have
		 * been tried.
		 */
		if (left)
			break;
	}
	assert_true(number > 1 && number < MOST_ALLOCATIONS);
	text_free(&content);
}

static void no_failed_allocation_lets_a_guest_pass(void **state)
{
	static const char *const failing[] = {
		"fail",
		"warn",
		"warn_between_tests",
		"short_plan",
		"missing_plan",
		"result_after_end",
		"forged_end",
		"timeout",
		"cut_here_only",
		"expect_malformed",
		"bail_out",
		"kunit_fail",
		"early_end",
		"out_of_order",
		"status_contradicts",
		"kmemleak",
		"oops_mid_line",
		"silent_after_boot",
	};
	size_t i;

	(void)state;
	if (!can_fail)
		skip();
	for (i = 0; i < sizeof(failing) / sizeof(*failing); i++)
		try_all(failing[i], false);
	try_all("pass", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_failed_allocation_lets_a_guest_pass),
	};

	return RUN_GROUP_IN(tests, load_splats, free_splats);
}
