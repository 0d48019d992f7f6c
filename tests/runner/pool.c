// SPDX-License-Identifier: GPL-2.0-only
/* Runs the jobs, several at once, in one poll loop. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "pool.h"

/* How often to look at CPU time and deadlines. */
#define TICK_MS 250
/* The same, while waiting for the exit of a process that closed its output. */
#define EXIT_TICK_MS 5

static volatile sig_atomic_t interrupted;

static void note_signal(int signal)
{
	interrupted = signal;
}

/* Signals stay blocked except while polling, so that none is missed. */
void pool_catch_signals(void)
{
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

/* A guest with several CPUs in real time needs all of the host's CPUs. */
static bool is_real_time(const struct job *job)
{
	return !job->suite->icount && job->suite->smp > 1;
}

static struct job *next_waiting(struct job *jobs, size_t count,
				enum suite_kind kind, bool real_time)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (jobs[i].state == JOB_WAITING &&
		    jobs[i].suite->kind == kind &&
		    (real_time || !is_real_time(&jobs[i])))
			return &jobs[i];
	}
	return NULL;
}

/*
 * Finds the next job that may start. Host programs come first, since some take
 * long, and only one guest at a time runs in real time.
 */
static struct job *next_job(struct job *jobs, size_t count, unsigned int limit)
{
	struct job *job = next_waiting(jobs, count, SUITE_HOST, true);
	unsigned int running = 0;
	bool real_time = true;
	size_t i;

	for (i = 0; i < count; i++) {
		if (jobs[i].state != JOB_RUNNING)
			continue;
		running++;
		real_time &= !is_real_time(&jobs[i]);
	}
	if (running >= limit)
		return NULL;
	return job ? job : next_waiting(jobs, count, SUITE_GUEST, real_time);
}

static void start_jobs(struct job *jobs, size_t count, unsigned int limit,
		       struct progress *progress)
{
	struct job *job;

	while ((job = next_job(jobs, count, limit))) {
		job_start(job, now_ms());
		progress_started(progress, job);
		if (job->state == JOB_DONE)
			progress_done(progress, job, count);
	}
}

/* Sleeps until there is output, a signal, or it is time to look around. */
static void wait_for_output(const struct job *jobs, size_t count,
			    struct pollfd *fds)
{
	struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	sigset_t mask;
	size_t i;

	for (i = 0; i < count; i++) {
		bool running = jobs[i].state == JOB_RUNNING;

		fds[i] = (struct pollfd){
			.fd = running ? jobs[i].process.output : -1,
			.events = POLLIN,
		};
		if (running && fds[i].fd < 0)
			tick.tv_nsec = EXIT_TICK_MS * 1000000L;
	}
	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGTERM);
	sigdelset(&mask, SIGHUP);
	if (ppoll(fds, count, &tick, &mask) < 0)
		for (i = 0; i < count; i++)
			fds[i].revents = 0;
}

static void look_after(struct job *jobs, size_t count, struct pollfd *fds,
		       struct progress *progress)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (jobs[i].state != JOB_RUNNING)
			continue;
		if (fds[i].revents)
			job_read(&jobs[i], now_ms());
		job_tick(&jobs[i], now_ms());
		if (jobs[i].state == JOB_DONE)
			progress_done(progress, &jobs[i], count);
	}
}

static bool any_running(const struct job *jobs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (jobs[i].state == JOB_RUNNING)
			return true;
	}
	return false;
}

int pool_run(struct job *jobs, size_t count, unsigned int limit,
	     struct progress *progress)
{
	struct pollfd *fds = calloc(count, sizeof(*fds));
	bool told = false;
	size_t i;

	while (fds) {
		if (!interrupted)
			start_jobs(jobs, count, limit, progress);
		for (i = 0; i < count && interrupted && !told; i++)
			job_interrupt(&jobs[i], now_ms());
		told = interrupted;
		if (!any_running(jobs, count))
			break;
		progress_update(progress, jobs, count);
		wait_for_output(jobs, count, fds);
		look_after(jobs, count, fds, progress);
	}
	free(fds);
	progress_end(progress);
	return interrupted;
}
