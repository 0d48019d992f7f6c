// SPDX-License-Identifier: GPL-2.0-only
/* Whichever allocation fails, a guest that failed does not pass. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"

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

		fail_allocation(number);
		judge(&verdict, "prj2", content.data, content.length, 4096);
		left = fail_allocation(0);
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
	if (!allocations_can_fail)
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
