// SPDX-License-Identifier: GPL-2.0-only
/* By pipes a user gets no more than its limit. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/uio.h>

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

CHANNEL(pipes)
CHANNEL(spliced_pages)
CHANNEL(spliced_zeros)
CHANNEL(spliced_truncated_pages)
