// SPDX-License-Identifier: GPL-2.0-only
/* Reads what the kernel logs from a moment on. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/klog.h"

struct klog klog_open_from_boot(void)
{
	struct klog log = { .fd = open("/dev/kmsg",
				       O_RDONLY | O_NONBLOCK | O_CLOEXEC) };

	ASSERT_GE(log.fd, 0);
	return log;
}

struct klog klog_open(void)
{
	struct klog log = klog_open_from_boot();

	ASSERT_EQ(lseek(log.fd, 0, SEEK_END), 0);
	return log;
}

/*
 * A sample record: "6,301,2714411,-;mm_limit: kill: uid=10070, ...\n
 * SUBSYSTEM=...\n"
 */
bool klog_next(struct klog *log)
{
	char record[2048], *text;
	unsigned int priority;
	unsigned long long time;
	ssize_t length;

	for (;;) {
		length = read(log->fd, record, sizeof(record) - 1);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno == EAGAIN)
			return false;
		/*
		 * EPIPE: messages were overwritten, so what the test looks for
		 * may be lost.
		 */
		ASSERT_GT(length, 0);
		record[length] = '\0';
		text = strchr(record, ';');
		ASSERT_TRUE(text);
		ASSERT_EQ(sscanf(record, "%u,%*u,%llu,", &priority, &time), 2);
		/*
		 * The bits above the level are the facility. The kernel's own
		 * is 0; a program that writes to /dev/kmsg has another one.
		 */
		if (priority >> 3)
			continue;
		text++;
		text[strcspn(text, "\n")] = '\0';
		snprintf(log->text, sizeof(log->text), "%s", text);
		log->time_us = time;
		return true;
	}
}

void klog_wait(struct klog *log, const char *part)
{
	struct pollfd fd = { .fd = log->fd, .events = POLLIN };

	ktap_waiting_for("the kernel to log '%s'", part);
	do {
		while (!klog_next(log))
			poll(&fd, 1, -1);
	} while (!strstr(log->text, part));
	ktap_waiting_for(NULL);
}

void klog_close(struct klog *log)
{
	close(log->fd);
}

void klog_rest(void)
{
	/* DEFAULT_RATELIMIT_INTERVAL is in jiffies, so another of those. */
	struct timespec interval = { .tv_sec = 5, .tv_nsec = 20000000 };

	while (nanosleep(&interval, &interval) && errno == EINTR)
		continue;
}

bool klog_is_kill(const struct klog *log, struct kill_line *kill)
{
	const char *text = strstr(log->text, "uid=");

	return text &&
	       sscanf(text, "uid=%u, uRSS=%lu, mm_max=%lu, pid=%d, pRSS=%lu",
		      &kill->uid, &kill->user_rss, &kill->mm_max, &kill->pid,
		      &kill->rss) == 5;
}

bool klog_next_kill(struct klog *log, struct kill_line *kill)
{
	while (klog_next(log))
		if (klog_is_kill(log, kill))
			return true;
	return false;
}
