/* SPDX-License-Identifier: GPL-2.0-only */
/* A list of globs between blanks. Pure. */
#ifndef RUNNER_GLOBS_H
#define RUNNER_GLOBS_H

#include <stdbool.h>
#include <stddef.h>

/* Does one of @globs match @name? An empty list matches everything. */
bool globs_match(const char *globs, const char *name);

/* The name number @i of @names, or NULL after the last. */
typedef const char *globs_name_fn(const void *names, size_t i);

/*
 * The first of @globs that matches none of the names, to be freed, or NULL when
 * each matches one.
 */
char *globs_unmatched(const char *globs, globs_name_fn *name,
		      const void *names);

#endif
