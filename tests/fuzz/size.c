// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a size. */
#include "fuzz.h"

#include <errno.h>
#include <stdbool.h>

#include <sys/sysinfo.h>

#include "internal.h"
#include "mmlimit.h"

static const char *const seeds[] = {
	"0",
	"4096",
	"1.5GiB",
	"100M",
	"100.25mb",
	"0.001kB",
	"3K",
	"18446744073709551614",
	"0.000000000931322574615478515625G",
	"50%",
	"99.9%",
	NULL,
};

static const char *const tokens[] = {
	"K",	      "kB",	    "KiB",	  "M",	 "MB",
	"MiB",	      "G",	    "GB",	  "GiB", "B",
	".",	      "-",	    "0",	  "9",	 "18446744073709551615",
	"4294967295", "0000000000", "9999999999", "%",	 "100",
	NULL,
};

static unsigned long long factor_of(const char *unit)
{
	unsigned long long base = 1024, factor = 1;

	switch (*unit | 0x20) {
	case 'g':
		factor *= 1024;
		/* fall through */
	case 'm':
		factor *= 1024;
		/* fall through */
	case 'k':
		factor *= 1024;
		break;
	default:
		return 1;
	}
	if ((unit[1] | 0x20) == 'b') {
		for (base = 1; factor > 1; factor /= 1024)
			base *= 1000;
		return base;
	}
	return factor;
}

static void compare_percent(unsigned __int128 number, unsigned __int128 scale,
			    int ret, uint64_t bytes)
{
	struct sysinfo info;
	uint64_t ram;

	must(!sysinfo(&info));
	ram = (uint64_t)info.totalram * info.mem_unit;
	if (number > scale * 100)
		must(ret == -ERANGE);
	else
		must(!ret && number * ram / (scale * 100) == bytes);
}

/* Computes the same in another way, for numbers of moderate length. */
static void compare(const char *text, int ret, uint64_t bytes)
{
	unsigned __int128 number = 0, scale = 1;
	size_t digits = strcspn(text, ".");
	const char *c;
	bool behind = false;

	for (c = text; *c == '.' || (*c >= '0' && *c <= '9'); c++) {
		if (*c == '.') {
			behind = true;
			continue;
		}
		number = number * 10 + (*c - '0');
		if (behind)
			scale *= 10;
	}
	if (digits > 20 || c - text > 26)
		return;
	if (*c == '%') {
		compare_percent(number, scale, ret, bytes);
		return;
	}
	number = number * factor_of(c) / scale;
	if (ret)
		must(ret == -ERANGE && number > MM_LIMIT_ATTR_NONE - 1);
	else
		must(number == bytes);
}

static void run(const char *data, size_t size)
{
	char *text = string_of(data, size), written[MMLIMIT_TEXT_SIZE];
	uint64_t bytes = 12345, again;
	int ret;

	ret = mmlimit_parse_size(text, &bytes);
	must(!ret || ret == -EINVAL || ret == -ERANGE);
	must(!ret || bytes == 12345);
	if (ret != -EINVAL)
		compare(text, ret, bytes);
	free(text);
	if (ret)
		return;

	/* What is written is right up to half of its last digit. */
	mmlimit_format_size(bytes, written);
	ret = mmlimit_parse_size(written, &again);
	if (ret) {
		must(ret == -ERANGE &&
		     bytes > MM_LIMIT_ATTR_NONE - (1ULL << 30));
	} else {
		uint64_t far = again > bytes ? again - bytes : bytes - again;

		must(far <= bytes / 20 + 1 && far <= (1ULL << 30) / 20 + 1);
		must(bytes >= 1024 || !far);
	}
}

const struct fuzz_target fuzz_size = { run, seeds, tokens };
