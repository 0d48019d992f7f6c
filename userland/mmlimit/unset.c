// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit unset: takes a limit away. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdbool.h>

#include "commands.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"
#include "target.h"
#include "who.h"

/*
 * Members of a group without a limit are no mistake, unless all of them are. Those
 * whose limit cannot be removed are told.
 */
static int unset_all(const struct who *who, const char *group)
{
	bool removed = false, failed = false;

	for (size_t i = 0; i < who->count; i++) {
		int ret = mmlimit_remove(who->uids[i]);

		removed |= !ret;
		if (!ret || ret == -ENODATA)
			continue;
		failed = true;
		refused(who->uids[i], ret, "cannot remove the limit");
	}
	if (failed)
		return EXIT_FAILURE;
	return removed ? EXIT_SUCCESS :
			 fail("%s: no member has a limit", group);
}

static int unset_one(uid_t uid)
{
	int ret = mmlimit_remove(uid);

	return ret ? refused(uid, ret, "cannot remove the limit") :
		     EXIT_SUCCESS;
}

static int unset_rule(const struct who *who)
{
	const struct mm_limit_attr rule = { .uid = -1,
					    .first = who->first,
					    .last = who->last };
	int ret = target_remove(&rule);

	return ret ? refused_of(&rule, ret, "cannot remove the rule") :
		     EXIT_SUCCESS;
}

static int run(char **operands, const struct options *options)
{
	struct who who;
	int ret = parse_who(operands[0], &who);

	(void)options;
	if (ret)
		return ret;
	if (who.is_range)
		ret = unset_rule(&who);
	else if (who.is_group)
		ret = unset_all(&who, operands[0]);
	else
		ret = unset_one(who.uids[0]);
	free(who.uids);
	return ret;
}

const struct command unset_command = {
	.name = "unset",
	.operands = "WHO",
	.min = 1,
	.max = 1,
	.summary = "take a limit away",
	.help = "With CAP_SYS_RESOURCE the whole limit; without, one's own part of it. Nobody is\n"
		"killed for it any more. FIRST-LAST, or default, takes the rule for just these\n"
		"users away, and with it what it gave them; limits of their own stay. A user\n"
		"whose own limit goes has what a rule gives it, if one is for it.",
	.run = run,
};
