// SPDX-License-Identifier: GPL-2.0-only
/* mmlimitd: runs the killer of per-user memory limits at intervals. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
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

#define EXIT_USAGE 2
#define DEFAULT_PID_FILE "/run/mmlimitd.pid"
#define WHY_SIZE 512

/**
 * struct mmlimitd - the daemon
 * @given: what the command line says
 * @settings: what is in force
 * @foreground: stay there
 * @pid_path: the pid file
 * @pid_file: open, and locked
 * @signals: a signalfd
 * @timer: a timerfd
 * @error: what the killer has said last, so that it is told once
 */
struct mmlimitd {
	struct settings given;
	struct settings settings;
	bool foreground;
	const char *pid_path;
	int pid_file;
	int signals;
	int timer;
	int error;
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "mmlimitd: %s%s%s\n", what, *what ? ": " : "", why);
	return EXIT_FAILURE;
}

static int wrong_usage(const char *what, const char *why)
{
	fail(what, why);
	fputs("Try 'mmlimitd --help'.\n", stderr);
	return EXIT_USAGE;
}

static int print_help(void)
{
	puts("Usage: mmlimitd [OPTION]...\n"
	     "Have processes of users above their limits killed at intervals; for kernels with\n"
	     "vm.mm_limit_trigger=periodic, where nothing else does it.\n"
	     "\n"
	     "  -i, --interval TIME  how often: 5s, 500ms\n"
	     "  -p, --policy POLICY  who dies first: highest_rss, longest_run_time, badness,\n"
	     "                       most_private, user_ranked; own: as each limit says\n"
	     "  -f, --foreground     stay in the foreground, and tell standard error\n"
	     "  -P, --pid-file PATH  instead of " DEFAULT_PID_FILE "\n"
	     "  -h, --help           this text\n"
	     "  -V, --version        the version\n"
	     "\n"
	     "What is not given is what " MMLIMIT_CONF_PATH
	     " has as interval= and policy= below\n"
	     "[mmlimitd]. SIGHUP reads that again; SIGTERM and SIGINT end.\n"
	     "Each time that it kills it tells syslog, or the kernel's log if there is none.\n"
	     "\n"
	     "Exit status: 0 when the daemon runs; 1: it does not; 2: wrong usage.");
	return EXIT_SUCCESS;
}

/* Returns 0, or EXIT_USAGE. */
static int take_option(struct mmlimitd *d, int letter)
{
	unsigned int policy;

	switch (letter) {
	case 'i':
		if (mmlimit_parse_duration(optarg, &d->given.interval_ms) ||
		    !d->given.interval_ms)
			return wrong_usage(optarg, "not an interval; try 5s");
		return 0;
	case 'p':
		d->given.policy = MM_LIMIT_POLICY_OWN;
		if (!strcmp(optarg, "own"))
			return 0;
		if (mmlimit_parse_policy(optarg, &policy))
			return wrong_usage(optarg, "no such policy");
		d->given.policy = policy;
		return 0;
	case 'f':
		d->foreground = true;
		return 0;
	case 'P':
		d->pid_path = optarg;
		return 0;
	}
	/* getopt_long() has told what is wrong. */
	fputs("Try 'mmlimitd --help'.\n", stderr);
	return EXIT_USAGE;
}

/* Returns a negative value, or the exit status. */
static int parse(struct mmlimitd *d, int argc, char **argv)
{
	static const struct option names[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "policy", required_argument, NULL, 'p' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "pid-file", required_argument, NULL, 'P' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int letter, ret;

	while ((letter = getopt_long(argc, argv, "i:p:fP:hV", names, NULL)) !=
	       -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V') {
			puts("mmlimitd " USER_VERSION);
			return EXIT_SUCCESS;
		}
		ret = take_option(d, letter);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return wrong_usage(argv[optind], "what is this?");
	return -1;
}

/* At intervals from now on, each at its time however long the last one took */
static int start_timer(const struct mmlimitd *d)
{
	unsigned int ms = d->settings.interval_ms;
	struct itimerspec times = {
		.it_interval = { ms / 1000, ms % 1000 * 1000000L },
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

static const char *policy_text(int policy)
{
	const char *name = policy >= 0 ? mmlimit_policy_name(policy) :
					 "of each limit";

	return name ? name : "unknown";
}

static void run_killer(struct mmlimitd *d)
{
	int ret = mmlimit_kill(d->settings.policy);

	if (ret > 0)
		log_line("killed %d process%s, policy %s", ret,
			 ret == 1 ? "" : "es", policy_text(d->settings.policy));
	if (ret < 0 && ret != d->error)
		log_line("cannot run the killer: %s", mmlimit_strerror(ret));
	d->error = ret < 0 ? ret : 0;
}

static void reread(struct mmlimitd *d)
{
	char why[WHY_SIZE], interval[MMLIMIT_TEXT_SIZE];
	struct settings settings;

	if (!settings_read(&d->given, &settings, why, sizeof(why))) {
		log_line("%s; going on as before", why);
		return;
	}
	if (settings.interval_ms == d->settings.interval_ms &&
	    settings.policy == d->settings.policy)
		return;
	d->settings = settings;
	start_timer(d);
	log_line("from now on every %s, policy %s",
		 mmlimit_format_duration(settings.interval_ms, interval),
		 policy_text(settings.policy));
}

static void loop(struct mmlimitd *d)
{
	struct pollfd fds[] = {
		{ .fd = d->signals, .events = POLLIN },
		{ .fd = d->timer, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	uint64_t times;

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents &&
		    read(d->signals, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo != SIGHUP)
				return;
			reread(d);
		}
		if (fds[1].revents &&
		    read(d->timer, &times, sizeof(times)) == sizeof(times))
			run_killer(d);
	}
}

/* Of those who may run the killer, and of no others */
static int check_kernel(void)
{
	struct mm_limit_attr attr;
	int ret = mmlimit_read(0x7ffffffe, &attr);

	if (ret == -EPERM)
		return fail("", "this takes CAP_SYS_RESOURCE, as root has it");
	if (ret == -ENOSYS)
		return fail(
			"",
			"this kernel has no per-user memory limits: it must be built with CONFIG_MM_LIMIT=y");
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
		fail("oom_score_adj", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		fail("mlockall", strerror(errno));
}

static int open_sources(struct mmlimitd *d)
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
		return fail("signalfd, timerfd", strerror(errno));
	return 0;
}

static int serve(struct mmlimitd *d)
{
	int error;

	if (!d->foreground)
		daemon_fork();
	be_robust();
	if (open_sources(d))
		return EXIT_FAILURE;
	error = pidfile_write(d->pid_file);
	if (!error && start_timer(d))
		error = -errno;
	if (error) {
		unlink(d->pid_path);
		return fail(d->pid_path, strerror(-error));
	}
	log_open(d->foreground);
	if (!d->foreground)
		daemon_ready();
	loop(d);
	unlink(d->pid_path);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct mmlimitd d = { .given = { .policy = POLICY_UNSET },
			      .pid_path = DEFAULT_PID_FILE };
	char why[WHY_SIZE];
	int ret = parse(&d, argc, argv);

	if (ret >= 0)
		return ret;
	if (!settings_read(&d.given, &d.settings, why, sizeof(why)))
		return fail("", why);
	if (check_kernel())
		return EXIT_FAILURE;
	d.pid_file = pidfile_take(d.pid_path, why, sizeof(why));
	if (d.pid_file < 0)
		return fail("", why);
	/* To be removed from wherever the daemon is */
	d.pid_path = realpath(d.pid_path, NULL);
	if (!d.pid_path)
		return fail("pid file", strerror(errno));
	return serve(&d);
}
