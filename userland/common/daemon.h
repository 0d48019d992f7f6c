/* SPDX-License-Identifier: GPL-2.0-only */
/* What all daemons here have in common: how to be one. */
#ifndef COMMON_DAEMON_H
#define COMMON_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a sentence about what is wrong */
#define WHY_SIZE 512

/**
 * struct daemon - how it is one
 * @foreground: stay there, and tell standard error
 * @pid_path: the pid file
 * @pid_file: open, and locked
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
 * @d: claimed
 * @interval_ms: of @timer
 *
 * Goes into the background unless it is to stay, locks its memory, which holds
 * for what is allocated later, opens the sources of events and the log. What is
 * said until daemon_ready() still goes to standard error.
 *
 * Return: 0, or EXIT_FAILURE after it has said why.
 */
int daemon_start(struct daemon *d, unsigned int interval_ms);

/* Lets go of the terminal, and tells the process that waits. */
void daemon_ready(struct daemon *d);

/*
 * From now on every @interval_ms, each at its time however long the last one
 * took. Returns 0, or -1 with errno.
 */
int daemon_set_interval(struct daemon *d, unsigned int interval_ms);

/* A signal that came, or 0; whether the time has come. They do not wait. */
int daemon_take_signal(struct daemon *d);
bool daemon_take_timer(struct daemon *d);

/* daemon_end - the pid file goes */
void daemon_end(struct daemon *d);

/*
 * log.c: to syslog; where there is none, to the kernel's log; in the foreground,
 * to standard error.
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

/**
 * background_fork - go on in the background
 *
 * Returns in the daemon; the calling process waits there for background_ready(),
 * and exits 0, or 1 if the daemon ends before.
 */
void background_fork(void);
void background_ready(void);

#endif /* COMMON_DAEMON_H */
