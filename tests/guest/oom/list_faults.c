// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests /proc/oom when the kernel has no memory for it, in kernels that can
 * make allocations fail.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/oomlist.h"
#include "lib/user.h"

#define FAILSLAB "/sys/kernel/debug/failslab/"

/* Numbers enough for the list to grow several times */
#define NUMBERS 1000

/* Makes the nth allocation from now on fail; 0: none. Returns what was left. */
static int fail_nth(int fd, int nth)
{
	char text[16] = "";
	int left;

	ASSERT_GE(pread(fd, text, sizeof(text) - 1, 0), 1);
	left = atoi(text);
	snprintf(text, sizeof(text), "%d", nth);
	ASSERT_EQ(pwrite(fd, text, strlen(text), 0), strlen(text));
	return left;
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
	int fd = open("/proc/self/fail-nth", O_RDWR), ret = 0, nth, failed = 0;
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_A) };
	static pid_t found[OOMLIST_MAX];
	char *text = all_numbers();

	ASSERT_GE(fd, 0);
	fail_with_direct_reclaim("N");
	for (nth = 1; nth < 1000; nth++) {
		OOMLIST_SET(w[1].pid, w[0].pid);
		fail_nth(fd, nth);
		ret = oomlist_write(text);
		if (fail_nth(fd, 0))
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
	free(text);
	close(fd);
	worker_end(&w[0]);
	worker_end(&w[1]);
}

KTAP_TEST(reader_without_memory_gets_an_error, 60, "faults")
{
	int fd = open("/proc/self/fail-nth", O_RDWR), ret = 0, nth, failed = 0;
	struct worker w = worker_start(USER_A);
	char text[64];

	ASSERT_GE(fd, 0);
	OOMLIST_SET(w.pid);
	fail_with_direct_reclaim("N");
	for (nth = 1; nth < 1000; nth++) {
		fail_nth(fd, nth);
		ret = file_read(OOMLIST, text, sizeof(text));
		if (fail_nth(fd, 0))
			break;
		if (ret) {
			EXPECT_EQ(ret, -ENOMEM);
			failed++;
		}
	}
	fail_with_direct_reclaim("Y");
	EXPECT_EQ(ret, 0);
	EXPECT_EQ(atoi(text), w.pid);
	EXPECT_GT(failed, 1);
	OOMLIST_EXPECT(w.pid);
	close(fd);
	worker_end(&w);
}
