// SPDX-License-Identifier: GPL-2.0-only
/* Says which suites and tests there are. */
#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "globs.h"
#include "suite_list.h"

/*
 * Sources are read for the names of tests: no program is asked, so nothing has to
 * be built, and none of them runs.
 */
static bool host_source(char *path, size_t size, const char *tests,
			const struct suite *suite)
{
	const char *name = suite->path;
	int length = snprintf(path, size, "%s/%s%s", tests, name,
			      strchr(name, '.') ? "" : ".c");

	return length > 0 && (size_t)length < size;
}

/*
 * How many bytes the identifier behind a marker of tests has, which may be on the next
 * line; 0: the line does not begin with a marker.
 */
static size_t find_name(const char *line, const char **name)
{
	static const char *const markers[] = { "cmocka_unit_test(",
					       "MACHINE_TEST(" };
	size_t length = 0;
	size_t i;

	line += strspn(line, " \t");
	for (i = 0; i < sizeof(markers) / sizeof(*markers); i++) {
		size_t skip = strlen(markers[i]);

		if (strncmp(line, markers[i], skip))
			continue;
		*name = line + skip + strspn(line + skip, " \t\n");
		while (isalnum((unsigned char)(*name)[length]) ||
		       (*name)[length] == '_')
			length++;
	}
	return length;
}

void list_tests(const char *source, struct text *tests)
{
	while (*source) {
		const char *name;
		size_t length = find_name(source, &name);

		if (length) {
			text_puts(tests, "    ");
			text_add(tests, name, length);
			text_puts(tests, "\n");
		}
		source += strcspn(source, "\n");
		source += *source == '\n';
	}
}

static bool is_word_of(const char *words, const char *word)
{
	size_t length = strlen(word);

	while (*(words += strspn(words, " "))) {
		size_t next = strcspn(words, " ");

		if (next == length && !strncmp(words, word, length))
			return true;
		words += next;
	}
	return false;
}

void list_guest_tests(const char *source, const char *suite, struct text *tests)
{
	static const char head[] = "\nKTAP_TEST(";
	char name[128], suites[256];

	while ((source = strstr(source, head))) {
		source += strlen(head);
		if (sscanf(source, " %127[A-Za-z0-9_], %*[^,], \"%255[^\"]\"",
			   name, suites) == 2 &&
		    is_word_of(suites, suite))
			text_printf(tests, "    %s\n", name);
	}
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

static void add_host_tests(const struct suite *suite, const char *folder,
			   struct text *tests)
{
	struct text content = { 0 };
	struct text why = { 0 };
	char path[PATH_MAX];

	/* Some suites are programs whose tests only they know. */
	if (host_source(path, sizeof(path), folder, suite) &&
	    !file_read(path, &content, &why))
		list_tests(text_string(&content), tests);
	text_free(&content);
	text_free(&why);
}

/* Any file of the guest's may have tests of any suite. */
static void add_guest_tests(const struct suite *suite, const char *folder,
			    struct text *tests)
{
	char pattern[PATH_MAX];
	glob_t files;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/guest/*/*.c", folder);
	if (glob(pattern, 0, NULL, &files))
		return;
	for (i = 0; i < files.gl_pathc; i++) {
		struct text content = { 0 };
		struct text why = { 0 };

		if (!file_read(files.gl_pathv[i], &content, &why))
			list_guest_tests(text_string(&content), suite->name,
					 tests);
		text_free(&content);
		text_free(&why);
	}
	globfree(&files);
}

static void print_tests(const struct suite *suite, const char *folder)
{
	struct text tests = { 0 };

	if (suite->kind == SUITE_GUEST)
		add_guest_tests(suite, folder, &tests);
	else
		add_host_tests(suite, folder, &tests);
	fputs(text_string(&tests), stdout);
	text_free(&tests);
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
