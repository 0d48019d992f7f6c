// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests ways by which a user may try to get more memory than its limit, or to
 * outlive the killer. Memory that is not counted is in uncounted.c.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define HELPER "/tmp/set_user_id_helper"

static long become_helper(long bytes)
{
	char text[16];

	snprintf(text, sizeof(text), "%ld", bytes);
	execl(HELPER, HELPER, text, NULL);
	return -errno;
}

/* It runs with the effective uid of root and the real uid of the user. */
KTAP_PROGRAM(set_user_id_helper)
{
	if (argc != 2 || geteuid() != 0 || getuid() != USER_A)
		return 2;
	held_grow(strtoul(argv[1], NULL, 0) / PAGE);
	return EXIT_SUCCESS;
}

KTAP_TEST(set_user_id_program_is_its_callers, 10, "attacks")
{
	struct worker worker;

	program_install(HELPER, 04755);
	ASSERT_EQ(mmlimit_set(USER_A, 16 * MIB), 0);
	worker = worker_start(USER_A);
	worker_send(&worker, become_helper, 8 * MIB);
	EXPECT_EQ(worker_wait(&worker), 0);
	worker = worker_start(USER_A);
	worker_send(&worker, become_helper, 24 * MIB);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(unlink(HELPER), 0);
}

static long protect_itself(long adj)
{
	char text[16];

	snprintf(text, sizeof(text), "%ld", adj);
	return file_write("/proc/self/oom_score_adj", text);
}

KTAP_TEST(only_privilege_protects_from_the_killer, 10, "attacks")
{
	struct worker worker = start_holding(USER_A, 8 * MIB);

	/* The process is not dumpable, so its files in /proc belong to root. */
	EXPECT_EQ(worker_call(&worker, protect_itself, -1000), -EACCES);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	EXPECT_EQ(worker_call(&worker, protect_itself, -1000), -EACCES);
	EXPECT_EQ(worker_call(&worker, protect_itself, 0), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 4 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Whatever a process may do about signals, and about those that look at it */
static long turn_a_deaf_ear(long unused)
{
	sigset_t all;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	return prctl(PR_SET_DUMPABLE, 0);
}

KTAP_TEST(process_that_ignores_all_signals_dies, 10, "attacks")
{
	struct worker worker = start_holding(USER_A, MIB);

	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	ASSERT_EQ(worker_call(&worker, turn_a_deaf_ear, 0), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A page touched for each table, and given back: the tables stay. */
static long hoard_page_tables(long tables)
{
	struct region region = region_map(tables * TABLE_SPAN / PAGE);

	for (long i = 0; i < tables; i++) {
		region_touch(&region, i * TABLE_SPAN / PAGE, 1);
		region_drop(&region, i * TABLE_SPAN / PAGE, 1);
	}
	return 0;
}

KTAP_TEST(page_tables_alone_are_reason_to_kill, 10, "attacks")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(worker_call(&worker, hoard_page_tables, 1), 0);
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MIB), 0);
	EXPECT_EQ(worker_call(&worker, hoard_page_tables, 200), 0);
	EXPECT_EQ(worker_call(&worker, hoard_page_tables, 200), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long map_locked(long bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);

	return memory == MAP_FAILED ? -errno : 0;
}

static void lift_memlock(pid_t pid)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	ASSERT_EQ(prlimit(pid, RLIMIT_MEMLOCK, &limit, NULL), 0);
}

/*
 * All in one system call, which no limit stops at the page; the killer does,
 * long before it is done.
 */
KTAP_TEST(locking_much_memory_at_once_dies_early, 20, "attacks")
{
	struct kill_line kill;
	struct worker worker;
	struct klog log;

	klog_rest();
	log = klog_open();
	ASSERT_EQ(mmlimit_set(USER_A, 16 * MIB), 0);
	worker = worker_start(USER_A);
	lift_memlock(worker.pid);
	ASSERT_EQ(worker_call(&worker, map_locked, 8 * MIB), 0);
	EXPECT_GE(usage_exact(USER_A), 8 * MIB);
	EXPECT_EQ(worker_call(&worker, map_locked, 128 * MIB), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	printf("killed %ld bytes above the limit\n",
	       (long)(kill.user_rss - kill.mm_max));
	EXPECT_LE(kill.user_rss, 17 * MIB);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define THREADS 200

static pthread_barrier_t all_there;

static void *touch_together(void *region)
{
	pthread_barrier_wait(&all_there);
	region_touch(region, 0, 64);
	return NULL;
}

static long touch_in_many_threads(long unused)
{
	static struct region regions[THREADS];
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32 * KIB);
	pthread_barrier_init(&all_there, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		regions[i] = region_map(64);
		ASSERT_EQ(pthread_create(&thread, &small, touch_together,
					 &regions[i]),
			  0);
	}
	pthread_join(thread, NULL);
	return 0;
}

KTAP_TEST(hundreds_of_threads_overshoot_by_a_fault_each_at_most, 20, "attacks")
{
	struct kill_line kill;
	struct worker worker;
	struct klog log;

	klog_rest();
	log = klog_open();
	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	worker = worker_start(USER_A);
	EXPECT_EQ(worker_call(&worker, touch_in_many_threads, 0), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	printf("killed %ld bytes above the limit\n",
	       (long)(kill.user_rss - kill.mm_max));
	EXPECT_LE(kill.user_rss, 20 * MIB + THREADS * 2 * PAGE);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* In a worker */
static struct region games;

static long touch_games(long pages)
{
	games = region_map(pages);
	region_touch(&games, 0, pages);
	return 0;
}

static long hide_games(long unused)
{
	void *base = (void *)games.base;
	size_t size = games.pages * PAGE;

	if (mprotect(base, size, PROT_NONE) || madvise(base, size, MADV_COLD) ||
	    mprotect(base, size, PROT_READ | PROT_WRITE) ||
	    madvise(base, size, MADV_FREE) ||
	    madvise(base, size, MADV_DONTFORK) ||
	    madvise(base, size, MADV_WIPEONFORK) ||
	    mprotect(base, size, PROT_NONE))
		return -errno;
	/* To wherever there is room; with this flag the kernel looks at the address. */
	return mremap(base, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		      NULL) == MAP_FAILED ?
		       -errno :
		       0;
}

KTAP_TEST(hidden_pages_stay_charged, 10, "attacks")
{
	struct worker worker = worker_start(USER_A);
	unsigned long before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(worker_call(&worker, touch_games, 8 * MIB / PAGE), 0);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, hide_games, 0), 0);
	EXPECT_GE(usage_exact(USER_A), before);
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* In a worker: the other thread puts pages in place of faults. */
static long copy_through_userfaultfd(long pages)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct region from = region_map(1), to = region_map(pages);
	int fd = syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		return -errno;
	range.range.start = (unsigned long)to.base;
	range.range.len = pages * PAGE;
	if (ioctl(fd, UFFDIO_REGISTER, &range))
		return -errno;
	region_touch(&from, 0, 1);
	for (long i = 0; i < pages; i++) {
		struct uffdio_copy copy = {
			.dst = (unsigned long)to.base + i * PAGE,
			.src = (unsigned long)from.base,
			.len = PAGE,
		};

		if (ioctl(fd, UFFDIO_COPY, &copy))
			return -errno;
	}
	return 0;
}

KTAP_TEST(pages_of_userfaultfd_are_charged, 10, "attacks")
{
	struct worker worker = worker_start(USER_A);
	unsigned long before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, copy_through_userfaultfd, 1000), 0);
	EXPECT_GE(usage_exact(USER_A), before + region_cost(1000));
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + 500 * PAGE), 0);
	EXPECT_EQ(worker_call(&worker, copy_through_userfaultfd, 1000),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* The test and its workers have an area at this address. */
static struct region target;
static pid_t target_pid;

static long write_into_target(long pages)
{
	static char data[PAGE];

	for (long i = 0; i < pages; i++) {
		struct iovec from = { data, PAGE };
		struct iovec to = { (char *)target.base + i * PAGE, PAGE };

		if (process_vm_writev(target_pid, &from, 1, &to, 1, 0) !=
		    (ssize_t)PAGE)
			return -errno;
	}
	return 0;
}

KTAP_TEST(writing_into_another_process_is_stopped_at_the_limit, 20, "attacks")
{
	struct worker worker, writer;
	struct kill_line kill;
	struct klog log;

	klog_rest();
	log = klog_open();
	target = region_map(16 * MIB / PAGE);
	worker = worker_start(USER_A);
	target_pid = worker.pid;
	writer = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	/* The writer lives, but its system call finds nobody to write to. */
	EXPECT_LT(worker_call(&writer, write_into_target, 16 * MIB / PAGE), 0);
	EXPECT_TRUE(worker_alive(&writer));
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	EXPECT_EQ(kill.pid, worker.pid);
	EXPECT_LE(kill.user_rss, 8 * MIB + 2 * PAGE);
	worker_end(&writer);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(swapping_oneself_out_makes_no_room, 10, "attacks")
{
	struct worker worker;
	unsigned long usage;

	swap_on(64 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, 16 * MIB), 0);
	worker = start_holding(USER_A, 12 * MIB);
	usage = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	EXPECT_GE(swap_used(), 12 * MIB);
	EXPECT_GE(usage_exact(USER_A), usage);
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(swap_remove(), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* If the administrator gives a user a range of uids: no way out. */
static long become_subordinate(long uid)
{
	return syscall(SYS_setresuid32, uid, uid, uid) ? -errno : 0;
}

KTAP_TEST(subordinate_uids_are_charged_to_who_becomes_them, 10, "attacks")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	ASSERT_EQ(mmlimit_set(USER_A + 100, 32 * MIB), 0);
	ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
	worker_map_uids(&worker, "0 10070 1\n1 10170 1\n");
	ASSERT_EQ(worker_call(&worker, become_subordinate, 1), 0);
	EXPECT_EQ(usage_exact(USER_A + 100), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 4 * MIB / PAGE), 0);
	EXPECT_GE(usage_exact(USER_A), 4 * MIB);
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_A + 100), 0);
}
