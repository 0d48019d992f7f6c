/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: the limit of a user, or a rule, by the same calls. */
#ifndef MMLIMIT_TARGET_H
#define MMLIMIT_TARGET_H

#include "mmlimit.h"

/*
 * Each does to the limit of a user what mmlimit_read(), _change() and _remove() do, and
 * to a rule what those of rules do. @target: uid, or the range of a rule; any other
 * member of it but those of target_change() may be what it wants.
 */
int target_read(const struct mm_limit_attr *target, struct mm_limit_attr *attr);
int target_change(const struct mm_limit_attr *target);
int target_remove(const struct mm_limit_attr *target);

#endif /* MMLIMIT_TARGET_H */
