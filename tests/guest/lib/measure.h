/* SPDX-License-Identifier: GPL-2.0-only */
/* What users come to hold, by what limits them: a benchmark. */
#ifndef GUEST_MEASURE_H
#define GUEST_MEASURE_H

#include "lib/user.h"

/**
 * measure_channel - show how much the machine holds for a user who tries one way
 * @name: of the way
 * @fill: the way, as held_check_channel() has it, or -EINTR: one of its processes was
 *	killed
 *
 * Prints a row of the table of channels each without a limit, for one that counts
 * resident memory only, for one that counts what is held, and for a memory cgroup.
 */
void measure_channel(const char *name, worker_fn fill);

#endif /* GUEST_MEASURE_H */
