// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: the kernel's task monitor, and why it refuses. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/syscall.h>

#include "mmlimit.h"
#include "monitor.h"
#include "say.h"

#define MODULE "/lib/modules/taskmonitor.ko"
#define DEBUGFS "/sys/kernel/debug"
#define HISTORY DEBUGFS "/taskmonitor"
#define PERIOD "/sys/module/taskmonitor/parameters/period_ms"

static bool is_loaded(void)
{
	return !access("/sys/module/taskmonitor", F_OK);
}

static int cannot_open_history(void)
{
	if (errno == EACCES || errno == EPERM)
		return fail("cannot open " HISTORY ": only root may");
	if (errno == ENOENT && !is_loaded())
		return fail(
			"nothing is monitored: begin with 'taskmon start PID'");
	if (errno == ENOENT)
		return fail(
			"cannot find " HISTORY
			": mount debugfs: mount -t debugfs debugfs " DEBUGFS);
	return fail("cannot open " HISTORY ": %s", strerror(errno));
}

int monitor_load(void)
{
	int fd, error;

	if (is_loaded())
		return 0;
	fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(
			"cannot open " MODULE
			": %s; this kernel's own has to be there (CONFIG_TASKMONITOR=m)",
			strerror(errno));
	error = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	if (error == EPERM)
		return fail("cannot load " MODULE ": only root may");
	/* EEXIST means that another process has loaded it meanwhile. */
	if (error && error != EEXIST)
		return fail("cannot load " MODULE ": %s; 'dmesg' may tell more",
			    strerror(error));
	return 0;
}

/* Returns 0, or an error; -1: the user was told. */
static int write_command(int number)
{
	char text[16];
	int fd = open(HISTORY, O_WRONLY | O_CLOEXEC), error = 0;
	int length = snprintf(text, sizeof(text), "%d\n", number);

	if (fd < 0) {
		cannot_open_history();
		return -1;
	}
	if (write(fd, text, length) != length)
		error = errno;
	close(fd);
	return error;
}

int monitor_start(pid_t pid)
{
	int error = write_command(pid);

	switch (error) {
	case 0:
		return 0;
	case -1:
		return EXIT_FAILURE;
	case ESRCH:
		return fail("%d: there is no such process; 'ps' shows them",
			    pid);
	case EEXIST:
		return fail("%d: is monitored already; 'taskmon show %d'", pid,
			    pid);
	}
	return fail("%d: cannot be monitored: %s", pid, strerror(error));
}

int monitor_stop(pid_t pid)
{
	int error = write_command(-pid);

	if (error == ESRCH)
		return fail("%d: is not monitored; 'taskmon show' tells who is",
			    pid);
	if (error > 0)
		fail("%d: cannot be stopped: %s", pid, strerror(error));
	return error ? EXIT_FAILURE : 0;
}

unsigned int monitor_period_ms(void)
{
	FILE *file = fopen(PERIOD, "re");
	unsigned int ms = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &ms) != 1)
		ms = 0;
	fclose(file);
	return ms;
}

int monitor_set_period(unsigned int ms)
{
	char text[MMLIMIT_TEXT_SIZE];
	FILE *file = fopen(PERIOD, "we");

	if (!file)
		return fail("cannot open " PERIOD ": %s", strerror(errno));
	fprintf(file, "%u\n", ms);
	if (!fclose(file))
		return 0;
	if (errno == EINVAL)
		return fail("period %s is out of range (1ms to 1h)",
			    mmlimit_format_duration(ms, text));
	return fail("cannot write " PERIOD ": %s", strerror(errno));
}

/*
 * A sample line: "pid 312 time 5011723 usr 120 sys 40 total 1492 stack 132 data
 * 208"
 */
static bool parse(const char *line, struct sample *sample)
{
	return sscanf(line,
		      "pid %d time %llu usr %llu sys %llu total %lu stack %lu data %lu",
		      &sample->pid, &sample->time_us, &sample->usr_us,
		      &sample->sys_us, &sample->total_kib, &sample->stack_kib,
		      &sample->data_kib) == 7;
}

int monitor_read(pid_t pid, sample_fn take, void *data)
{
	FILE *file = fopen(HISTORY, "re");
	struct sample sample;
	char line[256];
	int ret = 0;

	if (!file)
		return cannot_open_history();
	while (!ret && fgets(line, sizeof(line), file)) {
		if (!parse(line, &sample))
			ret = fail(
				HISTORY
				": this program does not understand \"%.*s\"",
				(int)strcspn(line, "\n"), line);
		else if (!pid || sample.pid == pid)
			take(&sample, data);
	}
	if (!ret && ferror(file))
		ret = fail("cannot read " HISTORY ": %s", strerror(errno));
	fclose(file);
	return ret;
}

unsigned int cpu_share(const struct sample *before, const struct sample *now)
{
	unsigned long long used, passed;

	/* The pid may have been used anew. */
	if (before->pid != now->pid || before->time_us >= now->time_us ||
	    before->usr_us + before->sys_us > now->usr_us + now->sys_us)
		return 0;
	used = now->usr_us + now->sys_us - before->usr_us - before->sys_us;
	passed = now->time_us - before->time_us;
	return (used * 1000 + passed / 2) / passed;
}
