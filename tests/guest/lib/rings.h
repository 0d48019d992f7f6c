/* SPDX-License-Identifier: GPL-2.0-only */
/* Rings of io_uring, without a library. */
#ifndef GUEST_RINGS_H
#define GUEST_RINGS_H

#include <linux/io_uring.h>
#include <stdbool.h>

/**
 * struct ring - a ring that requests are put into
 * @file: its descriptor
 * @pipe: nobody writes to it
 * @sq: with the offsets of @params
 * @sqes: the requests
 */
struct ring {
	int file;
	int pipe[2];
	struct io_uring_params params;
	char *sq;
	struct io_uring_sqe *sqes;
};

/* The former returns a descriptor or -1, the latter 0 or -errno. */
int ring_setup(unsigned int entries, struct io_uring_params *params);
long ring_open(struct ring *ring);

void ring_put(struct ring *ring, struct io_uring_sqe request);

/* Returns whether all were taken, and none of them has come to an end. */
bool ring_submit(struct ring *ring, int requests);

#endif /* GUEST_RINGS_H */
