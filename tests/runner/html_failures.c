// SPDX-License-Identifier: GPL-2.0-only
/* index.html: each failure, with all that is known about it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "html.h"

/*
 * Adds numbered lines, from @first on; after @cut of them, unless that is 0, they
 * go on with number @resumes. Line @marked is marked.
 */
static void add_lines(struct text *page, const char *lines, unsigned long first,
		      unsigned long cut, unsigned long resumes,
		      unsigned long marked)
{
	unsigned long number = first;

	text_puts(page, "<pre>");
	while (*lines) {
		size_t length = strcspn(lines, "\n");
		char *line = strndup(lines, length);

		if (!line) {
			page->failed = true;
			return;
		}
		text_printf(page, "<span class=\"no\">%5lu</span> ", number);
		if (number == marked)
			html_element(page, "mark", NULL, line);
		else
			html_text(page, line);
		text_puts(page, "\n");
		free(line);
		lines += length + (lines[length] == '\n');
		number++;
		if (cut && number == first + cut) {
			text_printf(
				page,
				"<span class=\"no\">  ...</span> <span class=\"soft\">%lu lines</span>\n",
				resumes - number);
			number = resumes;
		}
	}
	text_puts(page, "</pre>\n");
}

static void add_sources(struct text *page, const struct evidence *evidence)
{
	size_t i;

	for (i = 0; i < evidence->source_count; i++) {
		const struct source_lines *source = &evidence->sources[i];

		text_puts(page, "<details open=\"\"><summary>Source: <code>");
		html_text(page, text_string(&source->file));
		text_printf(page, ":%lu</code></summary>\n", source->line);
		add_lines(page, text_string(&source->text), source->first, 0, 0,
			  source->line);
		text_puts(page, "</details>\n");
	}
}

static void add_block(struct text *page, const char *title, bool open,
		      const struct text *lines)
{
	if (!lines->length)
		return;
	text_printf(page, "<details%s><summary>%s</summary>\n<pre>",
		    open ? " open=\"\"" : "", title);
	html_text(page, text_string(lines));
	text_puts(page, "</pre></details>\n");
}

static void add_console(struct text *page, const struct job *job,
			const struct test_case *test,
			const struct evidence *evidence)
{
	if (!evidence->console.length)
		return;
	text_printf(
		page, "<details open=\"\"><summary>%s around it</summary>\n",
		job->suite->kind == SUITE_GUEST ? "The console" : "The output");
	add_lines(page, text_string(&evidence->console),
		  evidence->console_first, evidence->console_cut,
		  evidence->console_resumes, test->last_line);
	text_puts(page, "</details>\n");
}

static void add_rerun(struct text *page, const struct report *report,
		      const struct job *job, const struct test_case *test)
{
	struct text command = { 0 };

	report_rerun(report, job, test, &command);
	text_puts(
		page,
		"<p class=\"rerun\"><span class=\"soft\">Run it again:</span>");
	html_element(page, "code", NULL, text_string(&command));
	text_puts(page, "</p>\n");
	page->failed |= command.failed;
	text_free(&command);
}

static void add_evidence(struct text *page, const struct report *report,
			 const struct failure *failure)
{
	const struct test_case *test = failure->test;
	const struct job *job = failure->job;
	struct evidence evidence;

	evidence_find(&evidence, job, test);
	html_element(page, "p", "message",
		     *test->message ? test->message : "no reason given");
	text_puts(page, "\n");
	add_rerun(page, report, job, test);
	add_block(page, "The kernel's messages", true, &evidence.splat);
	add_sources(page, &evidence);
	add_console(page, job, test, &evidence);
	/* On the host it is what the console has, in other words. */
	add_block(page, "What it printed", !evidence.console.length,
		  &evidence.output);
	text_puts(page, "<p class=\"small\">All of it: ");
	html_log(page, text_string(&job->log));
	text_puts(page, "</p>\n");
	evidence_free(&evidence);
}

static void add_title(struct text *page, const struct failure *failure)
{
	const struct job *job = failure->job;

	html_text(page, text_string(&job->name));
	text_puts(page, ": ");
	html_text(page, failure->test->name);
	if (job->run > 1)
		text_printf(page,
			    " <span class=\"soft\">(seed %u, shift %u)</span>",
			    job->seed, job->shift);
}

static void add_others(struct text *page, const struct report *report,
		       size_t first)
{
	const struct failures *failures = &report->failures;
	size_t i;

	text_printf(page, "<details><summary>The same in %zu more</summary>\n",
		    failures->list[first].count - 1);
	for (i = first + 1; i < failures->count; i++) {
		if (failures->list[i].first != first)
			continue;
		text_printf(page,
			    "<details class=\"failure\" id=\"f%zu\"><summary>",
			    i);
		add_title(page, &failures->list[i]);
		text_puts(page, "</summary>\n");
		add_evidence(page, report, &failures->list[i]);
		text_puts(page, "</details>\n");
	}
	text_puts(page, "</details>\n");
}

void html_failures(struct text *page, const struct report *report)
{
	const struct failures *failures = &report->failures;
	size_t i;

	if (!failures->count)
		return;
	text_puts(page, "<h2 id=\"failures\">What failed</h2>\n");
	for (i = 0; i < failures->count; i++) {
		const struct failure *failure = &failures->list[i];

		if (failure->first != i)
			continue;
		text_printf(page,
			    "<article class=\"failure\" id=\"f%zu\">\n<h3>", i);
		add_title(page, failure);
		text_puts(page, "</h3>\n");
		add_evidence(page, report, failure);
		if (failure->count > 1)
			add_others(page, report, i);
		text_puts(page, "</article>\n");
	}
}
