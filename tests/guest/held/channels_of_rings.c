// SPDX-License-Identifier: GPL-2.0-only
/* By rings of io_uring a user gets no more than its limit. */
#define _GNU_SOURCE 1
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "lib/channel.h"
#include "lib/memory.h"
#include "lib/rings.h"

/* Newer than the headers of a compiler may be */
#define OP_FUTEX_WAITV 53
#define FUTEX_OF_32_BITS 0x2

static long make_ring(void)
{
	struct io_uring_params params = { 0 };

	return ring_setup(4096, &params) < 0 ? -1 : 0;
}

static long rings(long unused)
{
	return channel_processes(make_ring, 256 * KIB, CHANNEL_MOST);
}

/*
 * Rings of buffers in memory that is unmapped when the kernel has it; small, for it
 * has to be had first, with the room that is left for page faults
 */
#define RING_BYTES (32 * KIB)
#define RING_SPACE (RING_BYTES + 16 * KIB)

static long unmapped_buffer_rings(long unused)
{
	struct io_uring_params params = { 0 };
	int ring = ring_setup(1, &params);
	unsigned long bytes = 0;

	for (int group = 0; ring >= 0 && bytes < CHANNEL_MOST; group++) {
		struct io_uring_buf_reg reg = { .ring_entries = RING_BYTES / 16,
						.bgid = group };
		char *memory = mmap(NULL, RING_SPACE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		/* The kernel wants it where its own mapping may be. */
		char *aligned =
			(char *)(((unsigned long)memory + 16383) & ~16383UL);

		reg.ring_addr = (unsigned long)aligned;
		if (memory == MAP_FAILED)
			break;
		if (syscall(__NR_io_uring_register, ring,
			    IORING_REGISTER_PBUF_RING, &reg, 1)) {
			munmap(memory, RING_SPACE);
			if (errno == EINVAL && group < 60000)
				continue;
			break;
		}
		munmap(memory, RING_SPACE);
		bytes += RING_BYTES;
	}
	return channel_came_to(bytes);
}

/* Requests that wait, each of which takes at least this much */
static long many_waiting(struct io_uring_sqe request, unsigned int least)
{
	unsigned long bytes = 0;
	struct ring ring;
	long ret = ring_open(&ring);

	if (ret)
		return ret;
	while (bytes < CHANNEL_MOST) {
		ring_put(&ring, request);
		if (!ring_submit(&ring, 1))
			break;
		bytes += least;
	}
	return channel_came_to(bytes);
}

/* The same of requests that wait for one before them, which reads an empty pipe */
static long many_linked(struct io_uring_sqe request, unsigned int least)
{
	unsigned long bytes = 0;
	struct ring ring;
	long ret = ring_open(&ring);

	if (ret)
		return ret;
	while (bytes < CHANNEL_MOST) {
		ring_put(&ring, (struct io_uring_sqe){
					.opcode = IORING_OP_READ,
					.flags = IOSQE_IO_LINK,
					.fd = ring.pipe[0],
					.addr = (unsigned long)channel_block,
					.len = 1,
				});
		ring_put(&ring, request);
		if (!ring_submit(&ring, 2))
			break;
		bytes += least;
	}
	return channel_came_to(bytes);
}

/* Vectors of requests that wait for an empty pipe */
static long ring_vectors(long unused)
{
	static struct iovec vectors[1024];
	unsigned long bytes = 0;
	struct ring ring;
	long ret = ring_open(&ring);

	if (ret)
		return ret;
	for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
		vectors[i] = (struct iovec){ channel_block, 1 };
	while (bytes < CHANNEL_MOST) {
		ring_put(&ring, (struct io_uring_sqe){
					.opcode = IORING_OP_READV,
					.fd = ring.pipe[0],
					.addr = (unsigned long)vectors,
					.len = ARRAY_SIZE(vectors),
				});
		if (!ring_submit(&ring, 1))
			break;
		bytes += 8 * KIB;
	}
	return channel_came_to(bytes);
}

/* Requests that wait for as many futexes as one may name */
static long ring_futexes(long unused)
{
	static unsigned int futexes[FUTEX_WAITV_MAX];
	static struct futex_waitv waits[FUTEX_WAITV_MAX];

	for (int i = 0; i < FUTEX_WAITV_MAX; i++)
		waits[i] = (struct futex_waitv){
			.uaddr = (unsigned long)&futexes[i],
			.flags = FUTEX_OF_32_BITS | FUTEX_PRIVATE_FLAG,
		};
	return many_waiting(
		(struct io_uring_sqe){
			.opcode = OP_FUTEX_WAITV,
			.addr = (unsigned long)waits,
			.len = FUTEX_WAITV_MAX,
		},
		8 * KIB);
}

/* Names of files that are to be opened in the end */
static long ring_names(long unused)
{
	return many_linked(
		(struct io_uring_sqe){
			.opcode = IORING_OP_OPENAT,
			.fd = AT_FDCWD,
			.addr = (unsigned long)"/tmp/channel",
			.open_flags = O_RDONLY,
		},
		4 * KIB);
}

/* Attributes that files are to have in the end */
static long ring_attributes(long unused)
{
	return many_linked(
		(struct io_uring_sqe){
			.opcode = IORING_OP_FSETXATTR,
			.fd = channel_memfd(),
			.addr = (unsigned long)"user.x",
			.addr2 = (unsigned long)channel_block,
			.len = sizeof(channel_block),
		},
		sizeof(channel_block));
}

/* A ring with the credentials that it may act with, as many as there can be */
static long make_personalities(void)
{
	struct io_uring_params params = { 0 };
	int ring = ring_setup(1, &params);

	if (ring < 0)
		return -1;
	for (int i = 0; i < 65535; i++)
		if (syscall(__NR_io_uring_register, ring,
			    IORING_REGISTER_PERSONALITY, NULL, 0) < 0)
			return -1;
	return 0;
}

static long ring_personalities(long unused)
{
	const int most = channel_memfd();

	/* They are many to an MiB: on a slow kernel a quarter of the limit is a file's. */
	if (ktap_slowdown() > 1 && fallocate(most, 0, 0, held_limit() / 4))
		return -errno;
	return channel_processes(make_personalities, 256 * KIB, CHANNEL_MOST);
}

/* Groups of buffers, whose numbers are far apart */
static long ring_groups(void)
{
	struct ring ring;

	if (ring_open(&ring))
		return -1;
	for (int group = 0; group < 65536; group += 64) {
		ring_put(&ring, (struct io_uring_sqe){
					.opcode = IORING_OP_PROVIDE_BUFFERS,
					.flags = IOSQE_CQE_SKIP_SUCCESS,
					.fd = 1,
					.addr = (unsigned long)channel_block,
					.len = 1,
					.buf_group = group,
				});
		if (!ring_submit(&ring, 1))
			return -1;
	}
	return 0;
}

static long ring_buffer_groups(long unused)
{
	return channel_processes(ring_groups, 256 * KIB, CHANNEL_MOST);
}

/* Tables of buffers that there are none of yet */
static long make_table(void)
{
	struct io_uring_rsrc_register none = {
		.nr = 1 << 14,
		.flags = IORING_RSRC_REGISTER_SPARSE,
	};
	struct io_uring_params params = { 0 };
	int ring = ring_setup(1, &params);

	return ring < 0 ?
		       -1 :
		       syscall(__NR_io_uring_register, ring,
			       IORING_REGISTER_BUFFERS2, &none, sizeof(none));
}

static long ring_tables(long unused)
{
	return channel_processes(make_table, 128 * KIB, CHANNEL_MOST);
}

/* Rings that each of many threads uses, of which the kernel keeps a note for each of both */
#define NOTED_RINGS 200
#define NOTED_STACK 1024
static int noted_rings[NOTED_RINGS], nr_noted_rings;
static volatile int noted;

static int use_rings(void *unused)
{
	for (int i = 0; i < nr_noted_rings && noted >= 0; i++)
		if (syscall(__NR_io_uring_enter, noted_rings[i], 1, 0, 0, NULL,
			    0) < 0)
			noted = -errno;
	if (noted >= 0)
		noted++;
	for (;;)
		syscall(__NR_pause);
	return 0;
}

/* They wait on a stack each, of a few words. */
static long ring_users(long unused)
{
	static char stacks[2048][NOTED_STACK] __attribute__((aligned(16)));
	struct io_uring_params params = { 0 };
	unsigned long bytes = 0;
	size_t i;

	for (i = 0; i < NOTED_RINGS; i++) {
		noted_rings[i] = ring_setup(1, &params);
		if (noted_rings[i] < 0)
			break;
	}
	/* Where they are large, half of those that fit: the threads are to have room. */
	nr_noted_rings = i == NOTED_RINGS ? i : i / 2;
	while (i-- > (size_t)nr_noted_rings)
		close(noted_rings[i]);
	for (i = 0; i < ARRAY_SIZE(stacks) && bytes < CHANNEL_MOST; i++) {
		if (clone(use_rings, stacks[i] + NOTED_STACK,
			  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				  CLONE_THREAD | CLONE_SYSVSEM,
			  NULL) < 0)
			break;
		while (noted >= 0 && noted <= (int)i)
			usleep(100);
		if (noted < 0)
			break;
		/* A note, a node of the tree for each 64, and its stack */
		bytes += nr_noted_rings * 32 + nr_noted_rings / 64 * 256 +
			 8 * KIB;
	}
	return channel_came_to(bytes);
}

CHANNEL(rings)
CHANNEL(unmapped_buffer_rings)
CHANNEL(ring_vectors)
CHANNEL(ring_futexes)
CHANNEL(ring_names)
CHANNEL(ring_attributes)
CHANNEL(ring_personalities)
CHANNEL(ring_buffer_groups)
CHANNEL(ring_tables)
CHANNEL(ring_users)
