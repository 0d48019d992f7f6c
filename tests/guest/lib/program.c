// SPDX-License-Identifier: GPL-2.0-only
/* Runs programs and keeps what they print. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/program.h"

static _Noreturn void become_program(int output, const char *const arguments[])
{
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	/*
	 * exec does not change what it is given; its type is older than const.
	 */
	execvp(arguments[0], (char *const *)arguments);
	fprintf(stderr, "%s: %s\n", arguments[0], strerror(errno));
	_exit(127);
}

int program_run(char *output, size_t size, const char *const arguments[])
{
	size_t length = 0;
	int out[2], status;
	ssize_t ret;
	pid_t pid;

	printf("$");
	for (const char *const *a = arguments; *a; a++)
		printf(" %s", *a);
	printf("\n");
	fflush(stdout);

	ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		become_program(out[1], arguments);
	close(out[1]);
	ktap_waiting_for("%s to end", arguments[0]);
	while ((ret = read(out[0], output + length, size - 1 - length)) > 0 ||
	       (ret < 0 && errno == EINTR)) {
		if (ret < 0)
			continue;
		fwrite(output + length, 1, ret, stdout);
		fflush(stdout);
		length += ret;
		ASSERT_LT(length, size - 1);
	}
	close(out[0]);
	output[length] = '\0';
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ktap_waiting_for(NULL);
	ASSERT_TRUE(!WIFEXITED(status) || WEXITSTATUS(status) != 127);
	return status;
}

void program_install(const char *path, mode_t mode)
{
	char block[4096];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	ssize_t length;

	ASSERT_GE(from, 0);
	ASSERT_GE(to, 0);
	while ((length = read(from, block, sizeof(block))) > 0)
		ASSERT_EQ(write(to, block, length), length);
	ASSERT_EQ(length, 0);
	close(from);
	ASSERT_EQ(fchmod(to, mode), 0);
	close(to);
}

unsigned int occurrences(const char *text, const char *part)
{
	unsigned int count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}
