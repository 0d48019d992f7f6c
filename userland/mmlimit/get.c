// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit get: everything about one limit. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>

#include "commands.h"
#include "format.h"
#include "json.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"
#include "target.h"
#include "who.h"

static void print_part(const char *what, __u64 bytes, __u64 grace_ms,
		       bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE], grace[MMLIMIT_TEXT_SIZE];

	printf("%-9s", what);
	if (bytes == MM_LIMIT_ATTR_NONE)
		puts("none");
	else
		printf("%s, grace %s\n", size_text(bytes, exactly, size),
		       mmlimit_format_duration(grace_ms, grace));
}

static void print_reclaim(const struct mm_limit_attr *attr, bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE];

	if (!reclaims(attr)) {
		puts("reclaim  off");
		return;
	}
	printf("reclaim  above %u %% of the limit, ", attr->threshold);
	if (swap_max(attr) == MM_LIMIT_SWAP_UNBOUNDED)
		puts("to as much swap as there is");
	else
		printf("to %s of swap\n", swap_text(attr, exactly, size));
}

/* A kernel that cannot warn is not asked to, either. */
static void print_warning(const struct mm_limit_attr *attr)
{
	if (attr->warn)
		printf("warn     above %u %% of the limit, %llu times so far%s\n",
		       attr->warn, attr->warnings,
		       attr->warned ? ", and now" : "");
}

static void print_term(const struct mm_limit_attr *attr)
{
	char text[MMLIMIT_TEXT_SIZE];

	if (attr->term_ms)
		printf("term     SIGTERM %s before SIGKILL, %llu times so far\n",
		       mmlimit_format_duration(attr->term_ms, text),
		       attr->terms);
}

static void print_reclaimed(const struct mm_limit_attr *attr)
{
	printf("scanned  %llu pages, %llu of them in use and spared\n",
	       attr->scanned, attr->spared);
	printf("swapped  %llu pages out, %llu back in\n", attr->swapped_out,
	       attr->refaults);
	printf("direct   %llu times at the limit\n", attr->direct_reclaims);
	printf("dropped  %llu times for a full queue\n", attr->dropped);
	printf("thrashed %u times\n", attr->thrashed);
}

static void print_share(const char *name, unsigned long long bytes,
			bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE];

	printf("  %-6s %s\n", name, size_text(bytes, exactly, size));
}

/* In swap the user has more, which may count or not. */
static void print_parts(const struct mm_limit_attr *attr, bool exactly)
{
	print_share("anon", attr->anon, exactly);
	print_share("file", attr->file, exactly);
	print_share("shmem", attr->shmem, exactly);
	print_share("tables", attr->tables, exactly);
	print_share("swap", attr->swap, exactly);
	print_share("kernel", attr->kernel, exactly);
	printf("refused  %llu times for lack of room\n", attr->refused);
}

static void print_swap(const struct mm_limit_attr *attr, bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE];

	printf("swap     %s", size_text(attr->swap, exactly, size));
	if (swap_stored(attr) < attr->swap)
		printf(", stored in %s",
		       size_text(swap_stored(attr), exactly, size));
	putchar('\n');
}

static void print_figures(const struct mm_limit_attr *attr, bool exactly)
{
	unsigned int share = usage_share(attr);
	char size[MMLIMIT_TEXT_SIZE];

	printf("usage    %s", size_text(attr->usage, exactly, size));
	if (attr->mm_max == MM_LIMIT_ATTR_NONE)
		putchar('\n');
	else
		printf(", %u.%u %% of the limit\n", share / 10, share % 10);
	print_parts(attr, exactly);
	printf("peak     %s\n", size_text(attr->peak, exactly, size));
	/* A kernel that does not know swap does not say that it is 0. */
	if (attr->fields & MM_LIMIT_FIELD_SWAP_MAX)
		print_swap(attr, exactly);
	if (reclaims(attr))
		print_reclaimed(attr);
	printf("exceeds  %llu\n", attr->exceeds);
	printf("graces   %llu\n", attr->graces);
	printf("kills    %llu\n", attr->kills);
	if (!attr->kills)
		return;
	printf("last     pid %d with %s", attr->kill_pid,
	       size_text(attr->kill_rss, exactly, size));
	printf(" of %s\n", size_text(attr->kill_usage, exactly, size));
}

/* A range by its numbers, too, if it is the default one */
static void print_range(const struct mm_limit_attr *attr)
{
	char range[MMLIMIT_TEXT_SIZE];

	mmlimit_format_range(attr->first, attr->last, range);
	if (*range == 'd')
		printf("%s (%u-%u)", range, attr->first, attr->last);
	else
		printf("%s", range);
}

static void print_rule(const struct mm_limit_attr *attr)
{
	if (attr->rule == MM_LIMIT_RULE_NONE)
		return;
	printf("rule     ");
	if (attr->rule == MM_LIMIT_RULE_POOL)
		printf("one of the pool ");
	else
		printf("what each has of ");
	print_range(attr);
	putchar('\n');
}

static void print_whose(const struct mm_limit_attr *attr)
{
	char user[USER_TEXT_SIZE];

	if (mmlimit_is_rule(attr)) {
		printf("users    ");
		print_range(attr);
		if (attr->rule == MM_LIMIT_RULE_POOL)
			printf(", a pool for all together, with %u now\n",
			       attr->members);
		else
			puts(", each");
		return;
	}
	if (user_name(attr->uid, user))
		printf("user     %s (%u)\n", user, attr->uid);
	else
		printf("user     %u\n", attr->uid);
	print_rule(attr);
}

/* What each of many has is told of the users themselves. */
static bool has_figures(const struct mm_limit_attr *attr)
{
	return !mmlimit_is_rule(attr) || attr->rule != MM_LIMIT_RULE_EACH;
}

static void print_limit(const struct mm_limit_attr *attr, bool exactly)
{
	print_whose(attr);
	print_part("limit", attr->mm_max, attr->grace_ms, exactly);
	if (!mmlimit_is_rule(attr)) {
		print_part("hard", attr->hard_max, attr->hard_grace_ms,
			   exactly);
		print_part("own", attr->self_max, attr->self_grace_ms, exactly);
	}
	printf("policy   %s\n", policy_text(attr->policy));
	print_reclaim(attr, exactly);
	print_warning(attr);
	print_term(attr);
	if (is_dry_run(attr))
		printf("dry run  nobody is killed; %llu would have been\n",
		       attr->dry_kills);
	if (!has_figures(attr))
		return;
	printf("state    %s\n", state_text(attr->state));
	print_figures(attr, exactly);
}

static void print_all(const struct mm_limit_attr *limits, size_t count,
		      const struct options *options)
{
	if (options->given & OPTION_JSON) {
		json_print(limits, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (i)
			putchar('\n');
		print_limit(&limits[i], options->given & OPTION_BYTES);
	}
}

static int read_rule(const struct who *who, struct mm_limit_attr *limits,
		     size_t *count)
{
	const struct mm_limit_attr rule = { .uid = -1,
					    .first = who->first,
					    .last = who->last };
	int ret = target_read(&rule, limits);

	if (ret)
		return refused_of(&rule, ret, "cannot read the rule");
	*count = 1;
	return 0;
}

/* Of a group those that have a limit are read, if there are any. */
static int read_all(const struct who *who, const char *text,
		    struct mm_limit_attr *limits, size_t *count)
{
	*count = 0;
	if (who->is_range)
		return read_rule(who, limits, count);
	for (size_t i = 0; i < who->count; i++) {
		int ret = mmlimit_read(who->uids[i], &limits[*count]);

		if (who->is_group && ret == -ENODATA)
			continue;
		if (ret)
			return refused(who->uids[i], ret,
				       "cannot read the limit");
		++*count;
	}
	return *count ? 0 : fail("%s: no member has a limit", text);
}

static int get(const struct who *who, const char *text,
	       const struct options *options)
{
	struct mm_limit_attr *limits = calloc(who->count + 1, sizeof(*limits));
	size_t count;
	int ret;

	if (!limits)
		return fail("%s", mmlimit_strerror(-ENOMEM));
	ret = read_all(who, text, limits, &count);
	if (!ret) {
		print_all(limits, count, options);
		ret = finish_output();
	}
	free(limits);
	return ret;
}

static int run(char **operands, const struct options *options)
{
	struct who who;
	int ret = parse_who(operands[0], &who);

	if (ret)
		return ret;
	ret = get(&who, operands[0], options);
	free(who.uids);
	return ret;
}

const struct command get_command = {
	.name = "get",
	.operands = "WHO",
	.min = 1,
	.max = 1,
	.options = OPTION_BYTES | OPTION_JSON,
	.summary = "show everything about a limit",
	.help = "\"limit\" is what is in force: the lower of the hard part and the user's own one.\n"
		"\"reclaim\" is off, or cold memory is swapped out before anybody is killed: what\n"
		"has come of it follows \"swap\", which is what the user has there now. \"warn\",\n"
		"\"term\" and \"dry run\" are there if they are on. \"rule\" is there if the user has\n"
		"what a rule gives each of its users, or is in a pool, which 'mmlimit get' shows\n"
		"by its range; its own limit may be none then. Other users' limits are shown with\n"
		"CAP_SYS_RESOURCE only. --json prints what 'mmlimit list --help' describes.",
	.run = run,
};
