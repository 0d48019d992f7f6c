// SPDX-License-Identifier: GPL-2.0-only
/* What a page costs when its user has many processes, or many users have limits. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "ktap/ktap.h"
#include "lib/crowd.h"
#include "lib/limits.h"
#include "lib/memory.h"

/* A walk over thousands of processes at each page takes its time. */
#define PAGES 128

static void touch(uint64_t *instructions)
{
	struct region region = region_map(PAGES);
	volatile char *base = (volatile char *)region.base;
	uint64_t start = bench_now();

	for (size_t i = 0; i < PAGES; i++)
		base[i * PAGE] = 1;
	instructions[0] = bench_now() - start;
	region_unmap(&region);
}

/* Each process counts what it shares with the others. */
#define LIMIT (3UL << 30)

static void measure(const char *against, size_t count,
		    const struct bench_case *const *cases)
{
	char column[16];
	const struct bench_work work = {
		.table = "scale",
		.figures = { against },
		.column = column,
		.units = PAGES,
		.pass = touch,
		.rounds = 1,
		.passes = 9,
		.cases = cases,
	};

	snprintf(column, sizeof(column), "%zu", count);
	bench_run(&work);
}

static long rest(long unused)
{
	return 0;
}

static const size_t process_counts[] = { 1, 10, 100, 1000, 2000 };

KTAP_TEST(processes_of_the_user, 1200, "bench_scale")
{
	const struct bench_case *const cases[] = { &bench_nobody, &bench_exact,
						   &bench_hybrid, &bench_alloc,
						   &bench_memcg,  NULL };
	struct crowd crowd = crowd_make(process_counts[4]);

	bench_begin();
	bench_limit = LIMIT;
	for (size_t i = 0; i < ARRAY_SIZE(process_counts); i++) {
		/* this process is one, too */
		while (crowd.count < process_counts[i] - 1)
			crowd_add(&crowd, BENCH_USER, rest, 0);
		crowd_start(&crowd);
		crowd_settle(&crowd);
		measure("processes", process_counts[i], cases);
	}
	crowd_end(&crowd);
	bench_end();
}

static const size_t limit_counts[] = { 1, 10, 100, 1000, 10000 };

KTAP_TEST(limits_of_other_users, 1200, "bench_scale")
{
	const struct bench_case *const cases[] = { &bench_exact, &bench_hybrid,
						   &bench_alloc, NULL };
	size_t set = 1;

	bench_begin();
	bench_limit = LIMIT;
	for (size_t i = 0; i < ARRAY_SIZE(limit_counts); i++) {
		/* the one of the case is one, too */
		for (; set < limit_counts[i]; set++)
			ASSERT_EQ(mmlimit_set(CROWD_USER_FIRST + set, MIB), 0);
		measure("limits", limit_counts[i], cases);
	}
	while (--set)
		ASSERT_EQ(mmlimit_remove(CROWD_USER_FIRST + set), 0);
	bench_end();
}
