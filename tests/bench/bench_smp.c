// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults a second on several CPUs, with real concurrency: wall time, so only
 * ratios of runs that follow each other in one boot mean anything.
 */
#define _GNU_SOURCE 1
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"

#define MOST 4
#define PAGES 256
#define ROUNDS 11
#define SAMPLE_US 50000

/* Shared by all that work: a turn begins when @turn changes */
static struct shared {
	unsigned int turn;
	unsigned int workers;
	bool stop;
	bool end;
	unsigned long passes[MOST];
	unsigned int resting;
} * shared;

static void work_until_stopped(unsigned int me)
{
	struct region region = region_map(PAGES);
	volatile char *base = (volatile char *)region.base;

	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		for (size_t i = 0; i < PAGES; i++)
			base[i * PAGE] = 1;
		region_drop(&region, 0, PAGES);
		shared->passes[me]++;
	}
	region_unmap(&region);
}

static void wait_for_change(unsigned int *word, unsigned int from)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == from)
		syscall(SYS_futex, word, FUTEX_WAIT, from, NULL, NULL, 0);
}

static void change(unsigned int *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1 << 30, NULL, NULL, 0);
}

static void *serve(void *argument)
{
	unsigned int me = (unsigned long)argument, turn = 0;

	for (;;) {
		wait_for_change(&shared->turn, turn++);
		if (shared->end)
			return NULL;
		if (me < shared->workers)
			work_until_stopped(me);
		change(&shared->resting);
	}
}

/* Lets so many of the workers work; returns faults a second. */
static double sample(unsigned int workers)
{
	unsigned long pages = 0;
	uint64_t start;
	unsigned int seen;

	for (size_t i = 0; i < MOST; i++)
		shared->passes[i] = 0;
	shared->resting = 0;
	shared->stop = false;
	shared->workers = workers;
	start = bench_now();
	change(&shared->turn);
	usleep(SAMPLE_US);
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	while ((seen = __atomic_load_n(&shared->resting, __ATOMIC_ACQUIRE)) <
	       MOST)
		wait_for_change(&shared->resting, seen);
	for (size_t i = 0; i < MOST; i++)
		pages += shared->passes[i] * PAGES;
	return pages * 1e9 / (bench_now() - start);
}

static const unsigned int worker_counts[] = { 1, 2, 4 };

enum { NOBODY, MEMCG, EXACT, CASES };
static const char *const case_names[] = { "nobody", "memcg", "exact" };

static double rates[CASES][ARRAY_SIZE(worker_counts)][ROUNDS];
static pid_t pids[MOST];

static void enter(int which)
{
	if (which == EXACT)
		ASSERT_EQ(mmlimit_set(BENCH_USER, BENCH_LIMIT), 0);
	if (which == MEMCG) {
		for (size_t i = 0; i < MOST && pids[i]; i++)
			bench_memcg_move(pids[i], true);
	}
}

static void leave(int which)
{
	if (which == EXACT) {
		ASSERT_EQ(mmlimit_remove(BENCH_USER), 0);
		bench_settle();
	}
	if (which == MEMCG) {
		for (size_t i = 0; i < MOST && pids[i]; i++)
			bench_memcg_move(pids[i], false);
	}
}

static void print(const char *what)
{
	double ratios[ROUNDS];

	for (size_t w = 0; w < ARRAY_SIZE(worker_counts); w++) {
		for (size_t c = 1; c < CASES; c++) {
			for (size_t n = 0; n < ROUNDS; n++)
				ratios[n] = rates[c][w][n] / rates[0][w][n];
			printf("bench: smp,%s,%u,%s,%.4f,%.4f,%.4f\n", what,
			       worker_counts[w], case_names[c],
			       bench_median(ratios, ROUNDS), ratios[ROUNDS / 4],
			       ratios[ROUNDS * 3 / 4]);
		}
		printf("%s %u: %.0f faults/s\n", what, worker_counts[w],
		       bench_median(rates[0][w], ROUNDS));
	}
}

static void measure(const char *what)
{
	/* The first round only warms up, and so does the first sample of a case. */
	for (int n = -1; n < ROUNDS; n++) {
		for (int c = 0; c < CASES; c++) {
			enter(c);
			sample(MOST);
			for (size_t w = 0; w < ARRAY_SIZE(worker_counts); w++) {
				double rate = sample(worker_counts[w]);

				if (n >= 0)
					rates[c][w][n] = rate;
			}
			leave(c);
		}
	}
	print(what);
}

static void begin(void)
{
	bench_begin();
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(shared != MAP_FAILED);
}

static void let_all_end(void)
{
	shared->end = true;
	change(&shared->turn);
}

KTAP_TEST(threads_of_one_process, 600, "bench_smp")
{
	pthread_t threads[MOST];

	begin();
	pids[0] = getpid();
	for (size_t i = 0; i < MOST; i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, serve,
					 (void *)(unsigned long)i),
			  0);
	measure("threads");
	let_all_end();
	for (size_t i = 0; i < MOST; i++)
		ASSERT_EQ(pthread_join(threads[i], NULL), 0);
	bench_end();
}

KTAP_TEST(processes_of_one_user, 600, "bench_smp")
{
	begin();
	for (size_t i = 0; i < MOST; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			serve((void *)(unsigned long)i);
			_exit(0);
		}
		ASSERT_GT(pids[i], 0);
	}
	measure("processes");
	let_all_end();
	for (size_t i = 0; i < MOST; i++) {
		int status;

		ASSERT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
	bench_end();
}
