// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd beside a test, and the list that it has written. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>

#include "ktap/ktap.h"
#include "lib/oomlist.h"
#include "lib/rankd.h"

struct background oomrankd;

void rankd_start(const char *const arguments[])
{
	background_start(&oomrankd, arguments);
	rankd_await("start");
}

void rankd_await(const char *why)
{
	char says[64];

	snprintf(says, sizeof(says), "oomrankd: %s: ", why);
	background_expect(&oomrankd, says);
	background_expect(&oomrankd, "\n");
}

void rankd_rank(void)
{
	ASSERT_EQ(kill(oomrankd.pid, SIGHUP), 0);
	rankd_await("signal");
}

void rankd_end(void)
{
	EXPECT_EQ(background_end(&oomrankd, SIGTERM), 0);
	background_close(&oomrankd);
}

size_t rankd_list(pid_t pids[RANKD_MOST])
{
	return oomlist_read_by(65536, pids, RANKD_MOST);
}

int rankd_place(pid_t pid)
{
	pid_t pids[RANKD_MOST];
	size_t count = rankd_list(pids);

	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return i;
	return -1;
}
