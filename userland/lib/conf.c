// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libmmlimit: the configuration file.
 *
 *	# everybody's limit, and the daemon's settings
 *	alice  1.5GiB  grace=2s policy=longest_run_time
 *	bob    64M     reclaim=80% swap_max=256M
 *	10070  100M
 *	default      200M   warn=90%
 *	20000-20999  1GiB   pool=yes
 *
 *	[mmlimitd]
 *	interval = 5s
 *	policy = own
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "mmlimit.h"

/* Nobody writes longer lines. */
#define MAX_LINE 1000

/* How much of a word a reason shows */
#define SHOWN 40

/* Room for what is wrong with a word, and what was expected */
#define WHAT_SIZE 128

#define BLANKS " \t"

/**
 * struct parser - how far the file is understood
 * @conf: what it says
 * @limits_room: of conf.limits
 * @lines_room: of conf.lines
 * @error: where to complain
 * @line: the number of this line
 * @section: where "[mmlimitd]" stands; 0: not yet
 * @interval: where the daemon's interval stands, or 0
 */
struct parser {
	struct mmlimit_conf conf;
	size_t limits_room;
	size_t lines_room;
	struct mmlimit_conf_error *error;
	unsigned int line;
	unsigned int section;
	unsigned int interval;
};

__attribute__((format(printf, 2, 3))) static int
complain(struct parser *parser, const char *format, ...)
{
	va_list args;

	parser->error->line = parser->line;
	va_start(args, format);
	vsnprintf(parser->error->reason, sizeof(parser->error->reason), format,
		  args);
	va_end(args);
	return -EINVAL;
}

/*
 * Complains about a word, which is shortened and made fit for a terminal: "'%s'
 * ..."
 */
static int complain_of(struct parser *parser, const char *word,
		       const char *what)
{
	bool cut = strlen(word) > SHOWN;
	char shown[SHOWN + 1];
	size_t i;

	for (i = 0; word[i] && i < SHOWN; i++)
		shown[i] = word[i] < ' ' || word[i] > '~' ? '?' : word[i];
	shown[i] = '\0';
	return complain(parser, "'%s%s' %s", shown, cut ? "..." : "", what);
}

/* Takes the next word off a line. Returns NULL if there is none. */
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, BLANKS);

	if (!*word)
		return NULL;
	*line = word + strcspn(word, BLANKS);
	if (**line)
		*(*line)++ = '\0';
	return word;
}

/* @least: which is the shortest that may be */
static int parse_duration(struct parser *parser, const char *text,
			  unsigned int least, unsigned int *ms)
{
	int ret = mmlimit_parse_duration(text, ms);
	char what[WHAT_SIZE], shortest[MMLIMIT_TEXT_SIZE];

	if (ret && ret != -ERANGE)
		return complain_of(parser, text,
				   "is not a duration such as 2s or 500ms");
	if (!ret && *ms >= least)
		return 0;
	snprintf(what, sizeof(what), "is out of range (%s to 4294967.295s)",
		 mmlimit_format_duration(least, shortest));
	return complain_of(parser, text, what);
}

/* @more: which words there are besides the names of policies */
static int parse_policy(struct parser *parser, const char *text,
			unsigned int *policy, const char *more)
{
	char what[WHAT_SIZE] = "is not a policy (";
	size_t length;

	if (!mmlimit_parse_policy(text, policy))
		return 0;
	for (size_t i = 0; i < __mmlimit_policy_count; i++) {
		length = strlen(what);
		snprintf(what + length, sizeof(what) - length, "%s%s",
			 i ? ", " : "", __mmlimit_policy_names[i]);
	}
	length = strlen(what);
	snprintf(what + length, sizeof(what) - length, "%s)", more);
	return complain_of(parser, text, what);
}

static int parse_reclaim(struct parser *parser, const char *text,
			 struct mm_limit_attr *limit)
{
	if (mmlimit_parse_reclaim(text, &limit->threshold))
		return complain_of(parser, text,
				   "is neither off nor from 1% to 100%");
	if (!limit->threshold)
		return 0;
	limit->flags |= MM_LIMIT_RECLAIM;
	limit->fields |= MM_LIMIT_FIELD_THRESHOLD | MM_LIMIT_FIELD_SWAP_MAX;
	return 0;
}

static int parse_warn(struct parser *parser, const char *text,
		      struct mm_limit_attr *limit)
{
	if (mmlimit_parse_warn(text, &limit->warn))
		return complain_of(parser, text,
				   "is neither off nor from 1% to 100%");
	return 0;
}

static int parse_answer(struct parser *parser, const char *text, bool *yes)
{
	*yes = !strcmp(text, "yes");
	if (!*yes && strcmp(text, "no"))
		return complain_of(parser, text, "is neither yes nor no");
	return 0;
}

static int parse_dry_run(struct parser *parser, const char *text,
			 struct mm_limit_attr *limit)
{
	bool yes;
	int ret = parse_answer(parser, text, &yes);

	if (yes)
		limit->flags |= MM_LIMIT_DRY_RUN;
	return ret;
}

static int parse_pool(struct parser *parser, const char *text,
		      struct mm_limit_attr *limit)
{
	bool yes;
	int ret = parse_answer(parser, text, &yes);

	if (ret || !yes)
		return ret;
	if (!mmlimit_is_rule(limit))
		return complain(
			parser,
			"pool=yes takes a range of users in the place of the user: FIRST-LAST, or default");
	limit->rule = MM_LIMIT_RULE_POOL;
	return 0;
}

/* Turns what the parser of a size has returned into a complaint. */
static int check_size(struct parser *parser, const char *text, int ret)
{
	if (ret == -ERANGE)
		return complain_of(
			parser, text,
			"is out of range (at most 18446744073709551614 bytes, or 100%)");
	if (ret)
		return complain_of(parser, text,
				   "is not a size such as 100M, 1.5GiB or 50%");
	return 0;
}

/* What may follow a limit's size */
enum option {
	GRACE,
	POLICY,
	RECLAIM,
	SWAP_MAX,
	WARN,
	DRY_RUN,
	TERM,
	POOL,
	OPTIONS,
};

static const char *const option_names[OPTIONS] = {
	[GRACE] = "grace=",	  [POLICY] = "policy=", [RECLAIM] = "reclaim=",
	[SWAP_MAX] = "swap_max=", [WARN] = "warn=",	[DRY_RUN] = "dry_run=",
	[TERM] = "term=",	  [POOL] = "pool=",
};

static int parse_option(struct parser *parser, const char *word,
			struct mm_limit_attr *limit, bool seen[OPTIONS])
{
	enum option option = GRACE;
	const char *value;
	unsigned int ms;
	int ret;

	while (option < OPTIONS && strncmp(word, option_names[option],
					   strlen(option_names[option])))
		option++;
	if (option == OPTIONS)
		return complain_of(
			parser, word,
			"is none of grace=DURATION, policy=POLICY, reclaim=PERCENT, swap_max=SIZE, warn=PERCENT, term=DURATION, dry_run=yes, pool=yes");
	if (seen[option])
		return complain_of(parser, word, "is said twice");
	seen[option] = true;
	value = word + strlen(option_names[option]);
	switch (option) {
	case POLICY:
		return parse_policy(parser, value, &limit->policy, "");
	case RECLAIM:
		return parse_reclaim(parser, value, limit);
	case SWAP_MAX:
		ret = mmlimit_parse_swap_max(value, &limit->swap_max);
		return check_size(parser, value, ret);
	case WARN:
		return parse_warn(parser, value, limit);
	case DRY_RUN:
		return parse_dry_run(parser, value, limit);
	case POOL:
		return parse_pool(parser, value, limit);
	case TERM:
		ret = parse_duration(parser, value, 0, &ms);
		if (!ret)
			limit->term_ms = ms;
		return ret;
	default:
		ret = parse_duration(parser, value, 0, &ms);
		if (!ret)
			limit->grace_ms = ms;
		return ret;
	}
}

/* A user, or the users that a rule is for */
static int parse_who(struct parser *parser, const char *name,
		     struct mm_limit_attr *limit)
{
	uid_t uid = -1, first, last;
	int ret = mmlimit_parse_range(name, &first, &last);

	if (!ret) {
		limit->rule = MM_LIMIT_RULE_EACH;
		limit->first = first;
		limit->last = last;
	} else if (ret == -ERANGE) {
		return complain_of(
			parser, name,
			"is not a range of users (FIRST-LAST, uids from a lower one to a higher one, up to 4294967294)");
	} else {
		ret = mmlimit_user(name, &uid);
	}
	limit->uid = uid;
	if (ret == -ENOENT)
		return complain_of(
			parser, name,
			"is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)");
	return ret;
}

/* The user and the size of a limit */
static int parse_who_and_what(struct parser *parser, const char *name,
			      const char *size, struct mm_limit_attr *limit)
{
	const struct mmlimit_conf *conf = &parser->conf;
	uint64_t bytes;
	int ret;

	if (!size)
		return complain_of(parser, name, "has no size after it");
	ret = parse_who(parser, name, limit);
	if (ret)
		return ret;
	for (size_t i = 0; i < conf->count; i++) {
		char what[40];

		if (!mmlimit_is_same(&conf->limits[i], limit))
			continue;
		snprintf(what, sizeof(what), "has a limit in line %u",
			 conf->lines[i]);
		return complain_of(parser, name, what);
	}
	ret = check_size(parser, size, mmlimit_parse_size(size, &bytes));
	if (!ret)
		limit->mm_max = bytes;
	return ret;
}

static int add_limit(struct parser *parser, const struct mm_limit_attr *limit)
{
	struct mmlimit_conf *conf = &parser->conf;

	if (__mmlimit_grow((void **)&conf->limits, &parser->limits_room,
			   conf->count, sizeof(*conf->limits)) ||
	    __mmlimit_grow((void **)&conf->lines, &parser->lines_room,
			   conf->count, sizeof(*conf->lines)))
		return -ENOMEM;
	conf->limits[conf->count] = *limit;
	conf->lines[conf->count] = parser->line;
	conf->count++;
	return 0;
}

/* "USER SIZE [OPTION]..." */
static int parse_limit(struct parser *parser, char *line)
{
	struct mm_limit_attr limit = {
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
			  MM_LIMIT_FIELD_POLICY | MM_LIMIT_FIELD_FLAGS |
			  MM_LIMIT_FIELD_WARN | MM_LIMIT_FIELD_TERM,
		.policy = MM_LIMIT_HIGHEST_RSS,
		.swap_max = MM_LIMIT_ATTR_NONE,
	};
	bool seen[OPTIONS] = { false };
	char *name, *size, *word;
	int ret;

	name = next_word(&line);
	size = next_word(&line);
	ret = parse_who_and_what(parser, name, size, &limit);
	while (!ret && (word = next_word(&line)))
		ret = parse_option(parser, word, &limit, seen);
	if (!ret && seen[SWAP_MAX] && !limit.threshold)
		ret = complain(
			parser,
			"swap_max= takes a limit that reclaims: add reclaim=80%%");
	if (!ret && limit.threshold && limit.rule == MM_LIMIT_RULE_POOL)
		ret = complain(
			parser,
			"a pool cannot reclaim: leave reclaim= out, or pool=yes");
	return ret ? ret : add_limit(parser, &limit);
}

/* "interval = DURATION" or "policy = POLICY" of the daemon */
static int parse_setting(struct parser *parser, char *line)
{
	char *value = strchr(line, '=');
	unsigned int *seen, policy;
	char *key, *more;
	int ret;

	if (!value)
		return complain_of(parser, next_word(&line),
				   "is not a setting KEY=VALUE of mmlimitd");
	*value++ = '\0';
	key = next_word(&line);
	if (!key)
		return complain(parser, "no name before the =");
	more = next_word(&line);
	if (!strcmp(key, "interval"))
		seen = &parser->interval;
	else if (!strcmp(key, "policy"))
		seen = &parser->conf.policy_line;
	else
		return complain_of(
			parser, key,
			"is no setting of mmlimitd (interval, policy)");
	if (*seen)
		return complain(parser, "'%s' is in line %u, too", key, *seen);
	*seen = parser->line;
	line = value;
	value = next_word(&line);
	if (!more)
		more = next_word(&line);
	if (more)
		return complain_of(parser, more, "is one word too many");
	if (!value)
		return complain(parser, "'%s' has no value", key);

	if (seen == &parser->conf.policy_line) {
		parser->conf.policy = MM_LIMIT_POLICY_OWN;
		if (!strcmp(value, "own"))
			return 0;
		ret = parse_policy(parser, value, &policy, ", own");
		if (!ret)
			parser->conf.policy = policy;
		return ret;
	}
	return parse_duration(parser, value, 1, &parser->conf.interval_ms);
}

static int parse_section(struct parser *parser, char *line)
{
	char *name = next_word(&line);
	char *more = next_word(&line);

	if (strcmp(name, "[mmlimitd]"))
		return complain_of(parser, name,
				   "is no section; [mmlimitd] is");
	if (more)
		return complain_of(parser, more, "is one word too many");
	if (parser->section)
		return complain(parser, "'%s' is in line %u, too", name,
				parser->section);
	parser->section = parser->line;
	return 0;
}

static int parse_line(struct parser *parser, const char *text, size_t length)
{
	char line[MAX_LINE + 1];
	char *start;

	if (length && text[length - 1] == '\r')
		length--;
	if (memchr(text, '\0', length))
		return complain(parser, "the line contains a NUL byte");
	if (length > MAX_LINE)
		return complain(parser, "the line is longer than %d bytes",
				MAX_LINE);
	memcpy(line, text, length);
	line[length] = '\0';
	line[strcspn(line, "#")] = '\0';

	start = line + strspn(line, BLANKS);
	if (!*start)
		return 0;
	if (*start == '[')
		return parse_section(parser, start);
	if (parser->section)
		return parse_setting(parser, start);
	return parse_limit(parser, start);
}

/* Some editors begin a file with one. It says nothing in UTF-8. */
static size_t byte_order_mark(const char *text, size_t length)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t size = sizeof(mark) - 1;

	return length >= size && !memcmp(text, mark, size) ? size : 0;
}

int mmlimit_conf_parse(const char *text, size_t length,
		       struct mmlimit_conf *conf,
		       struct mmlimit_conf_error *error)
{
	size_t skipped = byte_order_mark(text, length);
	struct parser parser = {
		.conf.policy = MM_LIMIT_POLICY_OWN,
		.error = error,
	};
	int saved_errno = errno;
	int ret = 0;

	text += skipped;
	length -= skipped;
	while (!ret && length) {
		const char *newline = memchr(text, '\n', length);
		size_t line = newline ? (size_t)(newline - text) : length;

		parser.line++;
		ret = parse_line(&parser, text, line);
		text += line + !!newline;
		length -= line + !!newline;
	}
	if (ret == -ENOMEM) {
		parser.line = 0;
		complain(&parser, "out of memory");
	}
	if (ret)
		mmlimit_conf_free(&parser.conf);
	else
		*conf = parser.conf;
	errno = saved_errno;
	return ret;
}
