// SPDX-License-Identifier: GPL-2.0-only
/* See channel.h. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "lib/channel.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"

char channel_block[CHANNEL_BLOCK];

long channel_came_to(unsigned long bytes)
{
	return bytes >= CHANNEL_MOST ? -E2BIG : (long)bytes;
}

unsigned long channel_fill(int file)
{
	unsigned long bytes = 0;
	ssize_t n;

	while (bytes < CHANNEL_MOST &&
	       (n = write(file, channel_block, sizeof(channel_block))) > 0)
		bytes += n;
	return bytes;
}

int channel_memfd(void)
{
	return syscall(SYS_memfd_create, "channel", 0);
}

pid_t channel_fork(unsigned long namespaces)
{
	static unsigned long needed;
	pid_t pid = -1, parent = getpid();
	int room = channel_memfd();

	if (!needed)
		needed = usage_of_process(getpid());
	if (room >= 0 && !fallocate(room, 0, 0, needed))
		pid = syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL,
			      NULL);
	if (pid == 0)
		process_end_with(parent);
	if (pid > 0)
		ftruncate(room, 0);
	if (room >= 0)
		close(room);
	return pid;
}

long channel_child(unsigned long namespaces)
{
	pid_t pid = channel_fork(namespaces);
	int status;

	if (pid < 0)
		return -1;
	if (!pid) {
		for (;;)
			raise(SIGSTOP);
	}
	/* Once it stands it touches nothing more. */
	return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) ?
		       0 :
		       -1;
}

long channel_thread(void *(*run)(void *), void *data, pthread_t *thread)
{
	pthread_attr_t attr;
	pthread_t unused;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16 * KIB);
	errno = pthread_create(thread ? thread : &unused, &attr, run, data);
	return errno ? -1 : 0;
}

/**
 * struct progress - what a process and its children have come to; they share it
 * @bytes: what they hold at least
 * @error: why the last step failed
 * @state: of the child at work
 */
struct progress {
	unsigned long bytes;
	int error;
	enum { GOING_ON, NO_MORE_FILES, REFUSED } state;
};

static void take_steps(struct progress *progress, long (*step)(void),
		       unsigned long least, unsigned long most)
{
	while (progress->bytes < most && !step())
		progress->bytes += least;
	progress->error = errno;
	__atomic_store_n(&progress->state,
			 errno == EMFILE ? NO_MORE_FILES : REFUSED,
			 __ATOMIC_RELEASE);
}

long channel_processes(long (*step)(void), unsigned long least,
		       unsigned long most)
{
	struct progress *progress = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (progress == MAP_FAILED)
		return -errno;
	do {
		int status;
		pid_t pid;

		progress->state = GOING_ON;
		pid = channel_fork(0);
		if (pid < 0) {
			progress->error = errno;
			break;
		}
		if (!pid) {
			take_steps(progress, step, least, most);
			for (;;)
				pause();
		}
		while (__atomic_load_n(&progress->state, __ATOMIC_ACQUIRE) ==
		       GOING_ON) {
			if (waitpid(pid, &status, WNOHANG) == pid)
				return -EINTR;
			usleep(1000);
		}
	} while (progress->state == NO_MORE_FILES && progress->bytes < most);
	/* What cannot be done even once is bounded by nothing. */
	if (!progress->bytes)
		return -progress->error;
	return progress->bytes >= most ? -E2BIG : (long)progress->bytes;
}

long channel_unshare(unsigned long namespaces)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", getuid());
	if (prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER | namespaces) ||
	    file_write("/proc/self/setgroups", "deny") ||
	    file_write("/proc/self/uid_map", map) ||
	    file_write("/proc/self/gid_map", map))
		return -errno;
	return 0;
}

long channel_mount_own(const char *type)
{
	long ret = channel_unshare(CLONE_NEWNS);

	if (ret)
		return ret;
	return mount(type, "/tmp", type, 0, NULL) ? -errno : 0;
}

long channel_names(int (*make)(const char *name), unsigned int least)
{
	unsigned long bytes = 0;
	char name[240];

	for (int i = 0; bytes < CHANNEL_MOST; i++, bytes += least) {
		memset(name, 'x', sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		memcpy(name + snprintf(name, sizeof(name), "/tmp/%d", i), "x",
		       1);
		if (make(name))
			break;
	}
	return channel_came_to(bytes);
}
