// SPDX-License-Identifier: GPL-2.0-only
/* How a program becomes a daemon, one that works when memory is nearly gone. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "daemon.h"

int daemon_fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s%s%s\n", daemon_name, what, *what ? ": " : "",
		why);
	return EXIT_FAILURE;
}

int daemon_try_help(void)
{
	fprintf(stderr, "Try '%s --help'.\n", daemon_name);
	return EXIT_USAGE;
}

int daemon_wrong_usage(const char *what, const char *why)
{
	daemon_fail(what, why);
	return daemon_try_help();
}

int daemon_claim(struct daemon *d)
{
	char why[WHY_SIZE];

	d->pid_file = pidfile_take(d->pid_path, why, sizeof(why));
	if (d->pid_file < 0)
		return daemon_fail("", why);
	/* To be removed from wherever the daemon is */
	d->pid_path = realpath(d->pid_path, NULL);
	if (!d->pid_path)
		return daemon_fail("pid file", strerror(errno));
	return 0;
}

/*
 * Works when memory is nearly gone, and is no solution to that itself. What the
 * system does not grant must not keep the daemon from its work.
 */
static void be_robust(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1000", 5) != 5)
		daemon_fail("oom_score_adj", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		daemon_fail("mlockall", strerror(errno));
}

static int open_sources(struct daemon *d)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	d->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (d->signals < 0 || d->timer < 0)
		return daemon_fail("signalfd, timerfd", strerror(errno));
	return 0;
}

int daemon_set_interval(struct daemon *d, unsigned int interval_ms)
{
	struct itimerspec times = {
		.it_interval = { interval_ms / 1000,
				 interval_ms % 1000 * 1000000L },
	};

	clock_gettime(CLOCK_MONOTONIC, &times.it_value);
	times.it_value.tv_sec += times.it_interval.tv_sec;
	times.it_value.tv_nsec += times.it_interval.tv_nsec;
	if (times.it_value.tv_nsec >= 1000000000) {
		times.it_value.tv_nsec -= 1000000000;
		times.it_value.tv_sec++;
	}
	return timerfd_settime(d->timer, TFD_TIMER_ABSTIME, &times, NULL);
}

int daemon_start(struct daemon *d, unsigned int interval_ms)
{
	int error;

	if (!d->foreground)
		background_fork();
	be_robust();
	if (open_sources(d))
		return EXIT_FAILURE;
	error = pidfile_write(d->pid_file);
	if (!error && daemon_set_interval(d, interval_ms))
		error = -errno;
	if (error) {
		daemon_end(d);
		return daemon_fail(d->pid_path, strerror(-error));
	}
	log_open(d->foreground);
	return 0;
}

void daemon_ready(struct daemon *d)
{
	if (!d->foreground)
		background_ready();
}

int daemon_take_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	return info.ssi_signo;
}

bool daemon_take_timer(struct daemon *d)
{
	uint64_t times;

	return read(d->timer, &times, sizeof(times)) == sizeof(times);
}

void daemon_end(struct daemon *d)
{
	unlink(d->pid_path);
}
