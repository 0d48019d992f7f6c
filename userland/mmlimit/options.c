// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: the options of all commands, each of which has some. */
#define _GNU_SOURCE 1
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "commands.h"
#include "mmlimit.h"
#include "operands.h"
#include "say.h"

static const struct option_text {
	unsigned int option;
	char letter;
	const char *name;
	const char *value;
	const char *help;
} texts[] = {
	{ OPTION_GRACE, 'g', "grace", "TIME",
	  "how long the user may stay above: 500ms, 2s, 1m" },
	{ OPTION_POLICY, 'p', "policy", "POLICY",
	  "who dies first: highest_rss, longest_run_time, badness,\n"
	  "                       most_private, user_ranked" },
	{ OPTION_RECLAIM, 'r', "reclaim", "N%",
	  "swap cold memory out above N% of the limit, kill only\n"
	  "                       if that does not help; off: do not" },
	{ OPTION_SWAP_MAX, 's', "swap-max", "SIZE",
	  "how much may be swapped out so: as much as the limit if\n"
	  "                       not set; none: as much as there is" },
	{ OPTION_WARN, 'w', "warn", "N%",
	  "warn when N% of the limit are crossed, as 'mmlimit watch'\n"
	  "                       tells; off: do not" },
	{ OPTION_TERM, 'T', "term", "TIME",
	  "ask the victim to end (SIGTERM), and kill it so much\n"
	  "                       later, or if it takes 256KiB more; 0: kill at once" },
	{ OPTION_DRY_RUN, 'y', "dry-run", NULL,
	  "kill nobody, but tell who would be: see 'mmlimit why'" },
	{ OPTION_NO_DRY_RUN, 'Y', "no-dry-run", NULL, "end that" },
	{ OPTION_POOL, 'P', "pool", NULL,
	  "one limit for all users of a range together" },
	{ OPTION_FORCE, 'f', "force", NULL,
	  "also if what is in swap would exceed the limit at once" },
	{ OPTION_HARD, 'H', "hard", NULL,
	  "insist on a hard limit: refuse without CAP_SYS_RESOURCE" },
	{ OPTION_CHECK, 'c', "check", NULL,
	  "tell what would be refused, and change nothing" },
	{ OPTION_BYTES, 'b', "bytes", NULL, "show sizes in bytes, exactly" },
	{ OPTION_JSON, 'j', "json", NULL, "for programs" },
	{ OPTION_FORMAT, 'F', "format", "FORMAT", "table, json or prometheus" },
	{ OPTION_WIDE, 'W', "wide", NULL, "all columns, however wide" },
	{ OPTION_TIME, 't', "time", NULL, "begin lines with the time of day" },
	{ OPTION_EXEC, 'x', "exec", "COMMAND",
	  "run a command for each event, by the shell" },
	{ OPTION_DELAY, 'd', "delay", "TIME",
	  "how often to look at usages (1s); changes show at once" },
	{ OPTION_NUMBER, 'n', "number", "N", "end after so many looks" },
	{ OPTION_ONCE, '1', "once", NULL, "end after one look" },
	{ OPTION_HELP, 'h', "help", NULL, "this text" },
};

static bool has_option(const struct command *command,
		       const struct option_text *text)
{
	return (command->options | OPTION_HELP) & text->option;
}

void options_print(const struct command *command)
{
	char long_form[32];

	puts("\nOptions:");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct option_text *text = &texts[i];

		if (!has_option(command, text))
			continue;
		snprintf(long_form, sizeof(long_form), "--%s%s%s", text->name,
			 text->value ? " " : "",
			 text->value ? text->value : "");
		printf("  -%c, %-16s %s\n", text->letter, long_form,
		       text->help);
	}
}

/*
 * Makes what getopt_long() and wrong_option() take. There is room for all options
 * and an end.
 */
static void make_tables(const struct command *command, char *letters,
			struct option *names, const char **values)
{
	/* With a colon first, getopt_long() leaves all messages to us. */
	*letters++ = ':';
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct option_text *text = &texts[i];

		if (!has_option(command, text))
			continue;
		*letters++ = text->letter;
		if (text->value)
			*letters++ = ':';
		*names++ = (struct option){
			.name = text->name,
			.has_arg = text->value ? required_argument :
						 no_argument,
			.val = text->letter,
		};
		*values++ = text->value;
	}
	*letters = '\0';
	*names = (struct option){ 0 };
}

static int parse_format(const char *text, enum output_format *format)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table",
		[FORMAT_JSON] = "json",
		[FORMAT_PROMETHEUS] = "prometheus",
	};
	char choices[CHOICES_SIZE] = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		add_choice(choices, names[i]);
		if (strcmp(text, names[i]))
			continue;
		*format = i;
		return 0;
	}
	return wrong_choice("format", text, choices);
}

/* Returns 0, or EXIT_USAGE: the user was told. */
static int take_value(const struct option_text *text, struct options *options)
{
	char name[16];

	snprintf(name, sizeof(name), "--%s", text->name);
	switch (text->option) {
	case OPTION_GRACE:
		return parse_duration(name, optarg, 0, UINT_MAX,
				      &options->grace_ms);
	case OPTION_TERM:
		return parse_duration(name, optarg, 0, UINT_MAX,
				      &options->term_ms);
	case OPTION_DELAY:
		return parse_duration(name, optarg, 1, UINT_MAX,
				      &options->delay_ms);
	case OPTION_SWAP_MAX:
		return parse_swap_max(name, optarg, &options->swap_max);
	case OPTION_RECLAIM:
		return parse_reclaim(name, optarg, &options->threshold);
	case OPTION_WARN:
		return parse_reclaim(name, optarg, &options->warn);
	case OPTION_POLICY:
		return parse_policy(optarg, false, &options->policy);
	case OPTION_NUMBER:
		return parse_number(name, optarg, 1, UINT_MAX,
				    &options->number);
	case OPTION_FORMAT:
		return parse_format(optarg, &options->format);
	case OPTION_EXEC:
		options->command = optarg;
		return 0;
	case OPTION_JSON:
		options->format = FORMAT_JSON;
		return 0;
	case OPTION_ONCE:
		options->number = 1;
	}
	return 0;
}

static const struct option_text *find_option(const struct command *command,
					     int letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].letter == letter && has_option(command, &texts[i]))
			return &texts[i];
	return NULL;
}

int options_parse(const struct command *command, int argc, char **argv,
		  struct options *options)
{
	struct option names[ARRAY_SIZE(texts) + 1];
	const char *values[ARRAY_SIZE(texts) + 1] = { 0 };
	char letters[2 * ARRAY_SIZE(texts) + 2];
	const struct option_text *text;
	int letter;

	*options = (struct options){
		.delay_ms = 1000,
		.swap_max = MM_LIMIT_ATTR_NONE,
	};
	make_tables(command, letters, names, values);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (letter == '?' || letter == ':') {
			wrong_option(letter, argv, names, values);
			return -1;
		}
		text = find_option(command, letter);
		options->given |= text->option;
		if (take_value(text, options))
			return -1;
	}
	return optind;
}
