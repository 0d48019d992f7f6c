/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole files in and out. */
#ifndef RUNNER_FILE_H
#define RUNNER_FILE_H

#include <stddef.h>

#include "text.h"

/*
 * All return 0 or -errno; @why gets "PATH: REASON". A configuration file that
 * contains a NUL byte is -EINVAL.
 */
int file_read(const char *path, struct text *content, struct text *why);

/* Replaces @path at once, or not at all. */
int file_write(const char *path, const char *data, size_t length,
	       struct text *why);

/* All of @data, despite signals and short writes. */
int write_all(int fd, const char *data, size_t length);

#endif
