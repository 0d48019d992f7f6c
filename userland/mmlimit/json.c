// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: limits for programs. */
#define _GNU_SOURCE 1
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "format.h"
#include "json.h"
#include "json_text.h"
#include "mmlimit.h"
#include "why.h"

static void print_number(const char *key, __u64 value, bool known)
{
	if (known)
		printf(", \"%s\": %llu", key, value);
	else
		printf(", \"%s\": null", key);
}

/* A name may hold anything but a colon and the end of a line. */
static void print_name(const char *key, const char *name)
{
	printf(", \"%s\": ", key);
	json_string(stdout, name);
}

/* "uid": 10070, "user": "u0_a70"; a rule is nobody's. */
static void print_whose(const struct mm_limit_attr *limit)
{
	char user[USER_TEXT_SIZE];

	if (mmlimit_is_rule(limit)) {
		printf("\"uid\": null, \"user\": null");
		return;
	}
	printf("\"uid\": %u", limit->uid);
	print_name("user", user_name(limit->uid, user) ? user : NULL);
}

/* What rule this is, or which one is for the user */
static void print_rule(const struct mm_limit_attr *limit)
{
	bool has_rule = limit->rule != MM_LIMIT_RULE_NONE;
	bool is_pool = mmlimit_is_rule(limit) &&
		       limit->rule == MM_LIMIT_RULE_POOL;

	print_name("rule", mmlimit_rule_name(limit->rule));
	print_number("first", limit->first, has_rule);
	print_number("last", limit->last, has_rule);
	print_number("members", limit->members, is_pool);
}

static void print_process(const struct mmlimit_process *process)
{
	char name[PRINTED_NAME_SIZE];

	printf("\"pid\": %d", process->pid);
	print_name("name", printed_name(process->name, name));
	print_number("memory", process->memory, true);
}

static void print_kill(const struct mmlimit_kill *kill)
{
	printf("{\"number\": %" PRIu64, kill->number);
	print_number("boot_ns", kill->boot_ns, true);
	printf(", \"wall_ns\": %" PRId64, kill->wall_ns);
	printf(", \"dry_run\": %s", kill->dry_run ? "true" : "false");
	printf(", \"term\": %s", kill->term ? "true" : "false");
	print_name("reason", mmlimit_reason_name(kill->reason));
	print_name("policy", mmlimit_policy_name(kill->policy));
	print_number("usage", kill->usage, true);
	print_number("mm_max", kill->mm_max, true);
	print_number("anon", kill->anon, kill->has_parts);
	print_number("file", kill->file, kill->has_parts);
	print_number("shmem", kill->shmem, kill->has_parts);
	print_number("tables", kill->tables, kill->has_parts);
	print_number("swap", kill->swap, kill->has_parts);
	print_number("kernel", kill->kernel, kill->has_parts);
	printf(", ");
	print_process(&kill->victim);
	print_number("age_ns", kill->age_ns, true);
	print_number("cpu_ns", kill->cpu_ns, true);
	printf(", \"beside\": [");
	for (size_t i = 0; i < kill->beside_count; i++) {
		printf("%s{", i ? ", " : "");
		print_process(&kill->beside[i]);
		putchar('}');
	}
	putchar(']');
	print_number("uid", kill->uid, true);
	print_number("pool_first", kill->first, kill->is_pool);
	print_number("pool_last", kill->last, kill->is_pool);
	putchar('}');
}

static void print_why(const struct mm_limit_attr *limits, size_t limit_count,
		      const struct mm_limit_attr *limit,
		      const struct mmlimit_kill *kills, size_t count)
{
	bool first = true;

	printf("    {");
	print_whose(limit);
	print_number("mm_max", limit->mm_max,
		     limit->mm_max != MM_LIMIT_ATTR_NONE);
	print_number("usage", limit->usage, true);
	print_number("refused", limit->refused, true);
	print_number("shmem", limit->shmem, true);
	print_number("kernel", limit->kernel, true);
	print_rule(limit);
	printf(", \"kills\": [");
	for (size_t i = count; i-- > 0;) {
		if (!why_is_about(limits, limit_count, limit, &kills[i]))
			continue;
		printf("%s\n      ", first ? "" : ",");
		print_kill(&kills[i]);
		first = false;
	}
	printf("]}");
}

void json_print_why(const struct mm_limit_attr *limits, size_t limit_count,
		    const struct mmlimit_kill *kills, size_t count)
{
	printf("{\n  \"schema\": 1,\n  \"limits\": [");
	for (size_t i = 0; i < limit_count; i++) {
		printf("%s\n", i ? "," : "");
		print_why(limits, limit_count, &limits[i], kills, count);
	}
	printf("%s]\n}\n", limit_count ? "\n  " : "");
}

static void print_limit(const struct mm_limit_attr *limit)
{
	bool hard = limit->hard_max != MM_LIMIT_ATTR_NONE;
	bool self = limit->self_max != MM_LIMIT_ATTR_NONE;
	bool bounded = swap_max(limit) != MM_LIMIT_SWAP_UNBOUNDED;
	bool knows_swap = limit->fields & MM_LIMIT_FIELD_SWAP_MAX;
	bool killed = limit->kills;

	putchar('{');
	print_whose(limit);
	print_number("mm_max", limit->mm_max,
		     limit->mm_max != MM_LIMIT_ATTR_NONE);
	print_number("grace_ms", limit->grace_ms, true);
	print_name("policy", mmlimit_policy_name(limit->policy));
	print_number("flags", limit->flags, true);
	print_name("state", mmlimit_state_name(limit->state));
	print_number("hard_max", limit->hard_max, hard);
	print_number("hard_grace_ms", limit->hard_grace_ms, hard);
	print_number("self_max", limit->self_max, self);
	print_number("self_grace_ms", limit->self_grace_ms, self);
	print_number("usage", limit->usage, true);
	print_number("peak", limit->peak, true);
	print_number("exceeds", limit->exceeds, true);
	print_number("graces", limit->graces, true);
	print_number("kills", limit->kills, true);
	print_number("kill_pid", limit->kill_pid, killed);
	print_number("kill_rss", limit->kill_rss, killed);
	print_number("kill_usage", limit->kill_usage, killed);
	print_number("threshold", limit->threshold, reclaims(limit));
	print_number("swap_max", swap_max(limit), bounded);
	print_number("swap", limit->swap, knows_swap);
	print_number("swap_stored", swap_stored(limit), knows_swap);
	print_number("scanned", limit->scanned, knows_swap);
	print_number("spared", limit->spared, knows_swap);
	print_number("swapped_out", limit->swapped_out, knows_swap);
	print_number("dropped", limit->dropped, knows_swap);
	print_number("direct_reclaims", limit->direct_reclaims, knows_swap);
	print_number("refaults", limit->refaults, knows_swap);
	print_number("thrashed", limit->thrashed, knows_swap);
	print_number("anon", limit->anon, true);
	print_number("file", limit->file, true);
	print_number("shmem", limit->shmem, true);
	print_number("tables", limit->tables, true);
	print_number("kernel", limit->kernel, true);
	print_number("refused", limit->refused, true);
	print_number("warn", limit->warn, limit->warn);
	print_number("warned", limit->warned, true);
	print_number("warnings", limit->warnings, true);
	print_number("dry_kills", limit->dry_kills, true);
	print_number("term_ms", limit->term_ms, true);
	print_number("terms", limit->terms, true);
	print_rule(limit);
	putchar('}');
}

void json_print(const struct mm_limit_attr *limits, size_t count)
{
	printf("{\n  \"schema\": 1,\n  \"limits\": [");
	for (size_t i = 0; i < count; i++) {
		printf("%s\n    ", i ? "," : "");
		print_limit(&limits[i]);
	}
	printf("%s]\n}\n", count ? "\n  " : "");
}

void json_print_event(const char *name, unsigned long long count,
		      const struct mm_limit_attr *limit)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	printf("{\"schema\": 1, \"time_ms\": %llu, \"event\": \"%s\", \"count\": %llu, \"limit\": ",
	       now.tv_sec * 1000ULL + now.tv_nsec / 1000000, name, count);
	print_limit(limit);
	puts("}");
}
