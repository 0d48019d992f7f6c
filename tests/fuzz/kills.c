// SPDX-License-Identifier: GPL-2.0-only
/* Any text as what the kernel tells of kills. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "mmlimit.h"

static const char *const seeds[] = {
	"uid=10070 number=1 boot_ns=2691481000 wall_ns=-1 action=kill reason=exceeded policy=highest_rss usage=104861696 mm_max=104857600 anon=103546880 file=614400 shmem=0 tables=204800 swap=0 kernel=495616 pid=40 memory=104365056 age_ns=1200000000 cpu_ns=900000000 name=hog pid1=39 memory1=843776 name1=my\\040shell pid2=38 memory2=1 name2=x\n",
	"uid=10001 number=1 action=kill usage=1 mm_max=2 pid=40 name=hog pool=10000-10099\n",
	"uid=1 pid=2 action=dry_run\nuid=3 pid=4 name=\\134 later=x reason=by_lot\n",
	NULL,
};

static const char *const tokens[] = {
	" ",
	"\n",
	"=",
	"\\",
	"\\012",
	"uid=",
	"pid=",
	"name=",
	"pid5=",
	"name1=",
	"pool=1-",
	"anon=",
	"reason=",
	"force",
	"wall_ns",
	"4294967296",
	"18446744073709551616",
	NULL,
};

/* As the kernel writes a name */
static void write_name(FILE *file, const char *key, const char *name)
{
	fprintf(file, " %s=", key);
	for (; *name; name++) {
		unsigned char c = *name;

		if (c > ' ' && c < 0x7f && c != '\\')
			putc(c, file);
		else
			fprintf(file, "\\%03o", c);
	}
}

static void write_kill(FILE *file, const struct mmlimit_kill *kill)
{
	char key[32];

	fprintf(file, "uid=%u wall_ns=%lld", kill->uid,
		(long long)kill->wall_ns);
	fprintf(file, " action=%s",
		kill->term    ? "term" :
		kill->dry_run ? "dry_run" :
				"kill");
	if (kill->reason != UINT_MAX)
		fprintf(file, " reason=%s", mmlimit_reason_name(kill->reason));
	if (kill->policy != UINT_MAX)
		fprintf(file, " policy=%s", mmlimit_policy_name(kill->policy));
	const struct {
		const char *key;
		uint64_t value;
	} numbers[] = {
		{ "number", kill->number },  { "boot_ns", kill->boot_ns },
		{ "usage", kill->usage },    { "mm_max", kill->mm_max },
		{ "anon", kill->anon },	     { "file", kill->file },
		{ "shmem", kill->shmem },    { "tables", kill->tables },
		{ "swap", kill->swap },	     { "kernel", kill->kernel },
		{ "age_ns", kill->age_ns },  { "cpu_ns", kill->cpu_ns },
		{ "pid", kill->victim.pid }, { "memory", kill->victim.memory },
	};

	if (kill->is_pool)
		fprintf(file, " pool=%u-%u", kill->first, kill->last);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (kill->has_parts || strcmp(numbers[i].key, "anon"))
			fprintf(file, " %s=%llu", numbers[i].key,
				(unsigned long long)numbers[i].value);
	write_name(file, "name", kill->victim.name);
	for (size_t i = 0; i < kill->beside_count; i++) {
		fprintf(file, " pid%zu=%d memory%zu=%llu", i + 1,
			kill->beside[i].pid, i + 1,
			(unsigned long long)kill->beside[i].memory);
		snprintf(key, sizeof(key), "name%zu", i + 1);
		write_name(file, key, kill->beside[i].name);
	}
	putc('\n', file);
}

/* Is this the same kill? What is behind the end of a name does not count. */
static void must_be_same(const struct mmlimit_kill *a,
			 const struct mmlimit_kill *b)
{
	must(a->uid == b->uid && a->number == b->number &&
	     a->wall_ns == b->wall_ns && a->reason == b->reason &&
	     a->dry_run == b->dry_run && a->term == b->term &&
	     a->policy == b->policy && a->usage == b->usage &&
	     a->cpu_ns == b->cpu_ns && a->beside_count == b->beside_count);
	must(a->has_parts == b->has_parts && a->anon == b->anon &&
	     a->is_pool == b->is_pool && a->first == b->first &&
	     a->last == b->last);
	must(a->victim.pid == b->victim.pid &&
	     !strcmp(a->victim.name, b->victim.name));
	for (size_t i = 0; i < a->beside_count; i++)
		must(a->beside[i].pid == b->beside[i].pid &&
		     a->beside[i].memory == b->beside[i].memory &&
		     !strcmp(a->beside[i].name, b->beside[i].name));
}

static void run(const char *data, size_t size)
{
	struct mmlimit_kill *kills = NULL, *again;
	size_t count = 12345, count_again, length;
	char *text;
	FILE *file;
	int ret;

	ret = mmlimit_kills_parse(data, size, &kills, &count);
	must(!ret || ret == -EPROTO);
	if (ret) {
		must(!kills && count == 12345);
		return;
	}
	file = open_memstream(&text, &length);
	must(!!file);
	for (size_t i = 0; i < count; i++) {
		must(kills[i].beside_count <= MMLIMIT_BESIDE);
		write_kill(file, &kills[i]);
	}
	must(!fclose(file));
	must(!mmlimit_kills_parse(text, length, &again, &count_again));
	must(count == count_again);
	for (size_t i = 0; i < count; i++)
		must_be_same(&kills[i], &again[i]);
	free(text);
	free(again);
	free(kills);
}

const struct fuzz_target fuzz_kills = { run, seeds, tokens };
