// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests /proc/mm_limit_kills: what is remembered of those who were killed, for whom, and
 * for how long.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/exiting.h"
#include "lib/held.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/swap.h"
#include "lib/usage.h"

#define FILE_NAME "/proc/mm_limit_kills"
#define LIMIT (8 * MIB)

/* Kills that a limit remembers, processes that are named beside a victim */
#define REMEMBERED 8
#define BESIDE 5

static char text[64 * KIB];

/* Reads the file. Returns how many lines it has. */
static unsigned int read_kills(void)
{
	ASSERT_EQ(file_read(FILE_NAME, text, sizeof(text)), 0);
	return occurrences(text, "\n");
}

static long read_as(long unused)
{
	(void)unused;
	return read_kills();
}

/* The line of this number, from 0; there must be one. */
static const char *line(unsigned int number)
{
	const char *found = text;

	while (number-- && found) {
		found = strchr(found, '\n');
		found += !!found;
	}
	ASSERT_TRUE(found && *found);
	return found;
}

/* The value of a key in a line, in a buffer of its own; NULL: there is no such key. */
static const char *find(const char *at, const char *key)
{
	static char value[64];
	size_t length = strlen(key);

	for (; *at != '\n'; at += *at == ' ') {
		size_t field = strcspn(at, " \n");

		if (field > length && !memcmp(at, key, length) &&
		    at[length] == '=') {
			snprintf(value, sizeof(value), "%.*s",
				 (int)(field - length - 1), at + length + 1);
			return value;
		}
		at += field;
	}
	return NULL;
}

static const char *word(const char *at, const char *key)
{
	const char *value = find(at, key);

	if (!value)
		KTAP_FAIL("expected a field %s", key);
	return value ? value : "";
}

static unsigned long long number(const char *at, const char *key)
{
	char *end;
	const char *value = word(at, key);
	unsigned long long found = strtoull(value, &end, 10);

	EXPECT_TRUE(*value && !*end);
	return found;
}

/* The same with a number behind the key: pid3 */
static unsigned long long number_of(const char *at, const char *key,
				    unsigned int which)
{
	char name[16];

	snprintf(name, sizeof(name), "%s%u", key, which);
	return number(at, name);
}

static unsigned long long now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static long take_name(long name)
{
	return prctl(PR_SET_NAME, name);
}

/* Burns so many milliseconds of CPU time. */
static long burn(long ms)
{
	unsigned long long end =
		now_ns(CLOCK_PROCESS_CPUTIME_ID) + ms * 1000000ULL;

	while (now_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		;
	return 0;
}

static sem_t burnt;

static void *burn_and_stay(void *ms)
{
	burn((long)ms);
	sem_post(&burnt);
	for (;;)
		pause();
	return NULL;
}

/* The same by a thread that stays */
static long burn_in_a_thread(long ms)
{
	pthread_t thread;

	ASSERT_EQ(sem_init(&burnt, 0, 0), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, burn_and_stay, (void *)ms), 0);
	return sem_wait(&burnt);
}

/* Has a process of a user killed for its limit, and waits for its end. */
static pid_t have_one_killed(uid_t uid)
{
	struct worker worker = worker_start(uid);

	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	return worker.pid;
}

KTAP_TEST(kills_are_for_reading_only, 10, "calls")
{
	struct stat status;

	ASSERT_EQ(stat(FILE_NAME, &status), 0);
	EXPECT_EQ(status.st_mode, S_IFREG | 0444);
	EXPECT_EQ(read_kills(), 0);
}

KTAP_TEST(kill_is_told_with_all_that_belongs_to_it, 20, "calls")
{
	unsigned long long boot, cpu;
	struct klog log = klog_open();
	struct kill_line kill;
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(read_kills(), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, take_name, (long)"glutton"), 0);
	ASSERT_EQ(worker_call(&worker, burn, 30), 0);
	boot = now_ns(CLOCK_BOOTTIME);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	klog_close(&log);

	ASSERT_EQ(read_kills(), 1);
	EXPECT_EQ(number(text, "uid"), USER_A);
	EXPECT_EQ(number(text, "number"), 1);
	EXPECT_GE(number(text, "boot_ns"), boot);
	EXPECT_LE(number(text, "boot_ns"), now_ns(CLOCK_BOOTTIME));
	EXPECT_STREQ(word(text, "reason"), "exceeded");
	EXPECT_STREQ(word(text, "policy"), "highest_rss");
	EXPECT_EQ(number(text, "usage"), kill.user_rss);
	EXPECT_EQ(number(text, "mm_max"), LIMIT);
	EXPECT_EQ(number(text, "pid"), kill.pid);
	EXPECT_EQ(number(text, "memory"), kill.rss);
	EXPECT_STREQ(word(text, "name"), "glutton");
	cpu = number(text, "cpu_ns");
	EXPECT_GE(cpu, 30000000);
	EXPECT_GE(number(text, "age_ns"), cpu);
	EXPECT_LE(number(text, "age_ns"), number(text, "boot_ns"));
	EXPECT_TRUE(!find(text, "pid1"));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(cpu_time_of_a_victim_is_that_of_all_its_threads, 20, "calls")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, burn_in_a_thread, 300), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_EQ(read_kills(), 1);
	/* Its leader had much less to do. */
	EXPECT_GE(number(text, "cpu_ns"), 300000000);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Whether usage is more than what address spaces have */
static bool held_counts(void)
{
	char counted[8];

	ASSERT_EQ(file_read(COUNTED, counted, sizeof(counted)), 0);
	return !strncmp(counted, "held", 4);
}

/* What the user's address spaces are charged: the memory of its processes */
static unsigned long usage_of_spaces(uid_t uid)
{
	struct held held = { 0 };

	/* Until what was freed is no longer charged */
	grace_periods_pass();
	if (held_counts())
		held = held_exact(uid);
	return usage_exact(uid) - held.file - held.kernel;
}

/* The parts are what the killer's own scan has seen, while the user stood still. */
KTAP_TEST(parts_of_a_usage_at_a_kill_add_up_to_it, 20, "calls kill")
{
	unsigned long long kernel, tables;
	struct worker worker;
	unsigned long before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = worker_start(USER_A);
	before = limit_read(USER_A).usage;
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_EQ(read_kills(), 1);
	kernel = number(text, "kernel");
	tables = number(text, "tables");
	/* What it had before may be of any kind. */
	EXPECT_GE(number(text, "anon") + tables + kernel, LIMIT - before);
	EXPECT_GE(tables, (LIMIT - before) / TABLE_SPAN * PAGE);
	EXPECT_GT(kernel, 0);
	EXPECT_EQ(number(text, "swap"), 0);
	EXPECT_EQ(number(text, "anon") + number(text, "file") +
			  number(text, "shmem") + tables +
			  (held_counts() ? kernel : 0),
		  number(text, "usage"));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(time_of_day_of_a_kill_is_that_of_now, 10, "calls")
{
	struct timespec before, later;
	long long wall;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	clock_gettime(CLOCK_REALTIME, &before);
	have_one_killed(USER_A);
	ASSERT_EQ(read_kills(), 1);
	wall = number(text, "wall_ns");
	EXPECT_GE(wall / 1000000000, before.tv_sec);
	EXPECT_LE(wall, (long long)now_ns(CLOCK_REALTIME));

	/* A clock that is set after the kill is right about it, too. */
	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 86400;
	ASSERT_EQ(clock_settime(CLOCK_REALTIME, &later), 0);
	ASSERT_EQ(read_kills(), 1);
	EXPECT_EQ(((long long)number(text, "wall_ns") - wall + 500000000) /
			  1000000000,
		  86400);
	clock_gettime(CLOCK_REALTIME, &later);
	/* It cannot be set to a time before the machine was started. */
	later.tv_sec -= 86400 - 1;
	ASSERT_EQ(clock_settime(CLOCK_REALTIME, &later), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(last_eight_kills_of_a_limit_are_remembered, 30, "calls")
{
	pid_t pids[REMEMBERED + 3];

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = have_one_killed(USER_A);
	ASSERT_EQ(read_kills(), REMEMBERED);
	for (unsigned int i = 0; i < REMEMBERED; i++) {
		EXPECT_EQ(number(line(i), "number"), i + 4);
		EXPECT_EQ(number(line(i), "pid"), pids[i + 3]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(largest_five_are_named_beside_a_victim, 20, "calls kill")
{
	struct worker others[BESIDE + 2], victim;
	unsigned long memory[ARRAY_SIZE(others)], usage = 0, limit;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	/* Neither in the order of their sizes nor against it */
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		others[i] = start_holding(USER_A, (1 + i * 3 % 7) * MIB);
		memory[i] = usage_of_spaces(USER_A) - usage;
		usage += memory[i];
	}
	/* This is the largest, and may not be killed. */
	process_set_oom_score_adj(others[2].pid, "-1000");
	victim = start_holding(USER_A, 6 * MIB + 512 * KIB);
	limit = usage_exact(USER_A) - MIB;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	EXPECT_TRUE(worker_was_killed(&victim));

	ASSERT_EQ(read_kills(), 1);
	EXPECT_STREQ(word(text, "reason"), "lowered");
	EXPECT_EQ(number(text, "pid"), victim.pid);
	/* 7, 6, 5, 4 and 3 MiB; 2 and 1 are too small. */
	for (unsigned int i = 1; i <= BESIDE; i++) {
		unsigned int which = (7 - i) * 5 % 7;

		EXPECT_EQ(number_of(text, "pid", i), others[which].pid);
		EXPECT_EQ(number_of(text, "memory", i), memory[which]);
	}
	EXPECT_TRUE(!find(text, "pid6"));
	EXPECT_TRUE(!find(text, "name6"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		worker_end(&others[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* All of them come out of one look: each sees the others as they were then. */
KTAP_TEST(victims_of_one_look_are_each_told, 20, "calls")
{
	struct worker victims[3], left;

	ASSERT_EQ(mmlimit_set(USER_A, 64 * MIB), 0);
	for (size_t i = 0; i < ARRAY_SIZE(victims); i++)
		victims[i] = start_holding(USER_A, (8 - i) * MIB);
	left = start_holding(USER_A, MIB);
	ASSERT_EQ(mmlimit_set(USER_A, 4 * MIB), 0);
	ASSERT_EQ(read_kills(), 3);
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_TRUE(worker_was_killed(&victims[i]));
		EXPECT_EQ(number(line(i), "pid"), victims[i].pid);
		EXPECT_EQ(number(line(i), "pid1"), victims[!i].pid);
		EXPECT_EQ(number(line(i), "pid3"), left.pid);
		EXPECT_TRUE(!find(line(i), "pid4"));
	}
	worker_end(&left);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(users_are_told_of_their_own_kills_only, 20, "calls")
{
	int fd;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	have_one_killed(USER_A);
	have_one_killed(USER_B);
	have_one_killed(USER_B);
	EXPECT_EQ(read_kills(), 3);
	/* None of their processes is left from before. */
	EXPECT_EQ(user_run(USER_A, read_as, 0), 1);
	EXPECT_EQ(user_run(USER_B, read_as, 0), 2);
	EXPECT_EQ(user_run(USER_C, read_as, 0), 0);

	/* Whoever opens the file decides what is read, not whoever reads it. */
	fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(seteuid(USER_A), 0);
	EXPECT_GT(read(fd, text, sizeof(text)), 0);
	EXPECT_TRUE(strstr(text, "uid=10060 "));
	ASSERT_EQ(seteuid(0), 0);
	close(fd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(no_name_can_forge_a_kill, 20, "calls")
{
	static char name[16] = "a\nuid=0 \\\"\x7f\xe4\t";
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, take_name, (long)name), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_EQ(read_kills(), 1);
	EXPECT_EQ(occurrences(text, "uid="), 2);
	EXPECT_STREQ(word(text, "name"),
		     "a\\012uid=0\\040\\134\\042\\177\\344\\011");
	for (const char *c = text; *c; c++)
		EXPECT_TRUE((*c >= ' ' && *c < 0x7f) || *c == '\n');
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(change_of_a_limit_keeps_its_kills_and_removal_ends_them, 20, "calls")
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	have_one_killed(USER_A);
	EXPECT_EQ(mmlimit_set(USER_A, LIMIT + MIB), 0);
	EXPECT_EQ(read_kills(), 1);
	/* Below a hard limit a user cannot make anything forgotten. */
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), 0);
	EXPECT_EQ(read_kills(), 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(read_kills(), 0);
	EXPECT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(read_kills(), 0);
	have_one_killed(USER_A);
	ASSERT_EQ(read_kills(), 1);
	EXPECT_EQ(number(text, "number"), 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(kill_after_a_grace_is_told_as_such, 10, "calls")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 200 * ktap_slowdown()), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_EQ(read_kills(), 1);
	EXPECT_STREQ(word(text, "reason"), "grace");
	EXPECT_GT(number(text, "usage"), LIMIT);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(kill_on_order_is_told_with_its_policy, 10, "calls")
{
	struct worker worker;

	ASSERT_EQ(file_write(TRIGGER, "periodic"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = start_holding(USER_A, 2 * LIMIT);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_BADNESS), 1);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_EQ(read_kills(), 1);
	EXPECT_STREQ(word(text, "reason"), "order");
	EXPECT_STREQ(word(text, "policy"), "badness");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}

static long touch_shared(long pages)
{
	struct region region = region_map_shared(pages);

	region_touch(&region, 0, pages);
	return 0;
}

/*
 * A victim that a tracer holds keeps its shared memory, which is not taken by force, so
 * that another one has to go.
 */
KTAP_TEST(kill_for_memory_that_does_not_come_back_is_told_as_such, 30, "kill")
{
	struct worker held, other;

	ASSERT_EQ(file_write(KILL_WAIT, "5"), 0);
	ASSERT_EQ(mmlimit_set(USER_A, 64 * MIB), 0);
	held = worker_start(USER_A);
	ASSERT_EQ(worker_call(&held, touch_shared, 16 * MIB / PAGE), 0);
	other = start_holding(USER_A, 4 * MIB);
	exiting_arm(&held);
	ASSERT_EQ(mmlimit_set(USER_A, 12 * MIB), 0);
	exiting_await(&held);
	EXPECT_TRUE(worker_was_killed(&other));
	ASSERT_EQ(read_kills(), 2);
	EXPECT_EQ(number(line(0), "pid"), held.pid);
	EXPECT_STREQ(word(line(0), "reason"), "lowered");
	EXPECT_EQ(number(line(1), "pid"), other.pid);
	EXPECT_STREQ(word(line(1), "reason"), "force");
	exiting_release(&held);
	EXPECT_TRUE(worker_was_killed(&held));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}
