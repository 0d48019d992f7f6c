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

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/channel.h"
#include "lib/memory.h"
#include "lib/processes.h"

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

static int rest(void *parent)
{
	process_end_with((pid_t)parent);
	for (;;)
		pause();
	return 0;
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

/* Those who are to be told that areas of theirs are unmapped */
#define TOLD 100
static int told[TOLD];

/* Returns how many there are, fewer on a kernel that takes long to register each of them. */
static int make_told(void)
{
	const int most = ktap_slowdown() > 1 ? TOLD / 4 : TOLD;
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_EVENT_UNMAP,
	};
	static int count;

	while (count < most) {
		told[count] = syscall(__NR_userfaultfd, UFFD_USER_MODE_ONLY);
		if (told[count] < 0 || ioctl(told[count], UFFDIO_API, &api))
			break;
		count++;
	}
	return count;
}

/* Every other page is somebody's. */
#define TOLD_BYTES (2 * TOLD * PAGE)

static long register_told(char *area, int count)
{
	for (int i = 0; i < count; i++) {
		struct uffdio_register each = {
			.range = { (unsigned long)area + 2 * i * PAGE, PAGE },
			.mode = UFFDIO_REGISTER_MODE_MISSING,
		};

		if (ioctl(told[i], UFFDIO_REGISTER, &each))
			return -1;
	}
	return 0;
}

static bool unmap_failed;
static pid_t unmapper;

/* Comes back only if there is no memory for what the first is to be told. */
static void *unmap_told(void *area)
{
	__atomic_store_n(&unmapper, gettid(), __ATOMIC_RELAXED);
	if (munmap(area, TOLD_BYTES))
		__atomic_store_n(&unmap_failed, true, __ATOMIC_RELAXED);
	return NULL;
}

/*
 * Returns whether all is told, or a part, for there was no memory for the rest, and so nothing was
 * unmapped; -1 if there is none to look.
 */
static int unmapper_waits(void)
{
	const pid_t pid = __atomic_load_n(&unmapper, __ATOMIC_RELAXED);
	char path[64], where[64] = "";
	int file;

	if (!pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/task/%d/wchan", pid);
	file = open(path, O_RDONLY);
	if (file < 0 || read(file, where, sizeof(where) - 1) <= 0)
		return -1;
	close(file);
	return !strcmp(where, "userfaultfd_event_wait_completion");
}

/* A thread that has unmapped areas, and waits until all have heard of it, which nobody does */
static long unmap_and_wait(void)
{
	const int count = make_told();
	unsigned char resident[2 * TOLD];
	int waits;
	char *area = mmap(NULL, TOLD_BYTES, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	__atomic_store_n(&unmapper, 0, __ATOMIC_RELAXED);
	if (!count || area == MAP_FAILED || register_told(area, count) ||
	    channel_thread(unmap_told, area, NULL))
		return -1;
	while (!(waits = unmapper_waits())) {
		if (__atomic_load_n(&unmap_failed, __ATOMIC_RELAXED))
			return -1;
		sched_yield();
	}
	return waits > 0 && mincore(area, TOLD_BYTES, resident) ? 0 : -1;
}

static long unmap_events(long unused)
{
	return channel_processes(unmap_and_wait, TOLD * 64, CHANNEL_MOST);
}

CHANNEL(names_of_waiting_calls)
CHANNEL(folders_of_dead_processes)
CHANNEL(roots_of_lists_of_mounts)
CHANNEL(echoes)
CHANNEL(unmap_events)
