// SPDX-License-Identifier: GPL-2.0-only
/*
 * taskmon: what a process is called. /proc/PID/stat has the name in parentheses,
 * of which it may have some itself, and when the process began as field 22:
 *
 *	39 (hog (old)) S 1 39 39 0 -1 4194560 93 0 0 0 10 35 0 0 20 0 1 0 181 ...
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "task.h"
#include "text.h"

bool task_parse_stat(const char *stat, long hz, unsigned long long sampled_us,
		     char name[TASK_NAME_SIZE])
{
	const char *begin = strchr(stat, '('), *end = strrchr(stat, ')');
	unsigned long long ticks;

	if (!begin || !end || end < begin)
		return false;
	if (sscanf(end + 1,
		   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &ticks) != 1)
		return false;
	if (ticks * 1000000 / hz > sampled_us)
		return false;
	snprintf(name, TASK_NAME_SIZE, "%.*s", (int)(end - begin - 1),
		 begin + 1);
	make_printable(name);
	return true;
}

/*
 * Samples have the time without that of suspension, the start of a process has it
 * with. More is not known of a sample than that it is no later than this.
 */
static unsigned long long with_suspension(unsigned long long monotonic_us)
{
	struct timespec with, without;

	clock_gettime(CLOCK_MONOTONIC, &without);
	clock_gettime(CLOCK_BOOTTIME, &with);
	return monotonic_us + (with.tv_sec - without.tv_sec) * 1000000 +
	       (with.tv_nsec - without.tv_nsec) / 1000;
}

bool task_name(const struct sample *sample, char name[TASK_NAME_SIZE])
{
	char path[32], stat[1024];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", sample->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (length < 0)
		return false;
	stat[length] = '\0';
	return task_parse_stat(stat, sysconf(_SC_CLK_TCK),
			       with_suspension(sample->time_us), name);
}
