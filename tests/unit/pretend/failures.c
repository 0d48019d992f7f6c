// SPDX-License-Identifier: GPL-2.0-only
/* Calls that fail when a test says so, as they do on a machine in trouble. */
#define _GNU_SOURCE
#include "pretend.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

/* How many entries MM_FAIL may have */
#define MOST 8

/* The kernel is at work, which has troubles of its own. */
static bool undisturbed;

void pretend_disturb(bool disturb)
{
	undisturbed = !disturb;
}

bool pretend_fails(const char *name)
{
	static unsigned int calls[MOST];
	const char *entry = getenv("MM_FAIL");
	int error, used, errno_before = errno;
	bool fails = false;
	char failing[64];
	unsigned int nth;

	if (undisturbed)
		return false;
	for (int i = 0; entry && !fails && i < MOST; i++, entry += used) {
		if (sscanf(entry, " %63[^:]:%u:%d%n", failing, &nth, &error,
			   &used) != 3)
			break;
		fails = !strcmp(failing, name) && (++calls[i] == nth || !nth);
	}
	errno = fails ? error : errno_before;
	return fails;
}

/* FAILING(RESULT'S TYPE, RESULT OF A FAILURE, NAME, PARAMETERS, ARGUMENTS) */
#define FAILING(type, failed, name, parameters, arguments)             \
	type __real_##name parameters;                                 \
	type __wrap_##name parameters;                                 \
	type __wrap_##name parameters                                  \
	{                                                              \
		return pretend_fails(#name) ? failed :                 \
					      __real_##name arguments; \
	}

FAILING(int, -1, signalfd, (int fd, const sigset_t *mask, int flags),
	(fd, mask, flags))
FAILING(int, -1, timerfd_create, (clockid_t clock, int flags), (clock, flags))
FAILING(int, -1, timerfd_settime,
	(int fd, int flags, const struct itimerspec *times,
	 struct itimerspec *before),
	(fd, flags, times, before))
FAILING(int, -1, pipe2, (int fds[2], int flags), (fds, flags))
FAILING(pid_t, -1, fork, (void), ())
FAILING(pid_t, -1, setsid, (void), ())
FAILING(int, -1, chdir, (const char *path), (path))
FAILING(pid_t, -1, waitpid, (pid_t pid, int *status, int options),
	(pid, status, options))
FAILING(int, -1, tcsetattr, (int fd, int actions, const struct termios *how),
	(fd, actions, how))
FAILING(ssize_t, -1, read, (int fd, void *data, size_t size), (fd, data, size))
FAILING(ssize_t, -1, write, (int fd, const void *data, size_t size),
	(fd, data, size))
FAILING(int, -1, flock, (int fd, int operation), (fd, operation))
FAILING(int, -1, ftruncate, (int fd, off_t length), (fd, length))
FAILING(off_t, -1, lseek, (int fd, off_t offset, int whence),
	(fd, offset, whence))
FAILING(char *, NULL, realpath, (const char *path, char *resolved),
	(path, resolved))
FAILING(FILE *, NULL, open_memstream, (char **text, size_t *length),
	(text, length))
FAILING(void *, NULL, malloc, (size_t size), (size))
FAILING(void *, NULL, calloc, (size_t count, size_t size), (count, size))
FAILING(void *, NULL, realloc, (void *old, size_t size), (old, size))
FAILING(void *, NULL, reallocarray, (void *old, size_t count, size_t size),
	(old, count, size))
FAILING(char *, NULL, strdup, (const char *text), (text))

/* What compilers make of fork() to count what is executed */
pid_t __wrap___gcov_fork(void);
pid_t __wrap___gcov_fork(void)
{
	return __wrap_fork();
}

/* Memory cannot be locked without privilege, and tests have none. */
int __wrap_mlockall(int flags);
int __wrap_mlockall(int flags)
{
	(void)flags;
	return pretend_fails("mlockall") ? -1 : 0;
}

/* A file's text reaches the kernel at the end, which may refuse it. */
int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
	int ret = __real_fclose(file);

	return pretend_fails("fclose") ? EOF : ret;
}

/* The machine has 512 MiB, of which 12 MiB are the kernel's. */
int __wrap_sysinfo(struct sysinfo *info);
int __wrap_sysinfo(struct sysinfo *info)
{
	*info = (struct sysinfo){ .totalram = 500, .mem_unit = 1 << 20 };
	return 0;
}

/* What was executed is written down at the usual end of a program, and not at these. */
void __gcov_dump(void) __attribute__((weak));

void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status)
{
	if (__gcov_dump)
		__gcov_dump();
	__real__exit(status);
}

int __real_raise(int signal);
int __wrap_raise(int signal);
int __wrap_raise(int signal)
{
	if (__gcov_dump && signal == SIGPIPE)
		__gcov_dump();
	return __real_raise(signal);
}
