// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: memory pressure, as the kernel tells it (PSI). */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pressure.h"

int pressure_open(const char *trigger)
{
	size_t size = strlen(trigger) + 1;
	int fd = open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	/*
	 * The final NUL is part of it, since the kernel overwrites the last
	 * byte.
	 */
	if (write(fd, trigger, size) == (ssize_t)size)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}
