// SPDX-License-Identifier: GPL-2.0-only
/* cover: makes lcov's data from gcov's, adds them up, judges them. */
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"

static const char usage[] =
	"Usage: cover info --root DIR [--not GLOB] GLOB... <gcov.json >out.info\n"
	"       cover merge [OPTION]... FILE.info...\n"
	"       cover report [OPTION]... FILE.info...\n"
	"       cover missing [OPTION]... FILE.info...\n"
	"       cover reached FILE:LINE FILE.info...\n"
	"Makes data in lcov's format from what gcov --json-format --stdout prints;\n"
	"adds such data up; prints one line a file, or what was not executed, or which\n"
	"of the FILE.info have executed a line.\n"
	"\n"
	"  --root DIR          the folder of the source files\n"
	"  --not GLOB          source files that are left out\n"
	"  --unreachable LIST  what cannot be reached, and does not count\n"
	"  --floor L,B         report: least percentages of lines and of branches\n"
	"\n"
	"Exit status: 0, 1 if a percentage is below its floor, 2 for wrong usage, data\n"
	"or list.\n";

enum { BELOW = 1, BROKEN = 2 };

struct options {
	const char *root;
	const char *unwanted;
	const char *unreachable;
	double floor_lines;
	double floor_branches;
};

static void read_data(struct cover *cover, const char *name)
{
	unsigned int number;
	FILE *in = fopen(name, "re");

	if (!in)
		error(BROKEN, errno, "%s", name);
	number = cover_read(cover, in);
	if (number)
		error(BROKEN, 0, "%s:%u: not in lcov's format", name, number);
	fclose(in);
}

static int info(struct cover *cover, const struct options *options,
		char *const *wanted, int count)
{
	const struct cover_filter filter = { .root = options->root,
					     .wanted = wanted,
					     .wanted_count = count,
					     .unwanted = options->unwanted };
	const char *why;

	if (!options->root || !count)
		error(BROKEN, 0,
		      "info needs --root and which files: see --help");
	if (cover_read_gcov(cover, stdin, &filter, &why))
		error(BROKEN, 0, "standard input %s", why);
	cover_write(cover, stdout);
	return 0;
}

static double percent(const struct cover_share *share)
{
	return share->all ? 100.0 * share->hit / share->all : 100;
}

static void print_share(const char *name, const struct cover_share *lines,
			const struct cover_share *branches)
{
	printf("%-40s %5u of %5u %6.1f %% %5u of %5u %6.1f %%\n", name,
	       lines->hit, lines->all, percent(lines), branches->hit,
	       branches->all, percent(branches));
}

static void add(struct cover_share *to, const struct cover_share *share)
{
	to->hit += share->hit;
	to->all += share->all;
}

static int report(const struct cover *cover, const struct options *options)
{
	struct cover_share all_lines = { 0 };
	struct cover_share all_branches = { 0 };
	size_t i;

	printf("%-40s %14s %8s %14s %8s\n", "file", "lines", "", "branches",
	       "");
	for (i = 0; i < cover->count; i++) {
		struct cover_share lines;
		struct cover_share branches;

		cover_count(&cover->files[i], &lines, &branches);
		if (!lines.all)
			continue;
		print_share(cover->files[i].name, &lines, &branches);
		add(&all_lines, &lines);
		add(&all_branches, &branches);
	}
	print_share("total", &all_lines, &all_branches);
	fflush(stdout);
	if (percent(&all_lines) >= options->floor_lines &&
	    percent(&all_branches) >= options->floor_branches)
		return 0;
	error(0, 0,
	      "less than %g %% of lines or %g %% of branches were reached: what is missing needs tests, or an entry in the list of what cannot be reached",
	      options->floor_lines, options->floor_branches);
	return BELOW;
}

/* The lines of a source file, for a listing; absent ones are empty. */
static char **read_source(const char *root, const char *name, size_t *count)
{
	char **lines = NULL;
	char *path = NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *in;

	*count = 0;
	if (asprintf(&path, "%s/%s", root ? root : ".", name) < 0)
		error(BROKEN, ENOMEM, "cover");
	in = fopen(path, "re");
	if (!in)
		error(BROKEN, errno, "%s", path);
	while (getline(&text, &size, in) >= 0) {
		lines = reallocarray(lines, *count + 1, sizeof(*lines));
		if (!lines)
			error(BROKEN, ENOMEM, "cover");
		text[strcspn(text, "\n")] = '\0';
		lines[(*count)++] = text;
		text = NULL;
		size = 0;
	}
	free(text);
	free(path);
	fclose(in);
	return lines;
}

static void print_missing(const struct cover_file *file, char *const *source,
			  size_t count)
{
	size_t i;
	size_t j;

	for (i = 0; i < file->line_count; i++) {
		const struct cover_line *line = &file->lines[i];
		const char *function = cover_function_at(file, line->number);
		size_t never = 0;

		if (line->excused)
			continue;
		for (j = 0; j < line->branches; j++)
			never += !line->taken[j] && !line->excused_branches;
		if (line->count && !never)
			continue;
		printf("%s:%u:%s\t", file->name, line->number,
		       function ? function : "");
		if (!line->count)
			printf("line\t");
		else
			printf("branch %zu of %zu\t", never, line->branches);
		if (line->number <= count)
			printf("%s",
			       source[line->number - 1] +
				       strspn(source[line->number - 1], " \t"));
		printf("\n");
	}
}

static int missing(const struct cover *cover, const struct options *options)
{
	size_t i;
	size_t j;

	for (i = 0; i < cover->count; i++) {
		size_t count;
		char **source = read_source(options->root, cover->files[i].name,
					    &count);

		print_missing(&cover->files[i], source, count);
		for (j = 0; j < count; j++)
			free(source[j]);
		free(source);
	}
	return 0;
}

/*
 * Has a set of counts executed a line? One that has no code of its own is part of
 * the statement that begins in an earlier one.
 */
static bool is_reached(const char *name, const char *file, unsigned int number)
{
	struct cover cover = { 0 };
	unsigned int nearest = 0;
	bool reached = false;
	size_t i;
	size_t j;

	read_data(&cover, name);
	for (i = 0; i < cover.count; i++) {
		if (strcmp(cover.files[i].name, file))
			continue;
		for (j = 0; j < cover.files[i].line_count; j++) {
			const struct cover_line *line =
				&cover.files[i].lines[j];

			if (line->number > number)
				break;
			reached = line->count ||
				  (reached && line->number == nearest);
			nearest = line->number;
		}
	}
	cover_free(&cover);
	return reached;
}

static int reached(char *place, char *const *names, int count)
{
	char *colon = place ? strrchr(place, ':') : NULL;
	int i;

	if (!colon || !atoi(colon + 1))
		error(BROKEN, 0, "reached needs FILE:LINE: see --help");
	*colon = '\0';
	for (i = 0; i < count; i++) {
		if (is_reached(names[i], place, atoi(colon + 1)))
			printf("%s\n", names[i]);
	}
	return 0;
}

static int run(const char *command, struct cover *cover,
	       const struct options *options, char *const *operands, int count)
{
	int i;

	if (!strcmp(command, "info"))
		return info(cover, options, operands, count);
	if (!strcmp(command, "reached"))
		return reached(operands[0], operands + 1, count - 1);
	for (i = 0; i < count; i++)
		read_data(cover, operands[i]);
	if (options->unreachable &&
	    cover_excuse(cover, options->unreachable,
			 options->root ? options->root : "."))
		return BROKEN;
	if (!strcmp(command, "merge")) {
		cover_write(cover, stdout);
		return 0;
	}
	if (!strcmp(command, "report"))
		return report(cover, options);
	if (!strcmp(command, "missing"))
		return missing(cover, options);
	error(BROKEN, 0,
	      "unknown command '%s': choose info, merge, report, missing or reached",
	      command);
	return BROKEN;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "not", required_argument, NULL, 'n' },
		{ "unreachable", required_argument, NULL, 'u' },
		{ "floor", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { 0 };
	struct cover cover = { 0 };
	int status;
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 'r':
			options.root = optarg;
			break;
		case 'n':
			options.unwanted = optarg;
			break;
		case 'u':
			options.unreachable = optarg;
			break;
		case 'f':
			if (sscanf(optarg, "%lf,%lf", &options.floor_lines,
				   &options.floor_branches) != 2)
				error(BROKEN, 0,
				      "--floor takes two percentages, as 95,85, not '%s'",
				      optarg);
			break;
		case 'h':
			return fputs(usage, stdout) < 0;
		default:
			return BROKEN;
		}
	}
	if (optind == argc)
		error(BROKEN, 0, "missing operand: a command; see --help");
	status = run(argv[optind], &cover, &options, argv + optind + 1,
		     argc - optind - 1);
	cover_free(&cover);
	if (fflush(stdout))
		error(BROKEN, errno, "standard output");
	return status;
}
