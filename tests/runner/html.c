// SPDX-License-Identifier: GPL-2.0-only
/*
 * index.html: one page that needs nothing else, neither a network nor a script.
 * What a guest printed is in it, so everything is escaped. It is well-formed XML,
 * too, for tests and programs.
 */
#include <errno.h>
#include <string.h>

#include "file.h"
#include "html.h"

void html_text(struct text *page, const char *string)
{
	struct text clean = { 0 };
	const char *at;

	while (*string) {
		size_t length = strcspn(string, "\n");

		text_add_clean(&clean, string, length);
		string += length;
		if (*string) {
			text_puts(&clean, "\n");
			string++;
		}
	}
	for (at = text_string(&clean); *at; at++) {
		switch (*at) {
		case '&':
			text_puts(page, "&amp;");
			break;
		case '<':
			text_puts(page, "&lt;");
			break;
		case '>':
			text_puts(page, "&gt;");
			break;
		case '"':
			text_puts(page, "&quot;");
			break;
		default:
			text_add(page, at, 1);
		}
	}
	page->failed |= clean.failed;
	text_free(&clean);
}

void html_element(struct text *page, const char *tag, const char *class,
		  const char *string)
{
	text_printf(page, "<%s", tag);
	if (class)
		text_printf(page, " class=\"%s\"", class);
	text_puts(page, ">");
	html_text(page, string);
	text_printf(page, "</%s>", tag);
}

void html_time(struct text *page, uint64_t ms)
{
	unsigned long long seconds = (ms + 500) / 1000;

	if (ms < 1000)
		text_printf(page, "%.2f s", ms / 1000.0);
	else if (ms < 60000)
		text_printf(page, "%.1f s", ms / 1000.0);
	else if (seconds < 3600)
		text_printf(page, "%llu min %llu s", seconds / 60,
			    seconds % 60);
	else
		text_printf(page, "%llu h %llu min", seconds / 3600,
			    seconds / 60 % 60);
}

void html_log(struct text *page, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	text_puts(page, "<a href=\"");
	html_text(page, name);
	text_puts(page, "\">");
	html_text(page, name);
	text_puts(page, "</a>");
}

static void add_share(struct text *page, const char *class, size_t count)
{
	if (count)
		text_printf(page,
			    "<i class=\"%s\" style=\"flex-grow:%zu\"></i>",
			    class, count);
}

struct heading {
	struct text *page;
	bool any;
};

/* What tells one run from another at a glance */
static void add_heading_fact(void *context, const char *name, const char *value)
{
	static const char *const names[] = { "board", "kernel",
					     "kernel_version", "commit",
					     "date" };
	struct heading *heading = context;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]))
			continue;
		text_puts(heading->page, heading->any ? ", " : "");
		html_text(heading->page, value);
		heading->any = true;
	}
}

static void add_heading_facts(struct text *page, const struct report *report)
{
	struct heading heading = { .page = page };

	report_facts(report, add_heading_fact, &heading);
}

static void add_verdict(struct text *page, const struct report *report)
{
	static const char *const words[] = {
		[OUTCOME_PASSED] = "passed",
		[OUTCOME_FAILED] = "failed",
		[OUTCOME_SPLAT] = "failed: trouble in the kernel",
		[OUTCOME_HANG] = "failed: a hang",
		[OUTCOME_BOOT] = "failed: no boot",
		[OUTCOME_ERROR] = "an error of the run itself",
	};
	size_t total = report->passed + report->failed + report->skipped;

	text_printf(
		page,
		"<header class=\"verdict %s\">\n<h1>mm_limit: <b>%s</b></h1>\n<p>",
		report_verdict(report),
		(unsigned int)report->exit_code <= OUTCOME_ERROR ?
			words[report->exit_code] :
			"interrupted");
	if (report->failed)
		text_printf(page,
			    "<a href=\"#failures\">%zu of %zu tests failed</a>",
			    report->failed, total);
	else if (total)
		text_printf(page, "none of %zu tests failed", total);
	else
		text_puts(page, "no test ran");
	text_printf(page, "; %zu passed, %zu skipped. %zu %s, ", report->passed,
		    report->skipped, report->count,
		    report->count == 1 ? "suite" : "suites");
	html_time(page, report->wall_ms);
	text_puts(page, " in all.</p>\n<p class=\"soft small\">");
	add_heading_facts(page, report);
	text_puts(page, "</p>\n");
	if (report->interrupted)
		text_printf(page, "<p>Interrupted by signal %d (%s).</p>\n",
			    report->interrupted,
			    strsignal(report->interrupted));
	text_puts(page, "<div class=\"share\">");
	add_share(page, "failed", report->failed);
	add_share(page, "passed", report->passed);
	add_share(page, "skipped", report->skipped);
	text_puts(page, "</div>\n</header>\n");
}

/* "kernel_version" is read as "kernel version", a make variable as it is. */
static void add_fact(void *context, const char *name, const char *value)
{
	struct text *page = context;
	size_t i;

	text_puts(page, "<div><dt>");
	for (i = 0; name[i]; i++)
		text_add(page, name[i] == '_' ? " " : name + i, 1);
	text_puts(page, "</dt><dd>");
	html_text(page, *value ? value : "(empty)");
	text_puts(page, "</dd></div>\n");
}

static void add_page(struct text *page, const struct report *report)
{
	text_puts(
		page,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n"
		"<title>mm_limit: ");
	text_puts(page, report_verdict(report));
	text_printf(page, ", %zu failed</title>\n<style>\n", report->failed);
	text_puts(page, html_style);
	text_puts(page, "</style>\n</head>\n<body>\n<main>\n");
	add_verdict(page, report);
	html_failures(page, report);
	html_suites(page, report);
	text_puts(page, "<h2>What ran</h2>\n<dl class=\"facts\">\n");
	report_facts(report, add_fact, page);
	text_puts(
		page,
		"</dl>\n<p class=\"soft small\">The same for programs: "
		"<a href=\"results.json\">results.json</a>, <a href=\"junit.xml\">junit.xml</a>.</p>\n"
		"</main>\n</body>\n</html>\n");
}

int html_write(const struct report *report, const char *path, struct text *why)
{
	struct text page = { 0 };
	int ret;

	add_page(&page, report);
	if (page.failed || report->failures.failed) {
		text_printf(why, "%s: memory ran out", path);
		ret = -ENOMEM;
	} else {
		ret = file_write(path, page.data, page.length, why);
	}
	text_free(&page);
	return ret;
}
