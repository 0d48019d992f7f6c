// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit top: all limits with their usages, as they change. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/signalfd.h>

#include "list.h"
#include "screen.h"

/* A limit that reclaims makes news hundreds of times a second. */
#define SHORTEST_DELAY_MS 100

/* What loop() goes on after */
#define GO_ON -1

/**
 * struct top - what is shown, and how
 * @options: of the command
 * @list: the kernel's list
 * @signals: a signalfd
 * @drawn: on a screen that is ours, not line after line
 * @keys: somebody may press some
 * @order: of the limits, an index of orders[]
 * @looks: how often was looked
 * @limits: as they were the last time
 * @count: their number
 */
struct top {
	const struct options *options;
	int list;
	int signals;
	bool drawn;
	bool keys;
	size_t order;
	unsigned int looks;
	struct mm_limit_attr *limits;
	size_t count;
};

/* The largest first; equal ones by uid, so that they keep their places */
#define COMPARE(left, right) ((left) < (right)) - ((left) > (right))

static int by_uid(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;

	return COMPARE(right->uid, left->uid);
}

static int by_share(const void *a, const void *b)
{
	int ret = COMPARE(usage_share(a), usage_share(b));

	return ret ? ret : by_uid(a, b);
}

static int by_usage(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	int ret = COMPARE(left->usage, right->usage);

	return ret ? ret : by_uid(a, b);
}

static int by_limit(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	int ret = COMPARE(left->mm_max, right->mm_max);

	return ret ? ret : by_uid(a, b);
}

static int by_kills(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	int ret = COMPARE(left->kills, right->kills);

	return ret ? ret : by_uid(a, b);
}

static int by_name(const void *a, const void *b)
{
	const struct mm_limit_attr *left = a, *right = b;
	char left_name[USER_TEXT_SIZE], right_name[USER_TEXT_SIZE];
	int ret = strcmp(user_text(left->uid, left_name),
			 user_text(right->uid, right_name));

	return ret ? ret : by_uid(a, b);
}

static const struct {
	char key;
	const char *name;
	int (*compare)(const void *a, const void *b);
} orders[] = {
	{ 'u', "share", by_share }, { 'm', "usage", by_usage },
	{ 'l', "limit", by_limit }, { 'k', "kills", by_kills },
	{ 'n', "name", by_name },
};

static int show(const struct top *top)
{
	int error;

	if (top->count)
		qsort(top->limits, top->count, sizeof(*top->limits),
		      orders[top->order].compare);
	if (!top->drawn) {
		if (top->looks)
			putchar('\n');
		list_print(top->limits, top->count,
			   top->options->given & OPTION_BYTES);
		return finish_output();
	}
	error = screen_draw(top->limits, top->count, orders[top->order].name,
			    terminal_size());
	return error ? fail("cannot write: %s", strerror(-error)) : 0;
}

static int look(struct top *top)
{
	struct mm_limit_attr *limits;
	size_t count;
	int ret = list_read(top->list, &limits, &count);

	if (ret)
		return ret;
	free(top->limits);
	top->limits = limits;
	top->count = count;
	ret = show(top);
	top->looks++;
	return ret;
}

static int enter(void)
{
	int error = terminal_enter();

	return error ? fail("cannot use the terminal: %s", strerror(-error)) :
		       0;
}

/* Returns GO_ON, or the exit status. */
static int handle_signal(struct top *top)
{
	struct signalfd_siginfo info;

	if (read(top->signals, &info, sizeof(info)) != sizeof(info))
		return GO_ON;
	switch (info.ssi_signo) {
	case SIGTSTP:
		/* SIGCONT, which ends this, also takes the terminal again. */
		terminal_leave();
		raise(SIGSTOP);
		return GO_ON;
	case SIGCONT:
		/* Whoever had the terminal meanwhile may have changed it. */
		terminal_leave();
		return enter()	 ? EXIT_FAILURE :
		       show(top) ? EXIT_FAILURE :
				   GO_ON;
	case SIGWINCH:
		return show(top) ? EXIT_FAILURE : GO_ON;
	}
	return EXIT_SUCCESS;
}

static int handle_key(struct top *top)
{
	int key = terminal_key();

	if (key == -EAGAIN || key == -EINTR)
		return GO_ON;
	if (key < 0)
		top->keys = false;
	if (key == 'q')
		return EXIT_SUCCESS;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
		if (orders[i].key == key)
			top->order = i;
	return show(top) ? EXIT_FAILURE : GO_ON;
}

/*
 * Waits for something to do, and does it, until it is time to look again.
 * Returns GO_ON, or the exit status.
 */
static int wait_for_look(struct top *top, long long next)
{
	const long long soonest = now_ms() + SHORTEST_DELAY_MS;
	int ret = GO_ON;

	while (ret == GO_ON) {
		long long now = now_ms();
		bool early = now < soonest;
		struct pollfd fds[] = {
			{ .fd = early ? -1 : top->list, .events = POLLPRI },
			{ .fd = top->signals, .events = POLLIN },
			{ .fd = top->keys ? STDIN_FILENO : -1,
			  .events = POLLIN },
		};
		long long left = next - now;

		if (left <= 0)
			return GO_ON;
		if (early && left > soonest - now)
			left = soonest - now;
		if (poll(fds, ARRAY_SIZE(fds),
			 left < INT_MAX ? left : INT_MAX) < 0) {
			if (errno == EINTR)
				continue;
			return fail("cannot wait: %s", strerror(errno));
		}
		if (fds[1].revents)
			ret = handle_signal(top);
		if (ret == GO_ON && fds[2].revents)
			ret = handle_key(top);
		if (ret == GO_ON && fds[0].revents)
			return GO_ON;
	}
	return ret;
}

static int loop(struct top *top)
{
	const struct options *options = top->options;
	int ret;

	do {
		long long next = now_ms() + options->delay_ms;

		ret = look(top);
		if (ret || (options->number && top->looks == options->number))
			return ret;
		ret = wait_for_look(top, next);
	} while (ret == GO_ON);
	return ret;
}

/* All that end or change what is drawn; else they act as ever. */
static int open_signals(bool drawn)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (drawn) {
		sigaddset(&signals, SIGHUP);
		sigaddset(&signals, SIGQUIT);
		sigaddset(&signals, SIGTSTP);
		sigaddset(&signals, SIGCONT);
		sigaddset(&signals, SIGWINCH);
		signal(SIGPIPE, SIG_IGN);
	}
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run(char **operands, const struct options *options)
{
	struct top top = { .options = options };
	int ret;

	(void)operands;
	top.drawn = !options->number && terminal_usable();
	top.keys = top.drawn && isatty(STDIN_FILENO);
	top.list = list_open();
	if (top.list < 0)
		return EXIT_FAILURE;
	top.signals = open_signals(top.drawn);
	if (top.signals < 0)
		return fail("cannot wait for signals: %s", strerror(errno));
	ret = top.drawn ? enter() : 0;
	if (!ret)
		ret = loop(&top);
	terminal_leave();
	free(top.limits);
	return ret;
}

const struct command top_command = {
	.name = "top",
	.operands = "",
	.options = OPTION_DELAY | OPTION_NUMBER | OPTION_ONCE | OPTION_BYTES,
	.summary = "show all limits, live",
	.help = "On a terminal, draws bars of usage against limit, | marking the peak; with -n,\n"
		"--once, or elsewhere, prints tables. Keys sort by u: share of the limit, m: usage,\n"
		"l: limit, k: kills, n: name; q ends, as SIGINT and SIGTERM do. Events show at once,\n"
		"usages as often as --delay says. Below a limit that reclaims stand what the user\n"
		"has in swap, the pages swapped out and brought back, how often threads did so at\n"
		"the limit, and how often it was given up.",
	.run = run,
};
