/* SPDX-License-Identifier: GPL-2.0-only */
/* How much a suite does: its volumes, as suites.conf has them. Pure. */
#ifndef RUNNER_VOLUME_H
#define RUNNER_VOLUME_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* A word of the kernel's command line holds them all. */
#define VOLUMES_MAX 12
#define VOLUME_NAME_MAX 24
#define VOLUME_COUNT_MAX 1000000000

/**
 * struct volume - how often or how long a suite does something
 * @name: of what, as its tests ask for it
 * @count: how much by default
 * @soak: SOAK=1 multiplies it by this
 * @slow: kernels slower than release divide it by this
 */
struct volume {
	char name[VOLUME_NAME_MAX + 1];
	unsigned int count;
	unsigned int soak;
	unsigned int slow;
};

struct volumes {
	struct volume list[VOLUMES_MAX];
	size_t count;
};

/**
 * volumes_add() - read volumes
 * @volumes: all zero before the first one
 * @value: "NAME:COUNT[*SOAK][/SLOW]", several after commas
 * @why: gets the reason of a failure
 *
 * Return: 0 or -EINVAL.
 */
int volumes_add(struct volumes *volumes, const char *value, struct text *why);

/**
 * volumes_print() - what a run is to do, "NAME:COUNT,NAME:COUNT"
 * @text: where to; nothing is added when there is no volume
 * @volumes: the suite's
 * @soak: SOAK=1
 * @slow: the kernel is slower than release
 */
void volumes_print(struct text *text, const struct volumes *volumes, bool soak,
		   bool slow);

#endif
