// SPDX-License-Identifier: GPL-2.0-only
/* cover: data in both formats, sums, what is excused and what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cover.h"

static void read_text(struct cover *cover, const char *text)
{
	FILE *in = fmemopen((char *)text, strlen(text), "r");

	assert_non_null(in);
	assert_int_equal(cover_read(cover, in), 0);
	fclose(in);
}

static char *written(const struct cover *cover)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	cover_write(cover, out);
	fclose(out);
	return text;
}

#define SECTION                                                       \
	"TN:\nSF:a.c\nFN:1,f\nFN:9,g\nFNDA:2,f\nFNDA:0,g\n"           \
	"BRDA:2,0,0,2\nBRDA:2,0,1,0\nBRDA:10,0,0,-\nBRDA:10,0,1,-\n"  \
	"DA:1,2\nDA:2,2\nDA:9,0\nDA:10,0\nBRF:4\nBRH:1\nLF:4\nLH:2\n" \
	"end_of_record\n"

static void what_is_written_reads_the_same(void **state)
{
	struct cover cover = { 0 };
	char *text;

	(void)state;
	read_text(&cover, SECTION);
	text = written(&cover);
	assert_string_equal(text, SECTION);
	free(text);
	cover_free(&cover);
}

static void counts_of_several_files_add_up(void **state)
{
	struct cover cover = { 0 };

	(void)state;
	read_text(&cover, SECTION);
	read_text(&cover, SECTION "SF:b.c\nDA:1,1\nend_of_record\n");
	assert_int_equal(cover.count, 2);
	assert_int_equal(cover.files[0].line_count, 4);
	assert_int_equal(cover.files[0].lines[0].count, 4);
	assert_int_equal(cover.files[0].lines[1].taken[0], 4);
	assert_int_equal(cover.files[0].lines[1].taken[1], 0);
	assert_int_equal(cover.files[0].functions[0].count, 4);
	cover_free(&cover);
}

static void what_is_not_lcov_is_named_by_its_line(void **state)
{
	static const char *const bad[] = {
		"DA:1,1\n",	  "SF:a.c\nDA:x\n",   "SF:a.c\nBRDA:1,0,0\n",
		"SF:a.c\nFN:f\n", "SF:a.c\nFNDA:f\n", "SF:a.c\nrubbish\n"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct cover cover = { 0 };
		FILE *in = fmemopen((char *)bad[i], strlen(bad[i]), "r");

		assert_int_equal(cover_read(&cover, in), i ? 2 : 1);
		fclose(in);
		cover_free(&cover);
	}
}

/* Two functions that a macro makes on one line are one line with all branches. */
static void functions_on_one_line_are_one_line(void **state)
{
	static const char gcov[] =
		"{\"files\":[{\"file\":\"/src/x/tests/../a.c\",\"functions\":["
		"{\"name\":\"b\",\"start_line\":5,\"execution_count\":0},"
		"{\"name\":\"a\",\"start_line\":5,\"execution_count\":3}],"
		"\"lines\":["
		"{\"line_number\":5,\"function_name\":\"b\",\"count\":0,"
		"\"branches\":[{\"count\":0},{\"count\":0}]},"
		"{\"line_number\":5,\"function_name\":\"a\",\"count\":3,"
		"\"branches\":[{\"count\":3},{\"count\":0}]}]},"
		"{\"file\":\"/src/x/a_test.c\",\"lines\":[]},"
		"{\"file\":\"/other/x/a.c\",\"lines\":[]}]}\n";
	char *wanted[] = { "x/*" };
	const struct cover_filter filter = { "/src", wanted, 1, "*test*" };
	struct cover_share lines;
	struct cover_share branches;
	struct cover cover = { 0 };
	const char *why = NULL;
	/* two objects, as of two files of counts */
	char text[2 * sizeof(gcov)];
	FILE *in;

	(void)state;
	snprintf(text, sizeof(text), "%s%s", gcov, gcov);
	in = fmemopen(text, strlen(text), "r");
	assert_int_equal(cover_read_gcov(&cover, in, &filter, &why), 0);
	fclose(in);
	assert_int_equal(cover.count, 1);
	assert_string_equal(cover.files[0].name, "x/a.c");
	cover_count(&cover.files[0], &lines, &branches);
	assert_int_equal(lines.all, 1);
	assert_int_equal(lines.hit, 1);
	assert_int_equal(branches.all, 4);
	assert_int_equal(branches.hit, 1);
	assert_int_equal(cover.files[0].lines[0].count, 6);
	cover_free(&cover);
}

static void half_an_object_is_an_error(void **state)
{
	char text[] = "{\"files\":[";
	const struct cover_filter filter = { .root = "/" };
	struct cover cover = { 0 };
	const char *why = NULL;
	FILE *in = fmemopen(text, strlen(text), "r");

	(void)state;
	assert_int_equal(cover_read_gcov(&cover, in, &filter, &why), -1);
	assert_non_null(why);
	fclose(in);
}

static const char source[] = "int f(void)\n"
			     "{\n"
			     "\tif (x)\n"
			     "\t\treturn 1;\n"
			     "}\n"
			     "int g(void)\n"
			     "{\n"
			     "\tif (x)\n"
			     "\t\treturn 1;\n"
			     "}\n";

static void put(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

/* Errors among the entries of @list, for counts of the source above */
static unsigned int excuse(struct cover *cover, const char *list)
{
	char folder[] = "/tmp/cover.XXXXXX";
	char path[128];
	unsigned int wrong;

	assert_non_null(mkdtemp(folder));
	put(folder, "a.c", source);
	put(folder, "list", list);
	read_text(cover, "SF:a.c\nFN:1,f\nFN:6,g\n"
			 "BRDA:3,0,0,5\nBRDA:3,0,1,0\n"
			 "BRDA:8,0,0,5\nBRDA:8,0,1,0\n"
			 "DA:3,5\nDA:4,0\nDA:8,5\nDA:9,0\nend_of_record\n");
	snprintf(path, sizeof(path), "%s/list", folder);
	wrong = cover_excuse(cover, path, folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/a.c", folder);
	unlink(path);
	rmdir(folder);
	return wrong;
}

static void what_is_excused_does_not_count(void **state)
{
	struct cover_share lines;
	struct cover_share branches;
	struct cover cover = { 0 };

	(void)state;
	assert_int_equal(excuse(&cover, "# why\n\n"
					"a.c:f\tbranch\tif (x)\tnobody sets x\n"
					"a.c:f\tline\treturn 1;\tas above\n"),
			 0);
	cover_count(&cover.files[0], &lines, &branches);
	assert_int_equal(lines.all, 3);
	assert_int_equal(lines.hit, 2);
	assert_int_equal(branches.all, 3);
	assert_int_equal(branches.hit, 2);
	cover_free(&cover);
}

/* The pages show it neither as missing nor as reached. */
static void what_is_excused_is_left_out_of_what_is_written(void **state)
{
	struct cover cover = { 0 };
	char *text;

	(void)state;
	assert_int_equal(excuse(&cover, "a.c:f\tbranch\tif (x)\tnobody sets x\n"
					"a.c:f\tline\treturn 1;\tas above\n"),
			 0);
	text = written(&cover);
	assert_string_equal(text, "TN:\nSF:a.c\nFN:1,f\nFN:6,g\nFNDA:0,f\n"
				  "FNDA:0,g\nBRDA:3,0,0,5\nBRDA:3,0,1,1\n"
				  "BRDA:8,0,0,5\nBRDA:8,0,1,0\nDA:3,5\n"
				  "DA:8,5\nDA:9,0\nBRF:3\nBRH:2\nLF:3\nLH:2\n"
				  "end_of_record\n");
	free(text);
	cover_free(&cover);
}

static void list_or_source_that_is_not_there_is_an_error(void **state)
{
	struct cover cover = { 0 };
	char folder[] = "/tmp/cover.XXXXXX";
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/list", folder);
	assert_int_equal(cover_excuse(&cover, path, folder), 1);
	put(folder, "list", "a.c:f\tline\treturn 1;\twhy\n");
	read_text(&cover, SECTION);
	assert_int_equal(cover_excuse(&cover, path, folder), 1);
	unlink(path);
	rmdir(folder);
	cover_free(&cover);
}

/* What is executed cannot be talked away. */
static void what_was_reached_counts_whatever_the_list_says(void **state)
{
	struct cover_share lines;
	struct cover_share branches;
	struct cover cover = { 0 };

	(void)state;
	assert_int_equal(excuse(&cover, "a.c:f\tline\t*\twhole function\n"), 0);
	cover_count(&cover.files[0], &lines, &branches);
	assert_int_equal(lines.all, 3);
	assert_int_equal(lines.hit, 2);
	cover_free(&cover);
}

static void entries_that_are_wrong_are_errors(void **state)
{
	static const char *const bad[] = {
		"a.c:f\tline\treturn 2;\tno such text\n",
		"a.c:h\tline\treturn 1;\tno such function\n",
		"b.c:f\tline\treturn 1;\tno such file\n",
		"a.c\tline\treturn 1;\tno function\n",
		"a.c:f\tblock\treturn 1;\tno such kind\n",
		"a.c:f\tline\treturn 1;\n",
		"a.c:f\tline\treturn 1;\twhy\ttoo much\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct cover cover = { 0 };

		assert_int_equal(excuse(&cover, bad[i]), 1);
		cover_free(&cover);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_the_same),
		cmocka_unit_test(counts_of_several_files_add_up),
		cmocka_unit_test(what_is_not_lcov_is_named_by_its_line),
		cmocka_unit_test(functions_on_one_line_are_one_line),
		cmocka_unit_test(half_an_object_is_an_error),
		cmocka_unit_test(what_is_excused_does_not_count),
		cmocka_unit_test(
			what_is_excused_is_left_out_of_what_is_written),
		cmocka_unit_test(list_or_source_that_is_not_there_is_an_error),
		cmocka_unit_test(
			what_was_reached_counts_whatever_the_list_says),
		cmocka_unit_test(entries_that_are_wrong_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
