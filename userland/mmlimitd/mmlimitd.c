// SPDX-License-Identifier: GPL-2.0-only
/* mmlimitd: runs the killer of per-user memory limits at intervals. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon.h"
#include "mmlimit.h"
#include "operands.h"
#include "say.h"
#include "settings.h"

#define DEFAULT_PID_FILE "/run/mmlimitd.pid"

const char program_name[] = "mmlimitd";

/**
 * struct mmlimitd - the daemon
 * @given: what the command line says
 * @settings: what is in force
 * @daemon: how it is one
 * @error: what the killer has said last, so that it is told once
 */
struct mmlimitd {
	struct settings given;
	struct settings settings;
	struct daemon daemon;
	int error;
};

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
	     ", or a later file *.conf in\n" CONF_FOLDER
	     ", has as interval= and policy= below [mmlimitd]. SIGHUP reads\n"
	     "that again; SIGTERM and SIGINT end.\n"
	     "Each time that it kills it tells syslog, or the kernel's log if there is none.\n"
	     "\n"
	     "Exit status: 0 when the daemon runs; 1: it does not; 2: wrong usage.");
	return finish_output();
}

/* Returns 0, or EXIT_USAGE. */
static int take_option(struct mmlimitd *d, int letter)
{
	switch (letter) {
	case 'i':
		return parse_duration("--interval", optarg, 1, UINT_MAX,
				      &d->given.interval_ms);
	case 'p':
		return parse_policy(optarg, true, &d->given.policy);
	case 'f':
		d->daemon.foreground = true;
		return 0;
	case 'P':
		d->daemon.pid_path = optarg;
	}
	return 0;
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
	static const char *const values[] = { "TIME", "POLICY", NULL, "PATH",
					      NULL,   NULL,	NULL };
	int letter, ret;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":i:p:fP:hV", names, NULL)) !=
	       -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V') {
			puts("mmlimitd " USER_VERSION);
			return finish_output();
		}
		if (letter == '?' || letter == ':')
			return wrong_option(letter, argv, names, values);
		ret = take_option(d, letter);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return unexpected_operand(argv[optind]);
	return -1;
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
	char why[SETTINGS_WHY_SIZE], interval[MMLIMIT_TEXT_SIZE];
	struct settings settings;

	if (!settings_read(&d->given, &settings, why)) {
		log_line("%s; going on as before", why);
		return;
	}
	if (settings.interval_ms == d->settings.interval_ms &&
	    settings.policy == d->settings.policy)
		return;
	d->settings = settings;
	daemon_set_interval(&d->daemon, settings.interval_ms);
	log_line("from now on every %s, policy %s",
		 mmlimit_format_duration(settings.interval_ms, interval),
		 policy_text(settings.policy));
}

static void loop(struct mmlimitd *d)
{
	struct pollfd fds[] = {
		{ .fd = d->daemon.signals, .events = POLLIN },
		{ .fd = d->daemon.timer, .events = POLLIN },
	};
	int signal;

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		signal = fds[0].revents ? daemon_take_signal(&d->daemon) : 0;
		if (signal == SIGHUP)
			reread(d);
		else if (signal)
			return;
		if (fds[1].revents && daemon_take_timer(&d->daemon))
			run_killer(d);
	}
}

/* Only a caller that may run the killer is told that a user has no limit. */
static int check_kernel(void)
{
	struct mm_limit_attr attr;
	int ret = mmlimit_read(0x7ffffffe, &attr);

	if (ret == -EPERM)
		return fail("this takes CAP_SYS_RESOURCE, as root has it");
	if (ret == -ENOSYS)
		return fail(
			"this kernel has no per-user memory limits: it must be built with CONFIG_MM_LIMIT=y");
	return 0;
}

int main(int argc, char **argv)
{
	struct mmlimitd d = { .given = { .policy = POLICY_UNSET },
			      .daemon.pid_path = DEFAULT_PID_FILE };
	char why[SETTINGS_WHY_SIZE];
	int ret = parse(&d, argc, argv);

	if (ret >= 0)
		return ret;
	if (!settings_read(&d.given, &d.settings, why))
		return fail("%s", why);
	if (check_kernel())
		return EXIT_FAILURE;
	if (daemon_claim(&d.daemon) ||
	    daemon_start(&d.daemon, d.settings.interval_ms))
		return EXIT_FAILURE;
	daemon_ready(&d.daemon);
	loop(&d);
	daemon_end(&d.daemon);
	return EXIT_SUCCESS;
}
