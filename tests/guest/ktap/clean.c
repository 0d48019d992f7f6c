// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clears away what a test left behind: its processes, and whatever cleaners
 * know of.
 */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/internal.h"

struct process {
	pid_t pid;
	pid_t parent;
	pid_t group;
	char name[32];
	bool ours;
};

/*
 * A sample: "31 (prj2_test) S 27 31 31 0 ..."; the name may hold anything,
 * blanks and brackets too.
 */
static bool process_read(struct process *process)
{
	char path[32], stat[512], *begin, *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", process->pid);
	if (file_read(path, stat, sizeof(stat)))
		return false;
	begin = strchr(stat, '(');
	end = strrchr(stat, ')');
	if (!begin || !end ||
	    sscanf(end, ") %*c %d %d", &process->parent, &process->group) != 2)
		return false;
	*end = '\0';
	snprintf(process->name, sizeof(process->name), "%s", begin + 1);
	return true;
}

static struct process *processes_read(size_t *count)
{
	struct process *list = NULL;
	size_t room = 0;
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	*count = 0;
	while (proc && (entry = readdir(proc))) {
		struct process process = { .pid = atoi(entry->d_name) };

		if (process.pid <= 0 || !process_read(&process))
			continue;
		if (*count == room) {
			struct process *larger =
				realloc(list, (room += 256) * sizeof(*list));

			if (!larger)
				break;
			list = larger;
		}
		list[(*count)++] = process;
	}
	if (proc)
		closedir(proc);
	return list;
}

static int compare_pids(const void *a, const void *b)
{
	return ((const struct process *)a)->pid -
	       ((const struct process *)b)->pid;
}

static void mark_descendants(struct process *list, size_t count, pid_t of)
{
	bool found = true;

	qsort(list, count, sizeof(*list), compare_pids);
	while (found) {
		found = false;
		for (size_t i = 0; i < count; i++) {
			struct process key = { .pid = list[i].parent };
			struct process *parent = bsearch(
				&key, list, count, sizeof(*list), compare_pids);

			if (list[i].ours ||
			    !(list[i].parent == of || (parent && parent->ours)))
				continue;
			list[i].ours = true;
			found = true;
		}
	}
}

/*
 * Sends SIGKILL to every descendant that there is at the moment, and to its
 * process group: no fork() gets past a signal to the group, so processes that
 * go on forking die as well. Orphans become children of the caller, a
 * subreaper, so to repeat this until nothing is left and to reap meanwhile
 * catches all of them, whatever they did about sessions.
 *
 * Return: one that is left, its name in @name; 0 if there is none.
 */
pid_t ktap_kill_descendants(char *name, size_t size)
{
	size_t count;
	struct process *list = processes_read(&count);
	pid_t group = getpgrp(), left = 0;

	mark_descendants(list, count, getpid());
	for (size_t i = 0; i < count; i++) {
		if (!list[i].ours)
			continue;
		if (list[i].group != group)
			kill(-list[i].group, SIGKILL);
		kill(list[i].pid, SIGKILL);
		snprintf(name, size, "%s", list[i].name);
		left = list[i].pid;
	}
	free(list);
	return left;
}

extern const struct ktap_cleaner __start_ktap_cleaners[] __attribute__((weak));
extern const struct ktap_cleaner __stop_ktap_cleaners[] __attribute__((weak));

/* Notes what there is before the first test. */
void ktap_clean_prepare(void)
{
	const struct ktap_cleaner *cleaner;

	for (cleaner = __start_ktap_cleaners; cleaner < __stop_ktap_cleaners;
	     cleaner++)
		cleaner->prepare();
}

/*
 * Puts back what tests changed.
 *
 * Return: whether all was as it should be; otherwise what was not in @what.
 */
bool ktap_clean(char *what, size_t size)
{
	const struct ktap_cleaner *cleaner;
	bool clean = true;

	for (cleaner = __start_ktap_cleaners; cleaner < __stop_ktap_cleaners;
	     cleaner++)
		clean = cleaner->restore(what, size) && clean;
	return clean;
}
