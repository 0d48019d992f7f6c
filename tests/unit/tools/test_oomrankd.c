// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: a daemon that tells the kernel whom to kill first. */
#define _GNU_SOURCE
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "program.h"

#define DAEMON "oomrankd --proc $MM_ROOT/proc -P $MM_ROOT/pid "
#define FOREGROUND "exec " DAEMON "--foreground --verbose "

static struct background oomrankd;

/* Puts a process there that has so many pages. */
static void add_process(int pid, const char *name, unsigned int pages)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "proc/%d", pid);
	machine_make_folder(path);
	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	snprintf(text, sizeof(text),
		 "%d (%s) S 1 31 31 0 -1 64 84 0 2 0 100 100 5 6 20 0 1 0 100 "
		 "2494464 131 4294967295 65536 70000 0 0 0 0 0 4096 0 0 0 0 17 "
		 "0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 pid, name);
	machine_write(path, text);
	snprintf(path, sizeof(path), "proc/%d/statm", pid);
	snprintf(text, sizeof(text), "%u 131 110 164 0 83 0\n", pages);
	machine_write(path, text);
	snprintf(path, sizeof(path), "proc/%d/oom", pid);
	snprintf(text, sizeof(text), "%d 100 100\n", pid);
	machine_write(path, text);
	snprintf(path, sizeof(path), "proc/%d/oom_score_adj", pid);
	machine_write(path, "0\n");
	snprintf(path, sizeof(path), "proc/%d/status", pid);
	snprintf(text, sizeof(text),
		 "Name:\t%s\nState:\tS (sleeping)\nTgid:\t%d\n"
		 "Uid:\t10070\t10070\t10070\t10070\nGid:\t0\t0\t0\t0\n"
		 "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
		 "CapEff:\t0000000000000000\nCapBnd:\t000001ffffffffff\n",
		 name, pid);
	machine_write(path, text);
}

/* A machine with three processes, whose kernel takes a list */
static void prepare(void)
{
	machine_make_folder("proc/sys/kernel");
	machine_write("proc/uptime", "1000.25 9000.00\n");
	machine_write("proc/self/oom", "31 0 0\n");
	machine_write("proc/self/oom_score_adj", "0\n");
	machine_write("proc/oom", "");
	machine_write("proc/pressure/memory", "");
	add_process(40, "small", 100);
	add_process(41, "large", 90000);
	add_process(42, "medium", 5000);
}

static void dry_run_prints_the_ranking_and_leaves_the_list(void **state)
{
	(void)state;
	expect_tool(DAEMON "--dry-run", 0);
	expect_said("RANK     PID  POINTS       VM");
	expect_said("\n   1      41 ");
	expect_said("\n   2      42 ");
	expect_said("\n   3      40 ");
	expect_said("  large\n");
	assert_string_equal(machine_read("proc/oom"), "");
	expect_tool(DAEMON "-n --top 2", 0);
	expect_not_said("small");
	expect_tool(DAEMON "-n --top 4", 0);
	expect_said("small");
	expect_tool(DAEMON "-n >/dev/full", 1);
	expect_output("oomrankd: cannot write: No space left on device\n");
}

/* A number that no process can have, and a size that no memory can have */
static void impossible_figures_are_survived(void **state)
{
	(void)state;
	machine_make_folder("proc/99999999999");
	machine_write("proc/41/statm",
		      "18446744073709551615 131 110 164 0 83 0\n");
	expect_tool(DAEMON "-n", 0);
	expect_said("\n   1      41 ");
	expect_said(" 17179869184GiB ");
	expect_not_said("99999999999");
}

/* What the kernel can have bounds the list, and nonsense does not. */
static void list_is_as_long_as_there_can_be_processes(void **state)
{
	(void)state;
	machine_write("proc/sys/kernel/pid_max", "2\n");
	expect_tool(DAEMON "-n", 0);
	expect_not_said("small");
	machine_write("proc/sys/kernel/threads-max", "1\n");
	expect_tool(DAEMON "-n", 0);
	expect_not_said("medium");
	machine_write("proc/sys/kernel/pid_max", "nonsense\n");
	machine_write("proc/sys/kernel/threads-max", "");
	expect_tool(DAEMON "-n", 0);
	expect_said("small");
}

static void ranking_is_handed_over_and_taken_back(void **state)
{
	(void)state;
	background_start(&oomrankd, FOREGROUND "-i 1h --psi off");
	background_expect(&oomrankd,
			  "oomrankd: start: 3 of 3 processes, first 41\n");
	assert_string_equal(machine_read("proc/oom"), "41\n42\n40\n");
	add_process(43, "new", 200000);
	assert_int_equal(kill(oomrankd.pid, SIGHUP), 0);
	background_expect(&oomrankd,
			  "oomrankd: signal: 4 of 4 processes, first 43\n");
	assert_true(!strncmp(machine_read("proc/oom"), "43\n41\n42\n40\n", 12));
	assert_int_equal(background_end(&oomrankd, SIGTERM), 0);
	expect_tool("! [ -e $MM_ROOT/pid ]", 0);
}

static void interval_ranks_again_and_again(void **state)
{
	(void)state;
	background_start(&oomrankd, FOREGROUND "--interval 10ms -p off");
	background_expect(&oomrankd, "oomrankd: interval: 3 of 3 processes");
	background_expect(&oomrankd, "oomrankd: interval: 3 of 3 processes");
	expect_tool("rm -r $MM_ROOT/proc/4?", 0);
	background_expect(&oomrankd, "oomrankd: interval: none of 0 processes");
	assert_int_equal(background_end(&oomrankd, SIGINT), 0);
}

static void pressure_ranks_until_the_kernel_tells_none(void **state)
{
	(void)state;
	background_start(&oomrankd, FOREGROUND "-i 1h");
	background_expect(&oomrankd, "oomrankd: start: 3 of");
	assert_true(!strncmp(machine_read("proc/pressure/memory"), "some ", 5));
	/* It rests for a while after each ranking, and is told afterwards. */
	machine_write("proc/pressure/memory", "");
	background_expect(&oomrankd, "oomrankd: pressure: 3 of 3 processes");
	machine_write("proc/pressure/memory", "");
	background_expect(&oomrankd, "oomrankd: pressure: 3 of 3 processes");
	machine_remove("proc/pressure/memory");
	background_expect(
		&oomrankd,
		"oomrankd: memory pressure is told no longer; ranking at intervals\n");
	assert_int_equal(kill(oomrankd.pid, SIGHUP), 0);
	background_expect(&oomrankd, "oomrankd: signal: 3 of 3 processes");
	assert_int_equal(background_end(&oomrankd, SIGTERM), 0);
}

static void pressure_that_cannot_be_had_is_told(void **state)
{
	(void)state;
	expect_failing("write:1:22", DAEMON "-f --psi nonsense", 2);
	expect_said(
		"oomrankd: invalid trigger 'nonsense' for --psi (for example 'some ");
	setenv("MM_FAIL", "/proc/pressure/memory:1:95", 1);
	background_start(&oomrankd, FOREGROUND);
	unsetenv("MM_FAIL");
	background_expect(
		&oomrankd,
		"oomrankd: memory pressure is not told, ranking at intervals: Operation not supported\n"
		"oomrankd: start: 3 of");
	assert_int_equal(background_end(&oomrankd, SIGTERM), 0);
}

static void failure_is_told_once_and_its_end_too(void **state)
{
	(void)state;
	/* The second ranking and the third fail, a write each. */
	setenv("MM_FAIL", "write:3:12 write:4:12", 1);
	background_start(&oomrankd, FOREGROUND "-i 10ms -p off");
	unsetenv("MM_FAIL");
	background_expect(
		&oomrankd,
		"oomrankd: start: 3 of 3 processes, first 41\n"
		"oomrankd: cannot tell the kernel: Cannot allocate memory\n"
		"oomrankd: it works again\n");
	/* What is written is in force only after the return to the start. */
	assert_int_equal(background_end(&oomrankd, SIGTERM), 0);
	setenv("MM_FAIL", "lseek:0:22", 1);
	expect_tool(DAEMON "-f -p off", 1);
	expect_said("oomrankd: /proc/oom: Invalid argument\n");
	unsetenv("MM_FAIL");
}

static void processes_that_cannot_be_read_are_told(void **state)
{
	(void)state;
	expect_failing("syscall:1:5", DAEMON "-n", 1);
	expect_said(": Input/output error\n");
	background_start(&oomrankd,
			 "MM_FAIL=syscall:3:5 " FOREGROUND "-i 10ms -p off");
	background_expect(
		&oomrankd,
		"oomrankd: cannot read processes: Input/output error\n"
		"oomrankd: it works again\n");
	assert_int_equal(background_end(&oomrankd, SIGTERM), 0);
	machine_write("proc/uptime", "nonsense");
	expect_tool(DAEMON "-n", 1);
	machine_remove("proc/uptime");
	expect_tool(DAEMON "-n", 1);
	expect_said("/proc: No such file or directory\n");
}

static void what_keeps_it_from_ranking_is_told(void **state)
{
	static const struct {
		const char *fail;
		int status;
		const char *said;
	} table[] = {
		{ "oom:1:13", 1, "oomrankd: only root may write /proc/oom\n" },
		{ "oom:1:1", 1, "oomrankd: only root may write /proc/oom\n" },
		{ "oom:1:24", 1, "oomrankd: /proc/oom: Too many open files\n" },
		{ "malloc:1:12", 1, "oomrankd: Cannot allocate memory\n" },
		{ "flock:1:37", 1, "/pid: No locks available\n" },
		{ "signalfd:1:24", 1,
		  "oomrankd: signalfd, timerfd: Too many open files\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		expect_failing(table[i].fail, DAEMON "-f -p off",
			       table[i].status);
		expect_said(table[i].said);
	}
	machine_remove("proc/self/oom");
	expect_tool(DAEMON "-n", 1);
	expect_output(
		"oomrankd: this kernel has no /proc/PID/oom: it must be built with CONFIG_OOM_CANDIDATES=y\n");
	expect_tool("oomrankd --proc /nosuch -n", 1);
	expect_output("oomrankd: /nosuch: No such file or directory\n");
}

static void daemon_lists_all_but_itself(void **state)
{
	char pid[16];

	(void)state;
	expect_tool(DAEMON "-i 1h", 0);
	expect_output("");
	assert_string_equal(machine_read("proc/oom"), "41\n42\n40\n");
	snprintf(pid, sizeof(pid), "%d", atoi(machine_read("pid")));
	assert_true(atoi(pid) > 1);
	assert_int_equal(kill(atoi(pid), SIGTERM), 0);
	expect_tool("while [ -e $MM_ROOT/pid ]; do sleep 0.01; done", 0);
}

static void wrong_usage_is_explained(void **state)
{
	static const char *const wrong[] = {
		"--interval",	    "--interval 0", "--top x",
		"--top 2147483648", "now",	    "--nosuch",
	};
	char line[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(line, sizeof(line), "oomrankd %s", wrong[i]);
		expect_tool(line, 2);
		expect_said("Try 'oomrankd --help'.\n");
	}
	expect_tool("oomrankd -t", 2);
	expect_said("oomrankd: missing value of --top: N\n");
	expect_tool("oomrankd --proc", 2);
	expect_said("oomrankd: missing value of --proc: FOLDER\n");
	expect_tool("oomrankd -nx", 2);
	expect_said("oomrankd: no such option '-x'\n");
	expect_tool("oomrankd --help", 0);
	expect_said("Usage: oomrankd [OPTION]...\n");
	expect_tool("oomrankd --version", 0);
	expect_said("oomrankd 1.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(dry_run_prints_the_ranking_and_leaves_the_list),
		MACHINE_TEST(impossible_figures_are_survived),
		MACHINE_TEST(list_is_as_long_as_there_can_be_processes),
		MACHINE_TEST(ranking_is_handed_over_and_taken_back),
		MACHINE_TEST(interval_ranks_again_and_again),
		MACHINE_TEST(pressure_ranks_until_the_kernel_tells_none),
		MACHINE_TEST(pressure_that_cannot_be_had_is_told),
		MACHINE_TEST(failure_is_told_once_and_its_end_too),
		MACHINE_TEST(processes_that_cannot_be_read_are_told),
		MACHINE_TEST(what_keeps_it_from_ranking_is_told),
		MACHINE_TEST(daemon_lists_all_but_itself),
		MACHINE_TEST(wrong_usage_is_explained),
	};

	machine_prepare = prepare;
	return RUN_GROUP(tests);
}
