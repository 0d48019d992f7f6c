// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: the kernel's task monitor from the command line. */
#define _GNU_SOURCE 1
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "commands.h"
#include "operands.h"
#include "say.h"

const char program_name[] = "taskmon";

static const struct command *const commands[] = {
	&start_command, &stop_command, &show_command,
	&plot_command,	&csv_command,
};

static int print_help(void)
{
	char words[48];

	puts("Monitors CPU time and sizes of processes.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(words, sizeof(words), "%s %s", commands[i]->name,
			 commands[i]->operands);
		printf("  taskmon %-22s %s\n", words, commands[i]->summary);
	}
	puts("\n"
	     "Samples are taken once a second, or as often as -p, --period says (1ms to 1h),\n"
	     "which goes for all processes. Processes that end keep their histories until\n"
	     "'stop', or until the system is short of memory. The module is loaded when it is\n"
	     "needed.\n"
	     "\n"
	     "show --json prints {\"schema\": 1, \"samples\": [...]}, each with pid, time_us,\n"
	     "usr_us, sys_us, cpu_percent, total_kib, stack_kib and data_kib; of each process\n"
	     "the newest one, with samples, their number, and name, null when the process has\n"
	     "ended.\n"
	     "\n"
	     "NAME is - when the process has ended. Times are in seconds since the boot, and\n"
	     "of CPU time since the process began; CPU% is of one CPU, since the sample\n"
	     "before. In csv they are in microseconds and sizes in KiB, with the names of the\n"
	     "columns in the first line. For gnuplot:\n"
	     "\n"
	     "  set datafile separator ','; plot 'FILE' using 2:($3+$4) with lines\n"
	     "\n"
	     "'taskmon help', or --help, is this text, 'taskmon --version' the version.\n"
	     "\n"
	     "Exit status: 0; 1: refused or failed; 2: wrong usage.");
	return finish_output();
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

int main(int argc, char **argv)
{
	const struct command *command = NULL;

	if (argc < 2)
		return wrong_command(NULL);
	if (is_help(argv[1]) || !strcmp(argv[1], "help") ||
	    (argc > 2 && is_help(argv[2])))
		return print_help();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("taskmon " USER_VERSION);
		return finish_output();
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i]->name))
			command = commands[i];
	if (!command)
		return wrong_command(argv[1]);
	argc -= 2;
	argv += 2;
	if (argc < command->min)
		return missing_operand("PID");
	if (command->max && argc > command->max)
		return unexpected_operand(argv[command->max]);
	return command->run(argv);
}
