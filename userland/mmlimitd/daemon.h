/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimitd: its settings, and how it is a daemon. */
#ifndef MMLIMITD_DAEMON_H
#define MMLIMITD_DAEMON_H

#include <stdbool.h>

#include "mmlimit.h"

/* Neither a policy nor MM_LIMIT_POLICY_OWN: not given */
#define POLICY_UNSET (MM_LIMIT_POLICY_OWN - 1)

/**
 * struct settings - when and how to kill
 * @interval_ms: how often; 0: not given
 * @policy: enum mm_limit_policy, or POLICY_UNSET
 */
struct settings {
	unsigned int interval_ms;
	int policy;
};

/**
 * settings_read - fill up settings from the configuration file
 * @given: what the command line says, which goes first
 * @settings: filled on success; complete
 * @why: filled on failure
 * @size: of @why
 *
 * The file need not exist if @given has an interval.
 *
 * Return: whether there is an interval, and nothing wrong with the file.
 */
bool settings_read(const struct settings *given, struct settings *settings,
		   char *why, size_t size);

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
 * daemon_fork - go on in the background
 *
 * Returns in the daemon; the calling process waits there for daemon_ready(), and
 * exits 0, or 1 if the daemon ends before.
 */
void daemon_fork(void);

/* Lets go of the terminal, and tells the process that waits. */
void daemon_ready(void);

#endif /* MMLIMITD_DAEMON_H */
