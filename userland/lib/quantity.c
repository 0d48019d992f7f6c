// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: decimal numbers with units, exactly. */
#include <errno.h>
#include <limits.h>

#include "internal.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int __mmlimit_scan_quantity(const char *text, struct quantity *quantity)
{
	unsigned long long whole = 0;

	if (!is_digit(*text))
		return -EINVAL;
	for (; is_digit(*text); text++) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *text - '0', &whole))
			whole = ULLONG_MAX;
	}
	quantity->whole = whole;
	quantity->digits = 0;
	quantity->fraction = text;
	if (*text == '.') {
		quantity->fraction = ++text;
		if (!is_digit(*text))
			return -EINVAL;
		while (is_digit(*text))
			text++;
		quantity->digits = text - quantity->fraction;
	}
	quantity->unit = text;
	return 0;
}

/*
 * The fraction 0.d1d2... times the factor f is (d1 * f + (d2 * f + ...) / 10) /
 * 10. Rounding down at each division gives the same as rounding down at the end,
 * since floor((n + x) / 10) is floor((n + floor(x)) / 10) for every integer n. So
 * any number of digits is exact, and no number here exceeds ten factors.
 */
int __mmlimit_scale_quantity(const struct quantity *quantity,
			     unsigned long long factor, unsigned long long max,
			     unsigned long long *value)
{
	unsigned long long scaled, part = 0;

	for (size_t i = quantity->digits; i-- > 0;)
		part = ((quantity->fraction[i] - '0') * factor + part) / 10;

	if (__builtin_mul_overflow(quantity->whole, factor, &scaled) ||
	    __builtin_add_overflow(scaled, part, &scaled) || scaled > max)
		return -ERANGE;
	*value = scaled;
	return 0;
}
