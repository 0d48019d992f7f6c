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

/*
 * The kernel sets all flags at once, so those that no option names are read before. A
 * limit that becomes a hard one starts without any.
 */
static unsigned int other_flags(const struct mm_limit_attr *attr,
				const struct options *options)
{
	unsigned int named = 0;
	struct mm_limit_attr now;

	if (options->given & OPTION_RECLAIM)
		named |= MM_LIMIT_RECLAIM;
	if (options->given & (OPTION_DRY_RUN | OPTION_NO_DRY_RUN))
		named |= MM_LIMIT_DRY_RUN;
	if (!named || mmlimit_read(attr->uid, &now))
		return 0;
	if ((attr->fields & MM_LIMIT_FIELD_MAX) &&
	    now.hard_max == MM_LIMIT_ATTR_NONE && is_privileged())
		return 0;
	return now.flags & ~named;
}

int change_make(const struct mm_limit_attr *wanted, const char *size,
		const struct options *options)
{
	struct mm_limit_attr merged = *wanted, *attr = &merged;
	char user[USER_TEXT_SIZE];
	int error;

	attr->flags |= other_flags(wanted, options);
	error = mmlimit_change(attr);

	if (!error)
		return 0;
	if (error == -EINVAL && (attr->fields & MM_LIMIT_FIELD_SWAP_MAX) &&
	    !(attr->fields & MM_LIMIT_FIELD_FLAGS))
		return fail(
			"%s: cannot bound the swap of a limit that does not reclaim: add --reclaim %d%%",
			user_text(attr->uid, user), MM_LIMIT_THRESHOLD_DEFAULT);
	if (size)
		return refused(attr->uid, error, "cannot set a limit of %s",
			       size);
	return refused(attr->uid, error, "cannot change the limit");
}
