// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: the commands, on a history that a file has. */
#define _GNU_SOURCE
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "program.h"

#define HISTORY "sys/kernel/debug/taskmonitor"
#define PERIOD "sys/module/taskmonitor/parameters/period_ms"

/* Two samples of a process that has ended, and three of another one */
#define SAMPLES                                                                   \
	"pid 2000000001 time 1000000 usr 0 sys 0 total 2048 stack 132 data 208\n" \
	"pid 2000000001 time 2000000 usr 400000 sys 100000 total 4096 stack 132 data 208\n"

#define MORE                                                                          \
	"pid 2000000002 time 1000000 usr 0 sys 0 total 1024 stack 132 data 0\n"       \
	"pid 2000000002 time 2000000 usr 0 sys 1000000 total 1024 stack 132 data 0\n" \
	"pid 2000000002 time 3000000 usr 0 sys 1000000 total 1024 stack 132 data 0\n"

static void prepare(void)
{
	machine_make_folder("sys/module/taskmonitor");
	machine_make_folder("sys/module/taskmonitor/parameters");
	machine_write(PERIOD, "1000\n");
	machine_write(HISTORY, SAMPLES MORE);
}

static void newest_sample_of_each_process_is_shown(void **state)
{
	(void)state;
	expect_tool("taskmon show", 0);
	expect_output(
		"    PID         TIME          USR          SYS   CPU%      TOTAL      STACK       DATA   SAMPLES  NAME\n"
		"2000000001       2.000s       0.400s       0.100s   50.0       4MiB     132KiB     208KiB         2  -\n"
		"2000000002       3.000s       0.000s       1.000s    0.0       1MiB     132KiB         0B         3  -\n");
	machine_write(HISTORY, "");
	expect_tool("taskmon show", 0);
	expect_output("");
}

static void history_of_one_process_has_a_row_for_each_sample(void **state)
{
	(void)state;
	expect_tool("taskmon show 2000000001", 0);
	expect_output(
		"    PID         TIME          USR          SYS   CPU%      TOTAL      STACK       DATA\n"
		"2000000001       1.000s       0.000s       0.000s    0.0       2MiB     132KiB     208KiB\n"
		"2000000001       2.000s       0.400s       0.100s   50.0       4MiB     132KiB     208KiB\n");
	expect_tool("taskmon show 77", 1);
	expect_output(
		"taskmon: 77: has no history; 'taskmon start 77' begins one\n");
}

static void csv_has_the_figures_as_they_are(void **state)
{
	(void)state;
	expect_tool("taskmon csv 2000000001", 0);
	expect_output("pid,time_us,usr_us,sys_us,total_kib,stack_kib,data_kib\n"
		      "2000000001,1000000,0,0,2048,132,208\n"
		      "2000000001,2000000,400000,100000,4096,132,208\n");
	expect_tool("taskmon csv", 0);
	expect_said("\n2000000002,3000000,0,1000000,1024,132,0\n");
	expect_tool("taskmon csv >/dev/full", 1);
	expect_output("taskmon: cannot write: No space left on device\n");
}

/* The charts of a picture, from their titles to the axis */
static void picture_has_cpu_use_and_size(void **state)
{
	(void)state;
	expect_tool("TERM=dumb taskmon plot 2000000002", 0);
	expect_said("pid 2000000002 has ended: CPU 0.0%, 1MiB, 3 samples\n"
		    "   100.0% |#\n");
	expect_said("\n     1MiB |##\n");
	expect_said("\n        0 |##\n");
	expect_tool("taskmon plot 77", 1);
	expect_output("taskmon: 77: has no history any more\n");
}

static void picture_of_one_sample_is_empty(void **state)
{
	(void)state;
	machine_write(HISTORY,
		      "pid 1 time 5 usr 0 sys 0 total 1024 stack 132 data 0\n");
	expect_tool("taskmon plot 1", 0);
	expect_said(": CPU 0.0%, 1MiB, 1 samples\n          |\n");
	expect_not_said("#");
}

/* Times that go back, or a number that is used anew, are no use of a CPU. */
static void use_that_cannot_be_is_none(void **state)
{
	(void)state;
	machine_write(HISTORY,
		      "pid 7 time 5 usr 9 sys 9 total 1 stack 1 data 0\n"
		      "pid 7 time 6 usr 0 sys 0 total 1 stack 1 data 0\n"
		      "pid 7 time 6 usr 9 sys 0 total 1 stack 1 data 0\n");
	expect_tool("taskmon show 7", 0);
	expect_not_said("100");
	expect_said("   0.0       1KiB");
}

static struct background plot;

static void picture_follows_the_history_until_q(void **state)
{
	(void)state;
	machine_write(PERIOD, "1\n");
	background_start_on_terminal(&plot, "exec taskmon plot 2000000001", 24,
				     80);
	background_expect(&plot, ", 4MiB, 2 samples; q ends\033[K");
	background_expect(&plot, "    50.0% |");
	machine_write(
		HISTORY, SAMPLES
		"pid 2000000001 time 3000000 usr 400000 sys 100000 total 8192 stack 132 data 208\n");
	background_expect(&plot, ", 8MiB, 3 samples; q ends");
	background_press(&plot, "q");
	assert_int_equal(background_end(&plot, 0), 0);
	background_expect(&plot, "\033[?1049l");
}

static void picture_ends_with_the_history(void **state)
{
	static const char *const periods[] = { "1\n", "3600000\n", "nonsense" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(periods); i++) {
		machine_write(HISTORY, SAMPLES);
		machine_write(PERIOD, periods[i]);
		background_start_on_terminal(
			&plot, "exec taskmon plot 2000000001", 24, 80);
		background_expect(&plot, ", 4MiB, 2 samples");
		machine_write(HISTORY, "");
		background_expect(
			&plot, "taskmon: 2000000001: has no history any more");
		assert_int_equal(background_end(&plot, 0), 1);
	}
	machine_write(HISTORY, SAMPLES);
	machine_remove(PERIOD);
	background_start_on_terminal(&plot, "exec taskmon plot 2000000001", 24,
				     80);
	background_expect(&plot, ", 4MiB, 2 samples");
	assert_int_equal(background_end(&plot, SIGTERM), 0);
}

static void small_terminals_get_what_fits(void **state)
{
	(void)state;
	/* One chart, and none at all */
	background_start_on_terminal(&plot, "exec taskmon plot 2000000001", 6,
				     80);
	background_expect(&plot, "    50.0% |");
	background_press(&plot, "q");
	assert_int_equal(background_end(&plot, 0), 0);
	assert_null(strstr(plot.text, "4MiB |"));
	background_start_on_terminal(&plot, "exec taskmon plot 2000000001", 24,
				     10);
	background_expect(&plot, "pid 20000");
	background_press(&plot, "q");
	assert_int_equal(background_end(&plot, 0), 0);
	assert_null(strchr(plot.text, '|'));
	background_start_on_terminal(
		&plot,
		"MM_FAIL=open_memstream:1:12 exec taskmon plot 2000000001", 24,
		80);
	background_expect(&plot,
			  "taskmon: cannot draw: Cannot allocate memory");
	assert_int_equal(background_end(&plot, 0), 1);
	background_start_on_terminal(
		&plot, "MM_FAIL=signalfd:1:24 exec taskmon plot 2000000001", 24,
		80);
	background_expect(&plot, "taskmon: cannot wait for signals: ");
	assert_int_equal(background_end(&plot, 0), 1);
}

static void processes_are_started_and_stopped(void **state)
{
	(void)state;
	machine_write(HISTORY, "");
	expect_tool("taskmon start 312", 0);
	assert_string_equal(machine_read(HISTORY), "312\n");
	assert_string_equal(machine_read(PERIOD), "1000\n");
	expect_tool("taskmon stop 312", 0);
	assert_string_equal(machine_read(HISTORY), "-312\n");
	expect_tool("taskmon start --period 100ms 313", 0);
	assert_string_equal(machine_read(PERIOD), "100\n");
	expect_tool("taskmon start --period=2s 313", 0);
	assert_string_equal(machine_read(PERIOD), "2000\n");
	expect_tool("taskmon start -p 1h 313", 0);
	assert_string_equal(machine_read(PERIOD), "3600000\n");
}

static void refusals_name_the_process_and_the_cause(void **state)
{
	static const struct {
		const char *fail;
		const char *line;
		const char *said;
	} table[] = {
		{ "write:1:3", "taskmon start 312",
		  "taskmon: 312: there is no such process; 'ps' shows them\n" },
		{ "write:1:17", "taskmon start 312",
		  "taskmon: 312: is monitored already; 'taskmon show 312'\n" },
		{ "write:1:12", "taskmon start 312",
		  "taskmon: 312: cannot be monitored: Cannot allocate memory\n" },
		{ "write:1:3", "taskmon stop 312",
		  "taskmon: 312: is not monitored; 'taskmon show' tells who is\n" },
		{ "write:1:5", "taskmon stop 312",
		  "taskmon: 312: cannot be stopped: Input/output error\n" },
		{ "/sys/kernel/debug/taskmonitor:1:13", "taskmon start 312",
		  "taskmon: cannot open /sys/kernel/debug/taskmonitor: only root may\n" },
		{ "/sys/kernel/debug/taskmonitor:1:1", "taskmon stop 312",
		  "taskmon: cannot open /sys/kernel/debug/taskmonitor: only root may\n" },
		{ "/sys/kernel/debug/taskmonitor:1:5", "taskmon show",
		  "taskmon: cannot open /sys/kernel/debug/taskmonitor: Input/output error\n" },
		{ "/sys/module/taskmonitor/parameters/period_ms:1:13",
		  "taskmon start -p 1s 312",
		  "taskmon: cannot open /sys/module/taskmonitor/parameters/period_ms: Permission denied\n" },
		{ "fclose:1:22", "taskmon start -p 1s 312",
		  "taskmon: period 1s is out of range (1ms to 1h)\n" },
		{ "fclose:1:5", "taskmon start -p 1s 312",
		  "taskmon: cannot write /sys/module/taskmonitor/parameters/period_ms: Input/output error\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		expect_failing(table[i].fail, table[i].line, 1);
		expect_output(table[i].said);
	}
	/* The others are started all the same. */
	machine_write(HISTORY, "");
	expect_failing("write:1:3", "taskmon start 312 313", 1);
	assert_string_equal(machine_read(HISTORY), "313\n");
}

static void history_that_is_not_there_is_told_with_the_remedy(void **state)
{
	(void)state;
	machine_write(HISTORY, SAMPLES "pid 5 of tomorrow\n");
	expect_tool("taskmon csv 7", 1);
	expect_said(
		"taskmon: /sys/kernel/debug/taskmonitor: this program does not understand \"pid 5 of tomorrow\"\n");
	expect_tool("taskmon show", 1);
	machine_remove(HISTORY);
	machine_make_folder(HISTORY);
	expect_tool("taskmon csv", 1);
	expect_said(
		"taskmon: cannot read /sys/kernel/debug/taskmonitor: Is a directory\n");
	machine_remove(HISTORY);
	expect_tool("taskmon show", 1);
	expect_output(
		"taskmon: cannot find /sys/kernel/debug/taskmonitor: mount debugfs: mount -t debugfs debugfs /sys/kernel/debug\n");
	expect_tool("rm -r $MM_ROOT/sys/module/taskmonitor", 0);
	expect_tool("taskmon plot 7", 1);
	expect_output(
		"taskmon: nothing is monitored: begin with 'taskmon start PID'\n");
}

static void module_is_loaded_when_it_is_needed(void **state)
{
	(void)state;
	expect_tool("rm -r $MM_ROOT/sys/module/taskmonitor", 0);
	expect_tool("taskmon start 312", 1);
	expect_output(
		"taskmon: cannot open /lib/modules/taskmonitor.ko: No such file or directory; this kernel's own has to be there (CONFIG_TASKMONITOR=m)\n");
	machine_write("lib/modules/taskmonitor.ko", "");
	expect_failing("finit_module:1:1", "taskmon start 312", 1);
	expect_output(
		"taskmon: cannot load /lib/modules/taskmonitor.ko: only root may\n");
	expect_failing("finit_module:1:8", "taskmon start 312", 1);
	expect_output(
		"taskmon: cannot load /lib/modules/taskmonitor.ko: Exec format error; 'dmesg' may tell more\n");
	/* Another process has been faster. */
	machine_write(HISTORY, "");
	expect_failing("finit_module:1:17", "taskmon start 312", 0);
	expect_tool("taskmon start 312", 0);
	expect_tool("[ -d $MM_ROOT/sys/module/taskmonitor ]", 0);
}

static void wrong_usage_is_explained(void **state)
{
	static const struct {
		const char *line;
		const char *said;
	} table[] = {
		{ "taskmon", "missing command (start, stop, show, plot, csv)" },
		{ "taskmon nosuch",
		  "no such command 'nosuch' (start, stop, show, plot, csv)" },
		{ "taskmon start", "missing operand: PID" },
		{ "taskmon start -p 1s", "missing operand: PID" },
		{ "taskmon start -p", "missing value of --period: TIME" },
		{ "taskmon start -x 1", "no such option '-x'" },
		{ "taskmon start -p 2h 1",
		  "time '2h' for --period is out of range (1ms to 1h)" },
		{ "taskmon start 0",
		  "number '0' for a process is out of range (1 to 2147483647)" },
		{ "taskmon stop 1 x",
		  "invalid number 'x' for a process (1 to 2147483647)" },
		{ "taskmon show 1 2", "unexpected operand '2'" },
		{ "taskmon show x", "invalid number 'x' for a process" },
		{ "taskmon csv x", "invalid number 'x' for a process" },
		{ "taskmon plot x", "invalid number 'x' for a process" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		expect_tool(table[i].line, 2);
		expect_said(table[i].said);
		expect_said("\nTry 'taskmon --help'.\n");
	}
	expect_tool("taskmon help && taskmon -h && taskmon start --help", 0);
	expect_said("Monitors CPU time and sizes of processes.\n");
	expect_said("'taskmon help', or --help, is this text");
	expect_tool("taskmon --version && taskmon -V", 0);
	expect_said("taskmon 1.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(newest_sample_of_each_process_is_shown),
		MACHINE_TEST(history_of_one_process_has_a_row_for_each_sample),
		MACHINE_TEST(csv_has_the_figures_as_they_are),
		MACHINE_TEST(picture_has_cpu_use_and_size),
		MACHINE_TEST(picture_of_one_sample_is_empty),
		MACHINE_TEST(use_that_cannot_be_is_none),
		MACHINE_TEST(picture_follows_the_history_until_q),
		MACHINE_TEST(picture_ends_with_the_history),
		MACHINE_TEST(small_terminals_get_what_fits),
		MACHINE_TEST(processes_are_started_and_stopped),
		MACHINE_TEST(refusals_name_the_process_and_the_cause),
		MACHINE_TEST(history_that_is_not_there_is_told_with_the_remedy),
		MACHINE_TEST(module_is_loaded_when_it_is_needed),
		MACHINE_TEST(wrong_usage_is_explained),
	};

	machine_prepare = prepare;
	return RUN_GROUP(tests);
}
