/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: its commands and their options. */
#ifndef MMLIMIT_COMMANDS_H
#define MMLIMIT_COMMANDS_H

#include <limits.h>
#include <stdint.h>

/* For the most operands of a command */
#define ANY_NUMBER INT_MAX

/* Sets of options */
#define OPTION_GRACE 0x1
#define OPTION_POLICY 0x2
#define OPTION_HARD 0x4
#define OPTION_BYTES 0x8
#define OPTION_JSON 0x10
#define OPTION_TIME 0x20
#define OPTION_DELAY 0x40
#define OPTION_NUMBER 0x80
#define OPTION_ONCE 0x100
#define OPTION_HELP 0x200
#define OPTION_RECLAIM 0x400
#define OPTION_SWAP_MAX 0x800
#define OPTION_WARN 0x1000
#define OPTION_DRY_RUN 0x2000
#define OPTION_NO_DRY_RUN 0x4000
#define OPTION_TERM 0x8000
#define OPTION_FORCE 0x10000
#define OPTION_CHECK 0x20000
#define OPTION_FORMAT 0x40000
#define OPTION_EXEC 0x80000
#define OPTION_WIDE 0x100000
#define OPTION_POOL 0x200000

/* Those that are about a limit, for change_parse() */
#define OPTION_SETTINGS                                                    \
	(OPTION_GRACE | OPTION_POLICY | OPTION_RECLAIM | OPTION_SWAP_MAX | \
	 OPTION_WARN | OPTION_DRY_RUN | OPTION_NO_DRY_RUN | OPTION_TERM)

/* What --format chooses from */
enum output_format {
	FORMAT_TABLE,
	FORMAT_JSON,
	FORMAT_PROMETHEUS,
};

/**
 * struct options - what options a command was called with
 * @given: which of OPTION_*
 * @grace_ms: of --grace
 * @policy: of --policy
 * @threshold: of --reclaim, in percent; 0: off, or not given
 * @swap_max: of --swap-max, or %MM_LIMIT_ATTR_NONE
 * @warn: of --warn, in percent; 0: off, or not given
 * @term_ms: of --term
 * @delay_ms: of --delay
 * @number: of --number or --once
 * @format: of --format or --json
 * @command: of --exec
 */
struct options {
	unsigned int given;
	unsigned int grace_ms;
	int policy;
	unsigned int threshold;
	uint64_t swap_max;
	unsigned int warn;
	unsigned int term_ms;
	unsigned int delay_ms;
	unsigned int number;
	enum output_format format;
	const char *command;
};

/**
 * struct command - a command of mmlimit
 * @name: its name
 * @operands: as the help shows them, or ""
 * @min: how many there must be
 * @max: how many there may be
 * @options: the set that it has; all have --help
 * @summary: what it does, in a few words
 * @help: what else there is to know, lines up to 80 columns
 * @run: called with the operands, up to NULL, of which there are enough;
 *	returns the exit status
 */
struct command {
	const char *name;
	const char *operands;
	int min;
	int max;
	unsigned int options;
	const char *summary;
	const char *help;
	int (*run)(char **operands, const struct options *options);
};

extern const struct command set_command;
extern const struct command get_command;
extern const struct command unset_command;
extern const struct command list_command;
extern const struct command top_command;
extern const struct command watch_command;
extern const struct command load_command;
extern const struct command save_command;
extern const struct command kill_command;
extern const struct command run_command;
extern const struct command why_command;

/* Does what the command line of main() says; returns the exit status. */
int command_line(int argc, char **argv);

/**
 * options_parse - tell options from operands
 * @command: whose
 * @argc: of main(), without what comes before the command's name
 * @argv: likewise; operands are moved to the end
 * @options: filled
 *
 * Return: the index of the first operand, or -1: the user was told what is
 * wrong.
 */
int options_parse(const struct command *command, int argc, char **argv,
		  struct options *options);

/* The part of a command's help that is about its options */
void options_print(const struct command *command);

#endif /* MMLIMIT_COMMANDS_H */
