// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the task monitor with many processes, many samples and little memory.
 */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/monitor.h"
#include "lib/processes.h"
#include "lib/storm.h"
#include "lib/user.h"

static struct worker *start_workers(size_t count)
{
	struct worker *workers = calloc(count, sizeof(*workers));

	ASSERT_TRUE(workers);
	for (size_t i = 0; i < count; i++)
		workers[i] = worker_start(0);
	return workers;
}

static void end_workers(struct worker *workers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		worker_end(&workers[i]);
	free(workers);
}

KTAP_TEST(many_processes_are_sampled_at_once, 60, "taskmonitor taskmonitor_smp")
{
	const unsigned int count = ktap_volume("processes");
	const unsigned int period = 20 * ktap_slowdown();
	struct worker *workers = start_workers(count);
	struct monitor_sample sample;
	size_t *samples = calloc(count, sizeof(*samples)), least = SIZE_MAX,
	       most = 0;
	unsigned long long missed;
	FILE *history;

	ASSERT_TRUE(samples);
	monitor_load("");
	monitor_set_period(period);
	for (unsigned int i = 0; i < count; i++)
		ASSERT_EQ(monitor_start(workers[i].pid), 0);
	EXPECT_EQ(monitor_count("running"), count);
	monitor_wait_for("taken", monitor_count("taken") + 30 * count);
	missed = monitor_count("missed");
	EXPECT_EQ(monitor_count("lost"), 0);

	/* They come in the order in which they were started. */
	history = monitor_open();
	for (unsigned int i = 0; monitor_next(history, &sample);) {
		while (i < count && sample.pid != workers[i].pid)
			i++;
		ASSERT_LT(i, count);
		samples[i]++;
	}
	fclose(history);
	for (unsigned int i = 0; i < count; i++) {
		least = samples[i] < least ? samples[i] : least;
		most = samples[i] > most ? samples[i] : most;
	}
	printf("%zu to %zu samples of each, %llu missed\n", least, most,
	       missed);
	EXPECT_GE(least, 29);
	/* Starting all took a while, in which the first were sampled. */
	EXPECT_LE(most, least + 60 + missed / count);
	free(samples);
	end_workers(workers, count);
	monitor_unload();
}

KTAP_TEST(overload_leaves_rounds_out_and_goes_on, 60,
	  "taskmonitor taskmonitor_smp")
{
	enum { COUNT = 100 };
	const int rounds = ktap_volume("rounds");
	struct worker *workers = start_workers(COUNT);
	unsigned long long taken;

	monitor_load("period_ms=1");
	for (int i = 0; i < COUNT; i++)
		ASSERT_EQ(monitor_start(workers[i].pid), 0);
	for (int i = 0; i < rounds; i++) {
		taken = monitor_count("taken");
		monitor_sleep_ms(50);
		/* With several CPUs the host decides how fast that goes. */
		monitor_wait_for("taken", taken + COUNT);
	}
	printf("%llu taken, %llu missed\n", monitor_count("taken"),
	       monitor_count("missed"));
	EXPECT_GT(monitor_count("missed"), 0);
	end_workers(workers, COUNT);
	monitor_unload();
}

/* The process of this name, and how long it has run, in clock ticks */
static unsigned long ticks_of(const char *name)
{
	unsigned long utime, stime, sum = 0;
	DIR *proc = opendir("/proc");
	char path[300], text[1024];
	struct dirent *entry;

	ASSERT_TRUE(proc);
	while ((entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		if (atoi(entry->d_name) <= 0 ||
		    file_read(path, text, sizeof(text)) || !strstr(text, name))
			continue;
		ASSERT_EQ(
			sscanf(strrchr(text, ')'),
			       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			       &utime, &stime),
			2);
		sum += utime + stime;
	}
	closedir(proc);
	return sum;
}

KTAP_TEST(one_millisecond_is_kept_up_with, 100, "taskmonitor")
{
	const unsigned int seconds = ktap_volume("seconds");
	struct monitor_sample first, last;
	unsigned long long missed, us;
	size_t count;

	monitor_load("period_ms=1");
	ASSERT_EQ(monitor_start(getpid()), 0);
	/*
	 * The time is not multiplied by the slowdown: a slow kernel has to keep
	 * up, too.
	 */
	for (unsigned int i = 0; i < seconds; i++)
		sleep(1);
	monitor_set_period(3600000);
	missed = monitor_count("missed");
	count = monitor_samples(0, &first, &last);
	us = last.time - first.time;
	printf("%zu samples in %llu us, %llu missed, %lu ticks of CPU time\n",
	       count, us, missed, ticks_of("(" MONITOR_THREAD ")"));
	EXPECT_GE(us, (seconds - 1) * 1000000ULL);
	/* Each millisecond has a sample, or counts as missed. */
	EXPECT_LE(llabs((long long)(count + missed - 1 - us / 1000)),
		  2 * ktap_slowdown());
	EXPECT_EQ(monitor_count("lost"), 0);
	/* A kernel for debugging may need all of that for a sample. */
	if (ktap_slowdown() == 1) {
		EXPECT_LE(missed, count / 100);
		/* Far from busy */
		EXPECT_LT(ticks_of("(" MONITOR_THREAD ")"),
			  seconds * sysconf(_SC_CLK_TCK) / 10);
	}
	monitor_unload();
}

static struct monitor_sample first_sample(void)
{
	struct monitor_sample sample;
	FILE *history = monitor_open();

	ASSERT_TRUE(monitor_next(history, &sample));
	fclose(history);
	return sample;
}

#define HOGS 3

/* Free memory below which kswapd begins, in ten-thousandths */
#define WATERMARKS "/proc/sys/vm/watermark_scale_factor"

/*
 * Fills memory, a bit of each hog in turn, until the shrinker has given
 * something back.
 */
static void fill_memory(struct worker hogs[HOGS])
{
	const size_t step = MIB / 4 / PAGE;

	for (size_t filled = 0; filled < HOGS * HELD_PAGES; filled += step) {
		if (monitor_count("shrunk"))
			return;
		long ret = worker_call(&hogs[filled / step % HOGS], held_grow,
				       step);

		ASSERT_TRUE(!ret || ret == WORKER_DIED);
	}
	KTAP_FAIL("expected the shrinker to run before memory is full");
}

KTAP_TEST(memory_pressure_takes_the_oldest_and_sampling_goes_on, 300,
	  "taskmonitor taskmonitor_smp")
{
	enum { COUNT = 20 };
	struct worker *workers = start_workers(COUNT), hogs[HOGS];
	struct monitor_sample oldest;
	unsigned long long taken;

	for (int i = 0; i < HOGS; i++) {
		hogs[i] = worker_start(0);
		process_set_oom_score_adj(hogs[i].pid, "1000");
	}
	/* kswapd begins early enough to be ahead of those who fill. */
	ASSERT_EQ(file_write(WATERMARKS, "300"), 0);
	/* Where two pages in a row are wanted, the kernel may take one of the hogs. */
	printf("expect-splat invoked oom-killer\n"
	       "expect-splat ^Out of memory: Killed process\n");
	monitor_load("");
	monitor_set_period(ktap_slowdown());
	for (int i = 0; i < COUNT; i++)
		ASSERT_EQ(monitor_start(workers[i].pid), 0);
	monitor_wait_for("taken", ktap_volume("samples"));
	EXPECT_EQ(monitor_count("shrunk"), 0);
	oldest = first_sample();

	fill_memory(hogs);
	/* Memory is as short as before. */
	taken = monitor_count("taken");
	monitor_wait_for("taken", taken + COUNT + 1);
	EXPECT_EQ(monitor_count("lost"), 0);

	/*
	 * When memory is short, the shrinker may take all samples that there
	 * are.
	 */
	for (int i = 0; i < HOGS; i++)
		worker_end_or_die(&hogs[i]);
	ASSERT_EQ(file_write(WATERMARKS, "10"), 0);
	monitor_wait_for("taken", monitor_count("taken") + 10 * COUNT);
	monitor_set_period(3600000);
	EXPECT_GT(first_sample().time, oldest.time);
	EXPECT_GT(monitor_expect_given_back(), 0);
	end_workers(workers, COUNT);
	monitor_unload();
}

KTAP_TEST(module_loads_and_unloads_again_and_again, 60, "taskmonitor")
{
	const int loads = ktap_volume("loads");
	struct worker *workers = start_workers(3);
	char parameters[64];

	monitor_load("");
	monitor_unload();
	for (int i = 0; i < loads; i++) {
		snprintf(parameters, sizeof(parameters),
			 "period_ms=1 target=%d", workers[i % 3].pid);
		ASSERT_EQ(monitor_insert(parameters), 0);
		EXPECT_EQ(monitor_start(workers[(i + 1) % 3].pid), 0);
		if (i % 4)
			monitor_sleep_ms(i % 4);
		ASSERT_EQ(monitor_delete(), 0);
	}
	monitor_expect_no_trace();
	end_workers(workers, 3);
}
