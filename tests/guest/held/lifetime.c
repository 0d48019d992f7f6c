// SPDX-License-Identifier: GPL-2.0-only
/* Tests how long, and to whom, memory is charged that no address space needs to have. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/ipc.h>
#include <sys/mman.h>
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
#include "lib/swap.h"
#include "lib/usage.h"

#define SIZE (4 * MIB)

#define NOISE USAGE_NOISE(SIZE)

/* The worker's file, and its mapping */
static int file = -1;
static volatile char *mapping;

static long make_file(long bytes)
{
	file = syscall(SYS_memfd_create, "held", 0);
	return file < 0 || fallocate(file, 0, 0, bytes) ? -errno : 0;
}

static long map_and_touch(long bytes)
{
	mapping =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (mapping == MAP_FAILED)
		return -errno;
	for (long at = 0; at < bytes; at += PAGE)
		mapping[at] = 1;
	return 0;
}

static long swap_mapping_out(long bytes)
{
	return madvise((void *)mapping, bytes, MADV_PAGEOUT) ? -errno : 0;
}

static long touch_again(long bytes)
{
	for (long at = 0; at < bytes; at += PAGE)
		mapping[at]++;
	return 0;
}

static long punch_half(long bytes)
{
	return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			 bytes / 2) ?
		       -errno :
		       0;
}

static long truncate_file(long bytes)
{
	return ftruncate(file, bytes) ? -errno : 0;
}

static void expect_file(unsigned long bytes)
{
	EXPECT_EQ(held_exact(USER_A).file, bytes);
	usage_exact(USER_A);
}

KTAP_TEST(page_of_a_file_counts_once_for_whoever_allocated_it, 20, "held")
{
	struct worker worker;
	unsigned long before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, code_make_resident, 0), 0);
	ASSERT_EQ(worker_call(&worker, make_file, SIZE), 0);
	expect_file(SIZE);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, map_and_touch, SIZE), 0);
	EXPECT_LE(usage_exact(USER_A), before + NOISE);
	expect_file(SIZE);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A page goes through a pipe, unmapped meanwhile. */
static long splice_a_page(long unused)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec vec = { page, PAGE };
	static char got[PAGE];
	int ends[2];

	if (page == MAP_FAILED || pipe2(ends, O_NONBLOCK))
		return -errno;
	memset(page, 'x', PAGE);
	if (vmsplice(ends[1], &vec, 1, 0) != PAGE)
		return -EIO;
	munmap(page, PAGE);
	return read(ends[0], got, PAGE) == PAGE && got[PAGE - 1] == 'x' ? 0 :
									  -EIO;
}

KTAP_TEST(others_splice_as_ever_while_a_user_is_limited, 20, "held")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_B);
	EXPECT_EQ(worker_call(&worker, splice_a_page, 0), 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A child of the user's own, so that all that the kernel has for it is the user's */
static long fork_victim(long pages)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(held_grow(pages));
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
			       WTERMSIG(status) == SIGKILL ?
		       0 :
		       -ECHILD;
}

KTAP_TEST(nothing_that_a_victim_had_stays_charged, 20, "held")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, SIZE), 0);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, fork_victim, SIZE / PAGE), 0);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define SPLICED 8
static int pipes[2][2];

/* Puts unmapped pages into a pipe, and the same pages into another. */
static long splice_and_tee(long bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec vec = { memory, bytes };

	if (memory == MAP_FAILED || pipe2(pipes[0], O_NONBLOCK) ||
	    pipe2(pipes[1], O_NONBLOCK))
		return -errno;
	memset(memory, 'x', bytes);
	if (vmsplice(pipes[0][1], &vec, 1, 0) != bytes)
		return -EIO;
	munmap(memory, bytes);
	return tee(pipes[0][0], pipes[1][1], bytes, 0) == bytes ? 0 : -EIO;
}

static long empty_pipe(long which)
{
	static char got[SPLICED * PAGE];

	return read(pipes[which][0], got, sizeof(got)) == sizeof(got) &&
			       got[sizeof(got) - 1] == 'x' ?
		       0 :
		       -EIO;
}

KTAP_TEST(spliced_page_counts_until_the_last_pipe_lets_go, 20, "held")
{
	const unsigned long bytes = SPLICED * PAGE;
	struct worker worker;
	unsigned long before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	before = held_exact(USER_A).kernel;
	ASSERT_EQ(worker_call(&worker, splice_and_tee, bytes), 0);
	EXPECT_GE(held_exact(USER_A).kernel, before + bytes);
	ASSERT_EQ(worker_call(&worker, empty_pipe, 0), 0);
	EXPECT_GE(held_exact(USER_A).kernel, before + bytes);
	ASSERT_EQ(worker_call(&worker, empty_pipe, 1), 0);
	EXPECT_LT(held_exact(USER_A).kernel, before + bytes);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/*
 * Buffers that a ring of io_uring has, all of one page. Together they are below RLIMIT_MEMLOCK,
 * which bounds what they keep in memory. What the ring knows of each are at least the addresses
 * of the buffer and of its page, lengths, and a count.
 */
#define BUFFERS 2000
#define BUFFER_LEAST 40

static int ring = -1;

static long make_ring(long unused)
{
	struct io_uring_params params = { 0 };

	ring = syscall(__NR_io_uring_setup, 1, &params);
	return ring < 0 ? -errno : 0;
}

static long register_buffers(long unused)
{
	static struct iovec buffers[BUFFERS];
	static char page[PAGE] __attribute__((aligned(PAGE)));

	for (int i = 0; i < BUFFERS; i++)
		buffers[i] = (struct iovec){ page, PAGE };
	return syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS,
		       buffers, BUFFERS) ?
		       -errno :
		       0;
}

static long unregister_buffers(long unused)
{
	return syscall(__NR_io_uring_register, ring, IORING_UNREGISTER_BUFFERS,
		       NULL, 0) ?
		       -errno :
		       0;
}

static unsigned long kernel_memory(void)
{
	grace_periods_pass();
	return held_exact(USER_A).kernel;
}

KTAP_TEST(what_a_ring_knows_of_buffers_is_charged_until_they_are_unregistered,
	  20, "held")
{
	/* Charged by the page, of which two may be spare, at both times */
	const unsigned long rounding = 6 * PAGE;
	unsigned long before, with, after;
	struct worker worker;

	if (syscall(__NR_io_uring_setup, 0, NULL) < 0 && errno == ENOSYS)
		ktap_skip("this kernel has no io_uring");
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_ring, 0), 0);
	/* What is allocated for the first time stays with the user. */
	ASSERT_EQ(worker_call(&worker, register_buffers, 0), 0);
	ASSERT_EQ(worker_call(&worker, unregister_buffers, 0), 0);
	before = kernel_memory();
	ASSERT_EQ(worker_call(&worker, register_buffers, 0), 0);
	with = kernel_memory();
	ASSERT_EQ(worker_call(&worker, unregister_buffers, 0), 0);
	after = kernel_memory();
	printf("charged %lu, with buffers %lu, then %lu\n", before, with,
	       after);
	EXPECT_GE(with + rounding, before + BUFFERS * BUFFER_LEAST);
	EXPECT_LE(after, before + rounding);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* So many pages of files have been moved since the start. */
static unsigned long moved(void)
{
	unsigned long pages = 0;
	char line[80];
	FILE *vmstat = fopen("/proc/vmstat", "re");

	ASSERT_TRUE(vmstat);
	while (fgets(line, sizeof(line), vmstat))
		if (sscanf(line, "pgmigrate_success %lu", &pages) == 1)
			break;
	fclose(vmstat);
	return pages;
}

/* Leaves every other page. */
static long make_holes(long bytes)
{
	for (long at = 0; at < bytes; at += 2 * PAGE)
		if (fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      at, PAGE))
			return -errno;
	return 0;
}

KTAP_TEST(pages_of_a_file_that_change_their_places_stay_charged, 60, "faults")
{
	const unsigned long bytes = 16 * MIB;
	struct worker worker;
	unsigned long before;

	limits_count("held");
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_file, bytes), 0);
	ASSERT_EQ(worker_call(&worker, make_holes, bytes), 0);
	expect_file(bytes / 2);
	before = moved();
	ASSERT_EQ(file_write("/proc/sys/vm/compact_memory", "1"), 0);
	printf("%lu pages moved\n", moved() - before);
	EXPECT_GT(moved(), before);
	expect_file(bytes / 2);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_count("rss");
}

KTAP_TEST(what_a_file_gives_back_is_no_longer_charged, 20, "held")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_file, SIZE), 0);
	ASSERT_EQ(worker_call(&worker, punch_half, SIZE), 0);
	expect_file(SIZE / 2);
	ASSERT_EQ(worker_call(&worker, truncate_file, SIZE * 3 / 4), 0);
	expect_file(SIZE / 4);
	ASSERT_EQ(worker_call(&worker, truncate_file, 0), 0);
	expect_file(0);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long make_segment(long bytes)
{
	int id = shmget(IPC_PRIVATE, bytes, 0600);
	char *memory;

	if (id < 0)
		return -errno;
	memory = shmat(id, NULL, 0);
	if (memory == (char *)-1)
		return -errno;
	for (long at = 0; at < bytes; at += PAGE)
		memory[at] = 1;
	return shmdt(memory) ? -errno : 0;
}

KTAP_TEST(what_outlives_its_processes_and_its_limit_stays_charged, 20, "held")
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	EXPECT_EQ(user_run(USER_A, make_segment, SIZE), 0);
	grace_periods_pass();
	expect_file(SIZE);
	EXPECT_GE(usage_exact(USER_A), SIZE);

	/* What there is of it counts again under the next limit. */
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	expect_file(SIZE);
	EXPECT_GE(usage_exact(USER_A), SIZE);
	held_remove_ipc();
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	/* Freed between two limits, it is nobody's. */
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	EXPECT_EQ(user_run(USER_A, make_segment, SIZE), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	held_remove_ipc();
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(definition_changes_while_memory_is_charged, 20, "held")
{
	unsigned long held, rss;
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, code_make_resident, 0), 0);
	limits_count("rss");
	rss = usage_exact(USER_A);
	limits_count("held");
	ASSERT_EQ(worker_call(&worker, make_file, SIZE), 0);
	expect_file(SIZE);
	grace_periods_pass();
	held = usage_exact(USER_A);
	EXPECT_GE(held, SIZE);

	/* Not mapped, it is in nobody's resident set. */
	limits_count("rss");
	EXPECT_LE(usage_exact(USER_A), rss + NOISE);
	ASSERT_EQ(worker_call(&worker, map_and_touch, SIZE), 0);
	EXPECT_GE(usage_exact(USER_A), rss + SIZE);

	limits_count("held");
	expect_file(SIZE);
	EXPECT_LE(usage_exact(USER_A), held + NOISE);
	EXPECT_GE(usage_exact(USER_A) + NOISE, held);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(file_in_swap_stays_charged, 60, "held")
{
	struct worker worker;

	swap_on(32 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_file, SIZE), 0);
	ASSERT_EQ(worker_call(&worker, map_and_touch, SIZE), 0);
	ASSERT_EQ(worker_call(&worker, swap_mapping_out, SIZE), 0);
	EXPECT_GE(swap_used(), SIZE / 2);
	expect_file(SIZE);
	ASSERT_EQ(worker_call(&worker, touch_again, SIZE / 2), 0);
	expect_file(SIZE);
	/* Of what is in swap as well as of what is not */
	ASSERT_EQ(worker_call(&worker, punch_half, SIZE), 0);
	expect_file(SIZE / 2);
	ASSERT_EQ(worker_call(&worker, swap_mapping_out, SIZE), 0);
	EXPECT_EQ(swap_remove(), 0);
	expect_file(SIZE / 2);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
