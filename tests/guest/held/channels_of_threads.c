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
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

/**
 * struct mover - a thread that moves into folders of two processes in /proc, and stays
 * @pids: theirs
 * @moved: it has, or could not
 * @error: why not
 */
struct mover {
	pid_t pids[2];
	sem_t moved;
	int error;
};

static const char *folder_of(pid_t pid, char name[static 40])
{
	snprintf(name, 40, "/proc/%d/task/%d/fdinfo", pid, pid);
	return name;
}

static void *move_and_stay(void *data)
{
	struct mover *mover = data;
	char folder[40], root[40];

	if (unshare(CLONE_FS) || chdir(folder_of(mover->pids[0], folder)) ||
	    chroot(folder_of(mover->pids[1], root)))
		mover->error = errno;
	sem_post(&mover->moved);
	for (;;)
		pause();
	return NULL;
}

/* Nobody else ends it, if its parent is killed before it comes to that. */
static int rest(void *parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != (pid_t)parent)
		return 1;
	for (;;)
		pause();
}

/* Starts what costs next to nothing: it ends before its thread of this process does. */
static pid_t start_short_lived(int which)
{
	static char stacks[2][2 * KIB] __attribute__((aligned(16)));

	return clone(rest, stacks[which] + sizeof(stacks[which]),
		     CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD,
		     (void *)getpid());
}

static void end_short_lived(pid_t pid)
{
	if (pid > 0 && !kill(pid, SIGKILL))
		waitpid(pid, NULL, 0);
}

static long move_to_folders(void)
{
	struct mover mover = { .error = 0 };
	int failed = 0;

	sem_init(&mover.moved, 0, 0);
	for (int i = 0; i < 2; i++) {
		mover.pids[i] = start_short_lived(i);
		if (mover.pids[i] < 0)
			failed = errno;
	}
	if (!failed && channel_thread(move_and_stay, &mover, NULL))
		failed = errno;
	if (!failed)
		while (sem_wait(&mover.moved))
			;
	for (int i = 0; i < 2; i++)
		end_short_lived(mover.pids[i]);
	errno = failed ?: mover.error;
	return errno ? -1 : 0;
}

static long folders_of_dead_processes(long unused)
{
	return channel_unshare(CLONE_NEWNS) ?:
		       channel_processes(move_to_folders, 16 * KIB,
					 CHANNEL_MOST);
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
	struct pollfd typed = { .events = POLLIN };
	char read_back[4 * KIB];
	int slave, master = open_echoing(&slave);

	if (master < 0)
		return -1;
	typed.fd = slave;
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

/*
 * A list of a process's mounts keeps, while it is open, the process's root. Both are of processes
 * that have ended then: the list is of the second one, the root a folder of the first.
 */
static int open_list_of_mounts(const pid_t pids[2])
{
	static int proc = -1;
	char root[40], list[40];

	/* Opened while the root is what it was */
	if (proc < 0)
		proc = open("/proc", O_PATH | O_DIRECTORY);
	if (proc < 0)
		return -1;
	snprintf(list, sizeof(list), "%d/mountinfo", pids[1]);
	if (fchdir(proc) || chroot(folder_of(pids[0], root) + strlen("/proc/")))
		return -1;
	return openat(proc, list, O_RDONLY);
}

/* They share their root with this process. */
static long keep_root(void)
{
	int kept = -1, error;
	pid_t pids[2];

	for (int i = 0; i < 2; i++)
		pids[i] = start_short_lived(i);
	if (pids[0] > 0 && pids[1] > 0)
		kept = open_list_of_mounts(pids);
	error = errno;
	for (int i = 0; i < 2; i++)
		end_short_lived(pids[i]);
	errno = error;
	return kept < 0 ? -1 : 0;
}

static long roots_of_lists_of_mounts(long unused)
{
	return channel_unshare(CLONE_NEWNS) ?:
		       channel_processes(keep_root, 2 * KIB, CHANNEL_MOST);
}

CHANNEL(names_of_waiting_calls)
CHANNEL(folders_of_dead_processes)
CHANNEL(roots_of_lists_of_mounts)
CHANNEL(echoes)
