// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random operations on memory and processes, from MM_SEED. Several workers do
 * them at the same time; whenever all rest, each user must be charged what its
 * address spaces add up to.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "account_tests.h"
#include "ktap.h"
#include "limits.h"
#include "memory.h"
#include "mmlimit.h"
#include "random.h"
#include "usage.h"
#include "user.h"

#define WORKERS 6
#define OPERATIONS 25

/* What a worker has at most; with all its children it stays far from RAM. */
#define REGIONS 4
#define KIDS 3
#define REGION_PAGES 1200 /* three page tables */
#define RANGE_PAGES 96

static const uid_t users[] = { USER_A, USER_B, USER_C };

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

static struct random numbers;
static struct region regions[REGIONS];
static struct kid kids[KIDS];

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
			*range.region = region_map(REGION_PAGES);
		else
			*range.region = region_map_shared(REGION_PAGES);
	}
	range.first = random_below(&numbers, range.region->pages);
	range.pages = random_below(&numbers, RANGE_PAGES);
	if (range.pages > range.region->pages - range.first)
		range.pages = range.region->pages - range.first;
	return range;
}

static void touch_some(void)
{
	struct range range = random_range();

	region_touch(range.region, range.first, range.pages);
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

static void vfork_some(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(EXIT_FAILURE);
	}
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

/* The saved uid is root's, so that there is a way from user to user. */
static void change_user(void)
{
	uid_t uid = users[random_below(&numbers, ARRAY_SIZE(users))];

	ASSERT_EQ(setresuid(-1, 0, -1), 0);
	ASSERT_EQ(setresuid(uid, uid, 0), 0);
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

static const struct {
	void (*run)(void);
	unsigned int weight;
} operations[] = {
	{ touch_some, 3 }, { touch_in_threads, 1 }, { drop_some, 2 },
	{ unmap_one, 1 },  { lock_some, 1 },	    { move_one, 1 },
	{ fork_some, 2 },  { exec_some, 1 },	    { vfork_some, 1 },
	{ kill_some, 2 },  { change_user, 1 },
};

static void do_random_operation(void)
{
	unsigned int total = 0, chosen;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		total += operations[i].weight;
	chosen = random_below(&numbers, total);
	for (i = 0; chosen >= operations[i].weight; i++)
		chosen -= operations[i].weight;
	operations[i].run();
}

static long do_random_operations(long count)
{
	while (count--)
		do_random_operation();
	return 0;
}

static long begin_worker(long seed)
{
	numbers = random_from(seed);
	change_user();
	return 0;
}

static long end_kids(long unused)
{
	(void)unused;
	for (size_t i = 0; i < KIDS; i++)
		kill_kid(&kids[i]);
	return 0;
}

/* How often all rest. A kernel that is much slower has less to do. */
static int batches(void)
{
	return ktap_slowdown() > 1 ? 6 : 40;
}

static void begin_all(struct worker *workers)
{
	for (size_t i = 0; i < WORKERS; i++) {
		workers[i] = worker_start(0);
		ASSERT_EQ(worker_call(&workers[i], begin_worker,
				      ktap_seed() * 1000 + i),
			  0);
	}
}

static void order_all(struct worker *workers, worker_fn function, long argument)
{
	for (size_t i = 0; i < WORKERS; i++)
		worker_send(&workers[i], function, argument);
}

static void await_all(struct worker *workers)
{
	for (size_t i = 0; i < WORKERS; i++)
		ASSERT_EQ(worker_receive(&workers[i]), 0);
}

static void end_all(struct worker *workers)
{
	order_all(workers, end_kids, 0);
	await_all(workers);
	for (size_t i = 0; i < WORKERS; i++)
		worker_end(&workers[i]);
}

static void limit_all(bool limited)
{
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		if (limited)
			ASSERT_EQ(mmlimit_set(users[i], ACCOUNT_HUGE), 0);
		else
			ASSERT_EQ(mmlimit_remove(users[i]), 0);
	}
}

static void expect_exact(int batch)
{
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		struct usage usage;

		ASSERT_TRUE(usage_read(users[i], &usage));
		if (usage.charged != usage.walked)
			KTAP_FAIL("batch %d, user %u: charged %lu, walked %lu",
				  batch, users[i], usage.charged, usage.walked);
	}
}

static void expect_nothing_left(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		EXPECT_EQ(usage_exact(users[i]), 0);
}

void random_operations_are_charged_exactly(void)
{
	struct worker workers[WORKERS];

	begin_all(workers);
	limit_all(true);
	for (int batch = 0; batch < batches(); batch++) {
		order_all(workers, do_random_operations, OPERATIONS);
		await_all(workers);
		expect_exact(batch);
	}
	end_all(workers);
	expect_nothing_left();
	limit_all(false);
}

void random_operations_while_limits_come_and_go_are_charged_exactly(void)
{
	struct random changes = random_from(ktap_seed());
	struct worker workers[WORKERS];

	limits_log_table(false);
	begin_all(workers);
	for (int batch = 0; batch < batches() / 2; batch++) {
		order_all(workers, do_random_operations, OPERATIONS);
		for (int i = 0; i < 6; i++) {
			uid_t uid =
				users[random_below(&changes, ARRAY_SIZE(users))];

			if (random_below(&changes, 2))
				ASSERT_EQ(mmlimit_set(uid, ACCOUNT_HUGE), 0);
			else
				mmlimit_remove(uid);
			usleep(random_below(&changes, 3000));
		}
		limit_all(true);
		await_all(workers);
		expect_exact(batch);
	}
	end_all(workers);
	expect_nothing_left();
	limit_all(false);
	limits_log_table(true);
}
