// SPDX-License-Identifier: GPL-2.0-only
/* The table of limits as the kernel shows it, see lib/list.c. */
#define _GNU_SOURCE
#include "pretend.h"

#include <errno.h>
#include <string.h>

static const char header[] =
	"uid mm_max time_allow_exceed_ms policy flags state usage peak exceeds graces kills "
	"pid pRSS uRSS hard_max hard_ms self_max self_ms threshold swap swap_max scanned spared "
	"swapped_out dropped direct_reclaims refaults thrashed anon file shmem tables kernel "
	"refused warn warned warnings dry_kills term_ms terms\n";

static void write_size(FILE *file, __u64 bytes)
{
	if (bytes == MM_LIMIT_ATTR_NONE)
		fprintf(file, " -");
	else
		fprintf(file, " %llu", bytes);
}

static void write_limit(FILE *file, const struct mm_limit_attr *limit)
{
	fprintf(file, "%u", limit->uid);
	write_size(file, limit->mm_max);
	fprintf(file, " %llu %s %u %s %llu %llu %llu %llu %llu %d %llu %llu",
		limit->grace_ms, mmlimit_policy_name(limit->policy),
		limit->flags, mmlimit_state_name(limit->state), limit->usage,
		limit->peak, limit->exceeds, limit->graces, limit->kills,
		limit->kill_pid, limit->kill_rss, limit->kill_usage);
	write_size(file, limit->hard_max);
	fprintf(file, " %llu", limit->hard_grace_ms);
	write_size(file, limit->self_max);
	fprintf(file, " %llu %u %llu", limit->self_grace_ms, limit->threshold,
		limit->swap);
	write_size(file, limit->swap_max);
	fprintf(file,
		" %llu %llu %llu %llu %llu %llu %u %llu %llu %llu %llu %llu %llu",
		limit->scanned, limit->spared, limit->swapped_out,
		limit->dropped, limit->direct_reclaims, limit->refaults,
		limit->thrashed, limit->anon, limit->file, limit->shmem,
		limit->tables, limit->kernel, limit->refused);
	fprintf(file, " %u %u %llu %llu %llu %llu\n", limit->warn,
		limit->warned, limit->warnings, limit->dry_kills,
		limit->term_ms, limit->terms);
}

int pretend_write_list(const struct mm_limit_attr *limits, size_t count)
{
	char path[PATH_MAX], part[PATH_MAX + 8];
	FILE *file;

	pretend_path(MMLIMIT_LIST_PATH, path);
	snprintf(part, sizeof(part), "%s.part", path);
	file = fopen(part, "we");
	if (!file)
		return -errno;
	fputs(header, file);
	for (size_t i = 0; i < count; i++)
		write_limit(file, &limits[i]);
	if (fclose(file) || rename(part, path))
		return -errno;
	return 0;
}
