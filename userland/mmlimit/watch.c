// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmlimit watch: prints what happens to limits, when it happens. The kernel
 * says when to look; only the end of reclaiming goes by time.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/signalfd.h>

#include "array.h"
#include "clock.h"
#include "commands.h"
#include "events.h"
#include "format.h"
#include "list.h"
#include "mmlimit.h"
#include "say.h"

static const char *const names[] = {
	[EVENT_LIMIT] = "limit",	 [EVENT_SET] = "set",
	[EVENT_REMOVED] = "removed",	 [EVENT_EXCEED] = "exceed",
	[EVENT_GRACE] = "grace",	 [EVENT_KILL] = "kill",
	[EVENT_STUCK] = "stuck",	 [EVENT_RECLAIM] = "reclaim",
	[EVENT_RECLAIMED] = "reclaimed", [EVENT_THRASH] = "thrash",
	[EVENT_WARN] = "warn",		 [EVENT_DRY_RUN] = "dry_run",
	[EVENT_TERM] = "term",
};

static void print_time(void)
{
	struct timespec now;
	struct tm tm;
	char text[16];

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	printf("%s.%03ld ", text, now.tv_nsec / 1000000);
}

static void print_setting(const struct mm_limit_attr *limit, bool exactly)
{
	char text[MMLIMIT_TEXT_SIZE];

	printf(" grace=%s policy=%s",
	       mmlimit_format_duration(limit->grace_ms, text),
	       policy_text(limit->policy));
	if (limit->warn)
		printf(" warn=%u%%", limit->warn);
	if (limit->term_ms)
		printf(" term=%s",
		       mmlimit_format_duration(limit->term_ms, text));
	if (is_dry_run(limit))
		printf(" dry_run");
	if (reclaims(limit))
		printf(" reclaim=%u%%", limit->threshold);
	if (reclaims(limit) && limit->swap_max != MM_LIMIT_ATTR_NONE)
		printf(" swap_max=%s", swap_text(limit, exactly, text));
}

static bool is_about_reclaim(enum event_kind kind)
{
	return kind == EVENT_RECLAIM || kind == EVENT_RECLAIMED ||
	       kind == EVENT_THRASH;
}

static void print_usage(const struct event *event, bool exactly)
{
	const struct mm_limit_attr *limit = event->limit;
	char size[MMLIMIT_TEXT_SIZE];

	/* The kernel does not count for a user without a limit. */
	if (event->kind == EVENT_REMOVED)
		return;
	printf(" usage=%s",
	       size_text(event->kind == EVENT_KILL ? limit->kill_usage :
						     limit->usage,
			 exactly, size));
}

static void print_event(const struct event *event, void *data)
{
	const struct options *options = data;
	const struct mm_limit_attr *limit = event->limit;
	bool exactly = options->given & OPTION_BYTES;
	char user[USER_TEXT_SIZE], size[MMLIMIT_TEXT_SIZE];

	if (options->given & OPTION_TIME)
		print_time();
	printf("%s user=%s uid=%u", names[event->kind],
	       user_text(limit->uid, user), limit->uid);
	print_usage(event, exactly);
	printf(" limit=%s", size_text(limit->mm_max, exactly, size));
	if (event->kind == EVENT_LIMIT || event->kind == EVENT_SET)
		print_setting(limit, exactly);
	if (event->kind == EVENT_GRACE)
		printf(" grace=%s",
		       mmlimit_format_duration(limit->grace_ms, size));
	if (is_about_reclaim(event->kind))
		printf(" swap=%s", size_text(limit->swap, exactly, size));
	if (event->kind == EVENT_KILL)
		printf(" pid=%d rss=%s", limit->kill_pid,
		       size_text(limit->kill_rss, exactly, size));
	if (event->count > 1)
		printf(" count=%llu", event->count);
	putchar('\n');
}

static int read_sorted(int list, struct limits *limits)
{
	int ret = list_read(list, &limits->limits, &limits->count);

	if (ret)
		return ret;
	limits_sort(limits);
	limits->active_ms =
		calloc(limits->count + 1, sizeof(*limits->active_ms));
	if (limits->active_ms)
		return 0;
	free(limits->limits);
	return fail("%s", mmlimit_strerror(-ENOMEM));
}

static void free_limits(struct limits *limits)
{
	free(limits->limits);
	free(limits->active_ms);
}

/*
 * Returns a negative value when it is time to look again, or the exit status.
 * When the reader of the output has gone, that is a reason to end, too.
 */
static int wait_for_change(int list, int signals, long long timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = list, .events = POLLPRI },
		{ .fd = signals, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	while (poll(fds, ARRAY_SIZE(fds), timeout_ms) < 0)
		if (errno != EINTR)
			return fail("cannot wait: %s", strerror(errno));
	if (fds[1].revents)
		return EXIT_SUCCESS;
	if (fds[2].revents) {
		/* This ends us as a write to the closed pipe would. */
		raise(SIGPIPE);
		return EXIT_FAILURE;
	}
	return -1;
}

static int watch(int list, int signals, struct options *options)
{
	struct limits before = { 0 }, now;
	struct limits *earlier = NULL;
	long long timeout_ms;
	int ret;

	do {
		ret = read_sorted(list, &now);
		if (ret)
			break;
		timeout_ms = events_settle(earlier, &now, now_ms());
		events_find(earlier, &now, print_event, options);
		free_limits(&before);
		before = now;
		earlier = &before;
		/*
		 * The lines are written out before the wait for the next ones.
		 */
		ret = finish_output();
		if (!ret)
			ret = wait_for_change(list, signals, timeout_ms);
	} while (ret < 0);
	free_limits(&before);
	return ret;
}

static int run(char **operands, const struct options *given)
{
	struct options options = *given;
	int list, signals, ret;
	sigset_t ends;

	(void)operands;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signals = signalfd(-1, &ends, SFD_CLOEXEC);
	if (signals < 0)
		return fail("cannot wait for signals: %s", strerror(errno));
	list = list_open();
	ret = list < 0 ? EXIT_FAILURE : watch(list, signals, &options);
	if (list >= 0)
		close(list);
	close(signals);
	return ret;
}

const struct command watch_command = {
	.name = "watch",
	.operands = "",
	.options = OPTION_BYTES | OPTION_TIME,
	.summary = "tell what happens, as it happens",
	.help = "A line for each event, with what was found right after it:\n"
		"\n"
		"  limit     at the beginning, one for each limit\n"
		"  set       a limit was set or changed\n"
		"  removed   it was taken away\n"
		"  warn      usage has crossed the share of the limit to be warned at\n"
		"  exceed    the user was found above it\n"
		"  reclaim   its cold memory is being swapped out, and it may exceed again and\n"
		"            again meanwhile; there is swap already\n"
		"  reclaimed no longer so, for a second; whatever has come of it\n"
		"  thrash    swapping was given up, since what went out came straight back\n"
		"  grace     the user may stay above for so long\n"
		"  kill      pid was killed, which had rss, when the user had usage;\n"
		"            count= tells how many, of which this was the last\n"
		"  term      somebody was asked to end (SIGTERM), and has time to\n"
		"  dry_run   somebody would have been killed: see 'mmlimit why'\n"
		"  stuck     nothing more can be done: see dmesg\n"
		"\n"
		"Of several between two looks, the last is shown, with count=. The kernel says when\n"
		"to look, so nothing runs in between. Ends on SIGINT and SIGTERM.",
	.run = run,
};
