/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom a command is about: a user, each member of a group, or the users of a rule. */
#ifndef COMMON_WHO_H
#define COMMON_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "mmlimit.h"

/**
 * struct who - some users
 * @uids: their numbers, in their order, to be freed with free()
 * @count: how many there are; of a range none
 * @is_group: it was "@GROUP"
 * @is_range: it was "FIRST-LAST" or "default", those of a rule
 * @first: the first uid of the range
 * @last: the last
 */
struct who {
	uid_t *uids;
	size_t count;
	bool is_group;
	bool is_range;
	uid_t first;
	uid_t last;
};

/**
 * parse_who - find out who is meant
 * @text: a user, as for parse_user(); or "@GROUP", by name or number: those that
 *	have it as their group in the list of users, and those that it lists; or a
 *	range, as for mmlimit_parse_range(): a login name of this form is none here
 *
 * Return: 0, or EXIT_USAGE or EXIT_FAILURE after the user was told what is wrong;
 * then there is nothing to be freed.
 */
int parse_who(const char *text, struct who *who);

/* Whether a limit is of one of these users, or a rule for no others than these */
bool is_meant(const struct who *who, const struct mm_limit_attr *limit);

#endif /* COMMON_WHO_H */
