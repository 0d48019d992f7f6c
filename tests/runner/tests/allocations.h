/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations that fail, those of the libraries that the runner uses, too. */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <stdbool.h>

/* Not where a sanitizer has allocators of its own */
extern const bool allocations_can_fail;

/*
 * Makes the @nth allocation from now on fail; 0: none. Returns how many were left until
 * the one before would have failed; 0: it has, or there was none.
 */
unsigned long fail_allocation(unsigned long nth);

#endif
