// SPDX-License-Identifier: GPL-2.0-only
/*
 * By what its threads keep, and by what threads of the kernel allocate for it, a user gets
 * no more than its limit.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
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

/* It echoes what is typed. Returns the end where that is done; @slave gets the other one. */
static int open_echoing(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	struct termios raw;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return -1;
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (*slave < 0 || tcgetattr(*slave, &raw))
		return -1;
	cfmakeraw(&raw);
	raw.c_lflag |= ECHO;
	tcsetattr(*slave, TCSANOW, &raw);
	return master;
}

/*
 * What is typed is read, and its echo is not. A thread of the kernel writes that, in pieces
 * that are no larger than what was typed at once.
 */
static long type_and_be_echoed(void)
{
	int slave, master = open_echoing(&slave);
	struct pollfd typed = { .fd = slave, .events = POLLIN };
	char read_back[4 * KIB];

	if (master < 0)
		return -1;
	for (int i = 0; i < 48; i++) {
		if (write(master, channel_block, 200) <= 0)
			break;
		poll(&typed, 1, 100);
		while (read(slave, read_back, sizeof(read_back)) > 0)
			;
	}
	close(slave);
	return 0;
}

static long echoes(long unused)
{
	return channel_processes(type_and_be_echoed, 32 * KIB, CHANNEL_MOST);
}

CHANNEL(names_of_waiting_calls)
CHANNEL(echoes)
