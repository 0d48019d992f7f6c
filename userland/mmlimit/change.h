/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits set and changed as the command line says. */
#ifndef MMLIMIT_CHANGE_H
#define MMLIMIT_CHANGE_H

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

/**
 * change_make - change a limit as was parsed
 * @wanted: from change_parse(), with the user
 * @size: as above
 * @options: as above; what they do not name stays as it is
 *
 * Return: 0, or EXIT_FAILURE: the user was told why not.
 */
int change_make(const struct mm_limit_attr *wanted, const char *size,
		const struct options *options);

#endif /* MMLIMIT_CHANGE_H */
