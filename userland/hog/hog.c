// SPDX-License-Identifier: GPL-2.0-only
/* hog: fills memory, to see what a limit does about it. */
#define _GNU_SOURCE 1
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mmlimit.h"
#include "operands.h"
#include "say.h"

/* A line is printed after each step. */
#define STEP (10UL << 20)

const char program_name[] = "hog";

static int print_help(void)
{
	puts("Usage: hog SIZE [TIME]\n"
	     "Fill SIZE of memory (100M, 1.5GiB), byte by byte, keep it for TIME (2s), if\n"
	     "given, and end.\n"
	     "Limits are there to stop this: mmlimit run u0_a70 100M -- hog 160M\n"
	     "\n"
	     "  -h, --help     this text\n"
	     "  -V, --version  the version\n"
	     "\n"
	     "Exit status: 0 when all is filled; 1: it cannot be; 2: wrong usage.");
	return finish_output();
}

static bool is_option(const char *word, const char *name, const char *letter)
{
	return !strcmp(word, name) || !strcmp(word, letter);
}

/* Writes every byte. The compiler must not know that nobody reads them. */
static void fill(char *memory, unsigned long bytes)
{
	memset(memory, 0x5a, bytes);
	__asm__ volatile("" : : "r"(memory) : "memory");
}

int main(int argc, char **argv)
{
	unsigned long filled = 0, step;
	uint64_t bytes;
	char size[MMLIMIT_TEXT_SIZE], *memory;
	unsigned int keep_ms = 0;

	if (argc < 2)
		return missing_operand("SIZE");
	if (is_option(argv[1], "--help", "-h"))
		return print_help();
	if (is_option(argv[1], "--version", "-V")) {
		puts("hog " USER_VERSION);
		return finish_output();
	}
	if (*argv[1] == '-')
		return wrong_usage("no such option '%s'", argv[1]);
	if (argc > 3)
		return unexpected_operand(argv[3]);
	if (parse_size(NULL, argv[1], &bytes) ||
	    (argc == 3 && parse_duration(NULL, argv[2], 0, UINT_MAX, &keep_ms)))
		return EXIT_USAGE;

	memory = bytes > SIZE_MAX ? NULL : malloc(bytes ? bytes : 1);
	if (!memory)
		return fail("cannot allocate %s",
			    mmlimit_format_size(bytes, size));
	while (filled < bytes) {
		step = bytes - filled < STEP ? bytes - filled : STEP;
		fill(memory + filled, step);
		filled += step;
		printf("hog: pid %d has filled %s\n", getpid(),
		       mmlimit_format_size(filled, size));
		fflush(stdout);
	}
	usleep(keep_ms * 1000ULL);
	free(memory);
	return EXIT_SUCCESS;
}
