/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemons have in common. */
#ifndef COMMON_DAEMON_H
#define COMMON_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a sentence about what is wrong */
#define WHY_SIZE 512

/**
 * struct daemon - what makes a program a daemon
 * @foreground: it stays in the foreground, and logs to standard error
 * @pid_path: the pid file
 * @pid_file: its file descriptor, which holds the lock
 * @signals: a signalfd for SIGHUP, SIGINT and SIGTERM
 * @timer: a timerfd
 */
struct daemon {
	bool foreground;
	const char *pid_path;
	int pid_file;
	int signals;
	int timer;
};

/**
 * daemon_claim - make sure to be the only one, still in the foreground
 * @d: with @pid_path as it was given
 *
 * Return: 0, or EXIT_FAILURE after it has said why.
 */
int daemon_claim(struct daemon *d);

/**
 * daemon_start - become a daemon
 * @d: after daemon_claim()
 * @interval_ms: of @timer
 *
 * Goes into the background unless it is to stay, locks its memory, which holds
 * for what is allocated later, opens the sources of events and the log. What is
 * said until daemon_ready() still goes to standard error.
 *
 * Return: 0, or EXIT_FAILURE after it has said why.
 */
int daemon_start(struct daemon *d, unsigned int interval_ms);

/* daemon_ready - let go of the terminal, and tell the process that waits */
void daemon_ready(struct daemon *d);

/*
 * Makes the timer expire every @interval_ms from now on, however long the work
 * of one turn takes. Returns 0, or -1 with errno.
 */
int daemon_set_interval(struct daemon *d, unsigned int interval_ms);

/*
 * Neither waits: a signal that has come, or 0; whether the timer has expired.
 */
int daemon_take_signal(struct daemon *d);
bool daemon_take_timer(struct daemon *d);

/* daemon_end - remove the pid file, if it still is this daemon's */
void daemon_end(struct daemon *d);

/*
 * log.c: lines go to syslog, to the kernel's log where there is no syslog, and
 * to standard error in the foreground.
 */
void log_open(bool foreground);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * pidfile_take - make sure to be the only one
 * @path: the file, which stays locked as long as the process, or one that it
 *	forks, lives
 * @why: filled on failure
 * @size: of @why
 *
 * Return: a file descriptor, or -1.
 */
int pidfile_take(const char *path, char *why, size_t size);

/* Writes the caller's pid. Returns 0 or a negative error. */
int pidfile_write(int fd);

/*
 * Removes the file that was taken. One that somebody has put in its place, as a
 * daemon that was started when the file was gone, stays.
 */
void pidfile_remove(int fd, const char *path);

/**
 * background_fork - go on in the background
 *
 * Returns in the daemon; the calling process waits there for background_ready(),
 * and exits 0, or 1 if the daemon ends before.
 */
void background_fork(void);
void background_ready(void);

#endif /* COMMON_DAEMON_H */
