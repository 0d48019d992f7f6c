// SPDX-License-Identifier: GPL-2.0-only
/* taskmon plot: a process as it runs, on a screen. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/signalfd.h>

#include "../mmlimit/terminal.h"
#include "mmlimit.h"
#include "picture.h"

/* What the loop goes on after */
#define GO_ON -1

/* Nobody sees more than ten pictures a second. */
#define FASTEST_MS 100
#define SLOWEST_MS 1000

/* Of each line; what was there before goes. */
#define LINE_END "\033[K\n"
#define HOME "\033[H"
#define END_OF_SCREEN "\033[K\033[J"

static struct picture picture;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* "pid 312 hog: CPU 98.2%, 12.1MiB, 60 samples; q ends" */
static void make_title(pid_t pid, bool keys, char *title, size_t size)
{
	char path[32], name[32] = "has ended", total[MMLIMIT_TEXT_SIZE];
	const struct sample *last, *before;
	unsigned int share = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	/* A process can call itself what it likes. */
	for (char *c = name; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	last = &picture.samples[(picture.count - 1) % PICTURE_SAMPLES];
	before = &picture.samples[(picture.count - 2) % PICTURE_SAMPLES];
	if (picture.count > 1)
		share = cpu_share(before, last);
	snprintf(title, size, "pid %d %s: CPU %u.%u%%, %s, %lu samples%s", pid,
		 name, share / 10, share % 10,
		 mmlimit_format_size(1024ULL * last->total_kib, total),
		 picture.count, keys ? "; q ends" : "");
}

static int read_samples(pid_t pid)
{
	picture.count = 0;
	if (monitor_read(pid, picture_take, &picture))
		return EXIT_FAILURE;
	if (!picture.count)
		return fail("%d: has no history any more", pid);
	return 0;
}

static int draw(pid_t pid, bool keys)
{
	struct terminal_size size = terminal_size();
	char title[128], *text = NULL;
	size_t length = 0;
	FILE *file;
	int error;

	if (read_samples(pid))
		return EXIT_FAILURE;
	file = open_memstream(&text, &length);
	if (!file)
		return fail("%s", strerror(errno));
	make_title(pid, keys, title, sizeof(title));
	fputs(HOME, file);
	/* Terminals do not agree on what happens in the last column. */
	picture_draw(&picture, file, title, size.rows, size.columns - 1,
		     LINE_END);
	fputs(END_OF_SCREEN, file);
	error = fclose(file) ? -errno : terminal_write(text, length);
	free(text);
	return error ? fail("cannot write: %s", strerror(-error)) : 0;
}

static int enter(void)
{
	int error = terminal_enter();

	return error ? fail("cannot use the terminal: %s", strerror(-error)) :
		       0;
}

/* Returns GO_ON, or the exit status. */
static int handle_signal(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return GO_ON;
	switch (info.ssi_signo) {
	case SIGTSTP:
		/* SIGCONT, which ends this, also takes the terminal again. */
		terminal_leave();
		raise(SIGSTOP);
		return GO_ON;
	case SIGCONT:
		terminal_leave();
		return enter() ? EXIT_FAILURE : GO_ON;
	case SIGWINCH:
		return GO_ON;
	}
	return EXIT_SUCCESS;
}

static int open_signals(void)
{
	static const int wanted[] = { SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT,
				      SIGTSTP, SIGCONT, SIGWINCH };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&signals, wanted[i]);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Waits for the next picture, or an end. Returns GO_ON, or the exit status. */
static int wait_for_next(int signals, bool *keys, int ms)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = *keys ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int key;

	if (poll(fds, ARRAY_SIZE(fds), ms) < 0 && errno != EINTR)
		return fail("cannot wait: %s", strerror(errno));
	if (fds[0].revents)
		return handle_signal(signals);
	if (fds[1].revents) {
		key = terminal_key();
		if (key == 'q')
			return EXIT_SUCCESS;
		if (key < 0 && key != -EAGAIN && key != -EINTR)
			*keys = false;
	}
	return GO_ON;
}

/* The more there is to be read, the more seldom: reading costs the machine. */
static int pause_ms(long long took)
{
	long long ms = monitor_period_ms();

	ms = ms < FASTEST_MS ? FASTEST_MS : ms > SLOWEST_MS ? SLOWEST_MS : ms;
	return ms < 10 * took ? 10 * took : ms;
}

static int loop(pid_t pid)
{
	bool keys = isatty(STDIN_FILENO);
	int signals = open_signals(), ret;

	if (signals < 0)
		return fail("cannot wait for signals: %s", strerror(errno));
	ret = enter();
	if (ret)
		return ret;
	do {
		long long begin = now_ms();

		if (draw(pid, keys))
			return EXIT_FAILURE;
		ret = wait_for_next(signals, &keys, pause_ms(now_ms() - begin));
	} while (ret == GO_ON);
	return ret;
}

int plot(pid_t pid)
{
	char title[128];
	int ret;

	if (!terminal_usable()) {
		if (read_samples(pid))
			return EXIT_FAILURE;
		make_title(pid, false, title, sizeof(title));
		picture_draw(&picture, stdout, title, 24, 79, "\n");
		putchar('\n');
		return finish_output();
	}
	ret = loop(pid);
	terminal_leave();
	return ret;
}
