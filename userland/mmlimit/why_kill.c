// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit why: a kill in sentences. */
#define _GNU_SOURCE 1
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "array.h"
#include "format.h"
#include "why.h"

/* Room for "pool 20000-20999" */
#define OWNER_SIZE 40

/* Whose limit it was for: "user", or "pool 20000-20999" */
static const char *owner_text(const struct mmlimit_kill *kill,
			      char text[OWNER_SIZE])
{
	char range[MMLIMIT_TEXT_SIZE];

	if (!kill->is_pool)
		return "user";
	snprintf(text, OWNER_SIZE, "pool %s",
		 mmlimit_format_range(kill->first, kill->last, range));
	return text;
}

static void print_reason(const struct mmlimit_kill *kill)
{
	char text[OWNER_SIZE];
	const char *owner = owner_text(kill, text);

	switch (kill->reason) {
	case MM_LIMIT_REASON_EXCEEDED:
		printf("because the %s exceeded its limit", owner);
		break;
	case MM_LIMIT_REASON_GRACE:
		printf("because the %s still was above its limit when its grace had ended",
		       owner);
		break;
	case MM_LIMIT_REASON_LOWERED:
		printf("because the limit was set below what the %s had",
		       owner);
		break;
	case MM_LIMIT_REASON_RECLAIM:
		printf("because swapping its memory out did not get the %s below its limit",
		       owner);
		break;
	case MM_LIMIT_REASON_FORCE:
		printf("because processes killed before did not give their memory back in time");
		break;
	case MM_LIMIT_REASON_ORDER:
		printf("because 'mmlimit kill', mmlimitd or another program ordered it");
		break;
	default:
		printf("for a reason that this program does not know");
	}
}

static const char *action_text(const struct mmlimit_kill *kill)
{
	if (kill->term)
		return "was asked to end (SIGTERM)";
	return kill->dry_run ? "would have been killed" : "was killed";
}

static const char *choice_text(unsigned int policy)
{
	switch (policy) {
	case MM_LIMIT_HIGHEST_RSS:
		return "the largest process goes first";
	case MM_LIMIT_LONGEST_RUN_TIME:
		return "the process with the most CPU time goes first";
	case MM_LIMIT_BADNESS:
		return "the largest goes first, and oom_score_adj counts, too";
	case MM_LIMIT_MOST_PRIVATE:
		return "the process with the most memory of its own goes first";
	case MM_LIMIT_USER_RANKED:
		return "the first one in /proc/oom goes first";
	}
	return "which this program does not know";
}

/* A span of time for people, the more exact the shorter it is */
static const char *span_text(uint64_t ns, char text[MMLIMIT_TEXT_SIZE])
{
	uint64_t ms = ns / 1000000, s = ms / 1000;

	if (s >= 86400)
		snprintf(text, MMLIMIT_TEXT_SIZE, "%" PRIu64 "d %" PRIu64 "h",
			 s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		snprintf(text, MMLIMIT_TEXT_SIZE, "%" PRIu64 "h %" PRIu64 "min",
			 s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(text, MMLIMIT_TEXT_SIZE, "%" PRIu64 "min %" PRIu64 "s",
			 s / 60, s % 60);
	else if (s >= 10)
		snprintf(text, MMLIMIT_TEXT_SIZE, "%" PRIu64 "s", s);
	else
		mmlimit_format_duration(ms, text);
	return text;
}

static void print_when(const struct mmlimit_kill *kill)
{
	time_t second = kill->wall_ns / 1000000000;
	char text[32], ago[MMLIMIT_TEXT_SIZE];
	struct timespec now;
	uint64_t now_ns;
	struct tm tm;

	clock_gettime(CLOCK_BOOTTIME, &now);
	now_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	localtime_r(&second, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s (%s ago)", text,
	       span_text(now_ns > kill->boot_ns ? now_ns - kill->boot_ns : 0,
			 ago));
}

static void print_kinds(const struct mmlimit_kill *kill, bool exactly)
{
	const struct {
		const char *name;
		uint64_t bytes;
	} kinds[] = {
		{ "anon", kill->anon },	  { "file", kill->file },
		{ "shmem", kill->shmem }, { "tables", kill->tables },
		{ "swap", kill->swap },	  { "kernel", kill->kernel },
	};
	char size[MMLIMIT_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		printf("%s%s %s", i ? ", " : "", kinds[i].name,
		       size_text(kinds[i].bytes, exactly, size));
}

static void print_beside(const struct mmlimit_kill *kill, bool exactly)
{
	const char *owner = kill->is_pool ? "pool" : "user";
	char size[MMLIMIT_TEXT_SIZE], name[PRINTED_NAME_SIZE];

	if (!kill->beside_count) {
		printf("  The %s had no other process then.\n", owner);
		return;
	}
	printf("  The %s's largest others then:", owner);
	for (size_t i = 0; i < kill->beside_count; i++) {
		const struct mmlimit_process *other = &kill->beside[i];

		printf("%s %s (pid %d) with %s", i ? "," : "",
		       printed_name(other->name, name), other->pid,
		       size_text(other->memory, exactly, size));
	}
	puts(".");
}

/* What others in a pool have, and how much of each kind, is told to the privileged. */
static void print_usage(const struct mmlimit_kill *kill, bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE];

	printf("  The %s had %s", kill->is_pool ? "pool" : "user",
	       size_text(kill->usage, exactly, size));
	printf(" of %s", size_text(kill->mm_max, exactly, size));
	if (kill->has_parts) {
		printf(": ");
		print_kinds(kill, exactly);
	}
	puts(".");
}

void why_print_kill(const struct mmlimit_kill *kill, bool with_user,
		    bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE], name[PRINTED_NAME_SIZE];
	char age[MMLIMIT_TEXT_SIZE], cpu[MMLIMIT_TEXT_SIZE];
	char user[USER_TEXT_SIZE];

	printf("%s (pid %d)", printed_name(kill->victim.name, name),
	       kill->victim.pid);
	if (with_user)
		printf(" of %s", user_text(kill->uid, user));
	printf(" %s on ", action_text(kill));
	print_when(kill);
	printf(",\n  ");
	print_reason(kill);
	puts(".");
	print_usage(kill, exactly);
	printf("  The process had %s of it, was %s old, and had used %s of CPU time.\n",
	       size_text(kill->victim.memory, exactly, size),
	       span_text(kill->age_ns, age), span_text(kill->cpu_ns, cpu));
	printf("  By the policy %s %s.\n", policy_text(kill->policy),
	       choice_text(kill->policy));
	if (kill->has_parts)
		print_beside(kill, exactly);
}
