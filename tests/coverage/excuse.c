// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of what cannot be reached: one entry a line, four fields with a tab
 * between them.
 *
 *	FILE:FUNCTION	line|branch	SOURCE TEXT	REASON
 *
 * "line" excuses a line that was not executed, and its branches; "branch" the
 * branches of a line that were never taken. The text is that of the source line,
 * without the blanks around it; * stands for all lines of the function. An entry
 * whose text is not in its function (any more) is an error, so that the list does
 * not outlive what it is about.
 */
#include <errno.h>
#include <error.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"

enum { PLACE, KIND, TEXT, REASON, FIELDS };

/* Cuts off the blanks around. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t\n", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static struct cover_file *find_file(struct cover *cover, const char *name)
{
	size_t i;

	for (i = 0; i < cover->count; i++) {
		if (!strcmp(cover->files[i].name, name))
			return &cover->files[i];
	}
	return NULL;
}

static void mark(struct cover_file *file, unsigned int number, bool whole)
{
	size_t i;

	for (i = 0; i < file->line_count; i++) {
		struct cover_line *line = &file->lines[i];

		if (line->number != number)
			continue;
		if (!whole)
			line->excused_branches = true;
		else if (!line->count)
			line->excused = true;
	}
}

/* In how many source lines the entry's text was found; negative: no source */
static int apply(struct cover_file *file, const char *function,
		 char *const *field, const char *root)
{
	bool whole = !strcmp(field[KIND], "line");
	unsigned int number = 0;
	char *path = NULL;
	char *text = NULL;
	size_t size = 0;
	int found = 0;
	FILE *source;

	if (asprintf(&path, "%s/%s", root, file->name) < 0)
		error(EXIT_FAILURE, ENOMEM, "cover");
	source = fopen(path, "re");
	free(path);
	if (!source)
		return -1;
	while (getline(&text, &size, source) >= 0) {
		const char *in = cover_function_at(file, ++number);

		if (!in || strcmp(in, function))
			continue;
		if (strcmp(field[TEXT], "*") && strcmp(trim(text), field[TEXT]))
			continue;
		mark(file, number, whole);
		found++;
	}
	free(text);
	fclose(source);
	return found;
}

/* NULL, or what is wrong */
static const char *excuse(struct cover *cover, char *entry, const char *root)
{
	struct cover_file *file;
	char *field[FIELDS];
	char *function;
	size_t i;
	int found;

	for (i = 0; i < FIELDS; i++) {
		field[i] = strsep(&entry, "\t");
		if (!field[i] || !*field[i])
			return "four fields with one tab between them are expected: FILE:FUNCTION, line or branch, source text, reason";
	}
	if (entry)
		return "there is a tab too many";
	if (strcmp(field[KIND], "line") && strcmp(field[KIND], "branch"))
		return "the second field is neither line nor branch";
	function = strchr(field[PLACE], ':');
	if (!function)
		return "the first field is not FILE:FUNCTION";
	*function++ = '\0';
	file = find_file(cover, field[PLACE]);
	if (!file)
		return "there is no such source file";
	found = apply(file, function, field, root);
	if (found < 0)
		return "the source file cannot be read";
	return found ? NULL :
		       "that function has no such line: correct the entry, or take it out";
}

unsigned int cover_excuse(struct cover *cover, const char *list,
			  const char *root)
{
	unsigned int number = 0;
	unsigned int wrong = 0;
	char *text = NULL;
	size_t size = 0;
	FILE *in = fopen(list, "re");

	if (!in) {
		error(0, errno, "%s", list);
		return 1;
	}
	while (getline(&text, &size, in) >= 0) {
		const char *why;

		number++;
		text[strcspn(text, "\n")] = '\0';
		if (!*text || *text == '#')
			continue;
		why = excuse(cover, text, root);
		if (why) {
			fprintf(stderr, "%s:%u: %s\n", list, number, why);
			wrong++;
		}
	}
	free(text);
	fclose(in);
	return wrong;
}
