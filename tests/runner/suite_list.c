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

static size_t name_length(const char *name)
{
	size_t length = 0;

	while (isalnum((unsigned char)name[length]) || name[length] == '_')
		length++;
	return length;
}

/*
 * How many bytes the identifier behind a marker of tests has, which may be on the next
 * line; 0: the line does not begin with a marker.
 */
static size_t find_name(const char *line, const char **name)
{
	static const char *const markers[] = { "cmocka_unit_test(",
					       "MACHINE_TEST(", "TEST(" };
	size_t length = 0;
	size_t i;

	line += strspn(line, " \t");
	for (i = 0; i < sizeof(markers) / sizeof(*markers); i++) {
		size_t skip = strlen(markers[i]);

		if (strncmp(line, markers[i], skip))
			continue;
		*name = line + skip + strspn(line + skip, " \t\n");
		length = name_length(*name);
	}
	return length;
}

static void add_name(struct text *tests, const char *name, size_t length)
{
	text_puts(tests, "    ");
	text_add(tests, name, length);
	text_puts(tests, "\n");
}

void list_tests(const char *source, struct text *tests)
{
	while (*source) {
		const char *name;
		size_t length = find_name(source, &name);

		if (length)
			add_name(tests, name, length);
		source += strcspn(source, "\n");
		source += *source == '\n';
	}
}

/* The words of a command, which goes on behind a backslash at the end of a line */
static void add_words(const char *words, struct text *tests)
{
	size_t length;

	for (;;) {
		words += strspn(words, " \t");
		if (!strncmp(words, "\\\n", 2)) {
			words += 2;
			continue;
		}
		length = name_length(words);
		if (!length)
			return;
		add_name(tests, words, length);
		words += length;
	}
}

void list_script_tests(const char *source, struct text *tests)
{
	static const char *const heads[] = { "\nrun_tests ",
					     "\nselect_tests " };
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		const char *call = strstr(source, heads[i]);

		if (call)
			add_words(call + strlen(heads[i]), tests);
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

/* The end of a definition, which goes on behind a backslash at the end of a line */
static const char *definition_end(const char *define)
{
	const char *end = define;

	do
		end += strcspn(end + 1, "\n") + 1;
	while (*end && end[-1] == '\\');
	return end;
}

/* @prefix##argument is the name of a test, for each argument of the macro in @source. */
static void add_arguments(const char *source, const char *macro,
			  const char *prefix, struct text *tests)
{
	char head[80];

	snprintf(head, sizeof(head), "\n%s(", macro);
	while ((source = strstr(source, head))) {
		int length;

		source += strlen(head);
		length = name_length(source);
		if (length)
			text_printf(tests, "    %s%.*s\n", prefix, length,
				    source);
	}
}

void list_macro_tests(const char *source, const char *headers,
		      const char *suite, struct text *tests)
{
	static const char head[] = "KTAP_TEST(";
	char macro[64], prefix[128], suites[256];
	const char *define = headers;

	while ((define = strstr(define, "\n#define "))) {
		const char *end = definition_end(define);
		const char *test = define;

		if (sscanf(define, " #define %63[A-Z_](%*[a-z_])", macro) == 1)
			while ((test = strstr(test, head)) && test < end) {
				test += strlen(head);
				if (sscanf(test,
					   " %127[a-z_]##%*[a-z_], %*[^,], \"%255[^\"]\"",
					   prefix, suites) == 2 &&
				    is_word_of(suites, suite))
					add_arguments(source, macro, prefix,
						      tests);
			}
		define = end;
	}
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
	    !file_read(path, &content, &why)) {
		if (strchr(suite->path, '.'))
			list_script_tests(text_string(&content), tests);
		else
			list_tests(text_string(&content), tests);
	}
	text_free(&content);
	text_free(&why);
}

/* What all files have whose names, below the folder of tests, are like this */
static void read_files(const char *folder, const char *names,
		       void (*take)(const char *content, void *data),
		       void *data)
{
	char pattern[PATH_MAX];
	glob_t files;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/%s", folder, names);
	if (glob(pattern, 0, NULL, &files))
		return;
	for (i = 0; i < files.gl_pathc; i++) {
		struct text content = { 0 };
		struct text why = { 0 };

		if (!file_read(files.gl_pathv[i], &content, &why))
			take(text_string(&content), data);
		text_free(&content);
		text_free(&why);
	}
	globfree(&files);
}

static void take_header(const char *content, void *data)
{
	text_puts(data, content);
}

/**
 * struct guest_search - a search for the tests of a suite
 * @suite: its name
 * @headers: where macros are that stand for tests
 * @tests: what was found
 */
struct guest_search {
	const char *suite;
	struct text headers;
	struct text *tests;
};

static void take_source(const char *content, void *data)
{
	struct guest_search *search = data;

	list_guest_tests(content, search->suite, search->tests);
	list_macro_tests(content, text_string(&search->headers), search->suite,
			 search->tests);
}

/* Any file of the guest's may have tests of any suite. */
static void add_guest_tests(const struct suite *suite, const char *folder,
			    struct text *tests)
{
	struct guest_search search = { .suite = suite->name, .tests = tests };

	read_files(folder, "guest/*/*.h", take_header, &search.headers);
	read_files(folder, "guest/*/*.c", take_source, &search);
	text_free(&search.headers);
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
