// SPDX-License-Identifier: GPL-2.0-only
/* Reads suites.conf; tests/README.md describes it. Pure: it gets a buffer. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

#define DEFAULT_TIMEOUT 600
#define TIMEOUT_MAX 86400
#define SMP_MAX 8
#define SHIFT_MAX 8
#define DEFAULT_MEMORY 512
#define MEMORY_MAX 2048
#define NAME_MAX_LENGTH 64

static bool is_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("_-", name[i]))
			return false;
	}
	return i > 0 && i <= NAME_MAX_LENGTH && name[0] != '-';
}

static int bad(struct text *why, const char *what, const char *value)
{
	text_printf(why, "%s: ", what);
	text_add_clean(why, value, strlen(value));
	return -EINVAL;
}

static int set_number(unsigned int *number, unsigned int most,
		      const char *value, struct text *why)
{
	char *end;
	unsigned long read;

	errno = 0;
	read = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || !read ||
	    read > most) {
		text_printf(why, "not a number from 1 to %u: ", most);
		text_add_clean(why, value, strlen(value));
		return -EINVAL;
	}
	*number = read;
	return 0;
}

/* One of two words: @when_true, @when_false. */
static int set_choice(bool *choice, const char *when_true,
		      const char *when_false, const char *value,
		      struct text *why)
{
	*choice = !strcmp(value, when_true);
	if (*choice || !strcmp(value, when_false))
		return 0;
	text_printf(why, "neither %s nor %s: ", when_true, when_false);
	text_add_clean(why, value, strlen(value));
	return -EINVAL;
}

static int set_path(struct suite *suite, const char *value, struct text *why)
{
	if (!*value || *value == '/')
		return bad(why, "not a relative path", value);
	free(suite->path);
	suite->path = strdup(value);
	return suite->path ? 0 : -ENOMEM;
}

static int set_key(struct suite *suite, const char *key, const char *value,
		   struct text *why)
{
	bool guest = suite->kind == SUITE_GUEST;

	if (!strcmp(key, "timeout"))
		return set_number(&suite->timeout, TIMEOUT_MAX, value, why);
	if (!strcmp(key, "for")) {
		if (!is_name(value))
			return bad(why, "not a kernel flavour", value);
		text_printf(&suite->flavours, " %s ", value);
		return 0;
	}
	if (!guest && !strcmp(key, "path"))
		return set_path(suite, value, why);
	if (guest && !strcmp(key, "smp"))
		return set_number(&suite->smp, SMP_MAX, value, why);
	if (guest && !strcmp(key, "memory"))
		return set_number(&suite->memory, MEMORY_MAX, value, why);
	if (guest && !strcmp(key, "icount"))
		return set_choice(&suite->icount, "yes", "no", value, why);
	if (guest && !strcmp(key, "shift"))
		return set_number(&suite->shift, SHIFT_MAX, value, why);
	if (guest && !strcmp(key, "volume"))
		return volumes_add(&suite->volumes, value, why);
	if (guest && !strcmp(key, "boot"))
		return set_choice(&suite->fit, "fit", "kernel", value, why);
	if (guest && !strcmp(key, "swap"))
		return set_choice(&suite->swap_disk, "disk", "none", value,
				  why);
	if (guest && !strcmp(key, "append")) {
		if (!*value)
			return bad(why, "nothing to append", value);
		text_printf(&suite->append, " %s", value);
		return 0;
	}
	return bad(why,
		   guest ? "no key of a guest suite" : "no key of a host suite",
		   key);
}

/* Checks what only the whole line can tell. */
static int check_suite(const struct suites *suites, const struct suite *suite,
		       struct text *why)
{
	size_t i;

	for (i = 0; i < suites->count; i++) {
		if (!strcmp(suites->suites[i].name, suite->name))
			return bad(why, "a second suite of this name",
				   suite->name);
	}
	if (suite->kind == SUITE_HOST && !suite->path)
		return bad(why, "a host suite needs path=", suite->name);
	if (suite->fit && strcmp(suite->name, "fit"))
		return bad(
			why,
			"boot=fit is for the suite fit, which the image names",
			suite->name);
	if (suite->fit && suite->append.length)
		return bad(why, "boot=fit takes no append=", suite->name);
	if (suite->fit && suite->volumes.count)
		return bad(why, "boot=fit takes no volume=", suite->name);
	if (suite->fit && suite->swap_disk)
		return bad(why, "boot=fit takes no swap=", suite->name);
	/* An idle guest would skip to its timeouts before the disk answers. */
	if (suite->swap_disk && suite->icount)
		return bad(why, "swap=disk takes icount=no", suite->name);
	if (suite->shift && !suite->icount)
		return bad(why, "icount=no takes no shift=", suite->name);
	return 0;
}

static int parse_words(struct suites *suites, struct suite *suite, char *line,
		       struct text *why)
{
	static const char blanks[] = " \t\r";
	char *rest = NULL;
	char *word = strtok_r(line, blanks, &rest);
	int ret = 0;

	if (!is_name(word))
		return bad(why, "not a suite's name", word);
	suite->name = strdup(word);
	if (!suite->name)
		return -ENOMEM;
	word = strtok_r(NULL, blanks, &rest);
	if (!word)
		return bad(why, "neither guest nor host", suite->name);
	if (!strcmp(word, "host"))
		suite->kind = SUITE_HOST;
	else if (strcmp(word, "guest"))
		return bad(why, "neither guest nor host", word);
	while (!ret && (word = strtok_r(NULL, blanks, &rest))) {
		char *value = strchr(word, '=');

		if (!value)
			return bad(why, "not key=value", word);
		*value++ = '\0';
		ret = set_key(suite, word, value, why);
	}
	if (suite->append.failed || suite->flavours.failed)
		return -ENOMEM;
	return ret ? ret : check_suite(suites, suite, why);
}

static void suite_free(struct suite *suite)
{
	text_free(&suite->heading);
	free(suite->name);
	free(suite->path);
	text_free(&suite->append);
	text_free(&suite->flavours);
}

static int parse_line(struct suites *suites, char *line, struct text *why)
{
	struct suite suite = {
		.icount = true,
		.timeout = DEFAULT_TIMEOUT,
		.smp = 1,
		.memory = DEFAULT_MEMORY,
	};
	struct suite *grown;
	int ret;

	/* A comment starts a line or follows a blank: append=a#b is none. */
	for (char *hash = line; (hash = strchr(hash, '#')); hash++) {
		if (hash == line || strchr(" \t", hash[-1])) {
			*hash = '\0';
			break;
		}
	}
	if (!line[strspn(line, " \t\r")])
		return 0;
	ret = parse_words(suites, &suite, line, why);
	if (!ret) {
		grown = realloc(suites->suites,
				(suites->count + 1) * sizeof(*grown));
		if (grown) {
			suites->suites = grown;
			grown[suites->count++] = suite;
			return 0;
		}
		ret = -ENOMEM;
	}
	suite_free(&suite);
	return ret;
}

/* Lines of comment gather until a suite comes, or an empty line. */
static void take_heading(struct suites *suites, size_t count,
			 struct text *heading, const char *line, size_t length)
{
	if (suites->count > count) {
		suites->suites[count].heading = *heading;
		*heading = (struct text){ 0 };
	} else if (length && *line == '#') {
		line++;
		length--;
		while (length && strchr(" \t\r", *line)) {
			line++;
			length--;
		}
		while (length && strchr(" \t\r", line[length - 1]))
			length--;
		if (heading->length && length)
			text_puts(heading, " ");
		text_add_clean(heading, line, length);
	} else {
		text_free(heading);
	}
}

int suites_parse(struct suites *suites, const char *file, const char *data,
		 struct text *why)
{
	struct text heading = { 0 };
	struct text reason = { 0 };
	unsigned int number = 0;
	int ret = 0;

	while (*data && !ret) {
		size_t length = strcspn(data, "\n");
		size_t count = suites->count;
		char *line = strndup(data, length);

		number++;
		ret = line ? parse_line(suites, line, &reason) : -ENOMEM;
		free(line);
		if (!ret)
			take_heading(suites, count, &heading, data, length);
		data += length + (data[length] == '\n');
	}
	text_free(&heading);
	if (ret == -ENOMEM) {
		text_printf(why, "%s: out of memory", file);
	} else if (ret) {
		text_printf(why, "%s:%u: %s", file, number,
			    text_string(&reason));
	} else if (!suites->count) {
		text_printf(why, "%s:%u: no suite", file, number);
		ret = -EINVAL;
	}
	text_free(&reason);
	return ret;
}

bool suite_is_for(const struct suite *suite, const char *flavour)
{
	char word[128];

	if (!suite->flavours.length)
		return true;
	snprintf(word, sizeof(word), " %s ", flavour);
	return strstr(text_string(&suite->flavours), word);
}

void suites_free(struct suites *suites)
{
	size_t i;

	for (i = 0; i < suites->count; i++)
		suite_free(&suites->suites[i]);
	free(suites->suites);
	*suites = (struct suites){ 0 };
}
