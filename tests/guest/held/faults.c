// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that what is held stays charged exactly where allocations fail, in kernels that can
 * make them fail.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/uio.h>

#include "ktap/ktap.h"
#include "lib/faults.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/swap.h"

/* What the tested calls use is there before, so that they allocate nothing else. */
static char page[PAGE] __attribute__((aligned(PAGE)));
static int ends[2];

static int pin_a_page(void)
{
	struct iovec vec = { page, PAGE };

	return vmsplice(ends[1], &vec, 1, 0) == PAGE ? 0 : -errno;
}

/* Nothing of a page that could not be pinned is in the pipe. */
static void empty_pipe(int error)
{
	EXPECT_EQ(read(ends[0], page, PAGE), error ? -1 : (ssize_t)PAGE);
}

static long splice_with_failures(long unused)
{
	memset(page, 'x', PAGE);
	if (pipe2(ends, O_NONBLOCK))
		return -errno;
	return fail_each(pin_a_page, empty_pipe);
}

KTAP_TEST(page_that_cannot_be_charged_is_not_pinned, 20, "faults")
{
	struct worker worker;

	limits_count("held");
	fail_prepare();
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	EXPECT_GE(worker_call(&worker, splice_with_failures, 0), 1);
	held_exact(USER_A);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_count("rss");
}

static void expect_swap_or_none(int error)
{
	EXPECT_EQ(swap_is_on(), !error);
	if (!error)
		EXPECT_EQ(swap_off(), 0);
}

KTAP_TEST(swap_space_is_there_or_not_whichever_allocation_fails, 60, "faults")
{
	swap_on(16 * MIB);
	ASSERT_EQ(swap_off(), 0);
	printf("expect-splat vmalloc error: size\n"
	       "expect-splat ^kmemleak: Cannot allocate a scan area\n");
	fail_prepare();
	/* The table of users among them */
	EXPECT_GE(fail_each(swap_try_on, expect_swap_or_none), 5);
	EXPECT_EQ(swap_remove(), 0);
}
