/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit why: the last kills of limits, explained. */
#ifndef MMLIMIT_WHY_H
#define MMLIMIT_WHY_H

#include <stdbool.h>

#include "mmlimit.h"

/**
 * why_print - explain what has come of a limit
 * @limit: the limit
 * @kills: of this and perhaps of others, as mmlimit_kills_read() gives them
 * @count: how many
 * @exactly: sizes in bytes
 */
void why_print(const struct mm_limit_attr *limit,
	       const struct mmlimit_kill *kills, size_t count, bool exactly);

#endif /* MMLIMIT_WHY_H */
