// SPDX-License-Identifier: GPL-2.0-only
/* What became of one run of one suite. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job_end.h"

static void fail(struct job *job, enum outcome outcome, const char *name,
		 const char *message)
{
	cases_add(&job->cases, CASE_FAILED, name, message);
	if (outcome > job->outcome)
		job->outcome = outcome;
}

/* The first line that QEMU printed on its standard error. */
static void add_complaint(struct text *text, const char *path)
{
	char line[256];
	ssize_t length;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (length <= 0)
		return;
	line[length] = '\0';
	text_puts(text, ": ");
	text_add_clean(text, line, strcspn(line, "\n"));
}

static void describe_end(const struct job *job, struct text *why)
{
	int status = job->process.status;

	if (job->interrupted) {
		text_puts(why, "interrupted");
		return;
	}
	if (!status) {
		text_puts(why, "the guest powered off or reset");
		return;
	}
	if (WIFSIGNALED(status))
		text_printf(why, "QEMU died of signal %d (%s)",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		text_printf(why, "QEMU ended with status %d",
			    WEXITSTATUS(status));
	add_complaint(why, text_string(&job->error_log));
}

static void end_guest(struct job *job)
{
	struct text why = { 0 };

	describe_end(job, &why);
	/* QEMU itself failed, so the guest could not even begin. */
	if (!job->bytes && job->process.status && !job->interrupted &&
	    !job->verdict.hang.length && !job->error.length)
		text_puts(&job->error, text_string(&why));
	if (!job->error.length) {
		verdict_end(&job->verdict, text_string(&why));
		job->outcome = job->verdict.outcome;
	}
	if (why.failed)
		text_puts(&job->error, "memory ran out");
	text_free(&why);
	job->guest_usec = job->verdict.now;
	job->cases = job->verdict.cases;
	job->verdict.cases = (struct case_list){ 0 };
}

static void end_host(struct job *job)
{
	if (job->interrupted)
		tap_hang(&job->tap, "interrupted");
	if (!job->error.length) {
		tap_end(&job->tap, job->process.status);
		job->outcome = job->tap.outcome;
	}
	if (job->interrupted && job->outcome == OUTCOME_HANG)
		job->outcome = OUTCOME_FAILED;
	job->cases = job->tap.cases;
	job->tap.cases = (struct case_list){ 0 };
}

/*
 * A guest or program that knows nothing of the tests asked for was not judged
 * by passing: it is left out, and the caller sees whether any suite was not.
 */
static void check_selection(struct job *job)
{
	const char *glob = job->setup->options->test;
	size_t i;

	if (!glob || job->outcome != OUTCOME_PASSED)
		return;
	for (i = 0; i < job->cases.count; i++) {
		if (!fnmatch(glob, job->cases.cases[i].name, 0))
			return;
	}
	job->unselected = true;
	cases_free(&job->cases);
}

void job_end(struct job *job, uint64_t now_ms)
{
	bool started = job->state == JOB_RUNNING;

	job->state = JOB_DONE;
	if (started) {
		job->wall_ms = now_ms - job->started_ms;
		console_end(&job->console);
		if (job->log_fd >= 0 && close(job->log_fd) < 0 &&
		    !job->error.length)
			text_printf(&job->error, "cannot write %s: %s",
				    text_string(&job->log), strerror(errno));
		job->log_fd = -1;
		if (job->suite->kind == SUITE_GUEST)
			end_guest(job);
		else
			end_host(job);
	} else {
		fail(job, OUTCOME_FAILED, CASE_STARTED, "interrupted before");
	}
	if (job->cases.failed && !job->error.length)
		text_puts(&job->error, "memory ran out");
	if (job->error.length || job->error.failed)
		fail(job, OUTCOME_ERROR, CASE_RUNNER, text_string(&job->error));
	else if (job->outcome != OUTCOME_PASSED &&
		 !cases_count(&job->cases, CASE_FAILED))
		fail(job, OUTCOME_ERROR, CASE_RUNNER, "no reason was recorded");
	check_selection(job);
}
