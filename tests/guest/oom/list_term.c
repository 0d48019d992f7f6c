// SPDX-License-Identifier: GPL-2.0-only
/* Tests /proc/oom: candidates with raw access to hardware get SIGTERM first. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/pressure.h"
#include "lib/processes.h"
#include "lib/user.h"

#define SMALL (24 * MIB)
#define BIG (64 * MIB)
#define WAIT_MS 1000
/* Time to get to its handler, without memory, and on a slow kernel */
#define LONG_WAIT_MS (ktap_slowdown() > 1 ? 10000 : 3000)

/* The exit status of a process that has handled SIGTERM */
#define WELL 42

static const char term_wait[] = "/proc/sys/vm/oom_term_wait_ms";

static void set_wait(unsigned int ms)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", ms);
	ASSERT_EQ(file_write(term_wait, text), 0);
}

/* How often SIGTERM came; shared with the test */
static struct region counter;

static void count_signal(int signal)
{
	__atomic_fetch_add(&counter.base[0], 1, __ATOMIC_SEQ_CST);
}

static unsigned long signals(void)
{
	return __atomic_load_n(&counter.base[0], __ATOMIC_SEQ_CST);
}

static void end_well(int signal)
{
	count_signal(signal);
	_exit(WELL);
}

static void give_memory_back(int signal)
{
	count_signal(signal);
	held_shrink(SMALL / PAGE);
}

static void (*const handlers[])(int) = { SIG_IGN, count_signal, end_well,
					 give_memory_back };
enum handler { IGNORE, COUNT, END, GIVE_BACK };

static long handle_sigterm(long handler)
{
	return signal(SIGTERM, handlers[handler]) == SIG_ERR ? -1 : 0;
}

static struct worker start_handling(uid_t uid, enum handler handler,
				    unsigned long bytes)
{
	struct worker worker = worker_start(uid);

	ASSERT_EQ(worker_call(&worker, handle_sigterm, handler), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, bytes / PAGE), 0);
	return worker;
}

static struct pressure begin(void)
{
	counter = region_map_common(1);
	return pressure_begin();
}

static void end(struct pressure *pressure, struct worker *intact)
{
	EXPECT_EQ(worker_call(intact, held_damage, 0), 0);
	worker_end(intact);
	pressure_end(pressure);
	region_unmap(&counter);
	OOMLIST_EXPECT_EMPTY();
}

KTAP_TEST(raw_io_candidate_ends_by_sigterm, 60, "oomlist")
{
	unsigned long before = system_oom_kills();
	struct pressure pressure = begin();
	struct worker w[2] = { start_handling(0, END, SMALL),
			       start_holding(USER_B, BIG) };

	/* However slow the kernel is */
	set_wait(LONG_WAIT_MS);
	OOMLIST_SET(w[0].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 2), 0);
	EXPECT_EQ(worker_wait(&w[0]), WELL << 8);
	EXPECT_EQ(signals(), 1);
	EXPECT_EQ(system_oom_kills(), before);
	set_wait(WAIT_MS);
	end(&pressure, &w[1]);
}

KTAP_TEST(others_get_no_sigterm, 60, "oomlist")
{
	struct pressure pressure = begin();
	struct worker w[2] = { start_handling(USER_A, END, SMALL),
			       start_holding(USER_B, BIG) };

	OOMLIST_SET(w[0].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 2), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	EXPECT_EQ(signals(), 0);
	end(&pressure, &w[1]);
}

static void expect_killed_in_time(struct klog *log, unsigned int wait_ms)
{
	uint64_t told_us;

	klog_wait(log, "SIGTERM for process");
	told_us = log->time_us;
	klog_wait(log, "Killed process");
	printf("killed %llu us after SIGTERM\n",
	       (unsigned long long)(log->time_us - told_us));
	EXPECT_GE(log->time_us - told_us, wait_ms * 1000);
	if (ktap_time_is_counted())
		EXPECT_LE(log->time_us - told_us,
			  wait_ms * 1000 + 200000 * ktap_slowdown());
}

KTAP_TEST(raw_io_candidate_that_ignores_sigterm_is_killed_in_time, 60,
	  "oomlist")
{
	unsigned long before = system_oom_kills();
	struct pressure pressure = begin();
	struct worker w[2] = { start_handling(0, IGNORE, SMALL),
			       start_holding(USER_B, BIG) };
	struct klog log = klog_open();

	OOMLIST_SET(w[0].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 2), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	EXPECT_EQ(system_oom_kills(), before + 1);
	expect_killed_in_time(&log, WAIT_MS);
	klog_close(&log);
	end(&pressure, &w[1]);
}

KTAP_TEST(raw_io_candidate_is_killed_at_once_without_a_wait, 60, "oomlist")
{
	struct pressure pressure = begin();
	struct worker w[2] = { start_handling(0, END, SMALL),
			       start_holding(USER_B, BIG) };

	EXPECT_EQ(file_write(term_wait, "10001"), -EINVAL);
	EXPECT_EQ(file_write(term_wait, "-1"), -EINVAL);
	ASSERT_EQ(file_write(term_wait, "0"), 0);
	OOMLIST_SET(w[0].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 2), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	EXPECT_EQ(signals(), 0);
	set_wait(WAIT_MS);
	end(&pressure, &w[1]);
}

/*
 * It is the one that allocates. Were it to wait for memory it would never handle
 * the signal, and die at the end of the wait.
 */
KTAP_TEST(raw_io_candidate_that_needs_memory_gets_to_its_handler, 60, "oomlist")
{
	struct pressure pressure = begin();
	struct worker w[2] = { start_handling(0, END, SMALL),
			       start_holding(USER_B, BIG) };
	struct klog log = klog_open();
	uint64_t told_us;

	set_wait(LONG_WAIT_MS);
	OOMLIST_SET(w[0].pid);
	pressure_leave(&pressure, BIG);
	EXPECT_EQ(worker_call(&w[0], held_grow, HELD_PAGES - SMALL / PAGE),
		  WORKER_DIED);
	told_us = ktap_now_us();
	EXPECT_EQ(worker_wait(&w[0]), WELL << 8);
	EXPECT_EQ(signals(), 1);
	klog_wait(&log, "SIGTERM for process");
	printf("ended %lld us after SIGTERM\n",
	       (long long)(told_us - log.time_us));
	EXPECT_LT(told_us, log.time_us + LONG_WAIT_MS * 1000);
	klog_close(&log);
	set_wait(WAIT_MS);
	end(&pressure, &w[1]);
}

/* For a root worker: puts a process on the list again and again. */
static long list_for_ever(long pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%ld\n", pid);
	while (!oomlist_write(text))
		usleep(20000);
	return -1;
}

KTAP_TEST(sigterm_comes_only_once, 120, "oomlist oomlist_smp")
{
	unsigned long before = system_oom_kills();
	struct pressure pressure = begin();
	struct worker w[2] = { start_handling(0, COUNT, SMALL),
			       start_holding(USER_B, BIG) };
	struct worker daemon = worker_start(0);
	struct klog log = klog_open();

	set_wait(LONG_WAIT_MS);
	OOMLIST_SET(w[0].pid);
	worker_send(&daemon, list_for_ever, w[0].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 2), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	EXPECT_EQ(signals(), 1);
	EXPECT_EQ(system_oom_kills(), before + 1);
	expect_killed_in_time(&log, LONG_WAIT_MS);
	klog_close(&log);
	set_wait(WAIT_MS);
	ASSERT_EQ(kill(daemon.pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&daemon));
	end(&pressure, &w[1]);
}

/*
 * One that made room instead of ending. At the next shortage within a minute it
 * is the first to go, listed or not, later it is a process like any other.
 */
static void expect_next_victim(unsigned int later_s, int victim)
{
	struct pressure pressure = begin();
	struct worker w[3] = { start_handling(0, GIVE_BACK, 2 * SMALL),
			       start_holding(USER_A, SMALL),
			       start_holding(USER_B, BIG) };

	OOMLIST_SET(w[0].pid);
	ktap_waiting_for("SIGTERM");
	while (!signals())
		pressure_grow(&pressure, MIB);
	ktap_waiting_for(NULL);
	sleep(later_s);
	OOMLIST_SET(w[1].pid);
	EXPECT_EQ(pressure_until_death(&pressure, w, 3), victim);
	EXPECT_TRUE(worker_was_killed(&w[victim]));
	EXPECT_EQ(signals(), 1);
	worker_end(&w[1 - victim]);
	end(&pressure, &w[2]);
}

KTAP_TEST(who_outlives_sigterm_goes_first_the_next_time, 150, "oomlist")
{
	expect_next_victim(30, 0);
}

KTAP_TEST(who_has_outlived_sigterm_for_long_is_like_any_other, 150, "oomlist")
{
	expect_next_victim(65, 1);
}
