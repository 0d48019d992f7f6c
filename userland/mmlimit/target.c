// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: the limit of a user, or a rule, by the same calls. */
#include "target.h"

int target_read(const struct mm_limit_attr *target, struct mm_limit_attr *attr)
{
	if (mmlimit_is_rule(target))
		return mmlimit_rule_read(target->first, target->last, attr);
	return mmlimit_read(target->uid, attr);
}

int target_change(const struct mm_limit_attr *target)
{
	if (mmlimit_is_rule(target))
		return mmlimit_rule_change(target);
	return mmlimit_change(target);
}

int target_remove(const struct mm_limit_attr *target)
{
	if (mmlimit_is_rule(target))
		return mmlimit_rule_remove(target->first, target->last);
	return mmlimit_remove(target->uid);
}
