// SPDX-License-Identifier: GPL-2.0-only
/* results.json, for programs; tests/README.md describes it. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
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

/* The value, escaped as what a guest printed is: it may hold any bytes. */
static json_t *clean_string(const char *string)
{
	struct text text = { 0 };
	json_t *value = NULL;

	text_add_clean(&text, string, strlen(string));
	if (!text.failed)
		value = json_string(text_string(&text));
	text_free(&text);
	return value;
}

static json_t *pack_lines(const struct text *text)
{
	const char *at = text_string(text);
	json_t *lines = json_array();

	while (*at && lines) {
		size_t length = strcspn(at, "\n");

		if (json_array_append_new(lines, json_stringn(at, length))) {
			json_decref(lines);
			lines = NULL;
		}
		at += length + (at[length] == '\n');
	}
	return lines;
}

static json_t *pack_sources(const struct evidence *evidence)
{
	json_t *sources = json_array();
	size_t i;

	for (i = 0; i < evidence->source_count && sources; i++) {
		const struct source_lines *source = &evidence->sources[i];
		json_t *value;

		value = json_pack("{s:s, s:i, s:i, s:o}", "file",
				  text_string(&source->file), "line",
				  (int)source->line, "first",
				  (int)source->first, "lines",
				  pack_lines(&source->text));
		if (json_array_append_new(sources, value)) {
			json_decref(sources);
			sources = NULL;
		}
	}
	return sources;
}

/* The first failure that is the same, if that is another one. */
static json_t *pack_same(const struct report *report,
			 const struct test_case *test)
{
	const struct failures *failures = &report->failures;
	const struct failure *first;
	size_t i;

	for (i = 0; i < failures->count; i++) {
		if (failures->list[i].test == test)
			break;
	}
	if (i == failures->count || failures->list[i].first == i)
		return json_null();
	first = &failures->list[failures->list[i].first];
	return json_pack("[s, i, s]", first->job->suite->name,
			 (int)first->job->run, first->test->name);
}

/* Adds what only tests that failed have. Returns -1 when memory ran out. */
static int add_evidence(json_t *value, const struct report *report,
			const struct job *job, const struct test_case *test)
{
	struct evidence evidence;
	json_t *more;
	int ret;

	evidence_find(&evidence, job, test);
	more = json_pack("{s:o, s:s, s:s, s:{s:i, s:o, s:i, s:i}, s:o}",
			 "same_as", pack_same(report, test), "splat",
			 text_string(&evidence.splat), "output",
			 text_string(&evidence.output), "console", "first",
			 (int)evidence.console_first, "lines",
			 pack_lines(&evidence.console), "cut",
			 (int)evidence.console_cut, "resumes",
			 (int)evidence.console_resumes, "sources",
			 pack_sources(&evidence));
	ret = more ? json_object_update(value, more) : -1;
	json_decref(more);
	evidence_free(&evidence);
	return ret;
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
		if (value && test->status == CASE_FAILED &&
		    add_evidence(value, report, job, test)) {
			json_decref(value);
			value = NULL;
		}
		if (json_array_append_new(tests, value)) {
			json_decref(tests);
			tests = NULL;
		}
	}
	return tests;
}

static json_t *pack_command(const struct job *job)
{
	json_t *command = json_array();
	size_t i;

	for (i = 0; i < job->argv.count && command; i++) {
		if (json_array_append_new(command,
					  clean_string(job->argv.list[i]))) {
			json_decref(command);
			command = NULL;
		}
	}
	return command;
}

/* How much the tests of a guest were to do */
static json_t *pack_volumes(const struct job *job)
{
	struct text volumes = { 0 };
	json_t *value;

	job_volumes(job, &volumes);
	value = volumes.failed ? NULL : json_string(text_string(&volumes));
	text_free(&volumes);
	return value;
}

static json_t *pack_suite(const struct report *report, const struct job *job)
{
	bool guest = job->suite->kind == SUITE_GUEST;
	double began = job->started_ms ?
			       (job->started_ms - report->began_ms) / 1000.0 :
			       0;
	json_t *shift = guest && job->suite->icount ? json_integer(job->shift) :
						      json_null();

	return json_pack(
		"{s:s, s:s, s:i, s:i, s:o, s:b, s:s, s:i, s:i, s:i, s:f, s:f, s:f, s:o, s:s, s:s, s:o, s:o, s:o}",
		"name", job->suite->name, "kind", guest ? "guest" : "host",
		"run", (int)job->run, "seed", (int)job->seed, "shift", shift,
		"selected", !job->unselected, "outcome",
		outcome_name(job->outcome), "passed",
		(int)cases_count(&job->cases, CASE_PASSED), "failed",
		(int)cases_count(&job->cases, CASE_FAILED), "skipped",
		(int)cases_count(&job->cases, CASE_SKIPPED), "wall_seconds",
		job->wall_ms / 1000.0, "began_seconds", began, "guest_seconds",
		job->guest_usec / 1e6, "volumes", pack_volumes(job), "log",
		text_string(&job->log), "error_log",
		text_string(&job->error_log), "command", pack_command(job),
		"rerun", rerun(report, job, NULL), "tests",
		pack_tests(report, job));
}

struct facts {
	json_t *object;
	bool failed;
};

static void add_fact(void *context, const char *name, const char *value)
{
	struct facts *facts = context;

	if (json_object_set_new(facts->object, name, clean_string(value)))
		facts->failed = true;
}

static json_t *pack_facts(const struct report *report)
{
	struct facts facts = { .object = json_object() };

	report_facts(report, add_fact, &facts);
	if (!facts.failed)
		return facts.object;
	json_decref(facts.object);
	return NULL;
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
	root = json_pack(
		"{s:i, s:s, s:s, s:i, s:i, s:i, s:s, s:f, s:o, s:i, s:i, s:i, s:o}",
		"schema", 1, "board", report->options->board, "kernel",
		report->options->kernel, "slowdown",
		(int)report->options->slowdown, "exit_code", report->exit_code,
		"interrupted", report->interrupted, "verdict",
		report_verdict(report), "wall_seconds",
		report->wall_ms / 1000.0, "facts", pack_facts(report), "passed",
		(int)report->passed, "failed", (int)report->failed, "skipped",
		(int)report->skipped, "suites", suites);
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
