// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: limits set and changed as the command line says. */
#define _GNU_SOURCE 1
#include <errno.h>

#include "array.h"
#include "change.h"
#include "format.h"
#include "mmlimit.h"
#include "operands.h"
#include "refusal.h"
#include "say.h"
#include "swapped.h"
#include "target.h"

int change_parse(const char *size, const struct options *options,
		 struct mm_limit_attr *attr)
{
	const struct {
		unsigned int option;
		unsigned int field;
	} fields[] = {
		{ OPTION_GRACE, MM_LIMIT_FIELD_GRACE },
		{ OPTION_POLICY, MM_LIMIT_FIELD_POLICY },
		{ OPTION_RECLAIM, MM_LIMIT_FIELD_FLAGS },
		{ OPTION_SWAP_MAX, MM_LIMIT_FIELD_SWAP_MAX },
		{ OPTION_WARN, MM_LIMIT_FIELD_WARN },
		{ OPTION_TERM, MM_LIMIT_FIELD_TERM },
		{ OPTION_DRY_RUN, MM_LIMIT_FIELD_FLAGS },
		{ OPTION_NO_DRY_RUN, MM_LIMIT_FIELD_FLAGS },
	};
	bool off = (options->given & OPTION_RECLAIM) && !options->threshold;
	uint64_t bytes;
	int ret;

	if (off && (options->given & OPTION_SWAP_MAX))
		return wrong_usage("--swap-max does not go with --reclaim off");
	if ((options->given & OPTION_DRY_RUN) &&
	    (options->given & OPTION_NO_DRY_RUN))
		return wrong_usage("--dry-run does not go with --no-dry-run");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (options->given & fields[i].option)
			attr->fields |= fields[i].field;
	attr->grace_ms = options->grace_ms;
	attr->policy = options->policy;
	attr->swap_max = options->swap_max;
	attr->warn = options->warn;
	attr->term_ms = options->term_ms;
	attr->threshold = options->threshold;
	if (attr->threshold) {
		attr->flags = MM_LIMIT_RECLAIM;
		attr->fields |= MM_LIMIT_FIELD_THRESHOLD;
	}
	if (options->given & OPTION_DRY_RUN)
		attr->flags |= MM_LIMIT_DRY_RUN;
	if (!size)
		return 0;
	attr->fields |= MM_LIMIT_FIELD_MAX;
	ret = parse_size(NULL, size, &bytes);
	if (!ret)
		attr->mm_max = bytes;
	return ret;
}

bool change_makes_hard(const struct mm_limit_attr *attr,
		       const struct mm_limit_attr *now)
{
	return (attr->fields & MM_LIMIT_FIELD_MAX) && !has_own_hard(now) &&
	       is_privileged();
}

/* A limit that becomes a hard one starts without any. */
static unsigned int flags_that_stay(const struct mm_limit_attr *attr,
				    unsigned int named)
{
	struct mm_limit_attr now;

	if (target_read(attr, &now) || change_makes_hard(attr, &now))
		return 0;
	return now.flags & ~named;
}

void change_complete(struct mm_limit_attr *attr, const struct options *options)
{
	unsigned int named = 0;

	if (options->given & OPTION_RECLAIM)
		named |= MM_LIMIT_RECLAIM;
	if (options->given & (OPTION_DRY_RUN | OPTION_NO_DRY_RUN))
		named |= MM_LIMIT_DRY_RUN;
	if (named)
		attr->flags |= flags_that_stay(attr, named);
}

int change_check(const struct mm_limit_attr *attr,
		 const struct options *options)
{
	char user[USER_TEXT_SIZE], what[SWAPPED_SIZE];

	if ((options->given & OPTION_FORCE) || !swapped_exceeds(attr, what))
		return 0;
	return fail(
		"%s: nothing was changed: %s; --force changes it all the same",
		whose_text(attr, user), what);
}

bool change_lacks_reclaim(const struct mm_limit_attr *attr, int error)
{
	return error == -EINVAL && (attr->fields & MM_LIMIT_FIELD_SWAP_MAX) &&
	       !(attr->flags & MM_LIMIT_RECLAIM) &&
	       attr->rule != MM_LIMIT_RULE_POOL;
}

int change_make(const struct mm_limit_attr *attr, const char *size)
{
	char user[USER_TEXT_SIZE];
	int error = target_change(attr);

	if (!error)
		return 0;
	if (change_lacks_reclaim(attr, error))
		return fail("%s: " CHANGE_LACKS_RECLAIM, whose_text(attr, user),
			    MM_LIMIT_THRESHOLD_DEFAULT);
	if (size)
		return refused_of(attr, error, "cannot set a limit of %s",
				  size);
	return refused_of(attr, error, "cannot change the limit");
}
