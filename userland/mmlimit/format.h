/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: words for users, sizes and settings, as all commands show them. */
#ifndef MMLIMIT_FORMAT_H
#define MMLIMIT_FORMAT_H

#include <stdbool.h>
#include <sys/types.h>

#include "mmlimit.h"

/* Room for a user's name as it is shown; longer ones are cut. */
#define USER_TEXT_SIZE 40

/* The user's name, or else its number. Returns @text. */
char *user_text(uid_t uid, char text[USER_TEXT_SIZE]);

/* The user's name; returns false if there is none. */
bool user_name(uid_t uid, char text[USER_TEXT_SIZE]);

/* Whose limit it is: the user's name or number, or the range of a rule. Returns @text. */
char *whose_text(const struct mm_limit_attr *limit, char text[USER_TEXT_SIZE]);

/*
 * The kind of a rule, "each"; of a user the rule that goes for it, "pool:20000-20999";
 * "-" if there is none. Returns @text.
 */
char *rule_text(const struct mm_limit_attr *limit, char text[USER_TEXT_SIZE]);

/* Whether somebody has set a part for the user itself; a rule's limit is its own */
bool has_own_hard(const struct mm_limit_attr *limit);
bool has_own(const struct mm_limit_attr *limit);

/* Room for what printed_name() writes */
#define PRINTED_NAME_SIZE (4 * MMLIMIT_NAME_SIZE)

/*
 * The name of a process, which its user has chosen: bytes that are not printable, and
 * backslashes, are octal numbers. Returns @text.
 */
char *printed_name(const char *name, char text[PRINTED_NAME_SIZE]);

/* A size as a command shows it: for people, or with --bytes exactly */
char *size_text(__u64 bytes, bool exactly, char text[MMLIMIT_TEXT_SIZE]);

/* The name of a policy or a state, also of one that is not known here */
const char *policy_text(unsigned int policy);
const char *state_text(unsigned int state);

/* Whether cold memory is swapped out before anybody is killed */
bool reclaims(const struct mm_limit_attr *limit);

/* Whether nobody is killed, but told who would be */
bool is_dry_run(const struct mm_limit_attr *limit);

/*
 * How many bytes may be swapped out for a limit; MM_LIMIT_SWAP_UNBOUNDED: any number,
 * which is "none" as a text
 */
__u64 swap_max(const struct mm_limit_attr *limit);

/* What the user's swap takes; all of it where the kernel does not tell */
__u64 swap_stored(const struct mm_limit_attr *limit);
char *swap_text(const struct mm_limit_attr *limit, bool exactly,
		char text[MMLIMIT_TEXT_SIZE]);

/* How much of its limit a user has, in tenths of a percent; at most 9999 */
unsigned int usage_share(const struct mm_limit_attr *limit);

#endif /* MMLIMIT_FORMAT_H */
