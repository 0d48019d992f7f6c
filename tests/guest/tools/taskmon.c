// SPDX-License-Identifier: GPL-2.0-only
/* Tests taskmon's commands: what they do, print and return. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/background.h"
#include "lib/memory.h"
#include "lib/json_check.h"
#include "lib/monitor.h"
#include "lib/tools.h"
#include "lib/user.h"

#define LEAVE "\033[?1049l"
#define END_OF_PICTURE "\033[J"

/* Runs a command about a process, whose number stands for %d. */
static int taskmon(const char *format, pid_t pid)
{
	char line[256];

	snprintf(line, sizeof(line), format, pid, pid);
	return tool(line);
}

static void expect_said_of(const char *format, pid_t pid)
{
	char text[256];

	snprintf(text, sizeof(text), format, pid, pid);
	if (!strstr(tool_output, text))
		KTAP_FAIL("expected '%s' to be said", text);
}

static void begin_without_module(void)
{
	monitor_load("");
	monitor_unload();
}

KTAP_TEST(start_loads_the_module, 20, "tools")
{
	struct worker worker = worker_start(0);

	begin_without_module();
	EXPECT_EQ(taskmon("taskmon start --period 20ms %d", worker.pid), 0);
	EXPECT_STREQ(tool_output, "");
	EXPECT_EQ(monitor_count("running"), 1);
	EXPECT_EQ(tool("cat " MONITOR_PERIOD), 0);
	EXPECT_STREQ(tool_output, "20\n");
	/* Another time it is there. */
	EXPECT_EQ(taskmon("taskmon start --period=1h 1 2", 0), 0);
	EXPECT_EQ(monitor_count("running"), 3);
	monitor_unload();
	worker_end(&worker);
}

KTAP_TEST(stop_forgets_all_that_are_named, 20, "tools")
{
	monitor_load("");
	EXPECT_EQ(tool("taskmon start 1 2"), 0);
	EXPECT_EQ(tool("taskmon stop 1 2"), 0);
	EXPECT_STREQ(tool_output, "");
	EXPECT_EQ(monitor_count("tasks"), 0);
	EXPECT_EQ(tool("taskmon stop 1"), 1);
	EXPECT_STREQ(
		tool_output,
		"taskmon: 1: is not monitored; 'taskmon show' tells who is\n");
	monitor_unload();
}

KTAP_TEST(refusals_name_the_remedy, 20, "tools")
{
	begin_without_module();
	EXPECT_EQ(tool("taskmon show"), 1);
	EXPECT_STREQ(
		tool_output,
		"taskmon: nothing is monitored: begin with 'taskmon start PID'\n");
	EXPECT_EQ(tool("taskmon stop 1"), 1);
	EXPECT_SAID("begin with 'taskmon start PID'\n");
	EXPECT_EQ(tool("su u0_a70 -c 'taskmon start 1'"), 1);
	EXPECT_SAID(MONITOR_MODULE ": only root may\n");
	/* One that is refused does not keep the others from it. */
	EXPECT_EQ(tool("taskmon start 1 999999 2"), 1);
	EXPECT_STREQ(
		tool_output,
		"taskmon: 999999: there is no such process; 'ps' shows them\n");
	EXPECT_EQ(monitor_count("running"), 2);
	EXPECT_EQ(tool("taskmon start 1"), 1);
	EXPECT_STREQ(tool_output,
		     "taskmon: 1: is monitored already; 'taskmon show 1'\n");
	EXPECT_EQ(tool("su u0_a70 -c 'taskmon show'"), 1);
	EXPECT_SAID("only root may\n");
	EXPECT_EQ(tool("taskmon show 3"), 1);
	EXPECT_STREQ(
		tool_output,
		"taskmon: 3: has no history; 'taskmon start 3' begins one\n");
	EXPECT_EQ(tool("taskmon plot 3"), 1);
	EXPECT_EQ(tool("taskmon csv >/dev/full"), 1);
	EXPECT_EQ(tool("taskmon show >/dev/full"), 1);
	monitor_unload();
}

KTAP_TEST(wrong_usage_is_told_apart, 20, "tools")
{
	static const char *const wrong[] = {
		"taskmon",
		"taskmon sample 1",
		"taskmon start",
		"taskmon start x",
		"taskmon start 0",
		"taskmon start -- -1",
		"taskmon start -5",
		"taskmon start 1 2147483648",
		"taskmon start '1 2'",
		"taskmon start ''",
		"taskmon start --period",
		"taskmon start --period 1",
		"taskmon start --period 0 1",
		"taskmon start --period soon 1",
		"taskmon stop",
		"taskmon stop 1 x",
		"taskmon show 1 2",
		"taskmon show --json --json",
		"taskmon csv x",
		"taskmon plot",
	};

	begin_without_module();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(tool(wrong[i]), 2);
		EXPECT_SAID("taskmon: ");
		EXPECT_SAID("Try 'taskmon --help'.\n");
	}
	EXPECT_EQ(tool("taskmon start --period 2h 3"), 2);
	EXPECT_SAID("time '2h' for --period is out of range (1ms to 1h)\n");
	EXPECT_EQ(tool("taskmon start --period 0 3"), 2);
	EXPECT_SAID("time '0' for --period is out of range (1ms to 1h)\n");
	/* Nothing was loaded for that. */
	monitor_expect_no_trace();
}

KTAP_TEST(help_and_version_are_there, 20, "tools")
{
	EXPECT_EQ(tool("taskmon --help"), 0);
	EXPECT_SAID("taskmon start [-p TIME] PID...");
	EXPECT_SAID("Exit status: 0; 1: refused or failed; 2: wrong usage.\n");
	EXPECT_EQ(tool("taskmon plot --help"), 0);
	EXPECT_SAID("taskmon plot PID");
	EXPECT_EQ(tool("taskmon --version"), 0);
	EXPECT_SAID("taskmon 1");
	EXPECT_EQ(tool("taskmon --help >/dev/full"), 1);
}

/* Two processes with some history, which is not going on */
static void make_histories(struct worker workers[2])
{
	workers[0] = worker_start(0);
	workers[1] = worker_start(0);
	monitor_load("");
	monitor_set_period(20 * ktap_slowdown());
	ASSERT_EQ(monitor_start(workers[0].pid), 0);
	ASSERT_EQ(monitor_start(workers[1].pid), 0);
	ASSERT_EQ(worker_call(&workers[0], held_grow, 3 * MIB / PAGE), 0);
	ASSERT_EQ(worker_call(&workers[0], monitor_spin, 200 * ktap_slowdown()),
		  0);
	monitor_set_period(3600000);
}

static void end_histories(struct worker workers[2])
{
	monitor_unload();
	worker_end(&workers[0]);
	worker_end(&workers[1]);
}

KTAP_TEST(show_has_a_row_with_its_name_for_each_process, 20, "tools")
{
	struct worker workers[2];
	char name[64];

	make_histories(workers);
	EXPECT_EQ(tool("taskmon show"), 0);
	EXPECT_EQ(occurrences(tool_output, "\n"), 3);
	EXPECT_SAID(
		"    PID         TIME          USR          SYS   CPU%      TOTAL      STACK       DATA   SAMPLES  NAME\n");
	expect_said_of("\n%7d ", workers[0].pid);
	expect_said_of("\n%7d ", workers[1].pid);
	EXPECT_SAID("  0.0 ");
	/* A worker has the name of the suite. */
	snprintf(name, sizeof(name), "  %s\n", program_invocation_short_name);
	EXPECT_EQ(occurrences(tool_output, name), 2);
	EXPECT_EQ(tool("taskmon show --json"), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	expect_said_of("\n    {\"pid\": %d, \"time_us\": ", workers[0].pid);
	snprintf(name, sizeof(name), ", \"name\": \"%s\"}",
		 program_invocation_short_name);
	EXPECT_EQ(occurrences(tool_output, name), 2);
	EXPECT_EQ(taskmon("taskmon show %d -j", workers[0].pid), 0);
	EXPECT_TRUE(json_is_valid(tool_output));
	EXPECT_NOT_SAID("\"samples\": 1");
	snprintf(name, sizeof(name), "  %s\n", program_invocation_short_name);
	worker_end(&workers[0]);
	EXPECT_EQ(tool("taskmon show"), 0);
	EXPECT_EQ(occurrences(tool_output, name), 1);
	EXPECT_EQ(occurrences(tool_output, "  -\n"), 1);
	monitor_unload();
	worker_end(&workers[1]);
}

/* The highest figure of the column CPU% */
static double highest_share(void)
{
	double highest = 0, share;

	for (char *row = strchr(tool_output, '\n'); row;
	     row = strchr(row + 1, '\n'))
		if (sscanf(row, "%*d %*fs %*fs %*fs %lf", &share) == 1 &&
		    share > highest)
			highest = share;
	return highest;
}

KTAP_TEST(show_of_a_process_has_a_row_for_each_sample, 20, "tools")
{
	struct worker workers[2];
	size_t count;

	make_histories(workers);
	count = monitor_samples(workers[0].pid, NULL, NULL);
	EXPECT_GT(count, 5);
	EXPECT_EQ(taskmon("taskmon show %d", workers[0].pid), 0);
	EXPECT_EQ(occurrences(tool_output, "\n"), count + 1);
	EXPECT_NOT_SAID("SAMPLES");
	/* It did nothing but spin, beside those who sample and test it. */
	EXPECT_GE(highest_share(), 90);
	EXPECT_LE(highest_share(), 101);
	end_histories(workers);
}

KTAP_TEST(csv_says_what_the_history_says, 20, "tools")
{
	struct worker workers[2];
	struct monitor_sample sample;
	char *place, *line, expected[128];
	FILE *history;

	make_histories(workers);
	EXPECT_EQ(tool("taskmon csv"), 0);
	line = strtok_r(tool_output, "\n", &place);
	EXPECT_STREQ(line,
		     "pid,time_us,usr_us,sys_us,total_kib,stack_kib,data_kib");
	history = monitor_open();
	while (monitor_next(history, &sample)) {
		line = strtok_r(NULL, "\n", &place);
		ASSERT_TRUE(line);
		snprintf(expected, sizeof(expected),
			 "%d,%llu,%llu,%llu,%lu,%lu,%lu", sample.pid,
			 sample.time, sample.usr, sample.sys, sample.total,
			 sample.stack, sample.data);
		EXPECT_STREQ(line, expected);
	}
	fclose(history);
	EXPECT_TRUE(!strtok_r(NULL, "\n", &place));
	EXPECT_EQ(taskmon("taskmon csv %d", workers[1].pid), 0);
	EXPECT_EQ(occurrences(tool_output, "\n"),
		  monitor_samples(workers[1].pid, NULL, NULL) + 1);
	end_histories(workers);
}

KTAP_TEST(plot_without_a_terminal_is_a_picture, 20, "tools")
{
	struct worker workers[2];
	char title[64];

	make_histories(workers);
	EXPECT_EQ(taskmon("taskmon plot %d", workers[0].pid), 0);
	EXPECT_EQ(occurrences(tool_output, "\n"), 24);
	/* A worker has the name of the suite. */
	snprintf(title, sizeof(title), "pid %%d %s: CPU ",
		 program_invocation_short_name);
	expect_said_of(title, workers[0].pid);
	EXPECT_SAID("% |");
	EXPECT_SAID("MiB |");
	EXPECT_SAID("####");
	EXPECT_NOT_SAID("\033");
	end_histories(workers);
}

static struct background picture;

static void start_plot(pid_t pid, unsigned short rows, unsigned short columns)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	background_start_on_terminal(&picture, rows, columns,
				     (const char *const[]){ "taskmon", "plot",
							    number, NULL });
	background_expect(&picture, "pid ");
	background_expect(&picture, END_OF_PICTURE);
}

static void expect_left(void)
{
	background_drain(&picture);
	EXPECT_TRUE(strstr(picture.text, LEAVE "\r"));
	EXPECT_STREQ(strstr(picture.text, LEAVE "\r"), LEAVE "\r");
	background_close(&picture);
}

/* Pictures may be fewer than samples. */
static void wait_for_samples(unsigned long count)
{
	const char *number;

	do {
		background_expect(&picture, " samples; q ends");
		number = picture.text + picture.seen -
			 strlen(" samples; q ends");
		while (number[-1] >= '0' && number[-1] <= '9')
			number--;
	} while (strtoul(number, NULL, 10) < count);
	background_expect(&picture, END_OF_PICTURE);
}

KTAP_TEST(plot_shows_samples_as_they_come, 20, "tools")
{
	struct worker worker = worker_start(0);

	monitor_load("");
	monitor_set_period(50 * ktap_slowdown());
	ASSERT_EQ(monitor_start(worker.pid), 0);
	start_plot(worker.pid, 12, 80);
	wait_for_samples(20);
	/* The process ends, its picture stays. */
	worker_end(&worker);
	background_expect(&picture, "has ended: CPU ");
	background_type(&picture, "q");
	EXPECT_EQ(background_wait(&picture), 0);
	expect_left();
	monitor_unload();
}

KTAP_TEST(plot_fits_any_terminal_and_leaves_it_on_signals, 20, "tools")
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	static const unsigned short sizes[][2] = {
		{ 1, 1 },
		{ 2, 20 },
		{ 5, 11 },
		{ 200, 900 },
	};

	monitor_load("");
	monitor_set_period(50 * ktap_slowdown());
	ASSERT_EQ(monitor_start(getpid()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		background_start_on_terminal(
			&picture, sizes[i][0], sizes[i][1],
			(const char *const[]){ "taskmon", "plot", "1", NULL });
		background_close(&picture);
		start_plot(getpid(), 10, 80);
		background_resize(&picture, sizes[i][0], sizes[i][1]);
		background_expect(&picture, END_OF_PICTURE);
		EXPECT_EQ(background_end(&picture, signals[i]), 0);
		expect_left();
	}
	start_plot(getpid(), 10, 80);
	ASSERT_EQ(monitor_stop(getpid()), 0);
	EXPECT_EQ(WEXITSTATUS(background_wait(&picture)), 1);
	EXPECT_TRUE(strstr(picture.text, "has no history any more"));
	background_close(&picture);
	monitor_unload();
}
