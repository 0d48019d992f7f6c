// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that the end of a process is no way past the limit: what the kernel does for a
 * thread that exits, and calls that go on while their process is ending.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/exiting.h"
#include "lib/growth.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/reclaim.h"
#include "lib/usage.h"
#include "lib/user.h"

/* The kernel follows a list so far (ROBUST_LIST_LIMIT). */
#define ENTRIES 2048

/* Threads that each have a list */
#define LISTS ktap_volume("lists")
#define MOST_LISTS 64

/**
 * struct entry - an entry of a list of futexes
 * @next: the address of the next one's @next, or of the head
 * @futex: the thread that has it locked
 */
struct entry {
	unsigned long next;
	unsigned int futex;
};

/**
 * struct list - a thread that has as many futexes as the kernel looks at, each on a page of
 * its own that it has not written to: these are private mappings of one file
 * @base: the mapping, an entry at the same place of each page
 * @head: what the kernel begins with
 * @tid: the thread, once it is ready
 * @place: of its entries on their pages
 */
struct list {
	char *base;
	struct robust_list_head head;
	volatile pid_t tid;
	int place;
};

/* In the worker. The file is root's, who is charged for it. */
static int file;
static struct entry *entries;
static volatile bool may_exit;

/* The test reads them, too. */
static struct list *lists;

static unsigned long entry_offset(int entry, int place)
{
	return entry * PAGE + place * sizeof(struct entry);
}

static struct entry *entry_in(void *base, int entry, int place)
{
	return (void *)((char *)base + entry_offset(entry, place));
}

static void *exit_with_list(void *data)
{
	struct list *list = data;
	pid_t tid = syscall(SYS_gettid);

	for (int i = 0; i < ENTRIES; i++)
		*entry_in(entries, i, list->place) = (struct entry){
			.next = i == ENTRIES - 1 ?
					(unsigned long)&list->head :
					(unsigned long)entry_in(
						list->base, i + 1, list->place),
			.futex = tid,
		};
	list->head.list.next = (void *)entry_in(list->base, 0, list->place);
	list->head.futex_offset = offsetof(struct entry, futex);
	if (syscall(SYS_set_robust_list, &list->head, sizeof(list->head)))
		return NULL;
	list->tid = tid;
	while (!may_exit)
		usleep(1000);
	/* Nothing of the C library's comes between. */
	syscall(SYS_exit, 0);
	return NULL;
}

static void *map_file(int flags)
{
	return mmap(NULL, ENTRIES * PAGE, PROT_READ | PROT_WRITE, flags, file,
		    0);
}

/* Starts a thread with little memory. */
static int start_thread(void *(*function)(void *), void *argument)
{
	pthread_attr_t attr;
	pthread_t thread;
	int ret;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * KIB);
	ret = pthread_create(&thread, &attr, function, argument);
	pthread_attr_destroy(&attr);
	return ret;
}

static long start_lists(long count)
{
	entries = map_file(MAP_SHARED);
	if (entries == MAP_FAILED)
		return -errno;
	for (int i = 0; i < count; i++) {
		struct list *list = &lists[i];

		list->place = i;
		list->base = map_file(MAP_PRIVATE);
		if (list->base == MAP_FAILED ||
		    start_thread(exit_with_list, list))
			return -EAGAIN;
		while (!list->tid)
			usleep(1000);
	}
	return code_make_resident(0);
}

static long exit_all_at_once(long unused)
{
	syscall(SYS_exit_group, 0);
	return 0;
}

/* Threads exit, while their process goes on. */
static long exit_threads(long count)
{
	may_exit = true;
	for (int i = 0; i < count; i++)
		while (!syscall(SYS_tgkill, getpid(), lists[i].tid, 0))
			usleep(1000);
	return 0;
}

/* Starts a worker of u0_a70 with so many lists. */
static struct worker start_with_lists(int count)
{
	struct worker worker;

	ASSERT_LE(count, MOST_LISTS);
	lists = (void *)region_map_common(1).base;
	file = memfd_create("lists", MFD_CLOEXEC);
	ASSERT_GE(file, 0);
	ASSERT_EQ(fallocate(file, 0, 0, ENTRIES * PAGE), 0);
	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, start_lists, count), 0);
	return worker;
}

/*
 * Each thread that exits may have come to the limit with a fault, or to what its user had, who
 * is above it.
 */
static void expect_no_growth(unsigned long limit, int threads)
{
	unsigned long long peak = limit_read(USER_A).peak;

	printf("peak %llu of %lu\n", peak, limit);
	EXPECT_LE(peak, limit + (threads + 1) * GROWTH_FAULT);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	close(file);
}

/* Room for an eighth of a list */
#define ROOM (ENTRIES / 8 * PAGE)

KTAP_TEST(lists_of_locks_of_a_process_that_exits_are_stopped_at_the_limit, 30,
	  "growth growth_smp")
{
	const int count = LISTS;
	struct worker worker = start_with_lists(count);
	unsigned long limit = usage_exact(USER_A) + ROOM;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker_send(&worker, exit_all_at_once, 0);
	worker_wait(&worker);
	expect_no_growth(limit, count);
}

KTAP_TEST(lists_of_locks_of_threads_that_exit_are_stopped_at_the_limit, 30,
	  "growth growth_smp")
{
	const int count = LISTS;
	struct worker worker = start_with_lists(count);
	unsigned long limit = usage_exact(USER_A) + ROOM;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker_send(&worker, exit_threads, count);
	if (worker_receive(&worker) == WORKER_DIED)
		worker_wait(&worker);
	else
		worker_end_or_die(&worker);
	expect_no_growth(limit, count);
}

/* There is something to swap to, but only what is above the limit is swapped out. */
#define SWAP (64 * MIB)

static void let_reclaim(unsigned long limit)
{
	reclaim_begin(SWAP);
	reclaim_limit_with(USER_A, limit, 100, MM_LIMIT_SWAP_UNBOUNDED);
}

static struct worker list_owner(int list)
{
	return (struct worker){ .pid = lists[list].tid };
}

/* Whoever is being killed does not swap out itself. */
KTAP_TEST(lists_of_locks_of_killed_threads_are_stopped_while_the_limit_reclaims,
	  30, "growth growth_smp")
{
	const int count = LISTS;
	struct worker worker = start_with_lists(count), thread;
	unsigned long limit;

	for (int i = 0; i < count; i++) {
		thread = list_owner(i);
		exiting_arm(&thread);
	}
	worker_send(&worker, exit_threads, count);
	for (int i = 0; i < count; i++) {
		thread = list_owner(i);
		exiting_await(&thread);
	}
	limit = usage_exact(USER_A) + ROOM;
	let_reclaim(limit);
	ASSERT_EQ(kill(worker.pid, SIGKILL), 0);
	ktap_waiting_for("the end of the threads");
	for (int i = 0; i < count; i++)
		ASSERT_EQ(waitpid(lists[i].tid, NULL, __WALL), lists[i].tid);
	ktap_waiting_for(NULL);
	worker_wait(&worker);
	EXPECT_GT(limit_read(USER_A).peak, limit);
	expect_no_growth(limit, count);
	reclaim_finish();
}

/*
 * Has a worker of u0_a70 with lists be above its limit, and not be killed for that. Returns
 * how much it has.
 */
static unsigned long protect_above_limit(struct worker *worker)
{
	process_set_oom_score_adj(worker->pid, "-1000");
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) / 2), 0);
	limit_wait_for_state(USER_A, MM_LIMIT_STUCK);
	return usage_exact(USER_A);
}

KTAP_TEST(lists_of_locks_of_a_process_that_exits_are_stopped_with_nobody_to_kill,
	  30, "growth growth_smp")
{
	const int count = LISTS;
	struct worker worker = start_with_lists(count);
	unsigned long usage = protect_above_limit(&worker);

	worker_send(&worker, exit_all_at_once, 0);
	EXPECT_EQ(worker_wait(&worker), 0);
	expect_no_growth(usage, count);
}

KTAP_TEST(lists_of_locks_of_threads_that_exit_are_stopped_with_nobody_to_kill,
	  30, "growth growth_smp")
{
	const int count = LISTS;
	struct worker worker = start_with_lists(count);
	unsigned long usage = protect_above_limit(&worker);

	EXPECT_EQ(worker_call(&worker, exit_threads, count), 0);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	worker_end(&worker);
	expect_no_growth(usage, count);
}

/* Returns how many entries of a list say that their owner has died. */
static long count_left(long list)
{
	long left = 0;

	for (int i = 0; i < ENTRIES; i++)
		left += !!(entry_in(lists[list].base, i, list)->futex &
			   FUTEX_OWNER_DIED);
	return left;
}

KTAP_TEST(list_of_locks_is_followed_to_its_end_below_the_limit, 30,
	  "growth growth_smp")
{
	const int count = LISTS;
	struct worker worker = start_with_lists(count);
	unsigned long limit =
		usage_exact(USER_A) + count * region_cost(ENTRIES) + MIB;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	EXPECT_EQ(worker_call(&worker, exit_threads, count), 0);
	for (int i = 0; i < count; i++)
		EXPECT_EQ(worker_call(&worker, count_left, i), ENTRIES);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	worker_end(&worker);
	expect_no_growth(limit, count);
}

/* A lock that several processes share */
static pthread_mutex_t *common_lock;

static void make_common_lock(void)
{
	pthread_mutexattr_t attr;

	common_lock = (void *)region_map_common(1).base;
	ASSERT_EQ(pthread_mutexattr_init(&attr), 0);
	ASSERT_EQ(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED),
		  0);
	ASSERT_EQ(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST), 0);
	ASSERT_EQ(pthread_mutex_init(common_lock, &attr), 0);
}

static long take_lock(long unused)
{
	return pthread_mutex_lock(common_lock);
}

/* By then somebody waits for the lock. */
static long exit_after_a_while(long ms)
{
	usleep(1000 * ms);
	return exit_all_at_once(0);
}

KTAP_TEST(who_waits_for_a_lock_is_told_that_its_owner_died, 20,
	  "growth growth_smp")
{
	struct worker worker;

	make_common_lock();
	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, take_lock, 0), 0);
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MIB), 0);
	worker_send(&worker, exit_after_a_while, 50 * ktap_slowdown());
	ktap_waiting_for("the lock");
	EXPECT_EQ(pthread_mutex_lock(common_lock), EOWNERDEAD);
	ktap_waiting_for(NULL);
	EXPECT_EQ(worker_wait(&worker), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* What the kernel clears when a thread has exited, on a page that has to be copied for that */
static volatile unsigned int *cleared;

static void *exit_when_told(void *common)
{
	((volatile unsigned long *)common)[0] =
		syscall(SYS_set_tid_address, cleared);
	while (!((volatile unsigned long *)common)[1])
		usleep(1000);
	syscall(SYS_exit, 0);
	return NULL;
}

/* What joins a thread */
static long join_by_word(long common)
{
	cleared = map_file(MAP_PRIVATE);
	if (cleared == MAP_FAILED ||
	    start_thread(exit_when_told, (void *)common))
		return -EAGAIN;
	while (*cleared)
		usleep(1000);
	return 0;
}

/*
 * Nobody has to be killed, for there is memory on its way back, so the process is there to
 * be told, which has to wait meanwhile.
 */
KTAP_TEST(thread_that_exits_above_the_limit_is_joined, 20, "growth growth_smp")
{
	volatile unsigned long *words = region_map_common(1).base;
	struct worker lingering, worker, thread;
	unsigned long usage;

	file = memfd_create("words", MFD_CLOEXEC);
	ASSERT_GE(file, 0);
	ASSERT_EQ(pwrite(file, "tid", 4, 0), 4);
	ASSERT_EQ(ftruncate(file, ENTRIES * PAGE), 0);
	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, code_make_resident, 0), 0);
	lingering = growth_begin_wait(4 * MIB);
	worker_send(&worker, join_by_word, (long)words);
	ktap_waiting_for("a thread");
	while (!words[0])
		usleep(1000);
	ktap_waiting_for(NULL);
	thread = (struct worker){ .pid = words[0] };
	exiting_arm(&thread);
	words[1] = true;
	exiting_await(&thread);
	usage = limit_read(USER_A).usage;
	/* Less than there is, by less than is on its way back */
	ASSERT_EQ(mmlimit_set(USER_A, usage - MIB), 0);
	exiting_release(&thread);
	ktap_waiting_for("the end of the thread");
	ASSERT_EQ(waitpid(thread.pid, NULL, __WALL), thread.pid);
	ktap_waiting_for(NULL);
	EXPECT_LE(limit_read(USER_A).peak, usage + 2 * GROWTH_FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	growth_end_wait(&lingering);
	EXPECT_EQ(worker_receive(&worker), 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	close(file);
}

/* Where fresh memory is read into, at most so much */
#define READ_BYTES (ktap_volume("read") * MIB)
#define READ_ROOM (4 * MIB)
static struct region fresh;

static void *read_holes(void *unused)
{
	(void)!pread(file, (void *)fresh.base, fresh.pages * PAGE, 0);
	return NULL;
}

/* Whether pages are there from this one on: the first may be swapped out again. */
static bool is_read_beyond(size_t page)
{
	static unsigned char *resident;
	size_t pages = fresh.pages - page;

	if (!resident)
		resident = (void *)region_map(pages / PAGE + 1).base;
	/* That takes a page of the kernel's, for which there may be no room. */
	if (mincore((char *)fresh.base + page * PAGE, pages * PAGE, resident))
		return errno != EAGAIN;
	return memchr(resident, 1, pages);
}

/* Exits in the middle of what its other thread reads. */
static long exit_while_reading(long unused)
{
	fresh = region_map(READ_BYTES / PAGE);
	if (start_thread(read_holes, NULL))
		return -EAGAIN;
	while (!is_read_beyond(READ_ROOM / 2 / PAGE))
		;
	return exit_all_at_once(0);
}

/* Starts a worker of u0_a70 that has so much room to read into below its @limit. */
static struct worker start_reader(unsigned long *limit)
{
	struct worker worker;

	file = memfd_create("holes", MFD_CLOEXEC);
	ASSERT_GE(file, 0);
	ASSERT_EQ(ftruncate(file, READ_BYTES), 0);
	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, code_make_resident, 0), 0);
	*limit = usage_exact(USER_A) + READ_ROOM;
	return worker;
}

KTAP_TEST(read_of_a_process_that_exits_is_stopped_at_the_limit, 20,
	  "growth growth_smp")
{
	unsigned long limit;
	struct worker worker = start_reader(&limit);

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker_send(&worker, exit_while_reading, 0);
	worker_wait(&worker);
	expect_no_growth(limit, 2);
}

KTAP_TEST(read_of_a_process_that_exits_is_stopped_while_the_limit_reclaims, 20,
	  "growth growth_smp")
{
	unsigned long limit;
	struct worker worker = start_reader(&limit);

	let_reclaim(limit);
	worker_send(&worker, exit_while_reading, 0);
	worker_wait(&worker);
	expect_no_growth(limit, 2);
	reclaim_finish();
}
