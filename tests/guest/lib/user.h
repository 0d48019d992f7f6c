/* SPDX-License-Identifier: GPL-2.0-only */
/* Users to test with, and processes that do things in their name. */
#ifndef GUEST_USER_H
#define GUEST_USER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* All uids that tests set limits for; after each test none may be left. */
#define TEST_USER_FIRST 10000
#define TEST_USER_LAST 10199

/* These have names in /etc/passwd. */
#define USER_A 10070 /* u0_a70 */
#define USER_B 10060 /* u0_a60 */
#define USER_C 10080 /* u0_a80 */

/**
 * user_become - make this process a user's for good
 * @uid: real, effective and saved uid; the gid is the same number
 *
 * A failure is the test's.
 */
void user_become(uid_t uid);

/**
 * struct worker - a process that waits for orders
 * @pid: its process id
 * @pidfd: readable once it has ended
 * @orders: the pipe to it
 * @answers: the pipe from it
 *
 * Workers are forked from the test, so what functions and static variables are
 * called is the same in both.
 */
struct worker {
	pid_t pid;
	int pidfd;
	int orders;
	int answers;
};

typedef long (*worker_fn)(long argument);

/* worker_call() returns this when the worker died before it could answer. */
#define WORKER_DIED LONG_MIN

/**
 * worker_start - start a process of a user
 * @uid: the user; 0: it stays root
 *
 * On return its memory is its user's, or it has died for that.
 */
struct worker worker_start(uid_t uid);

/*
 * Travels along with each order: what the test has put here is at the same
 * address in the worker when the function is called.
 */
#define WORKER_PARCEL 64
extern char worker_parcel[WORKER_PARCEL];

/* worker_send - have a worker call @function; worker_receive() must follow */
void worker_send(struct worker *worker, worker_fn function, long argument);

/**
 * worker_receive - wait for the answer to worker_send()
 *
 * Return: what the function returned, or WORKER_DIED.
 */
long worker_receive(struct worker *worker);

/* worker_call - worker_send() and worker_receive() */
long worker_call(struct worker *worker, worker_fn function, long argument);

/* Whether a worker has not ended yet; does not wait */
bool worker_alive(struct worker *worker);

/**
 * worker_wait - wait for a worker's end, and reap it
 *
 * Return: its status, as waitpid() gives it.
 */
int worker_wait(struct worker *worker);

/*
 * worker_end - let an idle worker end, and wait for it. A failure to end well
 * is the test's.
 */
void worker_end(struct worker *worker);

/* worker_end_or_die - the same, where its user's limit may have it killed meanwhile */
void worker_end_or_die(struct worker *worker);

/*
 * Whether a worker ended by SIGKILL, as a victim does; waits for it, and reaps
 * it.
 */
bool worker_was_killed(struct worker *worker);

/*
 * These are for worker_call(); they return 0 or -errno. A process that has
 * changed its user is not dumpable until it says so, and then others of that
 * user cannot write to it.
 */
long become_dumpable(long unused);
long enter_user_namespace(long unused);

/* worker_map_uids - say which uids there are in a worker's user namespace */
void worker_map_uids(const struct worker *worker, const char *map);

/**
 * user_run - call a function in a short-lived process of a user
 *
 * Return: what @function returned, or WORKER_DIED.
 */
long user_run(uid_t uid, worker_fn function, long argument);

#endif /* GUEST_USER_H */
