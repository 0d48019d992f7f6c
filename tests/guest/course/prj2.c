// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the course's scenarios: runs prj2_test as a program, and looks at its
 * output, at the kernel's log and at bystanders.
 */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/program.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

#define MAX_CHILDREN 8

/* A process that has filled nothing yet: code, C library, stack */
#define BARE_PROCESS (2 * MIB)

/*
 * What the kernel holds for a process, at most: as much as it counts with for a fork
 * (MM_LIMIT_FORK_PAGES in mm/mm_limit/held.c). 24 KiB are stack and page directory; the
 * task and what belongs to it take about 10 KiB.
 */
#define KERNEL_MEMORY (64 * KIB)

/**
 * struct scenario - one run of prj2_test as u0_a70
 * @limit: the limit, in bytes
 * @bytes: how much each child fills, up to 0
 * @finished: how many must live
 * @died: how many must not
 */
struct scenario {
	unsigned long limit;
	unsigned long bytes[MAX_CHILDREN];
	unsigned int finished;
	unsigned int died;
};

static const struct scenario one_child = {
	100000000,
	{ 160000000 },
	0,
	1,
};

static const struct scenario four_large_children = {
	100000000,
	{ 40000000, 40000000, 40000000, 40000000 },
	2,
	2,
};

static const struct scenario four_small_children = {
	20000000,
	{ 8000000, 8000000, 8000000, 8000000 },
	2,
	2,
};

static char output[PROGRAM_OUTPUT];

static unsigned int count_children(const struct scenario *scenario)
{
	unsigned int count = 0;

	while (count < MAX_CHILDREN && scenario->bytes[count])
		count++;
	return count;
}

static int run_prj2_test(const struct scenario *scenario)
{
	char words[MAX_CHILDREN + 1][16];
	const char *arguments[MAX_CHILDREN + 4] = { "prj2_test", "u0_a70",
						    words[0] };
	unsigned int children = count_children(scenario);

	snprintf(words[0], sizeof(words[0]), "%lu", scenario->limit);
	for (unsigned int i = 0; i < children; i++) {
		snprintf(words[i + 1], sizeof(words[i + 1]), "%lu",
			 scenario->bytes[i]);
		arguments[i + 3] = words[i + 1];
	}
	return program_run(output, sizeof(output), arguments);
}

/* Whether prj2_test says that this child was killed */
static bool said_dead(pid_t pid)
{
	char line[64];
	const char *found;

	snprintf(line, sizeof(line), "\nchild process pid=%d, ", pid);
	found = strstr(output, line);
	if (!found)
		return false;
	found = strstr(found + 1, ": ");
	return found && !strncmp(found, ": died of signal 9 ",
				 strlen(": died of signal 9 "));
}

static void check_kill(const struct scenario *scenario,
		       const struct kill_line *kill)
{
	unsigned int children = count_children(scenario);

	EXPECT_EQ(kill->uid, USER_A);
	EXPECT_EQ(kill->mm_max, scenario->limit);
	EXPECT_GT(kill->user_rss, scenario->limit);
	/*
	 * Each child may exceed by one fault at most: a page, and the table for
	 * it.
	 */
	EXPECT_LE(kill->user_rss, scenario->limit + children * 2 * PAGE);
	/*
	 * The largest of so many has at least its share of what is not the kernel's,
	 * and not more than it asked for.
	 */
	EXPECT_GE((kill->rss + KERNEL_MEMORY) * children, kill->user_rss);
	EXPECT_LE(kill->rss,
		  region_cost(scenario->bytes[0] / PAGE + 1) + BARE_PROCESS);
	EXPECT_TRUE(said_dead(kill->pid));
}

/*
 * Runs a scenario and compares what the program and the kernel say with what
 * must come out.
 */
static void play(const struct scenario *scenario)
{
	unsigned int children = count_children(scenario), kills = 0;
	struct kill_line kill;
	struct klog log;
	char summary[80];

	klog_rest();
	log = klog_open();
	EXPECT_EQ(run_prj2_test(scenario), 0);
	EXPECT_EQ(occurrences(output, "child process start malloc: pid="),
		  children);
	EXPECT_EQ(occurrences(output, "child process finish malloc: pid="),
		  scenario->finished);
	EXPECT_EQ(occurrences(output, ": finished\n"), scenario->finished);
	EXPECT_EQ(occurrences(output, ": died of signal 9 "), scenario->died);
	snprintf(summary, sizeof(summary),
		 "\n%u processes: %u finished, %u died\n", children,
		 scenario->finished, scenario->died);
	EXPECT_TRUE(strstr(output, summary));

	while (klog_next_kill(&log, &kill)) {
		check_kill(scenario, &kill);
		kills++;
	}
	EXPECT_EQ(kills, scenario->died);
	klog_close(&log);
}

KTAP_TEST(one_child_above_the_limit_dies, 20, "enforce")
{
	play(&one_child);
}

KTAP_TEST(two_of_four_large_children_die, 20, "enforce")
{
	play(&four_large_children);
}

KTAP_TEST(two_of_four_small_children_die, 20, "enforce")
{
	play(&four_small_children);
}

KTAP_TEST(children_below_the_limit_live, 20, "enforce")
{
	static const struct scenario scenario = {
		100000000, { 30000000, 30000000, 30000000 }, 3, 0
	};

	play(&scenario);
}

KTAP_TEST(without_a_limit_all_live, 20, "enforce")
{
	static const struct scenario scenario = {
		MMLIMIT_NONE, { 80000000, 80000000 }, 2, 0
	};

	play(&scenario);
}

/*
 * Larger than any of the victims, so it would be the first choice of a killer
 * that ignores who owns what.
 */
static struct worker start_bystander(uid_t uid)
{
	struct worker bystander = worker_start(uid);

	ASSERT_EQ(worker_call(&bystander, held_grow, 120 * MIB / PAGE), 0);
	return bystander;
}

static void end_bystander(struct worker *bystander)
{
	EXPECT_TRUE(worker_alive(bystander));
	EXPECT_EQ(worker_call(bystander, held_damage, 0), 0);
	worker_end(bystander);
}

KTAP_TEST(unlimited_user_is_untouched, 20, "enforce")
{
	struct worker bystander = start_bystander(USER_B);

	play(&four_large_children);
	end_bystander(&bystander);
}

KTAP_TEST(other_user_below_its_limit_is_untouched, 20, "enforce")
{
	struct worker bystander;

	ASSERT_EQ(mmlimit_set(USER_B, 125 * MIB), 0);
	bystander = start_bystander(USER_B);
	play(&four_large_children);
	end_bystander(&bystander);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(root_is_untouched, 20, "enforce")
{
	struct worker bystander = start_bystander(0);

	play(&four_large_children);
	end_bystander(&bystander);
}

KTAP_TEST(usage_is_zero_after_the_last_exit, 20, "enforce")
{
	struct worker workers[4];
	unsigned int live = 0;

	if (!usage_shown())
		ktap_skip("this kernel does not show accounts");
	ASSERT_EQ(mmlimit_set(USER_A, 20000000), 0);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		workers[i] = worker_start(USER_A);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		worker_send(&workers[i], held_grow, 8000000 / PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		worker_receive(&workers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		bool lives = worker_call(&workers[i], held_damage, 0) == 0;

		live += lives;
		if (!lives)
			EXPECT_TRUE(worker_was_killed(&workers[i]));
		else
			worker_end(&workers[i]);
	}
	EXPECT_EQ(live, 2);
	usage_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(prj2_test_puts_the_limit_back, 20, "enforce")
{
	static const struct scenario scenario = { 20000000, { 1000000 }, 1, 0 };
	struct mm_limit_user limit;

	EXPECT_EQ(run_prj2_test(&scenario), 0);
	EXPECT_EQ(mmlimit_get(USER_A, &limit), -ENODATA);

	ASSERT_EQ(mmlimit_set_time(USER_A, 123456789, 777), 0);
	EXPECT_EQ(run_prj2_test(&scenario), 0);
	ASSERT_EQ(mmlimit_get(USER_A, &limit), 0);
	EXPECT_EQ(limit.mm_max, 123456789);
	EXPECT_EQ(limit.time_allow_exceed_ms, 777);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(prj2_test_explains_wrong_usage, 20, "enforce")
{
	EXPECT_EQ(PROGRAM(output, "prj2_test", "--help"), 0);
	EXPECT_TRUE(strstr(output, "Usage: prj2_test USER LIMIT BYTES..."));
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "prj2_test")), 2);
	EXPECT_EQ(
		WEXITSTATUS(PROGRAM(output, "prj2_test", "u0_a70", "1000000")),
		2);
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "prj2_test", "nobody_here",
				      "1000000", "1")),
		  2);
	EXPECT_TRUE(strstr(output, "nobody_here: no such user"));
	EXPECT_EQ(
		WEXITSTATUS(PROGRAM(output, "prj2_test", "u0_a70", "1M", "1")),
		2);
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "prj2_test", "u0_a70", "1000000",
				      "-1")),
		  2);
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "prj2_test", "u0_a70", "1000000",
				      "99999999999")),
		  2);
	EXPECT_EQ(WEXITSTATUS(
			  PROGRAM(output, "prj2_test", "root", "1000000", "1")),
		  1);
	EXPECT_TRUE(strstr(output, "vm.mm_limit_min_uid"));
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "su", "u0_a70", "-c",
				      "prj2_test u0_a70 1000000 1")),
		  1);
	EXPECT_TRUE(strstr(output, "must be run as root"));
}
