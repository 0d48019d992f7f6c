/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that hold memory, and what becomes of them. */
#ifndef GUEST_PROCESSES_H
#define GUEST_PROCESSES_H

#include <sys/types.h>

#include "lib/user.h"

/* A worker that has touched so much */
struct worker start_holding(uid_t uid, unsigned long bytes);

/* The state of a process as /proc shows it: 'R', 'S', 'D', ... */
char process_state(pid_t pid);

/*
 * A number that /proc/PID/status gives a process, as with the name "VmSwap:"; its
 * memory is in KiB.
 */
unsigned long process_status(pid_t pid, const char *name);

/* Waits until a process is in this state. */
void process_wait_for(pid_t pid, char state);

/* Waits for the end of a process that need not be a child of the caller. */
void process_wait_end(pid_t pid);

/*
 * In a child: it is killed at the end of the parent that made it, also if that comes
 * before this call. The parent has to remember its own number before it forks.
 */
void process_end_with(pid_t parent);

void process_set_oom_score_adj(pid_t pid, const char *adj);

/*
 * Change real and effective uid; the saved one stays 0, so that there is a way
 * on. A raw call, for processes that share their memory and for single threads:
 * the C library would change all threads, or those of another process.
 */
long process_change_user_raw(uid_t uid);

/*
 * Start a process that shares the caller's memory (CLONE_VM), takes a user, -1
 * for the caller's, and waits. A child of the caller. Returns its pid, or an
 * error; one at a time, until memory goes.
 */
pid_t process_share_memory(uid_t uid);

/*
 * These are for worker_call(): the first forks a child that stops, with all
 * that the worker has, and returns its pid; the second ends such a child.
 */
long worker_fork_stopped(long unused);
long worker_kill_child(long pid);

/*
 * Whether a worker lives for so long; waits for that, or until it dies.
 */
bool worker_lives_for(struct worker *worker, unsigned int ms);

#endif /* GUEST_PROCESSES_H */
