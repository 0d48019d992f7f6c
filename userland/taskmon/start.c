// SPDX-License-Identifier: GPL-2.0-only
/* taskmon start: begins to sample processes. */
#define _GNU_SOURCE 1
#include <string.h>

#include "commands.h"
#include "monitor.h"
#include "operands.h"
#include "pids.h"
#include "say.h"

#define PERIOD "--period"

/* The longest period that the kernel takes: an hour */
#define LONGEST_MS (60 * 60 * 1000)

/*
 * Parses the option in front of the processes. Returns how many words it has,
 * or -1 after the user was told what is wrong.
 */
static int parse_period(char **words, unsigned int *ms)
{
	const char *value;
	int used = 1;

	if (!*words || strncmp(*words, "-", 1))
		return 0;
	if (!strcmp(*words, "-p") || !strcmp(*words, PERIOD)) {
		value = words[1];
		used = 2;
	} else if (!strncmp(*words, PERIOD "=", strlen(PERIOD "="))) {
		value = *words + strlen(PERIOD "=");
	} else {
		wrong_usage("no such option '%s'", *words);
		return -1;
	}
	if (!value) {
		wrong_usage("missing value of " PERIOD ": TIME");
		return -1;
	}
	return parse_duration(PERIOD, value, 1, LONGEST_MS, ms) ? -1 : used;
}

static int run(char **words)
{
	unsigned int ms = 0;
	int used = parse_period(words, &ms), ret;

	if (used < 0)
		return EXIT_USAGE;
	words += used;
	if (!*words)
		return missing_operand("PID");
	/* Before anything is loaded or changed */
	if (pids_check(words))
		return EXIT_USAGE;
	ret = monitor_load();
	if (!ret && ms)
		ret = monitor_set_period(ms);
	return ret ? ret : pids_for_each(words, monitor_start);
}

const struct command start_command = {
	.name = "start",
	.operands = "[-p TIME] PID...",
	.min = 1,
	.summary = "sample processes from now on",
	.run = run,
};
