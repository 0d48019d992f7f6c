/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits for programs. */
#ifndef MMLIMIT_JSON_H
#define MMLIMIT_JSON_H

#include "mmlimit.h"

/* Prints limits to standard output, as 'mmlimit list --help' describes it. */
void json_print(const struct mm_limit_attr *limits, size_t count);

/* The same of limits with their kills, as 'mmlimit why --help' describes it */
void json_print_why(const struct mm_limit_attr *limits, size_t limit_count,
		    const struct mmlimit_kill *kills, size_t count);

/* Prints what has happened to a limit, in a line of its own. */
void json_print_event(const char *name, unsigned long long count,
		      const struct mm_limit_attr *limit);

#endif /* MMLIMIT_JSON_H */
