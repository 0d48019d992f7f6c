/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: what is in swap, and would count after a change. */
#ifndef MMLIMIT_SWAPPED_H
#define MMLIMIT_SWAPPED_H

#include <stdbool.h>

#include "mmlimit.h"

/* Room for what swapped_text() writes */
#define SWAPPED_SIZE 512

/**
 * swapped_exceeds - would a change make what is in swap exceed the limit?
 * @change: for mmlimit_change(), not yet made
 * @text: if so, says what would be: "16MiB more of the 20MiB in swap would count, ..."
 *
 * What is in swap beyond swap_max counts, and without reclaim all of it does. So
 * a lower bound takes a user above its limit that has done nothing. In a dry run
 * nothing comes of that.
 */
bool swapped_exceeds(const struct mm_limit_attr *change,
		     char text[SWAPPED_SIZE]);

#endif /* MMLIMIT_SWAPPED_H */
