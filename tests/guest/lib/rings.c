// SPDX-License-Identifier: GPL-2.0-only
/* Rings of io_uring, see rings.h. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/rings.h"

int ring_setup(unsigned int entries, struct io_uring_params *params)
{
	return syscall(__NR_io_uring_setup, entries, params);
}

long ring_open(struct ring *ring)
{
	ring->params = (struct io_uring_params){ 0 };
	ring->file = ring_setup(64, &ring->params);
	if (ring->file < 0 || pipe(ring->pipe))
		return -errno;
	ring->sq = mmap(NULL, ring->params.sq_off.array + 64 * sizeof(int),
			PROT_READ | PROT_WRITE, MAP_SHARED, ring->file,
			IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, 64 * sizeof(*ring->sqes),
			  PROT_READ | PROT_WRITE, MAP_SHARED, ring->file,
			  IORING_OFF_SQES);
	return ring->sq == MAP_FAILED || ring->sqes == MAP_FAILED ? -errno : 0;
}

void ring_put(struct ring *ring, struct io_uring_sqe request)
{
	unsigned int *tail = (void *)(ring->sq + ring->params.sq_off.tail);
	unsigned int mask =
		*(unsigned int *)(ring->sq + ring->params.sq_off.ring_mask);
	unsigned int at = *tail & mask;

	ring->sqes[at] = request;
	((unsigned int *)(ring->sq + ring->params.sq_off.array))[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
}

bool ring_submit(struct ring *ring, int requests)
{
	return syscall(__NR_io_uring_enter, ring->file, requests, 0, 0, NULL,
		       0) == requests &&
	       !__atomic_load_n(
		       (unsigned int *)(ring->sq + ring->params.cq_off.tail),
		       __ATOMIC_ACQUIRE);
}
