// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that what is asked of limits is done whole or not at all where allocations fail,
 * in kernels that can make them fail.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/faults.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/usage.h"

#define LIMIT (100 * MIB)

/* Nobody has processes of this user, so that the kernel has to make it up. */
#define STRANGER (TEST_USER_FIRST + 50)

static int set_limit(void)
{
	return mmlimit_set(STRANGER, LIMIT);
}

static void expect_all_or_nothing(int error)
{
	if (error) {
		limit_expect_none(STRANGER);
		return;
	}
	limit_expect(STRANGER, LIMIT, 0);
	EXPECT_EQ(mmlimit_remove(STRANGER), 0);
}

KTAP_TEST(limit_is_set_or_there_is_none_whichever_allocation_fails, 20,
	  "faults")
{
	fail_prepare();
	/* The limit, its history; the user may still be there from the call before. */
	EXPECT_GE(fail_each(set_limit, expect_all_or_nothing), 2);
}

static int read_limits(void)
{
	int fd = open("/proc/mm_limits", O_RDONLY | O_CLOEXEC), error = 0;
	char text[256];

	if (fd < 0)
		return -errno;
	if (read(fd, text, sizeof(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

static void expect_the_limit(int error)
{
	limit_expect(STRANGER, LIMIT, 0);
}

KTAP_TEST(reading_the_limits_survives_each_failure_of_an_allocation, 20,
	  "faults")
{
	fail_prepare();
	ASSERT_EQ(mmlimit_set(STRANGER, LIMIT), 0);
	EXPECT_GE(fail_each(read_limits, expect_the_limit), 2);
	EXPECT_EQ(mmlimit_remove(STRANGER), 0);
}
