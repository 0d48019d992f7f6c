// SPDX-License-Identifier: GPL-2.0-only
/* Tests which processes oomrankd lists, and in which order. */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/actor.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/processes.h"
#include "lib/program.h"
#include "lib/rankd.h"

/**
 * struct row - a line of what --dry-run prints
 * @pid: of the process
 * @points: what they are
 * @special: what is special about it
 */
struct row {
	pid_t pid;
	unsigned long points;
	char special[32];
};

static size_t dry_run(struct row *rows, size_t room)
{
	char output[PROGRAM_OUTPUT], *line;
	size_t count = 0;

	ASSERT_EQ(PROGRAM(output, "oomrankd", "--dry-run"), 0);
	ASSERT_TRUE(!strncmp(output, "RANK ", 5));
	for (line = output; (line = strchr(line, '\n')) && line[1]; line++) {
		ASSERT_LT(count, room);
		ASSERT_EQ(sscanf(line + 1, "%*u %d %lu %*s %*u %*u %31s",
				 &rows[count].pid, &rows[count].points,
				 rows[count].special),
			  3);
		count++;
	}
	return count;
}

/* What --dry-run prints of one process */
static struct row row_of(pid_t pid)
{
	struct row rows[RANKD_MOST];
	size_t count = dry_run(rows, RANKD_MOST);

	for (size_t i = 0; i < count; i++)
		if (rows[i].pid == pid)
			return rows[i];
	KTAP_FAIL("process %d is not in the ranking", pid);
	ktap_stop();
}

static const struct actor sizes[] = {
	{ .name = "small", .touched_mib = 2 },
	{ .name = "large", .touched_mib = 8 },
	{ .name = "niced", .touched_mib = 5, .nice = 10 },
	{ .name = "root", .touched_mib = 9, .privilege = ACTOR_ROOT },
	{ .name = "rawio", .touched_mib = 10, .privilege = ACTOR_RAW_IO },
};

static struct cast casts[ARRAY_SIZE(sizes)];

static void start_sizes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		actor_start(&casts[i], &sizes[i]);
}

static void end_sizes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		actor_end(&casts[i]);
}

KTAP_TEST(list_is_what_dry_run_prints, 20, "oom")
{
	struct row rows[RANKD_MOST];
	pid_t pids[RANKD_MOST];
	size_t count;

	start_sizes();
	RANKD_START("-i", "1h");
	count = rankd_list(pids);
	EXPECT_GE(count, ARRAY_SIZE(sizes) + 1);
	ASSERT_EQ(dry_run(rows, RANKD_MOST), count);
	for (size_t i = 0; i < count; i++)
		EXPECT_EQ(pids[i], rows[i].pid);
	for (size_t i = 1; i < count; i++)
		EXPECT_GE(rows[i - 1].points, rows[i].points);
	rankd_end();
	end_sizes();
}

/* All that is mapped, from another source than the daemon's */
static unsigned long total_vm(pid_t pid)
{
	char path[32], text[128];

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	return strtoul(text, NULL, 10);
}

KTAP_TEST(more_memory_comes_first, 20, "oom")
{
	/* niced counts double, root and raw I/O a quarter */
	static const int order[] = { 2, 1, 0, 4, 3 };
	static const char *const special[] = { "-", "-", "niced", "root",
					       "rawio" };
	static const int times[] = { 4, 4, 8, 1, 1 };
	int place = -1;

	start_sizes();
	RANKD_START("-i", "1h");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		pid_t pid = casts[order[i]].workers[0].pid;
		struct row row = row_of(pid);

		printf("%s: %lu points\n", sizes[order[i]].name, row.points);
		EXPECT_EQ(row.points, total_vm(pid) * times[order[i]] / 4);
		EXPECT_STREQ(row.special, special[order[i]]);
		EXPECT_GT(rankd_place(pid), place);
		place = rankd_place(pid);
	}
	rankd_end();
	end_sizes();
}

KTAP_TEST(who_may_not_be_killed_is_not_listed, 20, "oom")
{
	struct worker worker = start_holding(USER_A, MIB);

	process_set_oom_score_adj(worker.pid, "-1000");
	RANKD_START("-i", "1h");
	EXPECT_EQ(rankd_place(worker.pid), -1);
	EXPECT_EQ(rankd_place(1), -1);
	EXPECT_EQ(rankd_place(2), -1); /* kthreadd */
	EXPECT_EQ(rankd_place(oomrankd.pid), -1);
	EXPECT_GE(rankd_place(getpid()), 0);

	/* It does not list itself, even if somebody exposes it. */
	process_set_oom_score_adj(oomrankd.pid, "0");
	process_set_oom_score_adj(worker.pid, "-999");
	rankd_rank();
	EXPECT_GE(rankd_place(worker.pid), 0);
	EXPECT_EQ(rankd_place(oomrankd.pid), -1);
	rankd_end();
	worker_end(&worker);
}

KTAP_TEST(top_bounds_the_list, 20, "oom")
{
	pid_t all[RANKD_MOST], first[RANKD_MOST];

	start_sizes();
	RANKD_START("-i", "1h");
	EXPECT_GT(rankd_list(all), 3);
	rankd_end();
	RANKD_START("-i", "1h", "--top", "3");
	ASSERT_EQ(rankd_list(first), 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(first[i], all[i]);
	rankd_end();
	end_sizes();
}

static long rename_self(long unused)
{
	return prctl(PR_SET_NAME, worker_parcel, 0, 0, 0);
}

KTAP_TEST(names_confuse_nobody, 20, "oom")
{
	static const char *const names[] = { ")",      "\n1 (x) S 2 3",
					     "a) Z (", "Uid:\t0\t0\n",
					     "\33[2J", "(((((((((((((((" };
	struct worker worker = start_holding(USER_A, MIB);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct row row;

		strcpy(worker_parcel, names[i]);
		ASSERT_EQ(worker_call(&worker, rename_self, 0), 0);
		row = row_of(worker.pid);
		EXPECT_EQ(row.points, total_vm(worker.pid));
		EXPECT_STREQ(row.special, "-");
	}
	worker_end(&worker);
}

static int thread_is_ready;

static void *hold_in_thread(void *unused)
{
	ASSERT_EQ(held_grow(MIB / PAGE), 0);
	if (write(thread_is_ready, "", 1) == 1)
		pause();
	return NULL;
}

static _Noreturn void leave_a_thread(void)
{
	pthread_t thread;

	ASSERT_EQ(pthread_create(&thread, NULL, hold_in_thread, NULL), 0);
	/* This ends the first thread alone. */
	syscall(SYS_exit, 0);
	__builtin_unreachable();
}

KTAP_TEST(process_behind_a_dead_first_thread_is_listed, 20, "oom")
{
	int ready[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(pipe(ready), 0);
	thread_is_ready = ready[1];
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		leave_a_thread();
	ASSERT_EQ(read(ready[0], &byte, 1), 1);
	process_wait_for(pid, 'Z');
	EXPECT_EQ(total_vm(pid), 0);
	/* It has mapped more than that; of root, without rounding to 0. */
	EXPECT_GT(row_of(pid).points, HELD_PAGES / 16 - 1);
	RANKD_START("-i", "1h");
	EXPECT_GE(rankd_place(pid), 0);
	rankd_end();
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

static long enter_namespace(long unused)
{
	return unshare(CLONE_NEWUSER);
}

/* There it has all capabilities, which mean nothing here. */
KTAP_TEST(namespace_of_ones_own_is_no_privilege, 20, "oom")
{
	struct worker worker = start_holding(USER_A, MIB);
	unsigned long before = row_of(worker.pid).points;
	struct row row;

	ASSERT_EQ(worker_call(&worker, enter_namespace, 0), 0);
	row = row_of(worker.pid);
	EXPECT_EQ(row.points, before);
	EXPECT_STREQ(row.special, "-");
	worker_end(&worker);
}

static _Noreturn void come_and_go(void)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

/* Trouble would show as a line that is not one of a ranking. */
KTAP_TEST(processes_that_come_and_go_are_no_trouble, 60, "oom")
{
	pid_t storms[2];

	for (size_t i = 0; i < ARRAY_SIZE(storms); i++) {
		storms[i] = fork();
		ASSERT_GE(storms[i], 0);
		if (!storms[i])
			come_and_go();
	}
	RANKD_START("-i", "1h");
	for (int i = 0; i < 20; i++)
		rankd_rank();
	EXPECT_EQ(occurrences(oomrankd.text, "\n"), 21);
	EXPECT_EQ(occurrences(oomrankd.text, " processes, first "), 21);
	rankd_end();
	for (size_t i = 0; i < ARRAY_SIZE(storms); i++) {
		ASSERT_EQ(kill(storms[i], SIGKILL), 0);
		ASSERT_EQ(waitpid(storms[i], NULL, 0), storms[i]);
	}
}
