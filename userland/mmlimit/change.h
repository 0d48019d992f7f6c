/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits set and changed as the command line says. */
#ifndef MMLIMIT_CHANGE_H
#define MMLIMIT_CHANGE_H

#include <stdbool.h>

#include "commands.h"
#include "mmlimit.h"

/**
 * change_parse - parse what a limit is to become
 * @size: the operand SIZE, or NULL if the size stays
 * @options: of %OPTION_SETTINGS
 * @attr: gets the fields that are given, and their values
 *
 * Return: 0, or EXIT_USAGE: the user was told what is wrong.
 */
int change_parse(const char *size, const struct options *options,
		 struct mm_limit_attr *attr);

/* Whether a change makes a hard part where the user's own, or a rule's, was all there was */
bool change_makes_hard(const struct mm_limit_attr *attr,
		       const struct mm_limit_attr *now);

/**
 * change_complete - add what the options leave as it is
 * @attr: from change_parse(), with the user
 * @options: as above
 *
 * The kernel sets all flags at once, so those that no option names are read before.
 */
void change_complete(struct mm_limit_attr *attr, const struct options *options);

/**
 * change_check - see that a change does not kill by what is in swap
 * @attr: from change_complete()
 * @options: of the command; with --force everything is right
 *
 * Return: 0, or EXIT_FAILURE: the user was told what would come of it.
 */
int change_check(const struct mm_limit_attr *attr,
		 const struct options *options);

/* Whether it was refused since swap is bounded, but not used, and what to say then */
bool change_lacks_reclaim(const struct mm_limit_attr *attr, int error);
#define CHANGE_LACKS_RECLAIM \
	"cannot bound the swap of a limit that does not reclaim: add --reclaim %d%%"

/**
 * change_make - change a limit as was parsed
 * @attr: from change_complete()
 * @size: as for change_parse()
 *
 * Return: 0, or EXIT_FAILURE: the user was told why not.
 */
int change_make(const struct mm_limit_attr *attr, const char *size);

#endif /* MMLIMIT_CHANGE_H */
