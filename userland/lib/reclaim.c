// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: settings of limits, as people write them. */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "mmlimit.h"

int mmlimit_parse_reclaim(const char *text, unsigned int *threshold)
{
	struct quantity quantity;

	if (!strcmp(text, "off")) {
		*threshold = 0;
		return 0;
	}
	if (__mmlimit_scan_quantity(text, &quantity) || quantity.digits ||
	    (*quantity.unit && strcmp(quantity.unit, "%")))
		return -EINVAL;
	if (!quantity.whole || quantity.whole > 100)
		return -ERANGE;
	*threshold = quantity.whole;
	return 0;
}

int mmlimit_parse_warn(const char *text, unsigned int *percent)
{
	return mmlimit_parse_reclaim(text, percent);
}

int mmlimit_parse_swap_max(const char *text, __u64 *bytes)
{
	uint64_t size;
	int ret;

	if (!strcmp(text, "none")) {
		*bytes = MM_LIMIT_SWAP_UNBOUNDED;
		return 0;
	}
	ret = mmlimit_parse_size(text, &size);
	if (!ret)
		*bytes = size;
	return ret;
}
