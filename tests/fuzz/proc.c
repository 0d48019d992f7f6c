// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as each of the files of a process. */
#define _GNU_SOURCE
#include "fuzz.h"

#include "parse.h"

static const char *const seeds[] = {
	"312 (hog) S 1 31 31 0 -1 4194560 84 0 2 0 1000 299 5 6 20 -5 1 0 "
	"100000 2494464 131 4294967295 65536 70000\n",
	"5000 131 110 164 0 83 0\n",
	"312 1000 18446744073709551615\n",
	"-1000\n",
	"10000.25 9000.00\n",
	"Name:\thog\nUid:\t10070\t10070\t10070\t10070\nGroups:\t1 2 3 \n"
	"CapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n",
	NULL,
};

static const char *const tokens[] = {
	" ",
	"\n",
	"\t",
	"-",
	".",
	"(",
	")",
	"0",
	"9",
	"Uid:",
	"CapEff:",
	"4294967296",
	"18446744073709551616",
	"ffffffffffffffff",
	"2147483648",
	"a line that is longer than what is kept of a line of the status file",
	NULL,
};

/* What comes in two pieces is understood as what comes in one. */
static void status(const char *data, size_t size)
{
	for (size_t cut = 0; cut <= size; cut += 1 + size / 16) {
		struct proc_status one, two;

		memset(&one, 0, sizeof(one));
		memset(&two, 0, sizeof(two));
		parse_status(&one, data, size);
		parse_status(&two, data, cut);
		parse_status(&two, data + cut, size - cut);
		must(one.length <= sizeof(one.line));
		must(!memcmp(&one, &two, sizeof(one)));
	}
}

static void run(const char *data, size_t size)
{
	struct proc_stat stat;
	unsigned long number;
	uint64_t ticks;
	long adj;

	if (parse_stat(data, size, &stat)) {
		must(memchr(stat.name, '\0', sizeof(stat.name)) != NULL);
		/*
		 * A name stands in brackets, whatever is left out of the text.
		 */
		must(memchr(data, '(', size) != NULL);
	}
	parse_oom(data, size, &ticks);
	parse_statm(data, size, &number);
	parse_adj(data, size, &adj);
	parse_uptime(data, size, &number);
	status(data, size);
}

const struct fuzz_target fuzz_proc = { run, seeds, tokens };
