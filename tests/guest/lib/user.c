// SPDX-License-Identifier: GPL-2.0-only
/* Users to test with, and processes that do things in their name. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <grp.h>
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
#include "lib/user.h"

struct order {
	worker_fn function;
	long argument;
	char parcel[WORKER_PARCEL];
};

char worker_parcel[WORKER_PARCEL] __attribute__((aligned(8)));

void user_become(uid_t uid)
{
	ASSERT_EQ(setgroups(0, NULL), 0);
	ASSERT_EQ(setresgid(uid, uid, uid), 0);
	ASSERT_EQ(setresuid(uid, uid, uid), 0);
}

/*
 * A whole one of what the pipe is for; pipes do not part what is shorter than
 * PIPE_BUF.
 */
static bool read_item(int fd, void *item, size_t size)
{
	ssize_t ret;

	do {
		ret = read(fd, item, size);
	} while (ret < 0 && errno == EINTR);
	return ret == (ssize_t)size;
}

static _Noreturn void work(int orders, int answers)
{
	struct order order;
	long answer;

	/* This tells that the worker is its user's now. */
	answer = 0;
	while (write(answers, &answer, sizeof(answer)) == sizeof(answer)) {
		if (!read_item(orders, &order, sizeof(order)) ||
		    !order.function)
			_exit(EXIT_SUCCESS);
		memcpy(worker_parcel, order.parcel, sizeof(worker_parcel));
		answer = order.function(order.argument);
	}
	_exit(EXIT_FAILURE);
}

struct worker worker_start(uid_t uid)
{
	struct worker worker;
	int orders[2], answers[2];

	ASSERT_EQ(pipe2(orders, O_CLOEXEC), 0);
	ASSERT_EQ(pipe2(answers, O_CLOEXEC), 0);
	/* A dead worker shows in the answer. */
	signal(SIGPIPE, SIG_IGN);
	held_reserve();
	worker.pid = fork();
	ASSERT_GE(worker.pid, 0);
	if (!worker.pid) {
		signal(SIGPIPE, SIG_DFL);
		if (uid)
			user_become(uid);
		close(orders[1]);
		close(answers[0]);
		work(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	worker.orders = orders[1];
	worker.answers = answers[0];
	worker.pidfd = syscall(SYS_pidfd_open, worker.pid, 0);
	ASSERT_GE(worker.pidfd, 0);
	worker_receive(&worker);
	return worker;
}

void worker_send(struct worker *worker, worker_fn function, long argument)
{
	struct order order = { .function = function, .argument = argument };

	memcpy(order.parcel, worker_parcel, sizeof(order.parcel));
	if (write(worker->orders, &order, sizeof(order)) != sizeof(order) &&
	    errno != EPIPE)
		ASSERT_EQ(errno, 0);
}

/*
 * The answers' end of file would not do: children of the worker may hold the
 * pipe open.
 */
long worker_receive(struct worker *worker)
{
	struct pollfd fds[] = {
		{ .fd = worker->answers, .events = POLLIN },
		{ .fd = worker->pidfd, .events = POLLIN },
	};
	long answer;

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0)
		ASSERT_EQ(errno, EINTR);
	if ((fds[0].revents & POLLIN) &&
	    read_item(worker->answers, &answer, sizeof(answer)))
		return answer;
	return WORKER_DIED;
}

long worker_call(struct worker *worker, worker_fn function, long argument)
{
	worker_send(worker, function, argument);
	return worker_receive(worker);
}

bool worker_alive(struct worker *worker)
{
	struct pollfd fd = { .fd = worker->pidfd, .events = POLLIN };

	return poll(&fd, 1, 0) == 0;
}

int worker_wait(struct worker *worker)
{
	int status;

	ktap_waiting_for("the end of worker %d", worker->pid);
	while (waitpid(worker->pid, &status, 0) < 0)
		ASSERT_EQ(errno, EINTR);
	ktap_waiting_for(NULL);
	close(worker->pidfd);
	close(worker->orders);
	close(worker->answers);
	return status;
}

void worker_end(struct worker *worker)
{
	worker_send(worker, NULL, 0);
	EXPECT_EQ(worker_wait(worker), 0);
}

void worker_end_or_die(struct worker *worker)
{
	int status;

	worker_send(worker, NULL, 0);
	status = worker_wait(worker);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		EXPECT_EQ(status, 0);
}

bool worker_was_killed(struct worker *worker)
{
	int status = worker_wait(worker);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

long become_dumpable(long unused)
{
	return prctl(PR_SET_DUMPABLE, 1) ? -errno : 0;
}

long enter_user_namespace(long unused)
{
	return unshare(CLONE_NEWUSER) ? -errno : 0;
}

void worker_map_uids(const struct worker *worker, const char *map)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", worker->pid);
	ASSERT_EQ(file_write(path, map), 0);
}

long user_run(uid_t uid, worker_fn function, long argument)
{
	struct worker worker = worker_start(uid);
	long ret = worker_call(&worker, function, argument);

	if (ret == WORKER_DIED)
		worker_wait(&worker);
	else
		worker_end(&worker);
	return ret;
}
