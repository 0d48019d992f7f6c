// SPDX-License-Identifier: GPL-2.0-only
/* mutate: lists what could be changed in C source files, or changes it. */
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"

enum { BROKEN = 2 };

static const char usage[] =
	"Usage: mutate list [--seed N] [--count N] [--root DIR] FILE...\n"
	"       mutate apply [--root DIR] ID\n"
	"Lists mutants of C source files, one a line: id, file, line, operator, the line\n"
	"as it is and as it would be, with tabs between; or prints the file of one,\n"
	"changed.\n"
	"\n"
	"  --seed N    list them in the order of a sample, the same for the same N\n"
	"  --count N   list the first N\n"
	"  --root DIR  where the files are\n";

static char *read_file(const char *root, const char *name)
{
	char *path = NULL;
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *in;

	if (asprintf(&path, "%s/%s", root, name) < 0)
		error(BROKEN, ENOMEM, "mutate");
	in = fopen(path, "re");
	if (!in)
		error(BROKEN, errno, "%s", path);
	/* all of it: a source has no NUL */
	length = getdelim(&text, &size, '\0', in);
	if (length < 0)
		error(BROKEN, errno, "%s: empty or unreadable", path);
	fclose(in);
	free(path);
	return text;
}

/* The lines from offset @at to @end as one, with a blank for those around a break */
static void print_lines(const char *text, size_t at, size_t end)
{
	while (at && text[at - 1] != '\n')
		at--;
	while (text[end] && text[end] != '\n')
		end++;
	at += strspn(text + at, " \t");
	for (; at < end; at++) {
		if (text[at] != '\n' && text[at] != '\t') {
			putchar(text[at]);
			continue;
		}
		putchar(' ');
		at += strspn(text + at, " \t\n") - 1;
	}
}

/* A mutant's name: where it is, what it does, and what comes there */
static char *name_of(const struct mutant *mutant, const char *file,
		     const char *source)
{
	size_t column = 1;
	unsigned int hash = 5381;
	const char *c;
	char *name;

	while (column <= mutant->place &&
	       source[mutant->place - column] != '\n')
		column++;
	for (c = mutant->text; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	if (asprintf(&name, "%s:%u:%zu:%s:%04x", file, mutant->line, column,
		     mutant->operator, hash & 0xffff) < 0)
		error(BROKEN, ENOMEM, "mutate");
	return name;
}

static void print(const struct mutant *mutant, const char *file,
		  const char *source)
{
	char *name = name_of(mutant, file, source);
	char *changed = mutant_apply(source, mutant);

	printf("%s\t%s\t%u\t%s\t", name, file, mutant->line, mutant->operator);
	print_lines(source, mutant->at, mutant->at + mutant->length);
	putchar('\t');
	print_lines(changed, mutant->at, mutant->at + strlen(mutant->text));
	putchar('\n');
	free(changed);
	free(name);
}

struct options {
	const char *root;
	uint64_t seed;
	size_t count;
	bool shuffled;
};

static int list(const struct options *options, char *const *names, int count)
{
	char **sources = calloc(count + 1, sizeof(*sources));
	struct mutants mutants = { 0 };
	size_t i;
	int file;

	if (!sources)
		error(BROKEN, ENOMEM, "mutate");
	for (file = 0; file < count; file++) {
		struct tokens tokens;

		sources[file] = read_file(options->root, names[file]);
		tokens_read(&tokens, sources[file]);
		mutants_make(&mutants, &tokens, file);
		tokens_free(&tokens);
	}
	if (options->shuffled)
		mutants_shuffle(&mutants, options->seed);
	for (i = 0; i < mutants.count && i < options->count; i++)
		print(&mutants.list[i], names[mutants.list[i].file],
		      sources[mutants.list[i].file]);
	for (file = 0; file < count; file++)
		free(sources[file]);
	free(sources);
	mutants_free(&mutants);
	return 0;
}

static int apply(const struct options *options, const char *id)
{
	char *file = strndup(id, strcspn(id, ":"));
	struct mutants mutants = { 0 };
	struct tokens tokens;
	int status = BROKEN;
	char *source;
	size_t i;

	if (!file)
		error(BROKEN, ENOMEM, "mutate");
	source = read_file(options->root, file);
	tokens_read(&tokens, source);
	mutants_make(&mutants, &tokens, 0);
	for (i = 0; i < mutants.count && status; i++) {
		char *name = name_of(&mutants.list[i], file, source);

		if (!strcmp(name, id)) {
			char *changed = mutant_apply(source, &mutants.list[i]);

			fputs(changed, stdout);
			free(changed);
			status = 0;
		}
		free(name);
	}
	if (status)
		error(0, 0,
		      "%s: no such mutant, at least not any more; 'mutate list' has them all",
		      id);
	mutants_free(&mutants);
	tokens_free(&tokens);
	free(source);
	free(file);
	return status;
}

static uint64_t number(const char *option, const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-')
		error(BROKEN, 0, "--%s takes a number, not '%s'", option, text);
	return value;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ "root", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { .root = ".", .count = SIZE_MAX };
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 's':
			options.seed = number("seed", optarg);
			options.shuffled = true;
			break;
		case 'c':
			options.count = number("count", optarg);
			break;
		case 'r':
			options.root = optarg;
			break;
		case 'h':
			return fputs(usage, stdout) < 0;
		default:
			return BROKEN;
		}
	}
	argv += optind;
	argc -= optind;
	if (argc >= 2 && !strcmp(*argv, "list"))
		return list(&options, argv + 1, argc - 1);
	if (argc == 2 && !strcmp(*argv, "apply"))
		return apply(&options, argv[1]);
	error(BROKEN, 0,
	      "expected list and files, or apply and an id: see --help");
	return BROKEN;
}
