/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit why: the last kills of limits, explained. */
#ifndef MMLIMIT_WHY_H
#define MMLIMIT_WHY_H

#include <stdbool.h>

#include "mmlimit.h"

/**
 * why_is_about - does a kill belong to a limit?
 * @limits: all limits that kills are told of
 * @limit_count: their number
 * @limit: one of them
 * @kill: the kill: for a pool it belongs to that if it is among @limits, and else to
 *	the user whose process it was
 */
bool why_is_about(const struct mm_limit_attr *limits, size_t limit_count,
		  const struct mm_limit_attr *limit,
		  const struct mmlimit_kill *kill);

/**
 * why_print_kill - explain a kill
 * @kill: the kill
 * @with_user: whose process it was is told, too
 * @exactly: sizes in bytes
 */
void why_print_kill(const struct mmlimit_kill *kill, bool with_user,
		    bool exactly);

#endif /* MMLIMIT_WHY_H */
