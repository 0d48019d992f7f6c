/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits on a screen, with bars of usage against limit. */
#ifndef MMLIMIT_SCREEN_H
#define MMLIMIT_SCREEN_H

#include "mmlimit.h"
#include "processes.h"
#include "terminal.h"

/**
 * struct view - what of the limits is shown
 * @limits: in the order in which they are shown
 * @count: their number
 * @order: what that is, in words
 * @first: which one comes first, from 0; made smaller where lines would stay empty
 * @shown: gets how many are shown
 * @processes: whose largest ones stand below each limit, or NULL
 */
struct view {
	const struct mm_limit_attr *limits;
	size_t count;
	const char *order;
	size_t first;
	size_t shown;
	const struct processes *processes;
};

/*
 * Draws all that fits, leaving out first what says less. Returns 0, or EXIT_FAILURE:
 * the user was told.
 */
int screen_draw(struct view *view, struct terminal_size size);

#endif /* MMLIMIT_SCREEN_H */
