// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are started, watched and ended, and what is left when that fails. */
#define _GNU_SOURCE
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "process.h"

/* How many of the calls below are left until one fails; 0: none does */
static unsigned int until_failure;

static bool fails(void)
{
	if (!until_failure || --until_failure)
		return false;
	errno = EMFILE;
	return true;
}

/* The linker's --wrap puts these in the places of the C library's. */
int __real_pipe2(int fds[2], int flags);
int __wrap_pipe2(int fds[2], int flags);
int __wrap_pipe2(int fds[2], int flags)
{
	return fails() ? -1 : __real_pipe2(fds, flags);
}

pid_t __real_fork(void);
pid_t __wrap_fork(void);
pid_t __wrap_fork(void)
{
	return fails() ? -1 : __real_fork();
}

/* What compilers make of fork() to count what is executed */
pid_t __wrap___gcov_fork(void);
pid_t __wrap___gcov_fork(void)
{
	return __wrap_fork();
}

static unsigned int open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* Starts a line of the shell with a variable, or, if that is NULL, what cannot be. */
static int start(struct process *process, const char *line)
{
	struct arguments argv = { 0 };
	struct arguments environment = { 0 };
	int ret;

	arguments_add(&environment, "GREETING=hello");
	arguments_add(&argv, "%s", line ? "sh" : "/nosuch/program");
	arguments_add(&argv, "-c");
	arguments_add(&argv, "%s", line ? line : "");
	ret = process_start(process, &argv, &environment, STDERR_FILENO);
	arguments_free(&argv);
	arguments_free(&environment);
	return ret;
}

static void wait_for_end(struct process *process)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, process->pid, &info, WEXITED | WNOWAIT),
			 0);
	assert_true(process_reap(process));
	assert_true(process->exited);
}

static void read_output(const struct process *process, char *text, size_t size)
{
	struct pollfd fd = { .fd = process->output, .events = POLLIN };
	ssize_t length;

	assert_int_equal(poll(&fd, 1, 60000), 1);
	length = read(process->output, text, size - 1);
	assert_true(length >= 0);
	text[length] = '\0';
}

static void program_finds_what_it_was_given(void **state)
{
	struct process process;
	char text[64];

	(void)state;
	assert_int_equal(start(&process, "cat; echo $GREETING; exit 3"), 0);
	read_output(&process, text, sizeof(text));
	assert_string_equal(text, "hello\n");
	wait_for_end(&process);
	assert_int_equal(WEXITSTATUS(process.status), 3);
	close(process.output);
}

static void failed_start_is_told_and_leaves_nothing(void **state)
{
	unsigned int before = open_files(), calls = 0;
	struct process process;
	int ret;

	(void)state;
	do {
		until_failure = ++calls;
		ret = start(&process, "exit 0");
		if (!ret)
			break;
		assert_int_equal(ret, -EMFILE);
		assert_true(process.pid <= 0 && process.output < 0);
		assert_int_equal(open_files(), before);
		/* Nobody is there to be waited for, or to be hit. */
		assert_true(process_reap(&process));
		assert_true(process.status);
		process_signal(&process, SIGKILL);
	} while (calls < 10);
	until_failure = 0;
	/* Two pipes and a process */
	assert_int_equal(calls, 4);
	wait_for_end(&process);
	close(process.output);
	assert_int_equal(start(&process, NULL), -ENOENT);
	assert_int_equal(open_files(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void end_is_seen_once_and_takes_the_group_along(void **state)
{
	struct process process;
	char text[64];
	pid_t child;

	(void)state;
	assert_int_equal(start(&process, "sleep 1000 & echo $!; read -r x"), 0);
	read_output(&process, text, sizeof(text));
	child = atoi(text);
	assert_true(child > 1);
	wait_for_end(&process);
	/* The second time it is nobody any more, and so it stays. */
	assert_true(process_reap(&process));
	while (!kill(child, 0)) {
		/* Init, or whoever adopts it, has it still to reap. */
		char path[32], stat[64] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/stat", child);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			break;
		assert_true(read(fd, stat, sizeof(stat) - 1) >= 0);
		close(fd);
		if (strstr(stat, ") Z "))
			break;
		usleep(1000);
	}
	close(process.output);
}

static void sample_tells_sleep_and_not_of_who_is_gone(void **state)
{
	struct stall_sample sample;
	struct process process;
	char text[64];

	(void)state;
	assert_int_equal(start(&process, "echo begun; exec sleep 1000"), 0);
	read_output(&process, text, sizeof(text));
	assert_false(process_reap(&process));
	do {
		assert_true(process_sample(&process, &sample));
	} while (!sample.asleep);
	process_signal(&process, SIGTERM);
	wait_for_end(&process);
	assert_int_equal(WTERMSIG(process.status), SIGTERM);
	assert_false(process_sample(&process, &sample));
	close(process.output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_finds_what_it_was_given),
		cmocka_unit_test(failed_start_is_told_and_leaves_nothing),
		cmocka_unit_test(end_is_seen_once_and_takes_the_group_along),
		cmocka_unit_test(sample_tells_sleep_and_not_of_who_is_gone),
	};

	return RUN_GROUP(tests);
}
