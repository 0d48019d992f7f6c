// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit kill: runs the killer now. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "format.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"

static int run(char **operands, const struct options *options)
{
	int policy = options->given & OPTION_POLICY ? options->policy :
						      MM_LIMIT_POLICY_OWN;
	char why[REFUSAL_SIZE];
	int ret = mmlimit_kill(policy);

	(void)operands;
	if (ret == -EPERM)
		return fail(
			"cannot run the killer: that takes CAP_SYS_RESOURCE, as root has it");
	if (ret == -EINVAL)
		return fail(
			"cannot run the killer: this kernel does not know the policy %s; 'mmlimit kill --help' names those of this program",
			policy_text(policy));
	if (ret < 0)
		return fail("cannot run the killer: %s",
			    refusal_text(getuid(), ret, why));
	printf("%d\n", ret);
	return finish_output();
}

const struct command kill_command = {
	.name = "kill",
	.operands = "",
	.options = OPTION_POLICY,
	.summary = "run the killer now",
	.help = "Each user above its limit loses processes until it no longer is, whatever\n"
		"vm.mm_limit_trigger says, without regard to graces. Policies are the limits'\n"
		"own, unless one is given for all. Prints how many processes were killed.",
	.run = run,
};
