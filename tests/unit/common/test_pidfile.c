// SPDX-License-Identifier: GPL-2.0-only
/* Pid files: who has one, and who may remove it. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"

static char folder[] = "/tmp/test_pidfile.XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/daemon.pid", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int take(void)
{
	char why[WHY_SIZE] = "";
	int fd = pidfile_take(path, why, sizeof(why));

	if (fd < 0)
		fail_msg("%s", why);
	return fd;
}

static void the_owner_removes_its_file(void **state)
{
	int fd = take();

	(void)state;
	assert_int_equal(pidfile_write(fd), 0);
	pidfile_remove(fd, path);
	assert_int_not_equal(access(path, F_OK), 0);
	close(fd);
}

static void who_comes_second_is_told_who_was_first(void **state)
{
	char why[WHY_SIZE] = "", expected[64];
	int fd = take();

	(void)state;
	/* The first one has the lock before it has written who it is. */
	assert_int_equal(pidfile_take(path, why, sizeof(why)), -1);
	assert_string_equal(why, "already running");
	assert_int_equal(pidfile_write(fd), 0);
	assert_int_equal(pidfile_take(path, why, sizeof(why)), -1);
	snprintf(expected, sizeof(expected), "already running, with pid %d",
		 getpid());
	assert_string_equal(why, expected);
	pidfile_remove(fd, path);
	close(fd);
}

/* Somebody has removed the first one's file meanwhile. */
static void the_file_of_another_stays(void **state)
{
	int first = take(), second;

	(void)state;
	assert_int_equal(unlink(path), 0);
	second = take();
	pidfile_remove(first, path);
	assert_int_equal(access(path, F_OK), 0);
	pidfile_remove(second, path);
	assert_int_not_equal(access(path, F_OK), 0);
	/* There is nothing left that could be removed. */
	pidfile_remove(second, path);
	close(first);
	close(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_owner_removes_its_file),
		cmocka_unit_test(who_comes_second_is_told_who_was_first),
		cmocka_unit_test(the_file_of_another_stays),
	};

	return RUN_GROUP_IN(tests, setup, teardown);
}
