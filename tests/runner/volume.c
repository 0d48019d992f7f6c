// SPDX-License-Identifier: GPL-2.0-only
/* How much a suite does: its volumes, as suites.conf has them. Pure. */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "volume.h"

static int bad(struct text *why, const char *value)
{
	text_printf(
		why,
		"not NAME:COUNT[*SOAK][/SLOW] with numbers from 1 to %d and a name of at most %d small letters and _: ",
		VOLUME_COUNT_MAX, VOLUME_NAME_MAX);
	text_add_clean(why, value, strlen(value));
	return -EINVAL;
}

static size_t name_length(const char *value)
{
	size_t length = 0;

	while (islower((unsigned char)value[length]) || value[length] == '_')
		length++;
	return length;
}

/* Reads a number behind @sign, if there is one, and moves on. */
static bool read_number(const char **at, char sign, unsigned int *number)
{
	unsigned long read;
	char *end;

	if (**at != sign)
		return true;
	if (!isdigit((unsigned char)(*at)[1]))
		return false;
	read = strtoul(*at + 1, &end, 10);
	*at = end;
	*number = read;
	return read >= 1 && read <= VOLUME_COUNT_MAX;
}

/* Reads one, up to its end or a comma. Returns where it ends, or NULL. */
static const char *read_volume(struct volume *volume, const char *value)
{
	size_t length = name_length(value);
	const char *at = value + length;

	if (!length || length > VOLUME_NAME_MAX)
		return NULL;
	memcpy(volume->name, value, length);
	if (!read_number(&at, ':', &volume->count) ||
	    !read_number(&at, '*', &volume->soak) ||
	    !read_number(&at, '/', &volume->slow) || !volume->count)
		return NULL;
	return *at && *at != ',' ? NULL : at;
}

static int add(struct volumes *volumes, const struct volume *volume,
	       struct text *why)
{
	size_t i;

	for (i = 0; i < volumes->count; i++) {
		if (!strcmp(volumes->list[i].name, volume->name)) {
			text_printf(why, "a second volume of this name: %s",
				    volume->name);
			return -EINVAL;
		}
	}
	if (i == VOLUMES_MAX) {
		text_printf(why, "more than %d volumes", VOLUMES_MAX);
		return -EINVAL;
	}
	volumes->list[volumes->count++] = *volume;
	return 0;
}

int volumes_add(struct volumes *volumes, const char *value, struct text *why)
{
	const char *at = value;
	int ret;

	do {
		struct volume volume = { .soak = 1, .slow = 1 };

		at = read_volume(&volume, at);
		if (!at)
			return bad(why, value);
		ret = add(volumes, &volume, why);
	} while (!ret && *at++ == ',');
	return ret;
}

void volumes_print(struct text *text, const struct volumes *volumes, bool soak,
		   bool slow)
{
	size_t i;

	for (i = 0; i < volumes->count; i++) {
		const struct volume *volume = &volumes->list[i];
		uint64_t count = volume->count;

		if (soak)
			count *= volume->soak;
		if (slow)
			count /= volume->slow;
		if (count < 1)
			count = 1;
		if (count > VOLUME_COUNT_MAX)
			count = VOLUME_COUNT_MAX;
		text_printf(text, "%s%s:%u", i ? "," : "", volume->name,
			    (unsigned int)count);
	}
}
