// SPDX-License-Identifier: GPL-2.0-only
/* Whom a command is about: a user, each member of a group, or the users of a rule. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "operands.h"
#include "say.h"
#include "who.h"

static int compare_uids(const void *a, const void *b)
{
	uid_t left = *(const uid_t *)a, right = *(const uid_t *)b;

	return left < right ? -1 : left > right;
}

/* Returns 0, or EXIT_FAILURE after the user was told. */
static int add(struct who *who, uid_t uid)
{
	uid_t *more = reallocarray(who->uids, who->count + 1, sizeof(*more));

	if (!more)
		return fail("%s", strerror(ENOMEM));
	who->uids = more;
	who->uids[who->count++] = uid;
	return 0;
}

/* A name goes before a number, as for users. */
static struct group *find_group(const char *text)
{
	bool is_number = *text && !text[strspn(text, "0123456789")];
	struct group *group = getgrnam(text);
	unsigned long long number;

	if (group || !is_number)
		return group;
	errno = 0;
	number = strtoull(text, NULL, 10);
	return errno || number >= (gid_t)-1 ? NULL : getgrgid(number);
}

/* Names that no user has are passed over, as logins do. */
static int add_listed(struct who *who, char *const *names)
{
	int ret = 0;

	for (; !ret && *names; names++) {
		const struct passwd *entry = getpwnam(*names);

		if (entry)
			ret = add(who, entry->pw_uid);
	}
	return ret;
}

static int add_all_of(struct who *who, gid_t gid)
{
	const struct passwd *entry;
	int ret = 0;

	setpwent();
	while (!ret && (entry = getpwent()))
		if (entry->pw_gid == gid)
			ret = add(who, entry->pw_uid);
	endpwent();
	return ret;
}

static void sort(struct who *who)
{
	size_t kept = 0;

	qsort(who->uids, who->count, sizeof(*who->uids), compare_uids);
	for (size_t i = 0; i < who->count; i++)
		if (!kept || who->uids[kept - 1] != who->uids[i])
			who->uids[kept++] = who->uids[i];
	who->count = kept;
}

static int find_members(struct who *who, const char *name)
{
	struct group *group = find_group(name);
	gid_t gid;
	int ret;

	if (!group)
		return wrong_choice("group", name,
				    "after the @, a name, or a number");
	/* What is found next takes the place of the group. */
	gid = group->gr_gid;
	ret = add_listed(who, group->gr_mem);
	if (!ret)
		ret = add_all_of(who, gid);
	if (!ret && !who->count)
		return fail("@%s: the group has no members", name);
	if (!ret)
		sort(who);
	return ret;
}

int parse_who(const char *text, struct who *who)
{
	uid_t uid;
	int ret;

	*who = (struct who){ .is_group = *text == '@' };
	ret = mmlimit_parse_range(text, &who->first, &who->last);
	if (ret == -ERANGE)
		return wrong_choice(
			"range of users", text,
			"FIRST-LAST, uids from a lower to a higher one, up to 4294967294");
	who->is_range = !ret;
	if (who->is_range)
		return 0;
	if (who->is_group)
		ret = find_members(who, text + 1);
	else
		ret = parse_user(text, &uid);
	if (!ret && !who->is_group)
		ret = add(who, uid);
	if (ret)
		free(who->uids);
	return ret;
}

bool is_meant(const struct who *who, const struct mm_limit_attr *limit)
{
	bool is_rule = mmlimit_is_rule(limit);
	uid_t first = is_rule ? limit->first : limit->uid;
	uid_t last = is_rule ? limit->last : limit->uid;

	if (who->is_range)
		return who->first <= first && last <= who->last;
	for (size_t i = 0; !is_rule && i < who->count; i++)
		if (who->uids[i] == limit->uid)
			return true;
	return false;
}
