// SPDX-License-Identifier: GPL-2.0-only
/* ktap: clears away what a test left behind: processes, limits, sysctls. */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "files.h"
#include "ktap_internal.h"
#include "mmlimit.h"
#include "swap.h"
#include "usage.h"
#include "user.h"

struct process {
	pid_t pid;
	pid_t parent;
	pid_t group;
	char name[32];
	bool ours;
};

struct setting {
	const char *path;
	char value[32];
};

static struct setting settings[] = {
	{ .path = "/proc/sys/vm/mm_limit_max_entries" },
	{ .path = "/proc/sys/vm/mm_limit_log_table" },
	{ .path = "/proc/sys/vm/mm_limit_min_uid" },
	{ .path = "/proc/sys/vm/mm_limit_kill_wait_ms" },
	{ .path = "/proc/sys/vm/mm_limit_thrash_ms" },
	{ .path = "/proc/sys/vm/mm_limit_trigger" },
	{ .path = "/proc/sys/vm/overcommit_memory" },
	{ .path = "/proc/sys/vm/watermark_scale_factor" },
	{ .path = "/proc/sys/kernel/core_pattern" },
	{ .path = "/proc/sys/kernel/shmall" },
	{ .path = "/proc/sys/fs/pipe-user-pages-hard" },
	{ .path = "/proc/sys/vm/oom_dump_tasks" },
	{ .path = "/proc/sys/vm/percpu_pagelist_high_fraction" },
	{ .path = "/proc/sys/vm/oom_kill_allocating_task" },
	{ .path = "/proc/sys/vm/oom_term_wait_ms" },
	{ .path = "/proc/sys/vm/watermark_boost_factor" },
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

/* MM_SWAP on the kernel's command line has turned some on. */
static bool had_swap;

/* Notes what there is before the first test. */
void ktap_clean_prepare(void)
{
	had_swap = swap_is_on();
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (file_read(settings[i].path, settings[i].value,
			      sizeof(settings[i].value)))
			settings[i].value[0] = '\0';
}

static bool restore_sysctls(char *what, size_t size)
{
	bool clean = true;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		char now[sizeof(settings[i].value)];

		if (!settings[i].value[0] ||
		    file_read(settings[i].path, now, sizeof(now)) ||
		    !strcmp(now, settings[i].value))
			continue;
		snprintf(what, size, "left %s changed%s", settings[i].path,
			 file_write(settings[i].path, settings[i].value) ?
				 ", and it cannot be restored" :
				 "");
		clean = false;
	}
	return clean;
}

/**
 * struct leftovers - what is found when a test is over
 * @what: gets it in words
 * @size: of @what
 * @clean: there was nothing
 */
struct leftovers {
	char *what;
	size_t size;
	bool clean;
};

static void remove_limit(uid_t uid, const struct usage *unused, void *data)
{
	struct leftovers *left = data;
	int ret = mmlimit_remove(uid);

	(void)unused;
	snprintf(left->what, left->size, "left a limit for user %u%s", uid,
		 ret ? ", and it cannot be removed" : "");
	left->clean = false;
}

static bool remove_limits(char *what, size_t size)
{
	struct leftovers left = { .what = what, .size = size, .clean = true };
	struct mm_limit_user limit;

	for (uid_t uid = TEST_USER_FIRST; uid <= TEST_USER_LAST; uid++) {
		int ret = mmlimit_get(uid, &limit);

		if (ret == -ENOSYS || ret == -EPERM)
			break;
		if (!ret)
			remove_limit(uid, NULL, &left);
	}
	/* To ask for each other user would take longer than most tests do. */
	usage_for_each(remove_limit, &left);
	return left.clean;
}

static bool remove_swap(char *what, size_t size)
{
	int ret;

	if (swap_is_on() == had_swap)
		return true;
	if (had_swap) {
		snprintf(what, size, "turned swapping off");
		return false;
	}
	ret = swap_remove();
	snprintf(what, size, "left swap space%s",
		 ret ? ", and it cannot be removed" : "");
	return false;
}

/*
 * Puts limits, swap space and sysctls back.
 *
 * Return: whether all was as it should be; otherwise what was not in @what.
 */
bool ktap_restore_settings(char *what, size_t size)
{
	bool clean = restore_sysctls(what, size);

	clean = remove_limits(what, size) && clean;
	return remove_swap(what, size) && clean;
}
