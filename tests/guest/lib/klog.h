/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads what the kernel logs from a moment on. */
#ifndef GUEST_KLOG_H
#define GUEST_KLOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct klog - a place in the kernel's log
 * @fd: on /dev/kmsg
 * @text: the message read last
 * @time_us: its time stamp
 */
struct klog {
	int fd;
	char text[1024];
	uint64_t time_us;
};

/* The log from now on. A failure is the test's. */
struct klog klog_open(void);

/* The same from its beginning */
struct klog klog_open_from_boot(void);

/*
 * Reads the next message of the kernel itself, not of a program. Returns false
 * if there is none yet.
 */
bool klog_next(struct klog *log);

/* Waits for the next message that contains @part. */
void klog_wait(struct klog *log, const char *part);

void klog_close(struct klog *log);

/**
 * struct kill_line - what the kernel logs about a kill, in bytes
 * @uid: the user
 * @user_rss: what the user had before
 * @mm_max: the limit
 * @pid: the victim
 * @rss: what the victim had before
 */
struct kill_line {
	uid_t uid;
	unsigned long user_rss;
	unsigned long mm_max;
	pid_t pid;
	unsigned long rss;
};

/*
 * Waits until the kernel, which logs no more than twenty lines in five
 * seconds for a user, has forgotten those that were logged so far.
 */
void klog_rest(void);

/* Whether the message read last is of a kill, and what it says */
bool klog_is_kill(const struct klog *log, struct kill_line *kill);

/* Reads on to the next kill. Returns false if none was logged so far. */
bool klog_next_kill(struct klog *log, struct kill_line *kill);

#endif /* GUEST_KLOG_H */
