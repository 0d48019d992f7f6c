// SPDX-License-Identifier: GPL-2.0-only
/* The task monitor: its module, its files, and what they say. */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/monitor.h"

#define NAME "taskmonitor"

int monitor_insert(const char *parameters)
{
	int fd = open(MONITOR_MODULE, O_RDONLY | O_CLOEXEC), ret;

	ASSERT_GE(fd, 0);
	ret = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

int monitor_delete(void)
{
	return syscall(SYS_delete_module, NAME, O_NONBLOCK) ? -errno : 0;
}

void monitor_load(const char *parameters)
{
	monitor_delete();
	ASSERT_EQ(monitor_insert(parameters), 0);
}

void monitor_unload(void)
{
	EXPECT_EQ(monitor_delete(), 0);
	monitor_expect_no_trace();
}

/* Whether a line of a file begins with a word */
static bool has_word(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	size_t length = strlen(word);
	char line[512];
	bool found = false;

	ASSERT_TRUE(file);
	while (fgets(line, sizeof(line), file))
		found |= !strncmp(line, word, length) && line[length] == ' ';
	fclose(file);
	return found;
}

static bool thread_exists(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;
	char path[300], name[32];

	ASSERT_TRUE(proc);
	while ((entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (atoi(entry->d_name) > 0 &&
		    !file_read(path, name, sizeof(name)))
			found |= !strcmp(name, MONITOR_THREAD "\n");
	}
	closedir(proc);
	return found;
}

void monitor_expect_no_trace(void)
{
	EXPECT_TRUE(!has_word("/proc/modules", NAME));
	EXPECT_TRUE(!has_word("/proc/slabinfo", NAME "_sample"));
	EXPECT_TRUE(!thread_exists());
	EXPECT_NE(access(MONITOR_HISTORY, F_OK), 0);
	EXPECT_NE(access(MONITOR_STATS, F_OK), 0);
	EXPECT_NE(access(MONITOR_NEWEST, F_OK), 0);
	EXPECT_NE(access("/sys/module/" NAME, F_OK), 0);
}

int monitor_command(const char *text, size_t length)
{
	int fd = open(MONITOR_HISTORY, O_WRONLY | O_CLOEXEC), error = 0;
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, length);
	if (ret < 0)
		error = -errno;
	else if ((size_t)ret != length)
		error = -EIO;
	close(fd);
	return error;
}

static int command(const char *sign, pid_t pid)
{
	char text[32];

	return monitor_command(text, snprintf(text, sizeof(text), "%s%d\n",
					      sign, pid));
}

int monitor_start(pid_t pid)
{
	return command("", pid);
}

int monitor_stop(pid_t pid)
{
	return command("-", pid);
}

void monitor_set_period(unsigned int ms)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", ms);
	ASSERT_EQ(file_write(MONITOR_PERIOD, text), 0);
}

static void read_stats(char *text, size_t size)
{
	ASSERT_EQ(file_read(MONITOR_STATS, text, size), 0);
}

/* The number in the line that begins with a word */
static unsigned long long find_count(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, name, length) && line[length] == ' ')
			return strtoull(line + length, NULL, 10);
	KTAP_FAIL("expected a count of %s", name);
	ktap_stop();
}

unsigned long long monitor_count(const char *name)
{
	char text[1024];

	read_stats(text, sizeof(text));
	return find_count(text, name);
}

unsigned long long monitor_expect_given_back(void)
{
	unsigned long long given;
	char text[1024];

	read_stats(text, sizeof(text));
	given = find_count(text, "shrunk") + find_count(text, "recycled") +
		find_count(text, "capped");
	printf("%llu taken, %llu given back, %llu lost, %llu missed\n",
	       find_count(text, "taken"), given, find_count(text, "lost"),
	       find_count(text, "missed"));
	EXPECT_EQ(find_count(text, "samples") + given,
		  find_count(text, "taken"));
	return given;
}

void monitor_wait_for(const char *name, unsigned long long least)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	ktap_waiting_for("%s to be %llu", name, least);
	while (monitor_count(name) < least)
		nanosleep(&pause, NULL);
	ktap_waiting_for(NULL);
}

FILE *monitor_open(void)
{
	FILE *history = fopen(MONITOR_HISTORY, "re");

	ASSERT_TRUE(history);
	return history;
}

#define FORMAT \
	"pid %d time %llu usr %llu sys %llu total %lu stack %lu data %lu\n"

bool monitor_next(FILE *history, struct monitor_sample *sample)
{
	char line[256], again[256];

	if (!fgets(line, sizeof(line), history)) {
		EXPECT_TRUE(!ferror(history));
		return false;
	}
	*sample = (struct monitor_sample){ 0 };
	sscanf(line, FORMAT, &sample->pid, &sample->time, &sample->usr,
	       &sample->sys, &sample->total, &sample->stack, &sample->data);
	snprintf(again, sizeof(again), FORMAT, sample->pid, sample->time,
		 sample->usr, sample->sys, sample->total, sample->stack,
		 sample->data);
	ASSERT_STREQ(line, again);
	return true;
}

size_t monitor_samples(pid_t pid, struct monitor_sample *first,
		       struct monitor_sample *last)
{
	struct monitor_sample sample, before = { 0 };
	FILE *history = monitor_open();
	size_t count = 0;

	while (monitor_next(history, &sample)) {
		if (pid && sample.pid != pid)
			continue;
		if (before.pid == sample.pid) {
			EXPECT_LT(before.time, sample.time);
			EXPECT_LE(before.usr, sample.usr);
			EXPECT_LE(before.sys, sample.sys);
		}
		if (!count++ && first)
			*first = sample;
		before = sample;
	}
	if (last)
		*last = before;
	fclose(history);
	return count;
}

long monitor_spin(long ms)
{
	struct timespec now;

	do {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	} while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < ms);
	return 0;
}

void monitor_sleep_ms(unsigned int ms)
{
	unsigned long long us = 1000ULL * ms * ktap_slowdown();
	struct timespec pause = { .tv_sec = us / 1000000,
				  .tv_nsec = us % 1000000 * 1000 };

	while (nanosleep(&pause, &pause) && errno == EINTR)
		continue;
}
