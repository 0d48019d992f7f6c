/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: the list of limits, read and shown. */
#ifndef MMLIMIT_LIST_H
#define MMLIMIT_LIST_H

#include <stdbool.h>

#include "mmlimit.h"

/* The kernel's list; a negative value: the user was told why not. */
int list_open(void);

/* As mmlimit_list_read(); not 0: EXIT_FAILURE, and the user was told. */
int list_read(int fd, struct mm_limit_attr **limits, size_t *count);

/* A table with titles */
void list_print(const struct mm_limit_attr *limits, size_t count, bool exactly);

#endif /* MMLIMIT_LIST_H */
