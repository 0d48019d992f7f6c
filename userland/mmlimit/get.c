// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit get: everything about one limit. */
#define _GNU_SOURCE 1
#include <stdio.h>

#include "commands.h"

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

static void print_figures(const struct mm_limit_attr *attr, bool exactly)
{
	unsigned int share = usage_share(attr);
	char size[MMLIMIT_TEXT_SIZE];

	printf("usage    %s, %u.%u %% of the limit\n",
	       size_text(attr->usage, exactly, size), share / 10, share % 10);
	printf("peak     %s\n", size_text(attr->peak, exactly, size));
	printf("exceeds  %llu\n", attr->exceeds);
	printf("graces   %llu\n", attr->graces);
	printf("kills    %llu\n", attr->kills);
	if (!attr->kills)
		return;
	printf("last     pid %d with %s", attr->kill_pid,
	       size_text(attr->kill_rss, exactly, size));
	printf(" of %s\n", size_text(attr->kill_usage, exactly, size));
}

static int run(char **operands, const struct options *options)
{
	bool exactly = options->given & OPTION_BYTES;
	char user[USER_TEXT_SIZE];
	struct mm_limit_attr attr;
	const char *name;
	uid_t uid;
	int ret;

	ret = parse_user(operands[0], &uid);
	if (ret)
		return ret;
	ret = mmlimit_read(uid, &attr);
	if (ret)
		return refused(uid, ret, "cannot read the limit");

	if (user_name(uid, user))
		printf("user     %s (%u)\n", user, uid);
	else
		printf("user     %u\n", uid);
	print_part("limit", attr.mm_max, attr.grace_ms, exactly);
	print_part("hard", attr.hard_max, attr.hard_grace_ms, exactly);
	print_part("own", attr.self_max, attr.self_grace_ms, exactly);
	name = mmlimit_policy_name(attr.policy);
	printf("policy   %s\n", name ? name : "unknown");
	name = mmlimit_state_name(attr.state);
	printf("state    %s\n", name ? name : "unknown");
	print_figures(&attr, exactly);
	return finish_output();
}

const struct command get_command = {
	.name = "get",
	.operands = "USER",
	.min = 1,
	.max = 1,
	.options = OPTION_BYTES,
	.summary = "show everything about a limit",
	.help = "\"limit\" is what is in force: the lower of the hard part and the user's own one.\n"
		"Other users' limits are shown with CAP_SYS_RESOURCE only.",
	.run = run,
};
