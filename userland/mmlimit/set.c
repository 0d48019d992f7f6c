// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit set: sets or changes a limit, and nothing that is not named. */
#define _GNU_SOURCE 1
#include <errno.h>

#include "batch.h"
#include "change.h"
#include "commands.h"
#include "mmlimit.h"
#include "operands.h"
#include "refusal.h"
#include "say.h"
#include "target.h"
#include "who.h"

/* Each member of a group gets what was parsed, or none does. */
static int set_all(const struct who *who, const struct mm_limit_attr *attr,
		   const struct options *options)
{
	struct batch batch;
	int ret = batch_alloc(&batch, who->count);

	for (size_t i = 0; !ret && i < who->count; i++) {
		batch.items[i].attr = *attr;
		batch.items[i].attr.uid = who->uids[i];
		change_complete(&batch.items[i].attr, options);
	}
	if (!ret)
		ret = batch_check(&batch);
	for (size_t i = 0; !ret && i < who->count; i++)
		ret = change_check(&batch.items[i].attr, options);
	if (!ret)
		ret = batch_apply(&batch);
	free(batch.items);
	return ret;
}

/* The user or the range of a rule is in @attr. */
static int set_one(struct mm_limit_attr *attr, const char *size,
		   const struct options *options)
{
	int ret;

	change_complete(attr, options);
	ret = change_check(attr, options);
	return ret ? ret : change_make(attr, size);
}

/*
 * Many users sharing a limit is something else than each having one, so a rule does not
 * become the other kind by a word left out. Without a size it stays what it is.
 */
static int set_rule(const struct who *who, struct mm_limit_attr *attr,
		    const char *size, const struct options *options)
{
	bool is_pool = options->given & OPTION_POOL;
	struct mm_limit_attr now;
	int error;

	attr->uid = -1;
	attr->rule = is_pool ? MM_LIMIT_RULE_POOL : MM_LIMIT_RULE_EACH;
	attr->first = who->first;
	attr->last = who->last;
	if (!size) {
		error = target_read(attr, &now);
		if (error)
			return refused_of(attr, error,
					  "cannot change the rule");
		if (!is_pool)
			attr->rule = now.rule;
	}
	return set_one(attr, size, options);
}

static int check_pool(const struct who *who, const char *text,
		      const struct options *options)
{
	if (!(options->given & OPTION_POOL))
		return 0;
	if (!who->is_range)
		return wrong_usage(
			"--pool takes a range of users, as 20000-20999 or default, and not %s '%s'",
			who->is_group ? "the group" : "the user", text);
	if (options->given & (OPTION_RECLAIM | OPTION_SWAP_MAX))
		return wrong_usage(
			"--pool does not go with --reclaim and --swap-max");
	return 0;
}

static int set(const struct who *who, char **operands,
	       const struct options *options)
{
	struct mm_limit_attr attr = { 0 };
	int ret = check_pool(who, operands[0], options);

	if (!ret)
		ret = change_parse(operands[1], options, &attr);
	if (ret)
		return ret;
	if (!attr.fields)
		return wrong_usage(
			"missing operand: SIZE, or an option that changes a limit");
	if ((options->given & OPTION_HARD) && check_privilege() == -EPERM)
		return fail(
			"%s: cannot set a hard limit: that takes CAP_SYS_RESOURCE, as root has it; without --hard, users limit themselves",
			operands[0]);
	if (who->is_group)
		return set_all(who, &attr, options);
	if (who->is_range)
		return set_rule(who, &attr, operands[1], options);
	attr.uid = who->uids[0];
	return set_one(&attr, operands[1], options);
}

static int run(char **operands, const struct options *options)
{
	struct who who;
	int ret = parse_who(operands[0], &who);

	if (ret)
		return ret;
	ret = set(&who, operands, options);
	free(who.uids);
	return ret;
}

const struct command set_command = {
	.name = "set",
	.operands = "WHO [SIZE]",
	.min = 1,
	.max = 2,
	.options = OPTION_SETTINGS | OPTION_HARD | OPTION_FORCE | OPTION_POOL,
	.summary = "set or change a limit",
	.help = "What is not named stays as it is; a new limit has no grace, policy highest_rss,\n"
		"and does not reclaim. Without SIZE only an existing limit can be changed. A\n"
		"limit below what the user has acts at once. Of a group each member gets the\n"
		"limit, or none does: its members of now, and no others.\n"
		"\n"
		"FIRST-LAST, a range of uids, or default, all that can be limited, makes a rule:\n"
		"each of these users has the limit from its first page on, users to come as well.\n"
		"With --pool all of them together have one; it cannot reclaim. A narrower rule\n"
		"goes before a wider one, and a user's own limit before a rule, but it does not\n"
		"leave a pool by that. To change what a rule gave a user makes it a limit of the\n"
		"user's own.\n"
		"\n"
		"With --reclaim the kernel swaps the user's cold memory out: above so many\n"
		"percent of the limit in the background, at the limit at once. It kills only when\n"
		"that does not help. Up to --swap-max, or SIZE, swap does not count then. Without\n"
		"swap space it kills as ever. A lower --swap-max, or --reclaim off, makes more of\n"
		"what is in swap count: if that would exceed the limit, nothing is changed\n"
		"without --force.\n"
		"\n"
		"With --warn its user and the administrator are told when usage crosses that\n"
		"share of the limit, and anew when it has been a sixteenth below. With --dry-run\n"
		"nobody is killed, stopped or refused anything: 'mmlimit why' tells who would\n"
		"have died. With --term a victim is sent SIGTERM first, unless its user is more\n"
		"than 256KiB above the limit already, as it may be after a grace.\n"
		"\n"
		"  mmlimit set u0_a70 100M --grace 2s\n"
		"  mmlimit set u0_a70 100M --warn 90% --dry-run\n"
		"  mmlimit set u0_a70 100M --reclaim 80% --swap-max 256M\n"
		"  mmlimit set u0_a70 --policy badness\n"
		"  mmlimit set @students 10%\n"
		"  mmlimit set default 200M --warn 90%\n"
		"  mmlimit set 20000-20999 4G --pool",
	.run = run,
};
