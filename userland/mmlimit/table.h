/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits as a table. */
#ifndef MMLIMIT_TABLE_H
#define MMLIMIT_TABLE_H

#include <stdbool.h>

#include "mmlimit.h"

/* For table_print(): as wide as it has to be */
#define TABLE_UNBOUNDED 0

/* How wide a table may be: as the terminal, 80 elsewhere; @wide: unbounded */
unsigned int table_width(bool wide);

/**
 * table_print - print a table with titles
 * @limits: in the order of the rows
 * @count: their number
 * @exactly: with sizes in bytes
 * @width: how many columns of a terminal it may take, at least 40. Columns of the
 *	table that say less than others are left out until it fits, and names of
 *	users are cut when that is not enough.
 */
void table_print(const struct mm_limit_attr *limits, size_t count, bool exactly,
		 unsigned int width);

#endif /* MMLIMIT_TABLE_H */
