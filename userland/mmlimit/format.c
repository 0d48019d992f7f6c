// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: words for users, sizes and settings, as all commands show them. */
#define _GNU_SOURCE 1
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "format.h"

bool user_name(uid_t uid, char text[USER_TEXT_SIZE])
{
	struct passwd *entry = getpwuid(uid);

	if (entry)
		snprintf(text, USER_TEXT_SIZE, "%s", entry->pw_name);
	return entry;
}

char *user_text(uid_t uid, char text[USER_TEXT_SIZE])
{
	if (!user_name(uid, text))
		snprintf(text, USER_TEXT_SIZE, "%u", uid);
	return text;
}

char *whose_text(const struct mm_limit_attr *limit, char text[USER_TEXT_SIZE])
{
	if (mmlimit_is_rule(limit))
		return mmlimit_format_range(limit->first, limit->last, text);
	return user_text(limit->uid, text);
}

char *rule_text(const struct mm_limit_attr *limit, char text[USER_TEXT_SIZE])
{
	const char *name = mmlimit_rule_name(limit->rule);
	char range[MMLIMIT_TEXT_SIZE];

	if (limit->rule == MM_LIMIT_RULE_NONE)
		return strcpy(text, "-");
	if (!name)
		name = "unknown";
	if (mmlimit_is_rule(limit))
		snprintf(text, USER_TEXT_SIZE, "%s", name);
	else
		snprintf(text, USER_TEXT_SIZE, "%s:%s", name,
			 mmlimit_format_range(limit->first, limit->last,
					      range));
	return text;
}

/* What a rule has given each of its users is shown as a hard part. */
bool has_own_hard(const struct mm_limit_attr *limit)
{
	return limit->hard_max != MM_LIMIT_ATTR_NONE &&
	       (mmlimit_is_rule(limit) || limit->rule != MM_LIMIT_RULE_EACH);
}

bool has_own(const struct mm_limit_attr *limit)
{
	return has_own_hard(limit) || limit->self_max != MM_LIMIT_ATTR_NONE;
}

char *printed_name(const char *name, char text[PRINTED_NAME_SIZE])
{
	size_t length = 0;

	for (; *name && length < PRINTED_NAME_SIZE - 4; name++) {
		unsigned char c = *name;

		if (c >= ' ' && c < 0x7f && c != '\\')
			text[length++] = c;
		else
			length += sprintf(text + length, "\\%03o", c);
	}
	text[length] = '\0';
	return text;
}

char *size_text(__u64 bytes, bool exactly, char text[MMLIMIT_TEXT_SIZE])
{
	if (exactly && bytes != MM_LIMIT_ATTR_NONE)
		snprintf(text, MMLIMIT_TEXT_SIZE, "%llu", bytes);
	else
		mmlimit_format_size(bytes, text);
	return text;
}

static const char *known_name(const char *name)
{
	return name ? name : "unknown";
}

const char *policy_text(unsigned int policy)
{
	return known_name(mmlimit_policy_name(policy));
}

const char *state_text(unsigned int state)
{
	return known_name(mmlimit_state_name(state));
}

bool reclaims(const struct mm_limit_attr *limit)
{
	return limit->flags & MM_LIMIT_RECLAIM;
}

bool is_dry_run(const struct mm_limit_attr *limit)
{
	return limit->flags & MM_LIMIT_DRY_RUN;
}

__u64 swap_max(const struct mm_limit_attr *limit)
{
	if (!reclaims(limit))
		return MM_LIMIT_SWAP_UNBOUNDED;
	return limit->swap_max == MM_LIMIT_ATTR_NONE ? limit->mm_max :
						       limit->swap_max;
}

__u64 swap_stored(const struct mm_limit_attr *limit)
{
	return limit->swap_stored ? limit->swap_stored : limit->swap;
}

char *swap_text(const struct mm_limit_attr *limit, bool exactly,
		char text[MMLIMIT_TEXT_SIZE])
{
	__u64 bytes = swap_max(limit);

	if (bytes != MM_LIMIT_SWAP_UNBOUNDED)
		return size_text(bytes, exactly, text);
	return strcpy(text, "none");
}

unsigned int usage_share(const struct mm_limit_attr *limit)
{
	/* A user limited to 0 has more of its limit than any other user. */
	const unsigned int most = 9999;
	__u64 share;

	if (!limit->usage)
		return 0;
	if (limit->usage / 10 >= limit->mm_max)
		return most;
	share = limit->usage * 1000 / limit->mm_max;
	return share < most ? share : most;
}
