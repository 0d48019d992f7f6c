/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd: its command line. */
#ifndef OOMRANKD_OPTIONS_H
#define OOMRANKD_OPTIONS_H

#include <stdbool.h>

/**
 * struct options - what the command line says
 * @dry_run: print the ranking, and end
 * @json: for programs
 * @foreground: stay there
 * @verbose: tell of each ranking
 * @interval_ms: how often to look without pressure
 * @top: how many candidates there are to be at most; 0: all
 * @psi: the trigger
 * @pid_path: the pid file
 * @root: where processes are read from
 */
struct options {
	bool dry_run;
	bool json;
	bool foreground;
	bool verbose;
	unsigned int interval_ms;
	unsigned int top;
	const char *psi;
	const char *pid_path;
	const char *root;
};

/* Returns a negative value, or the exit status. */
int options_parse(struct options *options, int argc, char **argv);

#endif /* OOMRANKD_OPTIONS_H */
