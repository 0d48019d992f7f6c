// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a configuration file. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "mmlimit.h"

static const char *const seeds[] = {
	"# limits\nalice 1.5GiB grace=2s policy=longest_run_time\n"
	"10070 100M # each\n\n[mmlimitd]\ninterval = 5s\npolicy = own\n",
	"bob 0 policy=3\r\nalice 7\r\n[mmlimitd]\r\npolicy=badness",
	"alice 1 policy=user_ranked\nbob 2 policy=4\n[mmlimitd]\npolicy=user_ranked\n",
	"alice 64M reclaim=80% swap_max=256M grace=1s # cold\nbob 1G reclaim=off\n"
	"10070 1 swap_max=none policy=2 reclaim=1",
	"alice 64M warn=90% dry_run=yes\nbob 1 warn=off dry_run=no",
	"alice 50% reclaim=80% swap_max=100%",
	"default 200M warn=90%\n10000-10099 1G pool=yes grace=1s\nalice 1 pool=no\n",
	"",
	NULL,
};

static const char *const tokens[] = {
	"alice",
	"bob",
	"10070",
	"grace=",
	"policy=",
	"reclaim=",
	"swap_max=",
	"warn=",
	"dry_run=",
	"pool=",
	"default",
	"10-20",
	"term=",
	"yes",
	"100%",
	"off",
	"none",
	"2s",
	"own",
	"100M",
	"[mmlimitd]\n",
	"interval",
	"=",
	"#",
	"\n",
	"\r\n",
	" ",
	"\t",
	"0",
	"99999999999G",
	"badness",
	"alice alice alice alice alice alice ",
	"                                                                ",
	NULL,
};

/*
 * Replaces the library's function, since the users of this machine must play no
 * part.
 */
int mmlimit_user(const char *name, uid_t *uid)
{
	unsigned long long number = 0;

	if (!strcmp(name, "alice") || !strcmp(name, "bob")) {
		*uid = *name;
		return 0;
	}
	for (; *name >= '0' && *name <= '9' && number < UINT_MAX; name++)
		number = number * 10 + (*name - '0');
	if (*name || number >= UINT_MAX)
		return -ENOENT;
	*uid = number;
	return 0;
}

static size_t lines_of(const char *data, size_t size)
{
	size_t lines = size && data[size - 1] != '\n';

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

static void check_error(const struct mmlimit_conf_error *error, size_t lines)
{
	size_t length = strnlen(error->reason, sizeof(error->reason));

	must(error->line >= 1 && error->line <= lines);
	must(length > 5 && length < sizeof(error->reason));
	for (size_t i = 0; i < length; i++)
		must(error->reason[i] >= ' ' && error->reason[i] <= '~');
}

static void check_conf(const struct mmlimit_conf *conf, size_t lines)
{
	must(conf->policy == MM_LIMIT_POLICY_OWN ||
	     mmlimit_policy_name(conf->policy));
	for (size_t i = 0; i < conf->count; i++) {
		const struct mm_limit_attr *limit = &conf->limits[i];

		must(conf->lines[i] > (i ? conf->lines[i - 1] : 0) &&
		     conf->lines[i] <= lines);
		must(limit->mm_max < MMLIMIT_NONE &&
		     limit->grace_ms <= UINT_MAX &&
		     mmlimit_policy_name(limit->policy));
		must(!(limit->flags & ~(MM_LIMIT_RECLAIM | MM_LIMIT_DRY_RUN)) &&
		     limit->warn <= 100);
		must(limit->rule <= MM_LIMIT_RULE_POOL &&
		     !limit->rule == !mmlimit_is_rule(limit) &&
		     limit->first <= limit->last);
		if (limit->flags & MM_LIMIT_RECLAIM)
			must(limit->fields == 255 && limit->threshold >= 1 &&
			     limit->threshold <= 100);
		else
			must(limit->fields == 207 && !limit->threshold &&
			     limit->swap_max == MM_LIMIT_ATTR_NONE);
		for (size_t j = 0; j < i; j++)
			must(!mmlimit_is_same(&conf->limits[j], limit));
	}
}

static void write_limit(FILE *file, const struct mm_limit_attr *limit)
{
	if (mmlimit_is_rule(limit))
		fprintf(file, "%u-%u", limit->first, limit->last);
	else
		fprintf(file, "%u", limit->uid);
	fprintf(file, " %llu policy=%u grace=%llums",
		(unsigned long long)limit->mm_max, limit->policy,
		(unsigned long long)limit->grace_ms);
	if (limit->flags & MM_LIMIT_DRY_RUN)
		fprintf(file, " dry_run=yes");
	if (limit->rule == MM_LIMIT_RULE_POOL)
		fprintf(file, " pool=yes");
	if (limit->term_ms)
		fprintf(file, " term=%llums",
			(unsigned long long)limit->term_ms);
	if (limit->warn)
		fprintf(file, " warn=%u%%", limit->warn);
	if (limit->flags & MM_LIMIT_RECLAIM)
		fprintf(file, " reclaim=%u%%", limit->threshold);
	if (limit->swap_max != MM_LIMIT_ATTR_NONE)
		fprintf(file, " swap_max=%llu",
			(unsigned long long)limit->swap_max);
	putc('\n', file);
}

static void write_conf(FILE *file, const struct mmlimit_conf *conf)
{
	for (size_t i = 0; i < conf->count; i++)
		write_limit(file, &conf->limits[i]);
	fprintf(file, "[mmlimitd]\npolicy=%s\n",
		conf->policy < 0 ? "own" : mmlimit_policy_name(conf->policy));
	if (conf->interval_ms)
		fprintf(file, "interval=%ums", conf->interval_ms);
}

static void run(const char *data, size_t size)
{
	struct mmlimit_conf conf = { .count = 12345 }, again;
	struct mmlimit_conf_error error;
	size_t length;
	char *text;
	FILE *file;
	int ret;

	memset(&error, 0xff, sizeof(error));
	ret = mmlimit_conf_parse(data, size, &conf, &error);
	must(!ret || ret == -EINVAL);
	if (ret) {
		check_error(&error, lines_of(data, size));
		must(conf.count == 12345 && !conf.limits && !conf.lines);
		return;
	}
	check_conf(&conf, lines_of(data, size));

	file = open_memstream(&text, &length);
	must(!!file);
	write_conf(file, &conf);
	must(!fclose(file));
	must(!mmlimit_conf_parse(text, length, &again, &error));
	must(again.count == conf.count && again.policy == conf.policy &&
	     again.interval_ms == conf.interval_ms);
	must(!conf.count || !memcmp(conf.limits, again.limits,
				    conf.count * sizeof(*conf.limits)));
	free(text);
	mmlimit_conf_free(&again);
	mmlimit_conf_free(&conf);
}

const struct fuzz_target fuzz_conf = { run, seeds, tokens };
