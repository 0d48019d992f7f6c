// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmlimit: processes, and what they take of their users' limits. Lines of
 * /proc/PID/status that count here:
 *
 *	Name:	hog
 *	Uid:	10070	10070	10070	10070
 *	VmRSS:	   40960 kB
 *	VmPTE:	      92 kB
 *	VmSwap:	       0 kB
 */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "processes.h"
#include "text.h"

/* A status has some 60 lines, of which those that count come early. */
#define STATUS_SIZE 4096

/* Finds "\nKEY:" in a status; returns what follows, or NULL. */
static const char *find(const char *status, const char *key)
{
	const char *found = strstr(status, key);

	return found ? found + strlen(key) : NULL;
}

static unsigned long long read_kib(const char *status, const char *key)
{
	const char *value = find(status, key);

	return value ? strtoull(value, NULL, 10) : 0;
}

/* Kernel threads, and what has ended, have no VmRSS. */
bool process_parse(const char *status, struct process *process)
{
	const char *uid = find(status, "\nUid:");

	if (!uid || !find(status, "\nVmRSS:") ||
	    sscanf(status, "Name:%*1[\t]%63[^\n]", process->name) != 1)
		return false;
	process->uid = strtoul(uid, NULL, 10);
	process->bytes = 1024 * (read_kib(status, "\nVmRSS:") +
				 read_kib(status, "\nVmPTE:") +
				 read_kib(status, "\nVmSwap:"));
	make_printable(process->name);
	return true;
}

static bool read_process(int folder, const char *name, struct process *process)
{
	char path[300], status[STATUS_SIZE];
	ssize_t length;
	int fd;

	process->pid = atoi(name);
	if (process->pid <= 0)
		return false;
	snprintf(path, sizeof(path), "%s/status", name);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, status, sizeof(status) - 1);
	close(fd);
	if (length <= 0)
		return false;
	status[length] = '\0';
	return process_parse(status, process);
}

static int compare(const void *a, const void *b)
{
	const struct process *left = a, *right = b;

	if (left->uid != right->uid)
		return left->uid < right->uid ? -1 : 1;
	if (left->bytes != right->bytes)
		return left->bytes > right->bytes ? -1 : 1;
	return left->pid < right->pid ? -1 : left->pid > right->pid;
}

static int read_all(DIR *folder, struct processes *processes)
{
	const struct dirent *entry;
	size_t room = 0;

	while ((entry = readdir(folder))) {
		if (processes->count == room) {
			size_t larger = room ? 2 * room : 64;
			struct process *list = reallocarray(
				processes->list, larger, sizeof(*list));

			if (!list)
				return -ENOMEM;
			processes->list = list;
			room = larger;
		}
		if (read_process(dirfd(folder), entry->d_name,
				 &processes->list[processes->count]))
			processes->count++;
	}
	return 0;
}

int processes_read(const char *folder, struct processes *processes)
{
	DIR *open = opendir(folder);
	int ret;

	*processes = (struct processes){ 0 };
	if (!open)
		return -errno;
	ret = read_all(open, processes);
	closedir(open);
	if (processes->count)
		qsort(processes->list, processes->count,
		      sizeof(*processes->list), compare);
	return ret;
}

const struct process *processes_of(const struct processes *processes, uid_t uid,
				   size_t *count)
{
	size_t first = 0, end = processes->count;

	/* All before @first belong to lower uids, none from @end on does. */
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (processes->list[middle].uid < uid)
			first = middle + 1;
		else
			end = middle;
	}
	for (end = first;
	     end < processes->count && processes->list[end].uid == uid; end++)
		;
	*count = end - first;
	return processes->list + first;
}
