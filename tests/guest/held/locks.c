// SPDX-License-Identifier: GPL-2.0-only
/* Tests whom the kernel charges with what it knows of locks of files. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/syscall.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/user.h"

static const char foreign_file[] = "/tmp/foreign";

static long lock_foreign_file(long unused)
{
	int fd = open(foreign_file, O_RDONLY);

	return fd < 0 || flock(fd, LOCK_EX) ? -errno : 0;
}

/* Though the kernel keeps what it made for that, for as long as it keeps the file. */
KTAP_TEST(lock_of_foreign_file_leaves_nothing_charged, 20, "held")
{
	int fd = open(foreign_file, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	EXPECT_EQ(user_run(USER_A, lock_foreign_file, 0), 0);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	close(fd);
	unlink(foreign_file);
}

#define LOCKED_FILES 256

static int own_files[LOCKED_FILES];

static long make_own_files(long unused)
{
	for (int i = 0; i < LOCKED_FILES; i++) {
		own_files[i] = syscall(SYS_memfd_create, "locked", 0);
		if (own_files[i] < 0)
			return -errno;
	}
	return 0;
}

static long lock_and_unlock_own_files(long unused)
{
	for (int i = 0; i < LOCKED_FILES; i++)
		if (flock(own_files[i], LOCK_EX) ||
		    flock(own_files[i], LOCK_UN))
			return -errno;
	return 0;
}

KTAP_TEST(what_a_file_knows_of_locks_is_charged_with_the_file, 20, "held")
{
	unsigned long before;
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_own_files, 0), 0);
	before = held_exact(USER_A).kernel;
	ASSERT_EQ(worker_call(&worker, lock_and_unlock_own_files, 0), 0);
	EXPECT_GE(held_exact(USER_A).kernel, before + LOCKED_FILES * 32);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
