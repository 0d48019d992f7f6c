// SPDX-License-Identifier: GPL-2.0-only
/* By files in memory a user gets no more than its limit. */
#define _GNU_SOURCE 1
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "lib/channel.h"
#include "lib/memory.h"

static long memfd_written(long unused)
{
	return channel_came_to(channel_fill(channel_memfd()));
}

static long memfd_allocated(long unused)
{
	int file = channel_memfd();
	unsigned long bytes = 0;

	while (bytes < CHANNEL_MOST &&
	       !fallocate(file, 0, bytes, sizeof(channel_block)))
		bytes += sizeof(channel_block);
	return channel_came_to(bytes);
}

/* A process that touches a shared mapping until that is its end */
static void touch_and_forget(char *memory)
{
	for (unsigned long at = 0; at < CHANNEL_MOST; at += PAGE) {
		((volatile char *)memory)[at] = 1;
		if (at % MIB == 0)
			madvise(memory, at, MADV_DONTNEED);
	}
}

static long shared_touched(int file)
{
	char *memory = mmap(NULL, CHANNEL_MOST, PROT_READ | PROT_WRITE,
			    file < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED,
			    file, 0);
	int status;
	pid_t pid;

	if (memory == MAP_FAILED)
		return -errno;
	pid = fork();
	if (!pid) {
		touch_and_forget(memory);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	/* It is the fault that fails, and nobody else is killed for it. */
	if (!WIFSIGNALED(status))
		return -E2BIG;
	return WTERMSIG(status) == SIGBUS ? 0 : -EINTR;
}

static long shared_anonymous_touched(long unused)
{
	return shared_touched(-1);
}

static long memfd_touched(long unused)
{
	int file = channel_memfd();

	if (ftruncate(file, CHANNEL_MOST))
		return -errno;
	return shared_touched(file);
}

static long tmpfs_file_written(long unused)
{
	return channel_came_to(
		channel_fill(open("/tmp/channel", O_RDWR | O_CREAT, 0600)));
}

static long written_to_own(const char *type)
{
	long ret = channel_mount_own(type);

	return ret ?: tmpfs_file_written(0);
}

static long own_tmpfs_written(long unused)
{
	return written_to_own("tmpfs");
}

static long own_ramfs_written(long unused)
{
	return written_to_own("ramfs");
}

static int make_file(const char *name)
{
	int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	return file < 0 ? -1 : close(file);
}

static int make_folder(const char *name)
{
	return mkdir(name, 0700);
}

static int make_link(const char *name)
{
	return link("/tmp/one", name);
}

static int make_symlink(const char *name)
{
	return symlink(name + 120, name);
}

/* The name that a file is created with is short. */
static int make_renamed(const char *name)
{
	return make_file("/tmp/short") ?: rename("/tmp/short", name);
}

static long own_tmpfs_files(long unused)
{
	return channel_mount_own("tmpfs") ?: channel_names(make_file, 512);
}

static long own_tmpfs_folders(long unused)
{
	return channel_mount_own("tmpfs") ?: channel_names(make_folder, 512);
}

static long own_tmpfs_links(long unused)
{
	return channel_mount_own("tmpfs") ?:
		       (make_file("/tmp/one") ?: channel_names(make_link, 256));
}

static long own_tmpfs_symlinks(long unused)
{
	return channel_mount_own("tmpfs") ?: channel_names(make_symlink, 512);
}

static long own_tmpfs_renames(long unused)
{
	return channel_mount_own("tmpfs") ?: channel_names(make_renamed, 512);
}

static long own_ramfs_files(long unused)
{
	return channel_mount_own("ramfs") ?: channel_names(make_file, 512);
}

static long own_ramfs_links(long unused)
{
	return channel_mount_own("ramfs") ?:
		       (make_file("/tmp/one") ?: channel_names(make_link, 256));
}

static long own_ramfs_renames(long unused)
{
	return channel_mount_own("ramfs") ?: channel_names(make_renamed, 512);
}

static long make_nameless(void)
{
	return open("/tmp", O_RDWR | O_TMPFILE, 0600) < 0 ? -1 : 0;
}

static long own_nameless_files(long unused)
{
	return channel_mount_own("tmpfs") ?:
		       channel_processes(make_nameless, 1 * KIB, CHANNEL_MOST);
}

/* A sparse file: what finds its pages takes more than they do. */
static long fill_sparsely(int file)
{
	unsigned long bytes = 0;

	for (loff_t at = 0; bytes < CHANNEL_MOST;
	     at += 1 << 30, bytes += PAGE) {
		if (at >= 1LL << 40)
			at = (at & ((1 << 30) - 1)) + (1 << 24);
		if (pwrite64(file, channel_block, 1, at) != 1)
			break;
	}
	return channel_came_to(bytes);
}

static long sparse_memfd(long unused)
{
	return fill_sparsely(channel_memfd());
}

static long own_ramfs_sparse(long unused)
{
	return channel_mount_own("ramfs") ?:
					    fill_sparsely(open("/tmp/sparse",
							       O_RDWR | O_CREAT | O_LARGEFILE,
							       0600));
}

static long segments(long unused)
{
	unsigned long bytes = 0;

	while (bytes < CHANNEL_MOST) {
		int id = shmget(IPC_PRIVATE, MIB, 0600);
		int status;
		pid_t pid;

		if (id < 0)
			break;
		pid = fork();
		if (!pid) {
			memset(shmat(id, NULL, 0), 1, MIB);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			break;
		bytes += MIB;
	}
	return channel_came_to(bytes);
}

CHANNEL(memfd_written)
CHANNEL(memfd_allocated)
CHANNEL(memfd_touched)
CHANNEL(shared_anonymous_touched)
CHANNEL(sparse_memfd)
CHANNEL(tmpfs_file_written)
CHANNEL(own_tmpfs_written)
CHANNEL(own_ramfs_written)
CHANNEL(own_tmpfs_files)
CHANNEL(own_tmpfs_folders)
CHANNEL(own_tmpfs_links)
CHANNEL(own_tmpfs_symlinks)
CHANNEL(own_tmpfs_renames)
CHANNEL(own_nameless_files)
CHANNEL(own_ramfs_files)
CHANNEL(own_ramfs_links)
CHANNEL(own_ramfs_renames)
CHANNEL(own_ramfs_sparse)
CHANNEL(segments)
