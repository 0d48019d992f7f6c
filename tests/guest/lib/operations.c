// SPDX-License-Identifier: GPL-2.0-only
/* Random operations on memory and processes, done by workers. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/holding.h"
#include "lib/memory.h"
#include "lib/operations.h"
#include "lib/random.h"
#include "lib/user.h"

/*
 * A worker has at most so much, so that with all its children it stays far from
 * RAM.
 */
#define REGIONS 4
#define KIDS 3

const uid_t operations_users[OPERATIONS_USERS] = { USER_A, USER_B, USER_C };

/*
 * By mix: the pages of a region, which has three page tables or one, and the
 * most pages that one operation is about
 */
static const unsigned int region_pages[] = { 1200, 64 };
static const unsigned int range_pages[] = { 96, 5 };

static enum operations_mix mix;

/**
 * struct kid - a worker's child, which answers each byte with the same
 * @pid: its process id, or 0
 * @orders: the pipe to it
 * @answers: the pipe from it
 */
struct kid {
	pid_t pid;
	int orders;
	int answers;
};

/**
 * struct tally - what was done, in memory that all workers share
 * @operations: how many
 * @processes: how many processes were started for them
 * @kinds: how many operations of each kind
 */
struct tally {
	unsigned long operations;
	unsigned long processes;
	unsigned long kinds[32];
};

static struct random numbers;
static struct region regions[REGIONS];
static struct kid kids[KIDS];
static struct tally *tally;

static void count_processes(unsigned long number)
{
	__atomic_add_fetch(&tally->processes, number, __ATOMIC_RELAXED);
}

/* Some pages of some region; the region is there. */
struct range {
	struct region *region;
	size_t first;
	size_t pages;
};

static struct range random_range(void)
{
	struct range range;

	range.region = &regions[random_below(&numbers, REGIONS)];
	if (!range.region->base) {
		if (random_below(&numbers, 3))
			*range.region = region_map(region_pages[mix]);
		else
			*range.region = region_map_shared(region_pages[mix]);
	}
	range.first = random_below(&numbers, range.region->pages);
	range.pages = random_below(&numbers, range_pages[mix]);
	if (range.pages > range.region->pages - range.first)
		range.pages = range.region->pages - range.first;
	return range;
}

static void touch_some(void)
{
	struct range range = random_range();

	region_touch(range.region, range.first, range.pages);
}

/* Brings back what was swapped out; where nothing is, nothing is charged. */
static void read_some(void)
{
	struct range range = random_range();

	for (size_t page = 0; page < range.pages; page++)
		(void)range.region->base[(range.first + page) * PAGE /
					 sizeof(*range.region->base)];
}

/* Does nothing while there is nothing to swap to. */
static void swap_out_some(void)
{
	struct range range = random_range();
	char *begin = (char *)range.region->base + range.first * PAGE;

	ASSERT_EQ(madvise(begin, range.pages * PAGE, MADV_PAGEOUT), 0);
}

static void drop_some(void)
{
	struct range range = random_range();

	region_drop(range.region, range.first, range.pages);
}

static void unmap_one(void)
{
	struct region *region = &regions[random_below(&numbers, REGIONS)];

	if (region->base)
		region_unmap(region);
}

static void lock_some(void)
{
	struct range range = random_range();
	char *begin = (char *)range.region->base + range.first * PAGE;

	ASSERT_EQ(mlock(begin, range.pages * PAGE), 0);
	ASSERT_EQ(munlock(begin, range.pages * PAGE), 0);
}

/* The pages move to other tables, unless locking split the mapping in two. */
static void move_one(void)
{
	struct region *region = random_range().region;
	struct region place = region_map(region->pages);
	size_t size = region->pages * PAGE;

	if (mremap((void *)region->base, size, size,
		   MREMAP_MAYMOVE | MREMAP_FIXED, place.base) != MAP_FAILED)
		region->base = place.base;
	else
		region_unmap(&place);
}

static uid_t random_user(void)
{
	return operations_users[random_below(&numbers, OPERATIONS_USERS)];
}

/* The saved uid is root's, so that there is a way from user to user. */
static void change_user(void)
{
	uid_t uid = random_user();

	ASSERT_EQ(setresuid(-1, 0, -1), 0);
	ASSERT_EQ(setresuid(uid, uid, 0), 0);
}

static void kill_kid(struct kid *kid)
{
	uid_t uid = geteuid();

	if (!kid->pid)
		return;
	/* It may be another user's by now. */
	ASSERT_EQ(seteuid(0), 0);
	ASSERT_EQ(kill(kid->pid, SIGKILL), 0);
	ASSERT_EQ(seteuid(uid), 0);
	ASSERT_EQ(waitpid(kid->pid, NULL, 0), kid->pid);
	close(kid->orders);
	close(kid->answers);
	kid->pid = 0;
}

static _Noreturn void be_kid(int orders, int answers, bool exec)
{
	char byte;

	touch_some();
	if (random_below(&numbers, 4) == 0)
		change_user();
	if (exec) {
		dup2(orders, STDIN_FILENO);
		dup2(answers, STDOUT_FILENO);
		execl("/bin/cat", "cat", NULL);
		_exit(EXIT_FAILURE);
	}
	while (read(orders, &byte, 1) == 1 && write(answers, &byte, 1) == 1)
		continue;
	_exit(EXIT_SUCCESS);
}

static void fork_kid(bool exec)
{
	struct kid *kid = &kids[random_below(&numbers, KIDS)];
	int orders[2], answers[2];
	char byte = 'x';

	kill_kid(kid);
	ASSERT_EQ(pipe2(orders, O_CLOEXEC), 0);
	ASSERT_EQ(pipe2(answers, O_CLOEXEC), 0);
	kid->pid = fork();
	ASSERT_GE(kid->pid, 0);
	if (!kid->pid)
		be_kid(orders[0], answers[1], exec);
	count_processes(1);
	close(orders[0]);
	close(answers[1]);
	kid->orders = orders[1];
	kid->answers = answers[0];
	/*
	 * Having done it twice, it touches nothing new to get back to read().
	 */
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(write(kid->orders, &byte, 1), 1);
		ASSERT_EQ(read(kid->answers, &byte, 1), 1);
	}
}

static void fork_some(void)
{
	fork_kid(false);
}

static void exec_some(void)
{
	fork_kid(true);
}

static void kill_some(void)
{
	kill_kid(&kids[random_below(&numbers, KIDS)]);
}

static void fork_and_exit(void)
{
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		touch_some();
		_exit(EXIT_SUCCESS);
	}
	count_processes(1);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

static void vfork_some(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(EXIT_FAILURE);
	}
	ASSERT_GT(pid, 0);
	count_processes(1);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

static void *touch_range(void *range)
{
	const struct range *r = range;

	region_touch(r->region, r->first, r->pages);
	return NULL;
}

static void touch_in_threads(void)
{
	pthread_t threads[3];
	struct range ranges[ARRAY_SIZE(threads)];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ranges[i] = random_range();
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, touch_range,
					 &ranges[i]),
			  0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(pthread_join(threads[i], NULL), 0);
}

/**
 * struct sharer - a process that lives in the worker's memory
 * @range: what it touches
 * @uid: whom it becomes, and with it the memory's owner; 0: nobody
 */
struct sharer {
	struct range range;
	uid_t uid;
};

/* Raw calls: the C library would take it for a thread of the worker. */
static int touch_and_exit(void *data)
{
	const struct sharer *sharer = data;

	if (sharer->uid) {
		syscall(SYS_setresuid32, -1, 0, -1);
		syscall(SYS_setresuid32, sharer->uid, sharer->uid, 0);
	}
	region_touch(sharer->range.region, sharer->range.first,
		     sharer->range.pages);
	syscall(SYS_exit, 0);
	return 0;
}

static void share_some(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	struct sharer sharer = { .range = random_range() };
	struct range own = random_range();
	pid_t pid;

	if (random_below(&numbers, 4) == 0)
		sharer.uid = random_user();
	pid = clone(touch_and_exit, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		    &sharer);
	ASSERT_GT(pid, 0);
	count_processes(1);
	region_touch(own.region, own.first, own.pages);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

static const struct {
	const char *name;
	void (*run)(void);
	unsigned int weights[2]; /* by mix */
} operations[] = {
	{ "touch", touch_some, { 3, 530 } },
	{ "read", read_some, { 1, 200 } },
	{ "drop", drop_some, { 2, 120 } },
	{ "unmap", unmap_one, { 1, 15 } },
	{ "swap out", swap_out_some, { 3, 40 } },
	{ "lock", lock_some, { 1, 10 } },
	{ "move", move_one, { 1, 5 } },
	{ "threads", touch_in_threads, { 1, 8 } },
	{ "fork", fork_some, { 2, 5 } },
	{ "exit", fork_and_exit, { 1, 6 } },
	{ "exec", exec_some, { 1, 6 } },
	{ "vfork", vfork_some, { 1, 6 } },
	{ "kill", kill_some, { 2, 8 } },
	{ "setuid", change_user, { 1, 4 } },
	{ "share", share_some, { 1, 10 } },
	{ "file", hold_file, { 2, 60 } },
	{ "segment", hold_segment, { 1, 10 } },
	{ "pipe", hold_pipe, { 2, 60 } },
	{ "messages", hold_messages, { 1, 20 } },
	{ "events", hold_events, { 1, 20 } },
};

static void do_random_operation(void)
{
	unsigned int total = 0, chosen;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		total += operations[i].weights[mix];
	chosen = random_below(&numbers, total);
	for (i = 0; chosen >= operations[i].weights[mix]; i++)
		chosen -= operations[i].weights[mix];
	operations[i].run();
	__atomic_add_fetch(&tally->kinds[i], 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&tally->operations, 1, __ATOMIC_RELAXED);
}

void operations_prepare(enum operations_mix wanted)
{
	mix = wanted;
	tally = (struct tally *)region_map_common(1).base;
}

long operations_begin(long seed)
{
	numbers = random_from(seed);
	holding_begin(&numbers);
	count_processes(1);
	change_user();
	return 0;
}

long operations_do(long count)
{
	while (count--)
		do_random_operation();
	return 0;
}

long operations_end(long unused)
{
	for (size_t i = 0; i < KIDS; i++)
		kill_kid(&kids[i]);
	holding_end();
	return 0;
}

unsigned long operations_done(void)
{
	return tally->operations;
}

unsigned long operations_processes(void)
{
	return tally->processes;
}

void operations_report(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		printf("%s%s %lu", i ? ", " : "", operations[i].name,
		       tally->kinds[i]);
		if (!tally->kinds[i])
			KTAP_FAIL("no operation was a %s", operations[i].name);
	}
	printf("\n");
}
