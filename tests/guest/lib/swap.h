/* SPDX-License-Identifier: GPL-2.0-only */
/* Swap space for a test: a device that compresses into memory (zram). */
#ifndef GUEST_SWAP_H
#define GUEST_SWAP_H

#include <stdbool.h>

/*
 * swap_on - have something to swap to
 * @bytes: how much; ignored for a device that is there since an earlier call
 *
 * A failure is the test's: our own kernel has the device.
 */
void swap_on(unsigned long bytes);

/* swap_try_on - as swap_on(), for a device that is there. Return: 0, or -errno. */
int swap_try_on(void);

/*
 * swap_off - bring back all that is swapped out; the device stays
 *
 * Return: 0, or -errno, -ENOMEM if there is no room.
 */
int swap_off(void);

/* swap_remove - stop swapping, and take the device away. Returns as above. */
int swap_remove(void);

/* Whether there is swap space, and how many bytes of it are in use */
bool swap_is_on(void);
unsigned long swap_used(void);

#endif /* GUEST_SWAP_H */
