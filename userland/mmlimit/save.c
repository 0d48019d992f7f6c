// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit save: the limits that stand, as a configuration. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "format.h"
#include "list.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"

/*
 * A name is written only if a configuration with it means the user: a name may be
 * one word too many, begin a comment or a section, be another user's number, or
 * have been cut.
 */
static void print_user(uid_t uid)
{
	char name[USER_TEXT_SIZE];
	uid_t found, last;

	if (user_name(uid, name) && *name != '[' && *name != '@' &&
	    !strpbrk(name, " \t#") && !mmlimit_user(name, &found) &&
	    found == uid && mmlimit_parse_range(name, &found, &last) == -ENOENT)
		printf("%s", name);
	else
		printf("%u", uid);
}

/* Only what differs from the defaults, as people write it. Sizes are exact. */
static void print_settings(const struct mm_limit_attr *limit)
{
	char term[MMLIMIT_TEXT_SIZE];

	if (mmlimit_is_rule(limit) && limit->rule == MM_LIMIT_RULE_POOL)
		printf(" pool=yes");
	if (limit->policy != MM_LIMIT_HIGHEST_RSS)
		printf(" policy=%s", policy_text(limit->policy));
	if (limit->warn)
		printf(" warn=%u%%", limit->warn);
	if (limit->term_ms)
		printf(" term=%s",
		       mmlimit_format_duration(limit->term_ms, term));
	if (is_dry_run(limit))
		printf(" dry_run=yes");
	if (!reclaims(limit))
		return;
	printf(" reclaim=%u%%", limit->threshold);
	if (limit->swap_max == MM_LIMIT_SWAP_UNBOUNDED)
		printf(" swap_max=none");
	else if (limit->swap_max != MM_LIMIT_ATTR_NONE)
		printf(" swap_max=%llu", limit->swap_max);
}

static void print_limit(const struct mm_limit_attr *limit, __u64 bytes,
			__u64 grace_ms)
{
	char text[MMLIMIT_TEXT_SIZE];

	if (mmlimit_is_rule(limit))
		printf("%s",
		       mmlimit_format_range(limit->first, limit->last, text));
	else
		print_user(limit->uid);
	printf(" %llu", bytes);
	if (grace_ms)
		printf(" grace=%s", mmlimit_format_duration(grace_ms, text));
	print_settings(limit);
	putchar('\n');
}

/*
 * Prints what load sets again: of an administrator the hard part. A part that the
 * user has set for itself would become a hard one, and what a rule has given it comes
 * with the rule.
 */
static void save(const struct mm_limit_attr *limit, bool privileged)
{
	if (!privileged && limit->self_max != MM_LIMIT_ATTR_NONE) {
		print_limit(limit, limit->self_max, limit->self_grace_ms);
	} else if (privileged && has_own_hard(limit)) {
		print_limit(limit, limit->hard_max, limit->hard_grace_ms);
	} else if (privileged && has_own(limit)) {
		printf("# its own: ");
		print_limit(limit, limit->self_max, limit->self_grace_ms);
	}
}

static int run(char **operands, const struct options *options)
{
	bool privileged = is_privileged();
	struct mm_limit_attr *limits;
	size_t count;
	int fd, ret;

	(void)operands;
	(void)options;
	fd = list_open();
	if (fd < 0)
		return EXIT_FAILURE;
	ret = list_read(fd, &limits, &count);
	close(fd);
	if (ret)
		return ret;
	puts("# what 'mmlimit save' has found, for 'mmlimit load'");
	/* The one set longest ago comes first, as it does when they are loaded. */
	while (count--)
		save(&limits[count], privileged);
	free(limits);
	return finish_output();
}

const struct command save_command = {
	.name = "save",
	.operands = "",
	.summary = "print all limits as 'load' takes them",
	.help = "Hard limits and rules, as a file for /etc/mmlimit.conf; of what users have set\n"
		"for themselves beside that there is only a comment, since an administrator who\n"
		"loads it would make it hard. Without CAP_SYS_RESOURCE one's own part is printed.\n"
		"Settings of mmlimitd are not the kernel's, so they are not printed.\n"
		"\n"
		"  mmlimit save >/etc/mmlimit.conf\n"
		"  mmlimit save | ssh other mmlimit load -",
	.run = run,
};
