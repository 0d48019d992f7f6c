// SPDX-License-Identifier: GPL-2.0-only
/* By what its threads keep a user gets no more than its limit. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "lib/channel.h"
#include "lib/memory.h"

/*
 * The name of a FIFO that nobody writes to, almost as long as a name can be. It has more
 * links within links on its way than fit the kernel's stack.
 */
static char fifo_name[4000];

static long make_fifo(void)
{
	const char way[] = "/tmp/first", end[] = "fifo";
	const size_t length = sizeof(fifo_name) - 1;

	memset(fifo_name, '/', length);
	memcpy(fifo_name, way, sizeof(way) - 1);
	memcpy(fifo_name + length - (sizeof(end) - 1), end, sizeof(end) - 1);
	return symlink("second/.", "/tmp/first") ||
			       symlink("third/.", "/tmp/second") ||
			       symlink("folder/.", "/tmp/third") ||
			       mkdir("/tmp/folder", 0700) ||
			       mkfifo("/tmp/folder/fifo", 0600) ?
		       -errno :
		       0;
}

static void *wait_for_writer(void *unused)
{
	open(fifo_name, O_RDONLY);
	return NULL;
}

static long open_and_wait(void)
{
	return channel_thread(wait_for_writer, NULL, NULL);
}

static long names_of_waiting_calls(long unused)
{
	long ret = channel_mount_own("tmpfs") ?: make_fifo();

	return ret ?: channel_processes(open_and_wait, 16 * KIB, CHANNEL_MOST);
}

CHANNEL(names_of_waiting_calls)
