/* SPDX-License-Identifier: GPL-2.0-only */
/* How much less memory is free while a user is at something. */
#ifndef GUEST_WATCH_H
#define GUEST_WATCH_H

#include <stdbool.h>

#include "lib/user.h"

/**
 * struct watch - what the machine comes to hold
 * @each_us: how often it is looked at
 * @before: KiB that were free in the beginning
 * @worst: how many KiB fewer were free when that was worst
 */
struct watch {
	unsigned int each_us;
	long before;
	long worst;
};

/*
 * From now on the caller comes before all others whenever it is time to look. It sees
 * samples: what is held for less than each_us may be missed.
 */
struct watch watch_begin(unsigned int each_us);

/**
 * watch_worker - look until a worker has answered, or died
 * @watch: from watch_begin()
 * @worker: after worker_send()
 * @most: or until so many KiB fewer are free
 * @ms: or until so much time has passed
 *
 * Return: whether there is something for worker_receive().
 */
bool watch_worker(struct watch *watch, const struct worker *worker, long most,
		  unsigned int ms);

void watch_end(void);

/* KiB that are free. There is no disk, so files are not: they could not be read again. */
long watch_free(void);

#endif /* GUEST_WATCH_H */
