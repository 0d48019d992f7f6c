// SPDX-License-Identifier: GPL-2.0-only
/* Allocations of the kernel that fail. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/failing.h"

/* Between the two accesses to the file nothing but the call must allocate. */
bool call_with_failure(unsigned int nth, int (*call)(void), int *result)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	char text[16], left[16] = "";
	int length = snprintf(text, sizeof(text), "%u", nth);
	ssize_t ret;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(write(fd, text, length), length);
	*result = call();
	ret = pread(fd, left, sizeof(left) - 1, 0);
	/* From now on no allocation is counted. */
	pwrite(fd, "0", 1, 0);
	close(fd);
	ASSERT_GT(ret, 0);
	return !atoi(left);
}
