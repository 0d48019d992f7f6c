// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mmlimit asks the kernel for, by the words on its command line, and what it
 * makes of a refusal; how limits are put back.
 */
#define _GNU_SOURCE
/* The programs' fail() is declared before cmocka makes a macro of that name. */
#include "say.h"

#include "unit.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "refusal.h"
#include "saved.h"

#define SETTINGS (MM_LIMIT_FIELD_POLICY | MM_LIMIT_FIELD_FLAGS)
#define RECLAIM (MM_LIMIT_FIELD_FLAGS | MM_LIMIT_FIELD_THRESHOLD)

/*
 * The linker's --wrap makes a kernel that notes the last change, and gives this
 * answer.
 */
static struct mm_limit_attr asked;
static unsigned int asked_times;
static int answer;
/* The limit that this kernel has */
static struct mm_limit_attr standing;

int __wrap_mmlimit_change(const struct mm_limit_attr *attr);
int __wrap_mmlimit_read(uid_t uid, struct mm_limit_attr *attr);
int __wrap_mmlimit_remove(uid_t uid);

int __wrap_mmlimit_change(const struct mm_limit_attr *attr)
{
	asked = *attr;
	asked_times++;
	return answer;
}

int __wrap_mmlimit_read(uid_t uid, struct mm_limit_attr *attr)
{
	if (!standing.uid || uid != standing.uid)
		return -ENODATA;
	*attr = standing;
	return 0;
}

int __wrap_mmlimit_remove(uid_t uid)
{
	(void)uid;
	return 0;
}

#define MOST_WORDS 12

/* What mmlimit has said on standard error */
static char said[1024];

/* Runs a command line of up to MOST_WORDS; returns its exit status. */
static int run(const char *line)
{
	char copy[256], *words[MOST_WORDS + 1] = { 0 }, *place;
	FILE *stderr_before = stderr;
	int argc = 0, ret;

	memset(said, 0, sizeof(said));
	strcpy(copy, line);
	for (char *word = strtok_r(copy, " ", &place);
	     word && argc < MOST_WORDS; word = strtok_r(NULL, " ", &place))
		words[argc++] = word;
	memset(&asked, 0, sizeof(asked));
	asked_times = 0;
	stderr = fmemopen(said, sizeof(said), "w");
	assert_non_null(stderr);
	/* getopt_long() begins anew. */
	optind = 0;
	ret = command_line(argc, words);
	fclose(stderr);
	stderr = stderr_before;
	return ret;
}

static void set_asks_for_what_is_named_and_no_more(void **state)
{
	static const struct {
		const char *line;
		struct mm_limit_attr attr;
	} table[] = {
		{ "mmlimit set 10070 1M", { .fields = MM_LIMIT_FIELD_MAX } },
		{ "mmlimit set 10070 1M --grace 2s --policy 3",
		  { .fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
			      MM_LIMIT_FIELD_POLICY,
		    .grace_ms = 2000,
		    .policy = 3 } },
		{ "mmlimit set 10070 1M --reclaim 75%",
		  { .fields = MM_LIMIT_FIELD_MAX | RECLAIM,
		    .flags = MM_LIMIT_RECLAIM,
		    .threshold = 75 } },
		{ "mmlimit set 10070 -r 1 -s 0",
		  { .fields = RECLAIM | MM_LIMIT_FIELD_SWAP_MAX,
		    .flags = MM_LIMIT_RECLAIM,
		    .threshold = 1 } },
		{ "mmlimit set --reclaim=100% 10070 --swap-max=none",
		  { .fields = RECLAIM | MM_LIMIT_FIELD_SWAP_MAX,
		    .flags = MM_LIMIT_RECLAIM,
		    .threshold = 100,
		    .swap_max = MM_LIMIT_SWAP_UNBOUNDED } },
		{ "mmlimit set 10070 --swap-max 1.5K",
		  { .fields = MM_LIMIT_FIELD_SWAP_MAX, .swap_max = 1536 } },
		{ "mmlimit set 10070 --reclaim off",
		  { .fields = MM_LIMIT_FIELD_FLAGS } },
		{ "mmlimit set 10070 1M --warn 90%",
		  { .fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_WARN,
		    .warn = 90 } },
		{ "mmlimit set 10070 --term 500ms",
		  { .fields = MM_LIMIT_FIELD_TERM, .term_ms = 500 } },
		{ "mmlimit set 10070 -w off",
		  { .fields = MM_LIMIT_FIELD_WARN } },
		{ "mmlimit set 10070 --dry-run",
		  { .fields = MM_LIMIT_FIELD_FLAGS,
		    .flags = MM_LIMIT_DRY_RUN } },
		{ "mmlimit set 10070 --no-dry-run",
		  { .fields = MM_LIMIT_FIELD_FLAGS } },
		{ "mmlimit set 10070 -y --reclaim 80%",
		  { .fields = RECLAIM,
		    .flags = MM_LIMIT_RECLAIM | MM_LIMIT_DRY_RUN,
		    .threshold = 80 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct mm_limit_attr attr = table[i].attr;

		attr.uid = 10070;
		if (attr.fields & MM_LIMIT_FIELD_MAX)
			attr.mm_max = 1048576;
		if (!(attr.fields & MM_LIMIT_FIELD_SWAP_MAX))
			attr.swap_max = MM_LIMIT_ATTR_NONE;
		if (run(table[i].line) || *said)
			fail_msg("%s: %s", table[i].line, said);
		assert_int_equal(asked_times, 1);
		assert_memory_equal(&asked, &attr, sizeof(attr));
	}
}

static void wrong_values_are_named_and_nothing_is_asked_for(void **state)
{
	static const struct {
		const char *line;
		const char *command;
		const char *said;
	} table[] = {
		{ "mmlimit set 10070 1M --reclaim 0", "set",
		  "percentage '0' for --reclaim is out of range (1% to 100%, or off)" },
		{ "mmlimit set 10070 1M --reclaim 101%", "set",
		  "percentage '101%' for --reclaim is out of range (1% to 100%, or off)" },
		{ "mmlimit set 10070 1M -r 80.5%", "set",
		  "invalid percentage '80.5%' for --reclaim (1% to 100%, or off)" },
		{ "mmlimit set 10070 1M --reclaim yes", "set",
		  "invalid percentage 'yes' for --reclaim (1% to 100%, or off)" },
		{ "mmlimit set 10070 1M --reclaim", "set",
		  "missing value of --reclaim: N%" },
		{ "mmlimit set 10070 1M -s", "set",
		  "missing value of --swap-max: SIZE" },
		{ "mmlimit set 10070 --swap-max 1X", "set",
		  "invalid size '1X' for --swap-max (for example 100M, 1.5GiB or 50%; or none)" },
		{ "mmlimit set 10070 --swap-max 99999999999G", "set",
		  "size '99999999999G' for --swap-max is out of range (at most 18446744073709551614 bytes, or 100%; or none)" },
		{ "mmlimit set 10070 1M --reclaim off --swap-max 1M", "set",
		  "--swap-max does not go with --reclaim off" },
		{ "mmlimit set 10070 1M --dry-run --no-dry-run", "set",
		  "--dry-run does not go with --no-dry-run" },
		{ "mmlimit set 10070 1M --warn 101%", "set",
		  "percentage '101%' for --warn is out of range (1% to 100%, or off)" },
		{ "mmlimit set 10070 1M --grace 2", "set",
		  "invalid time '2' for --grace (for example 500ms, 2s or 1.5m)" },
		{ "mmlimit set 10070 1M --grace 9999h", "set",
		  "time '9999h' for --grace is out of range (0s to 4294967.295s)" },
		{ "mmlimit set 10070 1M --policy worst", "set",
		  "no such policy 'worst' (highest_rss, longest_run_time, badness, most_private, user_ranked)" },
		{ "mmlimit set 10070", "set",
		  "missing operand: SIZE, or an option that changes a limit" },
		{ "mmlimit set", "set", "missing operand: WHO" },
		{ "mmlimit set 10070 1M 2M", "set", "unexpected operand '2M'" },
		{ "mmlimit set 10070 none", "set",
		  "invalid size 'none' (for example 100M, 1.5GiB or 50%)" },
		{ "mmlimit set nobody-of-that-name 1M", "set",
		  "no such user 'nobody-of-that-name' (a login name, or a number from 0 to 4294967294)" },
		{ "mmlimit set 10070 1M --json", "set",
		  "no such option '--json'" },
		{ "mmlimit set 10070 1M -Hj", "set", "no such option '-j'" },
		{ "mmlimit set 10070 1M --hard=1", "set",
		  "unexpected value of --hard" },
		{ "mmlimit run 10070", "run", "missing operand: SIZE" },
		{ "mmlimit run 10070 1M", "run",
		  "missing operand: COMMAND..." },
		{ "mmlimit run 10070 1M -r 0 -- true", "run",
		  "percentage '0' for --reclaim is out of range (1% to 100%, or off)" },
		{ "mmlimit top --delay 0", "top",
		  "time '0' for --delay is out of range (1ms to 4294967.295s)" },
		{ "mmlimit top -n 0", "top",
		  "number '0' for --number is out of range (1 to 4294967295)" },
		{ "mmlimit top -n x", "top",
		  "invalid number 'x' for --number (1 to 4294967295)" },
		{ "mmlimit list --format xml", "list",
		  "no such format 'xml' (table, json, prometheus)" },
		{ "mmlimit forbid", "",
		  "no such command 'forbid' (set, get, unset, list, top, watch, why, load, save, kill, run)" },
		{ "mmlimit", "",
		  "missing command (set, get, unset, list, top, watch, why, load, save, kill, run)" },
	};
	char expected[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(run(table[i].line), EXIT_USAGE);
		snprintf(expected, sizeof(expected),
			 "mmlimit: %s\nTry 'mmlimit%s%s --help'.\n",
			 table[i].said, *table[i].command ? " " : "",
			 table[i].command);
		assert_string_equal(said, expected);
		assert_int_equal(asked_times, 0);
	}
}

static void bounding_swap_without_reclaim_is_explained(void **state)
{
	(void)state;
	answer = -EINVAL;
	assert_int_equal(run("mmlimit set 10070 --swap-max 1M"), EXIT_FAILURE);
	assert_string_equal(
		said,
		"mmlimit: 10070: cannot bound the swap of a limit that does not reclaim: add --reclaim 80%\n");
	/* With --reclaim the kernel has refused something else. */
	assert_int_equal(run("mmlimit set 10070 -r 80 -s 1M"), EXIT_FAILURE);
	assert_non_null(strstr(said, "10070: cannot change the limit: not "));
	answer = -E2BIG;
	assert_int_equal(run("mmlimit set 10070 1M -r 80"), EXIT_FAILURE);
	assert_string_equal(
		said,
		"mmlimit: 10070: cannot set a limit of 1M: a setting that this kernel does not know\n");
	answer = 0;
}

static void flags_that_are_not_named_stay(void **state)
{
	(void)state;
	standing = (struct mm_limit_attr){ .uid = 10070,
					   .flags = MM_LIMIT_RECLAIM,
					   .hard_max = 5,
					   .self_max = MM_LIMIT_ATTR_NONE };
	assert_int_equal(run("mmlimit set 10070 --dry-run"), 0);
	assert_int_equal(asked.flags, MM_LIMIT_RECLAIM | MM_LIMIT_DRY_RUN);
	standing.flags |= MM_LIMIT_DRY_RUN;
	assert_int_equal(run("mmlimit set 10070 --reclaim off"), 0);
	assert_int_equal(asked.flags, MM_LIMIT_DRY_RUN);
	assert_int_equal(run("mmlimit set 10070 --no-dry-run"), 0);
	assert_int_equal(asked.flags, MM_LIMIT_RECLAIM);
	/* What the user chose for itself does not become the administrator's. */
	standing.hard_max = MM_LIMIT_ATTR_NONE;
	assert_int_equal(run("mmlimit set 10070 1M --no-dry-run"), 0);
	assert_int_equal(asked.flags, is_privileged() ? 0 : MM_LIMIT_RECLAIM);
	standing.uid = 0;
}

/* What a user has in swap, beside a limit that would otherwise hold */
static const struct mm_limit_attr swapped = {
	.uid = 10070,
	.fields = 63,
	.mm_max = 1000 << 20,
	.hard_max = 1000 << 20,
	.self_max = MM_LIMIT_ATTR_NONE,
	.flags = MM_LIMIT_RECLAIM,
	.threshold = 80,
	.swap_max = MM_LIMIT_ATTR_NONE,
	.usage = 900 << 20,
	.swap = 300 << 20,
};

static void change_that_kills_by_what_is_in_swap_takes_force(void **state)
{
	static const struct {
		const char *words;
		const char *refused;
	} table[] = {
		{ "--swap-max 200M", NULL },
		{ "--swap-max 199M",
		  "101MiB more of the 300MiB in swap would count, which makes a usage of 1001MiB, above the limit of 1000MiB" },
		{ "--swap-max 0",
		  "300MiB more of the 300MiB in swap would count, which makes a usage of 1.2GiB, above the limit of 1000MiB" },
		{ "--swap-max none", NULL },
		{ "--reclaim off",
		  "300MiB more of the 300MiB in swap would count, which makes a usage of 1.2GiB, above the limit of 1000MiB" },
		{ "--reclaim 70%", NULL },
		/* Such a limit is exceeded anyhow, and swap has no part in it. */
		{ "800M", NULL },
		{ "290M",
		  "10MiB more of the 300MiB in swap would count, which makes a usage of 910MiB, above the limit of 290MiB" },
		{ "2000M --swap-max 0", NULL },
		{ "--grace 1s", NULL },
	};
	char line[96], expected[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const char *refused = table[i].refused;

		standing = swapped;
		snprintf(line, sizeof(line), "mmlimit set 10070 %s",
			 table[i].words);
		assert_int_equal(run(line), refused ? EXIT_FAILURE : 0);
		assert_int_equal(asked_times, !refused);
		snprintf(
			expected, sizeof(expected),
			"mmlimit: 10070: nothing was changed: %s, so that processes would be killed; --force changes it all the same\n",
			refused ? refused : "");
		assert_string_equal(said, refused ? expected : "");
		strcat(line, " --force");
		assert_int_equal(run(line), 0);
		assert_int_equal(asked_times, 1);
		assert_string_equal(said, "");
	}
	/* Swap that counts already is no news. */
	standing = swapped;
	standing.usage = 999 << 20;
	standing.flags = 0;
	assert_int_equal(run("mmlimit set 10070 -r 80 -s 0"), 0);
	standing.flags = MM_LIMIT_RECLAIM;
	standing.swap_max = 0;
	assert_int_equal(run("mmlimit set 10070 --reclaim off"), 0);
	standing = swapped;
	assert_int_equal(run("mmlimit run 10070 1000M -s 0 -r 80 -- true"),
			 EXIT_FAILURE);
	assert_int_equal(asked_times, 0);
	standing.uid = 0;
}

static void what_is_in_swap_kills_nobody_in_a_dry_run(void **state)
{
	(void)state;
	standing = swapped;
	standing.flags |= MM_LIMIT_DRY_RUN;
	assert_int_equal(run("mmlimit set 10070 -s 0"), 0);
	assert_int_equal(run("mmlimit set 10070 --reclaim off"), 0);
	assert_int_equal(asked.flags, MM_LIMIT_DRY_RUN);
	assert_int_equal(run("mmlimit set 10070 -s 0 --no-dry-run"),
			 EXIT_FAILURE);
	assert_int_equal(asked_times, 0);
	/* What the options do not name goes on, reclaim, too. */
	standing = swapped;
	assert_int_equal(run("mmlimit set 10070 --dry-run"), 0);
	assert_int_equal(asked.flags, MM_LIMIT_RECLAIM | MM_LIMIT_DRY_RUN);
	assert_int_equal(run("mmlimit set 10070 --warn 90% --term 1s"), 0);
	assert_int_equal(run("mmlimit set 10070 --no-dry-run"), 0);
	assert_int_equal(asked.flags, MM_LIMIT_RECLAIM);
	assert_int_equal(run("mmlimit set 10070 --reclaim off --dry-run"), 0);
	assert_int_equal(run("mmlimit set 10070 -s 0 --term 1s"), EXIT_FAILURE);
	standing.uid = 0;
}

static void limit_that_becomes_a_hard_one_reclaims_only_if_told_to(void **state)
{
	(void)state;
	if (!is_privileged())
		skip();
	standing = swapped;
	standing.hard_max = MM_LIMIT_ATTR_NONE;
	standing.self_max = 1000 << 20;
	assert_int_equal(run("mmlimit set 10070 1000M"), EXIT_FAILURE);
	assert_int_equal(run("mmlimit set 10070 1000M --dry-run"), 0);
	assert_int_equal(asked.flags, MM_LIMIT_DRY_RUN);
	assert_int_equal(run("mmlimit set 10070 1000M --reclaim 80%"), 0);
	standing.uid = 0;
}

static void run_takes_the_same_options(void **state)
{
	(void)state;
	/* Goes no further. */
	answer = -ENOSPC;
	assert_int_equal(
		run("mmlimit run 10070 1M --reclaim 60% --swap-max 2M -- true"),
		EXIT_FAILURE);
	assert_int_equal(asked.fields, MM_LIMIT_FIELD_MAX |
					       MM_LIMIT_FIELD_GRACE | RECLAIM |
					       MM_LIMIT_FIELD_SWAP_MAX);
	assert_int_equal(asked.flags, MM_LIMIT_RECLAIM);
	assert_int_equal(asked.threshold, 60);
	assert_int_equal(asked.swap_max, 2097152);
	answer = 0;
}

static void limits_are_put_back_with_all_their_settings(void **state)
{
	struct saved_limit saved;

	(void)state;
	standing = (struct mm_limit_attr){
		.uid = 10070,
		.fields = 63,
		.mm_max = 4,
		.policy = MM_LIMIT_BADNESS,
		.flags = MM_LIMIT_RECLAIM,
		.threshold = 70,
		.swap_max = 8192,
		.hard_max = 5,
		.hard_grace_ms = 6,
		.self_max = 4,
	};
	assert_int_equal(limit_save(&standing, &saved), 0);
	assert_int_equal(limit_restore(&saved), 0);
	assert_int_equal(asked.fields, MM_LIMIT_FIELD_MAX |
					       MM_LIMIT_FIELD_GRACE | SETTINGS |
					       MM_LIMIT_FIELD_THRESHOLD |
					       MM_LIMIT_FIELD_SWAP_MAX);
	assert_int_equal(asked.mm_max, 5);
	assert_int_equal(asked.grace_ms, 6);
	assert_int_equal(asked.policy, MM_LIMIT_BADNESS);
	assert_int_equal(asked.flags, MM_LIMIT_RECLAIM);
	assert_int_equal(asked.threshold, 70);
	assert_int_equal(asked.swap_max, 8192);

	/* A limit that did not reclaim does not do so afterwards. */
	standing.flags = 0;
	assert_int_equal(limit_save(&standing, &saved), 0);
	assert_int_equal(limit_restore(&saved), 0);
	assert_int_equal(asked.fields,
			 MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE | SETTINGS);
	assert_int_equal(asked.flags, 0);
	standing.uid = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_asks_for_what_is_named_and_no_more),
		cmocka_unit_test(
			wrong_values_are_named_and_nothing_is_asked_for),
		cmocka_unit_test(bounding_swap_without_reclaim_is_explained),
		cmocka_unit_test(flags_that_are_not_named_stay),
		cmocka_unit_test(
			change_that_kills_by_what_is_in_swap_takes_force),
		cmocka_unit_test(what_is_in_swap_kills_nobody_in_a_dry_run),
		cmocka_unit_test(
			limit_that_becomes_a_hard_one_reclaims_only_if_told_to),
		cmocka_unit_test(run_takes_the_same_options),
		cmocka_unit_test(limits_are_put_back_with_all_their_settings),
	};

	return RUN_GROUP(tests);
}
