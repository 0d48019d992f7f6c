// SPDX-License-Identifier: GPL-2.0-only
/* What ordinary work costs under each case. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/random.h"

/* Short enough that most passes see no tick of the scheduler */
#define PAGES 1024

static void touch_all(volatile char *base, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		base[i * PAGE] = 1;
}

static void touch_and_unmap(uint64_t *instructions)
{
	struct region region = region_map(PAGES);
	uint64_t start = bench_now();

	touch_all((volatile char *)region.base, PAGES);
	instructions[0] = bench_now() - start;
	start = bench_now();
	region_unmap(&region);
	instructions[1] = bench_now() - start;
}

KTAP_TEST(anonymous_pages, 600, "bench_cost")
{
	const struct bench_work work = {
		.table = "cost",
		.figures = { "touch", "unmap" },
		.units = PAGES,
		.pass = touch_and_unmap,
		.rounds = 5,
		.passes = 7,
		.cases = bench_cases,
	};

	bench_begin();
	bench_run(&work);
	bench_end();
}

static int file;
static char buffer[PAGE];

static void read_and_map(uint64_t *instructions)
{
	volatile char *base;
	uint64_t start;
	char sum = 0;

	start = bench_now();
	for (size_t i = 0; i < PAGES; i++)
		if (pread(file, buffer, PAGE, i * PAGE) != (ssize_t)PAGE)
			sum++;
	instructions[0] = bench_now() - start;
	EXPECT_EQ(sum, 0);

	base = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, file, 0);
	ASSERT_TRUE(base != MAP_FAILED);
	start = bench_now();
	for (size_t i = 0; i < PAGES; i++)
		sum += base[i * PAGE];
	instructions[1] = bench_now() - start;
	start = bench_now();
	munmap((void *)base, PAGES * PAGE);
	instructions[2] = bench_now() - start;
	buffer[0] = sum;
}

/* ramfs: pages of a file, as a disk's would be once they are read */
KTAP_TEST(file_pages, 600, "bench_cost")
{
	const struct bench_work work = {
		.table = "cost",
		.figures = { "read file", "map file", "unmap file" },
		.units = PAGES,
		.pass = read_and_map,
		.rounds = 3,
		.passes = 7,
		.cases = bench_cases,
	};

	bench_begin();
	mkdir("/mnt", 0755);
	ASSERT_EQ(mount("none", "/mnt", "ramfs", 0, NULL), 0);
	file = open("/mnt/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	ASSERT_GE(file, 0);
	for (size_t i = 0; i < PAGES; i++)
		ASSERT_EQ(write(file, buffer, PAGE), PAGE);
	bench_run(&work);
	bench_end();
	close(file);
	ASSERT_EQ(umount("/mnt"), 0);
}

#define CHURN_BLOCKS 256
#define CHURN_MOST (16 * MIB)
#define CHURN_OPERATIONS 1000

static struct {
	char *memory;
	size_t size;
} blocks[CHURN_BLOCKS];
static size_t churn_total;
static struct random churn_random;

static void churn_free(size_t i)
{
	free(blocks[i].memory);
	churn_total -= blocks[i].size;
	blocks[i].memory = NULL;
	blocks[i].size = 0;
}

/* Blocks of 1 to 256 KiB come and go; they sum to just below CHURN_MOST. */
static void churn(uint64_t *instructions)
{
	uint64_t start;

	churn_random = random_from(1);
	start = bench_now();
	for (size_t n = 0; n < CHURN_OPERATIONS; n++) {
		size_t i = random_below(&churn_random, CHURN_BLOCKS);
		size_t size = KIB << random_below(&churn_random, 9);

		churn_free(i);
		while (churn_total + size > CHURN_MOST)
			churn_free(random_below(&churn_random, CHURN_BLOCKS));
		blocks[i].memory = malloc(size);
		ASSERT_TRUE(blocks[i].memory);
		blocks[i].size = size;
		churn_total += size;
		for (size_t at = 0; at < size; at += PAGE)
			((volatile char *)blocks[i].memory)[at] = 1;
	}
	for (size_t i = 0; i < CHURN_BLOCKS; i++)
		churn_free(i);
	instructions[0] = bench_now() - start;
}

KTAP_TEST(churn_just_below_the_limit, 600, "bench_cost")
{
	const struct bench_work work = {
		.table = "cost",
		.figures = { "malloc+free" },
		.units = CHURN_OPERATIONS,
		.pass = churn,
		.rounds = 3,
		.passes = 3,
		.cases = bench_cases,
	};

	/* 64 KiB and more are mapped and unmapped, less comes from the heap */
	mallopt(M_MMAP_THRESHOLD, 64 * KIB);
	bench_begin();
	/* its blocks, the process, and a little */
	bench_limit = CHURN_MOST + 3 * MIB;
	bench_run(&work);
	bench_end();
}

#define COURSE (256 * MIB)

/* or the compiler sees that nobody reads what is written */
static void *(*volatile fill)(void *, int, size_t) = memset;

/* Allocate, write every byte, free. */
static void course(uint64_t *instructions)
{
	uint64_t start = bench_now();
	void *memory = malloc(COURSE);

	ASSERT_TRUE(memory);
	fill(memory, 1, COURSE);
	free(memory);
	instructions[0] = bench_now() - start;
}

KTAP_TEST(course_256_mib, 600, "bench_cost")
{
	const struct bench_work work = {
		.table = "cost",
		.figures = { "256 MiB" },
		.units = COURSE / PAGE,
		.pass = course,
		.rounds = 1,
		.passes = 1,
		.cases = bench_cases,
	};

	bench_begin();
	bench_run(&work);
	bench_end();
}

/*
 * What forks is measured in a process of its own that has just been executed,
 * so that it has the same memory whatever kernel this is. It does what it is
 * told to on its standard input, and answers how long that took.
 */
enum errand {
	ERRAND_FORK,
	ERRAND_EXEC,
	ERRAND_SHELL,
};

static void do_fork(void (*child)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		child();
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(1);
}

static void exit_well(void)
{
	_exit(0);
}

static void exec_true(void)
{
	execl("/bin/true", "true", NULL);
}

static void exec_shell(void)
{
	execl("/bin/sh", "sh", "-c",
	      "seq 1 2000 | sort -rn | gzip | gunzip | md5sum >/dev/null;"
	      "ls -lR /bin /etc | grep -c busybox >/dev/null;"
	      "for i in 1 2 3 4 5; do cat /proc/self/status | wc >/dev/null; done",
	      NULL);
}

static void (*const do_errand[])(void) = {
	[ERRAND_FORK] = exit_well,
	[ERRAND_EXEC] = exec_true,
	[ERRAND_SHELL] = exec_shell,
};

KTAP_PROGRAM(errands)
{
	uint64_t took;
	char errand;

	while (read(STDIN_FILENO, &errand, 1) == 1) {
		took = bench_now();
		do_fork(do_errand[(int)errand]);
		took = bench_now() - took;
		if (write(STDOUT_FILENO, &took, sizeof(took)) != sizeof(took))
			return 1;
	}
	return 0;
}

static int to_runner, from_runner;
static char errand;

static void send_on_errand(uint64_t *instructions)
{
	ASSERT_EQ(write(to_runner, &errand, 1), 1);
	ASSERT_EQ(read(from_runner, instructions, sizeof(*instructions)),
		  sizeof(*instructions));
}

static pid_t start_runner(void)
{
	int orders[2], answers[2];
	pid_t pid;

	ASSERT_EQ(pipe2(orders, O_CLOEXEC), 0);
	ASSERT_EQ(pipe2(answers, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		dup2(orders[0], STDIN_FILENO);
		dup2(answers[1], STDOUT_FILENO);
		execl("/proc/self/exe", "errands", NULL);
		_exit(127);
	}
	ASSERT_GT(pid, 0);
	close(orders[0]);
	close(answers[1]);
	to_runner = orders[1];
	from_runner = answers[0];
	return pid;
}

/*
 * In one turn: once a cgroup has been used, forks of everybody take more for as
 * long as the machine runs, so it comes last.
 */
static void measure_errand(enum errand which, const char *name,
			   unsigned int passes)
{
	const struct bench_work work = {
		.table = "cost",
		.figures = { name },
		.units = 1,
		.pass = send_on_errand,
		.rounds = 1,
		.passes = passes,
		.cases = bench_cases,
	};
	int status;

	errand = which;
	bench_begin();
	bench_subject = start_runner();
	bench_run(&work);
	close(to_runner);
	ASSERT_EQ(waitpid(bench_subject, &status, 0), bench_subject);
	EXPECT_EQ(status, 0);
	bench_end();
}

KTAP_TEST(fork_and_exit, 600, "bench_cost")
{
	measure_errand(ERRAND_FORK, "fork+exit", 400);
}

KTAP_TEST(fork_exec_and_exit, 600, "bench_cost")
{
	measure_errand(ERRAND_EXEC, "fork+exec+exit", 200);
}

KTAP_TEST(shell_pipeline, 600, "bench_cost")
{
	measure_errand(ERRAND_SHELL, "shell pipeline", 6);
}
