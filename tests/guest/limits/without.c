// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that a kernel without limits is one as if there were none: on KERNEL=bench-without,
 * which `make bench` builds anyhow.
 */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/user.h"

#define LIMIT (4 * MIB)

KTAP_TEST(calls_are_enosys_whoever_makes_them, 10, "without")
{
	struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_MAX,
		.mm_max = LIMIT,
	};
	const struct limit_call calls[] = {
		SET(USER_A, LIMIT),
		SET_TIME(USER_A, LIMIT, 10),
		REMOVE(USER_A),
		GET(USER_A),
		{ __NR_set_mm_limits, (uid_t)(unsigned long)&attr, 1, 0 },
		{ __NR_mm_limit_kill, MM_LIMIT_POLICY_OWN, 0, 0 },
		{ __NR_mm_limit_ctl, MM_LIMIT_CTL_SET, (unsigned long)&attr,
		  sizeof(attr) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		printf("call %ld\n", calls[i].number);
		EXPECT_EQ(limit_call_as(0, calls[i]), -ENOSYS);
		EXPECT_EQ(limit_call_as(USER_A, calls[i]), -ENOSYS);
	}
}

static long fork_and_wait(long unused)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(0);
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -errno;
}

KTAP_TEST(user_has_what_it_likes_whatever_was_called, 10, "without")
{
	struct worker worker;

	EXPECT_EQ(mmlimit_set(USER_A, LIMIT), -ENOSYS);
	worker = start_holding(USER_A, 8 * LIMIT);
	EXPECT_EQ(worker_call(&worker, fork_and_wait, 0), 0);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	worker_end(&worker);
}

/* Nothing in a folder has a name that begins like this. */
static void expect_no_name(const char *folder, const char *beginning)
{
	DIR *names = opendir(folder);
	struct dirent *entry;
	int others = 0;

	ASSERT_TRUE(names);
	while ((entry = readdir(names))) {
		if (!strncmp(entry->d_name, beginning, strlen(beginning)))
			KTAP_FAIL("%s/%s is there", folder, entry->d_name);
		others++;
	}
	closedir(names);
	EXPECT_GT(others, 2);
}

KTAP_TEST(no_file_tells_of_limits, 10, "without")
{
	expect_no_name("/proc", "mm_limit");
	expect_no_name("/proc/sys/vm", "mm_limit");
	expect_no_name("/sys/kernel/debug", "mm_limit");
	EXPECT_EQ(access("/proc/oom", F_OK), -1);
	EXPECT_EQ(access("/proc/sys/vm/oom_term_wait_ms", F_OK), -1);
}
