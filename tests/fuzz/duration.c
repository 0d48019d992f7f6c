// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a duration, and any number written as one. */
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "mmlimit.h"

static const char *const seeds[] = {
	"0",  "2s",	"1.5min",	"20ms",
	"1h", "0.001s", "4294967.295s", "0.00000027777777777777777778h",
	NULL,
};

static const char *const tokens[] = {
	"ms",
	"s",
	"m",
	"min",
	"h",
	".",
	"-",
	"0",
	"9",
	"4294967296",
	"18446744073709551616",
	"0000000000",
	"9999999999",
	NULL,
};

/* Computes the same in another way, for numbers of moderate length. */
static void compare(const char *text, int ret, unsigned int ms)
{
	static const struct {
		const char *name;
		unsigned int ms;
	} units[] = {
		{ "", 1 },	{ "ms", 1 },	  { "s", 1000 },
		{ "m", 60000 }, { "min", 60000 }, { "h", 3600000 },
	};
	unsigned __int128 number = 0, scale = 1;
	bool behind = false;
	const char *c;
	size_t i;

	for (c = text; *c == '.' || (*c >= '0' && *c <= '9'); c++) {
		if (*c == '.') {
			behind = true;
			continue;
		}
		number = number * 10 + (*c - '0');
		if (behind)
			scale *= 10;
	}
	if (c - text > 30)
		return;
	for (i = 0; strcmp(units[i].name, c); i++)
		must(i + 1 < sizeof(units) / sizeof(units[0]));
	number = number * units[i].ms / scale;
	if (ret)
		must(ret == -ERANGE && number > UINT_MAX);
	else
		must(number == ms);
}

static void write_and_read(unsigned int ms)
{
	char text[MMLIMIT_TEXT_SIZE];
	unsigned int again;

	mmlimit_format_duration(ms, text);
	must(!mmlimit_parse_duration(text, &again));
	must(again == ms);
}

static void run(const char *data, size_t size)
{
	char *text = string_of(data, size);
	unsigned int ms = 12345;
	int ret;

	ret = mmlimit_parse_duration(text, &ms);
	must(!ret || ret == -EINVAL || ret == -ERANGE);
	must(!ret || ms == 12345);
	if (ret != -EINVAL)
		compare(text, ret, ms);
	free(text);
	write_and_read(ms);
	if (size >= sizeof(ms)) {
		memcpy(&ms, data, sizeof(ms));
		write_and_read(ms);
	}
}

const struct fuzz_target fuzz_duration = { run, seeds, tokens };
