/* SPDX-License-Identifier: GPL-2.0-only */
/* Has the whole machine run out of memory. */
#ifndef GUEST_PRESSURE_H
#define GUEST_PRESSURE_H

#include <stddef.h>

#include "lib/user.h"

#define FILLERS 2

/**
 * struct pressure - processes that fill the memory and are never killed
 * @fillers: they; together they can take more than there is
 * @pages: what they have taken
 */
struct pressure {
	struct worker fillers[FILLERS];
	size_t pages;
};

/*
 * Begins, and permits what the kernel logs when it kills; sysctls are put back
 * by pressure_end(). Failures are the test's.
 */
struct pressure pressure_begin(void);

/*
 * Fills the memory, little by little, until one of @count workers has died.
 * Returns which.
 */
int pressure_until_death(struct pressure *pressure, struct worker *workers,
			 int count);

/* Fills so much more. */
void pressure_grow(struct pressure *pressure, unsigned long bytes);

/* Fills all but so much of what there is. */
void pressure_leave(struct pressure *pressure, unsigned long bytes);

void pressure_end(struct pressure *pressure);

/*
 * Returns how many processes the kernel has killed because the machine ran out
 * of memory.
 */
unsigned long system_oom_kills(void);

#endif /* GUEST_PRESSURE_H */
