/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that are stopped anywhere in the kernel, for seconds, by means that every user
 * has: they run only when nobody else wants to, on a CPU that others keep busy.
 */
#ifndef GUEST_FROZEN_H
#define GUEST_FROZEN_H

#include <sys/types.h>

/**
 * frozen_spin - keep a CPU busy
 * @threads: how many threads of this process shall spin on the last CPU; the more there
 *	are, the longer a frozen thread waits for its turn
 *
 * They spin for as long as the process lives. It stays on the first CPU itself. A failure
 * is the test's.
 */
void frozen_spin(int threads);

/**
 * frozen_stop - stop a thread wherever it is
 * @tid: a thread of the caller's user; 0 is the caller. It goes to the CPU that is busy.
 *
 * The caller must have come before it, as somebody does whose sleep has ended, so that it
 * is not running.
 */
void frozen_stop(pid_t tid);

/**
 * frozen_prolong - have grace periods of RCU last
 *
 * Threads of this process are stopped while they look up a long path, which the kernel
 * does in a critical section. For after frozen_spin(). A failure is the test's.
 */
void frozen_prolong(void);

#endif /* GUEST_FROZEN_H */
