/* SPDX-License-Identifier: GPL-2.0-only */
/* A memory cgroup to compare with, on kernels that have them. */
#ifndef GUEST_CGROUP_H
#define GUEST_CGROUP_H

#include <sys/types.h>

/* Makes the cgroup, unless it is there, with this memory.max in bytes. */
void cgroup_make(unsigned long max);

/* Waits for the end of its processes, and removes it; the next one begins with nothing. */
void cgroup_remove(void);

/* Moves a process into it, or out of it. */
void cgroup_enter(pid_t pid);
void cgroup_leave(pid_t pid);

/* Keeps its processes from running until they are killed or thawed; waits until all are frozen. */
void cgroup_freeze(void);
void cgroup_thaw(void);

/* Its memory.current, in bytes */
unsigned long cgroup_usage(void);

/* How many of its processes were killed because it had too little */
unsigned long cgroup_kills(void);

#endif /* GUEST_CGROUP_H */
