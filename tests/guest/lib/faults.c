// SPDX-License-Identifier: GPL-2.0-only
/* See faults.h. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/faults.h"

/* No call that is tested allocates as often. */
#define MANY 1000

void fail_prepare(void)
{
	ASSERT_EQ(file_write(FAILSLAB "cache-filter", "N"), 0);
	ASSERT_EQ(file_write(FAIL_PAGE "min-order", "0"), 0);
	ASSERT_EQ(file_write(FAILSLAB "verbose", "0"), 0);
	ASSERT_EQ(file_write(FAIL_PAGE "verbose", "0"), 0);
	ASSERT_EQ(file_write(FAILSLAB "ignore-gfp-wait", "N"), 0);
	ASSERT_EQ(file_write(FAIL_PAGE "ignore-gfp-wait", "N"), 0);
}

/* Returns how many allocations more would have been until the @nth. */
static unsigned int left_after_call(unsigned int nth, int (*call)(void),
				    int *error)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	char text[16], left[16] = "";
	int length = snprintf(text, sizeof(text), "%u", nth);
	ssize_t ret;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(write(fd, text, length), length);
	*error = call();
	ret = pread(fd, left, sizeof(left) - 1, 0);
	/* Now those of others count no longer. */
	pwrite(fd, "0", 1, 0);
	close(fd);
	ASSERT_GT(ret, 0);
	return atoi(left);
}

bool fail_in_call(unsigned int nth, int (*call)(void), int *error)
{
	return !left_after_call(nth, call, error);
}

unsigned int fail_count(int (*call)(void))
{
	const unsigned int never = 1000000;
	int error;

	return never - left_after_call(never, call, &error);
}

unsigned int fail_each(int (*call)(void), void (*check)(int error))
{
	unsigned int nth = 0, failures = 0;
	bool failed;
	int error;

	do {
		failed = fail_in_call(++nth, call, &error);
		if (error)
			EXPECT_EQ(error, -ENOMEM);
		failures += error != 0;
		check(error);
	} while (failed && nth < MANY);
	EXPECT_LT(nth, MANY);
	EXPECT_EQ(error, 0);
	return failures;
}
