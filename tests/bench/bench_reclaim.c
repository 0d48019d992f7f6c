// SPDX-License-Identifier: GPL-2.0-only
/*
 * Swapping out before killing: what becomes of three workloads that have more
 * memory than they may, under a limit that reclaims and under memory cgroups,
 * and what a page costs that is swapped out.
 */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/reclaim.h"
#include "lib/swap.h"

#define LIMIT (100 * MIB)
#define SWAP (400 * MIB)
#define MS 1000000ULL

#define CHILD BENCH_CGROUP "/reclaim"

/**
 * struct way - what keeps the user's processes within LIMIT
 * @name: in the table
 * @mglru: the kernel finds cold pages by generations, not by its two lists
 * @enter: begins, before there are processes
 * @adopt: it goes for this process, and those that it will fork
 * @peak: the most that they had, in bytes
 * @leave: ends, when there are none any more
 */
struct way {
	const char *name;
	bool mglru;
	void (*enter)(void);
	void (*adopt)(pid_t pid);
	unsigned long long (*peak)(void);
	void (*leave)(void);
};

static void nothing(void)
{
}

static void nobody(pid_t pid)
{
}

static unsigned long long unknown(void)
{
	return 0;
}

static void ours_enter(void)
{
	reclaim_limit(BENCH_USER, LIMIT);
}

static void direct_enter(void)
{
	reclaim_limit_with(BENCH_USER, LIMIT, 100, MM_LIMIT_SWAP_UNBOUNDED);
}

static unsigned long long ours_peak(void)
{
	return limit_read(BENCH_USER).peak;
}

static void ours_leave(void)
{
	ASSERT_EQ(mmlimit_remove(BENCH_USER), 0);
}

static void write_size(const char *path, unsigned long bytes)
{
	char text[16];

	snprintf(text, sizeof(text), "%lu", bytes);
	ASSERT_EQ(file_write(path, text), 0);
}

static void max_enter(void)
{
	ASSERT_EQ(mkdir(CHILD, 0755), 0);
	write_size(CHILD "/memory.max", LIMIT);
}

/* As its documentation advises: memory.max only for when that does not hold */
static void high_enter(void)
{
	ASSERT_EQ(mkdir(CHILD, 0755), 0);
	write_size(CHILD "/memory.high", LIMIT);
	write_size(CHILD "/memory.max", LIMIT + LIMIT / 5);
}

static void memcg_adopt(pid_t pid)
{
	write_size(CHILD "/cgroup.procs", pid);
}

static unsigned long long memcg_peak(void)
{
	unsigned long long bytes;
	char text[32];

	ASSERT_EQ(file_read(CHILD "/memory.peak", text, sizeof(text)), 0);
	ASSERT_EQ(sscanf(text, "%llu", &bytes), 1);
	return bytes;
}

static void memcg_leave(void)
{
	ASSERT_EQ(rmdir(CHILD), 0);
}

#define OURS(name, mglru, enter)                                  \
	{                                                         \
		name, mglru, enter, nobody, ours_peak, ours_leave \
	}
#define MEMCG(name, mglru, enter)                                        \
	{                                                                \
		name, mglru, enter, memcg_adopt, memcg_peak, memcg_leave \
	}

static const struct way none = { "none", false,	  nothing,
				 nobody, unknown, nothing };

/* Those that have to keep the user within LIMIT, the limits first */
static const struct way ways[] = {
	OURS("mm_limit", false, ours_enter),
	OURS("mm_limit with MGLRU", true, ours_enter),
	MEMCG("memory.max", false, max_enter),
	MEMCG("memory.max with MGLRU", true, max_enter),
	MEMCG("memory.high", false, high_enter),
	MEMCG("memory.high with MGLRU", true, high_enter),
};

static bool is_ours(const struct way *way)
{
	return way->peak == ours_peak;
}

/* Each of its bits is a feature of MGLRU; the first is MGLRU itself. */
#define MGLRU "/sys/kernel/mm/lru_gen/enabled"

static void way_enter(const struct way *way)
{
	char text[32];

	ASSERT_EQ(file_write(MGLRU, way->mglru ? "y" : "n"), 0);
	ASSERT_EQ(file_read(MGLRU, text, sizeof(text)), 0);
	ASSERT_EQ(strtoul(text, NULL, 16) & 1, way->mglru);
	way->enter();
}

static void way_leave(const struct way *way)
{
	way->leave();
	ASSERT_EQ(file_write(MGLRU, "n"), 0);
}

/* A count that the kernel keeps since it has booted */
static unsigned long vmstat(const char *name)
{
	char text[8192], *line;

	ASSERT_EQ(file_read("/proc/vmstat", text, sizeof(text)), 0);
	line = strstr(text, name);
	ASSERT_TRUE(line);
	return strtoul(line + strlen(name), NULL, 10);
}

static unsigned long swapped_out(void)
{
	return vmstat("\npswpout ");
}

#define MOST_PROCESSES 8

/**
 * struct job - a workload at work
 * @count: so many processes
 * @workers: they
 * @dead: which of them were killed
 */
struct job {
	size_t count;
	struct worker workers[MOST_PROCESSES];
	bool dead[MOST_PROCESSES];
};

/* Has a process do something, unless it is dead. Returns what came of it, or 0.
 */
static long have(struct job *job, size_t process, worker_fn function,
		 long argument)
{
	long ret;

	if (job->dead[process])
		return 0;
	ret = worker_call(&job->workers[process], function, argument);
	if (ret != WORKER_DIED)
		return ret;
	job->dead[process] = true;
	return 0;
}

/* Waits for a process's end. Returns whether it ended well. */
static bool reap(struct worker *worker, long *refaults)
{
	struct rusage usage;
	int status;

	ASSERT_EQ(wait4(worker->pid, &status, 0, &usage), worker->pid);
	close(worker->pidfd);
	close(worker->orders);
	close(worker->answers);
	*refaults = usage.ru_majflt;
	return !status;
}

/**
 * struct workload - what is done under each way
 * @name: in the table
 * @processes: it takes so many
 * @run: does it; the memory of the first is the hot set
 */
struct workload {
	const char *name;
	size_t processes;
	void (*run)(struct job *job);
};

/* Makes a row of what a workload comes to in one way. Returns how many survive.
 */
static size_t row(const struct workload *workload, const struct way *way)
{
	struct job job = { .count = workload->processes };
	unsigned long long peak;
	long refaults[MOST_PROCESSES];
	uint64_t busy, took;
	unsigned long outs;
	size_t survivors = 0;

	swap_on(SWAP);
	way_enter(way);
	bench_settle();
	outs = swapped_out();
	took = bench_now();
	busy = bench_busy();
	for (size_t i = 0; i < job.count; i++) {
		job.workers[i] = worker_start(BENCH_USER);
		way->adopt(job.workers[i].pid);
	}
	workload->run(&job);
	for (size_t i = 0; i < job.count; i++)
		worker_send(&job.workers[i], NULL, 0);
	for (size_t i = 0; i < job.count; i++)
		survivors += reap(&job.workers[i], &refaults[i]);
	busy = bench_busy() - busy;
	took = bench_now() - took;
	outs = swapped_out() - outs;
	peak = way->peak();
	way_leave(way);
	printf("bench: reclaim,%s,%s,%zu,%zu,%ld,%lu,%llu,%llu,%llu\n",
	       workload->name, way->name, survivors, job.count, refaults[0],
	       outs, (unsigned long long)(busy / MS), peak,
	       (unsigned long long)(took / MS));
	EXPECT_EQ(swap_remove(), 0);
	return survivors;
}

/* In all ways. So many must survive our limits; the others do as they do. */
static void compare(const struct workload *workload, size_t survivors)
{
	bench_prepare();
	EXPECT_EQ(row(workload, &none), workload->processes);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		size_t left = row(workload, &ways[i]);

		if (is_ours(&ways[i]))
			EXPECT_EQ(left, survivors);
	}
	bench_end();
}

static void beside_cold(struct job *job)
{
	have(job, 0, hot_make, 20);
	have(job, 0, hot_beside_cold, 200);
}

KTAP_TEST(cold_beside_hot, 1200, "bench_reclaim")
{
	const struct workload workload = { "20 MiB hot beside 200 MiB cold", 1,
					   beside_cold };

	compare(&workload, 1);
}

/*
 * Enough for the limit to kill after half of the default, so that all of this
 * takes half as long
 */
#define ROUNDS 8
#define THRASH_MS 5000
#define THRASH_MS_DEFAULT 10000

static void round_and_round(struct job *job)
{
	have(job, 0, hot_make, 150);
	have(job, 0, hot_use, ROUNDS);
}

KTAP_TEST(all_hot, 1200, "bench_reclaim")
{
	const struct workload workload = { "150 MiB all hot", 1,
					   round_and_round };

	reclaim_thrash_after(THRASH_MS);
	compare(&workload, 0);
	reclaim_thrash_after(THRASH_MS_DEFAULT);
}

#define TURNS 28
#define PAUSE_MS 1000

/*
 * Somebody uses one program in turn with each of seven others, and
 * looks at what is there for a while. It is not the memory of one process that
 * is cold, but that of processes.
 */
static void one_then_another(struct job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		have(job, i, hot_make, 20);
		have(job, i, hot_use, 1);
	}
	for (size_t i = 0; i < TURNS; i++) {
		have(job, 0, hot_use, 10);
		usleep(PAUSE_MS * 1000);
		have(job, 1 + i % (job->count - 1), hot_use, 10);
		usleep(PAUSE_MS * 1000);
	}
}

KTAP_TEST(one_of_eight_at_a_time, 1200, "bench_reclaim")
{
	const struct workload workload = { "8 processes of 20 MiB in turn", 8,
					   one_then_another };

	compare(&workload, 8);
}

#define WRITTEN (200 * MIB / PAGE)

/* Instructions that it takes to write memory once, and of that to swap it out
 */
static uint64_t write_once(const struct way *way, bool all_out,
			   unsigned long *outs)
{
	struct worker worker;
	uint64_t busy;

	swap_on(SWAP);
	way_enter(way);
	worker = worker_start(BENCH_USER);
	way->adopt(worker.pid);
	bench_settle();
	*outs = swapped_out();
	busy = bench_busy();
	ASSERT_EQ(worker_call(&worker, held_grow, WRITTEN), 0);
	if (all_out)
		ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	/* what is done in the background */
	sleep(2);
	busy = bench_busy() - busy;
	*outs = swapped_out() - *outs;
	worker_end(&worker);
	way_leave(way);
	EXPECT_EQ(swap_remove(), 0);
	return busy;
}

static void page_row(const char *name, uint64_t busy, uint64_t without,
		     unsigned long outs)
{
	printf("bench: reclaim_page,%s,%lu,%.1f\n", name, outs,
	       ((double)busy - without) / outs);
}

/*
 * Against the same work without a limit, and against madvise(), where the
 * process itself says which pages are cold
 */
KTAP_TEST(a_page_swapped_out, 600, "bench_reclaim")
{
	static const struct way direct =
		OURS("mm_limit at 100 %", false, direct_enter);
	uint64_t without, busy;
	unsigned long outs;

	bench_prepare();
	/* not the first to do so */
	write_once(&none, true, &outs);
	without = write_once(&none, false, &outs);
	busy = write_once(&none, true, &outs);
	page_row("MADV_PAGEOUT", busy, without, outs);
	busy = write_once(&direct, false, &outs);
	page_row(direct.name, busy, without, outs);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		busy = write_once(&ways[i], false, &outs);
		page_row(ways[i].name, busy, without, outs);
	}
	bench_end();
}

#define DEMO_LIMIT (64 * MIB)
#define DEMO_THRASH_MS 2000
#define DEMO_STEP_MS 10
#define DEMO_STEPS 1000
#define DEMO_SPEED 20 /* MiB a second */

static void sleep_until(uint64_t ns)
{
	struct timespec when = { .tv_sec = ns / 1000000000,
				 .tv_nsec = ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL))
		;
}

/*
 * Four seconds slowly, then twice as much at once, a rest, and then everything
 * over and over, until the end.
 */
static long demo_work(long unused)
{
	struct region region = region_map(180 * MIB / PAGE);
	size_t slowly = 4 * DEMO_SPEED * MIB / PAGE;
	uint64_t start = bench_now();

	for (size_t i = 0; i < slowly; i++) {
		sleep_until(start +
			    i * PAGE * (1000 * MS) / (DEMO_SPEED * MIB));
		region_touch(&region, i, 1);
	}
	sleep_until(start + 4500 * MS);
	region_touch(&region, slowly, region.pages - slowly);
	sleep_until(start + 6000 * MS);
	for (;;)
		region_touch(&region, 0, region.pages);
	return 0;
}

/* For a picture: a row every 10 ms of what a limit that reclaims does. */
KTAP_TEST(reclaim_demonstration, 600, "bench_reclaim")
{
	static struct mm_limit_attr attrs[DEMO_STEPS];
	struct worker worker;
	uint64_t start;

	bench_prepare();
	reclaim_thrash_after(DEMO_THRASH_MS);
	swap_on(SWAP);
	reclaim_limit(BENCH_USER, DEMO_LIMIT);
	worker = worker_start(BENCH_USER);
	worker_send(&worker, demo_work, 0);
	start = bench_now();
	for (size_t i = 0; i < DEMO_STEPS; i++) {
		sleep_until(start + i * DEMO_STEP_MS * MS);
		attrs[i] = limit_read(BENCH_USER);
	}
	for (size_t i = 0; i < DEMO_STEPS; i++)
		printf("bench: reclaim_demonstration,%zu,%llu,%llu,%llu,%llu,%llu\n",
		       i * DEMO_STEP_MS, attrs[i].usage,
		       attrs[i].mm_max * attrs[i].threshold / 100,
		       attrs[i].mm_max, attrs[i].swapped_out, attrs[i].kills);
	EXPECT_TRUE(worker_was_killed(&worker));
	ours_leave();
	EXPECT_EQ(swap_remove(), 0);
	reclaim_thrash_after(THRASH_MS_DEFAULT);
	bench_end();
}
