/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: the list of limits, read. */
#ifndef MMLIMIT_LIST_H
#define MMLIMIT_LIST_H

#include <stddef.h>

#include "mmlimit.h"

/*
 * Opens the kernel's list. Returns a negative value after the user was told why
 * not.
 */
int list_open(void);

/*
 * Reads it as mmlimit_list_read(), and counts the members of pools. Returns 0, or EXIT_FAILURE after the user
 * was told.
 */
int list_read(int fd, struct mm_limit_attr **limits, size_t *count);

#endif /* MMLIMIT_LIST_H */
