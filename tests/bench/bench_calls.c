// SPDX-License-Identifier: GPL-2.0-only
/* What calls cost that make the kernel hold something. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "bench.h"
#include "ktap/ktap.h"
#include "lib/memory.h"

/* So few that most passes see no tick of the timer */
#define CALLS 128

static char buffer[PAGE];

static void measure(void (*pass)(uint64_t *instructions), const char *figure,
		    const char *second)
{
	const struct bench_work work = {
		.table = "cost",
		.figures = { figure, second },
		.units = CALLS,
		.pass = pass,
		.rounds = 1,
		.passes = 200,
		.cases = bench_cases,
	};

	bench_run(&work);
}

/* As many pages as a pipe has room for; all but two are allocated anew each time. */
#define PIPE_PAGES 16

static int pipe_ends[2];

static void fill_pipe(uint64_t *instructions)
{
	uint64_t start = bench_now();

	for (int n = 0; n < CALLS / PIPE_PAGES; n++) {
		for (int i = 0; i < PIPE_PAGES; i++)
			if (write(pipe_ends[1], buffer, PAGE) != PAGE)
				return;
		for (int i = 0; i < PIPE_PAGES; i++)
			if (read(pipe_ends[0], buffer, PAGE) != PAGE)
				return;
	}
	instructions[0] = bench_now() - start;
}

KTAP_TEST(pipe_pages, 600, "bench_calls")
{
	bench_begin();
	ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
	measure(fill_pipe, "pipe write+read", NULL);
	bench_end();
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static int file;

static void fill_file(uint64_t *instructions)
{
	uint64_t start = bench_now();

	for (int i = 0; i < CALLS; i++)
		if (pwrite(file, buffer, PAGE, i * PAGE) != PAGE)
			return;
	instructions[0] = bench_now() - start;
	start = bench_now();
	ASSERT_EQ(ftruncate(file, 0), 0);
	instructions[1] = bench_now() - start;
}

KTAP_TEST(tmpfs_pages, 600, "bench_calls")
{
	bench_begin();
	file = memfd_create("bench", MFD_CLOEXEC);
	ASSERT_GE(file, 0);
	measure(fill_file, "tmpfs write", "tmpfs truncate");
	bench_end();
	close(file);
}

static void open_and_close(uint64_t *instructions)
{
	uint64_t start = bench_now();

	for (int i = 0; i < CALLS; i++)
		close(open("/dev/null", O_RDONLY | O_CLOEXEC));
	instructions[0] = bench_now() - start;
}

KTAP_TEST(open_files, 600, "bench_calls")
{
	bench_begin();
	measure(open_and_close, "open+close", NULL);
	bench_end();
}

static void make_events(uint64_t *instructions)
{
	uint64_t start = bench_now();

	for (int i = 0; i < CALLS; i++)
		close(eventfd(0, EFD_CLOEXEC));
	instructions[0] = bench_now() - start;
}

KTAP_TEST(event_files, 600, "bench_calls")
{
	bench_begin();
	measure(make_events, "eventfd+close", NULL);
	bench_end();
}

/* Two inodes, two files, their names: what is pinned by what is open */
static void make_pipes(uint64_t *instructions)
{
	uint64_t start = bench_now();

	for (int i = 0; i < CALLS; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC))
			return;
		close(ends[0]);
		close(ends[1]);
	}
	instructions[0] = bench_now() - start;
}

KTAP_TEST(pipes, 600, "bench_calls")
{
	bench_begin();
	measure(make_pipes, "pipe+close", NULL);
	bench_end();
}
