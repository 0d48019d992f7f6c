// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: users by name or number. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

#include "mmlimit.h"

/*
 * An entry of the password file has no upper bound, but nobody writes longer
 * ones.
 */
#define MAX_ENTRY (1 << 20)

/*
 * Decimal digits and nothing else: "-1", "+1", " 1", "0x1" are not uids, nor is
 * (uid_t)-1, which setuid() refuses.
 */
static int parse_uid(const char *text, uid_t *uid)
{
	unsigned long long value = 0;

	if (!*text)
		return -ENOENT;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -ENOENT;
		value = value * 10 + (*text - '0');
		if (value >= (uid_t)-1)
			return -ENOENT;
	}
	*uid = value;
	return 0;
}

int mmlimit_user(const char *name, uid_t *uid)
{
	struct passwd entry, *found = NULL;
	int saved_errno = errno;
	char *buffer = NULL;
	int ret = ERANGE;

	for (size_t size = 1024; ret == ERANGE && size <= MAX_ENTRY;
	     size *= 2) {
		char *larger = realloc(buffer, size);

		if (!larger) {
			free(buffer);
			errno = saved_errno;
			return -ENOMEM;
		}
		buffer = larger;
		ret = getpwnam_r(name, &entry, buffer, size, &found);
	}
	if (found)
		*uid = found->pw_uid;
	free(buffer);
	errno = saved_errno;

	/*
	 * A password file that is missing or broken is no reason to refuse a
	 * plain number.
	 */
	return found ? 0 : parse_uid(name, uid);
}
