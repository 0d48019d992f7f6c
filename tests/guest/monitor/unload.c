// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that the task monitor can be unloaded in the middle of everything else.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/monitor.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/slabs.h"
#include "lib/storm.h"
#include "lib/user.h"

KTAP_TEST(open_file_keeps_the_module, 10, "taskmonitor")
{
	char text[256];
	int history, newest;

	monitor_load("");
	ASSERT_EQ(monitor_start(getpid()), 0);
	history = open(MONITOR_HISTORY, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(history, 0);
	EXPECT_EQ(monitor_delete(), -EWOULDBLOCK);
	ASSERT_GT(read(history, text, 10), 0);
	EXPECT_EQ(monitor_delete(), -EWOULDBLOCK);
	EXPECT_GT(read(history, text, sizeof(text)), 0);
	close(history);

	history = open(MONITOR_STATS, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(history, 0);
	EXPECT_EQ(monitor_delete(), -EWOULDBLOCK);
	close(history);

	/* A file of sysfs does not, and has nothing to say any more. */
	newest = open(MONITOR_NEWEST, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(newest, 0);
	EXPECT_GT(pread(newest, text, sizeof(text), 0), 0);
	monitor_unload();
	EXPECT_EQ(pread(newest, text, sizeof(text), 0), -1);
	EXPECT_EQ(errno, ENODEV);
	close(newest);
}

/* Errors that anybody may get while the module comes and goes */
static bool expected(int error)
{
	return !error || error == ENOENT || error == ENXIO || error == ENODEV ||
	       error == EIO;
}

/* Every line that was read must be whole. */
static void check_lines(const char *text, size_t length)
{
	for (size_t i = 0; i + 4 < length; i++)
		if (text[i] == '\n' && strncmp(text + i + 1, "pid ", 4)) {
			KTAP_FAIL("expected a line, got \"%.40s\"",
				  text + i + 1);
			ktap_stop();
		}
}

/* Reads a file again and again, in pieces of so many bytes, until killed. */
static _Noreturn void read_for_ever(const char *path, size_t piece)
{
	struct random random = random_from(ktap_seed() + piece);
	static char text[65536];

	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t ret = 0;

		if (fd < 0) {
			ASSERT_TRUE(expected(errno));
			sched_yield();
			continue;
		}
		for (int i = random_below(&random, 10); i >= 0; i--) {
			ret = read(fd, text, piece);
			if (ret <= 0)
				break;
			if (strcmp(path, MONITOR_STATS))
				check_lines(text, ret);
		}
		ASSERT_TRUE(ret >= 0 || expected(errno));
		close(fd);
		/* Whoever unloads needs a moment at which nothing is open. */
		usleep(random_below(&random, 20000));
	}
}

static long read_history(long piece)
{
	read_for_ever(MONITOR_HISTORY, piece);
}

static long read_newest(long piece)
{
	read_for_ever(MONITOR_NEWEST, piece);
}

static long read_stats(long piece)
{
	read_for_ever(MONITOR_STATS, piece);
}

/* Starts processes that end soon, and stops some of them, until killed. */
static long start_short_lives(long seed)
{
	struct random random = random_from(seed);
	const pid_t parent = getpid();
	pid_t children[8] = { 0 };

	for (;;) {
		pid_t *child = &children[random_below(&random, 8)];
		int error = 0;

		if (*child) {
			if (random_below(&random, 2))
				error = monitor_stop(*child);
			ASSERT_TRUE(error == -ESRCH || expected(-error));
			kill(*child, SIGKILL);
			waitpid(*child, NULL, 0);
			if (random_below(&random, 2))
				monitor_stop(*child);
			*child = 0;
			continue;
		}
		*child = fork();
		if (!*child) {
			process_end_with(parent);
			/*
			 * Processes that have a file open have to get on, and
			 * close it.
			 */
			setpriority(PRIO_PROCESS, 0, 19);
			for (;;)
				monitor_spin(LONG_MAX);
		}
		ASSERT_GT(*child, 0);
		error = monitor_start(*child);
		/* A child has ended under this number, unnoticed as yet. */
		ASSERT_TRUE(error == -EEXIST || error == -ENOMEM ||
			    expected(-error));
		usleep(random_below(&random, 3000));
	}
}

/* Changes the parameters until killed. */
static long change_parameters(long seed)
{
	static const char *const periods[] = { "1", "2", "10", "1000" };
	static const char *const caps[] = { "1", "100", "10000", "1000000" };
	struct random random = random_from(seed);

	for (;;) {
		int error = file_write(MONITOR_PERIOD,
				       periods[random_below(&random, 4)]);

		ASSERT_TRUE(expected(-error));
		error = file_write(MONITOR_MAX, caps[random_below(&random, 4)]);
		ASSERT_TRUE(expected(-error));
		usleep(random_below(&random, 5000));
	}
}

/* Has reclaim look at all caches, again and again. */
static long drop_caches(long unused)
{
	/* From now on there is no line in the log for each write. */
	ASSERT_EQ(file_write("/proc/sys/vm/drop_caches", "4"), 0);
	for (;;) {
		ASSERT_EQ(file_write("/proc/sys/vm/drop_caches", "2"), 0);
		usleep(100000);
	}
}

#define CROWD 9

static void start_crowd(struct worker crowd[CROWD])
{
	for (int i = 0; i < CROWD; i++)
		crowd[i] = worker_start(0);
	worker_send(&crowd[0], read_history, 4096);
	worker_send(&crowd[1], read_history, 100);
	worker_send(&crowd[2], read_newest, 5000);
	worker_send(&crowd[3], read_stats, 4096);
	worker_send(&crowd[4], start_short_lives, ktap_seed());
	worker_send(&crowd[5], start_short_lives, ktap_seed() + 1);
	worker_send(&crowd[6], start_short_lives, ktap_seed() + 2);
	worker_send(&crowd[7], change_parameters, ktap_seed());
	worker_send(&crowd[8], drop_caches, 0);
}

/* They must have lived until now. */
static void end_crowd(struct worker crowd[CROWD])
{
	for (int i = 0; i < CROWD; i++) {
		EXPECT_TRUE(worker_alive(&crowd[i]));
		kill(crowd[i].pid, SIGKILL);
		EXPECT_TRUE(worker_was_killed(&crowd[i]));
	}
}

/* Unloads as soon as nobody has a file open. */
static void unload_soon(void)
{
	int error;

	ktap_waiting_for("a moment without readers");
	while ((error = monitor_delete()) == -EWOULDBLOCK)
		usleep(100);
	ktap_waiting_for(NULL);
	ASSERT_EQ(error, 0);
}

KTAP_TEST(unload_under_load_leaves_nothing, 300, "taskmonitor taskmonitor_smp")
{
	/* With several CPUs somebody has a file open almost always. */
	const unsigned int rounds = ktap_volume("unloads");
	struct worker crowd[CROWD];

	/*
	 * The kernel takes the last reference of a module before it says that the module
	 * goes (try_stop_module()), and warns of a file that is opened in between: the
	 * host has to leave the CPU that unloads just then. A file that is left for good
	 * is in the way of the next load.
	 */
	printf("expect-splat ^WARNING: .* full_proxy_open\n");
	monitor_load("period_ms=1");
	start_crowd(crowd);
	for (unsigned int i = 0; i < rounds; i++) {
		monitor_sleep_ms(20);
		unload_soon();
		ASSERT_EQ(monitor_insert("period_ms=1"), 0);
	}
	end_crowd(crowd);
	monitor_unload();
}

KTAP_TEST(storm_of_processes_readers_and_reclaim_is_survived, 300,
	  "taskmonitor taskmonitor_smp")
{
	struct worker crowd[CROWD], steady = worker_start(0);
	struct monitor_sample last;
	const uint64_t storm_us = ktap_volume("storm_ms") * 1000ULL;
	uint64_t begin = ktap_now_us();

	monitor_load("period_ms=1");
	ASSERT_EQ(monitor_start(steady.pid), 0);
	start_crowd(crowd);
	/* Guest time, whatever the kernel: what matters is that nothing breaks. */
	while (ktap_now_us() - begin < storm_us) {
		monitor_sleep_ms(10);
		monitor_samples(steady.pid, NULL, &last);
	}
	end_crowd(crowd);
	ASSERT_EQ(file_write(MONITOR_MAX, "100000"), 0);
	monitor_set_period(1);
	begin = ktap_now_us();
	ktap_waiting_for("a sample taken after the storm");
	do {
		monitor_sleep_ms(1);
		monitor_samples(steady.pid, NULL, &last);
	} while (last.time < begin);
	ktap_waiting_for(NULL);
	printf("%llu taken, %llu shrunk, %llu capped, %llu recycled, %llu lost, %llu missed\n",
	       monitor_count("taken"), monitor_count("shrunk"),
	       monitor_count("capped"), monitor_count("recycled"),
	       monitor_count("lost"), monitor_count("missed"));
	EXPECT_GT(monitor_count("shrunk"), 0);
	EXPECT_EQ(monitor_count("samples") + monitor_count("shrunk") +
				  monitor_count("capped") +
				  monitor_count("recycled") <=
			  monitor_count("taken"),
		  true);
	monitor_unload();
	worker_end(&steady);
}

#define MONITORED 64
#define LOADS 40

/* A task that is monitored takes at least 64 bytes, and its samples go with their cache. */
KTAP_TEST(unload_with_monitored_tasks_leaves_no_memory_behind, 120,
	  "taskmonitor")
{
	struct worker workers[MONITORED];
	long before = 0;

	for (int i = 0; i < MONITORED; i++)
		workers[i] = worker_start(0);
	for (int load = -5; load < LOADS; load++) {
		if (!load)
			before = slabs_used();
		monitor_load("period_ms=1");
		for (int i = 0; i < MONITORED; i++)
			ASSERT_EQ(monitor_start(workers[i].pid), 0);
		monitor_wait_for("taken", 2 * MONITORED);
		monitor_unload();
	}
	slabs_expect_grown_less(before, LOADS * MONITORED * 64 / KIB / 4);
	for (int i = 0; i < MONITORED; i++)
		worker_end(&workers[i]);
}
