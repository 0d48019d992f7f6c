// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: the options of all commands, each of which has some. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

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
	  "how much may be swapped out so; none: as much as there is" },
	{ OPTION_HARD, 'H', "hard", NULL,
	  "insist on a hard limit: refuse without CAP_SYS_RESOURCE" },
	{ OPTION_BYTES, 'b', "bytes", NULL, "show sizes in bytes, exactly" },
	{ OPTION_JSON, 'j', "json", NULL, "for programs" },
	{ OPTION_TIME, 't', "time", NULL, "begin lines with the time of day" },
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

/* How getopt_long() wants to have it. Room for all, and an end. */
static void make_tables(const struct command *command, char *letters,
			struct option *names)
{
	/* What is wrong with an option, we say ourselves. */
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
	}
	*letters = '\0';
	*names = (struct option){ 0 };
}

static bool parse_number(const char *text, unsigned int *number)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	*number = value;
	return *text >= '0' && *text <= '9' && !*end && !errno && value &&
	       value <= UINT_MAX;
}

/* For a value of the option, what its parser has said. Returns 0, or EXIT_USAGE. */
static int check_value(const struct option_text *text, const char *kind,
		       int error)
{
	if (error == -ERANGE)
		return wrong_usage("--%s %s: out of range", text->name, optarg);
	if (error)
		return wrong_usage("--%s %s: not %s", text->name, optarg, kind);
	return 0;
}

/* Returns 0, or EXIT_USAGE. */
static int take_value(const struct option_text *text, struct options *options)
{
	static const char time[] = "a time; 500ms, 2s, 1.5m are some";
	static const char size[] = "a size, nor none; 100M, 1.5GiB are some";
	int ret;

	switch (text->option) {
	case OPTION_GRACE:
		ret = mmlimit_parse_duration(optarg, &options->grace_ms);
		return check_value(text, time, ret);
	case OPTION_DELAY:
		ret = mmlimit_parse_duration(optarg, &options->delay_ms);
		if (!ret && !options->delay_ms)
			ret = -ERANGE;
		return check_value(text, time, ret);
	case OPTION_SWAP_MAX:
		ret = mmlimit_parse_swap_max(optarg, &options->swap_max);
		return check_value(text, size, ret);
	case OPTION_RECLAIM:
		if (mmlimit_parse_reclaim(optarg, &options->threshold))
			return wrong_usage(
				"--%s %s: neither off nor from 1%% to 100%%",
				text->name, optarg);
		break;
	case OPTION_POLICY:
		if (mmlimit_parse_policy(optarg, &options->policy))
			return wrong_usage("%s: no such policy", optarg);
		break;
	case OPTION_NUMBER:
		if (!parse_number(optarg, &options->number))
			return wrong_usage("%s: not a number above 0", optarg);
		break;
	case OPTION_ONCE:
		options->number = 1;
		break;
	}
	return 0;
}

static int take_option(int letter, struct options *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i].letter != letter)
			continue;
		options->given |= texts[i].option;
		return take_value(&texts[i], options);
	}
	return EXIT_USAGE;
}

static int bad_option(const struct command *command, int kind, char **argv)
{
	const char *word = argv[optind - 1];

	if (kind == ':')
		return wrong_usage("%s: %s: its value is missing",
				   command->name, word);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].letter == optopt && has_option(command, &texts[i]))
			return wrong_usage("%s: --%s takes no value",
					   command->name, texts[i].name);
	/* A letter may be one of several in its word. */
	if (optopt)
		return wrong_usage("%s: there is no option -%c", command->name,
				   optopt);
	return wrong_usage("%s: there is no option %s", command->name, word);
}

int options_parse(const struct command *command, int argc, char **argv,
		  struct options *options)
{
	struct option names[ARRAY_SIZE(texts) + 1];
	char letters[2 * ARRAY_SIZE(texts) + 2];
	int letter;

	*options = (struct options){
		.delay_ms = 1000,
		.swap_max = MM_LIMIT_ATTR_NONE,
	};
	make_tables(command, letters, names);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (letter == '?' || letter == ':') {
			bad_option(command, letter, argv);
			return -1;
		}
		if (take_option(letter, options))
			return -1;
	}
	return optind;
}
