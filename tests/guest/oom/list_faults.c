// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests /proc/oom when the kernel has no memory for it, in kernels that can
 * make allocations fail.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/faults.h"
#include "lib/oomlist.h"
#include "lib/user.h"

#define FAILSLAB "/sys/kernel/debug/failslab/"

/* Numbers enough for the list to grow several times */
#define NUMBERS 1000

/* What is written, and what is read */
static char *numbers;
static char first[64];

static int write_numbers(void)
{
	return oomlist_write(numbers);
}

static int read_first(void)
{
	return file_read(OOMLIST, first, sizeof(first));
}

static char *all_numbers(void)
{
	char *text = malloc(NUMBERS * 6 + 1);
	size_t length = 0;

	ASSERT_TRUE(text);
	for (int i = 1; i <= NUMBERS; i++)
		length += sprintf(text + length, "%d\n", i);
	return text;
}

static void fail_with_direct_reclaim(const char *ignored)
{
	ASSERT_EQ(file_write(FAILSLAB "ignore-gfp-wait", ignored), 0);
	ASSERT_EQ(file_write(FAILSLAB "verbose",
			     strcmp(ignored, "N") ? "2" : "0"),
		  0);
}

KTAP_TEST(writer_without_memory_leaves_the_old_list, 60, "faults")
{
	int ret = 0, nth, failed = 0;
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_A) };
	static pid_t found[OOMLIST_MAX];

	numbers = all_numbers();
	fail_with_direct_reclaim("N");
	for (nth = 1; nth < 1000; nth++) {
		OOMLIST_SET(w[1].pid, w[0].pid);
		if (!fail_in_call(nth, write_numbers, &ret))
			break;
		if (!ret)
			continue;
		EXPECT_EQ(ret, -ENOMEM);
		OOMLIST_EXPECT(w[1].pid, w[0].pid);
		failed++;
	}
	fail_with_direct_reclaim("Y");
	printf("%d allocations, of which %d were fatal\n", nth - 1, failed);
	EXPECT_EQ(ret, 0);
	EXPECT_GT(failed, 3);
	EXPECT_GT(oomlist_read_by(4096, found, OOMLIST_MAX), 2);
	free(numbers);
	worker_end(&w[0]);
	worker_end(&w[1]);
}

KTAP_TEST(reader_without_memory_gets_an_error, 60, "faults")
{
	int ret = 0, nth, failed = 0;
	struct worker w = worker_start(USER_A);

	OOMLIST_SET(w.pid);
	/* The call needs no page for its buffer, which would be another error. */
	memset(first, 0, sizeof(first));
	fail_with_direct_reclaim("N");
	for (nth = 1; nth < 1000; nth++) {
		if (!fail_in_call(nth, read_first, &ret))
			break;
		if (ret) {
			EXPECT_EQ(ret, -ENOMEM);
			failed++;
		}
	}
	fail_with_direct_reclaim("Y");
	EXPECT_EQ(ret, 0);
	EXPECT_EQ(atoi(first), w.pid);
	EXPECT_GT(failed, 1);
	OOMLIST_EXPECT(w.pid);
	worker_end(&w);
}
