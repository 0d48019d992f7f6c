/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits on a screen, with bars of usage against limit. */
#ifndef MMLIMIT_SCREEN_H
#define MMLIMIT_SCREEN_H

#include "mmlimit.h"
#include "terminal.h"

/**
 * screen_draw - draw all that fits
 * @limits: in the order in which they are shown
 * @count: their number
 * @order: what that is, in words
 * @size: of the screen
 *
 * Return: 0, or EXIT_FAILURE: the user was told.
 */
int screen_draw(const struct mm_limit_attr *limits, size_t count,
		const char *order, struct terminal_size size);

#endif /* MMLIMIT_SCREEN_H */
