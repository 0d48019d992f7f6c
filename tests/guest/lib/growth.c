// SPDX-License-Identifier: GPL-2.0-only
/* Users that make their memory grow in any way there is. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/exiting.h"
#include "lib/growth.h"
#include "lib/limits.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "mmlimit.h"

void growth_expect_peak(unsigned long bytes)
{
	struct mm_limit_attr attr;

	/* A victim may be gone before the killer, on another CPU, has counted it. */
	ktap_waiting_for("a kill to be counted");
	while (!(attr = limit_read(USER_A)).kills)
		usleep(1000);
	ktap_waiting_for(NULL);
	printf("peak %llu of %llu\n", (unsigned long long)attr.peak,
	       (unsigned long long)attr.mm_max);
	EXPECT_LE(attr.peak, bytes);
}

unsigned long growth_limit(struct worker *workers, int count,
			   unsigned long bytes)
{
	unsigned long limit;

	for (int i = 0; i < count; i++)
		ASSERT_EQ(worker_call(&workers[i], become_dumpable, 0), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	limit = usage_exact(USER_A) + bytes;
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	return limit;
}

struct worker growth_begin_wait(unsigned long bytes)
{
	struct worker worker = start_holding(USER_A, bytes);

	exiting_begin(&worker, 0);
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	return worker;
}

/* CPU time of a process, in nanoseconds */
static uint64_t cpu_time(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	ASSERT_EQ(clock_getcpuclockid(pid, &clock), 0);
	ASSERT_EQ(clock_gettime(clock, &time), 0);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/*
 * It is asleep, if it needs no tenth of the CPU for a while. A guest whose machine has
 * other work may come across that only later.
 */
static void wait_for_sleep(struct worker *worker, unsigned int ms)
{
	uint64_t cpu, used;

	ktap_waiting_for("the grower to sleep");
	do {
		cpu = cpu_time(worker->pid);
		EXPECT_TRUE(worker_lives_for(worker, ms));
		used = cpu_time(worker->pid) - cpu;
	} while (used >= ms * 1000000ULL / 10);
	ktap_waiting_for(NULL);
}

void growth_expect_wait(struct worker *lingering, struct worker *grower,
			worker_fn grow, long argument)
{
	/* This is in the middle of what one call writes. */
	growth_expect_wait_after(2 * MIB + 25 * PAGE, lingering, grower, grow,
				 argument);
}

void growth_expect_wait_after(unsigned long bytes, struct worker *lingering,
			      struct worker *grower, worker_fn grow,
			      long argument)
{
	const unsigned int wait_ms = 300 * ktap_slowdown();
	const unsigned long limit = usage_exact(USER_A) + bytes;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker_send(grower, grow, argument);
	ktap_waiting_for("the grower to come to its limit");
	while (limit_read(USER_A).usage <= limit)
		usleep(1000);
	ktap_waiting_for(NULL);
	wait_for_sleep(grower, wait_ms);
	EXPECT_LE(usage_exact(USER_A), limit + GROWTH_FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	/* Then there is room, and it goes on at once. */
	growth_end_wait(lingering);
}

void growth_end_wait(struct worker *lingering)
{
	exiting_release(lingering);
	EXPECT_EQ(worker_wait(lingering), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

void growth_look_at_areas(pid_t pid)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
}
