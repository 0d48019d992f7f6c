// SPDX-License-Identifier: GPL-2.0-only
/* The runner's command line. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

const char options_help[] =
	"Usage: runner --suites FILE --output DIR [OPTION]...\n"
	"Runs test suites on this machine and in QEMU guests, and judges them.\n"
	"\n"
	"  --suites FILE       which suites there are (tests/suites.conf)\n"
	"  --splats FILE       what a kernel in trouble prints (runner/splats.conf\n"
	"                      beside the suites file)\n"
	"  --host-dir DIR      where the programs of host suites are (.)\n"
	"  --output DIR        for the logs, index.html, results.json, junit.xml\n"
	"  --qemu kernel=FILE  QEMU's arguments, one a line, for boot=kernel\n"
	"  --qemu fit=FILE     the same for boot=fit\n"
	"  --qemu swap=FILE    what swap=disk adds\n"
	"  --board NAME        the board (virt)\n"
	"  --kernel NAME       the kernel's flavour (release)\n"
	"  --slowdown N        how many times slower than release it is (1)\n"
	"  --fact NAME=VALUE   something about this run, for the reports\n"
	"  --make NAME=VALUE   a make variable that a command to run a test again sets\n"
	"  --source DIR        where sources that messages name may be, besides tests/\n"
	"  --suite GLOBS       run only the suites of these names (between blanks)\n"
	"  --test GLOB         run only the tests of these names\n"
	"  --repeat N          hunt for flakes: N runs, with other seeds and shifts\n"
	"  --jobs N            so many guests at once (1)\n"
	"  --seed N            seed of the first run (1)\n"
	"  --shift N           a guest's instruction takes 2^N ns, 0 to 10 (3)\n"
	"  --stall SECONDS     CPU time without output that makes a hang (60)\n"
	"  --soak              as much as takes longer: volumes times their factor\n"
	"  -v, --verbose       show each test, and each guest's command line\n"
	"  --list              list the suites there are, those of one glob with tests\n"
	"  --help              this text\n"
	"\n"
	"Exit status: 0 passed, 1 a test failed, 2 kernel splat, 3 hang, 4 no boot,\n"
	"5 wrong usage or broken environment, 129, 130 or 143 interrupted.\n";

enum {
	OPT_SUITES = 256,
	OPT_SPLATS,
	OPT_HOST_DIR,
	OPT_OUTPUT,
	OPT_QEMU,
	OPT_BOARD,
	OPT_KERNEL,
	OPT_SLOWDOWN,
	OPT_FACT,
	OPT_MAKE,
	OPT_SOURCE,
	OPT_SUITE,
	OPT_TEST,
	OPT_REPEAT,
	OPT_JOBS,
	OPT_SEED,
	OPT_SHIFT,
	OPT_STALL,
	OPT_SOAK,
	OPT_LIST,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "suites", required_argument, NULL, OPT_SUITES },
	{ "splats", required_argument, NULL, OPT_SPLATS },
	{ "host-dir", required_argument, NULL, OPT_HOST_DIR },
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "qemu", required_argument, NULL, OPT_QEMU },
	{ "board", required_argument, NULL, OPT_BOARD },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "slowdown", required_argument, NULL, OPT_SLOWDOWN },
	{ "fact", required_argument, NULL, OPT_FACT },
	{ "make", required_argument, NULL, OPT_MAKE },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "suite", required_argument, NULL, OPT_SUITE },
	{ "test", required_argument, NULL, OPT_TEST },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "shift", required_argument, NULL, OPT_SHIFT },
	{ "stall", required_argument, NULL, OPT_STALL },
	{ "soak", no_argument, NULL, OPT_SOAK },
	{ "verbose", no_argument, NULL, 'v' },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

/*
 * Make's variables have the options' names, by which one recognises what was
 * mistyped.
 */
static int set_number(unsigned int *number, const char *variable,
		      unsigned int least, unsigned int most, const char *value,
		      struct text *why)
{
	unsigned long read;
	char *end;

	errno = 0;
	read = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || read < least ||
	    read > most) {
		text_printf(why, "%s=", variable);
		text_add_clean(why, value, strlen(value));
		text_printf(why, ": not a number from %u to %u", least, most);
		return -EINVAL;
	}
	*number = read;
	return 0;
}

/* A glob for tests becomes a word of the kernel's command line. */
static int set_test(struct options *options, const char *value,
		    struct text *why)
{
	size_t i;

	for (i = 0; value[i]; i++) {
		if (!isgraph((unsigned char)value[i]) || value[i] == '"') {
			text_puts(
				why,
				"TEST=: a glob for tests has no blanks, double quotes or control characters");
			return -EINVAL;
		}
	}
	options->test = value;
	return 0;
}

/* Names for reports and commands hold nothing that would have to be quoted. */
static bool is_plain(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i]))
			return false;
	}
	return i;
}

static int add_value(struct option_values *values, const char *option,
		     const char *value, struct text *why)
{
	if (values->count == OPTION_VALUES_MAX) {
		text_printf(why, "%s: more than %d of them", option,
			    OPTION_VALUES_MAX);
		return -EINVAL;
	}
	values->list[values->count++] = value;
	return 0;
}

static int add_pair(struct option_values *values, const char *option,
		    const char *value, struct text *why)
{
	size_t length = strcspn(value, "=");
	size_t i;

	for (i = 0; i < length; i++) {
		if (!isalnum((unsigned char)value[i]) && value[i] != '_')
			length = 0;
	}
	if (!length || !value[length]) {
		text_printf(why, "%s takes NAME=VALUE, not ", option);
		text_add_clean(why, value, strlen(value));
		return -EINVAL;
	}
	return add_value(values, option, value, why);
}

static int set_qemu(struct options *options, const char *value,
		    struct text *why)
{
	if (!strncmp(value, "kernel=", 7)) {
		options->qemu_kernel = value + 7;
		return 0;
	}
	if (!strncmp(value, "fit=", 4)) {
		options->qemu_fit = value + 4;
		return 0;
	}
	if (!strncmp(value, "swap=", 5)) {
		options->qemu_swap = value + 5;
		return 0;
	}
	text_printf(why,
		    "--qemu takes kernel=FILE, fit=FILE or swap=FILE, not %s",
		    value);
	return -EINVAL;
}

/*
 * Where the value of an option goes that is taken as it is, or NULL for other
 * options
 */
static const char **string_option(struct options *options, int option)
{
	switch (option) {
	case OPT_SUITES:
		return &options->suites;
	case OPT_SPLATS:
		return &options->splats;
	case OPT_HOST_DIR:
		return &options->host_dir;
	case OPT_OUTPUT:
		return &options->output;
	case OPT_BOARD:
		return &options->board;
	case OPT_KERNEL:
		return &options->kernel;
	case OPT_SUITE:
		return &options->suite;
	default:
		return NULL;
	}
}

static int set_option(struct options *options, int option, const char *value,
		      struct text *why)
{
	switch (option) {
	case OPT_QEMU:
		return set_qemu(options, value, why);
	case OPT_TEST:
		return set_test(options, value, why);
	case OPT_FACT:
		return add_pair(&options->facts, "--fact", value, why);
	case OPT_SOURCE:
		return add_value(&options->sources, "--source", value, why);
	case OPT_MAKE:
		return add_pair(&options->make, "--make", value, why);
	case OPT_SLOWDOWN:
		return set_number(&options->slowdown, "SLOWDOWN", 1, 1000,
				  value, why);
	case OPT_REPEAT:
		return set_number(&options->repeat, "REPEAT", 1, 10000, value,
				  why);
	case OPT_JOBS:
		return set_number(&options->jobs, "JOBS", 1, 256, value, why);
	case OPT_SEED:
		return set_number(&options->seed, "SEED", 0, 1000000000, value,
				  why);
	case OPT_SHIFT:
		return set_number(&options->shift, "SHIFT", 0, 10, value, why);
	case OPT_STALL:
		return set_number(&options->stall, "STALL", 1, 86400, value,
				  why);
	case OPT_SOAK:
		options->soak = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case OPT_LIST:
		options->list = true;
		return 0;
	case OPT_HELP:
		options->help = true;
		return 0;
	default:
		text_puts(why, "unknown option, or one that lacks its value");
		return -EINVAL;
	}
}

int options_parse(struct options *options, int argc, char *argv[],
		  struct text *why)
{
	int option;
	int ret = 0;

	*options = (struct options){
		.host_dir = ".",
		.board = DEFAULT_BOARD,
		.kernel = DEFAULT_KERNEL,
		.slowdown = 1,
		.repeat = 1,
		.jobs = 1,
		.seed = DEFAULT_SEED,
		.shift = DEFAULT_SHIFT,
		.stall = 60,
	};
	opterr = 0;
	optind = 1;
	while (!ret && (option = getopt_long(argc, argv, "v", long_options,
					     NULL)) != -1) {
		const char **string = string_option(options, option);

		if (string)
			*string = optarg;
		else
			ret = set_option(options, option, optarg, why);
	}
	/*
	 * Make hands over an empty value for a variable that is set to nothing.
	 */
	if (options->suite && !*options->suite)
		options->suite = NULL;
	if (options->test && !*options->test)
		options->test = NULL;
	if (ret || options->help)
		return ret;
	if (optind < argc)
		text_printf(why, "unexpected argument: %s", argv[optind]);
	else if (!options->suites)
		text_puts(why, "--suites FILE is needed");
	else if (!options->output && !options->list)
		text_puts(why, "--output DIR is needed");
	else if (!is_plain(options->board) || !is_plain(options->kernel))
		text_puts(why, "a board's or kernel's name is malformed");
	return why->length ? -EINVAL : 0;
}
