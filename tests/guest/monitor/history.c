// SPDX-License-Identifier: GPL-2.0-only
/* Tests what is read from the task monitor. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/monitor.h"
#include "lib/user.h"

#define DROP_CACHES "/proc/sys/vm/drop_caches"

/* The number behind a word in a file of /proc */
static unsigned long proc_number(pid_t pid, const char *name, const char *word)
{
	char path[64], text[4096], *found;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	found = strstr(text, word);
	ASSERT_TRUE(found);
	return strtoul(found + strlen(word), NULL, 10);
}

/* In clock ticks */
static void proc_times(pid_t pid, unsigned long *utime, unsigned long *stime)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	ASSERT_EQ(
		sscanf(strrchr(text, ')'),
		       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		       utime, stime),
		2);
}

KTAP_TEST(sample_says_what_proc_says, 10, "taskmonitor")
{
	const unsigned long us_per_tick = 1000000 / sysconf(_SC_CLK_TCK);
	struct worker worker = worker_start(0);
	struct monitor_sample sample;
	unsigned long utime, stime;

	ASSERT_EQ(worker_call(&worker, held_grow, 10 * MIB / PAGE), 0);
	ASSERT_EQ(worker_call(&worker, monitor_spin, 300), 0);
	monitor_load("");
	ASSERT_EQ(monitor_start(worker.pid), 0);
	ASSERT_EQ(monitor_samples(worker.pid, &sample, NULL), 1);
	/* It waits for orders, so nothing has changed. */
	proc_times(worker.pid, &utime, &stime);
	EXPECT_GE(utime + stime, 29);
	EXPECT_EQ(sample.usr / us_per_tick, utime);
	EXPECT_EQ(sample.sys / us_per_tick, stime);
	EXPECT_EQ(sample.total, proc_number(worker.pid, "status", "VmSize:"));
	EXPECT_EQ(sample.stack, proc_number(worker.pid, "status", "VmStk:"));
	EXPECT_EQ(sample.data, proc_number(worker.pid, "status", "VmData:"));
	EXPECT_GE(sample.data, 10 * KIB);
	EXPECT_LE(sample.time, ktap_now_us());
	monitor_unload();
	worker_end(&worker);
}

KTAP_TEST(kernel_thread_has_no_sizes, 10, "taskmonitor")
{
	struct monitor_sample sample;

	monitor_load("");
	ASSERT_EQ(monitor_start(2), 0);
	ASSERT_EQ(monitor_samples(2, &sample, NULL), 1);
	EXPECT_EQ(sample.total + sample.stack + sample.data, 0);
	monitor_unload();
}

KTAP_TEST(samples_come_at_fixed_distances, 20, "taskmonitor")
{
	const unsigned long long period = 20000ULL * ktap_slowdown();
	struct monitor_sample first, last, sample;
	unsigned long long passed, off;
	FILE *history;
	size_t count;

	monitor_load("");
	monitor_set_period(period / 1000);
	ASSERT_EQ(monitor_start(getpid()), 0);
	monitor_wait_for("samples", 101);
	EXPECT_EQ(monitor_count("missed"), 0);
	monitor_set_period(3600000);

	count = monitor_samples(0, &first, &last);
	passed = last.time - first.time;
	printf("%llu us for %zu periods of %llu us\n", passed, count - 1,
	       period);
	/* As late as the last one may be, the first was not on the grid. */
	EXPECT_GE(passed, (count - 1) * period);
	EXPECT_LE(passed, (count - 1) * period + period / 5);
	history = monitor_open();
	for (size_t i = 0; i < count; i++) {
		ASSERT_TRUE(monitor_next(history, &sample));
		off = sample.time - first.time - i * period;
		EXPECT_LE(off, period / 5);
	}
	fclose(history);
	monitor_unload();
}

/* A process whose history has at least so many samples, and which has ended */
static pid_t make_history(size_t samples)
{
	struct worker worker = worker_start(0);
	unsigned long long before = monitor_count("taken");

	ASSERT_EQ(monitor_start(worker.pid), 0);
	monitor_wait_for("taken", before + samples);
	worker_end(&worker);
	ktap_waiting_for("the monitor to notice the end");
	while (monitor_count("running"))
		monitor_sleep_ms(1);
	ktap_waiting_for(NULL);
	return worker.pid;
}

static void load_with_short_period(void)
{
	monitor_load("");
	monitor_set_period(ktap_slowdown());
}

KTAP_TEST(ended_process_keeps_its_history, 10, "taskmonitor")
{
	struct monitor_sample first, last;
	size_t count;
	pid_t pid;

	load_with_short_period();
	pid = make_history(20);
	count = monitor_samples(pid, &first, &last);
	EXPECT_GE(count, 20);
	monitor_sleep_ms(50);
	EXPECT_EQ(monitor_samples(pid, &first, &last), count);
	EXPECT_EQ(monitor_count("tasks"), 1);
	EXPECT_EQ(monitor_stop(pid), 0);
	EXPECT_EQ(monitor_samples(0, NULL, NULL), 0);
	EXPECT_EQ(monitor_count("tasks"), 0);
	monitor_unload();
}

#define TEXT_SIZE (256 * KIB)

/* All that a file has from its place on, in reads of so many bytes */
static size_t read_text(int fd, char *text, size_t chunk)
{
	size_t length = 0;
	ssize_t ret;

	while ((ret = read(fd, text + length, chunk)) > 0) {
		length += ret;
		ASSERT_LE(length + chunk, TEXT_SIZE);
	}
	ASSERT_EQ(ret, 0);
	/* The end stays the end. */
	EXPECT_EQ(read(fd, text + length, chunk), 0);
	text[length] = '\0';
	return length;
}

static int open_history(void)
{
	int fd = open(MONITOR_HISTORY, O_RDONLY | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	return fd;
}

static char *new_text(void)
{
	char *text = malloc(TEXT_SIZE);

	ASSERT_TRUE(text);
	return text;
}

KTAP_TEST(history_is_the_same_whatever_the_size_of_reads, 20, "taskmonitor")
{
	static const size_t chunks[] = { 1, 7, 4095, 4096, 65536 };
	char *whole = new_text(), *text = new_text();
	struct monitor_sample first, last;
	int fd;

	load_with_short_period();
	make_history(400);
	make_history(10);
	fd = open_history();
	EXPECT_GT(read_text(fd, whole, 1000), 6 * PAGE);
	close(fd);
	EXPECT_GT(monitor_samples(0, &first, &last), 409);
	EXPECT_NE(first.pid, last.pid);
	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++) {
		fd = open_history();
		read_text(fd, text, chunks[i]);
		EXPECT_EQ(strcmp(whole, text), 0);
		close(fd);
	}
	free(whole);
	free(text);
	monitor_unload();
}

KTAP_TEST(history_can_be_sought_in, 20, "taskmonitor")
{
	char *whole = new_text(), *text = new_text();
	size_t length;
	int fd;

	load_with_short_period();
	make_history(300);
	fd = open_history();
	length = read_text(fd, whole, 4096);
	for (size_t place = 0; place < length; place += 1237) {
		size_t left = length - place < 500 ? length - place : 500;

		ASSERT_EQ(pread(fd, text, 500, place), left);
		EXPECT_EQ(memcmp(text, whole + place, left), 0);
	}
	EXPECT_EQ(pread(fd, text, 500, length), 0);
	EXPECT_EQ(pread(fd, text, 500, length + 100000), 0);
	ASSERT_EQ(lseek(fd, length / 2, SEEK_SET), length / 2);
	read_text(fd, text, 100);
	EXPECT_EQ(strcmp(text, whole + length / 2), 0);
	ASSERT_EQ(lseek(fd, 0, SEEK_SET), 0);
	read_text(fd, text, 4096);
	EXPECT_EQ(strcmp(text, whole), 0);
	EXPECT_EQ(lseek(fd, -1, SEEK_SET), -1);
	close(fd);
	free(whole);
	free(text);
	monitor_unload();
}

KTAP_TEST(reading_ends_while_samples_come_faster, 20, "taskmonitor")
{
	unsigned long long taken;
	struct monitor_sample last;
	char line[64], *text = new_text();
	size_t length = 0;
	ssize_t ret;
	int fd;

	load_with_short_period();
	ASSERT_EQ(monitor_start(getpid()), 0);
	monitor_wait_for("samples", 200);
	fd = open_history();
	taken = monitor_count("taken");
	while ((ret = read(fd, line, sizeof(line))) > 0) {
		memcpy(text + length, line, ret);
		length += ret;
		/* Several samples come for each that is read. */
		monitor_sleep_ms(3);
	}
	text[length] = '\0';
	EXPECT_EQ(ret, 0);
	close(fd);
	EXPECT_GT(monitor_samples(0, NULL, &last), 2 * taken);
	length = 0;
	for (const char *c = text; (c = strchr(c, '\n')); c++)
		length++;
	EXPECT_GE(length, 200);
	EXPECT_LE(length, taken + 3);
	free(text);
	monitor_unload();
}

KTAP_TEST(reader_survives_the_removal_of_what_it_reads, 20, "taskmonitor")
{
	struct monitor_sample sample;
	size_t read_of[2] = { 0 }, second;
	pid_t pids[2];
	FILE *history;

	load_with_short_period();
	pids[0] = make_history(300);
	pids[1] = make_history(100);
	second = monitor_samples(pids[1], NULL, NULL);
	history = monitor_open();
	for (int i = 0; i < 10; i++)
		ASSERT_TRUE(monitor_next(history, &sample));
	EXPECT_EQ(sample.pid, pids[0]);
	EXPECT_EQ(monitor_stop(pids[0]), 0);
	while (monitor_next(history, &sample))
		read_of[sample.pid == pids[1]]++;
	EXPECT_LT(read_of[0], 250);
	EXPECT_EQ(read_of[1], second);
	fclose(history);
	monitor_unload();
}

KTAP_TEST(reader_survives_the_shrinker, 20, "taskmonitor")
{
	struct monitor_sample sample, before;
	size_t count = 0;
	FILE *history;
	pid_t pid;

	load_with_short_period();
	pid = make_history(500);
	history = monitor_open();
	ASSERT_TRUE(monitor_next(history, &before));
	ASSERT_EQ(file_write(DROP_CACHES, "2"), 0);
	printf("%llu given back\n", monitor_count("shrunk"));
	EXPECT_GE(monitor_count("shrunk"), 200);
	while (monitor_next(history, &sample)) {
		EXPECT_EQ(sample.pid, pid);
		EXPECT_GT(sample.time, before.time);
		before = sample;
		count++;
	}
	/*
	 * It finds at least what was read before, and the sample that it was
	 * about to read.
	 */
	EXPECT_GT(count, 40);
	EXPECT_LT(count, 500);
	fclose(history);
	monitor_unload();
}

/**
 * struct newest - what sysfs should show, from the end of a history backwards
 * @samples: of one process, oldest first
 * @left: how many have not been shown
 */
struct newest {
	struct monitor_sample samples[400];
	size_t left;
};

static void read_newest(struct newest *newest, pid_t pid)
{
	FILE *history = monitor_open();
	struct monitor_sample sample;

	newest->left = 0;
	while (monitor_next(history, &sample)) {
		if (sample.pid != pid)
			continue;
		ASSERT_LT(newest->left, ARRAY_SIZE(newest->samples));
		newest->samples[newest->left++] = sample;
	}
	fclose(history);
}

/* The newer last sample of two */
static struct newest *newer(struct newest *a, struct newest *b)
{
	if (!a->left || !b->left)
		return a->left ? a : b;
	return a->samples[a->left - 1].time > b->samples[b->left - 1].time ? a :
									     b;
}

static size_t newest_line(const struct newest *newest, char line[128])
{
	const struct monitor_sample *sample =
		&newest->samples[newest->left - 1];

	return sprintf(line, "pid %d usr %llu sys %llu\n", sample->pid,
		       sample->usr, sample->sys);
}

KTAP_TEST(sysfs_has_the_newest_in_whole_lines, 20, "taskmonitor")
{
	struct worker workers[2] = { worker_start(0), worker_start(0) };
	static struct newest newest[2];
	char text[2 * PAGE], line[128];
	size_t length, place = 0;
	struct newest *next;

	load_with_short_period();
	EXPECT_EQ(file_read(MONITOR_NEWEST, text, sizeof(text)), 0);
	EXPECT_STREQ(text, "");
	ASSERT_EQ(worker_call(&workers[0], monitor_spin, 30), 0);
	ASSERT_EQ(monitor_start(workers[0].pid), 0);
	ASSERT_EQ(monitor_start(workers[1].pid), 0);
	monitor_wait_for("samples", 300);
	worker_end(&workers[0]);
	worker_end(&workers[1]);
	monitor_sleep_ms(20);
	ASSERT_EQ(monitor_count("running"), 0);
	read_newest(&newest[0], workers[0].pid);
	read_newest(&newest[1], workers[1].pid);

	ASSERT_EQ(file_read(MONITOR_NEWEST, text, sizeof(text)), 0);
	length = strlen(text);
	EXPECT_LT(length, PAGE);
	while (place < length) {
		next = newer(&newest[0], &newest[1]);
		ASSERT_GT(next->left, 0);
		newest_line(next, line);
		ASSERT_EQ(strncmp(text + place, line, strlen(line)), 0);
		place += strlen(line);
		next->left--;
	}
	/* Whole lines, and as many as fit */
	EXPECT_EQ(place, length);
	next = newer(&newest[0], &newest[1]);
	ASSERT_GT(next->left, 0);
	EXPECT_GE(length + newest_line(next, line), PAGE);
	monitor_unload();
}
