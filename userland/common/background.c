// SPDX-License-Identifier: GPL-2.0-only
/* A daemon goes into the background, and says when it is there. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon.h"

/*
 * Leads to the process that waits: a byte means that the daemon is ready, the
 * end of the pipe that it is not.
 */
static int waiter = -1;

static _Noreturn void wait_for_ready(int fd, pid_t child)
{
	char ready;
	ssize_t ret;

	do {
		ret = read(fd, &ready, 1);
	} while (ret < 0 && errno == EINTR);
	waitpid(child, NULL, 0);
	_exit(ret == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

void background_fork(void)
{
	int ready[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		exit(EXIT_FAILURE);
	pid = fork();
	if (pid < 0)
		exit(EXIT_FAILURE);
	if (pid) {
		close(ready[1]);
		wait_for_ready(ready[0], pid);
	}
	close(ready[0]);
	waiter = ready[1];
	/*
	 * The daemon has a session of its own, but does not lead it, so that it
	 * never gets a terminal.
	 */
	if (setsid() < 0)
		_exit(EXIT_FAILURE);
	pid = fork();
	if (pid)
		_exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	umask(022);
	/* The daemon must not keep a file system from being unmounted. */
	if (chdir("/"))
		_exit(EXIT_FAILURE);
}

void background_ready(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	if (write(waiter, "", 1) == 1)
		close(waiter);
	waiter = -1;
}
