// SPDX-License-Identifier: GPL-2.0-only
/*
 * By what waits for a grace period of RCU that a user prolongs it gets no more than its limit.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/io_uring.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/channel.h"
#include "lib/frozen.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "lib/within.h"

/* The callers themselves are busy. */
#define NO_SPINNERS 0

/* What is held goes with the time, so the limit is a small one. */
static void check_small(worker_fn run, unsigned long limit)
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker = worker_start(USER_A);
	within_expect(&worker, limit, run);
	within_end(&worker);
}

/* Processes that open files and close them in turns */
#define OPENERS 3
#define OPENED 2048

/* Opens while there is room, and tells; then closes, and tells. */
_Noreturn static void open_and_close(int order, int told, long limit)
{
	static int files[OPENED];
	char byte;

	while (read(order, &byte, 1) == 1) {
		int count = 0;

		while (count < OPENED &&
		       (count % 64 || within_has_room(limit)) &&
		       (files[count] = open("/dev/null", O_RDONLY)) >= 0)
			count++;
		(void)!write(told, "x", 1);
		(void)!read(order, &byte, 1);
		while (count)
			close(files[--count]);
		(void)!write(told, "x", 1);
		/* Leave the next order to another. */
		usleep(1000);
	}
	_exit(EXIT_SUCCESS);
}

static void tell_all(int order, int told, int count)
{
	char byte;

	for (int i = 0; i < count; i++)
		(void)!write(order, "x", 1);
	for (int i = 0; i < count; i++)
		(void)!read(told, &byte, 1);
}

static long open_again_and_again(long limit)
{
	const struct rlimit files = { OPENED + 64, OPENED + 64 };
	int order[2], told[2], openers;

	setrlimit(RLIMIT_NOFILE, &files);
	if (pipe(order) || pipe(told))
		return -errno;
	for (openers = 0; openers < OPENERS && within_has_room(limit);
	     openers++) {
		pid_t pid = channel_fork(0);

		if (pid < 0)
			break;
		if (!pid)
			open_and_close(order[0], told[1], limit);
	}
	frozen_spin(NO_SPINNERS);
	frozen_prolong();
	for (;;) {
		tell_all(order[1], told[0], openers);
		tell_all(order[1], told[0], openers);
	}
}

KTAP_TEST(files_that_wait_for_a_prolonged_grace_period_are_bounded, 60, "held")
{
	check_small(open_again_and_again, held_limit() / 2);
}

/* Names in /proc of descriptors that come and go */
static long look_up_for_ever(long limit)
{
	char name[64];
	struct stat status;

	frozen_spin(NO_SPINNERS);
	frozen_prolong();
	for (;;) {
		int file = dup(0);

		if (file < 0)
			return -errno;
		snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", file);
		stat(name, &status);
		close(file);
		/* What it finds no more it gives up. */
		stat(name, &status);
	}
	return 0;
}

KTAP_TEST(names_that_wait_for_a_prolonged_grace_period_are_bounded, 60, "held")
{
	check_small(look_up_for_ever, held_limit() / 4);
}

/* Newer than the headers of a compiler may be */
#define NO_SQARRAY (1U << 16)

#define RING_REQUESTS 1024
#define RINGS 64

/* A ring with requests that wait for the first of them, which reads an empty pipe */
static bool fill_ring(int ring, const struct io_uring_params *params, int pipe)
{
	const size_t bytes = RING_REQUESTS * sizeof(struct io_uring_sqe);
	struct io_uring_sqe *requests;
	int submitted = 0;
	char *sq;

	sq = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_SQ_RING);
	requests = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
			IORING_OFF_SQES);
	if (sq != MAP_FAILED && requests != MAP_FAILED) {
		for (int i = 0; i < RING_REQUESTS; i++)
			requests[i] = (struct io_uring_sqe){
				.opcode = i ? IORING_OP_NOP :
					      IORING_OP_POLL_ADD,
				.flags = i + 1 < RING_REQUESTS ? IOSQE_IO_LINK :
								 0,
				.fd = pipe,
				.poll32_events = POLLIN,
			};
		__atomic_store_n((unsigned int *)(sq + params->sq_off.tail),
				 RING_REQUESTS, __ATOMIC_RELEASE);
		submitted = syscall(SYS_io_uring_enter, ring, RING_REQUESTS, 0,
				    0, NULL, 0);
	}
	if (sq != MAP_FAILED)
		munmap(sq, PAGE);
	if (requests != MAP_FAILED)
		munmap(requests, bytes);
	return submitted == RING_REQUESTS;
}

/* Their requests are freed by a thread of the kernel. */
static long close_rings_for_ever(long limit)
{
	int ends[2], rings[RINGS];

	if (pipe(ends))
		return -errno;
	frozen_spin(NO_SPINNERS);
	frozen_prolong();
	for (;;) {
		int count = 0;

		while (count < RINGS && within_has_room(limit * 3 / 2)) {
			struct io_uring_params params = { .flags = NO_SQARRAY };
			int ring = syscall(SYS_io_uring_setup, RING_REQUESTS,
					   &params);

			if (ring < 0)
				break;
			rings[count++] = ring;
			if (!fill_ring(ring, &params, ends[0]))
				break;
		}
		while (count)
			close(rings[--count]);
		usleep(1000);
	}
	return 0;
}

KTAP_TEST(requests_that_wait_for_a_prolonged_grace_period_are_bounded, 60,
	  "held")
{
	if (syscall(SYS_io_uring_setup, 0, NULL) < 0 && errno == ENOSYS)
		ktap_skip("this kernel has no io_uring");
	check_small(close_rings_for_ever, held_limit() / 2);
}
