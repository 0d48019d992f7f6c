// SPDX-License-Identifier: GPL-2.0-only
/* Tests what kernel memory of its processes a user is charged with, and how much it may be. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/io_uring.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/swap.h"
#include "lib/usage.h"

#define LIMIT (16 * MIB)

static long fork_many(long times)
{
	for (long i = 0; i < times; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		if (!pid)
			_exit(0);
		if (waitpid(pid, NULL, 0) != pid)
			return -errno;
	}
	return 0;
}

/* Each leaves 30 KiB that are freed a grace period after its end. */
KTAP_TEST(forks_near_the_limit_wait_for_what_others_leave, 60, "held")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, fork_many, 2), 0);
	grace_periods_pass();
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MIB / 2), 0);
	EXPECT_EQ(worker_call(&worker, fork_many, 200), 0);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define IDLE 32

static long start_idle(long count)
{
	const pid_t parent = getpid();

	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		if (!pid) {
			process_end_with(parent);
			for (;;)
				pause();
		}
	}
	return 0;
}

/*
 * Nobody is charged for what is left of the memory that each CPU has from the start. That is
 * filled by no more than so many mounts of root's, of which each has two numbers there.
 */
#define FILLING 8192

/* Each is in a namespace of its own. */
#define MAX_NAMESPACES "/proc/sys/user/max_mnt_namespaces"

static long make_mounts(long count)
{
	const struct rlimit open = { 2 * FILLING, 2 * FILLING };

	if (setrlimit(RLIMIT_NOFILE, &open))
		return -errno;
	for (long i = 0; i < count; i++)
		if (syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE) < 0)
			return -errno;
	return 0;
}

static void fill_first_areas(struct worker *others, struct worker *worker)
{
	for (int filled = 0; filled < FILLING && !held_areas(USER_A);
	     filled += FILLING / 16) {
		ASSERT_EQ(worker_call(others, make_mounts, FILLING / 16), 0);
		ASSERT_EQ(worker_call(worker, start_idle, 1), 0);
	}
}

/* An address space has four counters on each CPU. */
KTAP_TEST(memory_that_each_cpu_has_for_processes_is_charged, 60, "held")
{
	const long counters = 4 * sizeof(int) * sysconf(_SC_NPROCESSORS_CONF);
	struct worker worker, others;
	char namespaces[32];
	long before;

	if (ktap_slowdown() != 1)
		ktap_skip("a kernel this slow has no time for so many");
	ASSERT_EQ(file_read(MAX_NAMESPACES, namespaces, sizeof(namespaces)), 0);
	ASSERT_EQ(file_write(MAX_NAMESPACES, "20000"), 0);
	others = worker_start(0);
	usage_begin(USER_A);
	worker = worker_start(USER_A);
	fill_first_areas(&others, &worker);
	before = held_areas(USER_A);
	ASSERT_EQ(worker_call(&worker, start_idle, IDLE), 0);
	EXPECT_GE(held_areas(USER_A), before + IDLE * counters);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(held_areas(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	worker_end(&others);
	EXPECT_EQ(file_write(MAX_NAMESPACES, namespaces), 0);
}

/* Returns the error that ends it. */
static long fill_pipes(long unused)
{
	static char text[64 * KIB];
	int ends[2];

	while (!pipe2(ends, O_NONBLOCK))
		if (write(ends[1], text, sizeof(text)) < 0)
			break;
	return errno;
}

/* Above its limit, for so long as it may be, it has to get on; but not as it likes. */
KTAP_TEST(kernel_memory_in_a_grace_is_a_quarter_of_the_limit, 30, "held")
{
	struct worker worker;
	uint64_t kernel;
	long error;

	usage_begin(USER_A);
	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 600000 * ktap_slowdown()), 0);
	worker = start_holding(USER_A, LIMIT + MIB);
	EXPECT_EQ(limit_read(USER_A).graces, 1);
	error = worker_call(&worker, fill_pipes, 0);
	/* That of a pipe, or of what is written to one; not that there are too many */
	EXPECT_TRUE(error == ENFILE || error == ENOMEM);
	kernel = limit_read(USER_A).kernel;
	EXPECT_GT(kernel, LIMIT / 8);
	EXPECT_LE(kernel, LIMIT / 4 + 64 * KIB);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
