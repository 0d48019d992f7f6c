// SPDX-License-Identifier: GPL-2.0-only
/* Whole files in and out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

static int read_all(int fd, struct text *content)
{
	char buffer[16384];
	ssize_t length;

	for (;;) {
		length = read(fd, buffer, sizeof(buffer));
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		if (!length)
			return content->failed ? -ENOMEM : 0;
		if (memchr(buffer, 0, length))
			return -EINVAL;
		text_add(content, buffer, length);
	}
}

int file_read(const char *path, struct text *content, struct text *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	ret = fd < 0 ? -errno : read_all(fd, content);
	if (fd >= 0)
		close(fd);
	if (ret)
		text_printf(why, "%s: %s", path, strerror(-ret));
	return ret;
}

int write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		data += written;
		length -= written;
	}
	return 0;
}

int file_write(const char *path, const char *data, size_t length,
	       struct text *why)
{
	struct text part = { 0 };
	int ret = -ENOMEM;
	int fd = -1;

	text_printf(&part, "%s.part", path);
	if (part.failed)
		goto out;
	fd = open(part.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ret = fd < 0 ? -errno : write_all(fd, data, length);
	if (fd >= 0 && close(fd) < 0 && !ret)
		ret = -errno;
	if (!ret && rename(part.data, path) < 0)
		ret = -errno;
	if (ret)
		unlink(part.data);
out:
	if (ret)
		text_printf(why, "%s: %s", path, strerror(-ret));
	text_free(&part);
	return ret;
}
