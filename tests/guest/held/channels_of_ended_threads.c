// SPDX-License-Identifier: GPL-2.0-only
/* By what threads of the kernel do for threads that have ended a user gets no more than its limit. */
#define _GNU_SOURCE 1
#include <linux/io_uring.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/syscall.h>

#include "lib/channel.h"
#include "lib/memory.h"
#include "lib/rings.h"

/*
 * A request that waits outlives the thread that made it. When it is over, a thread of the
 * kernel says so, and for that allocates what does not fit the ring, which nobody empties.
 */
#define LATE_REQUESTS 4096
/* What is said of each: 16 bytes for the user and a list, in no smaller an object */
#define LATE_LEAST 64

/**
 * struct late - requests that wait for a pipe to be written to
 * @ring: that they are in
 * @request: each of them
 * @count: how many there are to be
 * @made: how many there are
 */
struct late {
	struct ring ring;
	struct io_uring_sqe request;
	int count;
	int made;
};

static void *make_late_requests(void *data)
{
	struct late *late = data;

	for (late->made = 0; late->made < late->count; late->made++) {
		ring_put(&late->ring, late->request);
		if (syscall(__NR_io_uring_enter, late->ring.file, 1, 0, 0, NULL,
			    0) != 1)
			break;
	}
	return NULL;
}

/* Makes them in a thread that has ended then. Returns whether all could be made. */
static bool leave_late_requests(struct late *late)
{
	pthread_t thread;

	if (channel_thread(make_late_requests, late, &thread))
		return false;
	pthread_join(thread, NULL);
	return late->made == late->count;
}

/* Ends them, and waits until they are freed: with the last of them goes who reads the pipe. */
static bool end_late_requests(int pipe)
{
	struct pollfd readers = { .fd = pipe };

	if (write(pipe, "x", 1) != 1)
		return false;
	while (poll(&readers, 1, -1) != 1 || !(readers.revents & POLLERR))
		;
	return true;
}

/* Has the kernel given up to say what is over? */
static bool has_dropped(const struct ring *ring)
{
	return __atomic_load_n(
		(unsigned int *)(ring->sq + ring->params.cq_off.overflow),
		__ATOMIC_ACQUIRE);
}

static long ring_completions_of_ended_threads(long unused)
{
	struct late late = {
		.request = { .opcode = IORING_OP_POLL_ADD,
			     .poll32_events = POLLIN },
		.count = LATE_REQUESTS,
	};
	unsigned long bytes = 0;
	long ret = ring_open(&late.ring);

	if (ret)
		return ret;
	while (bytes < CHANNEL_MOST && !has_dropped(&late.ring)) {
		int ends[2];

		if (pipe(ends))
			break;
		late.request.fd = ends[0];
		if (!leave_late_requests(&late))
			break;
		close(ends[0]);
		if (!end_late_requests(ends[1]))
			break;
		close(ends[1]);
		bytes += LATE_REQUESTS * LATE_LEAST;
	}
	return channel_came_to(bytes);
}

/*
 * Files that a ring has registered: the first is read from a pipe, the others have tags, which
 * the kernel tells when it has forgotten the file. That is not before a request has ended that
 * was made earlier, of the first one.
 */
#define TAGGED_FILES 256
#define TAGGED_TIMES 16

static long replace_files(struct ring *ring, unsigned int first, int *files,
			  unsigned int count, __u64 *tags)
{
	struct io_uring_rsrc_update2 update = {
		.offset = first,
		.data = (unsigned long)files,
		.tags = (unsigned long)tags,
		.nr = count,
	};

	return syscall(__NR_io_uring_register, ring->file,
		       IORING_REGISTER_FILES_UPDATE2, &update, sizeof(update));
}

static long register_no_files(struct ring *ring)
{
	static int files[1 + TAGGED_FILES];
	struct io_uring_rsrc_register none = {
		.nr = ARRAY_SIZE(files),
		.data = (unsigned long)files,
	};

	memset(files, -1, sizeof(files));
	return syscall(__NR_io_uring_register, ring->file,
		       IORING_REGISTER_FILES2, &none, sizeof(none)) ?
		       -errno :
		       0;
}

/* Each takes the place of one that it has had before. */
static bool replace_tagged_files(struct ring *ring, int file)
{
	static int files[TAGGED_FILES];
	static __u64 tags[TAGGED_FILES];

	for (int i = 0; i < TAGGED_FILES; i++) {
		files[i] = file;
		tags[i] = 1;
	}
	for (int i = 0; i < TAGGED_TIMES; i++)
		if (replace_files(ring, 1, files, TAGGED_FILES, tags) !=
		    TAGGED_FILES)
			return false;
	return true;
}

static bool forget_tagged_files(struct late *late, int file)
{
	int ends[2], none = -1;

	if (pipe(ends))
		return false;
	/* The request alone has the pipe read. */
	if (replace_files(&late->ring, 0, &ends[0], 1, NULL) != 1 ||
	    close(ends[0]) || !leave_late_requests(late) ||
	    !replace_tagged_files(&late->ring, file) ||
	    replace_files(&late->ring, 0, &none, 1, NULL) != 1 ||
	    !end_late_requests(ends[1]))
		return false;
	close(ends[1]);
	return true;
}

static long ring_tags_of_ended_threads(long unused)
{
	struct late late = {
		.request = { .opcode = IORING_OP_POLL_ADD,
			     .flags = IOSQE_FIXED_FILE,
			     .fd = 0,
			     .poll32_events = POLLIN },
		.count = 1,
	};
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	unsigned long bytes = 0;
	long ret = ring_open(&late.ring);

	ret = ret ? ret : register_no_files(&late.ring);
	if (ret || file < 0)
		return ret ?: -errno;
	while (bytes < CHANNEL_MOST && !has_dropped(&late.ring) &&
	       forget_tagged_files(&late, file))
		bytes += TAGGED_FILES * TAGGED_TIMES * LATE_LEAST;
	return channel_came_to(bytes);
}

CHANNEL(ring_completions_of_ended_threads)
CHANNEL(ring_tags_of_ended_threads)
