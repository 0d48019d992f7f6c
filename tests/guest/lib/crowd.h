/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many processes, of one user or each of its own, that all start at one moment,
 * do one thing each, and then rest.
 */
#ifndef GUEST_CROWD_H
#define GUEST_CROWD_H

#include "lib/memory.h"
#include "lib/user.h"

/* Uids for members, beyond those that other tests use */
#define CROWD_USER_FIRST 10200

/**
 * enum crowd_state - how far a member is
 * @CROWD_BORN: it has not become its user yet
 * @CROWD_WAITING: for the start
 * @CROWD_DONE: it has done its thing, and rests
 * @CROWD_KILLED: by SIGKILL, at any time
 * @CROWD_FAILED: its function did not return 0, or it ended in another way
 */
enum crowd_state {
	CROWD_BORN,
	CROWD_WAITING,
	CROWD_DONE,
	CROWD_KILLED,
	CROWD_FAILED,
};

/**
 * struct crowd - its members, in the order in which they came
 * @room: how many there may be
 * @count: how many there are
 * @settled: so many of the first have been seen done or dead
 * @pids: of each; 0 once it was reaped
 * @shared: with all of them: a word for what they may do now, one for the state
 *	of each
 */
struct crowd {
	size_t room;
	size_t count;
	size_t settled;
	pid_t *pids;
	struct region shared;
};

/* All failures are the test's. */
struct crowd crowd_make(size_t room);

/* Adds a process of a user; it waits for the start if that was not yet. */
void crowd_add(struct crowd *crowd, uid_t uid, worker_fn function,
	       long argument);

/* Waits until all wait for the start, or are dead. */
void crowd_await(struct crowd *crowd);

/* Lets all start. */
void crowd_start(struct crowd *crowd);

/* Waits until each has done its thing or is dead. */
void crowd_settle(struct crowd *crowd);

/*
 * The last state that was seen, also of members that died after they had done
 * it
 */
enum crowd_state crowd_state(const struct crowd *crowd, size_t member);
size_t crowd_number(struct crowd *crowd, enum crowd_state state);

/* Lets all end, and waits for it. Nobody may be killed meanwhile. */
void crowd_end(struct crowd *crowd);

#endif /* GUEST_CROWD_H */
