// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests address spaces that several threads or processes share: they are
 * charged once, to their owner.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/account_worker.h"
#include "lib/usage.h"
#include "mmlimit.h"

/*
 * In a worker: a second process with the same memory. It takes orders through
 * a pipe, a user to become each, and answers when it has become it.
 */
static int to_sharer[2], from_sharer[2];
static pid_t sharer;

/*
 * The saved uid stays 0, so that there is a way from user to user. Raw calls:
 * the C library would change all threads, or those of another process.
 */
static long change_user_raw(uid_t uid)
{
	long ret = syscall(SYS_setresuid32, -1, 0, -1);

	return ret ? ret : syscall(SYS_setresuid32, uid, uid, 0);
}

static int share(void *unused)
{
	int uid;

	while (syscall(SYS_read, to_sharer[0], &uid, sizeof(uid)) ==
	       sizeof(uid)) {
		if (uid >= 0)
			uid = change_user_raw(uid);
		syscall(SYS_write, from_sharer[1], &uid, sizeof(uid));
	}
	syscall(SYS_exit, 0);
	return 0;
}

static long order_sharer(long order)
{
	int uid = order;

	ASSERT_EQ(write(to_sharer[1], &uid, sizeof(uid)), sizeof(uid));
	ASSERT_EQ(read(from_sharer[0], &uid, sizeof(uid)), sizeof(uid));
	return uid;
}

static long start_sharer(long unused)
{
	static char stack[16384] __attribute__((aligned(16)));

	ASSERT_EQ(pipe(to_sharer), 0);
	ASSERT_EQ(pipe(from_sharer), 0);
	sharer = clone(share, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	ASSERT_GT(sharer, 0);
	/* It rests when it has done all that it can be told to do. */
	for (int i = 0; i < 3; i++)
		order_sharer(-1);
	return 0;
}

static long end_sharer(long unused)
{
	ASSERT_EQ(kill(sharer, SIGKILL), 0);
	ASSERT_EQ(waitpid(sharer, NULL, 0), sharer);
	for (int i = 0; i < 2; i++) {
		close(to_sharer[i]);
		close(from_sharer[i]);
	}
	return 0;
}

KTAP_TEST(clone_vm_is_charged_once, 10, "account")
{
	struct usage usage, now;
	struct worker worker;

	limit_users();
	worker = start_warm(USER_A);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(worker_call(&worker, start_sharer, 0), 0);
		ASSERT_EQ(worker_call(&worker, end_sharer, 0), 0);
	}
	ASSERT_EQ(worker_call(&worker, map_pages, 1000), 0);
	ASSERT_EQ(worker_call(&worker, touch_pages, 1000), 0);
	usage_exact(USER_A);
	ASSERT_TRUE(usage_read(USER_A, &usage));

	ASSERT_EQ(worker_call(&worker, start_sharer, 0), 0);
	EXPECT_EQ(usage_exact(USER_A), usage.charged);
	ASSERT_TRUE(usage_read(USER_A, &now));
	EXPECT_EQ(now.mms, usage.mms);
	ASSERT_EQ(worker_call(&worker, end_sharer, 0), 0);
	EXPECT_EQ(usage_exact(USER_A), usage.charged);
	worker_end(&worker);
	unlimit_users();
}

/* The memory has one owner, whoever shares it and whoever of those goes where. */
KTAP_TEST(shared_memory_stays_with_its_owner, 10, "account")
{
	struct worker worker;
	unsigned long total;

	limit_users();
	worker = start_warm(0);
	ASSERT_EQ(worker_call(&worker, start_sharer, 0), 0);
	ASSERT_EQ(worker_call(&worker, map_pages, 1000), 0);
	ASSERT_EQ(worker_call(&worker, touch_pages, 1000), 0);
	/* Another process of root's has it, too. */
	ASSERT_EQ(worker_call(&worker, order_sharer, USER_B), 0);
	EXPECT_EQ(usage_exact(USER_B), 0);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	EXPECT_EQ(usage_exact(USER_A), 0);
	ASSERT_EQ(worker_call(&worker, change_user, 0), 0);
	ASSERT_EQ(worker_call(&worker, end_sharer, 0), 0);

	/* Not any more */
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	total = usage_exact(USER_A);
	EXPECT_GE(total, region_cost(1000));
	ASSERT_EQ(worker_call(&worker, start_sharer, 0), 0);
	ASSERT_EQ(worker_call(&worker, order_sharer, USER_B), 0);
	EXPECT_GE(usage_exact(USER_A), total);
	EXPECT_EQ(usage_exact(USER_B), 0);
	ASSERT_EQ(worker_call(&worker, change_user, 0), 0);
	EXPECT_GE(usage_exact(USER_A), total);
	ASSERT_EQ(worker_call(&worker, end_sharer, 0), 0);
	worker_end(&worker);
	EXPECT_EQ(usage_exact(USER_A), 0);
	unlimit_users();
}

/* The test shares this with the child that vfork() makes in the worker. */
static int vfork_ready[2], vfork_go[2];

/* The child runs in the worker's memory and stack until it execs. */
static long vfork_and_wait(long unused)
{
	pid_t pid = vfork();

	if (!pid) {
		char byte = 'x';

		for (int i = 0; i < 3; i++) {
			syscall(SYS_write, vfork_ready[1], &byte, 1);
			syscall(SYS_read, vfork_go[0], &byte, 1);
		}
		execl("/bin/true", "true", NULL);
		_exit(EXIT_FAILURE);
	}
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
	return 0;
}

KTAP_TEST(vfork_is_charged_once, 10, "account")
{
	unsigned long before, during = 0;
	struct usage usage, now;
	struct worker worker;
	char byte = 'x';

	ASSERT_EQ(pipe(vfork_ready), 0);
	ASSERT_EQ(pipe(vfork_go), 0);
	limit_users();
	worker = start_warm(USER_A);
	for (int round = 0; round < 2; round++) {
		before = usage_exact(USER_A);
		ASSERT_TRUE(usage_read(USER_A, &usage));
		worker_send(&worker, vfork_and_wait, 0);
		for (int i = 0; i < 3; i++) {
			ASSERT_EQ(read(vfork_ready[0], &byte, 1), 1);
			during = usage_exact(USER_A);
			ASSERT_TRUE(usage_read(USER_A, &now));
			EXPECT_EQ(now.mms, usage.mms);
			ASSERT_EQ(write(vfork_go[1], &byte, 1), 1);
		}
		ASSERT_EQ(worker_receive(&worker), 0);
	}
	/* In the second round the worker touched no page for the first time. */
	EXPECT_EQ(during, before);
	EXPECT_EQ(usage_exact(USER_A), before);
	worker_end(&worker);
	unlimit_users();
}

/* The child has the worker's memory until it execs, and yet is another's. */
static long vfork_with_other_user(long uid)
{
	pid_t pid = vfork();

	int status;

	if (!pid) {
		if (!change_user_raw(uid))
			execl("/bin/true", "true", NULL);
		_exit(EXIT_FAILURE);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

KTAP_TEST(setuid_after_vfork_moves_nothing, 10, "account")
{
	struct worker worker;
	unsigned long before;

	limit_users();
	worker = start_warm(0);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, vfork_with_other_user, USER_A), 0);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, vfork_with_other_user, USER_B), 0);
	EXPECT_EQ(usage_exact(USER_A), before);
	EXPECT_EQ(usage_exact(USER_B), 0);
	worker_end(&worker);
	unlimit_users();
}

static void *touch_a_quarter(void *number)
{
	region_touch(&account_region, (long)number * 1000, 1000);
	return NULL;
}

static long touch_in_threads(long unused)
{
	pthread_t threads[4];

	for (long i = 0; i < 4; i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, touch_a_quarter,
					 (void *)i),
			  0);
	for (long i = 0; i < 4; i++)
		ASSERT_EQ(pthread_join(threads[i], NULL), 0);
	return 0;
}

KTAP_TEST(threads_are_charged_exactly, 10, "account")
{
	struct worker worker;
	unsigned long before;

	limit_users();
	worker = start_warm(USER_A);
	ASSERT_EQ(worker_call(&worker, map_pages, 4000), 0);
	ASSERT_EQ(worker_call(&worker, touch_in_threads, 0), 0);
	ASSERT_EQ(worker_call(&worker, drop_pages, 4000), 0);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, touch_in_threads, 0), 0);
	EXPECT_GE(usage_exact(USER_A), before + 4000 * PAGE);
	/* The threads' stacks, which the C library keeps */
	EXPECT_LE(usage_exact(USER_A), before + 4000 * PAGE + 4 * 4 * PAGE);
	worker_end(&worker);
	unlimit_users();
}

static void *change_user_alone(void *uid)
{
	if (change_user_raw((long)uid))
		return uid;
	region_touch(&account_region, 0, account_region.pages);
	return NULL;
}

/* setresuid() of the C library would change all threads. */
static long change_one_thread(long uid)
{
	pthread_t thread;
	void *ret;

	ASSERT_EQ(pthread_create(&thread, NULL, change_user_alone, (void *)uid),
		  0);
	ASSERT_EQ(pthread_join(thread, &ret), 0);
	return (long)ret;
}

KTAP_TEST(setuid_of_a_single_thread_moves_nothing, 10, "account")
{
	struct worker worker;

	limit_users();
	worker = start_warm(0);
	ASSERT_EQ(worker_call(&worker, map_pages, 1000), 0);
	ASSERT_EQ(worker_call(&worker, change_user, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, change_one_thread, USER_B), 0);
	EXPECT_GE(usage_exact(USER_A), region_cost(1000));
	EXPECT_EQ(usage_exact(USER_B), 0);
	worker_end(&worker);
	unlimit_users();
}

/* The worker's pages become resident in the context of this process. */
KTAP_TEST(pages_that_others_write_are_charged_to_the_owner, 10, "account")
{
	static char data[100 * 4096];
	struct iovec local = { data, sizeof(data) }, remote = local;
	struct worker worker;
	unsigned long before;

	limit_users();
	account_region = region_map(512);
	remote.iov_base = (void *)account_region.base;
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, touch_pages, 1), 0);
	ASSERT_EQ(worker_call(&worker, touch_pages, 1), 0);
	remote.iov_base = (char *)remote.iov_base + PAGE;
	before = usage_exact(USER_A);
	ASSERT_EQ(process_vm_writev(worker.pid, &local, 1, &remote, 1, 0),
		  sizeof(data));
	EXPECT_EQ(usage_exact(USER_A), before + sizeof(data));
	worker_end(&worker);
	unlimit_users();
}
