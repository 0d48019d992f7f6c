/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations that fail, in kernels that can make them fail. */
#ifndef GUEST_FAULTS_H
#define GUEST_FAULTS_H

#include <stdbool.h>

#define FAILSLAB "/sys/kernel/debug/failslab/"
#define FAIL_PAGE "/sys/kernel/debug/fail_page_alloc/"

/*
 * fail_prepare - from now on any allocation may be the one that fails, without a word in
 * the log
 */
void fail_prepare(void);

/**
 * fail_in_call - call a function whose @nth allocation fails, if there are so many
 * @nth: from 1
 * @call: returns 0 or -errno; it must not allocate anything but what is tested
 * @error: gets what it returned
 *
 * Return: whether one has failed.
 */
bool fail_in_call(unsigned int nth, int (*call)(void), int *error);

/* How often a function allocates; none fails. */
unsigned int fail_count(int (*call)(void));

/**
 * fail_each - make a call fail at each of its allocations in turn
 * @call: as for fail_in_call(); when none is left to fail it must succeed
 * @check: is told what it returned each time, 0 or -ENOMEM
 *
 * Return: how many failures it did not survive.
 */
unsigned int fail_each(int (*call)(void), void (*check)(int error));

#endif /* GUEST_FAULTS_H */
