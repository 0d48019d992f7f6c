/* SPDX-License-Identifier: GPL-2.0-only */
/* The runner's command line. */
#ifndef RUNNER_OPTIONS_H
#define RUNNER_OPTIONS_H

#include <stdbool.h>

#include "text.h"

#define OPTION_VALUES_MAX 64

/**
 * struct option_values - values of an option that may be repeated
 * @list: each value; of a pair NAME=VALUE, NAME is of letters, digits and "_"
 * @count: how many
 */
struct option_values {
	const char *list[OPTION_VALUES_MAX];
	size_t count;
};

/**
 * struct options - the command line, see options_help
 * @suites: suites.conf
 * @splats: splats.conf, or NULL: runner/splats.conf beside @suites
 * @host_dir: where the programs of host suites are
 * @output: where logs and reports go
 * @qemu_kernel: QEMU argument file for boot=kernel, or NULL
 * @qemu_fit: QEMU argument file for boot=fit; NULL leaves out those suites
 * @qemu_swap: QEMU argument file for the disk of swap=disk, or NULL
 * @board: its name
 * @kernel: its flavour
 * @suite: globs of the suites to run, between blanks, or NULL
 * @test: glob of the tests to run, or NULL
 * @facts: about this run, for the reports
 * @sources: folders where sources that messages name may be
 * @make: make variables that the command to run a test again has to set
 * @slowdown: how many times slower than release the kernel is
 * @repeat: runs of each suite
 * @jobs: how many run at once
 * @seed: of the first run
 * @shift: of the first run
 * @stall: CPU seconds without a console byte that make a hang
 * @soak: multiply the volumes
 * @verbose: show each test and each command
 * @list: only list the suites
 * @help: only explain
 */
struct options {
	const char *suites;
	const char *splats;
	const char *host_dir;
	const char *output;
	const char *qemu_kernel;
	const char *qemu_fit;
	const char *qemu_swap;
	const char *board;
	const char *kernel;
	const char *suite;
	const char *test;
	struct option_values facts;
	struct option_values sources;
	struct option_values make;
	unsigned int slowdown;
	unsigned int repeat;
	unsigned int jobs;
	unsigned int seed;
	unsigned int shift;
	unsigned int stall;
	bool soak;
	bool verbose;
	bool list;
	bool help;
};

/*
 * With icount one instruction takes 2^shift ns of guest time. The larger the
 * shift, the cheaper a second that a guest spends spinning, but the slower the
 * guest's CPU. At 3, a spinning second is 125 million instructions, about half
 * a second of ours, and touching 100 MB takes 0.45 s of guest time (2281
 * instructions a page): at 4 it would come near the grace periods of 0.6 s and
 * 1 s that suites time. From 1 to 4 whole suites take the same time of ours.
 */
#define DEFAULT_SHIFT 3
#define DEFAULT_SEED 1
#define DEFAULT_BOARD "virt"
#define DEFAULT_KERNEL "release"

/* A soak gives a suite so many times its time, and ktap each of its tests. */
#define SOAK_PATIENCE 10

extern const char options_help[];

/* Returns 0 or -EINVAL, and then says why. The strings are @argv's. */
int options_parse(struct options *options, int argc, char *argv[],
		  struct text *why);

#endif
