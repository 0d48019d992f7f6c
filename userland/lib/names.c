// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: policies, states and reasons by name, the names of the kernel. */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "mmlimit.h"

const char *const __mmlimit_policy_names[] = {
	[MM_LIMIT_HIGHEST_RSS] = "highest_rss",
	[MM_LIMIT_LONGEST_RUN_TIME] = "longest_run_time",
	[MM_LIMIT_BADNESS] = "badness",
	[MM_LIMIT_MOST_PRIVATE] = "most_private",
	[MM_LIMIT_USER_RANKED] = "user_ranked",
};
const size_t __mmlimit_policy_count = ARRAY_SIZE(__mmlimit_policy_names);

const char *const __mmlimit_state_names[] = {
	[MM_LIMIT_IDLE] = "idle",
	[MM_LIMIT_EXCEEDED] = "exceeded",
	[MM_LIMIT_GRACE] = "grace",
	[MM_LIMIT_KILLING] = "killing",
	[MM_LIMIT_STUCK] = "stuck",
	[MM_LIMIT_RECLAIMING] = "reclaiming",
	[MM_LIMIT_TERMINATING] = "terminating",
};
const size_t __mmlimit_state_count = ARRAY_SIZE(__mmlimit_state_names);

const char *const __mmlimit_reason_names[] = {
	[MM_LIMIT_REASON_EXCEEDED] = "exceeded",
	[MM_LIMIT_REASON_GRACE] = "grace",
	[MM_LIMIT_REASON_LOWERED] = "lowered",
	[MM_LIMIT_REASON_RECLAIM] = "reclaim",
	[MM_LIMIT_REASON_FORCE] = "force",
	[MM_LIMIT_REASON_ORDER] = "order",
};
const size_t __mmlimit_reason_count = ARRAY_SIZE(__mmlimit_reason_names);

int __mmlimit_find_name(const char *const names[], size_t count,
			const char *word, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (names[i] && strlen(names[i]) == length &&
		    !memcmp(names[i], word, length))
			return i;
	return -ENOENT;
}

int mmlimit_parse_policy(const char *text, unsigned int *policy)
{
	struct quantity quantity;
	int index;

	index = __mmlimit_find_name(__mmlimit_policy_names,
				    __mmlimit_policy_count, text, strlen(text));
	if (index >= 0) {
		*policy = index;
		return 0;
	}
	if (__mmlimit_scan_quantity(text, &quantity) || quantity.digits ||
	    *quantity.unit || quantity.whole >= __mmlimit_policy_count)
		return -EINVAL;
	*policy = quantity.whole;
	return 0;
}

const char *mmlimit_policy_name(unsigned int policy)
{
	return policy < __mmlimit_policy_count ?
		       __mmlimit_policy_names[policy] :
		       NULL;
}

const char *mmlimit_state_name(unsigned int state)
{
	return state < __mmlimit_state_count ? __mmlimit_state_names[state] :
					       NULL;
}

const char *mmlimit_reason_name(unsigned int reason)
{
	return reason < __mmlimit_reason_count ?
		       __mmlimit_reason_names[reason] :
		       NULL;
}
