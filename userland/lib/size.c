// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: sizes, as people write them. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <sys/sysinfo.h>

#include "internal.h"
#include "mmlimit.h"

#define KIB 1024ULL
#define KB 1000ULL

/* In lower case */
static const struct {
	const char *name;
	unsigned long long bytes;
} units[] = {
	{ "", 1 },
	{ "b", 1 },
	{ "k", KIB },
	{ "kib", KIB },
	{ "kb", KB },
	{ "m", KIB *KIB },
	{ "mib", KIB *KIB },
	{ "mb", KB *KB },
	{ "g", KIB *KIB *KIB },
	{ "gib", KIB *KIB *KIB },
	{ "gb", KB *KB *KB },
};

/* In any locale: in a Turkish one, "mib" would not be "MiB" to strcasecmp(). */
static bool same_unit(const char *text, const char *name)
{
	while (*name) {
		char c = *text++;

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if (c != *name++)
			return false;
	}
	return !*text;
}

/* A share of the memory that the kernel has to give. That is less than there is. */
static int scale_percent(const struct quantity *quantity,
			 unsigned long long *value)
{
	struct sysinfo info;
	int ret;

	/* This fails for a bad pointer only. */
	sysinfo(&info);
	ret = __mmlimit_scale_quantity(
		quantity, (unsigned long long)info.totalram * info.mem_unit,
		ULLONG_MAX - 1, value);
	if (ret || quantity->whole > 100 ||
	    (quantity->whole == 100 &&
	     strspn(quantity->fraction, "0") < quantity->digits))
		return -ERANGE;
	/* Both are rounded down, which makes no difference to doing so once. */
	*value /= 100;
	return 0;
}

int mmlimit_parse_size(const char *text, uint64_t *bytes)
{
	struct quantity quantity;
	unsigned long long value;
	int ret;

	ret = __mmlimit_scan_quantity(text, &quantity);
	if (ret)
		return ret;
	if (!strcmp(quantity.unit, "%")) {
		ret = scale_percent(&quantity, &value);
		if (!ret)
			*bytes = value;
		return ret;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (!same_unit(quantity.unit, units[i].name))
			continue;
		ret = __mmlimit_scale_quantity(&quantity, units[i].bytes,
					       MM_LIMIT_ATTR_NONE - 1, &value);
		if (!ret)
			*bytes = value;
		return ret;
	}
	return -EINVAL;
}

char *mmlimit_format_size(uint64_t bytes, char text[MMLIMIT_TEXT_SIZE])
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB" };
	unsigned long long unit = 1, whole, tenths;
	size_t i = 0;

	if (bytes == MM_LIMIT_ATTR_NONE) {
		snprintf(text, MMLIMIT_TEXT_SIZE, "none");
		return text;
	}
	for (;; i++, unit *= 1024) {
		whole = bytes / unit;
		tenths = (bytes % unit * 10 + unit / 2) / unit;
		if (tenths == 10) {
			whole++;
			tenths = 0;
		}
		if (whole < 1024 || i + 1 == ARRAY_SIZE(names))
			break;
	}
	if (tenths)
		snprintf(text, MMLIMIT_TEXT_SIZE, "%llu.%c%s", whole,
			 (char)('0' + tenths), names[i]);
	else
		snprintf(text, MMLIMIT_TEXT_SIZE, "%llu%s", whole, names[i]);
	return text;
}
