/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of candidates for the OOM killer, /proc/oom. */
#ifndef GUEST_OOMLIST_H
#define GUEST_OOMLIST_H

#include <stddef.h>
#include <sys/types.h>

#define OOMLIST "/proc/oom"

/* This is more than there can be. */
#define OOMLIST_MAX 32768

/* Forks a child that gets this number, which nobody has. As fork(). */
pid_t oomlist_fork_as(pid_t number);

/* Writes a list in one go. Returns 0 or -errno. */
int oomlist_write(const char *text);

/* The same of numbers, each on a line; a failure is the test's. */
void oomlist_set(const pid_t *pids, size_t count);

/* OOMLIST_SET(a, b): oomlist_set() of these */
#define OOMLIST_SET(...)                            \
	oomlist_set((const pid_t[]){ __VA_ARGS__ }, \
		    sizeof((const pid_t[]){ __VA_ARGS__ }) / sizeof(pid_t))

/*
 * What the list is, with a read() for so many bytes at a time. Returns how many
 * there are, at most @room; a failure, or anything but numbers, each on a line, is
 * the test's.
 */
size_t oomlist_read_by(size_t piece, pid_t *pids, size_t room);

/* The list must be these. */
void oomlist_expect(const pid_t *pids, size_t count);

#define OOMLIST_EXPECT(...)                            \
	oomlist_expect((const pid_t[]){ __VA_ARGS__ }, \
		       sizeof((const pid_t[]){ __VA_ARGS__ }) / sizeof(pid_t))
#define OOMLIST_EXPECT_EMPTY() oomlist_expect(NULL, 0)

#endif /* GUEST_OOMLIST_H */
