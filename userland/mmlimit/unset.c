// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit unset: takes a limit away. */
#define _GNU_SOURCE 1
#include "commands.h"
#include "mmlimit.h"
#include "operands.h"
#include "refusal.h"
#include "say.h"

static int run(char **operands, const struct options *options)
{
	uid_t uid;
	int ret;

	(void)options;
	ret = parse_user(operands[0], &uid);
	if (ret)
		return ret;
	ret = mmlimit_remove(uid);
	return ret ? refused(uid, ret, "cannot remove the limit") :
		     EXIT_SUCCESS;
}

const struct command unset_command = {
	.name = "unset",
	.operands = "USER",
	.min = 1,
	.max = 1,
	.summary = "take a limit away",
	.help = "With CAP_SYS_RESOURCE the whole limit; without, one's own part of it. Nobody is\n"
		"killed for it any more.",
	.run = run,
};
