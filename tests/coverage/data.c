// SPDX-License-Identifier: GPL-2.0-only
/* What was executed, in memory: ordered arrays. Out of memory is the end. */
#include <errno.h>
#include <error.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"

/* Makes room for one more element at @at, and clears it. */
static void *insert(void **array, size_t *count, size_t size, size_t at)
{
	char *grown = reallocarray(*array, *count + 1, size);

	if (!grown)
		error(EXIT_FAILURE, ENOMEM, "cover");
	memmove(grown + (at + 1) * size, grown + at * size,
		(*count - at) * size);
	memset(grown + at * size, 0, size);
	*array = grown;
	++*count;
	return grown + at * size;
}

static char *copy(const char *string)
{
	char *copy = strdup(string);

	if (!copy)
		error(EXIT_FAILURE, ENOMEM, "cover");
	return copy;
}

struct cover_file *cover_file(struct cover *cover, const char *name)
{
	struct cover_file *file;
	size_t i;

	for (i = 0; i < cover->count; i++) {
		int order = strcmp(cover->files[i].name, name);

		if (!order)
			return &cover->files[i];
		if (order > 0)
			break;
	}
	file = insert((void **)&cover->files, &cover->count,
		      sizeof(*cover->files), i);
	file->name = copy(name);
	return file;
}

static bool before(const struct cover_line *line, unsigned int number,
		   unsigned int block)
{
	if (line->number != number)
		return line->number < number;
	return line->block < block;
}

struct cover_line *cover_line(struct cover_file *file, unsigned int number,
			      unsigned int block)
{
	struct cover_line *line;
	size_t low = 0;
	size_t high = file->line_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (before(&file->lines[middle], number, block))
			low = middle + 1;
		else
			high = middle;
	}
	if (low < file->line_count && file->lines[low].number == number &&
	    file->lines[low].block == block)
		return &file->lines[low];
	line = insert((void **)&file->lines, &file->line_count,
		      sizeof(*file->lines), low);
	line->number = number;
	line->block = block;
	return line;
}

struct cover_function *cover_function(struct cover_file *file, const char *name,
				      unsigned int first)
{
	struct cover_function *function;
	size_t i;

	for (i = 0; i < file->function_count; i++) {
		function = &file->functions[i];
		if (function->first > first)
			break;
		if (function->first == first && !strcmp(function->name, name))
			return function;
	}
	function = insert((void **)&file->functions, &file->function_count,
			  sizeof(*file->functions), i);
	function->name = copy(name);
	function->first = first;
	return function;
}

void cover_take(struct cover_line *line, size_t index, long long count)
{
	while (line->branches <= index)
		insert((void **)&line->taken, &line->branches,
		       sizeof(*line->taken), line->branches);
	line->taken[index] += count;
}

const char *cover_function_at(const struct cover_file *file,
			      unsigned int number)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < file->function_count; i++) {
		if (file->functions[i].first > number)
			break;
		name = file->functions[i].name;
	}
	return name;
}

void cover_count(const struct cover_file *file, struct cover_share *lines,
		 struct cover_share *branches)
{
	unsigned int last = 0;
	bool last_hit = false;
	size_t i;
	size_t j;

	*lines = (struct cover_share){ 0 };
	*branches = (struct cover_share){ 0 };
	for (i = 0; i < file->line_count; i++) {
		const struct cover_line *line = &file->lines[i];

		if (line->excused)
			continue;
		/* one line, whatever its functions */
		if (line->number != last) {
			last = line->number;
			last_hit = false;
			lines->all++;
		}
		if (line->count && !last_hit) {
			last_hit = true;
			lines->hit++;
		}
		for (j = 0; j < line->branches; j++) {
			if (!line->taken[j] && line->excused_branches)
				continue;
			branches->all++;
			branches->hit += line->taken[j] > 0;
		}
	}
}

void cover_free(struct cover *cover)
{
	size_t i;
	size_t j;

	for (i = 0; i < cover->count; i++) {
		struct cover_file *file = &cover->files[i];

		for (j = 0; j < file->line_count; j++)
			free(file->lines[j].taken);
		for (j = 0; j < file->function_count; j++)
			free(file->functions[j].name);
		free(file->lines);
		free(file->functions);
		free(file->name);
	}
	free(cover->files);
	*cover = (struct cover){ 0 };
}
