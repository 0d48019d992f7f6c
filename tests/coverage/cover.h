/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was executed, line by line: read from gcov, kept in lcov's format, added
 * up, and judged.
 */
#ifndef COVER_H
#define COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * struct cover_line - one line of a source file
 * @number: from 1
 * @block: tells apart the functions that a macro makes on one line, from 0
 * @count: how often it was executed
 * @taken: how often each of its branches was taken
 * @branches: length of @taken
 * @excused: it does not count, since it cannot be reached
 * @excused_branches: branches never taken do not count, since they cannot be
 */
struct cover_line {
	unsigned int number;
	unsigned int block;
	long long count;
	long long *taken;
	size_t branches;
	bool excused;
	bool excused_branches;
};

struct cover_function {
	char *name;
	unsigned int first;
	long long count;
};

/**
 * struct cover_file - one source file
 * @name: below the root
 * @lines: those with code, ordered by number and block
 * @functions: ordered by their first line
 */
struct cover_file {
	char *name;
	struct cover_line *lines;
	size_t line_count;
	struct cover_function *functions;
	size_t function_count;
};

/* Files ordered by name. */
struct cover {
	struct cover_file *files;
	size_t count;
};

void cover_free(struct cover *cover);

/* Each finds or adds; what is found stays where it is until the next addition. */
struct cover_file *cover_file(struct cover *cover, const char *name);
struct cover_line *cover_line(struct cover_file *file, unsigned int number,
			      unsigned int block);
struct cover_function *cover_function(struct cover_file *file, const char *name,
				      unsigned int first);

/* Adds @count to branch @index, which need not be there yet. */
void cover_take(struct cover_line *line, size_t index, long long count);

/* The function that a line is in, by its number; NULL before the first one. */
const char *cover_function_at(const struct cover_file *file,
			      unsigned int number);

/**
 * cover_read - add what a file in lcov's format says
 *
 * Return: 0, or the number of the line that is none of that format.
 */
unsigned int cover_read(struct cover *cover, FILE *in);

/* In lcov's format, without what is excused. */
void cover_write(const struct cover *cover, FILE *out);

/**
 * struct cover_filter - of which source files counts are wanted
 * @root: the folder they are in; names begin below it
 * @wanted: globs for their names
 * @wanted_count: how many
 * @unwanted: glob for those of them that are left out; NULL: none
 */
struct cover_filter {
	const char *root;
	char *const *wanted;
	size_t wanted_count;
	const char *unwanted;
};

/**
 * cover_read_gcov - add what gcov --json-format --stdout prints
 * @why: gets what is wrong, as the predicate of a sentence
 *
 * Return: 0, or -1.
 */
int cover_read_gcov(struct cover *cover, FILE *in,
		    const struct cover_filter *filter, const char **why);

/**
 * cover_excuse - mark what a list says cannot be reached
 * @list: its name, for messages
 * @root: the folder of the source files, which the list is compared with
 *
 * Return: how many entries are wrong, each of which was told on stderr.
 */
unsigned int cover_excuse(struct cover *cover, const char *list,
			  const char *root);

/* In how many of how many places */
struct cover_share {
	unsigned int hit;
	unsigned int all;
};

/* What of a file was reached, without what is excused. */
void cover_count(const struct cover_file *file, struct cover_share *lines,
		 struct cover_share *branches);

#endif
