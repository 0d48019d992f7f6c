// SPDX-License-Identifier: GPL-2.0-only
/* Tests what a user is charged for slabs that it has filled and left almost empty. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/ipc.h>
#include <sys/msg.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/slabs.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define LIMIT (4 * MIB)

/* As much in slabs that are not full is nobody's. */
#define SLACK MIB

/* Other objects that come and go meanwhile, and slabs of each CPU */
#define OTHERS MIB

#define QUEUES 1024
#define TO_KEEP 1
#define TO_DROP 2

/* Without the kernel's head, a message takes one slab object of a power of two. */
#define HEAD 32
#define SMALLEST 128
#define LARGEST 1024

static int queues[QUEUES];
static int nr_queues;

struct message {
	long type;
	char text[LARGEST];
};

/* Fills a queue with messages, of which one is to be kept for each page. Returns how many. */
static long fill_queue(int queue, size_t size, long *sent)
{
	static struct message message;
	long here = 0;

	for (;;) {
		message.type = *sent % (PAGE / size) ? TO_DROP : TO_KEEP;
		if (msgsnd(queue, &message, size - HEAD, IPC_NOWAIT))
			return here;
		++*sent;
		here++;
	}
}

/* Sends messages of one size until no more fit the limit. Returns how many, or -errno. */
static long fill(long size)
{
	long sent = 0;

	while (nr_queues < QUEUES) {
		int queue = msgget(IPC_PRIVATE, 0600);

		if (queue < 0)
			break;
		queues[nr_queues++] = queue;
		if (!fill_queue(queue, size, &sent))
			break;
	}
	return nr_queues < QUEUES ? sent : -EUSERS;
}

/* Receives what is to be dropped, or all. */
static long drain(long type)
{
	static struct message message;

	for (int i = 0; i < nr_queues; i++)
		while (msgrcv(queues[i], &message, sizeof(message.text), type,
			      IPC_NOWAIT) >= 0)
			;
	return 0;
}

static long remove_queues(long unused)
{
	while (nr_queues)
		if (msgctl(queues[--nr_queues], IPC_RMID, NULL))
			return -errno;
	return 0;
}

KTAP_TEST(slabs_that_are_left_almost_empty_are_charged, 120, "held held_smp")
{
	/* A slow kernel has no time for small ones. */
	const long smallest = ktap_slowdown() > 1 ? LARGEST / 2 : SMALLEST;
	struct worker worker;
	long before, kib;

	usage_begin(USER_A);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = worker_start(USER_A);
	slabs_shrink("kmalloc-");
	before = slabs_kib("");
	for (long size = LARGEST; size >= smallest; size /= 2) {
		ASSERT_GE(worker_call(&worker, fill, size), 0);
		ASSERT_EQ(worker_call(&worker, drain, TO_DROP), 0);
		held_exact(USER_A);
	}
	slabs_shrink("kmalloc-");
	kib = slabs_kib("") - before;
	printf("%ld KiB in slabs\n", kib);
	EXPECT_LE(kib, (LIMIT + SLACK + OTHERS) / KIB);
	ASSERT_EQ(worker_call(&worker, remove_queues, 0), 0);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long send_few(long size)
{
	long sent = 0;

	queues[nr_queues] = msgget(IPC_PRIVATE, 0600);
	if (queues[nr_queues++] < 0)
		return -errno;
	fill_queue(queues[0], size, &sent);
	return sent;
}

/* What others have put into its slabs keeps them, but that is not its memory. */
KTAP_TEST(slabs_that_others_keep_are_charged_to_nobody_else, 60,
	  "held held_smp")
{
	struct worker worker, other;

	usage_begin(USER_A);
	usage_begin(USER_B);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	worker = worker_start(USER_A);
	other = worker_start(USER_B);
	ASSERT_GT(worker_call(&worker, fill, LARGEST / 2), 0);
	ASSERT_EQ(worker_call(&worker, drain, TO_DROP), 0);
	ASSERT_GT(worker_call(&other, send_few, LARGEST / 2), 0);
	held_exact(USER_A);
	held_exact(USER_B);
	ASSERT_EQ(worker_call(&worker, remove_queues, 0), 0);
	worker_end(&worker);
	grace_periods_pass();
	/* Numbers of queues are found by a tree, of which it has made a node. */
	EXPECT_LE(held_exact(USER_A).kernel, PAGE);
	held_exact(USER_B);
	ASSERT_EQ(worker_call(&other, remove_queues, 0), 0);
	worker_end(&other);
	held_wait_for_nothing(USER_A);
	held_wait_for_nothing(USER_B);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}
