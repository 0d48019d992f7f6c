/* SPDX-License-Identifier: GPL-2.0-only */
/* That the machine holds no more for a user than its limit while something goes on. */
#ifndef GUEST_WITHIN_H
#define GUEST_WITHIN_H

#include "lib/user.h"

/**
 * within_expect - let a worker of u0_a70 do something that does not end
 * @worker: it
 * @limit: of its user, in bytes
 * @run: what it does, and gets the limit for
 *
 * Unless it is killed for what it touches, the worker is watched for a while, in which the
 * machine must hold no more than the limit for it. What it had before may become room when
 * a process of its is killed.
 */
void within_expect(struct worker *worker, unsigned long limit, worker_fn run);

/* Ends such a worker, and the limit: nothing may be charged then. */
void within_end(struct worker *worker);

/* All of that, for a new worker and the limit of held_limit() */
void within_check(worker_fn run);

/*
 * For the worker: half of the limit is for what callers have themselves, so none of them
 * is killed.
 */
bool within_has_room(unsigned long limit);

#endif /* GUEST_WITHIN_H */
