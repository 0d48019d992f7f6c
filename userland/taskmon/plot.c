// SPDX-License-Identifier: GPL-2.0-only
/* taskmon plot: a process as it runs, on a screen. */
#define _GNU_SOURCE 1
#include <stdbool.h>
#include <stdio.h>

#include "clock.h"
#include "commands.h"
#include "live.h"
#include "mmlimit.h"
#include "operands.h"
#include "picture.h"
#include "say.h"
#include "task.h"
#include "terminal.h"

/* Nobody sees more than ten pictures a second. */
#define FASTEST_MS 100
#define SLOWEST_MS 1000

static struct picture picture;

/* "pid 312 hog: CPU 98.2%, 12.1MiB, 60 samples; q ends" */
static void make_title(pid_t pid, bool keys, char *title, size_t size)
{
	char name[TASK_NAME_SIZE] = "has ended", total[MMLIMIT_TEXT_SIZE];
	const struct sample *last, *before;
	unsigned int share = 0;

	last = &picture.samples[(picture.count - 1) % PICTURE_SAMPLES];
	before = &picture.samples[(picture.count - 2) % PICTURE_SAMPLES];
	task_name(last, name);
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

/**
 * struct plot - a process on a screen
 * @live: the screen
 * @pid: the process
 */
struct plot {
	struct live live;
	pid_t pid;
};

static int draw(void *data)
{
	struct terminal_size size = terminal_size();
	const struct plot *plot = data;
	struct frame frame;
	char title[128];

	if (read_samples(plot->pid) || frame_begin(&frame))
		return EXIT_FAILURE;
	make_title(plot->pid, plot->live.keys, title, sizeof(title));
	/* Terminals do not agree on what happens in the last column. */
	picture_draw(&picture, frame.file, title, size.rows, size.columns - 1,
		     FRAME_END_OF_LINE "\n");
	return frame_end(&frame);
}

/*
 * The longer a picture takes, the rarer it is drawn, since reading costs the
 * machine.
 */
static int pause_ms(long long took)
{
	long long ms = monitor_period_ms();

	ms = ms < FASTEST_MS ? FASTEST_MS : ms > SLOWEST_MS ? SLOWEST_MS : ms;
	return ms < 10 * took ? 10 * took : ms;
}

static int loop(struct plot *plot)
{
	int ret;

	do {
		long long begin = now_ms(), end;

		if (draw(plot))
			return EXIT_FAILURE;
		end = now_ms();
		ret = live_wait(&plot->live, -1, 0,
				end + pause_ms(end - begin));
	} while (ret == LIVE_GO_ON);
	return ret;
}

static int print(pid_t pid)
{
	char title[128];

	if (read_samples(pid))
		return EXIT_FAILURE;
	make_title(pid, false, title, sizeof(title));
	picture_draw(&picture, stdout, title, 24, 79, "\n");
	putchar('\n');
	return finish_output();
}

static int run(char **words)
{
	struct plot plot = {
		.live = { .show = draw, .data = &plot, .drawn = true },
	};
	int ret;

	if (parse_pid(*words, &plot.pid))
		return EXIT_USAGE;
	if (!terminal_usable())
		return print(plot.pid);
	ret = live_begin(&plot.live);
	if (!ret)
		ret = loop(&plot);
	live_end();
	return ret;
}

const struct command plot_command = {
	.name = "plot",
	.operands = "PID",
	.min = 1,
	.max = 1,
	.summary = "CPU use and size as they change; q ends",
	.run = run,
};
