// SPDX-License-Identifier: GPL-2.0-only
/* What is shown live: drawn on a terminal again and again, until somebody ends it. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/signalfd.h>

#include "array.h"
#include "clock.h"
#include "live.h"
#include "say.h"
#include "terminal.h"

#define HOME "\033[H"
#define END_OF_SCREEN FRAME_END_OF_LINE "\033[J"

static int enter(void)
{
	int error = terminal_enter();

	return error ? fail("cannot use the terminal: %s", strerror(-error)) :
		       0;
}

/*
 * Where nothing is drawn, only the first two are taken; the others act as ever.
 */
static int open_signals(bool drawn)
{
	static const int wanted[] = { SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT,
				      SIGTSTP, SIGCONT, SIGWINCH };
	const size_t always = 2;
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < (drawn ? ARRAY_SIZE(wanted) : always); i++)
		sigaddset(&signals, wanted[i]);
	if (drawn)
		signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int live_begin(struct live *live)
{
	live->keys = live->drawn && isatty(STDIN_FILENO);
	live->signals = open_signals(live->drawn);
	if (live->signals < 0)
		return fail("cannot wait for signals: %s", strerror(errno));
	return live->drawn ? enter() : 0;
}

void live_end(void)
{
	terminal_leave();
}

static int show(const struct live *live)
{
	return live->show(live->data) ? EXIT_FAILURE : LIVE_GO_ON;
}

/* Returns LIVE_GO_ON, or the exit status. */
static int handle_signal(const struct live *live)
{
	struct signalfd_siginfo info;

	if (read(live->signals, &info, sizeof(info)) != sizeof(info))
		return LIVE_GO_ON;
	switch (info.ssi_signo) {
	case SIGTSTP:
		/* SIGCONT, which ends this, also takes the terminal again. */
		terminal_leave();
		raise(SIGSTOP);
		return LIVE_GO_ON;
	case SIGCONT:
		/*
		 * Another program had the terminal meanwhile, and may have
		 * changed it.
		 */
		terminal_leave();
		return enter() ? EXIT_FAILURE : show(live);
	case SIGWINCH:
		return show(live);
	}
	return EXIT_SUCCESS;
}

static int handle_key(struct live *live)
{
	int key = terminal_key();

	if (key == -EAGAIN || key == -EINTR)
		return LIVE_GO_ON;
	if (key == 'q')
		return EXIT_SUCCESS;
	if (key < 0)
		live->keys = false;
	else if (live->press)
		live->press(key, live->data);
	return show(live);
}

int live_wait(struct live *live, int news, long long soonest_ms,
	      long long latest_ms)
{
	int ret = LIVE_GO_ON;

	while (ret == LIVE_GO_ON) {
		long long now = now_ms(), left = latest_ms - now;
		bool early = now < soonest_ms;
		struct pollfd fds[] = {
			{ .fd = early ? -1 : news, .events = POLLPRI },
			{ .fd = live->signals, .events = POLLIN },
			{ .fd = live->keys ? STDIN_FILENO : -1,
			  .events = POLLIN },
		};

		if (left <= 0)
			return LIVE_GO_ON;
		if (early && left > soonest_ms - now)
			left = soonest_ms - now;
		if (poll(fds, ARRAY_SIZE(fds),
			 left < INT_MAX ? left : INT_MAX) < 0) {
			if (errno == EINTR)
				continue;
			return fail("cannot wait: %s", strerror(errno));
		}
		if (fds[1].revents)
			ret = handle_signal(live);
		if (ret == LIVE_GO_ON && fds[2].revents)
			ret = handle_key(live);
		if (ret == LIVE_GO_ON && fds[0].revents)
			return LIVE_GO_ON;
	}
	return ret;
}

int frame_begin(struct frame *frame)
{
	*frame = (struct frame){ 0 };
	frame->file = open_memstream(&frame->text, &frame->length);
	if (!frame->file)
		return fail("cannot draw: %s", strerror(errno));
	fputs(HOME, frame->file);
	return 0;
}

int frame_end(struct frame *frame)
{
	int error = -ENOMEM;

	fputs(END_OF_SCREEN, frame->file);
	if (!fclose(frame->file))
		error = terminal_write(frame->text, frame->length);
	free(frame->text);
	return error ? fail("cannot write: %s", strerror(-error)) : 0;
}
