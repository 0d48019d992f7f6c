/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that cannot die: they sleep in the kernel, uninterruptibly (state
 * D), until they are let go.
 *
 * A read from a pipe waits that way for the pipe's mutex. A thread of the test
 * holds it, in the middle of a write whose data is in a page that the test
 * itself has to supply (userfaultfd).
 *
 * And address spaces that outlive their processes, for somebody who reads them
 * through /proc has got no further than that page.
 */
#ifndef GUEST_CAPTIVE_H
#define GUEST_CAPTIVE_H

#include <pthread.h>

#include "lib/user.h"

/**
 * struct captivity - a place to sleep
 * @pipe: whose mutex is held, or the file in /proc
 * @userfaultfd: supplies @page
 * @page: the data that @holder writes
 * @holder: the thread that holds the mutex
 */
struct captivity {
	int pipe[2];
	int userfaultfd;
	void *page;
	pthread_t holder;
};

/*
 * Must come before the workers that are to be captives. For one test process,
 * once at a time.
 */
void captivity_begin(struct captivity *captivity);

/* captivity_take - send an idle worker to sleep; no answer will come */
void captivity_take(struct captivity *captivity, struct worker *worker);

/* captivity_of_memory - hold the address space of a process */
void captivity_of_memory(struct captivity *captivity, pid_t pid);

/* captivity_end - let all go; those that were killed meanwhile die now */
void captivity_end(struct captivity *captivity);

#endif /* GUEST_CAPTIVE_H */
