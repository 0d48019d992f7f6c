// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit list: all limits, as a table or for programs. */
#define _GNU_SOURCE 1
#include <unistd.h>

#include "commands.h"
#include "json.h"
#include "list.h"
#include "mmlimit.h"
#include "prometheus.h"
#include "refusal.h"
#include "say.h"
#include "table.h"

static void count_members(struct mm_limit_attr *limits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mm_limit_attr *pool = &limits[i];

		if (!mmlimit_is_rule(pool) || pool->rule != MM_LIMIT_RULE_POOL)
			continue;
		for (size_t j = 0; j < count; j++)
			pool->members += !mmlimit_is_rule(&limits[j]) &&
					 limits[j].rule == MM_LIMIT_RULE_POOL &&
					 limits[j].first == pool->first &&
					 limits[j].last == pool->last;
	}
}

int list_read(int fd, struct mm_limit_attr **limits, size_t *count)
{
	int ret = mmlimit_list_read(fd, limits, count);

	if (ret)
		return fail(MMLIMIT_LIST_PATH ": %s", mmlimit_strerror(ret));
	count_members(*limits, *count);
	return 0;
}

int list_open(void)
{
	char why[REFUSAL_SIZE];
	int fd = mmlimit_list_open();

	if (fd < 0)
		fail("cannot list limits: %s", refusal_text(getuid(), fd, why));
	return fd;
}

static int run(char **operands, const struct options *options)
{
	struct mm_limit_attr *limits;
	size_t count;
	int fd, ret;

	(void)operands;
	fd = list_open();
	if (fd < 0)
		return EXIT_FAILURE;
	ret = list_read(fd, &limits, &count);
	close(fd);
	if (ret)
		return ret;
	if (options->format == FORMAT_JSON)
		json_print(limits, count);
	else if (options->format == FORMAT_PROMETHEUS)
		prometheus_print(limits, count);
	else
		table_print(limits, count, options->given & OPTION_BYTES,
			    table_width(options->given & OPTION_WIDE));
	free(limits);
	return finish_output();
}

const struct command list_command = {
	.name = "list",
	.operands = "",
	.options = OPTION_JSON | OPTION_FORMAT | OPTION_BYTES | OPTION_WIDE,
	.summary = "show all limits",
	.help = "The limit set most recently comes first; without CAP_SYS_RESOURCE one's own is\n"
		"all there is. KIND is hard, own, or both; LIMIT and GRACE are what is in force.\n"
		"If a limit reclaims, there are RECLAIM, the percentage above which it does,\n"
		"SWAP, what the user has there now, and SWAPMAX, what it may have. Where all this\n"
		"is wider than the terminal, or than 80 columns if there is none, POLICY, KIND\n"
		"and others that say less are left out, unless --wide is given.\n"
		"\n"
		"Rules are there by their range of uids, or as default. RULE then tells whether\n"
		"each of these users has such a limit, or all of them share a pool; and of a user\n"
		"which rule has given it what it has, or which pool it is in. Such users are\n"
		"there as long as they have processes or memory.\n"
		"\n"
		"--format prometheus prints metrics for Prometheus, of each limit by its uid and\n"
		"user, and of a rule by its range and rule, which users for whom it is have, too:\n"
		"a pool's figures are what its users have, so add up those with a uid. A timer\n"
		"that writes them to a file *.prom in a folder of node_exporter's textfile\n"
		"collector has them scraped.\n"
		"\n"
		"Behind the state is \",warned\" of a user that has come near its limit, and \",dry\"\n"
		"of a dry run.\n"
		"\n"
		"--json prints {\"schema\": 1, \"limits\": [...]}. Each limit is an object of\n"
		"numbers, names and nulls; sizes are in bytes, times in ms. Keys are only ever\n"
		"added:\n"
		"\n"
		"  uid, user                      the user; user is null if it has no name, both\n"
		"                                 are null of a rule\n"
		"  mm_max, grace_ms               what is in force; mm_max is null if only a\n"
		"                                 pool's is\n"
		"  policy, state                  names, or null if this program knows none\n"
		"  flags\n"
		"  hard_max, hard_grace_ms        the hard part, or nulls\n"
		"  self_max, self_grace_ms        the user's own part, or nulls\n"
		"  usage, peak                    now, and the most since the limit was first set\n"
		"  exceeds, graces, kills         how often\n"
		"  kill_pid, kill_rss, kill_usage last victim, what it had, and the user, or\n"
		"                                 nulls\n"
		"  threshold                      percent of mm_max above which cold memory is\n"
		"                                 swapped out, or null: it is not\n"
		"  swap, swap_max                 what the user has in swap, and may have; null:\n"
		"                                 no bound\n"
		"  swap_stored                    what that swap takes: less if it is compressed\n"
		"  scanned, spared                pages looked at, and of those, in use\n"
		"  swapped_out, refaults          pages swapped out, and brought back\n"
		"  dropped                        how often the queue of pages was full\n"
		"  direct_reclaims                how often swapping out took place at the limit\n"
		"  thrashed                       how often it was given up as of no use\n"
		"  anon, file, shmem, tables      what the usage consists of: anonymous memory,\n"
		"                                 files on disk, files in memory, page tables\n"
		"  kernel                         and what the kernel keeps for the user\n"
		"  refused                        how often a call failed for lack of room\n"
		"  warn, warned, warnings         percent of mm_max at which the user is warned,\n"
		"                                 or null; whether it is (0 or 1); how often it\n"
		"                                 was\n"
		"  dry_kills                      how many would have been killed in a dry run,\n"
		"                                 which is 2 in flags\n"
		"  term_ms, terms                 time between SIGTERM and SIGKILL, or 0; how\n"
		"                                 many were sent SIGTERM\n"
		"  rule, first, last              of a rule each or pool, and its range; of a\n"
		"                                 user those of the rule that is for it; or nulls\n"
		"  members                        users that are in a pool now; else null",
	.run = run,
};
