// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: a command that is run for an event. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include "array.h"
#include "format.h"
#include "hook.h"
#include "say.h"

__attribute__((format(printf, 2, 3))) static void
set_variable(const char *name, const char *format, ...)
{
	char text[64];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	setenv(name, text, 1);
}

/* Names are nobody's to choose freely, so they are handed over as values only. */
static void set_variables(const struct event *event)
{
	const struct mm_limit_attr *limit = event->limit;
	bool killed = event->kind == EVENT_KILL;
	char user[USER_TEXT_SIZE];

	set_variable("MM_LIMIT_EVENT", "%s", event_name(event->kind));
	set_variable("MM_LIMIT_COUNT", "%llu", event->count);
	set_variable("MM_LIMIT_USER", "%s", whose_text(limit, user));
	if (mmlimit_is_rule(limit))
		set_variable("MM_LIMIT_UID", "%u-%u", limit->first,
			     limit->last);
	else
		set_variable("MM_LIMIT_UID", "%u", limit->uid);
	set_variable("MM_LIMIT_RULE", "%s", rule_text(limit, user));
	set_variable("MM_LIMIT_MAX", "%llu", limit->mm_max);
	set_variable("MM_LIMIT_USAGE", "%llu",
		     killed ? limit->kill_usage : limit->usage);
	if (!killed)
		return;
	set_variable("MM_LIMIT_PID", "%d", limit->kill_pid);
	set_variable("MM_LIMIT_RSS", "%llu", limit->kill_rss);
}

static _Noreturn void execute(const char *command, const struct event *event)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	set_variables(event);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Returns -1 when the process has ended, or the exit status if a signal came first. */
static int wait_for(pid_t pid, int signals)
{
	int ended = syscall(SYS_pidfd_open, pid, 0);
	struct pollfd fds[] = {
		{ .fd = ended, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int ret = -1;

	if (ended < 0)
		return -1;
	while (!fds[0].revents && !fds[1].revents)
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			break;
	if (fds[1].revents) {
		kill(pid, SIGTERM);
		ret = EXIT_SUCCESS;
	}
	close(ended);
	return ret;
}

static void tell(const char *command, const struct event *event, int status)
{
	char user[USER_TEXT_SIZE];

	whose_text(event->limit, user);
	if (WIFSIGNALED(status))
		fail("%s of %s: '%s' ended by signal %d",
		     event_name(event->kind), user, command, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fail("%s of %s: '%s' ended with exit status %d",
		     event_name(event->kind), user, command,
		     WEXITSTATUS(status));
}

int hook_run(const char *command, const struct event *event, int signals)
{
	pid_t pid = fork();
	int ret, status;

	if (!pid)
		execute(command, event);
	if (pid < 0) {
		fail("cannot start '%s': %s", command, strerror(errno));
		return -1;
	}
	ret = wait_for(pid, signals);
	/* What has come of a command that was told to end is nobody's affair. */
	if (ret >= 0)
		return ret;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	tell(command, event, status);
	return -1;
}
