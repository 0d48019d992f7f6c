/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that an OOM killer may choose between, each with a past and with
 * privileges of its own, and somebody who uses up the memory.
 */
#ifndef GUEST_ACTOR_H
#define GUEST_ACTOR_H

#include <stdbool.h>

#include "lib/user.h"

/* The most processes an actor is made of */
#define ACTOR_PROCESSES 40

/**
 * enum actor_privilege - what it may do
 * @ACTOR_USER: what USER_A may
 * @ACTOR_ROOT: what root may, but no raw I/O
 * @ACTOR_RAW_IO: what USER_A may, and raw I/O
 */
enum actor_privilege {
	ACTOR_USER,
	ACTOR_ROOT,
	ACTOR_RAW_IO,
};

/**
 * struct actor - one process, or several that are alike
 * @name: what the test calls it, and the kernel too; up to 15 bytes
 * @touched_mib: memory in use
 * @reserved_mib: more that is mapped only
 * @copies: how many processes; 0 counts as 1
 * @tree: they are children of one more
 * @nice: its nice value
 * @adj: its oom_score_adj
 * @privilege: of a user, if not said otherwise
 * @cpu_s: how long it has computed
 * @age_s: how long ago it started
 * @swapped: its memory is swapped out
 */
struct actor {
	const char *name;
	unsigned int touched_mib;
	unsigned int reserved_mib;
	unsigned int copies;
	bool tree;
	int nice;
	const char *adj;
	enum actor_privilege privilege;
	unsigned int cpu_s;
	unsigned int age_s;
	bool swapped;
};

/**
 * struct cast - an actor on stage
 * @actor: its part
 * @workers: its processes, of which there are @actor->copies
 */
struct cast {
	const struct actor *actor;
	struct worker workers[ACTOR_PROCESSES];
};

/* All failures are the test's. */
void actor_start(struct cast *cast, const struct actor *actor);

/* Whether a process of it has died */
bool actor_has_died(struct cast *cast);

/* Reaps what has died, and ends the others. */
void actor_end(struct cast *cast);

/* Whether a pid is one of its processes */
bool actor_is(const struct cast *cast, pid_t pid);

/* One that may not be killed, to take memory */
struct worker presser_start(void);
void presser_end(struct worker *presser);

/* It takes 64 KiB more. */
void presser_take(struct worker *presser);

/*
 * It takes all but about @left bytes of what is free (MemFree of /proc/meminfo).
 */
void presser_leave(struct worker *presser, unsigned long left);

/* MemFree, in bytes, and how much of it the kernel wants to have left */
unsigned long memory_free(void);
unsigned long memory_minimum(void);

#endif /* GUEST_ACTOR_H */
