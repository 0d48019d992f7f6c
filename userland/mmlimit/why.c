// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit why: the last kills of limits, explained. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "commands.h"
#include "format.h"
#include "json.h"
#include "list.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"
#include "who.h"
#include "why.h"

/* A share of a limit from which on it is said to fill it */
#define MUCH_PERCENT 50

static const char *reason_text(const struct mmlimit_kill *kill)
{
	switch (kill->reason) {
	case MM_LIMIT_REASON_EXCEEDED:
		return "because the user exceeded its limit";
	case MM_LIMIT_REASON_GRACE:
		return "because the user still was above its limit when its grace had ended";
	case MM_LIMIT_REASON_LOWERED:
		return "because the limit was set below what the user had";
	case MM_LIMIT_REASON_RECLAIM:
		return "because swapping its memory out did not get the user below its limit";
	case MM_LIMIT_REASON_FORCE:
		return "because processes killed before did not give their memory back in time";
	case MM_LIMIT_REASON_ORDER:
		return "because 'mmlimit kill', mmlimitd or another program ordered it";
	}
	return "for a reason that this program does not know";
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
	char size[MMLIMIT_TEXT_SIZE], name[PRINTED_NAME_SIZE];

	if (!kill->beside_count) {
		puts("  The user had no other process then.");
		return;
	}
	printf("  The user's largest others then:");
	for (size_t i = 0; i < kill->beside_count; i++) {
		const struct mmlimit_process *other = &kill->beside[i];

		printf("%s %s (pid %d) with %s", i ? "," : "",
		       printed_name(other->name, name), other->pid,
		       size_text(other->memory, exactly, size));
	}
	puts(".");
}

static void print_kill(const struct mmlimit_kill *kill, bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE], name[PRINTED_NAME_SIZE];
	char age[MMLIMIT_TEXT_SIZE], cpu[MMLIMIT_TEXT_SIZE];

	printf("%s (pid %d) %s on ", printed_name(kill->victim.name, name),
	       kill->victim.pid, action_text(kill));
	print_when(kill);
	printf(",\n  %s.\n", reason_text(kill));
	printf("  The user had %s", size_text(kill->usage, exactly, size));
	printf(" of %s: ", size_text(kill->mm_max, exactly, size));
	print_kinds(kill, exactly);
	printf(".\n  The process had %s of it, was %s old, and had used %s of CPU time.\n",
	       size_text(kill->victim.memory, exactly, size),
	       span_text(kill->age_ns, age), span_text(kill->cpu_ns, cpu));
	printf("  By the policy %s %s.\n", policy_text(kill->policy),
	       choice_text(kill->policy));
	print_beside(kill, exactly);
}

/* What cannot be refused leads to kills; what can is refused, and nobody dies for it. */
static void print_refused(const struct mm_limit_attr *limit, bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE], most[MMLIMIT_TEXT_SIZE];
	bool full = (limit->shmem + limit->kernel) / MUCH_PERCENT >=
		    limit->mm_max / 100;

	printf("%llu calls failed for lack of room, and nobody was killed for them.\n",
	       limit->refused);
	printf("  The user has %s in files in memory",
	       size_text(limit->shmem, exactly, size));
	printf(" and %s in kernel memory",
	       size_text(limit->kernel, exactly, size));
	printf(", of %s.\n", size_text(limit->mm_max, exactly, most));
	if (full && limit->shmem >= limit->kernel)
		puts("  Those files fill its limit: tmpfs, memfds and shared memory count until they are\n"
		     "  removed, whether a process still uses them or not.");
	else if (full)
		puts("  Kernel memory fills its limit: processes, open files, pipes, messages and whatever\n"
		     "  else its calls made the kernel keep.");
}

void why_print(const struct mm_limit_attr *limit,
	       const struct mmlimit_kill *kills, size_t count, bool exactly)
{
	char user[USER_TEXT_SIZE];
	uint64_t forgotten = 0;
	bool told = false;

	printf("%s:\n", user_text(limit->uid, user));
	/* The last one is what is asked for. */
	for (size_t i = count; i-- > 0;) {
		if (kills[i].uid != limit->uid)
			continue;
		print_kill(&kills[i], exactly);
		forgotten = kills[i].number - 1;
		told = true;
	}
	if (forgotten)
		printf("Earlier kills that are no longer remembered: %" PRIu64
		       ".\n",
		       forgotten);
	if (!told)
		puts("Nobody was killed for this limit.");
	if (limit->refused)
		print_refused(limit, exactly);
}

static size_t keep_those(const struct who *who, struct mm_limit_attr *limits,
			 size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (is_meant(who, limits[i].uid))
			limits[kept++] = limits[i];
	return kept;
}

static int read_limits(struct mm_limit_attr **limits, size_t *count)
{
	int fd = list_open(), ret;

	if (fd < 0)
		return EXIT_FAILURE;
	ret = list_read(fd, limits, count);
	close(fd);
	return ret;
}

static bool has_news(const struct mm_limit_attr *limit)
{
	return limit->kills || limit->dry_kills || limit->terms ||
	       limit->refused;
}

static void print_all(const struct mm_limit_attr *limits, size_t limit_count,
		      const struct mmlimit_kill *kills, size_t count,
		      const struct options *options, bool named)
{
	bool exactly = options->given & OPTION_BYTES, told = false;

	for (size_t i = 0; i < limit_count; i++) {
		if (!named && !has_news(&limits[i]))
			continue;
		if (told)
			putchar('\n');
		why_print(&limits[i], kills, count, exactly);
		told = true;
	}
	if (!told)
		puts("Nobody was killed for a limit, and nothing was refused for one.");
}

/* Of a group those that have a limit are told of, if there are any. */
static int check_who(const struct who *who, const char *text)
{
	struct mm_limit_attr limit;

	for (size_t i = 0; i < who->count; i++) {
		/* It says best why a limit cannot be read. */
		int ret = mmlimit_read(who->uids[i], &limit);

		if (!ret)
			return 0;
		if (!who->is_group || ret != -ENODATA)
			return refused(who->uids[i], ret,
				       "cannot read the limit");
	}
	return fail("%s: no member has a limit", text);
}

/* @who: NULL: everybody */
static int explain(const struct who *who, const struct options *options)
{
	struct mm_limit_attr *limits;
	struct mmlimit_kill *kills;
	size_t limit_count, count;
	int ret;

	ret = read_limits(&limits, &limit_count);
	if (ret)
		return ret;
	ret = mmlimit_kills_read(&kills, &count);
	if (ret) {
		free(limits);
		return fail(MMLIMIT_KILLS_PATH ": %s", mmlimit_strerror(ret));
	}
	if (who)
		limit_count = keep_those(who, limits, limit_count);
	if (options->given & OPTION_JSON)
		json_print_why(limits, limit_count, kills, count);
	else
		print_all(limits, limit_count, kills, count, options, who);
	free(kills);
	free(limits);
	return finish_output();
}

static int run(char **operands, const struct options *options)
{
	struct who who;
	int ret;

	if (!operands[0])
		return explain(NULL, options);
	ret = parse_who(operands[0], &who);
	if (ret)
		return ret;
	ret = check_who(&who, operands[0]);
	if (!ret)
		ret = explain(&who, options);
	free(who.uids);
	return ret;
}

const struct command why_command = {
	.name = "why",
	.operands = "[WHO]",
	.max = 1,
	.options = OPTION_JSON | OPTION_BYTES,
	.summary = "explain the last kills",
	.help = "The kernel remembers the last eight kills of each limit, until the limit is\n"
		"removed. Explained are all that the caller may know of: with CAP_SYS_RESOURCE\n"
		"everybody's, without one's own, after the process has gone, too. The last kill\n"
		"comes first. What failed for lack of room, without anybody being killed, is\n"
		"explained as well.\n"
		"\n"
		"Of names, bytes that are not printable, and backslashes, are shown as octal\n"
		"numbers: \\012.\n"
		"\n"
		"--json prints {\"schema\": 1, \"limits\": [...]}. Each limit is an object:\n"
		"\n"
		"  uid, user                      the user; user is null if it has no name\n"
		"  mm_max, usage, refused         as 'mmlimit list --help' says\n"
		"  shmem, kernel                  likewise\n"
		"  kills                          the kills, the last one first, with\n"
		"    number                       which of this limit's, from 1\n"
		"    boot_ns, wall_ns             when: since the start of the machine, and of 1970\n"
		"    dry_run, term                whether nobody was killed in fact; whether it was\n"
		"                                 asked to end only\n"
		"    reason, policy               why, and by which policy the victim was chosen\n"
		"    usage, mm_max                what the user had, and was allowed\n"
		"    anon, file, shmem, tables    what it had of each kind\n"
		"    swap, kernel                 likewise\n"
		"    pid, name, memory            the victim, and what it had\n"
		"    age_ns, cpu_ns               how old it was, its CPU time\n"
		"    beside                       the user's largest other processes: each with pid,\n"
		"                                 name, memory",
	.run = run,
};
