// SPDX-License-Identifier: GPL-2.0-only
/* Runs the tools as programs. */
#define _GNU_SOURCE
#include "unit.h"

#include "program.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Longer than any program here takes, however busy the machine is */
#define PATIENCE_MS 30000

char tool_output[65536];

/* The tools with their pretended machine come before all others. */
static void find_tools(void)
{
	char path[PATH_MAX], all[2 * PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(length > 0);
	path[length] = '\0';
	snprintf(all, sizeof(all), "%s/bin:%s", dirname(path), getenv("PATH"));
	setenv("PATH", all, 1);
	setenv("TZ", "UTC", 1);
}

static _Noreturn void execute(const char *line)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	find_tools();
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

static int exit_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void background_start(struct background *program, const char *line)
{
	int ends[2];

	memset(program, 0, sizeof(*program));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	program->fd = ends[0];
	program->pid = fork();
	assert_true(program->pid >= 0);
	if (!program->pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execute(line);
	}
	close(ends[1]);
}

void background_start_on_terminal(struct background *program, const char *line,
				  int rows, int columns)
{
	const struct winsize size = { .ws_row = rows, .ws_col = columns };

	memset(program, 0, sizeof(*program));
	program->pid = forkpty(&program->fd, NULL, NULL, rows ? &size : NULL);
	assert_true(program->pid >= 0);
	if (!program->pid) {
		setenv("TERM", "xterm", 0);
		execute(line);
	}
}

/* Returns false at the end of what it prints. */
static bool read_more(struct background *program, const char *expected)
{
	struct pollfd fd = { .fd = program->fd, .events = POLLIN };
	size_t room = sizeof(program->text) - 1 - program->length;
	ssize_t got;

	if (poll(&fd, 1, PATIENCE_MS) != 1 || !room) {
		kill(program->pid, SIGKILL);
		fail_msg("expected %s, but nothing more came after '%s'",
			 expected, program->text + program->seen);
	}
	got = read(program->fd, program->text + program->length, room);
	if (got <= 0)
		return false;
	program->length += got;
	return true;
}

void background_expect(struct background *program, const char *text)
{
	const char *found;

	while (!(found = strstr(program->text + program->seen, text))) {
		if (read_more(program, text))
			continue;
		fail_msg("expected '%s', but it ended after '%s'", text,
			 program->text + program->seen);
	}
	program->seen = found + strlen(text) - program->text;
}

void background_press(struct background *program, const char *keys)
{
	assert_int_equal(write(program->fd, keys, strlen(keys)), strlen(keys));
}

void background_wait_stop(struct background *program)
{
	int status;

	assert_int_equal(waitpid(program->pid, &status, WUNTRACED),
			 program->pid);
	assert_true(WIFSTOPPED(status));
}

int background_end(struct background *program, int signal)
{
	if (signal)
		assert_int_equal(kill(program->pid, signal), 0);
	while (read_more(program, "the end"))
		;
	close(program->fd);
	return exit_status(program->pid);
}

int tool(const char *line)
{
	static struct background program;
	int status;

	background_start(&program, line);
	status = background_end(&program, 0);
	memcpy(tool_output, program.text, sizeof(tool_output));
	return status;
}

void expect_tool(const char *line, int status)
{
	int ended = tool(line);

	if (ended != status)
		fail_msg("%s: ended with %d, not %d: %s", line, ended, status,
			 tool_output);
}

static void expect_with(const char *name, const char *value, const char *line,
			int status)
{
	setenv(name, value, 1);
	expect_tool(line, status);
	unsetenv(name);
}

void expect_tool_of(const char *uid, const char *line, int status)
{
	expect_with("MM_UID", uid, line, status);
}

void expect_failing(const char *fail, const char *line, int status)
{
	expect_with("MM_FAIL", fail, line, status);
}

void expect_said(const char *text)
{
	if (!strstr(tool_output, text))
		fail_msg("expected '%s' in '%s'", text, tool_output);
}

void expect_not_said(const char *text)
{
	if (strstr(tool_output, text))
		fail_msg("did not expect '%s' in '%s'", text, tool_output);
}

void expect_output(const char *text)
{
	assert_string_equal(tool_output, text);
}
