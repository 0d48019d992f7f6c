// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests memory that is in no resident set and is therefore not counted, and
 * which other limit stops each kind of it.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

/* How much is hidden */
#define HIDDEN (8 * MIB)
#define NOISE USAGE_NOISE(HIDDEN)

static struct worker start_charged(void)
{
	struct worker worker;

	limits_count("rss");
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, code_make_resident, 0), 0);
	return worker;
}

static void end_charged(struct worker *worker)
{
	worker_end(worker);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_count("held");
}

/* Calls, and expects that this much is charged for it, but for noise. */
static void expect_charge(struct worker *worker, worker_fn function,
			  long argument, unsigned long bytes)
{
	unsigned long before = usage_exact(USER_A), after;

	ASSERT_EQ(worker_call(worker, function, argument), 0);
	after = usage_exact(USER_A);
	EXPECT_GE(after + NOISE, before + bytes);
	EXPECT_LE(after, before + bytes + NOISE);
}

static long limit_resource(int resource, unsigned long value)
{
	const struct rlimit limit = { value, value };

	return setrlimit(resource, &limit) ? -errno : 0;
}

/* A file on some kind of tmpfs, in a worker */
static int file;
static void *mapping;

static long fill_file(long bytes)
{
	static char block[16 * KIB];

	for (long done = 0; done < bytes; done += sizeof(block))
		if (write(file, block, sizeof(block)) != sizeof(block))
			return errno ? -errno : -ENOSPC;
	return 0;
}

static long map_file(long bytes)
{
	mapping = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, file,
		       0);
	return mapping == MAP_FAILED ? -errno : 0;
}

static long unmap_file(long bytes)
{
	return munmap(mapping, bytes) ? -errno : 0;
}

static void expect_charge_while_mapped(struct worker *worker)
{
	expect_charge(worker, fill_file, HIDDEN, 0);
	expect_charge(worker, map_file, HIDDEN, region_cost(HIDDEN / PAGE));
	ASSERT_EQ(worker_call(worker, unmap_file, HIDDEN), 0);
	expect_charge(worker, unmap_file, HIDDEN, 0);
}

#define MOUNT "/tmp/evasion"

static long open_tmpfs_file(long unused)
{
	file = open(MOUNT "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return file < 0 ? -errno : 0;
}

KTAP_TEST(tmpfs_file_counts_while_mapped_and_its_mount_has_a_size, 10,
	  "attacks")
{
	struct worker worker = start_charged();

	ASSERT_EQ(mkdir(MOUNT, 0700), 0);
	ASSERT_EQ(mount("tmpfs", MOUNT, "tmpfs", 0, "mode=1777,size=12m"), 0);
	ASSERT_EQ(worker_call(&worker, open_tmpfs_file, 0), 0);
	expect_charge_while_mapped(&worker);
	EXPECT_EQ(worker_call(&worker, fill_file, HIDDEN), -ENOSPC);
	end_charged(&worker);
	ASSERT_EQ(umount(MOUNT), 0);
	ASSERT_EQ(rmdir(MOUNT), 0);
}

static long open_memfd(long unused)
{
	file = syscall(SYS_memfd_create, "evasion", 0);
	return file < 0 ? -errno : 0;
}

static long limit_file_size(long bytes)
{
	signal(SIGXFSZ, SIG_IGN);
	return limit_resource(RLIMIT_FSIZE, bytes);
}

/* It is on a mount of the kernel's own, without a size. */
KTAP_TEST(memfd_counts_while_mapped_and_rlimit_fsize_stops_it, 10, "attacks")
{
	struct worker worker = start_charged();

	ASSERT_EQ(worker_call(&worker, open_memfd, 0), 0);
	expect_charge_while_mapped(&worker);
	ASSERT_EQ(worker_call(&worker, limit_file_size, 12 * MIB), 0);
	EXPECT_EQ(worker_call(&worker, fill_file, HIDDEN), -EFBIG);
	end_charged(&worker);
}

static int segment;

static long touch_segment(long bytes)
{
	int id = shmget(IPC_PRIVATE, bytes, 0600);
	volatile char *memory;

	if (id < 0)
		return -errno;
	segment = id;
	memory = shmat(id, NULL, 0);
	for (long i = 0; i < bytes; i += PAGE)
		memory[i] = 1;
	mapping = (void *)memory;
	return 0;
}

static long detach_segment(long unused)
{
	return shmdt(mapping) ? -errno : 0;
}

static long remove_segment(long unused)
{
	return shmctl(segment, IPC_RMID, NULL) ? -errno : 0;
}

KTAP_TEST(sysv_segment_counts_while_mapped_and_shmall_stops_it, 10, "attacks")
{
	struct worker worker = start_charged();
	char shmall[32];

	expect_charge(&worker, touch_segment, HIDDEN,
		      region_cost(HIDDEN / PAGE));
	ASSERT_EQ(worker_call(&worker, detach_segment, 0), 0);
	EXPECT_LE(usage_exact(USER_A), HIDDEN);
	ASSERT_EQ(file_read("/proc/sys/kernel/shmall", shmall, sizeof(shmall)),
		  0);
	ASSERT_EQ(file_write("/proc/sys/kernel/shmall", "3072"), 0);
	EXPECT_EQ(worker_call(&worker, touch_segment, HIDDEN), -ENOSPC);
	ASSERT_EQ(file_write("/proc/sys/kernel/shmall", shmall), 0);
	ASSERT_EQ(worker_call(&worker, remove_segment, 0), 0);
	end_charged(&worker);
}

/* Pipes of a worker, and how many pages are in them */
static int pipe_ends[64];
static int pipes;

/*
 * Makes pipes of 64 pages and fills them with so many bytes altogether.
 */
static long fill_pipes(long bytes)
{
	static char block[64 * PAGE];

	while (bytes > 0) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
			return -errno;
		if (fcntl(ends[1], F_SETPIPE_SZ, sizeof(block)) < 0)
			return -errno;
		if (write(ends[1], block, sizeof(block)) != sizeof(block))
			return -EIO;
		pipe_ends[pipes++] = ends[0];
		bytes -= sizeof(block);
	}
	return 0;
}

static void limit_pipe_pages(unsigned int pages)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", pages);
	ASSERT_EQ(file_write("/proc/sys/fs/pipe-user-pages-hard", text), 0);
}

KTAP_TEST(pipes_do_not_count_and_pipe_user_pages_hard_stops_them, 10, "attacks")
{
	struct worker worker = start_charged();

	expect_charge(&worker, fill_pipes, HIDDEN, 0);
	limit_pipe_pages(HIDDEN / PAGE);
	EXPECT_EQ(worker_call(&worker, fill_pipes, HIDDEN), -ENFILE);
	limit_pipe_pages(0);
	end_charged(&worker);
}

/* Pages of the worker's own that it no longer maps, but a pipe holds */
static long splice_pages(long bytes)
{
	struct region region = region_map(64);
	long ret = 0;

	while (bytes > 0 && !ret) {
		struct iovec vec = { (void *)region.base, 64 * PAGE };
		int ends[2];

		region_touch(&region, 0, 64);
		if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) ||
		    fcntl(ends[1], F_SETPIPE_SZ, 64 * PAGE) < 0)
			ret = -errno;
		else if (vmsplice(ends[1], &vec, 1, 0) != 64 * (long)PAGE)
			ret = -EIO;
		region_drop(&region, 0, 64);
		bytes -= 64 * PAGE;
	}
	region_unmap(&region);
	return ret;
}

KTAP_TEST(spliced_pages_do_not_count_and_pipe_user_pages_hard_stops_them, 10,
	  "attacks")
{
	struct worker worker = start_charged();

	expect_charge(&worker, splice_pages, HIDDEN, 0);
	limit_pipe_pages(HIDDEN / PAGE);
	EXPECT_EQ(worker_call(&worker, splice_pages, HIDDEN), -ENFILE);
	limit_pipe_pages(0);
	end_charged(&worker);
}

#define KIDS 100

static long limit_processes(long count)
{
	return limit_resource(RLIMIT_NPROC, count);
}

static int rest(void *unused)
{
	for (;;)
		syscall(SYS_pause);
	return 0;
}

static pid_t kids[KIDS];
static int born;

/* They share the worker's memory and wait on the same stack. */
static long clone_kids(long count)
{
	static char stack[16 * KIB] __attribute__((aligned(16)));

	for (; count; count--) {
		kids[born] = clone(rest, stack + sizeof(stack),
				   CLONE_VM | SIGCHLD, NULL);
		if (kids[born] < 0)
			return -errno;
		born++;
		sched_yield();
	}
	return 0;
}

static long end_kids(long unused)
{
	for (; born; born--) {
		kill(kids[born - 1], SIGKILL);
		waitpid(kids[born - 1], NULL, 0);
	}
	return 0;
}

KTAP_TEST(kernel_stacks_do_not_count_and_rlimit_nproc_stops_them, 10, "attacks")
{
	struct worker worker = start_charged();

	expect_charge(&worker, clone_kids, KIDS - 1, 0);
	ASSERT_EQ(worker_call(&worker, end_kids, 0), 0);
	ASSERT_EQ(worker_call(&worker, limit_processes, 10), 0);
	EXPECT_EQ(worker_call(&worker, clone_kids, KIDS - 1), -EAGAIN);
	ASSERT_EQ(worker_call(&worker, end_kids, 0), 0);
	end_charged(&worker);
}
