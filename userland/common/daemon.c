// SPDX-License-Identifier: GPL-2.0-only
/* How a program becomes a daemon, one that works when memory is nearly gone. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "daemon.h"
#include "say.h"

int daemon_claim(struct daemon *d)
{
	char why[WHY_SIZE];

	d->pid_file = pidfile_take(d->pid_path, why, sizeof(why));
	if (d->pid_file < 0)
		return fail("%s", why);
	/* The daemon changes its folder, and removes the file at the end. */
	d->pid_path = realpath(d->pid_path, NULL);
	if (!d->pid_path)
		return fail("pid file: %s", strerror(errno));
	return 0;
}

/*
 * The daemon works when memory is nearly gone, and killing it would help
 * nobody. What the system does not grant must not keep it from its work.
 */
static void be_robust(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1000", 5) != 5)
		fail("oom_score_adj: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		fail("mlockall: %s", strerror(errno));
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
		return fail("signalfd, timerfd: %s", strerror(errno));
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
	if (open_sources(d)) {
		daemon_end(d);
		return EXIT_FAILURE;
	}
	error = pidfile_write(d->pid_file);
	if (!error && daemon_set_interval(d, interval_ms))
		error = -errno;
	if (error) {
		daemon_end(d);
		return fail("%s: %s", d->pid_path, strerror(-error));
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
	pidfile_remove(d->pid_file, d->pid_path);
}
