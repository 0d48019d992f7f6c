/* SPDX-License-Identifier: GPL-2.0-only */
/* A list of strings as execve() takes it. */
#ifndef RUNNER_ARGUMENTS_H
#define RUNNER_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct arguments - a list of strings
 * @list: the strings, then NULL
 * @count: how many, without the NULL
 * @failed: memory ran out and the list is incomplete
 *
 * All zero is an empty list.
 */
struct arguments {
	char **list;
	size_t count;
	bool failed;
};

void arguments_add(struct arguments *arguments, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void arguments_free(struct arguments *arguments);

#endif
