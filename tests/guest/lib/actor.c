// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that an OOM killer may choose between, and somebody who uses up the
 * memory.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/actor.h"
#include "lib/memory.h"
#include "lib/processes.h"

#define PIECE (64 * KIB)

/* All processes of a test have this; the worker reads it in its copy. */
static const struct actor *part;
static struct region own;

/* Exactly so much; what held_grow() maps is larger than what it touches. */
static long hold(long unused)
{
	if (part->reserved_mib)
		region_map(part->reserved_mib * MIB / PAGE);
	own = region_map(part->touched_mib * MIB / PAGE);
	region_touch(&own, 0, own.pages);
	return 0;
}

static long where(long unused)
{
	return (long)own.base;
}

/* The test does it, so that the work does not count as the actor's CPU time. */
static void swap_out(struct worker *worker, const struct actor *actor)
{
	struct iovec range = {
		.iov_base = (void *)worker_call(worker, where, 0),
		.iov_len = actor->touched_mib * MIB,
	};

	ASSERT_EQ(syscall(SYS_process_madvise, worker->pidfd, &range, 1,
			  MADV_PAGEOUT, 0),
		  range.iov_len);
}

/*
 * The time is spent in user mode, so that a slow kernel does not make it
 * longer.
 */
static long compute(long seconds)
{
	struct timespec used;
	volatile unsigned int count;

	do {
		for (count = 0; count < 1000000; count++)
			continue;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	} while (used.tv_sec < seconds);
	return 0;
}

static long set_capabilities(uint32_t set)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .effective = set, .permitted = set },
	};

	return syscall(SYS_capset, &header, data);
}

static long take_privilege(long unused)
{
	const uint32_t raw_io = 1 << CAP_SYS_RAWIO;

	switch (part->privilege) {
	case ACTOR_USER:
		user_become(USER_A);
		return 0;
	case ACTOR_ROOT:
		return set_capabilities(~raw_io);
	default:
		ASSERT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 0);
		user_become(USER_A);
		return set_capabilities(raw_io);
	}
}

static long introduce(long unused)
{
	ASSERT_EQ(prctl(PR_SET_NAME, part->name, 0, 0, 0), 0);
	ASSERT_EQ(setpriority(PRIO_PROCESS, 0, part->nice), 0);
	return 0;
}

static int tree_pipe[2];

/* Its children hold memory; they end with it. */
static long grow_tree(long unused)
{
	const pid_t parent = getpid();
	char ready;

	ASSERT_EQ(pipe2(tree_pipe, O_CLOEXEC), 0);
	for (unsigned int i = 0; i < part->copies; i++) {
		pid_t pid = fork();

		ASSERT_GE(pid, 0);
		if (!pid) {
			process_end_with(parent);
			hold(0);
			if (write(tree_pipe[1], "", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		ASSERT_EQ(read(tree_pipe[0], &ready, 1), 1);
	}
	return 0;
}

static long reap_child(long unused)
{
	return waitpid(-1, NULL, WNOHANG);
}

static unsigned int workers_of(const struct actor *actor)
{
	return actor->copies && !actor->tree ? actor->copies : 1;
}

static void start_one(struct worker *worker, const struct actor *actor)
{
	*worker = worker_start(0);
	ASSERT_EQ(worker_call(worker, introduce, 0), 0);
	ASSERT_EQ(worker_call(worker, take_privilege, 0), 0);
	if (actor->adj)
		process_set_oom_score_adj(worker->pid, actor->adj);
	ASSERT_EQ(worker_call(worker, actor->tree ? grow_tree : hold, 0), 0);
	if (actor->cpu_s)
		ASSERT_EQ(worker_call(worker, compute, actor->cpu_s), 0);
	if (actor->swapped)
		swap_out(worker, actor);
}

void actor_start(struct cast *cast, const struct actor *actor)
{
	struct timespec age = { .tv_sec = actor->age_s };

	cast->actor = actor;
	part = actor;
	for (unsigned int i = 0; i < workers_of(actor); i++)
		start_one(&cast->workers[i], actor);
	while (nanosleep(&age, &age) && errno == EINTR)
		continue;
}

bool actor_has_died(struct cast *cast)
{
	for (unsigned int i = 0; i < workers_of(cast->actor); i++)
		if (!worker_alive(&cast->workers[i]))
			return true;
	return cast->actor->tree &&
	       worker_call(&cast->workers[0], reap_child, 0) > 0;
}

void actor_end(struct cast *cast)
{
	for (unsigned int i = 0; i < workers_of(cast->actor); i++) {
		struct worker *worker = &cast->workers[i];

		if (worker_alive(worker))
			worker_end(worker);
		else
			worker_wait(worker);
	}
}

bool actor_is(const struct cast *cast, pid_t pid)
{
	for (unsigned int i = 0; i < workers_of(cast->actor); i++)
		if (cast->workers[i].pid == pid)
			return true;
	return false;
}

/*
 * The kernel hands a CPU up to some megabytes of free pages in advance, so memory
 * would be gone long before it looks so, or the other way round: not here.
 */
#define ADVANCE "/proc/sys/vm/percpu_pagelist_high_fraction"

/* Whoever is to die goes before it: on one CPU it would be in the way. */
static long stand_back(long unused)
{
	const struct sched_param none = { 0 };

	return sched_setscheduler(0, SCHED_IDLE, &none);
}

struct worker presser_start(void)
{
	static const struct actor actor = { .name = "presser" };
	struct worker presser;

	part = &actor;
	ASSERT_EQ(file_write(ADVANCE, "1000"), 0);
	presser = worker_start(0);
	ASSERT_EQ(worker_call(&presser, introduce, 0), 0);
	ASSERT_EQ(worker_call(&presser, stand_back, 0), 0);
	process_set_oom_score_adj(presser.pid, "-1000");
	/* This includes the code that it needs. */
	ASSERT_EQ(worker_call(&presser, held_grow, 1), 0);
	return presser;
}

void presser_take(struct worker *presser)
{
	ASSERT_EQ(worker_call(presser, held_grow, PIECE / PAGE), 0);
}

void presser_end(struct worker *presser)
{
	worker_end(presser);
	ASSERT_EQ(file_write(ADVANCE, "0"), 0);
}

/* Below this the kernel kills. */
unsigned long memory_minimum(void)
{
	char text[16];

	ASSERT_EQ(file_read("/proc/sys/vm/min_free_kbytes", text, sizeof(text)),
		  0);
	return strtoul(text, NULL, 10) * KIB;
}

unsigned long memory_free(void)
{
	return memory_info("MemFree");
}

void presser_leave(struct worker *presser, unsigned long left)
{
	unsigned long free = memory_free();

	if (free > left + 8 * MIB)
		ASSERT_EQ(worker_call(presser, held_grow,
				      (free - left - 4 * MIB) / PAGE),
			  0);
	while (memory_free() > left)
		presser_take(presser);
}
