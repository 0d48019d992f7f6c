// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: commands, as they are written to the file in debugfs.
 */

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "taskmonitor.h"

/**
 * taskmonitor_parse - read a command
 * @text: decimal digits, perhaps after a minus sign, and nothing else but
 *	white space around
 * @length: of @text; it may hold anything, NULs too
 * @number: what it says, never 0 or INT_MIN
 *
 * Return: 0 or -EINVAL.
 */
int taskmonitor_parse(const char *text, size_t length, int *number)
{
	const char *end = text + length, *digit;
	long long value = 0;
	bool negative;

	while (text < end && isspace(*text))
		text++;
	while (text < end && isspace(end[-1]))
		end--;

	negative = text < end && *text == '-';
	if (negative)
		text++;
	for (digit = text; digit < end; digit++) {
		if (!isdigit(*digit))
			return -EINVAL;
		value = value * 10 + (*digit - '0');
		if (value > INT_MAX)
			return -EINVAL;
	}
	if (!value)
		return -EINVAL;
	*number = negative ? -value : value;
	return 0;
}
