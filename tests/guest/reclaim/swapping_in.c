// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that memory that comes back from swap is no way past the limit, whoever has it come
 * and wherever it is then.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/resource.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/reclaim.h"
#include "lib/usage.h"
#include "lib/watch.h"

#define LIMIT (RECLAIM_MIB(48) * MIB)
#define SWAP (RECLAIM_MIB(320) * MIB)

/* Processes, how many arguments each has, of the greatest length, and their limit */
#define HOLDERS 3
#define STRING (128 * KIB)
#define STRINGS (2 * MIB / STRING)
#define HOLDERS_LIMIT (8 * MIB)
#define MOST_STRINGS 256
#define EXEC_NEEDS (64 * KIB)

/* Swaps out its arguments. */
KTAP_PROGRAM(arguments_holder)
{
	char *first = argv[1], *last = argv[argc - 1];
	char *base = (char *)((unsigned long)first & ~(PAGE - 1));

	madvise(base, (last - base) & ~(PAGE - 1), MADV_PAGEOUT);
	for (;;)
		pause();
	return 0;
}

static long hold_arguments(long strings)
{
	static char text[STRING],
		*words[MOST_STRINGS + 2] = { (char *)"arguments_holder" };
	const struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };

	memset(text, '0', sizeof(text) - 1);
	setrlimit(RLIMIT_STACK, &most);
	for (long i = 1; i <= strings; i++)
		words[i] = text;
	execv("/proc/self/exe", words);
	return -errno;
}

static struct worker start_holder(void)
{
	struct worker worker = worker_start(USER_A);

	ASSERT_LE(STRINGS, MOST_STRINGS);
	worker_send(&worker, hold_arguments, STRINGS);
	ktap_waiting_for("the arguments to be in swap");
	while (process_status(worker.pid, "VmSwap:") * KIB <
	       (STRINGS - 2) * STRING) {
		ASSERT_TRUE(worker_alive(&worker));
		usleep(20000);
	}
	ktap_waiting_for(NULL);
	return worker;
}

/* Returns how many bytes of a process's arguments it can read. */
static long read_arguments(long pid)
{
	static char block[64 * KIB];
	long n, bytes = 0;
	char path[64];
	int file;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	file = open(path, O_RDONLY);
	if (file < 0)
		return -errno;
	while ((n = read(file, block, sizeof(block))) > 0)
		bytes += n;
	close(file);
	return bytes;
}

KTAP_TEST(reader_of_arguments_brings_nobody_above_its_limit, 60, "reclaim")
{
	struct worker holders[HOLDERS], reader;
	struct mm_limit_attr attr;
	unsigned long long kills;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, HOLDERS_LIMIT);
	reader = worker_start(USER_B);
	for (int i = 0; i < HOLDERS; i++)
		holders[i] = start_holder();
	/* What exec needs beside the arguments it gets in any case. */
	attr = limit_read(USER_A);
	EXPECT_LE(attr.peak, HOLDERS_LIMIT + EXEC_NEEDS);
	/* A slow machine may have given up reclaiming by then. */
	kills = attr.kills;
	for (int i = 0; i < HOLDERS; i++)
		printf("read %ld of %lu bytes\n",
		       worker_call(&reader, read_arguments, holders[i].pid),
		       STRINGS * STRING);
	attr = reclaim_read(USER_A);
	EXPECT_LE(attr.peak, HOLDERS_LIMIT + EXEC_NEEDS);
	EXPECT_EQ(attr.kills, kills);
	for (int i = 0; i < HOLDERS; i++) {
		kill(holders[i].pid, SIGKILL);
		worker_wait(&holders[i]);
	}
	worker_end(&reader);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
}

static struct region cold;

static long swap_out_cold(long bytes)
{
	cold = region_map(bytes / PAGE);
	region_touch(&cold, 0, cold.pages);
	return madvise((void *)cold.base, bytes, MADV_PAGEOUT) ? -errno : 0;
}

/* Has all of it brought back ahead of its use. */
static long ask_for_cold(long unused)
{
	return madvise((void *)cold.base, cold.pages * PAGE, MADV_WILLNEED) ?
		       -errno :
		       0;
}

static long damage_of_cold(long unused)
{
	return region_damage(&cold, 0, cold.pages);
}

KTAP_TEST(memory_that_is_asked_for_ahead_is_bounded, 60, "reclaim")
{
	const unsigned long bytes = 4 * LIMIT;
	struct worker worker;
	struct watch watch;
	long ret;

	reclaim_begin(SWAP);
	reclaim_limit(USER_A, LIMIT);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, swap_out_cold, bytes), 0);
	EXPECT_GE(limit_read(USER_A).swap, bytes / 2);
	watch = watch_begin(1000);
	worker_send(&worker, ask_for_cold, 0);
	watch_worker(&watch, &worker, LONG_MAX, 10000 * ktap_slowdown());
	watch_end();
	ret = worker_receive(&worker);
	/* It may be refused, but is only advice. */
	EXPECT_TRUE(!ret || ret == -ENOMEM || ret == -EAGAIN);
	printf("%ld KiB fewer were free at worst, of %lu\n", watch.worst,
	       LIMIT / KIB);
	EXPECT_LE(watch.worst, (LIMIT + held_slack(LIMIT)) / KIB);
	EXPECT_EQ(worker_call(&worker, damage_of_cold, 0), 0);
	reclaim_end(USER_A, &worker);
	reclaim_finish();
}
