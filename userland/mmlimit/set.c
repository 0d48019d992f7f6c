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
	return change_make(&attr, operands[1], options);
}

const struct command set_command = {
	.name = "set",
	.operands = "USER [SIZE]",
	.min = 1,
	.max = 2,
	.options = OPTION_SETTINGS | OPTION_HARD,
	.summary = "set or change a limit",
	.help = "What is not named stays as it is; a new limit has no grace, policy highest_rss,\n"
		"and does not reclaim. Without SIZE only an existing limit can be changed. A\n"
		"limit below what the user has acts at once.\n"
		"\n"
		"With --reclaim the kernel swaps the user's cold memory out: above so many percent\n"
		"of the limit in the background, at the limit at once. It kills only when that does\n"
		"not help. Up to --swap-max, or SIZE, swap does not count then. Without swap space\n"
		"it kills as ever.\n"
		"\n"
		"With --warn its user and the administrator are told when usage crosses that share\n"
		"of the limit, and anew when it has been a sixteenth below. With --dry-run nobody\n"
		"is killed, stopped or refused anything: 'mmlimit why' tells who would have died.\n"
		"With --term a victim is sent SIGTERM first, unless its user is more than 256KiB\n"
		"above the limit already, as it may be after a grace.\n"
		"\n"
		"  mmlimit set u0_a70 100M --grace 2s\n"
		"  mmlimit set u0_a70 100M --warn 90% --dry-run\n"
		"  mmlimit set u0_a70 100M --reclaim 80% --swap-max 256M\n"
		"  mmlimit set u0_a70 --policy badness",
	.run = run,
};
