// SPDX-License-Identifier: GPL-2.0-only
/* How fast a kill gives memory back, and how far above a limit a user gets. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "ktap/ktap.h"
#include "lib/crowd.h"
#include "lib/limits.h"
#include "lib/memory.h"

#define MS 1000000ULL

/* Between the process that grows and the one that waits, in memory they share */
static volatile struct {
	bool ready;
	bool go;
	uint64_t since;
} * shared;

static void touch_page(const struct region *region, size_t i)
{
	((volatile char *)region->base)[i * PAGE] = 1;
}

#define BEYOND 64

/*
 * Touches so much, and waits. Then ends, or touches page after page, saying
 * when, until it is killed.
 */
static pid_t start_growing(size_t megabytes, bool ends)
{
	pid_t pid;

	shared->ready = false;
	shared->go = false;
	pid = fork();
	if (!pid) {
		size_t pages = megabytes * MIB / PAGE;
		struct region region = region_map(pages + 2 * BEYOND);

		for (size_t i = 0; i < pages; i++)
			touch_page(&region, i);
		shared->ready = true;
		while (!shared->go)
			usleep(1000);
		shared->since = bench_now();
		if (ends)
			_exit(0);
		for (size_t i = pages; i < region.pages; i++) {
			shared->since = bench_now();
			touch_page(&region, i);
		}
		_exit(1);
	}
	ASSERT_GT(pid, 0);
	return pid;
}

/*
 * From its last page, or its own end, until its parent knows that it is gone,
 * its memory included
 */
static uint64_t end_of(size_t megabytes, bool ends)
{
	unsigned long most;
	uint64_t took;
	pid_t pid;
	int status;

	ASSERT_EQ(mmlimit_set(BENCH_USER, 500 * MIB), 0);
	pid = start_growing(megabytes, ends);
	while (!shared->ready)
		usleep(1000);
	most = limit_read(BENCH_USER).usage;
	if (!ends)
		ASSERT_EQ(mmlimit_set(BENCH_USER, most + BEYOND * PAGE), 0);
	shared->go = true;
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	took = bench_now() - shared->since;
	if (ends)
		EXPECT_EQ(status, 0);
	else
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EXPECT_LT(limit_read(BENCH_USER).usage, most - megabytes * MIB);
	ASSERT_EQ(mmlimit_remove(BENCH_USER), 0);
	return took;
}

/*
 * A process of so many megabytes is killed at its limit, against one that ends
 * by itself: what is between them is the killer's.
 */
KTAP_TEST(latency_by_size, 600, "bench_kill")
{
	static const size_t megabytes[] = { 1, 2, 5, 10, 20, 50, 100, 200, 400 };
	double killed[5], ended[5];

	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(shared != MAP_FAILED);
	bench_begin();
	for (size_t i = 0; i < ARRAY_SIZE(megabytes); i++) {
		for (size_t n = 0; n < ARRAY_SIZE(killed); n++) {
			ended[n] = end_of(megabytes[i], true);
			killed[n] = end_of(megabytes[i], false);
		}
		printf("bench: latency,%zu,%.1f,%.1f\n", megabytes[i],
		       bench_median(killed, ARRAY_SIZE(killed)) / 1000,
		       bench_median(ended, ARRAY_SIZE(ended)) / 1000);
	}
	bench_end();
}

/* When, from the start, so many pages are due at so many megabytes a second */
static uint64_t due(size_t pages, unsigned int speed)
{
	return pages * (uint64_t)PAGE * (1000 * MS) / (speed * MIB);
}

static void sleep_until(uint64_t ns)
{
	struct timespec when = { .tv_sec = ns / 1000000000,
				 .tv_nsec = ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL))
		;
}

/* Touches page after page at so many megabytes a second; 0: without rest. */
static pid_t grow_at(unsigned int speed, size_t most)
{
	pid_t pid = fork();

	if (!pid) {
		struct region region = region_map(most / PAGE);
		uint64_t start = bench_now();

		for (size_t i = 0; i < region.pages; i++) {
			if (speed)
				sleep_until(start + due(i, speed));
			touch_page(&region, i);
		}
		_exit(0);
	}
	ASSERT_GT(pid, 0);
	return pid;
}

#define OVERSHOOT_LIMIT (16 * MIB)
#define OVERSHOOT_MOST (240 * MIB)

/* Pages above the limit when the process was killed */
static long overshoot(const char *trigger, unsigned int speed)
{
	bool periodic = !strcmp(trigger, "periodic");
	struct mm_limit_attr attr;
	uint64_t next;
	pid_t pid, got;
	int status;

	bench_trigger(trigger);
	ASSERT_EQ(mmlimit_set(BENCH_USER, OVERSHOOT_LIMIT), 0);
	pid = grow_at(speed, OVERSHOOT_MOST);
	next = bench_now();
	while (!(got = waitpid(pid, &status, periodic ? WNOHANG : 0))) {
		next += 100 * MS;
		sleep_until(next);
		ASSERT_GE(mmlimit_kill(MM_LIMIT_POLICY_OWN), 0);
	}
	ASSERT_EQ(got, pid);
	attr = limit_read(BENCH_USER);
	ASSERT_EQ(mmlimit_remove(BENCH_USER), 0);
	bench_trigger("exact");
	/* at full speed it may be through before a slow trigger looks */
	return attr.peak > OVERSHOOT_LIMIT ?
		       (long)((attr.peak - OVERSHOOT_LIMIT) / PAGE) :
		       0;
}

KTAP_TEST(overshoot_by_trigger, 1200, "bench_kill")
{
	static const char *const triggers[] = { "exact", "alloc", "hybrid",
						"periodic" };
	static const unsigned int speeds[] = { 1, 10, 100, 0 };

	bench_begin();
	for (size_t t = 0; t < ARRAY_SIZE(triggers); t++) {
		for (size_t s = 0; s < ARRAY_SIZE(speeds); s++) {
			long pages = overshoot(triggers[t], speeds[s]);

			printf("bench: overshoot,%s,%u,%ld\n", triggers[t],
			       speeds[s], pages);
		}
	}
	bench_end();
}

#define DEMO_LIMIT (64 * MIB)
#define DEMO_GRACE_MS 500
#define DEMO_MS 6000

static long demo_grow(long speed)
{
	struct region region = region_map(48 * MIB / PAGE);
	uint64_t start = bench_now();

	for (size_t i = 0; i < region.pages; i++) {
		sleep_until(start + due(i, speed));
		touch_page(&region, i);
	}
	return 0;
}

/*
 * For a picture: processes of one user grow, each at its own speed, beyond a
 * limit with a grace. A row every 10 ms: usage, and kills and graces so far.
 */
KTAP_TEST(demonstration, 600, "bench_kill")
{
	static const long speeds[] = { 6, 12, 18, 24 };
	struct crowd crowd = crowd_make(ARRAY_SIZE(speeds));
	uint64_t start;

	bench_begin();
	for (size_t i = 0; i < ARRAY_SIZE(speeds); i++)
		crowd_add(&crowd, BENCH_USER, demo_grow, speeds[i]);
	ASSERT_EQ(mmlimit_set_time(BENCH_USER, DEMO_LIMIT, DEMO_GRACE_MS), 0);
	crowd_await(&crowd);
	crowd_start(&crowd);
	start = bench_now();
	for (unsigned int ms = 0; ms <= DEMO_MS; ms += 10) {
		struct mm_limit_attr attr;

		sleep_until(start + ms * MS);
		attr = limit_read(BENCH_USER);
		printf("bench: demonstration,%u,%llu,%llu,%u,%llu,%llu\n", ms,
		       (unsigned long long)attr.usage,
		       (unsigned long long)attr.mm_max, attr.state,
		       (unsigned long long)attr.graces,
		       (unsigned long long)attr.kills);
	}
	ASSERT_EQ(mmlimit_remove(BENCH_USER), 0);
	crowd_settle(&crowd);
	bench_end();
}
