/* SPDX-License-Identifier: GPL-2.0-only */
/* What ways to make the machine hold memory have in common: held_check_channel(). */
#ifndef GUEST_CHANNEL_H
#define GUEST_CHANNEL_H

#include <pthread.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/measure.h"
#include "lib/memory.h"

/*
 * Each way goes on until a call fails, or until it would hold this much, so that a
 * kernel without this limit still survives it.
 */
#define CHANNEL_MOST (4 * held_limit())

/* Any data */
#define CHANNEL_BLOCK (64 * KIB)
extern char channel_block[CHANNEL_BLOCK];

/* Has it been enough? Otherwise it has failed, as it should. */
long channel_came_to(unsigned long bytes);

/* Fills a file to the end of room, and keeps it. */
unsigned long channel_fill(int file);

/* A new memfd */
int channel_memfd(void);

/*
 * Steps until one fails, or each takes so many bytes at least and they are enough. As
 * descriptors run out, a process after the other goes on, and they all stay. Returns
 * -EINTR when one was killed instead.
 */
long channel_processes(long (*step)(void), unsigned long least,
		       unsigned long most);

/*
 * Forks, into new namespaces, if its child finds room for its pages: what it touches cannot
 * be refused as the fork can, and it would be killed. It touches nothing that its parent has
 * not, so as much as that has is set aside meanwhile.
 */
pid_t channel_fork(unsigned long namespaces);

/*
 * Starts a child in new namespaces, CLONE_NEWUSER and the like or 0, that stays. Returns -1
 * if it cannot be started, or would not find room for what it touches.
 */
long channel_child(unsigned long namespaces);

/* Starts a thread with a small stack. Returns -1 if it cannot be started; @thread may be NULL. */
long channel_thread(void *(*run)(void *), void *data, pthread_t *thread);

/* Has a user namespace of its own, and of what else is said: CLONE_NEWNS and the like. */
long channel_unshare(unsigned long namespaces);

/* Mounts a file system on /tmp, in namespaces of its own. */
long channel_mount_own(const char *type);

/* Makes names in /tmp, one after the other, each of which takes at least this much. */
long channel_names(int (*make)(const char *name), unsigned int least);

/* The tests of a way: that it is bounded, and, as a benchmark, by what */
#define CHANNEL(function)                                           \
	KTAP_TEST(no_more_than_its_limit_by_##function, 60, "held") \
	{                                                           \
		held_check_channel(#function, function);            \
	}                                                           \
	KTAP_TEST(what_is_held_by_##function, 120, "channels")      \
	{                                                           \
		measure_channel(#function, function);               \
	}

#endif /* GUEST_CHANNEL_H */
