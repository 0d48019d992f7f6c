// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that a user is charged for each page and page table that its processes
 * have, and for nothing else.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/account_worker.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

KTAP_TEST(touched_pages_and_their_tables_are_charged, 10, "account")
{
	struct worker worker;
	unsigned long before;

	limit_users();
	worker = start_warm(USER_A);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, map_pages, 5120), 0);
	EXPECT_EQ(usage_exact(USER_A), before);
	ASSERT_EQ(worker_call(&worker, touch_pages, 5120), 0);
	EXPECT_EQ(usage_exact(USER_A), before + region_cost(5120));
	ASSERT_EQ(worker_call(&worker, touch_pages, 5120), 0);
	EXPECT_EQ(usage_exact(USER_A), before + region_cost(5120));

	/* Given back without the tables, then with them */
	ASSERT_EQ(worker_call(&worker, drop_pages, 5120), 0);
	EXPECT_EQ(usage_exact(USER_A),
		  before + region_cost(5120) - 5120 * PAGE);
	ASSERT_EQ(worker_call(&worker, unmap_pages, 0), 0);
	EXPECT_EQ(usage_exact(USER_A), before);
	worker_end(&worker);
	unlimit_users();
}

KTAP_TEST(page_tables_alone_are_charged, 10, "account")
{
	const long tables = 64;
	struct worker worker;
	unsigned long before;

	limit_users();
	worker = start_warm(USER_A);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, map_pages, tables * TABLE_SPAN / PAGE),
		  0);
	ASSERT_EQ(worker_call(&worker, touch_sparsely, tables), 0);
	EXPECT_EQ(usage_exact(USER_A), before + tables * 2 * PAGE);
	ASSERT_EQ(worker_call(&worker, drop_pages, tables * TABLE_SPAN / PAGE),
		  0);
	EXPECT_EQ(usage_exact(USER_A), before + tables * PAGE);
	ASSERT_EQ(worker_call(&worker, unmap_pages, 0), 0);
	EXPECT_EQ(usage_exact(USER_A), before);
	worker_end(&worker);
	unlimit_users();
}

static struct region shared;

static long touch_shared(long pages)
{
	region_touch(&shared, 0, pages);
	return 0;
}

KTAP_TEST(parts_add_up_to_what_is_charged, 10, "account")
{
	const unsigned long pages = 1024;
	struct mm_limit_attr attr;
	struct worker worker;
	unsigned long before;

	limit_users();
	shared = region_map_shared(pages);
	worker = start_warm(USER_A);
	/* The program is in a file in memory itself, and now all that this takes of it is there. */
	ASSERT_EQ(worker_call(&worker, touch_shared, 1), 0);
	before = limit_read(USER_A).shmem;
	ASSERT_EQ(worker_call(&worker, touch_shared, pages), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.shmem, before + (pages - 1) * PAGE);
	EXPECT_EQ(attr.anon + attr.file + attr.shmem + attr.tables,
		  usage_exact(USER_A));
	worker_end(&worker);
	region_unmap(&shared);
	unlimit_users();
}

KTAP_TEST(figures_are_those_of_proc, 10, "account")
{
	unsigned long proc, slack = 2 * usage_slack();
	struct worker workers[2];

	limit_users();
	for (int i = 0; i < 2; i++) {
		workers[i] = start_warm(USER_A);
		ASSERT_EQ(worker_call(&workers[i], map_pages, 6000), 0);
		ASSERT_EQ(worker_call(&workers[i], touch_pages, 6000), 0);
	}
	proc = usage_of_processes(USER_A);
	EXPECT_GE(usage_exact(USER_A) + slack, proc);
	EXPECT_LE(usage_exact(USER_A), proc + slack);
	for (int i = 0; i < 2; i++)
		worker_end(&workers[i]);
	unlimit_users();
}

static long read_file(long unused)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	volatile char *text =
		mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	long sum = 0;

	ASSERT_TRUE(text != MAP_FAILED);
	close(fd);
	sum += text[0] + text[PAGE];
	return sum * 0;
}

KTAP_TEST(file_pages_are_charged, 10, "account")
{
	struct worker worker;
	unsigned long before;

	limit_users();
	worker = start_warm(USER_A);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, read_file, 0), 0);
	EXPECT_GE(usage_exact(USER_A), before + 2 * PAGE);
	worker_end(&worker);
	unlimit_users();
}

KTAP_TEST(shared_pages_are_charged_to_each_that_maps_them, 10, "account")
{
	struct worker workers[2];
	unsigned long before[2];
	static const uid_t uids[] = { USER_A, USER_B };

	limit_users();
	account_region = region_map_shared(512);
	for (int i = 0; i < 2; i++) {
		workers[i] = worker_start(uids[i]);
		ASSERT_EQ(worker_call(&workers[i], touch_pages, 1), 0);
		ASSERT_EQ(worker_call(&workers[i], touch_pages, 1), 0);
	}
	for (int i = 0; i < 2; i++) {
		before[i] = usage_exact(uids[i]);
		ASSERT_EQ(worker_call(&workers[i], touch_pages, 512), 0);
		EXPECT_EQ(usage_exact(uids[i]), before[i] + 511 * PAGE);
	}
	EXPECT_EQ(usage_exact(USER_A), before[0] + 511 * PAGE);
	for (int i = 0; i < 2; i++)
		worker_end(&workers[i]);
	unlimit_users();
}

/* In a worker: its child */
static pid_t kid;
static int kid_pipe[2];

/*
 * A child that copies the first pages of the region; it answers when it rests.
 */
static long fork_kid(long pages)
{
	char byte = 'x';
	int answers[2];

	ASSERT_EQ(pipe2(kid_pipe, O_CLOEXEC), 0);
	ASSERT_EQ(pipe2(answers, O_CLOEXEC), 0);
	kid = fork();
	ASSERT_GE(kid, 0);
	if (!kid) {
		touch_pages(pages);
		while (read(kid_pipe[0], &byte, 1) == 1)
			if (write(answers[1], &byte, 1) != 1)
				break;
		_exit(EXIT_SUCCESS);
	}
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(write(kid_pipe[1], &byte, 1), 1);
		ASSERT_EQ(read(answers[0], &byte, 1), 1);
	}
	close(answers[0]);
	close(answers[1]);
	close(kid_pipe[0]);
	return kid;
}

static long end_kid(long unused)
{
	close(kid_pipe[1]);
	ASSERT_EQ(kill(kid, SIGKILL), 0);
	ASSERT_EQ(waitpid(kid, NULL, 0), kid);
	return 0;
}

KTAP_TEST(forked_process_is_charged_until_it_exits, 10, "account")
{
	struct worker worker;
	unsigned long before, after;
	struct usage usage;

	limit_users();
	worker = start_warm(USER_A);
	ASSERT_EQ(worker_call(&worker, map_pages, 2000), 0);
	ASSERT_EQ(worker_call(&worker, touch_pages, 2000), 0);
	ASSERT_GT(worker_call(&worker, fork_kid, 0), 0);
	ASSERT_EQ(worker_call(&worker, end_kid, 0), 0);

	before = usage_exact(USER_A);
	ASSERT_GT(worker_call(&worker, fork_kid, 1000), 0);
	after = usage_exact(USER_A);
	/* It maps all pages, those that it has copied and those it has not. */
	EXPECT_GE(after, before + region_cost(2000));
	ASSERT_TRUE(usage_read(USER_A, &usage));
	EXPECT_GE(usage.mms, 2);
	ASSERT_EQ(worker_call(&worker, end_kid, 0), 0);
	EXPECT_EQ(usage_exact(USER_A), before);
	worker_end(&worker);
	unlimit_users();
}

/* Two pipes that the test and all its workers have in common */
static int to_cat[2], from_cat[2];

/* Becomes another program, which answers each byte with the same. */
static long become_cat(long unused)
{
	dup2(to_cat[0], STDIN_FILENO);
	dup2(from_cat[1], STDOUT_FILENO);
	execl("/bin/cat", "cat", NULL);
	return -errno;
}

KTAP_TEST(exec_leaves_the_old_memory_behind, 10, "account")
{
	struct worker worker;
	unsigned long before;
	char byte = 'x';

	ASSERT_EQ(pipe2(to_cat, O_CLOEXEC), 0);
	ASSERT_EQ(pipe2(from_cat, O_CLOEXEC), 0);
	limit_users();
	worker = start_warm(USER_A);
	ASSERT_EQ(worker_call(&worker, map_pages, 5120), 0);
	ASSERT_EQ(worker_call(&worker, touch_pages, 5120), 0);
	before = usage_exact(USER_A);
	worker_send(&worker, become_cat, 0);
	/*
	 * Having done it twice, it touches nothing new to get back to read().
	 */
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(write(to_cat[1], &byte, 1), 1);
		ASSERT_EQ(read(from_cat[0], &byte, 1), 1);
	}
	/* Another program, smaller than what was left behind */
	EXPECT_LT(usage_exact(USER_A), before / 2);
	EXPECT_GT(usage_exact(USER_A), 0);
	ASSERT_EQ(kill(worker.pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	unlimit_users();
}

static long change_effective_user(long uid)
{
	ASSERT_EQ(setresuid(-1, 0, -1), 0);
	ASSERT_EQ(setresuid(-1, uid, 0), 0);
	return 0;
}

/*
 * A login changes the user as root, too. From then on the memory stays the
 * user's.
 */
KTAP_TEST(memory_moves_with_the_real_uid_from_root_alone, 10, "account")
{
	struct worker worker;
	unsigned long total;

	limit_users();
	worker = start_warm(0);
	ASSERT_EQ(worker_call(&worker, map_pages, 3000), 0);
	ASSERT_EQ(worker_call(&worker, touch_pages, 3000), 0);
	EXPECT_EQ(usage_exact(USER_A), 0);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	total = usage_exact(USER_A);
	EXPECT_GE(total, region_cost(3000));
	EXPECT_EQ(usage_exact(USER_B), 0);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(worker_call(&worker, change_user, USER_B), 0);
		EXPECT_EQ(usage_exact(USER_A), total);
		EXPECT_EQ(usage_exact(USER_B), 0);
		ASSERT_EQ(worker_call(&worker, change_user, 0), 0);
		EXPECT_EQ(usage_exact(USER_A), total);
	}

	/* The effective uid is of no account. What the call executes may be mapped. */
	ASSERT_EQ(worker_call(&worker, change_effective_user, USER_B), 0);
	EXPECT_LE(usage_exact(USER_A), total + 64 * KIB + 4 * PAGE);
	EXPECT_GE(usage_exact(USER_A), total);
	EXPECT_EQ(usage_exact(USER_B), 0);
	ASSERT_EQ(worker_call(&worker, change_user, 0), 0);
	worker_end(&worker);
	EXPECT_EQ(usage_exact(USER_A), 0);
	unlimit_users();
}
