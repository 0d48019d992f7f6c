/* SPDX-License-Identifier: GPL-2.0-only */
/* The folder for logs and reports. */
#ifndef RUNNER_OUTPUT_H
#define RUNNER_OUTPUT_H

#include <stdbool.h>

#include "text.h"

/* Is @name one of those that the runner gives to its logs and reports? */
bool output_is_ours(const char *name);

/*
 * Creates the folder @path. What logs and reports an earlier run left there are
 * removed, so that all that is found there afterwards is this run's. Returns 0
 * or -errno, and then says why.
 */
int output_prepare(const char *path, struct text *why);

#endif
