/* SPDX-License-Identifier: GPL-2.0-only */
/* Measures whether the machine still answers, and what others who keep it busy leave of it. */
#ifndef GUEST_PROBE_H
#define GUEST_PROBE_H

#include <stdint.h>

#include "lib/user.h"

/**
 * struct probe - a process of ordinary priority that sleeps 10 ms, over and over
 * @worker: it
 */
struct probe {
	struct worker worker;
};

/* Starts one as a user without a limit; 0 is root. */
struct probe probe_start(uid_t uid);

/*
 * probe_end - end it, and print what it saw
 *
 * Return: how many microseconds it came too late at most.
 */
uint64_t probe_end(struct probe *probe);

/*
 * For worker_call(): keep the CPU busy for so many milliseconds. Returns how far it comes, to
 * be compared with what it comes to beside others.
 */
long probe_work(long ms);

#endif /* GUEST_PROBE_H */
