// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that run beside a test, which reads their output and waits for their
 * end.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/background.h"

static void announce(const char *const arguments[])
{
	printf("$");
	for (const char *const *a = arguments; *a; a++)
		printf(" %s", *a);
	printf(" &\n");
	fflush(stdout);
}

static _Noreturn void become_program(int output, bool input,
				     const char *const arguments[])
{
	if (input)
		dup2(output, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	/* exec does not change what it is given. */
	execvp(arguments[0], (char *const *)arguments);
	fprintf(stderr, "%s: %s\n", arguments[0], strerror(errno));
	_exit(127);
}

void background_start(struct background *program, const char *const arguments[])
{
	int out[2];

	announce(arguments);
	*program = (struct background){ .terminal = -1 };
	ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
	program->pid = fork();
	ASSERT_GE(program->pid, 0);
	if (!program->pid)
		become_program(out[1], false, arguments);
	close(out[1]);
	program->fd = out[0];
}

void background_resize(struct background *program, unsigned short rows,
		       unsigned short columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	ASSERT_EQ(ioctl(program->fd, TIOCSWINSZ, &size), 0);
}

void background_start_on_terminal(struct background *program,
				  unsigned short rows, unsigned short columns,
				  const char *const arguments[])
{
	announce(arguments);
	*program = (struct background){ .terminal = -1 };
	program->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ASSERT_GE(program->fd, 0);
	ASSERT_EQ(grantpt(program->fd), 0);
	ASSERT_EQ(unlockpt(program->fd), 0);
	program->terminal =
		open(ptsname(program->fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ASSERT_GE(program->terminal, 0);
	background_resize(program, rows, columns);
	program->pid = fork();
	ASSERT_GE(program->pid, 0);
	if (!program->pid) {
		setenv("TERM", "vt100", 1);
		setsid();
		ioctl(program->terminal, TIOCSCTTY, 0);
		become_program(program->terminal, true, arguments);
	}
}

/* Returns false at the end. */
static bool take(struct background *program)
{
	size_t room = sizeof(program->text) - 1 - program->length;
	ssize_t ret;

	ASSERT_GT(room, 0);
	do {
		ret = read(program->fd, program->text + program->length, room);
	} while (ret < 0 && errno == EINTR);
	if (ret <= 0)
		return false;
	fwrite(program->text + program->length, 1, ret, stdout);
	fflush(stdout);
	program->length += ret;
	program->text[program->length] = '\0';
	return true;
}

void background_expect(struct background *program, const char *part)
{
	const char *found;

	ktap_waiting_for("process %d to say '%s'", program->pid, part);
	while (!(found = strstr(program->text + program->seen, part))) {
		if (!take(program)) {
			KTAP_FAIL("expected '%s' before the end", part);
			ktap_stop();
		}
	}
	ktap_waiting_for(NULL);
	program->seen = found + strlen(part) - program->text;
}

void background_drain(struct background *program)
{
	struct pollfd fd = { .fd = program->fd, .events = POLLIN };

	while (poll(&fd, 1, 0) == 1 && (fd.revents & POLLIN) && take(program))
		continue;
}

void background_type(struct background *program, const char *keys)
{
	ASSERT_EQ(write(program->fd, keys, strlen(keys)), strlen(keys));
}

int background_wait(struct background *program)
{
	struct pollfd fds[] = {
		{ .fd = program->fd, .events = POLLIN },
		{ .events = POLLIN },
	};
	int status;

	fds[1].fd = syscall(SYS_pidfd_open, program->pid, 0);
	ASSERT_GE(fds[1].fd, 0);
	ktap_waiting_for("process %d to end", program->pid);
	do {
		ASSERT_GE(poll(fds, 2, -1), 0);
		if ((fds[0].revents & POLLIN) && !take(program))
			fds[0].fd = -1;
		else if (fds[0].revents & ~POLLIN)
			fds[0].fd = -1;
	} while (!fds[1].revents);
	ktap_waiting_for(NULL);
	close(fds[1].fd);
	background_drain(program);
	ASSERT_EQ(waitpid(program->pid, &status, 0), program->pid);
	return status;
}

int background_end(struct background *program, int signal)
{
	ASSERT_EQ(kill(program->pid, signal), 0);
	return background_wait(program);
}

void background_close(struct background *program)
{
	close(program->fd);
	if (program->terminal >= 0)
		close(program->terminal);
}
