// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit set: sets or changes a limit, and nothing that is not named. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>

#include "commands.h"

#define CHANGES (OPTION_GRACE | OPTION_POLICY)

static int run(char **operands, const struct options *options)
{
	struct mm_limit_attr attr = { .grace_ms = options->grace_ms,
				      .policy = options->policy };
	char user[USER_TEXT_SIZE];
	int ret;

	ret = parse_user(operands[0], &attr.uid);
	if (!ret && operands[1])
		ret = parse_size(operands[1], &attr.mm_max);
	if (ret)
		return ret;
	if (!operands[1] && !(options->given & CHANGES))
		return wrong_usage("set: SIZE is missing");
	attr.fields =
		(operands[1] ? MM_LIMIT_FIELD_MAX : 0) |
		(options->given & OPTION_GRACE ? MM_LIMIT_FIELD_GRACE : 0) |
		(options->given & OPTION_POLICY ? MM_LIMIT_FIELD_POLICY : 0);

	if ((options->given & OPTION_HARD) && check_privilege() == -EPERM)
		return fail(
			"%s: cannot set a hard limit: that takes CAP_SYS_RESOURCE, as root has it; without --hard, users limit themselves",
			user_text(attr.uid, user));
	ret = mmlimit_change(&attr);
	if (!ret)
		return EXIT_SUCCESS;
	if (operands[1])
		return refused(attr.uid, ret, "cannot set a limit of %s",
			       operands[1]);
	return refused(attr.uid, ret, "cannot change the limit");
}

const struct command set_command = {
	.name = "set",
	.operands = "USER [SIZE]",
	.min = 1,
	.max = 2,
	.options = OPTION_GRACE | OPTION_POLICY | OPTION_HARD,
	.summary = "set or change a limit",
	.help = "What is not named stays as it is; a new limit has no grace, and policy\n"
		"highest_rss. Without SIZE only an existing limit can be changed. A limit below\n"
		"what the user has acts at once.\n"
		"\n"
		"  mmlimit set u0_a70 100M --grace 2s\n"
		"  mmlimit set u0_a70 --policy badness",
	.run = run,
};
