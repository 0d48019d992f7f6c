// SPDX-License-Identifier: GPL-2.0-only
/* The runner: runs suites here and in guests, and judges them. */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "pool.h"
#include "progress.h"
#include "report.h"
#include "setup.h"

static int complain(struct text *why)
{
	fprintf(stderr, "runner: %s\n", text_string(why));
	text_free(why);
	return OUTCOME_ERROR;
}

static int write_reports(const struct report *report, struct text *why)
{
	struct text path = { 0 };
	int ret;

	text_printf(&path, "%s/junit.xml", report->options->output);
	ret = junit_write(report, text_string(&path), why);
	text_reset(&path);
	text_printf(&path, "%s/results.json", report->options->output);
	if (!ret)
		ret = json_write(report, text_string(&path), why);
	text_reset(&path);
	text_printf(&path, "%s/index.html", report->options->output);
	if (!ret)
		ret = html_write(report, text_string(&path), why);
	text_free(&path);
	return ret;
}

static int run(struct setup *setup, const struct options *options,
	       struct text *why)
{
	struct progress progress;
	struct report report;
	int signal;
	int code;

	progress_begin(&progress, options->verbose);
	signal = pool_run(setup->jobs, setup->count, options->jobs, &progress);
	report_begin(&report, options, setup->jobs, setup->count, signal);
	code = report.exit_code;
	if (write_reports(&report, why))
		code = complain(why);
	if (report_print(&report, progress.colour)) {
		text_puts(why, "cannot write the summary");
		code = complain(why);
	}
	report_free(&report);
	return code;
}

int main(int argc, char *argv[])
{
	struct text why = { 0 };
	struct options options;
	struct setup setup = { 0 };
	int code;

	if (options_parse(&options, argc, argv, &why)) {
		text_puts(&why, "; see --help");
		return complain(&why);
	}
	if (options.help) {
		fputs(options_help, stdout);
		return 0;
	}
	pool_catch_signals();
	if (setup_read(&setup, &options, &why)) {
		code = complain(&why);
	} else if (options.list) {
		code = setup_list(&setup, &why) ? complain(&why) : 0;
	} else if (setup_select(&setup, &why)) {
		code = complain(&why);
	} else if (setup_output(&setup, &why)) {
		code = complain(&why);
	} else {
		code = run(&setup, &options, &why);
	}
	setup_free(&setup);
	text_free(&why);
	return code;
}
