// SPDX-License-Identifier: GPL-2.0-only
/* lcov's format, as geninfo(1) describes it: one section a source file. */
#include <stdlib.h>
#include <string.h>

#include "cover.h"

/* The functions of a section whose counts follow by name alone */
static void count_function(struct cover_file *file, const char *name,
			   long long count)
{
	size_t i;

	for (i = 0; i < file->function_count; i++) {
		if (!strcmp(file->functions[i].name, name)) {
			file->functions[i].count += count;
			return;
		}
	}
}

static bool read_branch(struct cover_file *file, const char *text)
{
	unsigned int number;
	unsigned int block;
	unsigned int index;
	char taken[32];

	/* "-": its line was not executed */
	if (sscanf(text, "%u,%u,%u,%31s", &number, &block, &index, taken) != 4)
		return false;
	cover_take(cover_line(file, number, block), index, atoll(taken));
	return true;
}

static bool read_record(struct cover_file *file, const char *text)
{
	unsigned int number;
	unsigned int skip = 0;
	long long count;

	if (!strncmp(text, "BRDA:", 5))
		return read_branch(file, text + 5);
	if (!strncmp(text, "DA:", 3)) {
		if (sscanf(text + 3, "%u,%lld", &number, &count) != 2)
			return false;
		cover_line(file, number, 0)->count += count;
		return true;
	}
	if (!strncmp(text, "FN:", 3)) {
		if (sscanf(text + 3, "%u,%n", &number, &skip) != 1 || !skip)
			return false;
		cover_function(file, text + 3 + skip, number);
		return true;
	}
	if (!strncmp(text, "FNDA:", 5)) {
		if (sscanf(text + 5, "%lld,%n", &count, &skip) != 1 || !skip)
			return false;
		count_function(file, text + 5 + skip, count);
		return true;
	}
	/* sums, which follow from the rest */
	return !strncmp(text, "FNF:", 4) || !strncmp(text, "FNH:", 4) ||
	       !strncmp(text, "BRF:", 4) || !strncmp(text, "BRH:", 4) ||
	       !strncmp(text, "LF:", 3) || !strncmp(text, "LH:", 3);
}

unsigned int cover_read(struct cover *cover, FILE *in)
{
	struct cover_file *file = NULL;
	unsigned int number = 0;
	bool good = true;
	char *text = NULL;
	size_t size = 0;

	while (good && getline(&text, &size, in) >= 0) {
		number++;
		text[strcspn(text, "\n")] = '\0';
		if (!strncmp(text, "TN:", 3))
			continue;
		if (!strncmp(text, "SF:", 3))
			file = cover_file(cover, text + 3);
		else if (!strcmp(text, "end_of_record"))
			file = NULL;
		else
			good = file && read_record(file, text);
	}
	free(text);
	return good ? 0 : number;
}

static void write_branches(const struct cover_line *line, FILE *out)
{
	size_t i;

	for (i = 0; i < line->branches; i++) {
		fprintf(out, "BRDA:%u,%u,%zu,", line->number, line->block, i);
		if (!line->taken[i] && line->excused_branches)
			fprintf(out, "1\n");
		else if (line->count || line->taken[i])
			fprintf(out, "%lld\n", line->taken[i]);
		else
			fprintf(out, "-\n");
	}
}

static void write_file(const struct cover_file *file, FILE *out)
{
	struct cover_share lines;
	struct cover_share branches;
	size_t i;

	fprintf(out, "TN:\nSF:%s\n", file->name);
	for (i = 0; i < file->function_count; i++)
		fprintf(out, "FN:%u,%s\n", file->functions[i].first,
			file->functions[i].name);
	for (i = 0; i < file->function_count; i++)
		fprintf(out, "FNDA:%lld,%s\n", file->functions[i].count,
			file->functions[i].name);
	for (i = 0; i < file->line_count; i++) {
		if (!file->lines[i].excused)
			write_branches(&file->lines[i], out);
	}
	for (i = 0; i < file->line_count; i++) {
		const struct cover_line *line = &file->lines[i];
		long long count = line->count;

		if (line->excused)
			continue;
		while (i + 1 < file->line_count &&
		       file->lines[i + 1].number == line->number)
			count += file->lines[++i].count;
		fprintf(out, "DA:%u,%lld\n", line->number, count);
	}
	cover_count(file, &lines, &branches);
	fprintf(out, "BRF:%u\nBRH:%u\nLF:%u\nLH:%u\nend_of_record\n",
		branches.all, branches.hit, lines.all, lines.hit);
}

void cover_write(const struct cover *cover, FILE *out)
{
	size_t i;

	for (i = 0; i < cover->count; i++)
		write_file(&cover->files[i], out);
}
