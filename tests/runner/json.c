// SPDX-License-Identifier: GPL-2.0-only
/*
 * results.json, for programs. Keys are only ever added while "schema" stays:
 *
 *	schema		1
 *	board, kernel	names
 *	slowdown	how many times slower than release the kernel is
 *	exit_code	the runner's
 *	interrupted	the signal that ended the runner early, or 0
 *	passed, failed, skipped		numbers of tests
 *	suites		list, a run of a suite each, in order:
 *	  name		the suite's, from suites.conf
 *	  kind		"guest" or "host"
 *	  run		1 for its first run
 *	  seed, shift	that reproduce it; "shift" is null without icount
 *	  selected	false: none of its tests has the name asked for
 *	  outcome	"passed", "failed", "splat", "hang", "boot" or "error"
 *	  passed, failed, skipped	numbers of tests
 *	  wall_seconds	how long it took here
 *	  log, error_log	paths, as seen from where the runner was started
 *	  command	list: the program and its arguments
 *	  rerun		shell command
 *	  tests		list, in order:
 *	    name	unique unless the suite's own names are not
 *	    status	"passed", "failed" or "skipped"
 *	    message	why, one line, or ""
 *	    detail	further lines, or ""
 *	    seconds	by the guest's clock; 0 when unknown
 *	    rerun	shell command
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "report.h"

static json_t *rerun(const struct report *report, const struct job *job,
		     const struct test_case *test)
{
	struct text command = { 0 };
	json_t *value;

	report_rerun(report, job, test, &command);
	value = command.failed ? NULL : json_string(text_string(&command));
	text_free(&command);
	return value;
}

static json_t *pack_tests(const struct report *report, const struct job *job)
{
	json_t *tests = json_array();
	size_t i;

	for (i = 0; i < job->cases.count && tests; i++) {
		const struct test_case *test = &job->cases.cases[i];
		json_t *value;

		value = json_pack("{s:s, s:s, s:s, s:s, s:f, s:o}", "name",
				  test->name, "status",
				  case_status_name(test->status), "message",
				  test->message, "detail", test->detail,
				  "seconds", test->usec / 1e6, "rerun",
				  rerun(report, job, test));
		if (json_array_append_new(tests, value)) {
			json_decref(tests);
			tests = NULL;
		}
	}
	return tests;
}

/* What was run may hold any bytes: they are escaped as a guest's are. */
static json_t *pack_command(const struct job *job)
{
	json_t *command = json_array();
	size_t i;

	for (i = 0; i < job->argv.count && command; i++) {
		const char *argument = job->argv.list[i];
		struct text text = { 0 };

		text_add_clean(&text, argument, strlen(argument));
		if (text.failed ||
		    json_array_append_new(command,
					  json_string(text_string(&text)))) {
			json_decref(command);
			command = NULL;
		}
		text_free(&text);
	}
	return command;
}

static json_t *pack_suite(const struct report *report, const struct job *job)
{
	bool guest = job->suite->kind == SUITE_GUEST;
	json_t *shift = guest && job->suite->icount ? json_integer(job->shift) :
						      json_null();

	return json_pack(
		"{s:s, s:s, s:i, s:i, s:o, s:b, s:s, s:i, s:i, s:i, s:f, s:s, s:s, s:o, s:o, s:o}",
		"name", job->suite->name, "kind", guest ? "guest" : "host",
		"run", (int)job->run, "seed", (int)job->seed, "shift", shift,
		"selected", !job->unselected, "outcome",
		outcome_name(job->outcome), "passed",
		(int)cases_count(&job->cases, CASE_PASSED), "failed",
		(int)cases_count(&job->cases, CASE_FAILED), "skipped",
		(int)cases_count(&job->cases, CASE_SKIPPED), "wall_seconds",
		job->wall_ms / 1000.0, "log", text_string(&job->log),
		"error_log", text_string(&job->error_log), "command",
		pack_command(job), "rerun", rerun(report, job, NULL), "tests",
		pack_tests(report, job));
}

int json_write(const struct report *report, const char *path, struct text *why)
{
	json_t *suites = json_array();
	char *content = NULL;
	json_t *root;
	size_t i;
	int ret;

	for (i = 0; i < report->count && suites; i++) {
		if (json_array_append_new(
			    suites, pack_suite(report, &report->jobs[i]))) {
			json_decref(suites);
			suites = NULL;
		}
	}
	root = json_pack("{s:i, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:o}",
			 "schema", 1, "board", report->options->board, "kernel",
			 report->options->kernel, "slowdown",
			 (int)report->options->slowdown, "exit_code",
			 report->exit_code, "interrupted", report->interrupted,
			 "passed", (int)report->passed, "failed",
			 (int)report->failed, "skipped", (int)report->skipped,
			 "suites", suites);
	if (root)
		content = json_dumps(root, JSON_INDENT(1));
	if (content) {
		ret = file_write(path, content, strlen(content), why);
	} else {
		text_printf(why, "%s: memory ran out, or a path is not UTF-8",
			    path);
		ret = -ENOMEM;
	}
	free(content);
	json_decref(root);
	return ret;
}
