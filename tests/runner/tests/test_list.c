// SPDX-License-Identifier: GPL-2.0-only
/* Which suites are chosen and listed, and which logs of an old run go. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "globs.h"
#include "suite_list.h"
#include "output.h"
#include "suites.h"

static const char *const names[] = { "prj2", "kill", "kill_smp", NULL };

static const char *name_of(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

static void any_glob_of_a_list_matches(void **state)
{
	(void)state;
	assert_true(globs_match("prj2 kill", "prj2"));
	assert_true(globs_match(" prj2\tkill ", "kill"));
	assert_false(globs_match("prj2 kill", "kill_smp"));
	assert_true(globs_match("prj2 k*", "kill_smp"));
	assert_false(globs_match("p", "prj2"));
	assert_true(globs_match("", "prj2"));
	assert_true(globs_match("  ", "prj2"));
}

static void a_glob_for_nothing_is_named(void **state)
{
	char *glob = globs_unmatched("kill nosuch* prj2", name_of, names);

	(void)state;
	assert_non_null(glob);
	assert_string_equal(glob, "nosuch*");
	free(glob);
	assert_null(globs_unmatched("k*smp prj?", name_of, names));
	assert_null(globs_unmatched("", name_of, names));
}

static void tests_are_listed_from_their_tables(void **state)
{
	static const char source[] = "static void first(void **state)\n"
				     "\tcmocka_unit_test(first),\n"
				     "\t/* cmocka_unit_test(commented), */\n"
				     "  cmocka_unit_test(second_one)\n"
				     "\tcmocka_unit_test(\n"
				     "\t\tthird_on_a_line_of_its_own),\n"
				     "\tMACHINE_TEST(fourth),\n"
				     "\tTEST(fifth),\n"
				     "#define MACHINE_TEST(test)\n"
				     "cmocka_unit_test(";
	struct text tests = { 0 };

	(void)state;
	list_tests(source, &tests);
	assert_string_equal(text_string(&tests),
			    "    first\n    second_one\n"
			    "    third_on_a_line_of_its_own\n    fourth\n"
			    "    fifth\n");
	text_free(&tests);
}

static void tests_are_listed_from_their_heads(void **state)
{
	static const char source[] =
		"/* Head */\n"
		"KTAP_TEST(first, 10, \"kill\")\n{\n}\n"
		"/* KTAP_TEST(commented, 1, \"kill\") */\n"
		"KTAP_TEST(other, 10, \"kill_smp\")\n{\n}\n"
		"KTAP_TEST(both, SECONDS,\n"
		"\t  \"kill_smp kill\")\n{\n}\n"
		"KTAP_TEST(";
	struct text tests = { 0 };

	(void)state;
	list_guest_tests(source, "kill", &tests);
	assert_string_equal(text_string(&tests), "    first\n    both\n");
	text_free(&tests);
}

static void tests_of_scripts_are_listed_from_their_call(void **state)
{
	static const char run[] = "run_tests() {\n\tfirst\n}\n"
				  "# run_tests commented\n"
				  "run_tests first second_one \\\n"
				  "\tthird\\\n\t\tfourth\nexit 0\n";
	static const char select[] = "\nselect_tests one two\n"
				     "for test in $selected; do\n";
	struct text tests = { 0 };

	(void)state;
	list_script_tests(run, &tests);
	list_script_tests(select, &tests);
	list_script_tests("\nrun_tests $(grep . a)\n", &tests);
	list_script_tests("\nrun_tests ", &tests);
	assert_string_equal(text_string(&tests),
			    "    first\n    second_one\n    third\n"
			    "    fourth\n    one\n    two\n");
	text_free(&tests);
}

static void tests_behind_macros_are_listed_by_their_arguments(void **state)
{
	static const char headers[] =
		"/* Head */\n"
		"#define MOST 5\n"
		"#define WAY(function) \\\n"
		"\tKTAP_TEST(bounded_by_##function, 60, \"held\") \\\n"
		"\t{\\\n\t}\\\n"
		"\tKTAP_TEST(held_by_##function, 120, \"channels held_smp\") \\\n"
		"\t{\\\n\t}\n"
		"#define OTHER(function) KTAP_TEST(other_##function, 60, \"held\")\n"
		"#define LAST";
	static const char source[] = "static long files(void)\n"
				     "WAY(files)\nWAY(pipes)\n"
				     "\tWAY(inside)\nWAY(";
	struct text tests = { 0 };

	(void)state;
	list_macro_tests(source, headers, "held", &tests);
	list_macro_tests(source, headers, "held_smp", &tests);
	list_macro_tests(source, headers, "kill", &tests);
	list_macro_tests("\nOTHER(way)", headers, "held", &tests);
	assert_string_equal(text_string(&tests),
			    "    bounded_by_files\n    bounded_by_pipes\n"
			    "    held_by_files\n    held_by_pipes\n"
			    "    other_way\n");
	text_free(&tests);
}

static void comments_above_suites_are_headings(void **state)
{
	static const char data[] = "# The file's own.\n"
				   "\n"
				   "#  The first,\n"
				   "# in two lines\n"
				   "a guest\n"
				   "b guest\n"
				   "# Gone\n"
				   "\n"
				   "c guest # not one\n";
	struct suites suites = { 0 };
	struct text why = { 0 };

	(void)state;
	assert_int_equal(suites_parse(&suites, "s", data, &why), 0);
	assert_string_equal(text_string(&suites.suites[0].heading),
			    "The first, in two lines");
	assert_string_equal(text_string(&suites.suites[1].heading), "");
	assert_string_equal(text_string(&suites.suites[2].heading), "");
	suites_free(&suites);
}

static void put(const char *folder, const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static bool is_there(const char *folder, const char *name)
{
	struct stat status;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !lstat(path, &status);
}

static void old_logs_go_and_nothing_else(void **state)
{
	static const char *const ours[] = {
		"prj2.console.log", "prj2.run2.qemu.log", "unit.stdout.log",
		"unit.stderr.log",  "junit.xml",	  "results.json",
		"index.html",
	};
	static const char *const others[] = {
		"notes.log",
		".console.log",
		"console.log.old",
		"my.json",
	};
	char folder[] = "/tmp/test_list.XXXXXX";
	struct text why = { 0 };
	char path[128];
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		put(folder, ours[i]);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		put(folder, others[i]);
	snprintf(path, sizeof(path), "%s/full.console.log", folder);
	assert_int_equal(symlink("/dev/full", path), 0);
	assert_int_equal(output_prepare(folder, &why), 0);
	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		assert_false(is_there(folder, ours[i]));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_true(is_there(folder, others[i]));
		snprintf(path, sizeof(path), "%s/%s", folder, others[i]);
		unlink(path);
	}
	assert_true(is_there(folder, "full.console.log"));
	snprintf(path, sizeof(path), "%s/full.console.log", folder);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
	assert_int_not_equal(output_prepare("/dev/null/x", &why), 0);
	text_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_glob_of_a_list_matches),
		cmocka_unit_test(a_glob_for_nothing_is_named),
		cmocka_unit_test(tests_are_listed_from_their_tables),
		cmocka_unit_test(tests_are_listed_from_their_heads),
		cmocka_unit_test(tests_of_scripts_are_listed_from_their_call),
		cmocka_unit_test(
			tests_behind_macros_are_listed_by_their_arguments),
		cmocka_unit_test(comments_above_suites_are_headings),
		cmocka_unit_test(old_logs_go_and_nothing_else),
	};

	return RUN_GROUP(tests);
}
