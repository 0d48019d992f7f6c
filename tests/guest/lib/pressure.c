// SPDX-License-Identifier: GPL-2.0-only
/* Has the whole machine run out of memory. */
#define _GNU_SOURCE 1
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/actor.h"
#include "lib/memory.h"
#include "lib/pressure.h"
#include "lib/processes.h"

#define STEP MIB

unsigned long system_oom_kills(void)
{
	char text[8192], *line;

	ASSERT_EQ(file_read("/proc/vmstat", text, sizeof(text)), 0);
	line = strstr(text, "\noom_kill ");
	ASSERT_TRUE(line);
	return strtoul(line + strlen("\noom_kill "), NULL, 10);
}

/*
 * It runs behind everybody else, so that a killed process is gone before more
 * memory is taken: the kernel lets go of a victim shortly before its pages are
 * free.
 */
static long be_last(long unused)
{
	const struct sched_param parameters = { .sched_priority = 0 };

	return sched_setscheduler(0, SCHED_IDLE, &parameters);
}

struct pressure pressure_begin(void)
{
	struct pressure pressure = { .pages = 0 };

	printf("expect-splat invoked oom-killer\n");
	printf("expect-splat ^Out of memory: Killed process\n");
	/* A victim may have been allocating. */
	printf("expect-splat page allocation failure: order:0\n");
	printf("expect-splat ^percpu: allocation failed\n");
	ASSERT_EQ(file_write("/proc/sys/vm/oom_dump_tasks", "0"), 0);
	/* The watermarks stay where they are. */
	ASSERT_EQ(file_write("/proc/sys/vm/watermark_boost_factor", "0"), 0);
	for (int i = 0; i < FILLERS; i++) {
		pressure.fillers[i] = worker_start(0);
		process_set_oom_score_adj(pressure.fillers[i].pid, "-1000");
	}
	return pressure;
}

void pressure_grow(struct pressure *pressure, unsigned long bytes)
{
	for (; bytes >= STEP; bytes -= STEP) {
		size_t filler = pressure->pages / HELD_PAGES;

		ASSERT_LT(filler, FILLERS);
		ASSERT_EQ(worker_call(&pressure->fillers[filler], held_grow,
				      STEP / PAGE),
			  0);
		pressure->pages += STEP / PAGE;
	}
}

void pressure_leave(struct pressure *pressure, unsigned long bytes)
{
	while (memory_free() > bytes)
		pressure_grow(pressure, STEP);
}

int pressure_until_death(struct pressure *pressure, struct worker *workers,
			 int count)
{
	for (int i = 0; i < FILLERS; i++)
		ASSERT_EQ(worker_call(&pressure->fillers[i], be_last, 0), 0);
	for (;;) {
		for (int i = 0; i < count; i++)
			if (!worker_alive(&workers[i]))
				return i;
		pressure_grow(pressure, STEP);
		/*
		 * A process that has given its memory back need not be dead
		 * yet.
		 */
		usleep(2000 * ktap_slowdown());
	}
}

void pressure_end(struct pressure *pressure)
{
	for (int i = 0; i < FILLERS; i++) {
		ASSERT_EQ(kill(pressure->fillers[i].pid, SIGKILL), 0);
		EXPECT_TRUE(worker_was_killed(&pressure->fillers[i]));
	}
	ASSERT_EQ(file_write("/proc/sys/vm/oom_dump_tasks", "1"), 0);
	ASSERT_EQ(file_write("/proc/sys/vm/watermark_boost_factor", "15000"),
		  0);
}
