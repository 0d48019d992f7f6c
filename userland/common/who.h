/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom a command is about: a user, or each member of a group. */
#ifndef COMMON_WHO_H
#define COMMON_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct who - some users
 * @uids: their numbers, in their order, to be freed with free()
 * @count: how many there are
 * @is_group: it was "@GROUP"
 */
struct who {
	uid_t *uids;
	size_t count;
	bool is_group;
};

/**
 * parse_who - find out who is meant
 * @text: a user, as for parse_user(); or "@GROUP", by name or number: those that
 *	have it as their group in the list of users, and those that it lists
 *
 * Return: 0, or EXIT_USAGE or EXIT_FAILURE after the user was told what is wrong;
 * then there is nothing to be freed.
 */
int parse_who(const char *text, struct who *who);

bool is_meant(const struct who *who, uid_t uid);

#endif /* COMMON_WHO_H */
