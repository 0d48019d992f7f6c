// SPDX-License-Identifier: GPL-2.0-only
/* Words of a command line as values. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mmlimit.h"
#include "operands.h"
#include "say.h"

int missing_operand(const char *what)
{
	return wrong_usage("missing operand: %s", what);
}

int unexpected_operand(const char *text)
{
	return wrong_usage("unexpected operand '%s'", text);
}

int wrong_option(int kind, char **argv, const struct option *names,
		 const char *const *values)
{
	while (names->name && names->val != optopt) {
		names++;
		values++;
	}
	if (names->name && kind == ':')
		return wrong_usage("missing value of --%s: %s", names->name,
				   *values);
	if (names->name)
		return wrong_usage("unexpected value of --%s", names->name);
	/* A letter may be one of several in its word. */
	if (optopt)
		return wrong_usage("no such option '-%c'", optopt);
	return wrong_usage("no such option '%s'", argv[optind - 1]);
}

void add_choice(char choices[CHOICES_SIZE], const char *word)
{
	size_t length = strlen(choices);

	/* A list that is too long is cut. */
	snprintf(choices + length, CHOICES_SIZE - length, "%s%s",
		 length ? ", " : "", word);
}

int wrong_choice(const char *what, const char *text, const char *choices)
{
	if (!text)
		return wrong_usage("missing %s (%s)", what, choices);
	return wrong_usage("no such %s '%s' (%s)", what, text, choices);
}

/* "invalid size '1X' for --swap-max (for example 100M, 1.5GiB or 50%; or none)" */
static int invalid(const char *what, const char *text, const char *option,
		   const char *expected)
{
	return wrong_usage("invalid %s '%s'%s%s (%s)", what, text,
			   option ? " for " : "", option ? option : "",
			   expected);
}

/* "time '2h' for --period is out of range (1ms to 1h)" */
static int out_of_range(const char *what, const char *text, const char *option,
			const char *expected)
{
	return wrong_usage("%s '%s'%s%s is out of range (%s)", what, text,
			   option ? " for " : "", option ? option : "",
			   expected);
}

int parse_user(const char *text, uid_t *uid)
{
	int error = mmlimit_user(text, uid);

	if (error == -ENOENT)
		return wrong_choice(
			"user", text,
			"a login name, or a number from 0 to 4294967294");
	return error ? fail("%s", mmlimit_strerror(error)) : 0;
}

static int check_size(const char *option, const char *text, int error,
		      const char *also)
{
	char expected[CHOICES_SIZE];

	if (!error)
		return 0;
	if (error == -ERANGE) {
		snprintf(expected, sizeof(expected),
			 "at most %llu bytes, or 100%%%s",
			 MM_LIMIT_ATTR_NONE - 1ULL, also);
		return out_of_range("size", text, option, expected);
	}
	snprintf(expected, sizeof(expected),
		 "for example 100M, 1.5GiB or 50%%%s", also);
	return invalid("size", text, option, expected);
}

int parse_size(const char *option, const char *text, uint64_t *bytes)
{
	return check_size(option, text, mmlimit_parse_size(text, bytes), "");
}

int parse_swap_max(const char *option, const char *text, uint64_t *bytes)
{
	__u64 size = 0;
	int error = mmlimit_parse_swap_max(text, &size);

	*bytes = size;
	return check_size(option, text, error, "; or none");
}

int parse_duration(const char *option, const char *text, unsigned int least,
		   unsigned int most, unsigned int *ms)
{
	char from[MMLIMIT_TEXT_SIZE], to[MMLIMIT_TEXT_SIZE];
	char expected[CHOICES_SIZE];
	int error = mmlimit_parse_duration(text, ms);

	if (!error && *ms >= least && *ms <= most)
		return 0;
	if (error && error != -ERANGE)
		return invalid("time", text, option,
			       "for example 500ms, 2s or 1.5m");
	snprintf(expected, sizeof(expected), "%s to %s",
		 mmlimit_format_duration(least, from),
		 mmlimit_format_duration(most, to));
	return out_of_range("time", text, option, expected);
}

int parse_number(const char *option, const char *text, unsigned int least,
		 unsigned int most, unsigned int *number)
{
	bool is_number = *text && !text[strspn(text, "0123456789")];
	char expected[CHOICES_SIZE];
	unsigned long long value;

	errno = 0;
	value = strtoull(text, NULL, 10);
	if (is_number && !errno && value >= least && value <= most) {
		*number = value;
		return 0;
	}
	snprintf(expected, sizeof(expected), "%u to %u", least, most);
	if (is_number)
		return out_of_range("number", text, option, expected);
	return invalid("number", text, option, expected);
}

int parse_pid(const char *text, pid_t *pid)
{
	unsigned int number;
	int ret = parse_number("a process", text, 1, INT_MAX, &number);

	if (!ret)
		*pid = number;
	return ret;
}

int parse_reclaim(const char *option, const char *text, unsigned int *percent)
{
	static const char expected[] = "1% to 100%, or off";
	int error = mmlimit_parse_reclaim(text, percent);

	if (!error)
		return 0;
	if (error == -ERANGE)
		return out_of_range("percentage", text, option, expected);
	return invalid("percentage", text, option, expected);
}

int parse_policy(const char *text, bool own, int *policy)
{
	char policies[CHOICES_SIZE] = "";
	unsigned int number;
	const char *name;

	*policy = MM_LIMIT_POLICY_OWN;
	if (own && !strcmp(text, "own"))
		return 0;
	if (!mmlimit_parse_policy(text, &number)) {
		*policy = number;
		return 0;
	}
	for (number = 0; (name = mmlimit_policy_name(number)); number++)
		add_choice(policies, name);
	if (own)
		add_choice(policies, "own");
	return wrong_choice("policy", text, policies);
}
