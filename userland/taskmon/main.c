// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: the kernel's task monitor from the command line. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "mmlimit.h"
#include "taskmon.h"

static int print_help(void)
{
	puts("Monitors CPU time and sizes of processes.\n"
	     "\n"
	     "  taskmon start [-p, --period TIME] PID...  sample processes from now on\n"
	     "  taskmon stop PID...                       no longer, and forget their histories\n"
	     "  taskmon show [PID]                        newest sample of each process; history of one\n"
	     "  taskmon plot PID                          CPU use and size as they change; q ends\n"
	     "  taskmon csv [PID]                         histories for programs\n"
	     "\n"
	     "Samples are taken once a second, or as often as --period says (1ms to 1h), which\n"
	     "goes for all processes. Processes that end keep their histories until 'stop', or\n"
	     "until the system is short of memory. The module is loaded when it is needed.\n"
	     "\n"
	     "Times are in seconds since the boot, and of CPU time since the process began; CPU%\n"
	     "is of one CPU, since the sample before. In csv they are in microseconds and sizes\n"
	     "in KiB, with the names of the columns in the first line. For gnuplot:\n"
	     "\n"
	     "  set datafile separator ','; plot 'FILE' using 2:($3+$4) with lines\n"
	     "\n"
	     "'taskmon --help' is this text, 'taskmon --version' the version.\n"
	     "\n"
	     "Exit status: 0; 1: refused or failed; 2: wrong usage.");
	return finish_output();
}

/* Returns 0, or EXIT_USAGE: the user was told. */
static int parse_pid(const char *text, pid_t *pid)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !value ||
	    value > INT_MAX)
		return wrong_usage("%s: not the number of a process", text);
	*pid = value;
	return 0;
}

/* All are tried; the first complaint decides. */
static int for_each(char **pids, int (*call)(pid_t pid))
{
	int status = EXIT_SUCCESS;
	pid_t pid;

	for (char **text = pids; *text; text++)
		if (parse_pid(*text, &pid))
			return EXIT_USAGE;
	for (; *pids; pids++)
		if (!parse_pid(*pids, &pid) && call(pid))
			status = EXIT_FAILURE;
	return status;
}

/* The value of --period in front of the processes. Returns how many words. */
static int parse_period(char **words, unsigned int *ms)
{
	const char *value;
	int used = 1;

	if (!*words || strncmp(*words, "-", 1))
		return 0;
	if (!strcmp(*words, "-p") || !strcmp(*words, "--period")) {
		value = words[1];
		used = 2;
	} else if (!strncmp(*words, "--period=", strlen("--period="))) {
		value = *words + strlen("--period=");
	} else {
		wrong_usage("start: there is no option %s", *words);
		return -1;
	}
	if (!value || mmlimit_parse_duration(value, ms) || !*ms) {
		wrong_usage("--period: not a time; 500ms, 2s are some");
		return -1;
	}
	return used;
}

static int start(char **words)
{
	unsigned int ms = 0;
	int used = parse_period(words, &ms), ret;
	pid_t pid;

	if (used < 0)
		return EXIT_USAGE;
	words += used;
	if (!*words)
		return wrong_usage("start: which process?");
	/* Before anything is loaded or changed */
	for (char **text = words; *text; text++)
		if (parse_pid(*text, &pid))
			return EXIT_USAGE;
	ret = monitor_load();
	if (!ret && ms)
		ret = monitor_set_period(ms);
	return ret ? ret : for_each(words, monitor_start);
}

static int stop(char **words)
{
	if (!*words)
		return wrong_usage("stop: which process?");
	return for_each(words, monitor_stop);
}

/* A command for one process, or for all: 0 */
static int run_one(const char *name, char **words, bool optional,
		   int (*command)(pid_t pid))
{
	pid_t pid = 0;

	if (!*words && !optional)
		return wrong_usage("%s: which process?", name);
	if (*words && words[1])
		return wrong_usage("%s: too many words", name);
	if (*words && parse_pid(*words, &pid))
		return EXIT_USAGE;
	return command(pid);
}

int main(int argc, char **argv)
{
	const char *name = argv[1];

	if (argc < 2)
		return wrong_usage("which command?");
	if (!strcmp(name, "--help") || !strcmp(name, "-h") ||
	    !strcmp(name, "help") ||
	    (argc > 2 &&
	     (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"))))
		return print_help();
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts("taskmon " USER_VERSION);
		return finish_output();
	}
	if (!strcmp(name, "start"))
		return start(argv + 2);
	if (!strcmp(name, "stop"))
		return stop(argv + 2);
	if (!strcmp(name, "show"))
		return run_one(name, argv + 2, true, show);
	if (!strcmp(name, "csv"))
		return run_one(name, argv + 2, true, csv);
	if (!strcmp(name, "plot"))
		return run_one(name, argv + 2, false, plot);
	return wrong_usage("%s: no such command", name);
}
