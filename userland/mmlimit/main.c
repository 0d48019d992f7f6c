// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: per-user memory limits from the command line. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct command *const commands[] = {
	&set_command,  &get_command,  &unset_command,
	&list_command, &top_command,  &watch_command,
	&load_command, &kill_command, &run_command,
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static void print_usage(const struct command *command, FILE *file)
{
	fprintf(file, "Usage: mmlimit %s%s%s%s\n", command->name,
		command->options ? " [OPTION]..." : "",
		*command->operands ? " " : "", command->operands);
}

static int print_help(void)
{
	puts("Limits how much physical memory users have.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  mmlimit %-6s %-26s %s\n", commands[i]->name,
		       commands[i]->operands, commands[i]->summary);
	puts("\n"
	     "'mmlimit COMMAND --help' or 'mmlimit help COMMAND' tells more, 'mmlimit --version'\n"
	     "the version.\n"
	     "\n"
	     "USER is a login name or a number. SIZE is in bytes or has a unit: 100M, 1.5GiB are\n"
	     "of 1024, 100MB of 1000. A limit set with CAP_SYS_RESOURCE is a hard one; without,\n"
	     "users limit themselves, and not beyond a hard limit.\n"
	     "\n"
	     "Exit status: 0; 1: refused or failed; 2: wrong usage.");
	return finish_output();
}

static int print_command_help(const struct command *command)
{
	print_usage(command, stdout);
	printf("%c%s.\n", command->summary[0] - 'a' + 'A',
	       command->summary + 1);
	if (*command->help)
		printf("\n%s\n", command->help);
	options_print(command);
	return finish_output();
}

static int run_command_line(const struct command *command, int argc,
			    char **argv)
{
	struct options options;
	int first = options_parse(command, argc, argv, &options);

	if (first < 0)
		return EXIT_USAGE;
	if (options.given & OPTION_HELP)
		return print_command_help(command);
	argc -= first;
	argv += first;
	if (argc < command->min || argc > command->max) {
		print_usage(command, stderr);
		return wrong_usage("%s: %s", command->name,
				   argc < command->min ?
					   "something is missing" :
					   "too many words");
	}
	return command->run(argv, &options);
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return wrong_usage("which command?");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    (!strcmp(argv[1], "help") && argc == 2))
		return print_help();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("mmlimit " USER_VERSION);
		return finish_output();
	}
	if (!strcmp(argv[1], "help")) {
		command = find_command(argv[2]);
		if (command)
			return print_command_help(command);
		argv++;
	}
	command = find_command(argv[1]);
	if (!command)
		return wrong_usage("%s: no such command", argv[1]);
	return run_command_line(command, argc - 1, argv + 1);
}
