// SPDX-License-Identifier: GPL-2.0-only
/*
 * oomrankd: tells the kernel whom to kill first when memory runs out.
 *
 * It is awake while memory is nearly gone, so what it takes is allocated and
 * locked before it says that it is ready.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "daemon.h"
#include "mmlimit.h"
#include "options.h"
#include "pressure.h"
#include "proc.h"
#include "ranking.h"
#include "say.h"
#include "table.h"

/* The largest number of processes, if the kernel does not say */
#define PID_MAX 32768

/*
 * After a ranking the daemon is deaf to pressure for so many times as long as
 * it took: with thousands of processes a ranking takes a while, and the machine
 * has other things to do.
 */
#define REST 3

const char program_name[] = "oomrankd";

/**
 * struct oomrankd - the daemon
 * @options: what the command line says
 * @daemon: how it is one
 * @proc: where processes are read from
 * @ranking: the candidates
 * @candidates: the kernel's list of them, to be written
 * @pressure: what poll() tells of memory pressure; -1: nothing does
 * @rest_until_ms: when it wants to hear of pressure again
 * @error: what went wrong last, so that it is told once
 */
struct oomrankd {
	struct options options;
	struct daemon daemon;
	struct proc proc;
	struct ranking ranking;
	int candidates;
	int pressure;
	int64_t rest_until_ms;
	int error;
};

static void add(const struct oomrank_process *process, void *data)
{
	ranking_add(data, process);
}

/* Returns how many processes there are, or a negative error. */
static long look(struct oomrankd *o)
{
	long ret;

	ranking_clear(&o->ranking);
	ret = proc_for_each(&o->proc, add, &o->ranking);
	ranking_sort(&o->ranking);
	return ret;
}

/*
 * The list is handed over in one write(), unless the kernel takes less at a
 * time; the return to the start of the file puts it in force. The file stays
 * open, since opening it takes memory. Returns 0 or an error.
 */
static int tell_kernel(struct oomrankd *o)
{
	size_t length = ranking_write(&o->ranking), done = 0;

	while (done < length) {
		ssize_t ret = write(o->candidates, o->ranking.text + done,
				    length - done);

		if (ret < 0)
			return -errno;
		done += ret;
	}
	return lseek(o->candidates, 0, SEEK_SET) ? -errno : 0;
}

static void rank(struct oomrankd *o, const char *why)
{
	const struct oomrank_process *first = o->ranking.list;
	int64_t begin_ms = now_ms(), end_ms;
	long count = look(o);
	int error = count < 0 ? count : tell_kernel(o);

	if (error && error != o->error)
		log_line("cannot %s: %s",
			 count < 0 ? "read processes" : "tell the kernel",
			 strerror(-error));
	else if (!error && o->error)
		log_line("it works again");
	o->error = error;
	if (o->options.verbose && !error) {
		if (o->ranking.count)
			log_line("%s: %zu of %ld processes, first %d", why,
				 o->ranking.count, count, first->pid);
		else
			log_line("%s: none of %ld processes", why, count);
	}
	end_ms = now_ms();
	o->rest_until_ms = end_ms + REST * (end_ms - begin_ms);
}

/* Takes the list back, so that the kernel chooses by itself again. */
static void take_back(struct oomrankd *o)
{
	ranking_clear(&o->ranking);
	tell_kernel(o);
}

/* How many milliseconds pass until pressure is of interest; -1 if it is now */
static int rest(const struct oomrankd *o)
{
	int64_t left_ms = o->rest_until_ms - now_ms();

	return o->pressure >= 0 && left_ms > 0 ? left_ms : -1;
}

static void take_pressure(struct oomrankd *o, short events)
{
	if (events & POLLERR) {
		log_line(
			"memory pressure is told no longer; ranking at intervals");
		close(o->pressure);
		o->pressure = -1;
	} else {
		rank(o, "pressure");
	}
}

static void loop(struct oomrankd *o)
{
	struct pollfd fds[] = {
		{ .fd = o->daemon.signals, .events = POLLIN },
		{ .fd = o->daemon.timer, .events = POLLIN },
		{ .events = POLLPRI },
	};
	int signal, timeout;

	for (;;) {
		timeout = rest(o);
		fds[2].fd = timeout < 0 ? o->pressure : -1;
		if (poll(fds, 3, timeout) <= 0)
			continue;
		signal = fds[0].revents ? daemon_take_signal(&o->daemon) : 0;
		if (signal && signal != SIGHUP)
			return;
		if (signal)
			rank(o, "signal");
		if (fds[1].revents && daemon_take_timer(&o->daemon))
			rank(o, "interval");
		if (fds[2].fd >= 0 && fds[2].revents)
			take_pressure(o, fds[2].revents);
	}
}

/* A number that the kernel tells, or @other if it does not */
static unsigned int kernel_limit(const char *root, const char *name,
				 unsigned int other)
{
	char path[512], text[16] = "";
	unsigned int limit = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/sys/kernel/%s", root, name);
	file = fopen(path, "re");
	if (file) {
		if (fgets(text, sizeof(text), file))
			limit = strtoul(text, NULL, 10);
		fclose(file);
	}
	return limit ? limit : other;
}

/*
 * How many processes the kernel can have now, by their numbers and by its
 * memory. Should it be allowed more later, those with the fewest points are not
 * listed.
 */
static unsigned int most_processes(const char *root)
{
	unsigned int pids = kernel_limit(root, "pid_max", PID_MAX);
	unsigned int threads = kernel_limit(root, "threads-max", pids);

	return pids < threads ? pids : threads;
}

static int open_proc(struct oomrankd *o)
{
	const struct options *options = &o->options;
	unsigned int most = most_processes(options->root);
	int ret = proc_open(&o->proc, options->root, sysconf(_SC_CLK_TCK),
			    getpid());

	if (ret)
		return fail("%s: %s", options->root, strerror(-ret));
	if (faccessat(o->proc.root, "self/oom", F_OK, 0))
		return fail(
			"this kernel has no /proc/PID/oom: it must be built with CONFIG_OOM_CANDIDATES=y");
	if (options->top && options->top < most)
		most = options->top;
	if (ranking_make(&o->ranking, most))
		return fail("%s", strerror(ENOMEM));
	return 0;
}

static int print_ranking(struct oomrankd *o)
{
	long ret = look(o);

	if (ret < 0)
		return fail("%s: %s", o->options.root, strerror(-ret));
	if (o->options.json)
		table_print_json(&o->ranking, stdout);
	else
		table_print(&o->ranking, stdout);
	return finish_output();
}

static int open_candidates(struct oomrankd *o)
{
	o->candidates = openat(o->proc.root, "oom", O_WRONLY | O_CLOEXEC);
	if (o->candidates >= 0)
		return 0;
	if (errno == EACCES || errno == EPERM)
		return fail("only root may write /proc/oom");
	return fail("/proc/oom: %s", strerror(errno));
}

static int open_pressure(struct oomrankd *o)
{
	int ret;

	o->pressure = -1;
	if (!strcmp(o->options.psi, PRESSURE_OFF))
		return 0;
	ret = pressure_open(o->options.psi);
	if (ret == -EINVAL)
		return wrong_usage(
			"invalid trigger '%s' for --psi (for example '" PRESSURE_DEFAULT
			"': some or full, waits of 1 to WINDOW microseconds, and a WINDOW of 1 to 10000000; or " PRESSURE_OFF
			")",
			o->options.psi);
	if (ret < 0)
		fail("memory pressure is not told, ranking at intervals: %s",
		     strerror(-ret));
	else
		o->pressure = ret;
	return 0;
}

static int serve(struct oomrankd *o)
{
	int ret = open_candidates(o);

	if (!ret)
		ret = open_pressure(o);
	if (!ret)
		ret = daemon_claim(&o->daemon);
	if (!ret)
		ret = daemon_start(&o->daemon, o->options.interval_ms);
	if (ret)
		return ret;
	/* The daemon is another process than the one that opened /proc. */
	o->proc.self = getpid();
	rank(o, "start");
	if (o->error) {
		daemon_end(&o->daemon);
		return fail("/proc/oom: %s", strerror(-o->error));
	}
	daemon_ready(&o->daemon);
	loop(o);
	take_back(o);
	daemon_end(&o->daemon);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct oomrankd o = { 0 };
	int ret = options_parse(&o.options, argc, argv);

	if (ret >= 0)
		return ret;
	o.daemon.foreground = o.options.foreground;
	o.daemon.pid_path = o.options.pid_path;
	ret = open_proc(&o);
	if (ret)
		return ret;
	return o.options.dry_run ? print_ranking(&o) : serve(&o);
}
