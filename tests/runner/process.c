// SPDX-License-Identifier: GPL-2.0-only
/* Starts a program in a process group of its own, watches it, ends it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

/* In the child; returns only when the program cannot be run. */
static void become(const struct arguments *argv,
		   const struct arguments *environment, int output, int errors,
		   pid_t parent)
{
	sigset_t none;
	size_t i;
	int null;

	setpgid(0, 0);
	/* The parent may have died before this took effect. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		return;
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
		return;
	for (i = 0; i < environment->count; i++)
		putenv(environment->list[i]);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv->list[0], argv->list);
}

/*
 * Returns 0 when the child executes its program, or else the error that it met.
 */
static int started(int report)
{
	int error = 0;
	ssize_t length;

	do {
		length = read(report, &error, sizeof(error));
	} while (length < 0 && errno == EINTR);
	return length == sizeof(error) ? -error : 0;
}

int process_start(struct process *process, const struct arguments *argv,
		  const struct arguments *environment, int errors)
{
	int output[2];
	int report[2];
	pid_t parent = getpid();
	int ret;

	/* Should the status ever get lost, it is not to read as success. */
	*process = (struct process){ .output = -1, .status = 127 << 8 };
	if (pipe2(output, O_CLOEXEC) < 0)
		return -errno;
	if (fcntl(output[0], F_SETFL, O_NONBLOCK) < 0 ||
	    pipe2(report, O_CLOEXEC) < 0) {
		ret = -errno;
		goto close_output;
	}
	process->pid = fork();
	if (!process->pid) {
		become(argv, environment, output[1], errors, parent);
		ret = errno ? errno : ECHILD;
		ret = write(report[1], &ret, sizeof(ret)) < 0;
		_exit(127);
	}
	ret = process->pid < 0 ? -errno : 0;
	close(report[1]);
	if (!ret) {
		setpgid(process->pid, process->pid);
		ret = started(report[0]);
	}
	close(report[0]);
	if (!ret) {
		close(output[1]);
		process->output = output[0];
		return 0;
	}
	while (process->pid > 0 && waitpid(process->pid, NULL, 0) < 0 &&
	       errno == EINTR)
		continue;
	process->pid = 0;
close_output:
	close(output[0]);
	close(output[1]);
	return ret;
}

void process_signal(const struct process *process, int signal)
{
	if (process->pid > 0 && !process->exited)
		kill(-process->pid, signal);
}

bool process_reap(struct process *process)
{
	siginfo_t info = { 0 };

	if (process->exited || process->pid <= 0)
		return true;
	/*
	 * Until the child is reaped, its number is not given to another
	 * process.
	 */
	if (waitid(P_PID, process->pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
	    !info.si_pid)
		return false;
	kill(-process->pid, SIGKILL);
	while (waitpid(process->pid, &process->status, 0) < 0) {
		if (errno != EINTR)
			break;
	}
	process->exited = true;
	return true;
}

static bool read_stat(const char *path, uint64_t *ticks, char *state)
{
	char stat[1024];
	ssize_t length;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (length <= 0)
		return false;
	stat[length] = '\0';
	return stall_read_stat(stat, ticks, state);
}

bool process_sample(const struct process *process, struct stall_sample *sample)
{
	long hz = sysconf(_SC_CLK_TCK);
	const struct dirent *entry;
	char path[300];
	uint64_t ticks;
	char state;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/stat", process->pid);
	if (hz <= 0 || !read_stat(path, &ticks, &state))
		return false;
	sample->cpu_ms = ticks * 1000 / hz;
	sample->asleep = true;
	snprintf(path, sizeof(path), "/proc/%d/task", process->pid);
	tasks = opendir(path);
	if (!tasks)
		return false;
	while ((entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/stat",
			 process->pid, entry->d_name);
		if (read_stat(path, &ticks, &state) && state != 'S')
			sample->asleep = false;
	}
	closedir(tasks);
	return true;
}
