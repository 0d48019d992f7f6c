// SPDX-License-Identifier: GPL-2.0-only
/* Says which suites and tests there are. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "globs.h"
#include "suite_list.h"

/*
 * Where the source of a suite's tests is: no program is asked, so nothing has
 * to be built, and none of them runs.
 */
static bool source_path(char *path, size_t size, const char *tests,
			const struct suite *suite)
{
	const char *name = suite->path;
	int length;

	if (suite->kind == SUITE_GUEST)
		length = snprintf(path, size, "%s/guest/suite_%s.c", tests,
				  suite->name);
	else
		length = snprintf(path, size, "%s/%s%s%s", tests,
				  strchr(name, '/') ? "" : "host/", name,
				  strchr(name, '.') ? "" : ".c");
	return length > 0 && (size_t)length < size;
}

/* An identifier behind @marker, which is cut from the line's front. */
static bool name_after(const char *line, const char *marker, struct text *name)
{
	size_t length = strlen(marker);

	line += strspn(line, " \t");
	if (strncmp(line, marker, length))
		return false;
	line += length;
	for (length = 0;
	     isalnum((unsigned char)line[length]) || line[length] == '_';)
		length++;
	text_reset(name);
	text_add(name, line, length);
	return length;
}

void list_tests(const char *source, struct text *tests)
{
	struct text name = { 0 };

	while (*source) {
		size_t length = strcspn(source, "\n");
		struct text line = { 0 };

		text_add(&line, source, length);
		if (name_after(text_string(&line), "KTAP_TEST(", &name) ||
		    name_after(text_string(&line), "cmocka_unit_test(", &name))
			text_printf(tests, "    %s\n", text_string(&name));
		text_free(&line);
		source += length + (source[length] == '\n');
	}
	text_free(&name);
}

static void print_suite(const struct suite *suite, int width)
{
	printf("  %-*s  %s", width, suite->name,
	       suite->kind == SUITE_GUEST ? "guest" : "host");
	if (suite->flavours.length) {
		const char *flavour = text_string(&suite->flavours);

		while (*(flavour += strspn(flavour, " "))) {
			int length = strcspn(flavour, " ");

			printf("  for=%.*s", length, flavour);
			flavour += length;
		}
	}
	putchar('\n');
}

static void print_tests(const struct suite *suite, const char *folder)
{
	struct text content = { 0 };
	struct text tests = { 0 };
	struct text why = { 0 };
	char path[PATH_MAX];

	/* Some suites are programs whose tests only they know. */
	if (source_path(path, sizeof(path), folder, suite) &&
	    !file_read(path, &content, &why))
		list_tests(text_string(&content), &tests);
	fputs(text_string(&tests), stdout);
	text_free(&content);
	text_free(&tests);
	text_free(&why);
}

void list_suites(const struct suites *suites, const char *globs,
		 const char *folder)
{
	int width = 0;
	size_t i;

	for (i = 0; i < suites->count; i++) {
		int length = strlen(suites->suites[i].name);

		width = length > width ? length : width;
	}
	for (i = 0; i < suites->count; i++) {
		const struct suite *suite = &suites->suites[i];

		if (globs && !globs_match(globs, suite->name))
			continue;
		if (suite->heading.length)
			printf("# %s\n", text_string(&suite->heading));
		print_suite(suite, width);
		if (globs)
			print_tests(suite, folder);
	}
}
