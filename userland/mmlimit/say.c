// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: words for users, sizes and errors. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "terminal.h"

static void complain(const char *format, va_list args)
{
	/* Whatever was said before comes first, and errors on the usual screen. */
	fflush(stdout);
	terminal_leave();
	fprintf(stderr, "mmlimit: ");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return EXIT_FAILURE;
}

int wrong_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	fputs("Try 'mmlimit --help'.\n", stderr);
	return EXIT_USAGE;
}

int finish_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_SUCCESS;
	return fail("cannot write: %s", strerror(errno));
}

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

int parse_user(const char *text, uid_t *uid)
{
	int error = mmlimit_user(text, uid);

	return error ? wrong_usage("%s: %s", text, mmlimit_strerror(error)) : 0;
}

int parse_size(const char *text, __u64 *bytes)
{
	uint64_t size;
	int error = mmlimit_parse_size(text, &size);

	if (error == -ERANGE)
		return wrong_usage("%s: more than a limit can be", text);
	if (error)
		return wrong_usage("%s: not a size; 100M, 1.5GiB are some",
				   text);
	*bytes = size;
	return 0;
}

char *size_text(__u64 bytes, bool exactly, char text[MMLIMIT_TEXT_SIZE])
{
	if (exactly)
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

unsigned int usage_share(const struct mm_limit_attr *limit)
{
	/* Large enough to be worse than any that is not limited to 0 */
	const unsigned int most = 9999;
	__u64 share;

	if (!limit->usage)
		return 0;
	if (limit->usage / 10 >= limit->mm_max)
		return most;
	share = limit->usage * 1000 / limit->mm_max;
	return share < most ? share : most;
}
