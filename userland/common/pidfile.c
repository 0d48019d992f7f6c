// SPDX-License-Identifier: GPL-2.0-only
/*
 * A daemon's pid file. A second daemon is kept away by the lock, which ends
 * with the process, and not by the file, which may be left over.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>

#include "daemon.h"

/*
 * Whether the path still leads to the file: its last owner may have removed it,
 * and so may anybody else who is allowed to
 */
static bool still_there(int fd, const char *path)
{
	struct stat opened, found;

	return !fstat(fd, &opened) && !stat(path, &found) &&
	       opened.st_dev == found.st_dev && opened.st_ino == found.st_ino;
}

static void name_owner(int fd, char *why, size_t size)
{
	char text[16] = "";
	ssize_t ret = pread(fd, text, sizeof(text) - 1, 0);

	/* The owner takes the lock before it writes its pid. */
	if (ret > 0)
		snprintf(why, size, "already running, with pid %d", atoi(text));
	else
		snprintf(why, size, "already running");
}

int pidfile_take(const char *path, char *why, size_t size)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			      0644);

		if (fd < 0) {
			snprintf(why, size, "%s: %s", path, strerror(errno));
			return -1;
		}
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			if (errno == EWOULDBLOCK)
				name_owner(fd, why, size);
			else
				snprintf(why, size, "%s: %s", path,
					 strerror(errno));
			close(fd);
			return -1;
		}
		if (still_there(fd, path))
			return fd;
		close(fd);
	}
}

void pidfile_remove(int fd, const char *path)
{
	if (still_there(fd, path))
		unlink(path);
}

int pidfile_write(int fd)
{
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0)
		return -errno;
	return 0;
}
