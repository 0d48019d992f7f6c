// SPDX-License-Identifier: GPL-2.0-only
/*
 * What gcov prints in its intermediate format: one JSON object for each file of
 * counts, that names source files, their functions, lines and branches.
 */
#include <errno.h>
#include <error.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"

static long long number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

/* How many functions with a smaller name are on the same line */
static unsigned int block_of(const json_t *lines, const json_t *line)
{
	const char *name = string(line, "function_name");
	unsigned int block = 0;
	const json_t *other;
	size_t i;

	json_array_foreach(lines, i, other)
	{
		if (number(other, "line_number") ==
			    number(line, "line_number") &&
		    strcmp(string(other, "function_name"), name) < 0)
			block++;
	}
	return block;
}

/* Takes out each "folder/.." of a name, which a source has that includes another. */
static const char *straighten(char *name)
{
	char *up;

	while ((up = strstr(name, "/../"))) {
		char *folder = up;

		while (folder > name && folder[-1] != '/')
			folder--;
		memmove(folder, up + 4, strlen(up + 4) + 1);
	}
	return name;
}

static void add_lines(struct cover_file *file, const json_t *lines)
{
	const json_t *line;
	const json_t *branch;
	size_t i;
	size_t j;

	json_array_foreach(lines, i, line)
	{
		struct cover_line *to = cover_line(file,
						   number(line, "line_number"),
						   block_of(lines, line));

		to->count += number(line, "count");
		json_array_foreach(json_object_get(line, "branches"), j, branch)
			cover_take(to, j, number(branch, "count"));
	}
}

static void add_functions(struct cover_file *file, const json_t *functions)
{
	const json_t *function;
	size_t i;

	json_array_foreach(functions, i, function)
		cover_function(file, string(function, "name"),
			       number(function, "start_line"))
			->count += number(function, "execution_count");
}

static bool is_wanted(const char *name, const struct cover_filter *filter)
{
	size_t i;

	if (filter->unwanted && !fnmatch(filter->unwanted, name, 0))
		return false;
	for (i = 0; i < filter->wanted_count; i++) {
		if (!fnmatch(filter->wanted[i], name, 0))
			return true;
	}
	return false;
}

static void add_file(struct cover *cover, const json_t *from, const char *name,
		     const struct cover_filter *filter)
{
	size_t length = strlen(filter->root);
	struct cover_file *file;

	if (!strncmp(name, filter->root, length) && name[length] == '/')
		name += length + 1;
	else if (*name == '/')
		return;
	if (!is_wanted(name, filter))
		return;
	file = cover_file(cover, name);
	add_lines(file, json_object_get(from, "lines"));
	add_functions(file, json_object_get(from, "functions"));
}

int cover_read_gcov(struct cover *cover, FILE *in,
		    const struct cover_filter *filter, const char **why)
{
	int next;

	/* json_loadf() takes no more than the object, so the next one may follow. */
	while ((next = getc(in)) != EOF) {
		json_t *object;
		const json_t *file;
		size_t i;

		if (next == '\n')
			continue;
		ungetc(next, in);
		object = json_loadf(in, JSON_DISABLE_EOF_CHECK, NULL);
		if (!object) {
			*why = "is not what gcov --json-format --stdout prints";
			return -1;
		}
		json_array_foreach(json_object_get(object, "files"), i, file)
		{
			char *path = strdup(string(file, "file"));

			if (!path)
				error(EXIT_FAILURE, ENOMEM, "cover");
			add_file(cover, file, straighten(path), filter);
			free(path);
		}
		json_decref(object);
	}
	return 0;
}
