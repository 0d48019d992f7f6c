/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits that are put back as they were. */
#ifndef MMLIMIT_SAVED_H
#define MMLIMIT_SAVED_H

#include <stdbool.h>
#include <sys/types.h>

#include "mmlimit.h"

/**
 * struct saved_limit - a limit, or a rule, to be put back
 * @attr: whose it is; and what it was, if @stood
 * @stood: there was one
 */
struct saved_limit {
	struct mm_limit_attr attr;
	bool stood;
};

/*
 * limit_save - note what a limit is
 * @target: whose, as for target_read()
 * @saved: filled
 *
 * Return: 0 or a negative error.
 */
int limit_save(const struct mm_limit_attr *target, struct saved_limit *saved);

/**
 * limit_restore - put the caller's part of a limit back as it was
 * @saved: from limit_save()
 *
 * A user's own part, which an administrator's removal takes along, is set
 * again in the user's name.
 *
 * Return: 0 or a negative error.
 */
int limit_restore(const struct saved_limit *saved);

#endif /* MMLIMIT_SAVED_H */
