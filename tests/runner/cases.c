// SPDX-License-Identifier: GPL-2.0-only
/* What became of each test of a suite, and of the suite itself. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "text.h"

static char *clean_copy(const char *string)
{
	struct text text = { 0 };

	/* An empty string has to be copied, too. */
	text_puts(&text, "");
	text_add_clean(&text, string, strlen(string));
	if (text.failed)
		text_free(&text);
	return text.data;
}

static bool cases_reserve(struct case_list *list)
{
	size_t size = list->size ? list->size * 2 : 16;
	struct test_case *cases;

	if (list->count < list->size)
		return true;
	cases = realloc(list->cases, size * sizeof(*cases));
	if (!cases)
		return false;
	list->cases = cases;
	list->size = size;
	return true;
}

static void case_free(struct test_case *test)
{
	free(test->name);
	free(test->message);
	free(test->detail);
}

struct test_case *cases_add(struct case_list *list, enum case_status status,
			    const char *name, const char *message)
{
	struct test_case test = { .status = status };

	test.name = clean_copy(name);
	test.message = clean_copy(message);
	test.detail = strdup("");
	if (!test.name || !test.message || !test.detail ||
	    !cases_reserve(list)) {
		list->failed = true;
		case_free(&test);
		return NULL;
	}
	list->cases[list->count] = test;
	return &list->cases[list->count++];
}

void case_add_detail(struct case_list *list, struct test_case *test,
		     const char *lines)
{
	struct text text = { 0 };

	if (!test || !*lines)
		return;
	text_puts(&text, test->detail);
	text_puts(&text, lines);
	if (text.failed) {
		list->failed = true;
		text_free(&text);
		return;
	}
	free(test->detail);
	test->detail = text.data;
}

void cases_prefix(struct case_list *list, size_t first, const char *prefix)
{
	size_t i;

	for (i = first; i < list->count; i++) {
		struct text name = { 0 };

		text_add_clean(&name, prefix, strlen(prefix));
		text_printf(&name, "/%s", list->cases[i].name);
		if (name.failed) {
			list->failed = true;
			text_free(&name);
			return;
		}
		free(list->cases[i].name);
		list->cases[i].name = name.data;
		list->cases[i].selectable = false;
	}
}

size_t cases_count(const struct case_list *list, enum case_status status)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < list->count; i++)
		count += list->cases[i].status == status;
	return count;
}

void cases_free(struct case_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		case_free(&list->cases[i]);
	free(list->cases);
	*list = (struct case_list){ 0 };
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_PASSED] = "passed", [OUTCOME_FAILED] = "failed",
		[OUTCOME_SPLAT] = "splat",   [OUTCOME_HANG] = "hang",
		[OUTCOME_BOOT] = "boot",     [OUTCOME_ERROR] = "error",
	};

	return names[outcome];
}

const char *case_status_name(enum case_status status)
{
	static const char *const names[] = {
		[CASE_PASSED] = "passed",
		[CASE_FAILED] = "failed",
		[CASE_SKIPPED] = "skipped",
	};

	return names[status];
}
