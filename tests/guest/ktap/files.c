// SPDX-License-Identifier: GPL-2.0-only
/* Reads and writes small files, such as those of /proc and sysfs, in one go. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ktap/files.h"

int file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t ret;
	int error;

	if (fd < 0)
		return -errno;
	while ((ret = read(fd, text + length, size - 1 - length)) > 0)
		length += ret;
	error = ret < 0 ? -errno : 0;
	close(fd);
	text[length] = '\0';
	return error;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text));
	if (ret < 0)
		error = -errno;
	else if ((size_t)ret != strlen(text))
		error = -EIO;
	close(fd);
	return error;
}
