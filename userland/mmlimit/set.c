// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit set: sets or changes a limit, and nothing that is not named. */
#define _GNU_SOURCE 1
#include <errno.h>

#include "change.h"
#include "commands.h"
#include "format.h"
#include "mmlimit.h"
#include "operands.h"
#include "refusal.h"
#include "say.h"

static int run(char **operands, const struct options *options)
{
	struct mm_limit_attr attr = { 0 };
	char user[USER_TEXT_SIZE];
	int ret;

	ret = parse_user(operands[0], &attr.uid);
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
			user_text(attr.uid, user));
	ret = change_check(&attr, options);
	return ret ? ret : change_make(&attr, operands[1]);
}

const struct command set_command = {
	.name = "set",
	.operands = "USER [SIZE]",
	.min = 1,
	.max = 2,
	.options = OPTION_SETTINGS | OPTION_HARD | OPTION_FORCE,
	.summary = "set or change a limit",
	.help = "What is not named stays as it is; a new limit has no grace, policy highest_rss,\n"
		"and does not reclaim. Without SIZE only an existing limit can be changed. A\n"
		"limit below what the user has acts at once.\n"
		"\n"
		"With --reclaim the kernel swaps the user's cold memory out: above so many percent\n"
		"of the limit in the background, at the limit at once. It kills only when that does\n"
		"not help. Up to --swap-max, or SIZE, swap does not count then. Without swap space\n"
		"it kills as ever. A lower --swap-max, or --reclaim off, makes more of what is in\n"
		"swap count: if that would exceed the limit, nothing is changed without --force.\n"
		"\n"
		"  mmlimit set u0_a70 100M --grace 2s\n"
		"  mmlimit set u0_a70 100M --reclaim 80% --swap-max 256M\n"
		"  mmlimit set u0_a70 --policy badness",
	.run = run,
};
