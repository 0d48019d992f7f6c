// SPDX-License-Identifier: GPL-2.0-only
/* Any text as the kernel's list of limits. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "mmlimit.h"

static const char *const seeds[] = {
	"uid mm_max time_allow_exceed_ms policy flags state usage peak exceeds graces kills pid pRSS uRSS hard_max hard_ms self_max self_ms\n"
	"10070 100000000 2000 most_private 0 idle 40960 81920 1 2 3 - - - 100000000 2000 - -\n"
	"10071 4294967294 0 highest_rss 0 killing 18446744073709551615 7 8 9 10 4242 11 12 - - 4294967294 0\n",
	"uid mm_max threshold swap swap_max scanned spared swapped_out dropped direct_reclaims refaults thrashed flags state\n"
	"10070 7 80 4096 65536 9 8 7 6 5 4 3 1 reclaiming\n10071 7 - 0 - 0 0 0 0 0 0 0 0 idle\n",
	"uid mm_max warn warned warnings dry_kills anon\n10070 1 90 1 2 3 4\n10071 1 - 0 0 0 0\n",
	"uid mm_max\n",
	"uid mm_max rule\n10000-10099 1 pool\n10001 - pool:10000-10099\n10200-4294967294 2 each\n10300 2 each:10200-4294967294\n10070 1 -\n",
	"uid mm_max policy\n10070 1 user_ranked\n10071 2 by_lot\n",
	"state later kills mm_max uid\nstuck ? 1 - 10001\ngrace x 2 4096 10002",
	NULL,
};

static const char *const tokens[] = {
	" ",	      "\n",	     "-",	   "0",
	"uid",	      "mm_max",	     "policy",	   "state",
	"pid",	      "hard_max",    "threshold",  "swap_max",
	"thrashed",   "user_ranked", "4294967296", "18446744073709551616",
	"2147483648", "\t",	     "\r\n",	   "x x x x x x x x ",
	"rule",	      "each",	     "pool:",	   "1-2",
	NULL,
};

static const char *name(const char *known)
{
	return known ? known : "later";
}

static void size(FILE *file, uint64_t bytes)
{
	if (bytes == MM_LIMIT_ATTR_NONE)
		fputs(" -", file);
	else
		fprintf(file, " %llu", (unsigned long long)bytes);
}

static void write_rule(FILE *file, const struct mm_limit_attr *limit)
{
	if (limit->rule == MM_LIMIT_RULE_NONE) {
		fputs(" -", file);
		return;
	}
	fprintf(file, " %s", name(mmlimit_rule_name(limit->rule)));
	if (!mmlimit_is_rule(limit))
		fprintf(file, ":%u-%u", limit->first, limit->last);
}

/* A list as the kernel could write it, with its columns in another order */
static void write_list(FILE *file, const struct mm_limit_attr *limits,
		       size_t count)
{
	/* All have the same. */
	unsigned int fields = count ? limits->fields : 0;

	if (fields & MM_LIMIT_FIELD_THRESHOLD)
		fputs("threshold ", file);
	if (fields & MM_LIMIT_FIELD_SWAP_MAX)
		fputs("swap_max ", file);
	if (fields & MM_LIMIT_FIELD_WARN)
		fputs("warn ", file);
	if (fields & MM_LIMIT_FIELD_TERM)
		fputs("term_ms ", file);
	fputs("hard_max self_max mm_max uid time_allow_exceed_ms policy flags state usage peak exceeds graces kills pid pRSS uRSS hard_ms self_ms swap scanned spared swapped_out dropped direct_reclaims refaults thrashed anon file shmem tables kernel refused warned warnings dry_kills terms rule",
	      file);
	for (size_t i = 0; i < count; i++) {
		const struct mm_limit_attr *limit = &limits[i];
		const uint64_t amounts[] = {
			limit->usage,	      limit->peak,
			limit->exceeds,	      limit->graces,
			limit->kills,	      limit->kill_pid,
			limit->kill_rss,      limit->kill_usage,
			limit->hard_grace_ms, limit->self_grace_ms,
			limit->swap,	      limit->scanned,
			limit->spared,	      limit->swapped_out,
			limit->dropped,	      limit->direct_reclaims,
			limit->refaults,      limit->thrashed,
			limit->anon,	      limit->file,
			limit->shmem,	      limit->tables,
			limit->kernel,	      limit->refused,
			limit->warned,	      limit->warnings,
			limit->dry_kills,     limit->terms,
		};

		putc('\n', file);
		if (fields & MM_LIMIT_FIELD_THRESHOLD)
			fprintf(file, " %u", limit->threshold);
		if (fields & MM_LIMIT_FIELD_SWAP_MAX)
			size(file, limit->swap_max);
		if (fields & MM_LIMIT_FIELD_WARN)
			fprintf(file, " %u", limit->warn);
		if (fields & MM_LIMIT_FIELD_TERM)
			fprintf(file, " %llu",
				(unsigned long long)limit->term_ms);
		size(file, limit->hard_max);
		size(file, limit->self_max);
		size(file, limit->mm_max);
		if (mmlimit_is_rule(limit))
			fprintf(file, " %u-%u", limit->first, limit->last);
		else
			fprintf(file, " %u", limit->uid);
		fprintf(file, " %llu %s %u %s",
			(unsigned long long)limit->grace_ms,
			name(mmlimit_policy_name(limit->policy)), limit->flags,
			name(mmlimit_state_name(limit->state)));
		for (size_t j = 0; j < sizeof(amounts) / sizeof(*amounts); j++)
			fprintf(file, " %llu", (unsigned long long)amounts[j]);
		write_rule(file, limit);
	}
}

static void run(const char *data, size_t size)
{
	struct mm_limit_attr *limits = NULL, *again;
	size_t count = 12345, count_again, length;
	char *text;
	FILE *file;
	int ret;

	ret = mmlimit_list_parse(data, size, &limits, &count);
	must(!ret || ret == -EPROTO);
	if (ret) {
		must(!limits && count == 12345);
		return;
	}
	must(count <= size / 4);
	for (size_t i = 0; i < count; i++) {
		must(limits[i].policy == UINT_MAX ||
		     mmlimit_policy_name(limits[i].policy));
		must(limits[i].state == UINT_MAX ||
		     mmlimit_state_name(limits[i].state));
		must(limits[i].kill_pid >= 0);
		must(limits[i].rule == UINT_MAX ||
		     !limits[i].rule == !mmlimit_rule_name(limits[i].rule));
		must(!mmlimit_is_rule(&limits[i]) || limits[i].rule);
	}

	file = open_memstream(&text, &length);
	must(!!file);
	write_list(file, limits, count);
	must(!fclose(file));
	must(!mmlimit_list_parse(text, length, &again, &count_again));
	must(count == count_again);
	must(!count || !memcmp(limits, again, count * sizeof(*limits)));
	free(text);
	free(again);
	free(limits);
}

const struct fuzz_target fuzz_list = { run, seeds, tokens };
