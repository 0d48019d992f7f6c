// SPDX-License-Identifier: GPL-2.0-only
/* See channel.h. */
#define _GNU_SOURCE 1
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/channel.h"
#include "lib/memory.h"

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

pid_t channel_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
	}
	return pid;
}

/* What a process and its children have come to, in memory that they share */
struct progress {
	unsigned long bytes;
	enum { GOING_ON, NO_MORE_FILES, REFUSED } state;
};

static void take_steps(struct progress *progress, long (*step)(void),
		       unsigned long least, unsigned long most)
{
	while (progress->bytes < most && !step())
		progress->bytes += least;
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
		pid = channel_fork();
		if (pid < 0)
			break;
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
	return progress->bytes >= most ? -E2BIG : (long)progress->bytes;
}
