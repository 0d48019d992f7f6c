/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes on their way out that a tracer holds while they still have all
 * their memory.
 */
#ifndef GUEST_EXITING_H
#define GUEST_EXITING_H

#include "lib/user.h"

/* Traces a worker, so that it stops when it exits, of itself or by a signal. */
void exiting_arm(const struct worker *worker);

/* Waits until an armed worker has stopped. */
void exiting_await(const struct worker *worker);

/* Arms an idle worker, and has it exit with @status; returns when it has stopped. */
void exiting_begin(struct worker *worker, int status);

/* Lets it go, with all that it has. */
void exiting_release(const struct worker *worker);

#endif /* GUEST_EXITING_H */
