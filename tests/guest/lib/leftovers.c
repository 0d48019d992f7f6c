// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts back what the next test must not find changed: limits, swap space,
 * sysctls, objects of System V IPC.
 */
#define _GNU_SOURCE 1
#include <stdio.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/rules.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

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
	{ .path = "/proc/sys/vm/mm_limit_count" },
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

/* MM_SWAP on the kernel's command line has turned some on. */
static bool had_swap;

static void note_settings(void)
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

	snprintf(left->what, left->size, "left a limit for user %u%s", uid,
		 ret ? ", and it cannot be removed" : "");
	left->clean = false;
}

/* A row of a rule begins with its range: "10050-10099 " */
static bool remove_rules(char *what, size_t size)
{
	FILE *file = fopen(MMLIMIT_LIST_PATH, "re");
	unsigned int first, last;
	char line[1024];
	bool clean = true;
	long ret;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%u-%u ", &first, &last) != 2)
			continue;
		ret = rule_remove(first, last);
		snprintf(what, size, "left a rule for users %u to %u%s", first,
			 last, ret ? ", and it cannot be removed" : "");
		clean = false;
	}
	if (file)
		fclose(file);
	return clean;
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
	/* Asking for each other user would take longer than most tests do. */
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

static bool remove_ipc(char *what, size_t size)
{
	const char *left = held_remove_ipc();

	if (left)
		snprintf(what, size, "left a %s", left);
	return !left;
}

static bool restore_settings(char *what, size_t size)
{
	bool clean = restore_sysctls(what, size);

	/* First, for what they have given goes along. */
	clean = remove_rules(what, size) && clean;
	clean = remove_limits(what, size) && clean;
	clean = remove_ipc(what, size) && clean;
	clean = remove_swap(what, size) && clean;
	usage_run_on_each_cpu();
	return clean;
}

KTAP_CLEANER(note_settings, restore_settings);
