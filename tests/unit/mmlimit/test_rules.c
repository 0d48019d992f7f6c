// SPDX-License-Identifier: GPL-2.0-only
/* Limits of many users: what mmlimit asks the kernel for, and how it shows them. */
#define _GNU_SOURCE
/* The programs' fail() is declared before cmocka makes a macro of that name. */
#include "say.h"

#include "unit.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "events.h"
#include "json.h"
#include "prometheus.h"
#include "saved.h"
#include "screen.h"
#include "table.h"
#include "why.h"

#define NONE MM_LIMIT_ATTR_NONE

#define RULE(kind, from, to, ...)                                   \
	{                                                           \
		.uid = -1, .rule = kind, .first = from, .last = to, \
		.mm_max = 1000, .hard_max = 1000, .self_max = NONE, \
		.swap_max = NONE, __VA_ARGS__                       \
	}

#define MEMBER(user, kind, from, to, hard, self)                      \
	{                                                             \
		.uid = user, .rule = kind, .first = from, .last = to, \
		.mm_max = hard, .hard_max = hard, .self_max = self,   \
		.swap_max = NONE                                      \
	}

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

/* A pool, a member without a limit of its own and one with one, a rule, and its user */
static const struct mm_limit_attr limits[] = {
	RULE(POOL, 20000, 20999, .usage = 500, .members = 2),
	MEMBER(20001, POOL, 20000, 20999, NONE, NONE),
	MEMBER(20002, POOL, 20000, 20999, 900, NONE),
	RULE(EACH, 10000, 4294967294, .kills = 0),
	MEMBER(10170, EACH, 10000, 4294967294, 1000, NONE),
	MEMBER(10171, EACH, 10000, 4294967294, 1000, 800),
};

/* The linker's --wrap makes a kernel with this rule, which notes what it is asked for. */
static struct mm_limit_attr standing, asked;
static unsigned int changes, removals;
static int answer;

int __wrap_mmlimit_rule_read(uid_t first, uid_t last,
			     struct mm_limit_attr *attr);
int __wrap_mmlimit_rule_change(const struct mm_limit_attr *attr);
int __wrap_mmlimit_rule_remove(uid_t first, uid_t last);

int __wrap_mmlimit_rule_read(uid_t first, uid_t last,
			     struct mm_limit_attr *attr)
{
	if (standing.first != first || standing.last != last)
		return -ENODATA;
	*attr = standing;
	return 0;
}

int __wrap_mmlimit_rule_change(const struct mm_limit_attr *attr)
{
	asked = *attr;
	changes++;
	return answer;
}

int __wrap_mmlimit_rule_remove(uid_t first, uid_t last)
{
	asked.first = first;
	asked.last = last;
	removals++;
	return answer;
}

/* The linker's --wrap puts this in the place of a terminal. */
int __wrap_terminal_write(const char *text, size_t size);
int __wrap_terminal_write(const char *text, size_t size)
{
	fwrite(text, 1, size, stdout);
	return 0;
}

/* What was said on standard output and error */
static char *shown;
static size_t length;
static FILE *stdout_before, *stderr_before;

static void begin(void)
{
	free(shown);
	stdout_before = stdout;
	stderr_before = stderr;
	stdout = open_memstream(&shown, &length);
	stderr = stdout;
	assert_non_null(stdout);
}

static void end(void)
{
	fclose(stdout);
	stdout = stdout_before;
	stderr = stderr_before;
}

static void expect_shown(const char *text)
{
	if (!strstr(shown, text))
		fail_msg("no '%s' in\n%s", text, shown);
}

static int run(const char *line)
{
	char copy[256], *words[12] = { 0 }, *place;
	int argc = 0, ret;

	strcpy(copy, line);
	for (char *word = strtok_r(copy, " ", &place); word && argc < 11;
	     word = strtok_r(NULL, " ", &place))
		words[argc++] = word;
	asked = (struct mm_limit_attr){ 0 };
	changes = 0;
	removals = 0;
	/* getopt_long() begins anew. */
	optind = 0;
	begin();
	ret = command_line(argc, words);
	end();
	return ret;
}

static void range_with_a_size_makes_a_rule_for_each(void **state)
{
	(void)state;
	assert_int_equal(run("mmlimit set 20000-20999 1M --warn 90%"), 0);
	assert_int_equal(changes, 1);
	assert_true(mmlimit_is_rule(&asked));
	assert_int_equal(asked.rule, EACH);
	assert_int_equal(asked.first, 20000);
	assert_int_equal(asked.last, 20999);
	assert_int_equal(asked.mm_max, 1048576);
	assert_int_equal(asked.fields,
			 MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_WARN);
	assert_int_equal(run("mmlimit set default 1M"), 0);
	assert_int_equal(asked.rule, EACH);
	assert_true(asked.last == 4294967294);
	assert_int_equal(run("mmlimit set --pool 20000-20999 1M"), 0);
	assert_int_equal(asked.rule, POOL);
}

static void rule_stays_of_its_kind_without_a_size(void **state)
{
	(void)state;
	standing = limits[0];
	assert_int_equal(run("mmlimit set 20000-20999 --grace 2s"), 0);
	assert_int_equal(asked.rule, POOL);
	assert_int_equal(asked.fields, MM_LIMIT_FIELD_GRACE);
	/* What no option names stays. */
	standing.flags = MM_LIMIT_DRY_RUN;
	assert_int_equal(run("mmlimit set 20000-20999 --no-dry-run"), 0);
	assert_int_equal(asked.flags, 0);
	standing = (struct mm_limit_attr){ 0 };
	assert_int_equal(run("mmlimit set 20000-20999 --grace 2s"), 1);
	expect_shown(
		"mmlimit: 20000-20999: cannot change the rule: there is no rule for just these users; ");
	assert_int_equal(changes, 0);
}

static void wrong_rules_are_explained_and_nothing_is_asked_for(void **state)
{
	static const struct {
		const char *line;
		const char *said;
	} table[] = {
		{ "mmlimit set 20-10 1M",
		  "no such range of users '20-10' (FIRST-LAST, uids from a lower to a higher one, up to 4294967294)" },
		{ "mmlimit set 10000 1M --pool",
		  "--pool takes a range of users, as 20000-20999 or default, and not the user '10000'" },
		{ "mmlimit set @0 1M --pool",
		  "--pool takes a range of users, as 20000-20999 or default, and not the group '@0'" },
		{ "mmlimit set 20000-20999 1M --pool --reclaim 80%",
		  "--pool does not go with --reclaim and --swap-max" },
		{ "mmlimit set 20000-20999 1M -P --swap-max 1M",
		  "--pool does not go with --reclaim and --swap-max" },
		{ "mmlimit set 20000-20999", "missing operand: SIZE, or" },
		{ "mmlimit run 20000-20999 1M -- true",
		  "no such user '20000-20999'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(run(table[i].line), 2);
		expect_shown(table[i].said);
		assert_int_equal(changes, 0);
	}
}

static void refusals_of_rules_name_what_helps(void **state)
{
	static const struct {
		int answer;
		const char *line;
		const char *said;
	} table[] = {
		{ -EEXIST, "mmlimit set 20000-20999 1M",
		  "20000-20999: cannot set a limit of 1M: these users share a pool: 'mmlimit unset 20000-20999' before makes room for a limit of each, --pool (in a file pool=yes) changes the pool" },
		{ -EEXIST, "mmlimit set 20000-20999 1M --pool",
		  "a rule gives each of these users a limit: 'mmlimit unset 20000-20999' before makes room for a pool" },
		{ -EPERM, "mmlimit set default 1M",
		  "default: cannot set a limit of 1M: it is a rule for many users: that takes CAP_SYS_RESOURCE, as root has it" },
		{ -EACCES, "mmlimit set 5-20 1M",
		  "5-20: cannot set a limit of 1M: uid 5 is below vm.mm_limit_min_uid" },
		{ -EOPNOTSUPP, "mmlimit set 5-20 1M",
		  "this kernel has limits of users, but no rules" },
		{ -ENODATA, "mmlimit unset 5-20",
		  "5-20: cannot remove the rule: there is no rule for just these users" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		answer = table[i].answer;
		assert_int_equal(run(table[i].line), 1);
		expect_shown(table[i].said);
	}
	answer = 0;
	assert_int_equal(run("mmlimit get 5-20"), 1);
	expect_shown("5-20: cannot read the rule: there is no rule");
}

static void rule_is_removed_by_its_range(void **state)
{
	(void)state;
	assert_int_equal(run("mmlimit unset 20000-20999"), 0);
	assert_int_equal(removals, 1);
	assert_int_equal(asked.first, 20000);
	assert_int_equal(asked.last, 20999);
}

static void get_shows_whom_a_rule_is_for(void **state)
{
	(void)state;
	standing = limits[0];
	assert_int_equal(run("mmlimit get 20000-20999"), 0);
	expect_shown(
		"users    20000-20999, a pool for all together, with 2 now\n"
		"limit    1000B, grace 0s\npolicy   ");
	expect_shown("usage    500B, 50.0 % of the limit\n");
	standing = limits[3];
	assert_int_equal(run("mmlimit get 10000-4294967294"), 0);
	expect_shown("users    default (10000-4294967294), each\n");
	/* What each has is told of the users. */
	assert_null(strstr(shown, "usage"));
	standing = (struct mm_limit_attr){ 0 };
}

static void table_names_rules_and_who_has_what_from_them(void **state)
{
	(void)state;
	begin();
	table_print(limits, ARRAY_SIZE(limits), false, TABLE_UNBOUNDED);
	end();
	assert_string_equal(
		shown,
		"USER         LIMIT  KIND  USAGE  USE%  GRACE  KILLS  POLICY       STATE  RULE\n"
		"20000-20999  1000B  hard   500B  50.0     0s      0  highest_rss  idle   pool\n"
		"20001         none  -        0B     -     0s      0  highest_rss  idle   pool:20000-20999\n"
		"20002         900B  hard     0B   0.0     0s      0  highest_rss  idle   pool:20000-20999\n"
		"default      1000B  hard     0B   0.0     0s      0  highest_rss  idle   each\n"
		"10170        1000B  hard     0B   0.0     0s      0  highest_rss  idle   each:default\n"
		"10171        1000B  both     0B   0.0     0s      0  highest_rss  idle   each:default\n");
	begin();
	table_print(&limits[1], 1, true, TABLE_UNBOUNDED);
	end();
	expect_shown("20001   none  -");
}

static void programs_are_told_rules_from_users(void **state)
{
	(void)state;
	begin();
	json_print(limits, 5);
	end();
	expect_shown("{\"uid\": null, \"user\": null, \"mm_max\": 1000, ");
	expect_shown(
		", \"rule\": \"pool\", \"first\": 20000, \"last\": 20999, \"members\": 2}");
	expect_shown("{\"uid\": 20001, \"user\": null, \"mm_max\": null, ");
	expect_shown(
		", \"rule\": \"pool\", \"first\": 20000, \"last\": 20999, \"members\": null}");
	expect_shown(
		", \"rule\": \"each\", \"first\": 10000, \"last\": 4294967294, \"members\": null}");
	begin();
	prometheus_print(limits, 5);
	end();
	expect_shown(
		"\nmm_limit_bytes{range=\"20000-20999\",rule=\"pool\"} 1000\n"
		"mm_limit_bytes{uid=\"20001\",range=\"20000-20999\",rule=\"pool\"} +Inf\n");
	expect_shown(
		"mm_limit_usage_bytes{range=\"20000-20999\",rule=\"pool\"} 500\n");
	expect_shown(
		"mm_limit_state{range=\"20000-20999\",rule=\"pool\",state=\"idle\"} 1\n");
}

static void screen_shows_warned_and_dry(void **state)
{
	struct mm_limit_attr drawn[] = { limits[0], limits[1], limits[3] };
	struct view view = { .limits = drawn, .count = 3, .order = "share" };
	const struct terminal_size size = { 24, 80 };

	(void)state;
	drawn[0].warned = 1;
	drawn[0].flags = MM_LIMIT_DRY_RUN;
	drawn[2].warned = 1;
	drawn[2].state = MM_LIMIT_EXCEEDED;
	begin();
	assert_int_equal(screen_draw(&view, size), 0);
	end();
	expect_shown(
		"\n20000-20999       500B     1000B   50.0%      0 idle,warned,dry [");
	expect_shown(
		"\n20001               0B      none       -      0 idle            [");
	/* Whoever is above its limit needs no warning. */
	expect_shown(
		"\ndefault             0B     1000B    0.0%      0 exceeded        [");
}

#define MOST 8

static struct event found[MOST];
static size_t count;
static bool sees_rules = true;

static void note(const struct event *event, void *data)
{
	(void)data;
	assert_true(count < MOST);
	found[count++] = *event;
}

static void find(struct mm_limit_attr *before, size_t before_count,
		 struct mm_limit_attr *now, size_t now_count)
{
	struct limits earlier = { .limits = before,
				  .count = before_count,
				  .sees_rules = sees_rules };
	struct limits later = { .limits = now,
				.count = now_count,
				.sees_rules = sees_rules };

	limits_sort(&earlier);
	limits_sort(&later);
	count = 0;
	events_find(&earlier, &later, note, NULL);
}

static void expect_event(size_t number, enum event_kind kind,
			 const struct mm_limit_attr *limit)
{
	assert_true(number < count);
	assert_int_equal(found[number].kind, kind);
	assert_true(mmlimit_is_same(found[number].limit, limit));
}

static void users_of_a_rule_come_and_go_silently(void **state)
{
	struct mm_limit_attr rule[] = { limits[3] };
	struct mm_limit_attr both[] = { limits[4], limits[3] };
	struct mm_limit_attr alone[] = { limits[4] };

	(void)state;
	find(rule, 1, both, 2);
	assert_int_equal(count, 0);
	find(both, 2, rule, 1);
	assert_int_equal(count, 0);
	/* The rule may go from the list before what it gave does. */
	find(alone, 1, NULL, 0);
	assert_int_equal(count, 0);
	/* A user who does not see the rule is told what it has from it. */
	sees_rules = false;
	find(NULL, 0, alone, 1);
	sees_rules = true;
	assert_int_equal(count, 1);
	expect_event(0, EVENT_SET, &limits[4]);
}

static void changes_of_a_rule_are_told_once(void **state)
{
	struct mm_limit_attr before[] = { limits[4], limits[3], limits[0] };
	struct mm_limit_attr now[] = { limits[4], limits[3] };

	(void)state;
	now[0].hard_max = 2000;
	now[1].hard_max = 2000;
	find(before, 3, now, 2);
	assert_int_equal(count, 2);
	expect_event(0, EVENT_SET, &limits[3]);
	expect_event(1, EVENT_REMOVED, &limits[0]);
}

static void own_limit_that_gives_way_to_a_rule_is_removed(void **state)
{
	struct mm_limit_attr before[] = { limits[4], limits[3] };
	struct mm_limit_attr now[] = { limits[4], limits[3] };

	(void)state;
	before[0].rule = MM_LIMIT_RULE_NONE;
	find(before, 2, now, 2);
	assert_int_equal(count, 1);
	expect_event(0, EVENT_REMOVED, &limits[4]);
	/* and the other way round */
	find(now, 2, before, 2);
	assert_int_equal(count, 1);
	expect_event(0, EVENT_SET, &limits[4]);
}

static void
kill_for_a_pool_belongs_to_the_pool_or_else_to_its_user(void **state)
{
	const struct mmlimit_kill kill = {
		.uid = 20001, .is_pool = true, .first = 20000, .last = 20999
	};
	const struct mmlimit_kill own = { .uid = 20001 };

	(void)state;
	assert_true(why_is_about(limits, 2, &limits[0], &kill));
	assert_false(why_is_about(limits, 2, &limits[1], &kill));
	assert_true(why_is_about(&limits[1], 1, &limits[1], &kill));
	assert_false(why_is_about(&limits[2], 1, &limits[2], &kill));
	assert_true(why_is_about(limits, 2, &limits[1], &own));
	assert_false(why_is_about(limits, 2, &limits[0], &own));
}

static void kill_is_told_as_far_as_it_is_known(void **state)
{
	struct mmlimit_kill kill = { .uid = 20001,
				     .usage = 1000,
				     .mm_max = 900,
				     .victim = { .pid = 7, .name = "hog" },
				     .is_pool = true,
				     .first = 20000,
				     .last = 20999 };

	(void)state;
	begin();
	why_print_kill(&kill, true, false);
	end();
	expect_shown("hog (pid 7) of 20001 was killed on ");
	expect_shown(",\n  because the pool 20000-20999 exceeded its limit.\n"
		     "  The pool had 1000B of 900B.\n");
	assert_null(strstr(shown, "other"));
	kill.has_parts = true;
	kill.is_pool = false;
	begin();
	why_print_kill(&kill, false, false);
	end();
	expect_shown("hog (pid 7) was killed on ");
	expect_shown("  The user had 1000B of 900B: anon 0B, ");
	expect_shown("  The user had no other process then.\n");
}

static void rules_are_put_back_as_they_were(void **state)
{
	struct saved_limit saved;

	(void)state;
	standing = limits[0];
	assert_int_equal(limit_save(&limits[0], &saved), 0);
	assert_true(saved.stood);
	standing = (struct mm_limit_attr){ 0 };
	assert_int_equal(limit_save(&limits[3], &saved), 0);
	assert_false(saved.stood);
	assert_true(mmlimit_is_same(&saved.attr, &limits[3]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(range_with_a_size_makes_a_rule_for_each),
		cmocka_unit_test(rule_stays_of_its_kind_without_a_size),
		cmocka_unit_test(
			wrong_rules_are_explained_and_nothing_is_asked_for),
		cmocka_unit_test(refusals_of_rules_name_what_helps),
		cmocka_unit_test(rule_is_removed_by_its_range),
		cmocka_unit_test(get_shows_whom_a_rule_is_for),
		cmocka_unit_test(table_names_rules_and_who_has_what_from_them),
		cmocka_unit_test(programs_are_told_rules_from_users),
		cmocka_unit_test(screen_shows_warned_and_dry),
		cmocka_unit_test(users_of_a_rule_come_and_go_silently),
		cmocka_unit_test(changes_of_a_rule_are_told_once),
		cmocka_unit_test(own_limit_that_gives_way_to_a_rule_is_removed),
		cmocka_unit_test(
			kill_for_a_pool_belongs_to_the_pool_or_else_to_its_user),
		cmocka_unit_test(kill_is_told_as_far_as_it_is_known),
		cmocka_unit_test(rules_are_put_back_as_they_were),
	};

	return RUN_GROUP(tests);
}
