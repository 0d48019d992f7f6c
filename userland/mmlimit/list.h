/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: the list of limits, read and shown. */
#ifndef MMLIMIT_LIST_H
#define MMLIMIT_LIST_H

#include <stdbool.h>

#include "mmlimit.h"

/*
 * Opens the kernel's list. Returns a negative value after the user was told why
 * not.
 */
int list_open(void);

/*
 * Reads it as mmlimit_list_read(). Returns 0, or EXIT_FAILURE after the user
 * was told.
 */
int list_read(int fd, struct mm_limit_attr **limits, size_t *count);

/* Prints a table with titles. */
void list_print(const struct mm_limit_attr *limits, size_t count, bool exactly);

#endif /* MMLIMIT_LIST_H */
