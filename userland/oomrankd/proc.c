// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: reads processes from /proc. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "parse.h"
#include "proc.h"

/*
 * No file that is read here is longer but status, which is read in pieces of
 * this size.
 */
#define PIECE 1024

#define OOM_SCORE_ADJ_MIN (-1000)

/* include/uapi/linux/capability.h */
#define CAP_SYS_RAWIO 17
#define CAP_SYS_ADMIN 21

/* How a folder is opened only to find files in it */
#define FOLDER (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* Reads on from where the file is. Returns the length, or a negative error. */
static ssize_t read_piece(int fd, char *text)
{
	ssize_t ret;

	do {
		ret = read(fd, text, PIECE);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

/* Reads a whole file that fits. Returns its length, or a negative error. */
static ssize_t read_file(int folder, const char *name, char text[PIECE])
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = read_piece(fd, text);
	close(fd);
	return ret;
}

static bool read_stat(int folder, struct proc_stat *stat)
{
	char text[PIECE];
	ssize_t size = read_file(folder, "stat", text);

	return size > 0 && parse_stat(text, size, stat);
}

static bool read_adj(int folder, long *adj)
{
	char text[PIECE];
	ssize_t size = read_file(folder, "oom_score_adj", text);

	return size > 0 && parse_adj(text, size, adj);
}

static bool read_cpu_ticks(int folder, uint64_t *ticks)
{
	char text[PIECE];
	ssize_t size = read_file(folder, "oom", text);

	return size > 0 && parse_oom(text, size, ticks);
}

static bool read_statm(int folder, unsigned long *total_vm)
{
	char text[PIECE];
	ssize_t size = read_file(folder, "statm", text);

	return size > 0 && parse_statm(text, size, total_vm);
}

static bool read_status(int folder, struct proc_status *status)
{
	char piece[PIECE];
	ssize_t size;
	int fd;

	memset(status, 0, sizeof(*status));
	fd = openat(folder, "status", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((size = read_piece(fd, piece)) > 0 && !parse_status_end(status))
		parse_status(status, piece, size);
	close(fd);
	return parse_status_end(status);
}

/*
 * The first thread of a process may have ended, and shows no memory then, so
 * that the process could hide behind it. The memory is seen through the other
 * threads.
 */
static bool read_total_vm_of_threads(int folder, unsigned long *total_vm)
{
	struct folder threads;
	char path[32];
	pid_t tid;
	int fd;

	*total_vm = 0;
	fd = openat(folder, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	folder_start(&threads, fd);
	while (!*total_vm && (tid = folder_next(&threads)) > 0) {
		int thread;

		snprintf(path, sizeof(path), "%d", tid);
		thread = openat(fd, path, FOLDER);
		if (thread < 0)
			continue;
		if (!read_statm(thread, total_vm))
			*total_vm = 0;
		close(thread);
	}
	close(fd);
	return true;
}

/*
 * Capabilities count in the user namespace that they are for, and anybody can
 * have all of them in a namespace of one's own. Only an unprivileged caller is
 * not allowed to look, and such a caller can but print.
 */
static bool is_in_our_namespace(const struct proc *proc, int folder)
{
	struct stat namespace;

	if (!proc->has_namespaces)
		return true;
	if (fstatat(folder, "ns/user", &namespace, 0))
		return errno == EACCES;
	return namespace.st_dev == proc->namespace_dev &&
	       namespace.st_ino == proc->namespace_ino;
}

static bool read_privileges(const struct proc *proc, int folder,
			    struct oomrank_facts *facts)
{
	const uint64_t of_interest = 1ULL << CAP_SYS_RAWIO |
				     1ULL << CAP_SYS_ADMIN;
	struct proc_status status;

	if (!read_status(folder, &status))
		return false;
	if ((status.caps & of_interest) && !is_in_our_namespace(proc, folder))
		status.caps = 0;
	facts->root = !status.uid || !status.euid ||
		      (status.caps & 1ULL << CAP_SYS_ADMIN);
	facts->raw_io = status.caps & 1ULL << CAP_SYS_RAWIO;
	return true;
}

static unsigned long saturate(uint64_t number)
{
	return number < ULONG_MAX ? number : ULONG_MAX;
}

/*
 * What excludes most processes is read first, so that a kernel thread costs one
 * file.
 */
static bool read_folder(const struct proc *proc, int folder,
			struct oomrank_process *process)
{
	struct oomrank_facts *facts = &process->facts;
	struct proc_stat stat;
	uint64_t cpu_ticks, start_s;
	long adj;

	if (!read_stat(folder, &stat) || stat.flags & PROC_KTHREAD ||
	    !read_adj(folder, &adj) || adj == OOM_SCORE_ADJ_MIN ||
	    !read_statm(folder, &facts->total_vm))
		return false;
	if (!facts->total_vm && stat.threads > 1 &&
	    !read_total_vm_of_threads(folder, &facts->total_vm))
		return false;
	if (!facts->total_vm || !read_cpu_ticks(folder, &cpu_ticks) ||
	    !read_privileges(proc, folder, facts))
		return false;
	start_s = stat.start / proc->ticks_per_s;
	facts->cpu_s = saturate(cpu_ticks / proc->ticks_per_s);
	/* The process may have started after the uptime was read. */
	facts->run_s = start_s < proc->uptime_s ? proc->uptime_s - start_s : 0;
	facts->niced = stat.nice > 0;
	memcpy(process->name, stat.name, sizeof(process->name));
	process->points = oomrank_points(facts);
	return process->points;
}

bool proc_read(const struct proc *proc, pid_t pid,
	       struct oomrank_process *process)
{
	char name[16];
	int folder;
	bool ret;

	if (pid <= 1 || pid == proc->self)
		return false;
	snprintf(name, sizeof(name), "%d", pid);
	/*
	 * The folder is held open: should the pid be used anew, reads through
	 * it fail.
	 */
	folder = openat(proc->root, name, FOLDER);
	if (folder < 0)
		return false;
	*process = (struct oomrank_process){ .pid = pid };
	ret = read_folder(proc, folder, process);
	close(folder);
	return ret;
}

int proc_read_uptime(struct proc *proc)
{
	char text[64];
	ssize_t size = pread(proc->uptime, text, sizeof(text), 0);

	if (size < 0)
		return -errno;
	return parse_uptime(text, size, &proc->uptime_s) ? 0 : -EPROTO;
}

long proc_for_each(struct proc *proc, proc_visit visit, void *data)
{
	struct oomrank_process process;
	struct folder folder;
	long count = 0;
	pid_t pid;
	int ret;

	ret = proc_read_uptime(proc);
	if (ret)
		return ret;
	folder_start(&folder, proc->root);
	while ((pid = folder_next(&folder)) > 0) {
		count++;
		if (proc_read(proc, pid, &process))
			visit(&process, data);
	}
	return pid ? pid : count;
}

int proc_open(struct proc *proc, const char *root, unsigned long ticks_per_s,
	      pid_t self)
{
	struct stat namespace;
	int ret;

	*proc = (struct proc){ .ticks_per_s = ticks_per_s, .self = self };
	proc->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc->root < 0)
		return -errno;
	proc->uptime = openat(proc->root, "uptime", O_RDONLY | O_CLOEXEC);
	if (proc->uptime < 0) {
		ret = -errno;
		close(proc->root);
		return ret;
	}
	if (!fstatat(proc->root, "self/ns/user", &namespace, 0)) {
		proc->has_namespaces = true;
		proc->namespace_dev = namespace.st_dev;
		proc->namespace_ino = namespace.st_ino;
	}
	return 0;
}

void proc_close(struct proc *proc)
{
	close(proc->uptime);
	close(proc->root);
}
