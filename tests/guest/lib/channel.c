// SPDX-License-Identifier: GPL-2.0-only
/* See channel.h. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/channel.h"
#include "lib/memory.h"
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

/* In a child: its parent may have ended before this. */
static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (kill(parent, 0))
		_exit(EXIT_FAILURE);
}

/*
 * Forks if its child finds room for its pages: what it touches cannot be refused as the
 * fork can, and it would be killed. It touches nothing that its parent has not, so as much as
 * that has is set aside while it forks.
 */
static pid_t fork_with_room(unsigned long namespaces)
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
		end_with(parent);
	if (pid > 0)
		ftruncate(room, 0);
	if (room >= 0)
		close(room);
	return pid;
}

long channel_child(unsigned long namespaces)
{
	pid_t pid = fork_with_room(namespaces);
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
		pid = fork_with_room(0);
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
