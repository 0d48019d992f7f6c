// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: its command line. */
#define _GNU_SOURCE 1
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "operands.h"
#include "options.h"
#include "pressure.h"
#include "say.h"

#define DEFAULT_PID_FILE "/run/oomrankd.pid"
#define DEFAULT_INTERVAL_MS 10000

static int print_help(void)
{
	puts("Usage: oomrankd [OPTION]...\n"
	     "Rank processes by the classic formula, and tell the kernel whom to kill first\n"
	     "when the system runs out of memory.\n"
	     "\n"
	     "  -n, --dry-run        print the ranking, and end\n"
	     "  -j, --json           for programs: an object \"ranking\", with --dry-run\n"
	     "  -i, --interval TIME  rank at least so often (10s)\n"
	     "  -p, --psi TRIGGER    and under memory pressure, as /proc/pressure/memory takes\n"
	     "                       it: waits of so many microseconds in so many\n"
	     "                       ('" PRESSURE_DEFAULT
	     "'); or '" PRESSURE_OFF "'\n"
	     "  -t, --top N          tell the kernel of N at most; 0: of all, as without\n"
	     "  -f, --foreground     stay in the foreground, and tell standard error\n"
	     "  -v, --verbose        tell of each ranking\n"
	     "  -P, --pid-file PATH  instead of " DEFAULT_PID_FILE "\n"
	     "      --proc FOLDER    read processes from there instead of /proc\n"
	     "  -h, --help           this text\n"
	     "  -V, --version        the version\n"
	     "\n"
	     "The ranking is what /proc/oom then shows. Left out are the daemon itself, init,\n"
	     "and processes with an oom_score_adj of -1000. SIGHUP ranks now; SIGTERM and\n"
	     "SIGINT take the ranking back, and end.\n"
	     "\n"
	     "Exit status: 0 when the daemon runs, or has printed; 1: it does not; 2: wrong\n"
	     "usage.");
	return finish_output();
}

/* Returns 0, or EXIT_USAGE. */
static int take_option(struct options *options, int letter)
{
	switch (letter) {
	case 'n':
		options->dry_run = true;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 'i':
		return parse_duration("--interval", optarg, 1, UINT_MAX,
				      &options->interval_ms);
	case 'p':
		options->psi = optarg;
		return 0;
	case 't':
		return parse_number("--top", optarg, 0, INT_MAX, &options->top);
	case 'f':
		options->foreground = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case 'P':
		options->pid_path = optarg;
		return 0;
	case 'r':
		options->root = optarg;
	}
	return 0;
}

int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "interval", required_argument, NULL, 'i' },
		{ "psi", required_argument, NULL, 'p' },
		{ "top", required_argument, NULL, 't' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "pid-file", required_argument, NULL, 'P' },
		{ "proc", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	static const char *const values[] = { NULL,	NULL, "TIME", "TRIGGER",
					      "N",	NULL, NULL,   "PATH",
					      "FOLDER", NULL, NULL,   NULL };
	int letter, ret;

	*options = (struct options){ .interval_ms = DEFAULT_INTERVAL_MS,
				     .psi = PRESSURE_DEFAULT,
				     .pid_path = DEFAULT_PID_FILE,
				     .root = "/proc" };
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":nji:p:t:fvP:hV", names,
				     NULL)) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V') {
			puts("oomrankd " USER_VERSION);
			return finish_output();
		}
		if (letter == '?' || letter == ':')
			return wrong_option(letter, argv, names, values);
		ret = take_option(options, letter);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return unexpected_operand(argv[optind]);
	if (options->json && !options->dry_run)
		return wrong_usage("--json goes with --dry-run only");
	return -1;
}
