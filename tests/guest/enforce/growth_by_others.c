// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that a process stops at the limit of another one whose memory it makes
 * grow: by process_vm_writev(), through /proc/PID/mem, by ptrace() or by
 * userfaultfd.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/userfaultfd.h>

#include "ktap/ktap.h"
#include "lib/growth.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/user.h"

#define LIMIT (16 * MIB)
#define GROWTH (48 * MIB)

/* Mapped by the test at the same address in all of its workers */
static struct region target;
static pid_t target_pid;

/* Writes in one call, 1024 times from the same source. */
static long write_by_process_vm(long bytes)
{
	static char source[256 * KIB];
	static struct iovec from[1024];
	struct iovec to = { (void *)target.base, bytes };

	for (size_t i = 0; i < ARRAY_SIZE(from); i++)
		from[i] = (struct iovec){ source, sizeof(source) };
	return process_vm_writev(target_pid, from, bytes / sizeof(source), &to,
				 1, 0);
}

/*
 * Writes pieces as large as a single write() takes, from memory that does not
 * count.
 */
static long write_by_proc_mem(long bytes)
{
	static char source[256 * KIB];
	char path[64];
	long done = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", target_pid);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return -errno;
	while (done < bytes) {
		ssize_t wrote =
			pwrite64(fd, source, sizeof(source),
				 (off64_t)(unsigned long)target.base + done);

		if (wrote <= 0)
			return -errno;
		done += wrote;
	}
	return done;
}

static long touch_by_proc_mem(long bytes)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", target_pid);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return -errno;
	for (long done = 0; done < bytes; done += PAGE) {
		char byte = 1;

		if (pwrite64(fd, &byte, 1,
			     (off64_t)(unsigned long)target.base + done) != 1)
			return -errno;
	}
	return bytes;
}

static long write_by_ptrace(long bytes)
{
	int status;

	if (ptrace(PTRACE_SEIZE, target_pid, NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, target_pid, NULL, NULL) ||
	    waitpid(target_pid, &status, __WALL) != target_pid)
		return -errno;
	for (long done = 0; done < bytes; done += PAGE)
		if (ptrace(PTRACE_POKEDATA, target_pid,
			   (char *)target.base + done, (void *)1L))
			return waitpid(target_pid, &status, __WALL) < 0;
	return bytes;
}

/* The descriptor that the target has opened for others to write to it */
static int *target_fd;

/* In the target: whoever has this may put pages there. */
static long open_for_userfaultfd(long bytes)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (unsigned long)target.base, bytes },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	*target_fd = syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY);
	if (*target_fd < 0 || ioctl(*target_fd, UFFDIO_API, &api) ||
	    ioctl(*target_fd, UFFDIO_REGISTER, &area))
		return -errno;
	return 0;
}

static long write_by_userfaultfd(long bytes)
{
	static char source[256 * KIB] __attribute__((aligned(4096)));
	int process = syscall(SYS_pidfd_open, target_pid, 0);
	int fd = syscall(SYS_pidfd_getfd, process, *target_fd, 0);
	long done = 0;

	if (fd < 0)
		return -errno;
	while (done < bytes) {
		struct uffdio_copy copy = {
			.dst = (unsigned long)target.base + done,
			.src = (unsigned long)source,
			.len = sizeof(source),
		};

		if (ioctl(fd, UFFDIO_COPY, &copy) && errno != EAGAIN)
			return -errno;
		if (copy.copy > 0)
			done += copy.copy;
	}
	return done;
}

/* @prepare: what the one that grows has to do for it, or NULL */
static void grow_another(worker_fn prepare, worker_fn write)
{
	struct worker worker, writer;

	target = region_map(GROWTH / PAGE);
	worker = worker_start(USER_A);
	target_pid = worker.pid;
	writer = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	if (prepare)
		ASSERT_EQ(worker_call(&worker, prepare, GROWTH), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	/* The writer lives, but finds nobody any more to write to. */
	EXPECT_LT(worker_call(&writer, write, GROWTH), GROWTH);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_TRUE(worker_alive(&writer));
	growth_expect_peak(LIMIT + GROWTH_FAULT);
	worker_end(&writer);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	region_unmap(&target);
}

static void write_waits_for_memory_on_its_way_back(worker_fn write)
{
	struct worker lingering, worker, writer;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	target = region_map(8 * MIB / PAGE);
	worker = worker_start(USER_A);
	target_pid = worker.pid;
	writer = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	ASSERT_EQ(worker_call(&writer, become_dumpable, 0), 0);
	lingering = growth_begin_wait(16 * MIB);
	growth_expect_wait(&lingering, &writer, write, 8 * MIB);
	EXPECT_EQ(worker_receive(&writer), 8 * MIB);
	worker_end(&writer);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	region_unmap(&target);
}

KTAP_TEST(writing_by_process_vm_waits_for_memory_on_its_way_back, 20,
	  "growth growth_smp")
{
	write_waits_for_memory_on_its_way_back(write_by_process_vm);
}

KTAP_TEST(writing_by_proc_mem_waits_for_memory_on_its_way_back, 20,
	  "growth growth_smp")
{
	write_waits_for_memory_on_its_way_back(write_by_proc_mem);
}

KTAP_TEST(writing_by_process_vm_is_stopped_at_the_limit, 20,
	  "growth growth_smp")
{
	grow_another(NULL, write_by_process_vm);
}

KTAP_TEST(writing_by_proc_mem_is_stopped_at_the_limit, 20, "growth growth_smp")
{
	grow_another(NULL, write_by_proc_mem);
}

KTAP_TEST(touching_by_proc_mem_is_stopped_at_the_limit, 20, "growth growth_smp")
{
	grow_another(NULL, touch_by_proc_mem);
}

KTAP_TEST(copying_by_userfaultfd_is_stopped_at_the_limit, 20,
	  "growth growth_smp")
{
	struct region shared = region_map_common(1);

	target_fd = (int *)shared.base;
	grow_another(open_for_userfaultfd, write_by_userfaultfd);
	region_unmap(&shared);
}

#ifndef UFFDIO_MOVE
struct uffdio_move {
	__u64 dst, src, len, mode;
	__s64 move;
};
#define UFFDIO_MOVE _IOWR(UFFDIO, 0x05, struct uffdio_move)
#define UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES (1 << 1)
#endif

/* Each 2 MiB take a page table there and a page table here. */
#define HOLES (700 * MIB)

static long move_holes(long unused)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct region from = region_map(HOLES / PAGE);
	struct region to = region_map(HOLES / PAGE);
	struct uffdio_register area = {
		.range = { (unsigned long)to.base, HOLES },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY);
	unsigned long done = 0;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &area))
		return -errno;
	while (done < HOLES) {
		struct uffdio_move move = {
			.dst = (unsigned long)to.base + done,
			.src = (unsigned long)from.base + done,
			.len = HOLES - done,
			.mode = UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES,
		};

		if (ioctl(fd, UFFDIO_MOVE, &move) && errno != EAGAIN)
			return -errno;
		if (move.move > 0)
			done += move.move;
	}
	return done;
}

KTAP_TEST(moving_by_userfaultfd_waits_for_memory_on_its_way_back, 20,
	  "growth growth_smp")
{
	struct worker lingering, worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	lingering = growth_begin_wait(16 * MIB);
	growth_expect_wait(&lingering, &worker, move_holes, 0);
	EXPECT_EQ(worker_receive(&worker), (long)HOLES);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(poking_by_ptrace_is_stopped_at_the_limit, 20, "growth growth_smp")
{
	grow_another(NULL, write_by_ptrace);
}
