// SPDX-License-Identifier: GPL-2.0-only
/* By pipes and rings a user gets no more than its limit. */
#define _GNU_SOURCE 1
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/channel.h"
#include "lib/memory.h"

static long fill_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_NONBLOCK))
		return -1;
	fcntl(ends[1], F_SETPIPE_SZ, sizeof(channel_block));
	errno = 0;
	if (write(ends[1], channel_block, sizeof(channel_block)) <= 0)
		return -1;
	return 0;
}

static long pipes(long unused)
{
	return channel_processes(fill_pipe, 2 * PAGE, CHANNEL_MOST);
}

static long splice_unmapped(void)
{
	char *memory = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec vec = { memory, 16 * PAGE };
	int ends[2];
	long n;

	if (memory == MAP_FAILED || pipe2(ends, O_NONBLOCK))
		return -1;
	memset(memory, 1, vec.iov_len);
	n = vmsplice(ends[1], &vec, 1, SPLICE_F_NONBLOCK);
	munmap(memory, vec.iov_len);
	return n > 0 ? 0 : -1;
}

static long spliced_pages(long unused)
{
	return channel_processes(splice_unmapped, 2 * PAGE, CHANNEL_MOST);
}

static long splice_zeros(void)
{
	int zero = open("/dev/zero", O_RDONLY), ends[2];
	long n;

	if (zero < 0 || pipe2(ends, O_NONBLOCK))
		return -1;
	n = splice(zero, NULL, ends[1], NULL, 16 * PAGE, SPLICE_F_NONBLOCK);
	close(zero);
	return n > 0 ? 0 : -1;
}

static long spliced_zeros(long unused)
{
	return channel_processes(splice_zeros, 2 * PAGE, CHANNEL_MOST);
}

/* Pages of a file that has let them go, in a pipe */
static long splice_punched(void)
{
	int file = channel_memfd(), ends[2];
	loff_t at = 0;
	long n;

	if (file < 0 ||
	    write(file, channel_block, sizeof(channel_block)) <= 0 ||
	    pipe2(ends, O_NONBLOCK))
		return -1;
	n = splice(file, &at, ends[1], NULL, 16 * PAGE, SPLICE_F_NONBLOCK);
	if (ftruncate(file, 0))
		return -1;
	close(file);
	return n > 0 ? 0 : -1;
}

static long spliced_truncated_pages(long unused)
{
	return channel_processes(splice_punched, 2 * PAGE, CHANNEL_MOST);
}

static int setup_ring(unsigned int entries, struct io_uring_params *params)
{
	return syscall(__NR_io_uring_setup, entries, params);
}

static long make_ring(void)
{
	struct io_uring_params params = { 0 };

	return setup_ring(4096, &params) < 0 ? -1 : 0;
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
	int ring = setup_ring(1, &params);
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

/* Vectors of requests that wait for an empty pipe */
static long ring_vectors(long unused)
{
	static struct iovec vectors[1024];
	struct io_uring_params params = { 0 };
	int ring = setup_ring(64, &params), ends[2];
	unsigned long bytes = 0;
	struct io_uring_sqe *sqes;
	char *sq;

	if (ring < 0 || pipe(ends))
		return -errno;
	for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
		vectors[i] = (struct iovec){ channel_block, 1 };
	sq = mmap(NULL, params.sq_off.array + 64 * sizeof(int),
		  PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, 64 * sizeof(*sqes), PROT_READ | PROT_WRITE,
		    MAP_SHARED, ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || sqes == MAP_FAILED)
		return -errno;
	while (bytes < CHANNEL_MOST) {
		unsigned int *tail = (void *)(sq + params.sq_off.tail);
		unsigned int mask =
			*(unsigned int *)(sq + params.sq_off.ring_mask);
		unsigned int at = *tail & mask;

		sqes[at] = (struct io_uring_sqe){
			.opcode = IORING_OP_READV,
			.fd = ends[0],
			.addr = (unsigned long)vectors,
			.len = ARRAY_SIZE(vectors),
		};
		((unsigned int *)(sq + params.sq_off.array))[at] = at;
		__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
		if (syscall(__NR_io_uring_enter, ring, 1, 0, 0, NULL, 0) != 1)
			break;
		if (__atomic_load_n(
			    (unsigned int *)((char *)sq + params.cq_off.tail),
			    __ATOMIC_ACQUIRE))
			break;
		bytes += 8 * KIB;
	}
	return channel_came_to(bytes);
}

CHANNEL(pipes)
CHANNEL(spliced_pages)
CHANNEL(spliced_zeros)
CHANNEL(spliced_truncated_pages)
CHANNEL(rings)
CHANNEL(unmapped_buffer_rings)
CHANNEL(ring_vectors)
