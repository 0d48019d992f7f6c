// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests which commands start and stop the task monitor, and which users may
 * give them.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/monitor.h"
#include "lib/processes.h"
#include "lib/user.h"

/* The image has at most 32768. */
#define NO_PID 999999

KTAP_TEST(number_of_a_process_starts_and_its_negative_stops, 10, "taskmonitor")
{
	struct worker a = worker_start(0), b = worker_start(USER_A);

	monitor_load("");
	EXPECT_EQ(monitor_start(a.pid), 0);
	/* The first sample is there at once. */
	EXPECT_EQ(monitor_samples(a.pid, NULL, NULL), 1);
	EXPECT_EQ(monitor_start(b.pid), 0);
	EXPECT_EQ(monitor_start(a.pid), -EEXIST);
	EXPECT_EQ(monitor_count("running"), 2);
	EXPECT_EQ(monitor_samples(0, NULL, NULL), 2);

	EXPECT_EQ(monitor_stop(a.pid), 0);
	EXPECT_EQ(monitor_count("running"), 1);
	EXPECT_EQ(monitor_samples(a.pid, NULL, NULL), 0);
	EXPECT_EQ(monitor_samples(b.pid, NULL, NULL), 1);
	EXPECT_EQ(monitor_stop(a.pid), -ESRCH);
	EXPECT_EQ(monitor_start(a.pid), 0);
	monitor_unload();
	worker_end(&a);
	worker_end(&b);
}

KTAP_TEST(bad_commands_are_invalid_and_change_nothing, 10, "taskmonitor")
{
	static const struct {
		const char *text;
		size_t length;
	} bad[] = {
#define TEXT(text) { text, sizeof(text) - 1 }
		TEXT(""),
		TEXT("\n"),
		TEXT(" "),
		TEXT("-"),
		TEXT("--1"),
		TEXT("- 1"),
		TEXT("+1"),
		TEXT("0"),
		TEXT("-0"),
		TEXT("1 2"),
		TEXT("1\n2\n"),
		TEXT("1a"),
		TEXT("0x1"),
		TEXT("1\0"),
		TEXT("\0001"),
		TEXT("2147483648"),
		TEXT("-2147483648"),
		TEXT("4294967297"),
		TEXT("18446744073709551617"),
#undef TEXT
	};
	static char long_one[2 * PIPE_BUF];
	pid_t self = getpid();

	monitor_load("");
	ASSERT_EQ(monitor_start(self), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (monitor_command(bad[i].text, bad[i].length) != -EINVAL)
			KTAP_FAIL("expected EINVAL for \"%s\"", bad[i].text);
	/* A number, but behind more blanks than anybody needs */
	memset(long_one, ' ', sizeof(long_one));
	long_one[sizeof(long_one) - 1] = '1';
	EXPECT_EQ(monitor_command(long_one, sizeof(long_one)), -EINVAL);
	EXPECT_EQ(monitor_command((const char *)-4096L, 4), -EFAULT);
	EXPECT_EQ(monitor_count("running"), 1);
	EXPECT_EQ(monitor_samples(self, NULL, NULL), 1);
	monitor_unload();
}

static _Noreturn void *sleep_for_ever(void *tid)
{
	*(volatile pid_t *)tid = gettid();
	for (;;)
		pause();
}

KTAP_TEST(command_that_cannot_be_read_is_efault, 10, "taskmonitor")
{
	monitor_load("");
	/* Nothing is mapped in a process's first page. */
	EXPECT_EQ(monitor_command((const char *)1, 3), -EFAULT);
	EXPECT_EQ(monitor_count("tasks"), 0);
	monitor_unload();
}

KTAP_TEST(what_is_no_process_is_not_found, 10, "taskmonitor")
{
	struct worker worker = worker_start(0);
	volatile pid_t tid = 0;
	pthread_t thread;

	monitor_load("");
	EXPECT_EQ(monitor_start(NO_PID), -ESRCH);
	EXPECT_EQ(monitor_start(INT_MAX), -ESRCH);
	EXPECT_EQ(monitor_stop(INT_MAX), -ESRCH);
	EXPECT_EQ(monitor_stop(getpid()), -ESRCH);
	/* A thread is not a process, and a zombie no longer. */
	ASSERT_EQ(pthread_create(&thread, NULL, sleep_for_ever, (void *)&tid),
		  0);
	while (!tid)
		sched_yield();
	EXPECT_EQ(monitor_start(tid), -ESRCH);
	ASSERT_EQ(kill(worker.pid, SIGKILL), 0);
	process_wait_for(worker.pid, 'Z');
	EXPECT_EQ(monitor_start(worker.pid), -ESRCH);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(monitor_start(worker.pid), -ESRCH);
	EXPECT_EQ(monitor_count("tasks"), 0);
	monitor_unload();
}

/* A child with this number, which waits */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};
	pid_t child = syscall(SYS_clone3, &args, sizeof(args));

	if (!child)
		for (;;)
			pause();
	return child;
}

static void end_child(pid_t pid)
{
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

KTAP_TEST(recycled_number_is_another_process, 10, "taskmonitor")
{
	struct worker worker = worker_start(0);
	pid_t pid = worker.pid;
	size_t count;

	/* It never looks while the number changes hands. */
	monitor_load("period_ms=3600000");
	ASSERT_EQ(monitor_start(pid), 0);
	worker_end(&worker);
	ASSERT_EQ(fork_as(pid), pid);
	monitor_set_period(10 * ktap_slowdown());
	monitor_sleep_ms(100);
	EXPECT_EQ(monitor_samples(pid, NULL, NULL), 1);
	EXPECT_EQ(monitor_count("running"), 0);

	/* It can be monitored, too; the old history stays. */
	EXPECT_EQ(monitor_start(pid), 0);
	EXPECT_EQ(monitor_start(pid), -EEXIST);
	monitor_sleep_ms(100);
	count = monitor_count("samples");
	EXPECT_GT(count, 5);
	EXPECT_EQ(monitor_count("tasks"), 2);
	EXPECT_EQ(monitor_stop(pid), 0);
	EXPECT_EQ(monitor_count("tasks"), 0);
	EXPECT_EQ(monitor_count("samples"), 0);
	monitor_unload();
	end_child(pid);
}

static void *outlive_leader(void *unused)
{
	monitor_spin(LONG_MAX);
	return NULL;
}

/* In a worker */
static long leave_to_a_thread(long unused)
{
	pthread_t thread;

	ASSERT_EQ(pthread_create(&thread, NULL, outlive_leader, NULL), 0);
	/* exit() would end the thread, too. */
	syscall(SYS_exit, 0);
	return -1;
}

KTAP_TEST(process_lives_on_in_its_threads, 10, "taskmonitor")
{
	struct worker worker = worker_start(0);
	struct monitor_sample first, last;

	monitor_load("");
	monitor_set_period(10 * ktap_slowdown());
	worker_send(&worker, leave_to_a_thread, 0);
	process_wait_for(worker.pid, 'Z');
	EXPECT_EQ(monitor_start(worker.pid), 0);
	monitor_sleep_ms(200);
	EXPECT_GT(monitor_samples(worker.pid, &first, &last), 10);
	EXPECT_GT(last.usr + last.sys, first.usr + first.sys);
	EXPECT_GT(last.total, 0);
	EXPECT_GT(last.stack, 0);
	EXPECT_EQ(monitor_count("running"), 1);
	ASSERT_EQ(kill(worker.pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	monitor_sleep_ms(50);
	EXPECT_EQ(monitor_count("running"), 0);
	monitor_unload();
}

KTAP_TEST(commands_may_share_an_open_file, 10, "taskmonitor")
{
	struct worker a = worker_start(0), b = worker_start(0);
	char text[32], lines[256];
	int fd;

	monitor_load("");
	fd = open(MONITOR_HISTORY, O_RDWR | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(write(fd, text, sprintf(text, "%d\n", a.pid)), strlen(text));
	EXPECT_EQ(write(fd, text, sprintf(text, " %d ", b.pid)), strlen(text));
	EXPECT_EQ(write(fd, "x", 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(pwrite(fd, text, strlen(text), 1000), -1);
	EXPECT_EQ(errno, ESPIPE);
	/* Reading begins at the beginning nevertheless. */
	ASSERT_GT(read(fd, lines, sizeof(lines)), 0);
	EXPECT_EQ(atoi(lines + strlen("pid ")), a.pid);
	EXPECT_EQ(monitor_count("running"), 2);
	close(fd);
	monitor_unload();
	worker_end(&a);
	worker_end(&b);
}

/* For a root worker: keeps its uid and loses its capabilities. */
static long lose_capabilities(long unused)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static long start_as_worker(long pid)
{
	return monitor_start(pid);
}

static long read_as_worker(long unused)
{
	char text[4096];

	return file_read(MONITOR_HISTORY, text, sizeof(text));
}

static long read_newest_as_worker(long unused)
{
	char text[4097];

	return file_read(MONITOR_NEWEST, text, sizeof(text));
}

KTAP_TEST(only_the_privileged_write_and_read, 10, "taskmonitor")
{
	struct worker user = worker_start(USER_A), root = worker_start(0);

	monitor_load("");
	EXPECT_EQ(worker_call(&user, start_as_worker, user.pid), -EACCES);
	EXPECT_EQ(worker_call(&user, read_as_worker, 0), -EACCES);
	EXPECT_EQ(worker_call(&user, read_newest_as_worker, 0), -EACCES);
	EXPECT_EQ(worker_call(&root, read_newest_as_worker, 0), 0);
	EXPECT_EQ(worker_call(&root, lose_capabilities, 0), 0);
	EXPECT_EQ(worker_call(&root, start_as_worker, root.pid), -EPERM);
	EXPECT_EQ(monitor_count("tasks"), 0);
	monitor_unload();
	worker_end(&user);
	worker_end(&root);
}

static int insert_with_target(const char *name, long number)
{
	char text[64];

	snprintf(text, sizeof(text), "%s=%ld", name, number);
	return monitor_insert(text);
}

KTAP_TEST(target_is_the_first_process, 10, "taskmonitor")
{
	struct worker worker = worker_start(0);

	monitor_load("");
	monitor_unload();
	EXPECT_EQ(insert_with_target("target", worker.pid), 0);
	EXPECT_EQ(monitor_samples(worker.pid, NULL, NULL), 1);
	EXPECT_EQ(monitor_start(worker.pid), -EEXIST);
	EXPECT_EQ(monitor_start(getpid()), 0);
	EXPECT_EQ(monitor_count("running"), 2);
	monitor_unload();
	worker_end(&worker);
}

KTAP_TEST(bad_parameters_refuse_to_load_and_leave_nothing, 10, "taskmonitor")
{
	static const char *const bad[] = {
		"target=0",	 "target=-1",	      "target=x",
		"target=",	 "target=2147483648", "period_ms=0",
		"period_ms=-1",	 "period_ms=3600001", "period_ms=",
		"max_samples=0", "max_samples=-1",
	};

	monitor_load("");
	monitor_unload();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (monitor_insert(bad[i]) != -EINVAL)
			KTAP_FAIL("expected EINVAL for %s", bad[i]);
	EXPECT_EQ(insert_with_target("target", NO_PID), -ESRCH);
	EXPECT_EQ(insert_with_target("period_ms", 1), 0);
	monitor_unload();
}

KTAP_TEST(period_has_bounds_and_changes_at_once, 10, "taskmonitor")
{
	struct monitor_sample last;
	char text[16];

	monitor_load("period_ms=3600000");
	ASSERT_EQ(monitor_start(getpid()), 0);
	EXPECT_EQ(file_write(MONITOR_PERIOD, "0"), -EINVAL);
	EXPECT_EQ(file_write(MONITOR_PERIOD, "3600001"), -EINVAL);
	EXPECT_EQ(file_write(MONITOR_PERIOD, "-5"), -EINVAL);
	EXPECT_EQ(file_write(MONITOR_PERIOD, "ten"), -EINVAL);
	EXPECT_EQ(file_read(MONITOR_PERIOD, text, sizeof(text)), 0);
	EXPECT_STREQ(text, "3600000\n");
	EXPECT_EQ(monitor_samples(0, NULL, NULL), 1);
	/*
	 * The new period does not wait for the end of the hour that had begun.
	 */
	monitor_set_period(10 * ktap_slowdown());
	monitor_wait_for("samples", 10);
	monitor_set_period(3600000);
	EXPECT_LE(monitor_samples(0, NULL, &last), 12);
	monitor_sleep_ms(100);
	EXPECT_LE(monitor_samples(0, NULL, NULL), 12);
	monitor_unload();
}

KTAP_TEST(cap_keeps_the_newest, 10, "taskmonitor")
{
	struct monitor_sample first, last;

	monitor_load("max_samples=20");
	monitor_set_period(5 * ktap_slowdown());
	ASSERT_EQ(monitor_start(getpid()), 0);
	monitor_wait_for("taken", 50);
	monitor_set_period(3600000);
	EXPECT_EQ(monitor_samples(0, &first, &last), 20);
	EXPECT_GE(monitor_count("capped"), 30);
	EXPECT_LE(ktap_now_us() - last.time, 1000000ULL * ktap_slowdown());
	EXPECT_EQ(file_write(MONITOR_MAX, "0"), -EINVAL);
	/* A lower one is reached with the next sample. */
	ASSERT_EQ(file_write(MONITOR_MAX, "5"), 0);
	ASSERT_EQ(monitor_stop(getpid()), 0);
	ASSERT_EQ(monitor_start(getpid()), 0);
	monitor_set_period(5 * ktap_slowdown());
	monitor_wait_for("taken", 60);
	monitor_set_period(3600000);
	EXPECT_EQ(monitor_samples(0, NULL, NULL), 5);
	monitor_unload();
}
