// SPDX-License-Identifier: GPL-2.0-only
/* Limits for Prometheus: the form of what is printed, by a strict reading of it. */
#define _GNU_SOURCE
#include "unit.h"

#include <ctype.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "prometheus.h"

static const struct mm_limit_attr limits[] = {
	{ .uid = 10145,
	  .mm_max = 1000,
	  .usage = 4096,
	  .peak = 8192,
	  .kills = 3,
	  .grace_ms = 1500,
	  .state = MM_LIMIT_KILLING,
	  .flags = MM_LIMIT_DRY_RUN,
	  .warn = 90,
	  .warned = 1,
	  .warnings = 4,
	  .dry_kills = 5,
	  .term_ms = 20,
	  .terms = 6,
	  .swapped_out = 7 },
	{ .uid = 10170, .mm_max = MM_LIMIT_ATTR_NONE - 1, .exceeds = 2 },
};

/* The linker's --wrap makes these the names of users. */
static struct passwd entry;
static char user[] = "a \"quoted\\\n\" name";

struct passwd *__wrap_getpwuid(uid_t uid);
struct passwd *__wrap_getpwuid(uid_t uid)
{
	entry.pw_name = user;
	return uid == 10170 ? &entry : NULL;
}

static char *shown;
static size_t length;

static void print(size_t count)
{
	FILE *before = stdout;

	free(shown);
	stdout = open_memstream(&shown, &length);
	assert_non_null(stdout);
	prometheus_print(limits, count);
	fclose(stdout);
	stdout = before;
}

static void expect(const char *text)
{
	if (!strstr(shown, text))
		fail_msg("expected '%s' in '%s'", text, shown);
}

static void expect_not(const char *text)
{
	if (strstr(shown, text))
		fail_msg("did not expect '%s' in '%s'", text, shown);
}

static void figures_stand_behind_their_labels(void **state)
{
	(void)state;
	print(2);
	expect("# HELP mm_limit_bytes The limit in force.\n"
	       "# TYPE mm_limit_bytes gauge\n"
	       "mm_limit_bytes{uid=\"10145\"} 1000\n"
	       "mm_limit_bytes{uid=\"10170\",user=\"a \\\"quoted\\\\\\n\\\" name\"} 18446744073709551614\n"
	       "# HELP ");
	expect("\nmm_limit_usage_bytes{uid=\"10145\"} 4096\n");
	expect("\nmm_limit_peak_bytes{uid=\"10145\"} 8192\n");
	expect("\n# TYPE mm_limit_kills_total counter\nmm_limit_kills_total{uid=\"10145\"} 3\n");
	expect("\nmm_limit_swapped_out_pages_total{uid=\"10145\"} 7\n");
	expect("\nmm_limit_grace_seconds{uid=\"10145\"} 1.500\n");
	expect("\nmm_limit_term_seconds{uid=\"10145\"} 0.020\n");
	expect("\nmm_limit_warn_ratio{uid=\"10145\"} 0.90\n");
	expect("\nmm_limit_warned{uid=\"10145\"} 1\n");
	expect("\nmm_limit_dry_run{uid=\"10145\"} 1\nmm_limit_dry_run{uid=\"10170\"");
	expect("\nmm_limit_warnings_total{uid=\"10145\"} 4\n");
	expect("\nmm_limit_dry_kills_total{uid=\"10145\"} 5\n");
	expect("\nmm_limit_terms_total{uid=\"10145\"} 6\n");
	expect("\nmm_limit_state{uid=\"10145\",state=\"killing\"} 1\n");
	expect("\nmm_limit_state{uid=\"10145\",state=\"idle\"} 0\n");
	expect_not("\nmm_limit_state{uid=\"10145\",state=\"\"");
}

/* A word of the form [a-z_]+, which ends with @end; returns what follows. */
static const char *read_name(const char *text, char end, char name[64])
{
	size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	assert_true(size && size < 64 && text[size] == end);
	snprintf(name, 64, "%.*s", (int)size, text);
	return text + size + 1;
}

/* label="value",... up to the brace; returns what follows. */
static const char *read_labels(const char *text)
{
	char name[64];

	do {
		text = read_name(text, '=', name);
		assert_int_equal(*text++, '"');
		for (; *text != '"'; text++) {
			assert_true(*text && *text != '\n');
			if (*text == '\\')
				assert_non_null(strchr("\\\"n", *++text));
		}
		text++;
	} while (*text++ == ',');
	assert_int_equal(text[-1], '}');
	return text;
}

static const char *read_sample(const char *text, const char *metric)
{
	char name[64], *end;

	text = read_name(text, '{', name);
	assert_string_equal(name, metric);
	text = read_labels(text);
	assert_int_equal(*text++, ' ');
	assert_true(isdigit((unsigned char)*text));
	strtod(text, &end);
	assert_int_equal(*end, '\n');
	return end + 1;
}

/* A metric's help, its type and its samples, in this order; returns what follows. */
static const char *read_metric(const char *text, char metric[64],
			       size_t *samples)
{
	static const char help[] = "# HELP ", type[] = "# TYPE ";
	const char *total;
	char name[64];

	assert_int_equal(strncmp(text, help, strlen(help)), 0);
	text = strchr(read_name(text + strlen(help), ' ', metric), '\n') + 1;
	assert_int_equal(strncmp(text, type, strlen(type)), 0);
	text = read_name(text + strlen(type), ' ', name);
	assert_string_equal(name, metric);
	text = read_name(text, '\n', name);
	total = strstr(metric, "_total");
	assert_string_equal(name, total && !total[6] ? "counter" : "gauge");
	while (*text && *text != '#') {
		text = read_sample(text, metric);
		(*samples)++;
	}
	return text;
}

/* Each metric comes once, and no sample is told twice. */
static void form_is_that_of_prometheus(void **state)
{
	char names[64][64], again[80];
	size_t count = 0, samples = 0;
	const char *text;

	(void)state;
	print(2);
	for (text = shown; *text; count++) {
		assert_true(count < 64);
		text = read_metric(text, names[count], &samples);
		snprintf(again, sizeof(again), "# TYPE %s ", names[count]);
		assert_null(strstr(strstr(shown, again) + 1, again));
	}
	assert_true(count > 15);
	/* Of the states, each limit has one sample for each. */
	assert_int_equal(samples,
			 2 * (count - 1) + 2 * (MM_LIMIT_TERMINATING + 1));
}

static void without_limits_there_are_no_samples(void **state)
{
	char name[64];
	size_t samples = 0;

	(void)state;
	print(0);
	for (const char *text = shown; *text;)
		text = read_metric(text, name, &samples);
	assert_int_equal(samples, 0);
}

/* By Prometheus's own checker, which Debian's package prometheus has */
static void promtool_has_nothing_against_it(void **state)
{
	FILE *promtool;
	int ret;

	(void)state;
	if (system("command -v promtool >/dev/null"))
		skip();
	print(2);
	promtool = popen("promtool check metrics >&2", "we");
	assert_non_null(promtool);
	assert_int_equal(fwrite(shown, 1, length, promtool), length);
	ret = pclose(promtool);
	assert_true(WIFEXITED(ret));
	assert_int_equal(WEXITSTATUS(ret), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_stand_behind_their_labels),
		cmocka_unit_test(form_is_that_of_prometheus),
		cmocka_unit_test(without_limits_there_are_no_samples),
		cmocka_unit_test(promtool_has_nothing_against_it),
	};

	return RUN_GROUP(tests);
}
