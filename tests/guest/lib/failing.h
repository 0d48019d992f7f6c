/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations of the kernel that fail, in kernels that can make them fail. */
#ifndef GUEST_FAILING_H
#define GUEST_FAILING_H

#include <stdbool.h>

/*
 * Calls a function whose @nth allocation fails, if there are so many. What it
 * returns goes to @result. Returns whether one has failed.
 */
bool call_with_failure(unsigned int nth, int (*call)(void), int *result);

#endif /* GUEST_FAILING_H */
