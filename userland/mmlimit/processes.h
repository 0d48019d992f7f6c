/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: processes, and what they take of their users' limits. */
#ifndef MMLIMIT_PROCESSES_H
#define MMLIMIT_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Room for a name, each byte of which may be escaped */
#define PROCESS_NAME_SIZE 64

/**
 * struct process - a process
 * @pid: its number
 * @uid: its real user, whose memory it mostly is: that of a set-user-ID program and
 *	of some others is somebody else's
 * @bytes: resident memory, page tables and swap
 * @name: for a terminal
 */
struct process {
	pid_t pid;
	uid_t uid;
	unsigned long long bytes;
	char name[PROCESS_NAME_SIZE];
};

/**
 * struct processes - those of all users, a user's largest first
 * @list: to be freed with free()
 * @count: their number
 */
struct processes {
	struct process *list;
	size_t count;
};

/*
 * Reads them from a folder like /proc. Those that cannot be read, as they have ended,
 * are left out. Returns 0, or a negative error.
 */
int processes_read(const char *folder, struct processes *processes);

/* A user's, of which there are @count */
const struct process *processes_of(const struct processes *processes, uid_t uid,
				   size_t *count);

/* Makes sense of /proc/PID/status, but for the number. False: no memory is its own. */
bool process_parse(const char *status, struct process *process);

#endif /* MMLIMIT_PROCESSES_H */
