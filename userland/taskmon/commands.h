/* SPDX-License-Identifier: GPL-2.0-only */
/* taskmon: its commands. */
#ifndef TASKMON_COMMANDS_H
#define TASKMON_COMMANDS_H

/**
 * struct command - a command of taskmon
 * @name: its name
 * @operands: as the help shows them
 * @min: how many there must be
 * @max: how many there may be; 0: any number
 * @summary: what it does
 * @run: called with the words behind its name, up to NULL, of which there are
 *	enough; returns the exit status
 */
struct command {
	const char *name;
	const char *operands;
	int min;
	int max;
	const char *summary;
	int (*run)(char **words);
};

extern const struct command start_command;
extern const struct command stop_command;
extern const struct command show_command;
extern const struct command plot_command;
extern const struct command csv_command;

#endif /* TASKMON_COMMANDS_H */
