// SPDX-License-Identifier: GPL-2.0-only
/* Processes that hold memory, and what becomes of them. */
#define _GNU_SOURCE 1
#include <poll.h>
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
#include "lib/memory.h"
#include "lib/processes.h"

struct worker start_holding(uid_t uid, unsigned long bytes)
{
	struct worker worker = worker_start(uid);

	ASSERT_EQ(worker_call(&worker, held_grow, bytes / PAGE), 0);
	return worker;
}

void process_end_with(pid_t parent)
{
	pid_t now;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	now = getppid();
	/* One in another pid namespace is 0. */
	if (now && now != parent)
		_exit(EXIT_FAILURE);
}

/* A sample: "31 (prj2_test) S 27 31 31 0 ..." */
char process_state(pid_t pid)
{
	char path[32], stat[512], *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (file_read(path, stat, sizeof(stat)))
		return 0;
	end = strrchr(stat, ')');
	return end && end[1] ? end[2] : 0;
}

unsigned long process_status(pid_t pid, const char *name)
{
	char path[32], text[4096], line[64], *found;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	snprintf(line, sizeof(line), "\n%s", name);
	found = strstr(text, line);
	ASSERT_TRUE(found);
	return strtoul(found + strlen(line), NULL, 10);
}

void process_wait_for(pid_t pid, char state)
{
	ktap_waiting_for("process %d to be in state %c", pid, state);
	while (process_state(pid) != state)
		usleep(1000);
	ktap_waiting_for(NULL);
}

void process_wait_end(pid_t pid)
{
	struct pollfd fd = { .events = POLLIN };

	fd.fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd.fd < 0) {
		ASSERT_EQ(errno, ESRCH);
		return;
	}
	ktap_waiting_for("the end of process %d", pid);
	while (poll(&fd, 1, -1) < 0)
		ASSERT_EQ(errno, EINTR);
	ktap_waiting_for(NULL);
	close(fd.fd);
}

void process_set_oom_score_adj(pid_t pid, const char *adj)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	ASSERT_EQ(file_write(path, adj), 0);
}

long process_change_user_raw(uid_t uid)
{
	long ret = syscall(SYS_setresuid32, -1, 0, -1);

	return ret ? ret : syscall(SYS_setresuid32, uid, uid, 0);
}

/* In the memory of both: 0 until the other process is ready or has failed */
static volatile long sharer_ready;

/* It does without the C library, whose state it shares with its parent. */
static int share_and_wait(void *uid)
{
	long ret = 0;

	if ((long)uid != -1)
		ret = process_change_user_raw((long)uid);
	sharer_ready = ret ? ret : 1;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

pid_t process_share_memory(uid_t uid)
{
	static char stack[16384] __attribute__((aligned(16)));
	pid_t pid;

	sharer_ready = 0;
	pid = clone(share_and_wait, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		    (void *)(long)uid);
	while (pid > 0 && !sharer_ready)
		sched_yield();
	return pid > 0 && sharer_ready < 0 ? -EPERM : pid;
}

bool worker_lives_for(struct worker *worker, unsigned int ms)
{
	struct pollfd fd = { .fd = worker->pidfd, .events = POLLIN };
	uint64_t end_us = ktap_now_us() + 1000ULL * ms, now;

	while ((now = ktap_now_us()) < end_us)
		if (poll(&fd, 1, (end_us - now + 999) / 1000) > 0)
			return false;
	return worker_alive(worker);
}

long worker_fork_stopped(long unused)
{
	pid_t pid = fork();
	int status;

	ASSERT_GE(pid, 0);
	while (!pid)
		raise(SIGSTOP);
	ASSERT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	ASSERT_TRUE(WIFSTOPPED(status));
	return pid;
}

long worker_kill_child(long pid)
{
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
	return 0;
}
