// SPDX-License-Identifier: GPL-2.0-only
/* The reports are well-formed and complete whatever a guest printed. */
#include "fixture.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "job.h"
#include "report.h"
#include "suites.h"

/* Every byte, and what is not UTF-8 or not allowed in XML. */
static const char nasty[] =
	"<&>\"' ]]> \x01\x02\x08\x0b\x1b[31m\x7f\x80\xc0\xaf\xe9 "
	"\xed\xa0\x80 \xef\xbf\xbe \xf4\x90\x80\x80 \xc2\x85 \xf0\x9f\x98\x80 \xc3";

/* The same as a fact */
static char nasty_fact[sizeof("compiler=") + sizeof(nasty)];

static char folder[] = "/tmp/test_report.XXXXXX";

static struct options options = {
	.board = "virt",
	.kernel = "debug",
	.slowdown = 20,
	.seed = 1,
	.shift = DEFAULT_SHIFT,
	.output = "out",
};

static struct job_setup job_setup = { .options = &options };
static struct suites suites;
static struct job jobs[2];
static struct report report;

static int make_report(void **state)
{
	struct text why = { 0 };
	struct test_case *test;
	struct text line = { 0 };

	(void)state;
	snprintf(nasty_fact, sizeof(nasty_fact), "compiler=%s", nasty);
	if (!mkdtemp(folder) ||
	    suites_parse(&suites, "s",
			 "prj2 guest volume=rounds:40/8\nunit host path=x\n"
			 "long guest shift=6\n",
			 &why))
		return -1;
	job_init(&jobs[0], &job_setup, &suites.suites[0], 2);
	job_init(&jobs[1], &job_setup, &suites.suites[1], 1);
	cases_add(&jobs[0].cases, CASE_PASSED, "works", "")->selectable = true;
	test = cases_add(&jobs[0].cases, CASE_FAILED, nasty, nasty);
	text_add_clean(&line, nasty, strlen(nasty));
	text_puts(&line, "\nsecond line\n");
	case_add_detail(&jobs[0].cases, test, text_string(&line));
	cases_add(&jobs[1].cases, CASE_SKIPPED, "skipped", "no swap");
	jobs[0].outcome = OUTCOME_SPLAT;
	jobs[0].state = JOB_DONE;
	jobs[1].state = JOB_DONE;
	arguments_add(&jobs[0].argv, "%s", nasty);
	jobs[0].started_ms = 5000;
	jobs[0].wall_ms = 1500;
	jobs[0].guest_usec = 2500000;
	jobs[1].started_ms = 6000;
	jobs[1].wall_ms = 1000;
	options.facts.list[options.facts.count++] = nasty_fact;
	report_begin(&report, &options, jobs, 2, 0);
	text_free(&line);
	return 0;
}

static int free_report(void **state)
{
	(void)state;
	report_free(&report);
	job_free(&jobs[0]);
	job_free(&jobs[1]);
	suites_free(&suites);
	return rmdir(folder);
}

static void counts_and_exit_code_follow_the_jobs(void **state)
{
	struct report other;

	(void)state;
	assert_int_equal(report.passed, 1);
	assert_int_equal(report.failed, 1);
	assert_int_equal(report.skipped, 1);
	assert_int_equal(report.exit_code, OUTCOME_SPLAT);
	report_begin(&other, &options, jobs, 2, 15);
	assert_int_equal(other.exit_code, 143);
	assert_string_equal(report_verdict(&other), "interrupted");
	report_free(&other);
	jobs[1].state = JOB_WAITING;
	report_begin(&other, &options, jobs, 2, 0);
	assert_int_equal(other.exit_code, OUTCOME_ERROR);
	assert_string_equal(report_verdict(&other), "error");
	report_free(&other);
	jobs[1].state = JOB_DONE;
}

static void rerun_reproduces_exactly(void **state)
{
	struct text command = { 0 };

	(void)state;
	report_rerun(&report, &jobs[0], &jobs[0].cases.cases[0], &command);
	assert_string_equal(
		text_string(&command),
		"make check SUITE=prj2 TEST=works KERNEL=debug SEED=2 SHIFT=4");
	text_reset(&command);
	report_rerun(&report, &jobs[1], NULL, &command);
	assert_string_equal(text_string(&command),
			    "make check SUITE=unit KERNEL=debug");
	text_free(&command);
}

/* A second run has the next, as it has where SHIFT= is for all. */
static void suite_has_a_shift_of_its_own(void **state)
{
	struct text command = { 0 };
	struct job job;

	(void)state;
	for (unsigned int run = 1; run <= 2; run++) {
		job_init(&job, &job_setup, &suites.suites[2], run);
		assert_int_equal(job.shift, 5 + run);
		text_reset(&command);
		report_rerun(&report, &job, NULL, &command);
		assert_string_equal(
			text_string(&command),
			run == 1 ?
				"make check SUITE=long KERNEL=debug" :
				"make check SUITE=long KERNEL=debug SEED=2 SHIFT=7");
		job_free(&job);
	}
	text_free(&command);
}

/* Whatever differs from make's defaults, as a shell reads it. */
static void rerun_sets_what_was_set(void **state)
{
	static const struct options set = {
		.board = "vexpress-a9",
		.kernel = DEFAULT_KERNEL,
		.test = "it's*",
		.make = {
			.list = { "PATCHES=../theirs", "O=a b", "SOAK=1" },
			.count = 3,
		},
	};
	const struct report other = { .options = &set };
	struct text command = { 0 };

	(void)state;
	report_rerun(&other, &jobs[1], NULL, &command);
	assert_string_equal(
		text_string(&command),
		"make check SUITE=unit TEST='it'\\''s*' BOARD=vexpress-a9 PATCHES=../theirs O='a b' SOAK=1");
	text_free(&command);
}

static void junit_is_well_formed(void **state)
{
	struct text why = { 0 };
	char path[64];
	xmlDocPtr document;
	xmlNodePtr root;
	xmlChar *value;

	(void)state;
	snprintf(path, sizeof(path), "%s/junit.xml", folder);
	assert_int_equal(junit_write(&report, path, &why), 0);
	document = xmlReadFile(path, NULL, XML_PARSE_NONET);
	assert_non_null(document);
	root = xmlDocGetRootElement(document);
	assert_string_equal((const char *)root->name, "testsuites");
	value = xmlGetProp(root, (const xmlChar *)"failures");
	assert_string_equal((const char *)value, "1");
	xmlFree(value);
	assert_int_equal(xmlChildElementCount(root), 2);
	xmlFreeDoc(document);
	xmlCleanupParser();
	unlink(path);
}

/* What the page says, too */
static void check_facts(json_t *root)
{
	const char *compiler;
	const char *volumes;
	const char *verdict;
	const char *output;
	const char *board;
	const char *seed;
	double began;
	double guest;
	double wall;
	int cut;

	assert_int_equal(
		json_unpack(
			root,
			"{s:s, s:f, s:{s:s, s:s, s:s}, s:[{s:s, s:f, s:[{}, {s:n, s:s, s:{s:[], s:i}, s:[]}]}, {s:f}]}",
			"verdict", &verdict, "wall_seconds", &wall, "facts",
			"board", &board, "seed", &seed, "compiler", &compiler,
			"suites", "volumes", &volumes, "guest_seconds", &guest,
			"tests", "same_as", "output", &output, "console",
			"lines", "cut", &cut, "sources", "began_seconds",
			&began),
		0);
	assert_string_equal(verdict, "splat");
	assert_string_equal(volumes, "rounds:5");
	assert_true(wall == 2.0);
	assert_true(guest == 2.5);
	assert_true(began == 1.0);
	assert_string_equal(board, "virt");
	assert_string_equal(seed, "1");
	assert_non_null(strstr(compiler, "\\x1b[31m"));
	assert_non_null(strstr(output, "second line\n"));
}

static void check_described(const json_t *value, const char *readme)
{
	const char *key;
	json_t *inner;
	size_t i;

	json_array_foreach(value, i, inner) check_described(inner, readme);
	json_object_foreach((json_t *)value, key, inner)
	{
		char quoted[64];

		snprintf(quoted, sizeof(quoted), "`%s`", key);
		if (!strstr(readme, quoted))
			fail_msg("tests/README.md does not describe %s", key);
		check_described(inner, readme);
	}
}

static void json_comes_back(void **state)
{
	struct text readme = { 0 };
	struct text why = { 0 };
	const char *message;
	const char *outcome;
	const char *status;
	json_error_t error;
	char path[64];
	json_t *root;
	int failed;

	(void)state;
	snprintf(path, sizeof(path), "%s/results.json", folder);
	assert_int_equal(json_write(&report, path, &why), 0);
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(root);
	assert_int_equal(
		json_unpack(root, "{s:i, s:[{s:s, s:[{}, {s:s, s:s}]}, {}]}",
			    "failed", &failed, "suites", "outcome", &outcome,
			    "tests", "status", &status, "message", &message),
		0);
	check_facts(root);
	read_fixture(&readme, "README.md");
	check_described(root, text_string(&readme));
	text_free(&readme);
	assert_int_equal(failed, 1);
	assert_string_equal(outcome, "splat");
	assert_string_equal(status, "failed");
	assert_string_equal(message, jobs[0].cases.cases[1].message);
	assert_non_null(strstr(message, "\\x1b[31m\\x7f\\x80\\xc0\\xaf"));
	assert_non_null(strstr(message, "\xf0\x9f\x98\x80"));
	json_decref(root);
	unlink(path);
}

static xmlChar *find_text(xmlNodePtr node, const char *tag, const char *class)
{
	xmlChar *found = NULL;

	for (; node && !found; node = node->next) {
		xmlChar *value = xmlGetProp(node, (const xmlChar *)"class");

		if (node->type == XML_ELEMENT_NODE && value &&
		    !strcmp((const char *)node->name, tag) &&
		    !strcmp((const char *)value, class))
			found = xmlNodeGetContent(node);
		xmlFree(value);
		if (!found)
			found = find_text(node->children, tag, class);
	}
	return found;
}

/* It is strict XML: one character that is not escaped would break it. */
static void page_is_well_formed_and_says_it_all(void **state)
{
	static const char *const said[] = {
		">prj2.run2<",
		"splat",
		"1 of 3 tests failed",
		"1 passed, 1 skipped",
		"host 1.5 s",
		"guest 2.5 s",
		"make check SUITE=prj2 ",
		"second line",
		"<dt>compiler</dt>",
		"prefers-color-scheme:dark",
	};
	struct text content = { 0 };
	struct text why = { 0 };
	xmlDocPtr document;
	xmlChar *message;
	char path[64];
	size_t i;

	(void)state;
	snprintf(path, sizeof(path), "%s/index.html", folder);
	assert_int_equal(html_write(&report, path, &why), 0);
	document = xmlReadFile(path, NULL, XML_PARSE_NONET);
	assert_non_null(document);
	message = find_text(xmlDocGetRootElement(document), "p", "message");
	assert_non_null(message);
	assert_string_equal((const char *)message,
			    jobs[0].cases.cases[1].message);
	xmlFree(message);
	xmlFreeDoc(document);
	xmlCleanupParser();
	assert_int_equal(file_read(path, &content, &why), 0);
	for (i = 0; i < sizeof(said) / sizeof(*said); i++) {
		if (!strstr(text_string(&content), said[i]))
			fail_msg("the page does not say: %s", said[i]);
	}
	/* Nothing is fetched, nothing runs. */
	assert_null(strstr(text_string(&content), "<script"));
	assert_null(strstr(text_string(&content), "http"));
	text_free(&content);
	unlink(path);
}

static void what_cannot_be_written_is_an_error(void **state)
{
	struct text why = { 0 };

	(void)state;
	assert_int_not_equal(junit_write(&report, "/nonexistent/j", &why), 0);
	assert_int_not_equal(json_write(&report, "/nonexistent/j", &why), 0);
	assert_int_not_equal(html_write(&report, "/nonexistent/j", &why), 0);
	assert_non_null(strstr(text_string(&why), "/nonexistent/j"));
	text_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_and_exit_code_follow_the_jobs),
		cmocka_unit_test(rerun_reproduces_exactly),
		cmocka_unit_test(suite_has_a_shift_of_its_own),
		cmocka_unit_test(rerun_sets_what_was_set),
		cmocka_unit_test(junit_is_well_formed),
		cmocka_unit_test(json_comes_back),
		cmocka_unit_test(page_is_well_formed_and_says_it_all),
		cmocka_unit_test(what_cannot_be_written_is_an_error),
	};

	return RUN_GROUP_IN(tests, make_report, free_report);
}
