// SPDX-License-Identifier: GPL-2.0-only
/* Tests the moments at which oomrankd ranks, above all when memory is short. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mount.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/actor.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/processes.h"
#include "lib/program.h"
#include "lib/rankd.h"
#include "lib/swap.h"

#define DUMP_TASKS "/proc/sys/vm/oom_dump_tasks"

KTAP_TEST(ranks_at_intervals_without_pressure, 30, "oom")
{
	const unsigned int interval_us = 3000000 * ktap_slowdown();
	const unsigned int slack_us = interval_us / 30;
	uint64_t first_us = 0, late_us;
	char interval[16];

	snprintf(interval, sizeof(interval), "%us", interval_us / 1000000);
	RANKD_START("--interval", interval);
	for (int i = 0; i < 6; i++) {
		rankd_await("interval");
		if (!i)
			first_us = ktap_now_us();
		/* The first one may itself have been late. */
		late_us = (ktap_now_us() - first_us + slack_us) % interval_us;
		EXPECT_LE(late_us, 2 * slack_us);
	}
	EXPECT_EQ(occurrences(oomrankd.text, "pressure"), 0);
	rankd_end();
}

/*
 * This is more than fits, over and over, so somebody waits for memory most of
 * the time.
 */
KTAP_TEST(pressure_wakes_it, 60, "oom")
{
	struct worker presser = presser_start();

	swap_on(64 * MIB);
	RANKD_START("--interval", "10h");
	presser_leave(&presser, 16 * MIB);
	background_drain(&oomrankd);
	EXPECT_EQ(occurrences(oomrankd.text, "oomrankd: pressure: "), 0);
	ktap_waiting_for("a ranking under pressure");
	for (int i = 0; i < 24 * 16; i++)
		presser_take(&presser);
	do {
		worker_call(&presser, held_damage, 0);
		background_drain(&oomrankd);
	} while (!strstr(oomrankd.text, "oomrankd: pressure: "));
	ktap_waiting_for(NULL);
	EXPECT_EQ(occurrences(oomrankd.text, "oomrankd: interval: "), 0);
	rankd_end();
	presser_end(&presser);
	EXPECT_EQ(swap_remove(), 0);
}

/* It is as if the kernel was built without, or started with psi=0. */
KTAP_TEST(goes_on_without_pressure_information, 30, "oom")
{
	ASSERT_EQ(mount("none", "/proc/pressure", "tmpfs", 0, NULL), 0);
	RANKD_START("-i", "1s");
	EXPECT_EQ(occurrences(oomrankd.text,
			      "oomrankd: memory pressure is not told"),
		  1);
	rankd_await("interval");
	rankd_await("interval");
	EXPECT_EQ(occurrences(oomrankd.text, "pressure"), 1);
	rankd_end();
	ASSERT_EQ(umount("/proc/pressure"), 0);

	RANKD_START("-i", "1s", "--psi", "off");
	rankd_await("interval");
	EXPECT_EQ(occurrences(oomrankd.text, "pressure"), 0);
	rankd_end();
}

/**
 * struct cost - what a process has taken so far
 * @cpu_ms: time
 * @faults: pages that were not there when it wanted them
 * @vm: what it has mapped, in KiB
 * @locked: what of it is locked
 */
struct cost {
	unsigned long cpu_ms;
	unsigned long faults;
	unsigned long vm;
	unsigned long locked;
};

static unsigned long field(const char *text, const char *name)
{
	const char *found = strstr(text, name);

	ASSERT_TRUE(found);
	return strtoul(found + strlen(name), NULL, 10);
}

static struct cost cost_of(pid_t pid)
{
	unsigned long minor, major, user, system;
	char path[32], text[4096];
	struct cost cost;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	ASSERT_EQ(sscanf(strrchr(text, ')'),
			 ") %*c %*d %*d %*d %*d %*d %*u %lu %*u %lu", &minor,
			 &major),
		  2);
	cost.faults = minor + major;
	snprintf(path, sizeof(path), "/proc/%d/oom", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	ASSERT_EQ(sscanf(text, "%*d %lu %lu", &user, &system), 2);
	cost.cpu_ms = (user + system) * 1000 / sysconf(_SC_CLK_TCK);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	cost.vm = field(text, "\nVmSize:");
	cost.locked = field(text, "\nVmLck:");
	return cost;
}

KTAP_TEST(wake_ups_take_no_memory, 30, "oom")
{
	struct cast cast;
	static const struct actor crowd = {
		.name = "crowd",
		.touched_mib = 0,
		.copies = 40,
	};
	struct cost before, after;
	const unsigned int rankings = ktap_volume("rankings");

	RANKD_START("-i", "1h");
	before = cost_of(oomrankd.pid);
	/* All but what the kernel maps into every process, which is no memory */
	EXPECT_GE(before.locked + 16, before.vm);
	actor_start(&cast, &crowd);
	for (unsigned int i = 0; i < rankings; i++)
		rankd_rank();
	after = cost_of(oomrankd.pid);
	printf("%u rankings of 40 processes and the system's took %lu ms\n",
	       rankings, after.cpu_ms - before.cpu_ms);
	EXPECT_EQ(after.faults, before.faults);
	EXPECT_EQ(after.vm, before.vm);
	rankd_end();
	actor_end(&cast);
}

/* The smallest worker reserves so many pages, and becomes the first. */
static long reserve(long pages)
{
	region_map(pages);
	return 0;
}

/*
 * There is no swap space, and memory is nearly at the point where the kernel
 * would kill. The daemon has to tell by then.
 */
KTAP_TEST(works_when_memory_is_nearly_gone, 60, "oom")
{
	static const struct actor large = { .name = "large", .touched_mib = 8 };
	struct worker presser = presser_start();
	struct worker small = worker_start(USER_A);
	struct cast cast;

	actor_start(&cast, &large);
	RANKD_START("-i", "10h");
	EXPECT_GT(rankd_place(small.pid), rankd_place(cast.workers[0].pid));
	presser_leave(&presser, 2 * memory_minimum());
	ASSERT_EQ(worker_call(&small, reserve, 64 * MIB / PAGE), 0);
	rankd_rank();
	printf("%lu bytes are free, the kernel kills below %lu\n",
	       memory_free(), memory_minimum());
	EXPECT_LT(memory_free(), 3 * memory_minimum());
	EXPECT_EQ(rankd_place(small.pid), 0);
	EXPECT_TRUE(worker_alive(&small));
	EXPECT_TRUE(!actor_has_died(&cast));
	presser_end(&presser);
	rankd_end();
	actor_end(&cast);
	worker_end(&small);
}

/* Niced, it comes before one that is half as large again. */
KTAP_TEST(its_first_is_the_systems_first, 60, "oom")
{
	static const struct actor niced = { .name = "niced",
					    .touched_mib = 8,
					    .nice = 5 };
	static const struct actor large = { .name = "large",
					    .touched_mib = 12 };
	struct worker presser = presser_start();
	struct cast first, second;
	struct klog log;

	printf("expect-splat invoked oom-killer\n");
	printf("expect-splat ^Out of memory: Killed process\n");
	ASSERT_EQ(file_write(DUMP_TASKS, "0"), 0);
	actor_start(&first, &niced);
	actor_start(&second, &large);
	RANKD_START("-i", "1h");
	EXPECT_EQ(rankd_place(first.workers[0].pid), 0);
	log = klog_open();
	presser_leave(&presser, 8 * MIB);
	while (!actor_has_died(&first) && !actor_has_died(&second))
		presser_take(&presser);
	EXPECT_TRUE(actor_has_died(&first));
	EXPECT_TRUE(!actor_has_died(&second));
	klog_wait(&log, "oom_candidates: process ");
	EXPECT_TRUE(strstr(log.text, "(niced) is number 1 of "));
	klog_close(&log);
	EXPECT_EQ(rankd_place(first.workers[0].pid), -1);
	presser_end(&presser);
	rankd_end();
	actor_end(&first);
	actor_end(&second);
	ASSERT_EQ(file_write(DUMP_TASKS, "1"), 0);
}
