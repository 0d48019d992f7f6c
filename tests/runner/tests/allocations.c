// SPDX-License-Identifier: GPL-2.0-only
/* Allocations that fail. */
#include "allocations.h"

#include <stddef.h>

/* The allocation that fails, counted down; 0 if none does. */
static unsigned long until_failure;

unsigned long fail_allocation(unsigned long nth)
{
	unsigned long left = until_failure;

	until_failure = nth;
	return left;
}

#ifdef __SANITIZE_ADDRESS__
const bool allocations_can_fail;
#else
const bool allocations_can_fail = true;

/* The C library's own, under the names that it has for this purpose. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool fails(void)
{
	return until_failure && !--until_failure;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
#endif
