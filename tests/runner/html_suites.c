// SPDX-License-Identifier: GPL-2.0-only
/* index.html: each suite with its times, and its tests. */
#include <string.h>

#include "html.h"

struct longest {
	uint64_t host_ms;
	uint64_t guest_ms;
};

static struct longest find_longest(const struct report *report)
{
	struct longest longest = { .host_ms = 1, .guest_ms = 1 };
	size_t i;

	for (i = 0; i < report->count; i++) {
		const struct job *job = &report->jobs[i];

		if (job->wall_ms > longest.host_ms)
			longest.host_ms = job->wall_ms;
		if (job->guest_usec / 1000 > longest.guest_ms)
			longest.guest_ms = job->guest_usec / 1000;
	}
	return longest;
}

static void add_bar(struct text *page, const char *class, uint64_t ms,
		    uint64_t longest)
{
	text_printf(
		page,
		"<span class=\"bar %s\"><i style=\"width:%.1f%%\"></i><span>%s ",
		class, 100.0 * ms / longest, class);
	html_time(page, ms);
	text_puts(page, "</span></span>");
}

static void add_summary(struct text *page, const struct job *job,
			const struct longest *longest)
{
	const char *outcome = job->unselected ? "none selected" :
						outcome_name(job->outcome);
	size_t failed = cases_count(&job->cases, CASE_FAILED);

	text_puts(page, "<summary>");
	html_element(page, "span", "name", text_string(&job->name));
	text_printf(page, "<span><span class=\"word %s\">%s</span>",
		    outcome_name(job->outcome), outcome);
	text_puts(page, " <span class=\"soft small\">");
	if (failed)
		text_printf(page, "%zu of ", failed);
	text_printf(page, "%zu %s%s</span></span>", job->cases.count,
		    job->cases.count == 1 ? "test" : "tests",
		    failed ? " failed" : "");
	add_bar(page, "host", job->wall_ms, longest->host_ms);
	if (job->suite->kind == SUITE_GUEST)
		add_bar(page, "guest", job->guest_usec / 1000,
			longest->guest_ms);
	text_puts(page, "</summary>\n");
}

/* The number of the failure on this page, for a link. */
static size_t failure_number(const struct report *report,
			     const struct test_case *test)
{
	size_t i;

	for (i = 0; i < report->failures.count; i++) {
		if (report->failures.list[i].test == test)
			break;
	}
	return i;
}

static void add_test(struct text *page, const struct report *report,
		     const struct test_case *test)
{
	const char *status = case_status_name(test->status);

	text_printf(
		page,
		"<tr><td class=\"state\"><span class=\"word %s\">%s</span></td><td>",
		status, status);
	if (test->status == CASE_FAILED) {
		text_printf(page, "<a class=\"name\" href=\"#f%zu\">",
			    failure_number(report, test));
		html_text(page, test->name);
		text_puts(page, "</a>");
	} else {
		html_element(page, "span", "name", test->name);
	}
	if (*test->message) {
		text_puts(page, " ");
		html_element(page, "span", "soft small", test->message);
	}
	text_puts(page, "</td><td class=\"time\">");
	if (test->usec)
		html_time(page, test->usec / 1000);
	else
		text_puts(page, "\xe2\x80\x93");
	text_puts(page, "</td></tr>\n");
}

static void add_tests(struct text *page, const struct report *report,
		      const struct job *job)
{
	size_t i;

	if (!job->cases.count)
		return;
	text_printf(
		page,
		"<table><tr><th></th><th>test</th><th class=\"time\">%s</th></tr>\n",
		job->suite->kind == SUITE_GUEST ? "guest time" : "time");
	for (i = 0; i < job->cases.count; i++)
		add_test(page, report, &job->cases.cases[i]);
	text_puts(page, "</table>\n");
}

static void add_suite(struct text *page, const struct report *report,
		      const struct job *job, const struct longest *longest)
{
	struct text command = { 0 };
	struct text volumes = { 0 };
	size_t i;

	text_puts(page, "<details class=\"suite\">");
	add_summary(page, job, longest);
	text_puts(page, "<div class=\"inside\">\n");
	add_tests(page, report, job);
	job_volumes(job, &volumes);
	if (volumes.length) {
		text_puts(page, "<p class=\"soft small\">Volume: ");
		html_text(page, text_string(&volumes));
		text_puts(page, "</p>\n");
	}
	page->failed |= volumes.failed;
	text_free(&volumes);
	report_rerun(report, job, NULL, &command);
	text_puts(
		page,
		"<p class=\"rerun\"><span class=\"soft\">Run it again:</span>");
	html_element(page, "code", NULL, text_string(&command));
	text_puts(page, "</p>\n<p class=\"small\">");
	html_log(page, text_string(&job->log));
	text_puts(page, ", ");
	html_log(page, text_string(&job->error_log));
	text_puts(page, "</p>\n");
	if (job->argv.count) {
		text_puts(
			page,
			"<details class=\"small\"><summary>The command</summary><pre>");
		for (i = 0; i < job->argv.count; i++) {
			struct text word = { 0 };

			text_add_shell(&word, job->argv.list[i]);
			html_text(page, text_string(&word));
			text_puts(page, i + 1 < job->argv.count ? " " : "");
			page->failed |= word.failed;
			text_free(&word);
		}
		text_puts(page, "</pre></details>\n");
	}
	text_puts(page, "</div></details>\n");
	page->failed |= command.failed;
	text_free(&command);
}

void html_suites(struct text *page, const struct report *report)
{
	struct longest longest = find_longest(report);
	size_t i;

	text_puts(page, "<h2>Suites</h2>\n<p class=\"key small\">");
	text_puts(page, "<span class=\"host\"><i></i>host time, the longest: ");
	html_time(page, longest.host_ms);
	text_puts(
		page,
		"</span> <span class=\"guest\"><i></i>guest time, by the guest's own clock, the longest: ");
	html_time(page, longest.guest_ms);
	text_puts(page, "</span></p>\n<div>\n");
	for (i = 0; i < report->count; i++)
		add_suite(page, report, &report->jobs[i], &longest);
	text_puts(page, "</div>\n");
}
