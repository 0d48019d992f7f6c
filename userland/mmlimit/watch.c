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
#include "hook.h"
#include "json.h"
#include "list.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"
#include "who.h"

/**
 * struct watch - what is watched, and how it is told
 * @options: of the command
 * @who: whose limits, or NULL: everybody's
 * @sees_rules: the list has rules, too
 * @list: the kernel's list
 * @signals: a signalfd of those that end it
 * @status: -1, or the exit status when a signal came while a command ran
 */
struct watch {
	const struct options *options;
	const struct who *who;
	bool sees_rules;
	int list;
	int signals;
	int status;
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
	char text[MMLIMIT_TEXT_SIZE], rule[USER_TEXT_SIZE];

	printf(" grace=%s policy=%s",
	       mmlimit_format_duration(limit->grace_ms, text),
	       policy_text(limit->policy));
	if (limit->rule != MM_LIMIT_RULE_NONE)
		printf(" rule=%s", rule_text(limit, rule));
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

static void print_event(const struct event *event,
			const struct options *options)
{
	const struct mm_limit_attr *limit = event->limit;
	bool exactly = options->given & OPTION_BYTES;
	char user[USER_TEXT_SIZE], size[MMLIMIT_TEXT_SIZE];

	if (options->given & OPTION_TIME)
		print_time();
	printf("%s user=%s", event_name(event->kind), whose_text(limit, user));
	if (mmlimit_is_rule(limit))
		printf(" uid=%u-%u", limit->first, limit->last);
	else
		printf(" uid=%u", limit->uid);
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

/* A limit that stands when watching begins is nothing that has happened. */
static void take_event(const struct event *event, void *data)
{
	struct watch *watch = data;
	const struct options *options = watch->options;

	if (watch->status >= 0)
		return;
	if (watch->who && !is_meant(watch->who, event->limit))
		return;
	if (options->given & OPTION_JSON)
		json_print_event(event_name(event->kind), event->count,
				 event->limit);
	else
		print_event(event, options);
	if (!(options->given & OPTION_EXEC) || event->kind == EVENT_LIMIT)
		return;
	fflush(stdout);
	watch->status = hook_run(options->command, event, watch->signals);
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

static int loop(struct watch *watch)
{
	struct limits before = { 0 }, now;
	struct limits *earlier = NULL;
	long long timeout_ms;
	int ret;

	do {
		ret = read_sorted(watch->list, &now);
		if (ret)
			break;
		now.sees_rules = watch->sees_rules;
		timeout_ms = events_settle(earlier, &now, now_ms());
		events_find(earlier, &now, take_event, watch);
		free_limits(&before);
		before = now;
		earlier = &before;
		/*
		 * The lines are written out before the wait for the next ones.
		 */
		ret = finish_output();
		if (!ret)
			ret = watch->status >= 0 ?
				      watch->status :
				      wait_for_change(watch->list,
						      watch->signals,
						      timeout_ms);
	} while (ret < 0);
	free_limits(&before);
	return ret;
}

static int watch_who(const struct who *who, const struct options *options)
{
	struct watch watch = { .options = options,
			       .who = who,
			       .sees_rules = is_privileged(),
			       .status = -1 };
	sigset_t ends;
	int ret;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	watch.signals = signalfd(-1, &ends, SFD_CLOEXEC);
	if (watch.signals < 0)
		return fail("cannot wait for signals: %s", strerror(errno));
	watch.list = list_open();
	ret = watch.list < 0 ? EXIT_FAILURE : loop(&watch);
	if (watch.list >= 0)
		close(watch.list);
	close(watch.signals);
	return ret;
}

static int run(char **operands, const struct options *options)
{
	struct who who;
	int ret;

	if (!*operands)
		return watch_who(NULL, options);
	ret = parse_who(*operands, &who);
	if (ret)
		return ret;
	ret = watch_who(&who, options);
	free(who.uids);
	return ret;
}

const struct command watch_command = {
	.name = "watch",
	.operands = "[WHO]",
	.max = 1,
	.options = OPTION_BYTES | OPTION_JSON | OPTION_TIME | OPTION_EXEC,
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
		"A range, FIRST-LAST or default, is for the rules in it, and for all users in it.\n"
		"A pool's events are those of its rule. set and removed are not told of what a\n"
		"rule gives a user, but of the rule.\n"
		"\n"
		"Of several between two looks, the last is shown, with count=. The kernel says\n"
		"when to look, so nothing runs in between. Ends on SIGINT and SIGTERM.\n"
		"\n"
		"With --json each line is an object: schema is 1, time_ms the time since 1970,\n"
		"event and count are as above, limit is as 'mmlimit list --help' describes it.\n"
		"\n"
		"With --exec the shell runs a command for each event after the beginning, one\n"
		"after the other; events meanwhile come together afterwards. It finds what has\n"
		"happened in MM_LIMIT_EVENT, _COUNT, _USER, _UID, _MAX and _USAGE, after a kill\n"
		"also in MM_LIMIT_PID and _RSS; sizes are in bytes. MM_LIMIT_RULE is each or pool\n"
		"of a rule, whose _UID is a range; of a user such as pool:20000-20999, or - if no\n"
		"rule is for it.\n"
		"\n"
		"  mmlimit watch @students --exec 'logger \"$MM_LIMIT_EVENT: $MM_LIMIT_USER\"'",
	.run = run,
};
