// SPDX-License-Identifier: GPL-2.0-only
/* What is shown while suites run: a status line on a terminal, else lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "progress.h"

#define ERASE_LINE "\r\033[K"

void progress_begin(struct progress *progress, bool verbose)
{
	const char *terminal = getenv("TERM");
	const char *no_colour = getenv("NO_COLOR");

	*progress = (struct progress){ .verbose = verbose };
	progress->terminal = isatty(STDOUT_FILENO) && terminal &&
			     strcmp(terminal, "dumb");
	progress->colour = progress->terminal && !(no_colour && *no_colour);
}

const char *outcome_shown(enum outcome outcome, bool colour)
{
	static const char *const coloured[] = {
		[OUTCOME_PASSED] = "\033[32mpassed\033[m",
		[OUTCOME_FAILED] = "\033[31mfailed\033[m",
		[OUTCOME_SPLAT] = "\033[31msplat\033[m",
		[OUTCOME_HANG] = "\033[31mhang\033[m",
		[OUTCOME_BOOT] = "\033[31mboot\033[m",
		[OUTCOME_ERROR] = "\033[31merror\033[m",
	};

	return colour ? coloured[outcome] : outcome_name(outcome);
}

static void erase(struct progress *progress)
{
	if (progress->status.length)
		fputs(ERASE_LINE, stdout);
	text_reset(&progress->status);
}

void progress_started(struct progress *progress, const struct job *job)
{
	size_t i;

	if (!progress->verbose)
		return;
	erase(progress);
	fputs("+", stdout);
	for (i = 0; i < job->argv.count; i++)
		printf(strpbrk(job->argv.list[i], " *?[]$&;'\"\\()") ? " '%s'" :
								       " %s",
		       job->argv.list[i]);
	putchar('\n');
	fflush(stdout);
}

void progress_done(struct progress *progress, const struct job *job,
		   size_t count)
{
	size_t i;

	erase(progress);
	progress->done++;
	for (i = 0; progress->verbose && i < job->cases.count; i++) {
		const struct test_case *test = &job->cases.cases[i];

		printf("  %-7s %s%s%s\n", case_status_name(test->status),
		       test->name, *test->message ? ": " : "", test->message);
	}
	printf("[%zu/%zu] %s: %s\n", progress->done, count,
	       text_string(&job->name),
	       job->unselected ? "none selected" :
				 outcome_shown(job->outcome, progress->colour));
	fflush(stdout);
}

static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 80;
	return size.ws_col;
}

void progress_update(struct progress *progress, const struct job *jobs,
		     size_t count)
{
	struct text status = { 0 };
	size_t width = columns() - 1;
	size_t i;

	if (!progress->terminal)
		return;
	text_printf(&status, "[%zu/%zu]", progress->done, count);
	for (i = 0; i < count; i++) {
		const char *test;

		if (jobs[i].state != JOB_RUNNING)
			continue;
		test = job_current_test(&jobs[i]);
		text_printf(&status, " %s", text_string(&jobs[i].name));
		if (*test) {
			text_puts(&status, ":");
			text_add_clean(&status, test, strlen(test));
		}
	}
	if (status.length > width) {
		status.data[width] = '\0';
		status.length = width;
	}
	if (!status.failed &&
	    strcmp(text_string(&status), text_string(&progress->status))) {
		printf(ERASE_LINE "%s", status.data);
		fflush(stdout);
		text_free(&progress->status);
		progress->status = status;
		return;
	}
	text_free(&status);
}

void progress_end(struct progress *progress)
{
	erase(progress);
	text_free(&progress->status);
}
