// SPDX-License-Identifier: GPL-2.0-only
/* Runs programs by their command lines. */
#define _GNU_SOURCE 1
#include <stdio.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/tools.h"

char tool_output[PROGRAM_OUTPUT];

int tool(const char *command_line)
{
	int status = PROGRAM(tool_output, "sh", "-c", command_line);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void tool_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	ASSERT_TRUE(file);
	fputs(text, file);
	ASSERT_EQ(fclose(file), 0);
}
