// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: which command is meant, and its help. */
#define _GNU_SOURCE 1
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "commands.h"
#include "operands.h"
#include "say.h"

const char program_name[] = "mmlimit";

static const struct command *const commands[] = {
	&set_command,  &get_command,   &unset_command, &list_command,
	&top_command,  &watch_command, &why_command,   &load_command,
	&save_command, &kill_command,  &run_command,
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int print_help(void)
{
	puts("Limits how much physical memory users have.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  mmlimit %-6s %-24s %s\n", commands[i]->name,
		       commands[i]->operands, commands[i]->summary);
	puts("\n"
	     "'mmlimit COMMAND --help' or 'mmlimit help COMMAND' tells more, 'mmlimit\n"
	     "--version' the version.\n"
	     "\n"
	     "WHO is a user, a login name or a number; @GROUP: each of its members;\n"
	     "FIRST-LAST: the rule for all users with these numbers; default: that for all who\n"
	     "can be limited. SIZE is in bytes or has a unit: 100M, 1.5GiB are of 1024, 100MB\n"
	     "of 1000; 50% is of the machine's memory. A limit set with CAP_SYS_RESOURCE is a\n"
	     "hard one; without, users limit themselves, and not beyond a hard limit.\n"
	     "\n"
	     "Exit status: 0; 1: refused or failed; 2: wrong usage.");
	return finish_output();
}

static int print_command_help(const struct command *command)
{
	printf("Usage: mmlimit %s%s%s%s\n", command->name,
	       command->options ? " [OPTION]..." : "",
	       *command->operands ? " " : "", command->operands);
	printf("%c%s.\n", command->summary[0] - 'a' + 'A',
	       command->summary + 1);
	if (*command->help)
		printf("\n%s\n", command->help);
	options_print(command);
	return finish_output();
}

/*
 * Finds the name of an operand by its number, from 0, in "USER SIZE --
 * COMMAND...".
 */
static void name_operand(const char *operands, int number, char name[32])
{
	size_t length;

	for (;; operands += length) {
		operands += strspn(operands, " []");
		length = strcspn(operands, " ]");
		if (!length || (*operands != '-' && !number--))
			break;
	}
	snprintf(name, 32, "%.*s", (int)length, operands);
}

static int call(const struct command *command, int argc, char **argv)
{
	struct options options;
	char missing[32];
	int first;

	say_help_of(command->name);
	first = options_parse(command, argc, argv, &options);
	if (first < 0)
		return EXIT_USAGE;
	if (options.given & OPTION_HELP)
		return print_command_help(command);
	argc -= first;
	argv += first;
	if (argc > command->max)
		return unexpected_operand(argv[command->max]);
	if (argc < command->min) {
		name_operand(command->operands, argc, missing);
		return missing_operand(missing);
	}
	return command->run(argv, &options);
}

static int wrong_command(const char *name)
{
	char names[CHOICES_SIZE] = "";

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		add_choice(names, commands[i]->name);
	return wrong_choice("command", name, names);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* @name: of the command that 'mmlimit help' is asked about, or NULL */
static int help(const char *name)
{
	const struct command *command;

	if (!name || is_help(name) || !strcmp(name, "help"))
		return print_help();
	command = find_command(name);
	return command ? print_command_help(command) : wrong_command(name);
}

int command_line(int argc, char **argv)
{
	const struct command *command;

	say_help_of(NULL);
	if (argc < 2)
		return wrong_command(NULL);
	if (is_help(argv[1]))
		return print_help();
	if (!strcmp(argv[1], "help"))
		return help(argv[2]);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("mmlimit " USER_VERSION);
		return finish_output();
	}
	command = find_command(argv[1]);
	if (!command)
		return wrong_command(argv[1]);
	return call(command, argc - 1, argv + 1);
}
