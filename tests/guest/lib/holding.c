// SPDX-License-Identifier: GPL-2.0-only
/* See holding.h. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <unistd.h>

#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/uio.h>

#include "ktap/ktap.h"
#include "lib/holding.h"
#include "lib/memory.h"

/* Objects of each kind, and the most pages in one */
#define OBJECTS 3
#define PAGES 24

/* Any data */
static char block[4 * PAGE];

static struct random *numbers;

/* Descriptors and identifiers are kept with 1 added: 0 is none. */
static int files[OBJECTS];
static int pipes[OBJECTS][2];
static int segments[OBJECTS];
static int queues[OBJECTS];
static int events[OBJECTS * 8];

static size_t below(size_t bound)
{
	return random_below(numbers, bound);
}

void holding_begin(struct random *of)
{
	numbers = of;
}

static int kept(int id)
{
	ASSERT_GE(id, 0);
	return id + 1;
}

static void drop(int *id)
{
	if (*id)
		ASSERT_EQ(close(*id - 1), 0);
	*id = 0;
}

void hold_file(void)
{
	int *file = &files[below(OBJECTS)];
	off_t first = below(PAGES) * PAGE, length = (1 + below(4)) * PAGE;

	if (!*file)
		*file = kept(memfd_create("held", MFD_CLOEXEC));
	switch (below(8)) {
	case 0:
		ASSERT_EQ(ftruncate(*file - 1, first), 0);
		break;
	case 1:
	case 2:
		ASSERT_EQ(fallocate(*file - 1,
				    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				    first, length),
			  0);
		break;
	case 3:
		ASSERT_EQ(fallocate(*file - 1, 0, first, length), 0);
		break;
	case 4:
		drop(file);
		break;
	default:
		ASSERT_EQ(pwrite(*file - 1, block, length, first), length);
	}
}

/* As root, for they may be another user's by now. */
static void remove_object(int *id, int (*remove)(int id))
{
	uid_t uid = geteuid();

	if (!*id)
		return;
	ASSERT_EQ(seteuid(0), 0);
	ASSERT_EQ(remove(*id - 1), 0);
	ASSERT_EQ(seteuid(uid), 0);
	*id = 0;
}

static int remove_segment(int id)
{
	return shmctl(id, IPC_RMID, NULL);
}

static int remove_queue(int id)
{
	return msgctl(id, IPC_RMID, NULL);
}

void hold_segment(void)
{
	int *segment = &segments[below(OBJECTS)];
	volatile char *memory;

	if (!*segment)
		*segment = kept(shmget(IPC_PRIVATE, PAGES * PAGE, 0666));
	if (below(4) == 0) {
		remove_object(segment, remove_segment);
		return;
	}
	memory = shmat(*segment - 1, NULL, 0);
	ASSERT_TRUE(memory != (void *)-1);
	for (size_t n = below(PAGES); n; n--)
		memory[below(PAGES) * PAGE] = 1;
	ASSERT_EQ(shmdt((void *)memory), 0);
}

static void make_pipe(int ends[2])
{
	if (ends[0])
		return;
	ASSERT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	ends[0]++;
	ends[1]++;
}

static void drop_pipe(int ends[2])
{
	drop(&ends[0]);
	drop(&ends[1]);
}

/* Pages that go, while the pipe keeps them */
static void splice_memory(int pipe)
{
	struct region region = region_map(2);
	struct iovec vector = { (void *)region.base, 2 * PAGE };

	region_touch(&region, 0, 2);
	vmsplice(pipe, &vector, 1, SPLICE_F_NONBLOCK);
	region_unmap(&region);
}

void hold_pipe(void)
{
	int *ends = pipes[below(OBJECTS)], *others = pipes[below(OBJECTS)];
	size_t length = 1 + below(sizeof(block));

	make_pipe(ends);
	make_pipe(others);
	/* All but the first may find it full, or empty. */
	switch (below(8)) {
	case 0:
		drop_pipe(ends);
		break;
	case 1:
		splice_memory(ends[1] - 1);
		break;
	case 2:
		tee(ends[0] - 1, others[1] - 1, length, SPLICE_F_NONBLOCK);
		break;
	case 3:
	case 4:
		(void)!read(ends[0] - 1, block, length);
		break;
	default:
		(void)!write(ends[1] - 1, block, length);
	}
}

void hold_messages(void)
{
	static struct {
		long type;
		char text[2000];
	} message = { .type = 1 };
	int *queue = &queues[below(OBJECTS)];

	if (!*queue)
		*queue = kept(msgget(IPC_PRIVATE, 0666));
	switch (below(6)) {
	case 0:
		remove_object(queue, remove_queue);
		break;
	case 1:
	case 2:
		msgrcv(*queue - 1, &message, sizeof(message.text), 0,
		       IPC_NOWAIT);
		message.type = 1;
		break;
	default:
		msgsnd(*queue - 1, &message, 1 + below(sizeof(message.text)),
		       IPC_NOWAIT);
	}
}

void hold_events(void)
{
	for (size_t n = 1 + below(8); n; n--) {
		int *event = &events[below(ARRAY_SIZE(events))];

		if (*event)
			drop(event);
		else
			*event = kept(eventfd(0, EFD_CLOEXEC));
	}
}

void holding_end(void)
{
	for (size_t i = 0; i < OBJECTS; i++) {
		drop(&files[i]);
		drop_pipe(pipes[i]);
		remove_object(&segments[i], remove_segment);
		remove_object(&queues[i], remove_queue);
	}
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		drop(&events[i]);
}
