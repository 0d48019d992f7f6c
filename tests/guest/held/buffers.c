// SPDX-License-Identifier: GPL-2.0-only
/* Tests what becomes of rings of buffers for io_uring. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/io_uring.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/rings.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define LIMIT (2 * MIB)

static int ring = -1;

static long open_ring(long unused)
{
	struct io_uring_params params = { 0 };

	ring = ring_setup(1, &params);
	return ring < 0 ? -errno : 0;
}

/* As &struct io_uring_buf_reg, which in the headers of a compiler may have no flags yet */
struct buffers {
	uint64_t ring_addr;
	uint32_t ring_entries;
	uint16_t bgid;
	uint16_t flags;
	uint64_t resv[3];
};

#define OF_THE_KERNEL 1 /* IOU_PBUF_RING_MMAP */

/* Returns 0 or -errno. */
static long register_buffers(int group, void *memory, unsigned int entries)
{
	struct buffers reg = {
		.ring_addr = (unsigned long)memory,
		.ring_entries = entries,
		.bgid = group,
		.flags = memory ? 0 : OF_THE_KERNEL,
	};

	return syscall(__NR_io_uring_register, ring, IORING_REGISTER_PBUF_RING,
		       &reg, 1) ?
		       -errno :
		       0;
}

static long unregister_buffers(int group)
{
	struct buffers reg = { .bgid = group };

	return syscall(__NR_io_uring_register, ring,
		       IORING_UNREGISTER_PBUF_RING, &reg, 1) ?
		       -errno :
		       0;
}

#define BUFFERS 2048
#define BYTES (BUFFERS * sizeof(struct io_uring_buf))
#define TIMES 64

/* The kernel wants them at an address that it can map them at itself, so some do not do. */
static long register_and_unregister(long unused)
{
	const unsigned long space = BYTES + 4 * PAGE;
	char *memory = mmap(NULL, space, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int registered = 0;
	long ret;

	if (memory == MAP_FAILED)
		return -errno;
	for (int i = 0; i < 16 * TIMES && registered < TIMES; i++) {
		ret = register_buffers(1, memory + i % 4 * PAGE, BUFFERS);
		if (ret == -EINVAL)
			continue;
		ret = ret ?: unregister_buffers(1);
		if (ret)
			return ret;
		registered++;
	}
	return registered;
}

/* How many mappings of pages the kernel has */
static int mappings(void)
{
	FILE *f = fopen("/proc/vmallocinfo", "re");
	char line[256];
	int count = 0;

	ASSERT_TRUE(f);
	while (fgets(line, sizeof(line), f))
		count += strstr(line, " vmap") != NULL;
	fclose(f);
	return count;
}

KTAP_TEST(buffers_that_are_unregistered_are_mapped_no_longer, 30, "held")
{
	struct worker worker;
	int before;

	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, open_ring, 0), 0);
	before = mappings();
	EXPECT_EQ(worker_call(&worker, register_and_unregister, 0), TIMES);
	EXPECT_EQ(mappings(), before);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Groups so far apart that the tree that finds them takes a node for each */
#define APART 64
#define GROUPS 1000

/* Returns how many cannot be unregistered though they have been registered. */
static long register_all_that_fit(long unused)
{
	int registered = 0;
	long lost = 0;

	while (registered < GROUPS &&
	       !register_buffers((registered + 1) * APART, NULL, 1))
		registered++;
	for (int i = 0; i < registered; i++)
		lost += unregister_buffers((i + 1) * APART) != 0;
	return registered == GROUPS ? -EUSERS : lost;
}

static long hold_pipe(long unused)
{
	int ends[2];

	return pipe(ends) ? -errno : 0;
}

/* Whatever it is that is refused at the limit: the ring, its page, or its place */
KTAP_TEST(buffers_that_are_registered_at_the_limit_can_be_unregistered, 60,
	  "held")
{
	struct worker worker;

	usage_begin(USER_A);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, open_ring, 0), 0);
	for (int i = 0; i < 16; i++) {
		EXPECT_EQ(worker_call(&worker, register_all_that_fit, 0), 0);
		ASSERT_EQ(worker_call(&worker, hold_pipe, 0), 0);
	}
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* More than there are workers for rings that are closed */
#define STUCK 80

static int stuck[STUCK];

static int open_and_stop(void *unused)
{
	struct io_uring_params params = { 0 };

	for (int i = 0; i < STUCK; i++)
		stuck[i] = ring_setup(1, &params);
	raise(SIGSTOP);
	for (;;)
		pause();
	return 0;
}

/* Closes rings whose only task, which shares its files with the caller, is stopped. */
static long close_stuck(long unused)
{
	static char stack[16 * KIB] __attribute__((aligned(16)));
	pid_t pid = clone(open_and_stop, stack + sizeof(stack),
			  CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
	int status;

	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid)
		return -errno;
	for (int i = 0; i < STUCK; i++)
		if (close(stuck[i]))
			return -errno;
	return pid;
}

/* Opens and closes more than fit the limit together; near it, those before have to go first. */
static long open_and_close(long count)
{
	struct io_uring_params params = { 0 };
	int file;

	while (count) {
		file = ring_setup(256, &params);
		if (file < 0 && errno != ENOMEM)
			return -errno;
		if (file < 0) {
			usleep(1000);
			continue;
		}
		close(file);
		count--;
	}
	return 0;
}

KTAP_TEST(rings_of_stopped_tasks_do_not_keep_those_of_others, 30,
	  "held held_smp")
{
	struct worker worker, other;
	pid_t pid;

	usage_begin(USER_A);
	usage_begin(USER_B);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	worker = worker_start(USER_A);
	other = worker_start(USER_B);
	pid = worker_call(&worker, close_stuck, 0);
	ASSERT_GT(pid, 0);
	ktap_waiting_for(
		"rings to be taken apart beside those of a stopped task");
	EXPECT_EQ(worker_call(&other, open_and_close, 400), 0);
	ktap_waiting_for(NULL);
	EXPECT_EQ(limit_read(USER_B).kills, 0);
	/* It takes those apart that it is waited for. */
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	worker_end(&worker);
	worker_end(&other);
	held_wait_for_nothing(USER_A);
	held_wait_for_nothing(USER_B);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}
