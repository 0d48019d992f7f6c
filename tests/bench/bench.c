// SPDX-License-Identifier: GPL-2.0-only
/* The cases that benchmarks compare, and measuring under each. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/rules.h"

#define CHILD BENCH_CGROUP "/bench"

unsigned long bench_limit = BENCH_LIMIT;
pid_t bench_subject;
static char entries_before[16];

uint64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* What the CPUs have slept, which the kernel shows to the nanosecond only here */
static uint64_t idle(void)
{
	FILE *list = fopen("/proc/timer_list", "r");
	unsigned long long sum = 0, ns;
	char line[256];

	ASSERT_TRUE(list);
	while (fgets(line, sizeof(line), list)) {
		if (sscanf(line, " .idle_sleeptime : %llu", &ns) == 1 ||
		    sscanf(line, " .iowait_sleeptime : %llu", &ns) == 1)
			sum += ns;
	}
	fclose(list);
	return sum;
}

uint64_t bench_busy(void)
{
	return bench_now() - idle();
}

bool bench_has_limits(void)
{
	return mmlimit_remove(BENCH_OTHER) != -ENOSYS;
}

void bench_trigger(const char *name)
{
	if (bench_has_limits())
		ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_trigger", name), 0);
}

void bench_settle(void)
{
	/* A second after the last limit is gone the hooks become no-ops. */
	usleep(1500000);
}

static void limit(uid_t uid, unsigned long bytes)
{
	int ret = mmlimit_set(uid, bytes);

	ASSERT_TRUE(ret == 0 || ret == -ENOSYS);
}

static void unlimit(uid_t uid)
{
	int ret = mmlimit_remove(uid);

	ASSERT_TRUE(ret == 0 || ret == -ENOSYS);
}

static void nothing(void)
{
}

static void other_enter(void)
{
	limit(BENCH_OTHER, bench_limit);
}

static void other_leave(void)
{
	unlimit(BENCH_OTHER);
}

static void exact_enter(void)
{
	limit(BENCH_USER, bench_limit);
}

/* With its threshold where the others have their limit */
static void reclaim_enter(void)
{
	const struct mm_limit_attr attr = {
		.uid = BENCH_USER,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_FLAGS,
		.mm_max = bench_limit / MM_LIMIT_THRESHOLD_DEFAULT * 100,
		.flags = MM_LIMIT_RECLAIM,
	};
	int ret = limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr));

	ASSERT_TRUE(ret == 0 || ret == -ENOSYS);
}

static void set_rule(unsigned int kind, uid_t uid)
{
	long ret = rule_set(kind, uid, uid, bench_limit);

	ASSERT_TRUE(ret == 0 || ret == -ENOSYS);
}

static void remove_rule(uid_t uid)
{
	long ret = rule_remove(uid, uid);

	ASSERT_TRUE(ret == 0 || ret == -ENOSYS);
}

/* For a user without a process */
static void rule_enter(void)
{
	set_rule(MM_LIMIT_RULE_EACH, BENCH_OTHER);
}

static void rule_leave(void)
{
	remove_rule(BENCH_OTHER);
}

static void pool_enter(void)
{
	set_rule(MM_LIMIT_RULE_POOL, BENCH_USER);
}

static void pool_leave(void)
{
	remove_rule(BENCH_USER);
}

static void hybrid_enter(void)
{
	bench_trigger("hybrid");
	limit(BENCH_USER, bench_limit);
}

static void alloc_enter(void)
{
	bench_trigger("alloc");
	limit(BENCH_USER, bench_limit);
}

static void user_leave(void)
{
	unlimit(BENCH_USER);
	bench_trigger("exact");
}

void bench_memcg_move(pid_t pid, bool in)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)pid);
	ASSERT_EQ(file_write(in ? CHILD "/cgroup.procs" :
				  BENCH_CGROUP "/cgroup.procs",
			     number),
		  0);
}

static void memcg_enter(void)
{
	char bytes[16];

	snprintf(bytes, sizeof(bytes), "%lu", bench_limit);
	ASSERT_EQ(file_write(CHILD "/memory.max", bytes), 0);
	bench_memcg_move(bench_subject ?: getpid(), true);
}

static void memcg_leave(void)
{
	bench_memcg_move(bench_subject ?: getpid(), false);
}

const struct bench_case bench_nobody = { "nobody", nothing, nothing, false };
const struct bench_case bench_other = { "other", other_enter, other_leave,
					true };
const struct bench_case bench_exact = { "exact", exact_enter, user_leave,
					true };
const struct bench_case bench_reclaim = { "reclaim", reclaim_enter, user_leave,
					  true };
const struct bench_case bench_hybrid = { "hybrid", hybrid_enter, user_leave,
					 true };
const struct bench_case bench_alloc = { "alloc", alloc_enter, user_leave,
					true };
const struct bench_case bench_memcg = { "memcg", memcg_enter, memcg_leave,
					false };

const struct bench_case bench_rule = { "rule", rule_enter, rule_leave, true };
const struct bench_case bench_pool = { "pool", pool_enter, pool_leave, true };

const struct bench_case *const bench_cases[] = {
	&bench_nobody,	&bench_rule,   &bench_other, &bench_exact, &bench_pool,
	&bench_reclaim, &bench_hybrid, &bench_alloc, &bench_memcg, NULL,
};

void bench_prepare(void)
{
	char max[16];

	/* The same addresses, so the same page tables, in every process */
	ASSERT_EQ(file_write("/proc/sys/kernel/randomize_va_space", "0"), 0);
	if (bench_has_limits()) {
		ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_log_table", "0"),
			  0);
		ASSERT_EQ(file_read("/proc/sys/vm/mm_limit_max_entries",
				    entries_before, sizeof(entries_before)),
			  0);
		ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_max_entries",
				     "20000"),
			  0);
	}
	if (file_read(CHILD "/memory.max", max, sizeof(max))) {
		ASSERT_EQ(mount("none", BENCH_CGROUP, "cgroup2", 0, NULL), 0);
		ASSERT_EQ(file_write(BENCH_CGROUP "/cgroup.subtree_control",
				     "+memory"),
			  0);
		ASSERT_EQ(mkdir(CHILD, 0755), 0);
	}
}

void bench_begin(void)
{
	bench_prepare();
	ASSERT_EQ(syscall(SYS_setresuid32, BENCH_USER, 0, 0), 0);
}

void bench_end(void)
{
	if (bench_has_limits()) {
		EXPECT_EQ(file_write("/proc/sys/vm/mm_limit_log_table", "1"),
			  0);
		EXPECT_EQ(file_write("/proc/sys/vm/mm_limit_max_entries",
				     entries_before),
			  0);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return count % 2 ? values[count / 2] :
			   (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void print_row(const struct bench_work *work,
		      const struct bench_case *which, const char *figure,
		      double *values, size_t count)
{
	const char *name = which->name;
	double median;

	if (!bench_has_limits()) {
		if (which != &bench_nobody)
			return;
		name = "without";
	}
	median = bench_median(values, count);
	printf("bench: %s,%s,%s%s%s,%.2f,%.2f,%.2f\n", work->table, figure,
	       work->column ?: "", work->column ? "," : "", name,
	       values[count / 10], median, values[count - 1]);
}

void bench_run(const struct bench_work *work)
{
	const size_t count = work->rounds * work->passes;
	uint64_t instructions[BENCH_FIGURES];
	size_t figures = 0, cases = 0;
	double *values;

	while (work->figures[figures])
		figures++;
	while (work->cases[cases])
		cases++;
	values = calloc(cases * figures * count, sizeof(*values));
	ASSERT_TRUE(values);

	for (size_t n = 0; n < work->rounds; n++) {
		for (size_t c = 0; c < cases; c++) {
			double *mine = values + c * figures * count;

			work->cases[c]->enter();
			bench_settle();
			work->pass(instructions);
			for (size_t p = 0; p < work->passes; p++) {
				size_t at = n * work->passes + p;

				work->pass(instructions);
				for (size_t f = 0; f < figures; f++)
					mine[f * count + at] =
						(double)instructions[f] /
						work->units;
			}
			work->cases[c]->leave();
		}
	}

	for (size_t f = 0; f < figures; f++) {
		for (size_t c = 0; c < cases; c++)
			print_row(work, work->cases[c], work->figures[f],
				  values + (c * figures + f) * count, count);
	}
	free(values);
}
