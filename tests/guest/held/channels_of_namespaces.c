// SPDX-License-Identifier: GPL-2.0-only
/* By namespaces, and by what a user may mount in its own, it gets no more than its limit. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "lib/channel.h"
#include "lib/memory.h"
#include "lib/processes.h"

/* A folder for each: of those on one, each is found through all others. */
static int mount_on(const char *name, const char *type)
{
	return mkdir(name, 0700) ?: mount(type, name, type, 0, NULL);
}

static int make_tmpfs(const char *name)
{
	return mount_on(name, "tmpfs");
}

static int make_ramfs(const char *name)
{
	return mount_on(name, "ramfs");
}

static int make_devpts(const char *name)
{
	return mount_on(name, "devpts");
}

static int make_proc(const char *name)
{
	return mount_on(name, "proc");
}

static long own_mounts(long unused)
{
	return channel_mount_own("tmpfs") ?: channel_names(make_tmpfs, 4 * KIB);
}

static long own_ramfs_mounts(long unused)
{
	return channel_mount_own("tmpfs") ?: channel_names(make_ramfs, 4 * KIB);
}

static long own_devpts_mounts(long unused)
{
	return channel_mount_own("tmpfs") ?:
					    channel_names(make_devpts, 4 * KIB);
}

/* Each shows the processes of a pid namespace, so a process of the user's own begins one. */
static long own_proc_mounts(long unused)
{
	long ret = channel_mount_own("tmpfs"), *came_to;
	const pid_t parent = getpid();
	pid_t pid;

	came_to = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ret || came_to == MAP_FAILED || unshare(CLONE_NEWPID))
		return ret ?: -errno;
	*came_to = LONG_MAX;
	pid = fork();
	if (!pid) {
		process_end_with(parent);
		*came_to = channel_names(make_proc, 4 * KIB) ?: -errno;
		for (;;)
			pause();
	}
	while (pid > 0 && *(volatile long *)came_to == LONG_MAX)
		usleep(1000);
	return pid < 0 ? -errno : *came_to;
}

/* One mount once more, in trees that hang on nothing but a descriptor */
static long clone_mount(void)
{
	return syscall(SYS_open_tree, AT_FDCWD, "/tmp", OPEN_TREE_CLONE) < 0 ?
		       -1 :
		       0;
}

static long own_mount_trees(long unused)
{
	return channel_mount_own("tmpfs") ?:
		       channel_processes(clone_mount, 512, CHANNEL_MOST);
}

/* Of a file system that is about to be mounted, its options and complaints are kept. */
static long make_context(void)
{
	int context = syscall(SYS_fsopen, "devpts", 0);
	char key[200];

	if (context < 0)
		return -1;
	syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "mode", "620", 0);
	memset(key, 'x', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	for (int i = 0; i < 8; i++)
		syscall(SYS_fsconfig, context, FSCONFIG_SET_FD, key, NULL, 0);
	return 0;
}

static long own_mount_contexts(long unused)
{
	return channel_mount_own("tmpfs") ?:
		       channel_processes(make_context, 4 * KIB, CHANNEL_MOST);
}

/* What it is to be mounted from */
static long make_source(void)
{
	int context = syscall(SYS_fsopen, "proc", 0);
	char source[256];

	if (context < 0)
		return -1;
	memset(source, 'x', sizeof(source) - 1);
	source[sizeof(source) - 1] = '\0';
	return syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source",
		       source, 0);
}

static long own_mount_sources(long unused)
{
	return channel_mount_own("tmpfs") ?:
		       channel_processes(make_source, 512, CHANNEL_MOST);
}

static long open_folder(void)
{
	return open("/tmp", O_RDONLY | O_DIRECTORY) < 0 ? -1 : 0;
}

/* Where a reader is in a folder, an entry of the folder says. */
static long own_folders_read(long unused)
{
	return channel_mount_own("ramfs") ?:
		       channel_processes(open_folder, 256, CHANNEL_MOST);
}

/* As many lines as such a map may have; for project ids they take no privilege. */
#define MAP_LINES 340
static char map_lines[MAP_LINES * 16];

/* Starts a child in a namespace of its own, keeps that, and ends the child. */
static long keep_mapped(void)
{
	pid_t pid = channel_fork(CLONE_NEWUSER);
	char name[40];
	int kept;

	if (pid < 0)
		return -1;
	if (!pid)
		for (;;)
			pause();
	snprintf(name, sizeof(name), "/proc/%d/ns/user", pid);
	kept = open(name, O_RDONLY);
	snprintf(name, sizeof(name), "/proc/%d/projid_map", pid);
	if (kept >= 0 && file_write(name, map_lines)) {
		close(kept);
		kept = -1;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return kept < 0 ? -1 : 0;
}

static long kept_user_namespaces(long unused)
{
	char *at = map_lines;

	for (int i = 0; i < MAP_LINES; i++)
		at += sprintf(at, "%d %d 1\n", 2 * i, 2 * i);
	if (prctl(PR_SET_DUMPABLE, 1))
		return -errno;
	return channel_processes(keep_mapped, 8 * KIB, CHANNEL_MOST);
}

CHANNEL(own_mounts)
CHANNEL(own_ramfs_mounts)
CHANNEL(own_devpts_mounts)
CHANNEL(own_proc_mounts)
CHANNEL(own_mount_trees)
CHANNEL(own_mount_contexts)
CHANNEL(own_mount_sources)
CHANNEL(own_folders_read)
CHANNEL(kept_user_namespaces)
