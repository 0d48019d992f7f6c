// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes on their way out that a tracer holds while they still have all
 * their memory.
 */
#define _GNU_SOURCE 1
#include <signal.h>
#include <unistd.h>

#include <sys/ptrace.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/exiting.h"

void exiting_arm(const struct worker *worker)
{
	ASSERT_EQ(ptrace(PTRACE_SEIZE, worker->pid, NULL, PTRACE_O_TRACEEXIT),
		  0);
}

void exiting_await(const struct worker *worker)
{
	int status;

	ktap_waiting_for("process %d to stop on its way out", worker->pid);
	ASSERT_EQ(waitpid(worker->pid, &status, __WALL), worker->pid);
	ASSERT_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	ktap_waiting_for(NULL);
}

static long leave(long status)
{
	_exit(status);
}

void exiting_begin(struct worker *worker, int status)
{
	exiting_arm(worker);
	worker_send(worker, leave, status);
	exiting_await(worker);
}

void exiting_release(const struct worker *worker)
{
	ASSERT_EQ(ptrace(PTRACE_CONT, worker->pid, NULL, NULL), 0);
}
