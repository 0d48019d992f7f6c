// SPDX-License-Identifier: GPL-2.0-only
/* One run of one suite, from its start to its verdict. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "job.h"
#include "job_end.h"
#include "qemu.h"

/*
 * How long a program has between the request to end and being killed. QEMU has
 * nothing to save, but a host program may run guests of its own, and has to end
 * those first.
 */
#define TERM_GUEST_MS 500
#define TERM_HOST_MS 3000
/*
 * How long to wait for output after the exit, while other processes hold the
 * pipe
 */
#define DRAIN_MS 2000
/* No suite prints so much. A guest that floods its console hangs. */
#define OUTPUT_MAX (UINT64_C(32) << 20)
/*
 * How many reads are made at a time, so that one guest's flood does not starve
 * the others
 */
#define READS_AT_ONCE 16

static bool is_guest(const struct job *job)
{
	return job->suite->kind == SUITE_GUEST;
}

void job_init(struct job *job, const struct job_setup *setup,
	      const struct suite *suite, unsigned int run)
{
	const struct options *options = setup->options;

	*job = (struct job){
		.setup = setup,
		.suite = suite,
		.run = run,
		.seed = options->seed + run - 1,
		.shift = job_least_shift(suite, options->shift) + (run - 1) % 3,
		.log_fd = -1,
		.process.output = -1,
	};
	text_puts(&job->name, suite->name);
	if (run > 1)
		text_printf(&job->name, ".run%u", run);
	text_printf(&job->log, "%s/%s.%s", options->output,
		    text_string(&job->name),
		    is_guest(job) ? "console.log" : "stdout.log");
	text_printf(&job->error_log, "%s/%s.%s", options->output,
		    text_string(&job->name),
		    is_guest(job) ? "qemu.log" : "stderr.log");
}

/* Asks the program to end; job_tick() kills it if it does not. */
static void stop(struct job *job, uint64_t now_ms)
{
	if (job->kill_ms)
		return;
	process_signal(&job->process, SIGTERM);
	job->kill_ms = now_ms + (is_guest(job) ? TERM_GUEST_MS : TERM_HOST_MS);
}

static void error(struct job *job, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The runner cannot do its work: whatever the suite says, it did not pass. */
static void error(struct job *job, const char *format, ...)
{
	va_list arguments;

	if (job->error.length)
		return;
	va_start(arguments, format);
	text_vprintf(&job->error, format, arguments);
	va_end(arguments);
	if (!job->error.length)
		text_puts(&job->error, "memory ran out");
}

static void hang(struct job *job, uint64_t now_ms, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void hang(struct job *job, uint64_t now_ms, const char *format, ...)
{
	va_list arguments;
	char how[160];

	if (job->kill_ms)
		return;
	va_start(arguments, format);
	vsnprintf(how, sizeof(how), format, arguments);
	va_end(arguments);
	if (is_guest(job))
		verdict_hang(&job->verdict, how);
	else
		tap_hang(&job->tap, how);
	stop(job, now_ms);
}

static void prepare_guest(struct job *job)
{
	const struct options *options = job->setup->options;
	const struct arguments *base = job->suite->fit ?
					       &job->setup->qemu_fit :
					       &job->setup->qemu_kernel;
	struct qemu_run run = {
		.suite = job->suite,
		.test = options->test,
		.seed = job->seed,
		.shift = job->shift,
		.slowdown = options->slowdown,
		.soak = options->soak,
		.swap = &job->setup->qemu_swap,
	};

	if (job->suite->swap_disk && !run.swap->count)
		error(job, "no --qemu swap=FILE was given");
	else if (!base->count)
		error(job, "no --qemu %s=FILE was given",
		      job->suite->fit ? "fit" : "kernel");
	else if (qemu_arguments(&job->argv, base, &run))
		error(job, "memory ran out");
	verdict_begin(&job->verdict, job->suite->name, options->slowdown,
		      &job->setup->splats);
	job->verdict.selection = options->test;
	job->console = (struct console){
		.fn = verdict_line,
		.context = &job->verdict,
	};
	stall_begin(&job->stall, options->stall);
}

static void prepare_host(struct job *job)
{
	const struct options *options = job->setup->options;

	arguments_add(&job->argv, "%s/%s", options->host_dir, job->suite->path);
	if (job->argv.failed)
		error(job, "memory ran out");
	tap_begin(&job->tap);
	job->tap.selection = options->test;
	job->console = (struct console){
		.fn = tap_line,
		.context = &job->tap,
		.plain = true,
	};
}

static int create_log(struct job *job, const struct text *path)
{
	int fd = -1;

	if (path->failed || job->name.failed)
		errno = ENOMEM;
	else
		fd = open(path->data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			  0666);
	if (fd < 0)
		error(job, "cannot write %s: %s", text_string(path),
		      strerror(errno));
	return fd;
}

void job_start(struct job *job, uint64_t now_ms)
{
	static const struct arguments nothing;
	const struct options *options = job->setup->options;
	uint64_t factor = is_guest(job) ? options->slowdown : 1;
	int errors;
	int ret = 0;

	job->state = JOB_RUNNING;
	job->started_ms = now_ms;
	if (options->soak)
		factor *= SOAK_PATIENCE;
	job->deadline_ms = now_ms + job->suite->timeout * 1000 * factor;
	if (is_guest(job))
		prepare_guest(job);
	else
		prepare_host(job);
	job->log_fd = create_log(job, &job->log);
	errors = create_log(job, &job->error_log);
	if (!job->error.length)
		ret = process_start(&job->process, &job->argv,
				    is_guest(job) ? &nothing :
						    &job->setup->environment,
				    errors);
	if (ret)
		error(job, "cannot run %s: %s", job->argv.list[0],
		      strerror(-ret));
	if (errors >= 0)
		close(errors);
	if (job->error.length)
		job_end(job, now_ms);
}

static void take_output(struct job *job, const char *data, size_t length,
			uint64_t now_ms)
{
	int ret = write_all(job->log_fd, data, length);

	if (ret) {
		error(job, "cannot write %s: %s", text_string(&job->log),
		      strerror(-ret));
		stop(job, now_ms);
	}
	job->bytes += length;
	console_feed(&job->console, data, length);
	if (is_guest(job) && job->verdict.over)
		stop(job, now_ms);
	if (job->bytes > OUTPUT_MAX)
		hang(job, now_ms, "more than %u MiB of output",
		     (unsigned int)(OUTPUT_MAX >> 20));
}

static void close_output(struct job *job)
{
	close(job->process.output);
	job->process.output = -1;
}

void job_read(struct job *job, uint64_t now_ms)
{
	struct stall_sample sample;
	char data[16384];
	unsigned int i;

	for (i = 0; i < READS_AT_ONCE && job->process.output >= 0; i++) {
		ssize_t length = read(job->process.output, data, sizeof(data));

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno == EAGAIN)
			break;
		if (length < 0)
			error(job, "cannot read the output: %s",
			      strerror(errno));
		if (length <= 0)
			close_output(job);
		else
			take_output(job, data, length, now_ms);
	}
	if (is_guest(job) && process_sample(&job->process, &sample))
		stall_output(&job->stall, &sample);
}

static void check_stall(struct job *job, uint64_t now_ms)
{
	struct stall_sample sample;

	if (!process_sample(&job->process, &sample))
		return;
	switch (stall_check(&job->stall, now_ms, &sample)) {
	case STALL_BUSY:
		hang(job, now_ms,
		     "busy: QEMU used %llu s of CPU time without any output",
		     (unsigned long long)job->stall.busy_ms / 1000);
		break;
	case STALL_IDLE:
		hang(job, now_ms,
		     "idle: QEMU slept for %llu s without any output",
		     (unsigned long long)job->stall.idle_ms / 1000);
		break;
	case STALL_NONE:
		break;
	}
}

void job_tick(struct job *job, uint64_t now_ms)
{
	bool exited = process_reap(&job->process);

	if (exited && job->process.output >= 0) {
		/* Another process may still hold the other end of the pipe. */
		if (!job->drain_ms)
			job->drain_ms = now_ms + DRAIN_MS;
		else if (now_ms >= job->drain_ms)
			close_output(job);
		return;
	}
	if (exited) {
		job_end(job, now_ms);
		return;
	}
	if (job->kill_ms) {
		if (now_ms >= job->kill_ms)
			process_signal(&job->process, SIGKILL);
		return;
	}
	if (now_ms >= job->deadline_ms)
		hang(job, now_ms,
		     "backstop: not finished after %llu s of wall-clock time",
		     (unsigned long long)(now_ms - job->started_ms) / 1000);
	else if (is_guest(job))
		check_stall(job, now_ms);
}

void job_interrupt(struct job *job, uint64_t now_ms)
{
	job->interrupted = true;
	if (job->state == JOB_RUNNING)
		stop(job, now_ms);
	else if (job->state == JOB_WAITING)
		job_end(job, now_ms);
}

void job_volumes(const struct job *job, struct text *text)
{
	const struct options *options = job->setup->options;

	volumes_print(text, &job->suite->volumes, options->soak,
		      options->slowdown > 1);
}

const char *job_current_test(const struct job *job)
{
	return is_guest(job) ? job->verdict.running.name : "";
}

void job_free(struct job *job)
{
	verdict_free(&job->verdict);
	tap_free(&job->tap);
	cases_free(&job->cases);
	arguments_free(&job->argv);
	text_free(&job->name);
	text_free(&job->log);
	text_free(&job->error_log);
	text_free(&job->error);
}
