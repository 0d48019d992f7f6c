// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmlimit: limits for Prometheus, in its text format 0.0.4:
 *
 *	# HELP mm_limit_usage_bytes What the user has now.
 *	# TYPE mm_limit_usage_bytes gauge
 *	mm_limit_usage_bytes{uid="10070",user="u0_a70"} 1052672
 *	mm_limit_usage_bytes{range="20000-20999",rule="pool"} 3145728
 */
#define _GNU_SOURCE 1
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "array.h"
#include "format.h"
#include "mmlimit.h"
#include "prometheus.h"

#define FIELD(member) offsetof(struct mm_limit_attr, member)

/* Figures that are 64 bits in the structure */
static const struct metric {
	const char *name;
	const char *type;
	const char *help;
	size_t field;
} metrics[] = {
	{ "mm_limit_bytes", "gauge", "The limit in force.", FIELD(mm_max) },
	{ "mm_limit_usage_bytes", "gauge", "What the user has now.",
	  FIELD(usage) },
	{ "mm_limit_peak_bytes", "gauge",
	  "The most that the user had since it has a limit.", FIELD(peak) },
	{ "mm_limit_anon_bytes", "gauge", "Of the usage, anonymous memory.",
	  FIELD(anon) },
	{ "mm_limit_file_bytes", "gauge", "Of the usage, files on disk.",
	  FIELD(file) },
	{ "mm_limit_shmem_bytes", "gauge", "Of the usage, files in memory.",
	  FIELD(shmem) },
	{ "mm_limit_tables_bytes", "gauge", "Of the usage, page tables.",
	  FIELD(tables) },
	{ "mm_limit_kernel_bytes", "gauge",
	  "What the kernel keeps for the user.", FIELD(kernel) },
	{ "mm_limit_swap_bytes", "gauge", "What the user has in swap.",
	  FIELD(swap) },
	{ "mm_limit_swap_stored_bytes", "gauge",
	  "What that takes, where it is stored compressed.",
	  FIELD(swap_stored) },
	{ "mm_limit_exceeds_total", "counter",
	  "How often the user was found above its limit.", FIELD(exceeds) },
	{ "mm_limit_graces_total", "counter", "How many graces have begun.",
	  FIELD(graces) },
	{ "mm_limit_kills_total", "counter",
	  "How many processes were killed for the limit.", FIELD(kills) },
	{ "mm_limit_refused_total", "counter",
	  "How often a call failed for lack of room.", FIELD(refused) },
	{ "mm_limit_warnings_total", "counter",
	  "How often the user came near its limit, and was warned.",
	  FIELD(warnings) },
	{ "mm_limit_terms_total", "counter",
	  "How many processes were sent SIGTERM for the limit.", FIELD(terms) },
	{ "mm_limit_dry_kills_total", "counter",
	  "How many processes would have been killed but for a dry run.",
	  FIELD(dry_kills) },
	{ "mm_limit_swapped_out_pages_total", "counter",
	  "Pages of the user that were swapped out.", FIELD(swapped_out) },
	{ "mm_limit_refaults_pages_total", "counter",
	  "Pages that came back from swap because they were used.",
	  FIELD(refaults) },
};

static void print_label(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", stdout);
			continue;
		}
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
}

/* A rule is a range, and users for whom it is have its labels, too. */
static void print_rule(const struct mm_limit_attr *limit)
{
	const char *name = mmlimit_rule_name(limit->rule);

	printf("range=\"%u-%u\",rule=\"%s\"", limit->first, limit->last,
	       name ? name : "unknown");
}

/* "NAME{uid="10070",user="u0_a70"", which stays open; no user is no label */
static void begin_sample(const char *name, const struct mm_limit_attr *limit)
{
	char user[USER_TEXT_SIZE];

	printf("%s{", name);
	if (mmlimit_is_rule(limit)) {
		print_rule(limit);
		return;
	}
	printf("uid=\"%u\"", limit->uid);
	if (user_name(limit->uid, user)) {
		printf(",user=\"");
		print_label(user);
		putchar('"');
	}
	if (limit->rule == MM_LIMIT_RULE_NONE)
		return;
	putchar(',');
	print_rule(limit);
}

static void print_head(const char *name, const char *type, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_metric(const struct metric *metric,
			 const struct mm_limit_attr *limits, size_t count)
{
	print_head(metric->name, metric->type, metric->help);
	for (size_t i = 0; i < count; i++) {
		const char *limit = (const char *)&limits[i];

		const __u64 *value = (const __u64 *)(limit + metric->field);

		begin_sample(metric->name, &limits[i]);
		/* Nobody but a pool bounds such a user. */
		if (*value == MM_LIMIT_ATTR_NONE)
			puts("} +Inf");
		else
			printf("} %llu\n", *value);
	}
}

static void print_times(const struct mm_limit_attr *limits, size_t count)
{
	static const char grace[] = "mm_limit_grace_seconds";
	static const char term[] = "mm_limit_term_seconds";

	print_head(grace, "gauge", "How long the user may exceed its limit.");
	for (size_t i = 0; i < count; i++) {
		begin_sample(grace, &limits[i]);
		printf("} %llu.%03llu\n", limits[i].grace_ms / 1000,
		       limits[i].grace_ms % 1000);
	}
	print_head(term, "gauge",
		   "How long a victim has between SIGTERM and SIGKILL.");
	for (size_t i = 0; i < count; i++) {
		begin_sample(term, &limits[i]);
		printf("} %llu.%03llu\n", limits[i].term_ms / 1000,
		       limits[i].term_ms % 1000);
	}
}

static void print_warnings(const struct mm_limit_attr *limits, size_t count)
{
	static const char share[] = "mm_limit_warn_ratio";
	static const char warned[] = "mm_limit_warned";

	print_head(share, "gauge",
		   "The share of the limit at which the user is warned, or 0.");
	for (size_t i = 0; i < count; i++) {
		begin_sample(share, &limits[i]);
		printf("} %u.%02u\n", limits[i].warn / 100,
		       limits[i].warn % 100);
	}
	print_head(warned, "gauge", "Whether the user is near its limit.");
	for (size_t i = 0; i < count; i++) {
		begin_sample(warned, &limits[i]);
		printf("} %u\n", limits[i].warned);
	}
}

static void print_dry_runs(const struct mm_limit_attr *limits, size_t count)
{
	static const char name[] = "mm_limit_dry_run";

	print_head(name, "gauge", "Whether nobody is killed for the limit.");
	for (size_t i = 0; i < count; i++) {
		begin_sample(name, &limits[i]);
		printf("} %d\n", is_dry_run(&limits[i]));
	}
}

/* For each state 1 or 0, so that a query can name the state */
static void print_states(const struct mm_limit_attr *limits, size_t count)
{
	static const char name[] = "mm_limit_state";
	const char *state;

	print_head(name, "gauge", "Whether the limit is in this state.");
	for (size_t i = 0; i < count; i++) {
		for (int j = 0; (state = mmlimit_state_name(j)); j++) {
			begin_sample(name, &limits[i]);
			printf(",state=\"%s\"} %d\n", state,
			       limits[i].state == (__u32)j);
		}
	}
}

void prometheus_print(const struct mm_limit_attr *limits, size_t count)
{
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++)
		print_metric(&metrics[i], limits, count);
	print_times(limits, count);
	print_warnings(limits, count);
	print_dry_runs(limits, count);
	print_states(limits, count);
}
