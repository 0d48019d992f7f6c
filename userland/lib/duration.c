// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: durations, as people write them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "mmlimit.h"

#define SECOND 1000U
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static const struct {
	const char *name;
	unsigned int ms;
} units[] = {
	{ "ms", 1 },	   { "s", SECOND }, { "m", MINUTE },
	{ "min", MINUTE }, { "h", HOUR },
};

/* Whether a text that is a number is 0, however it is written */
static bool is_zero(const char *text)
{
	return !text[strspn(text, "0.")];
}

int mmlimit_parse_duration(const char *text, unsigned int *ms)
{
	struct quantity quantity;
	unsigned long long value;
	int ret;

	ret = __mmlimit_scan_quantity(text, &quantity);
	if (ret)
		return ret;
	if (!*quantity.unit) {
		if (!is_zero(text))
			return -EINVAL;
		*ms = 0;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(quantity.unit, units[i].name))
			continue;
		ret = __mmlimit_scale_quantity(&quantity, units[i].ms, UINT_MAX,
					       &value);
		if (!ret)
			*ms = value;
		return ret;
	}
	return -EINVAL;
}

char *mmlimit_format_duration(unsigned int ms, char text[MMLIMIT_TEXT_SIZE])
{
	unsigned int fraction = ms % SECOND;
	int digits = 3;

	if (ms && ms % HOUR == 0) {
		snprintf(text, MMLIMIT_TEXT_SIZE, "%uh", ms / HOUR);
	} else if (ms && ms % MINUTE == 0) {
		snprintf(text, MMLIMIT_TEXT_SIZE, "%umin", ms / MINUTE);
	} else if (!fraction) {
		snprintf(text, MMLIMIT_TEXT_SIZE, "%us", ms / SECOND);
	} else if (ms < SECOND) {
		snprintf(text, MMLIMIT_TEXT_SIZE, "%ums", ms);
	} else {
		for (; fraction % 10 == 0; fraction /= 10)
			digits--;
		snprintf(text, MMLIMIT_TEXT_SIZE, "%u.%0*us", ms / SECOND,
			 digits, fraction);
	}
	return text;
}
