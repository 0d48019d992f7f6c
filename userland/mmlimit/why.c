// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit why: the last kills of limits, explained. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "format.h"
#include "json.h"
#include "list.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"
#include "target.h"
#include "who.h"
#include "why.h"

/* A share of a limit from which on it is said to fill it */
#define MUCH_PERCENT 50

/* What cannot be refused leads to kills; what can is refused, and nobody dies for it. */
static void print_refused(const struct mm_limit_attr *limit, bool exactly)
{
	char size[MMLIMIT_TEXT_SIZE], most[MMLIMIT_TEXT_SIZE];
	bool limited = limit->mm_max != MM_LIMIT_ATTR_NONE;
	bool full = limited && (limit->shmem + limit->kernel) / MUCH_PERCENT >=
				       limit->mm_max / 100;

	printf("%llu calls failed for lack of room, and nobody was killed for them.\n",
	       limit->refused);
	printf("  The %s has %s in files in memory",
	       mmlimit_is_rule(limit) ? "pool" : "user",
	       size_text(limit->shmem, exactly, size));
	printf(" and %s in kernel memory",
	       size_text(limit->kernel, exactly, size));
	if (limited)
		printf(", of %s", size_text(limit->mm_max, exactly, most));
	puts(".");
	if (full && limit->shmem >= limit->kernel)
		puts("  Those files fill its limit: tmpfs, memfds and shared memory count until they are\n"
		     "  removed, whether a process still uses them or not.");
	else if (full)
		puts("  Kernel memory fills its limit: processes, open files, pipes, messages and whatever\n"
		     "  else its calls made the kernel keep.");
}

bool why_is_about(const struct mm_limit_attr *limits, size_t limit_count,
		  const struct mm_limit_attr *limit,
		  const struct mmlimit_kill *kill)
{
	const struct mm_limit_attr pool = { .uid = -1,
					    .first = kill->first,
					    .last = kill->last };

	if (mmlimit_is_rule(limit))
		return kill->is_pool && mmlimit_is_same(limit, &pool);
	for (size_t i = 0; kill->is_pool && i < limit_count; i++)
		if (mmlimit_is_same(&limits[i], &pool))
			return false;
	return kill->uid == limit->uid;
}

/**
 * struct facts - all that is to be explained
 * @limits: whose kills are told
 * @limit_count: their number
 * @kills: of these and of others
 * @count: their number
 * @error: why there are no kills, or 0
 */
struct facts {
	struct mm_limit_attr *limits;
	size_t limit_count;
	struct mmlimit_kill *kills;
	size_t count;
	int error;
};

/*
 * Returns whether there was any. A user can have kills of several limits, each with
 * numbers of its own: one after the other of what rules gave it, and of one that was set.
 */
static bool print_kills(const struct facts *facts,
			const struct mm_limit_attr *limit, bool exactly)
{
	bool is_rule = mmlimit_is_rule(limit), told = false;
	uint64_t forgotten = 0, first = 1;

	/* The last one is what is asked for. */
	for (size_t i = facts->count; i-- > 0;) {
		const struct mmlimit_kill *kill = &facts->kills[i];

		if (!why_is_about(facts->limits, facts->limit_count, limit,
				  kill))
			continue;
		why_print_kill(kill, is_rule, exactly);
		told = true;
		/* A pool's kills are not numbered by user. */
		if (kill->is_pool != is_rule)
			continue;
		if (first != kill->number + 1)
			forgotten += first - 1;
		first = kill->number;
	}
	forgotten += first - 1;
	if (forgotten)
		printf("Earlier kills that are no longer remembered: %" PRIu64
		       ".\n",
		       forgotten);
	return told;
}

static void print_limit(const struct facts *facts,
			const struct mm_limit_attr *limit, bool exactly)
{
	char user[USER_TEXT_SIZE];

	printf("%s:\n", whose_text(limit, user));
	if (!print_kills(facts, limit, exactly))
		puts("Nobody was killed for this limit.");
	if (limit->refused)
		print_refused(limit, exactly);
}

static bool has_news(const struct facts *facts,
		     const struct mm_limit_attr *limit)
{
	if (limit->kills || limit->dry_kills || limit->terms || limit->refused)
		return true;
	for (size_t i = 0; i < facts->count; i++)
		if (why_is_about(facts->limits, facts->limit_count, limit,
				 &facts->kills[i]))
			return true;
	return false;
}

/* Of users that are asked for by their names those are told of as well who have no news. */
static void print_all(const struct facts *facts, const struct options *options,
		      bool named)
{
	bool exactly = options->given & OPTION_BYTES, told = false;

	for (size_t i = 0; i < facts->limit_count; i++) {
		if (!named && !has_news(facts, &facts->limits[i]))
			continue;
		if (told)
			putchar('\n');
		print_limit(facts, &facts->limits[i], exactly);
		told = true;
	}
	if (!told)
		puts("Nobody was killed for a limit, and nothing was refused for one.");
}

static bool has_kills(const struct facts *facts, uid_t uid)
{
	for (size_t i = 0; i < facts->count; i++)
		if (facts->kills[i].uid == uid)
			return true;
	return false;
}

static int compare_times(const void *a, const void *b)
{
	const struct mmlimit_kill *left = a, *right = b;

	if (left->boot_ns != right->boot_ns)
		return left->boot_ns < right->boot_ns ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

/*
 * The kernel tells them limit by limit, and of whoever goes meanwhile perhaps twice: for
 * the limit that goes, and for the rule that remembers them.
 */
static void sort_kills(struct facts *facts)
{
	size_t kept = 0;

	if (facts->count)
		qsort(facts->kills, facts->count, sizeof(*facts->kills),
		      compare_times);
	for (size_t i = 0; i < facts->count; i++) {
		const struct mmlimit_kill *kill = &facts->kills[i];
		const struct mmlimit_kill *last = kill - 1;

		if (!kept || compare_times(kill, last) ||
		    kill->victim.pid != last->victim.pid)
			facts->kills[kept++] = *kill;
	}
	facts->count = kept;
}

static void keep_those(const struct who *who, struct facts *facts)
{
	size_t kept = 0;

	for (size_t i = 0; i < facts->limit_count; i++)
		if (is_meant(who, &facts->limits[i]))
			facts->limits[kept++] = facts->limits[i];
	facts->limit_count = kept;
}

static bool is_told(const struct facts *facts, const struct mmlimit_kill *kill)
{
	for (size_t i = 0; i < facts->limit_count; i++)
		if (why_is_about(facts->limits, facts->limit_count,
				 &facts->limits[i], kill))
			return true;
	return false;
}

/* Rules remember kills of users who have gone meanwhile, and have no limit any more. */
static int add_gone(const struct who *who, struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		const struct mm_limit_attr gone = {
			.uid = facts->kills[i].uid,
			.mm_max = MM_LIMIT_ATTR_NONE,
		};
		struct mm_limit_attr *limits;

		if ((who && !is_meant(who, &gone)) ||
		    is_told(facts, &facts->kills[i]))
			continue;
		limits = reallocarray(facts->limits, facts->limit_count + 1,
				      sizeof(*limits));
		if (!limits)
			return fail("%s", mmlimit_strerror(-ENOMEM));
		facts->limits = limits;
		limits[facts->limit_count++] = gone;
	}
	return 0;
}

/* Of a group those that have a limit are told of, if there are any. */
static int check_who(const struct who *who, const char *text,
		     const struct facts *facts)
{
	struct mm_limit_attr limit,
		rule = { .uid = -1, .first = who->first, .last = who->last };
	int ret = who->is_range ? target_read(&rule, &limit) : 0;

	if (who->is_range)
		return ret ? refused_of(&rule, ret, "cannot read the rule") : 0;
	for (size_t i = 0; i < who->count; i++) {
		/* It says best why a limit cannot be read. */
		ret = mmlimit_read(who->uids[i], &limit);
		if (!ret || (ret == -ENODATA && has_kills(facts, who->uids[i])))
			return 0;
		if (!who->is_group || ret != -ENODATA)
			return refused(who->uids[i], ret,
				       "cannot read the limit");
	}
	return fail("%s: no member has a limit", text);
}

static int read_limits(struct facts *facts)
{
	int fd = list_open(), ret;

	if (fd < 0)
		return EXIT_FAILURE;
	ret = list_read(fd, &facts->limits, &facts->limit_count);
	close(fd);
	return ret;
}

/* @who: NULL: everybody */
static int gather(const struct who *who, const char *text, struct facts *facts)
{
	int ret;

	facts->error = mmlimit_kills_read(&facts->kills, &facts->count);
	ret = who ? check_who(who, text, facts) : 0;
	if (!ret)
		ret = read_limits(facts);
	if (ret)
		return ret;
	if (facts->error)
		return fail(MMLIMIT_KILLS_PATH ": %s",
			    mmlimit_strerror(facts->error));
	sort_kills(facts);
	if (who)
		keep_those(who, facts);
	return add_gone(who, facts);
}

static int explain(const struct who *who, const char *text,
		   const struct options *options)
{
	struct facts facts = { 0 };
	int ret = gather(who, text, &facts);

	if (!ret && options->given & OPTION_JSON)
		json_print_why(facts.limits, facts.limit_count, facts.kills,
			       facts.count);
	else if (!ret)
		print_all(&facts, options, who && !who->is_range);
	free(facts.kills);
	free(facts.limits);
	return ret ? ret : finish_output();
}

static int run(char **operands, const struct options *options)
{
	struct who who;
	int ret;

	if (!operands[0])
		return explain(NULL, NULL, options);
	ret = parse_who(operands[0], &who);
	if (ret)
		return ret;
	ret = explain(&who, operands[0], options);
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
		"removed; of what a rule gave a user, until the rule is, also when the user has\n"
		"gone or has a limit of its own, for up to 64 such users. Explained are all that\n"
		"the caller may know of: with CAP_SYS_RESOURCE everybody's, without one's own,\n"
		"after the process has gone, too. The last kill comes first. A kill for a pool is\n"
		"told of the pool, to a user of its own processes alone, and not what the other\n"
		"members had. FIRST-LAST, or default, is about the rule, and the users in it of\n"
		"whom there is something to tell. What failed for lack of room, without anybody\n"
		"being killed, is explained as well.\n"
		"\n"
		"Of names, bytes that are not printable, and backslashes, are shown as octal\n"
		"numbers: \\012.\n"
		"\n"
		"--json prints {\"schema\": 1, \"limits\": [...]}. Each limit is an object:\n"
		"\n"
		"  uid, user                      the user; user is null if it has no name, both\n"
		"                                 are null of a rule\n"
		"  mm_max, usage, refused         as 'mmlimit list --help' says\n"
		"  shmem, kernel                  likewise\n"
		"  rule, first, last, members     likewise\n"
		"  kills                          the kills, the last one first, with\n"
		"    number                       which of this limit's, from 1\n"
		"    boot_ns, wall_ns             when: since the start of the machine, and of\n"
		"                                 1970\n"
		"    dry_run, term                whether nobody was killed in fact; whether it\n"
		"                                 was asked to end only\n"
		"    reason, policy               why, and by which policy the victim was chosen\n"
		"    usage, mm_max                what the user had, and was allowed\n"
		"    anon, file, shmem, tables    what it had of each kind\n"
		"    swap, kernel                 likewise, or nulls: who reads it may not know\n"
		"    pid, name, memory            the victim, and what it had\n"
		"    age_ns, cpu_ns               how old it was, its CPU time\n"
		"    beside                       the user's largest other processes: each with\n"
		"                                 pid, name, memory\n"
		"    uid                          whose process it was\n"
		"    pool_first, pool_last        the range of the pool that it was for, or nulls",
	.run = run,
};
