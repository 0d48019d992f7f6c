/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd beside a test, and the list that it has written. */
#ifndef GUEST_RANKD_H
#define GUEST_RANKD_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/background.h"

/* The daemon of a test, which tells of each ranking */
extern struct background oomrankd;

/* Starts it in the foreground, and waits for its first ranking. */
#define RANKD_START(...)                                           \
	rankd_start((const char *const[]){ "oomrankd", "-f", "-v", \
					   __VA_ARGS__, NULL })
void rankd_start(const char *const arguments[]);

/* The next ranking, at its own time or at the test's. */
void rankd_await(const char *why);
void rankd_rank(void);

/* Ends it by SIGTERM. */
void rankd_end(void);

/* The kernel's list now */
#define RANKD_MOST 512
size_t rankd_list(pid_t pids[RANKD_MOST]);

/*
 * Returns at which place of the list a process is, from 0, or -1 if it is not
 * there.
 */
int rankd_place(pid_t pid);

#endif /* GUEST_RANKD_H */
