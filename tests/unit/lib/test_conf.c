// SPDX-License-Identifier: GPL-2.0-only
/* The configuration file: what it says, and what is wrong with it. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mmlimit.h"

static void read_all_of(const char *text, struct mmlimit_conf *conf)
{
	struct mmlimit_conf_error error;

	if (mmlimit_conf_parse(text, strlen(text), conf, &error))
		fail_msg("%u: %s", error.line, error.reason);
}

#define SETTINGS                                                             \
	(MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE | MM_LIMIT_FIELD_POLICY | \
	 MM_LIMIT_FIELD_FLAGS | MM_LIMIT_FIELD_WARN | MM_LIMIT_FIELD_TERM)

#define LIMIT(user, bytes, ...)                                   \
	{                                                         \
		.uid = user, .mm_max = bytes, .fields = SETTINGS, \
		.swap_max = MM_LIMIT_ATTR_NONE, __VA_ARGS__       \
	}

static void each_setting_arrives(void **state)
{
	static const struct mm_limit_attr expected[] = {
		LIMIT(0, 1610612736, .grace_ms = 2000, .policy = 1),
		LIMIT(10070, 104857600),
		LIMIT(10071, 0, .policy = 3),
		LIMIT(10073, 1, .policy = 4),
		LIMIT(10072, 7, .grace_ms = 4294967295),
		LIMIT(10074, 2, .warn = 90, .flags = MM_LIMIT_DRY_RUN),
		LIMIT(10075, 3, .term_ms = 500),
	};
	struct mmlimit_conf conf;

	(void)state;
	read_all_of("# a comment\n"
		    "root\t1.5GiB  grace=2s policy=longest_run_time\n"
		    "\n"
		    "10070 100M# another\n"
		    "  10071 0 policy=3 grace=0\t\n"
		    "10073 1 policy=user_ranked\n"
		    "10072 7 grace=4294967.295s\n"
		    "10074 2 warn=90% dry_run=yes\n"
		    "10075 3 dry_run=no term=500ms warn=off\n"
		    "\t[mmlimitd]  # the daemon\n"
		    "\n"
		    "  interval\t=  1.5s # and one more\n"
		    "policy=badness",
		    &conf);
	assert_int_equal(conf.count, 7);
	assert_memory_equal(conf.limits, expected, sizeof(expected));
	assert_int_equal(conf.lines[0], 2);
	assert_int_equal(conf.lines[1], 4);
	assert_int_equal(conf.lines[2], 5);
	assert_int_equal(conf.lines[3], 6);
	assert_int_equal(conf.lines[4], 7);
	assert_int_equal(conf.interval_ms, 1500);
	assert_int_equal(conf.policy, MM_LIMIT_BADNESS);
	mmlimit_conf_free(&conf);
	assert_null(conf.limits);
	mmlimit_conf_free(&conf);
}

/*
 * The fields for the threshold and the bound of swap are named only for a limit
 * that reclaims.
 */
static void reclaim_is_set_with_all_that_belongs_to_it(void **state)
{
	static const struct {
		const char *line;
		unsigned int threshold;
		__u64 swap_max;
	} table[] = {
		{ "1 2 reclaim=80%", 80, MM_LIMIT_ATTR_NONE },
		{ "1 2 reclaim=1", 1, MM_LIMIT_ATTR_NONE },
		{ "1 2 swap_max=1.5M reclaim=100%", 100, 1572864 },
		{ "1 2 reclaim=080 swap_max=0", 80, 0 },
		{ "1 2 reclaim=80% swap_max=none", 80,
		  MM_LIMIT_SWAP_UNBOUNDED },
		{ "1 2 reclaim=80%", 80, MM_LIMIT_ATTR_NONE },
		{ "1 2 reclaim=off", 0, MM_LIMIT_ATTR_NONE },
		{ "1 2", 0, MM_LIMIT_ATTR_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const unsigned int fields = MM_LIMIT_FIELD_THRESHOLD |
					    MM_LIMIT_FIELD_SWAP_MAX;
		unsigned int threshold = table[i].threshold;
		struct mmlimit_conf conf;

		read_all_of(table[i].line, &conf);
		assert_int_equal(conf.limits->flags,
				 threshold ? MM_LIMIT_RECLAIM : 0);
		assert_int_equal(conf.limits->fields,
				 SETTINGS | (threshold ? fields : 0));
		assert_int_equal(conf.limits->threshold, threshold);
		assert_true(conf.limits->swap_max == table[i].swap_max);
		mmlimit_conf_free(&conf);
	}
}

static void rules_stand_in_the_place_of_users(void **state)
{
	struct mmlimit_conf conf;

	(void)state;
	read_all_of("default 200M warn=90%\n"
		    "20000-20999 1G pool=yes grace=2s\n"
		    "20000-20998 1G pool=no reclaim=80%\n"
		    "20000 1G pool=no\n",
		    &conf);
	assert_int_equal(conf.count, 4);
	assert_true(mmlimit_is_rule(&conf.limits[0]));
	assert_int_equal(conf.limits[0].rule, MM_LIMIT_RULE_EACH);
	assert_int_equal(conf.limits[0].last, 4294967294);
	assert_int_equal(conf.limits[0].warn, 90);
	assert_true(mmlimit_is_rule(&conf.limits[1]));
	assert_int_equal(conf.limits[1].rule, MM_LIMIT_RULE_POOL);
	assert_int_equal(conf.limits[1].first, 20000);
	assert_int_equal(conf.limits[1].last, 20999);
	assert_int_equal(conf.limits[1].grace_ms, 2000);
	assert_int_equal(conf.limits[2].rule, MM_LIMIT_RULE_EACH);
	assert_int_equal(conf.limits[2].threshold, 80);
	assert_false(mmlimit_is_rule(&conf.limits[3]));
	assert_int_equal(conf.limits[3].uid, 20000);
	assert_int_equal(conf.limits[3].rule, MM_LIMIT_RULE_NONE);
	mmlimit_conf_free(&conf);
}

static void an_empty_file_says_nothing(void **state)
{
	static const char *const table[] = {
		"",
		"\n",
		"\r\n",
		"#",
		"# x\n#y",
		" \t\n\n",
		"[mmlimitd]",
		"[mmlimitd]\r\n",
		"[mmlimitd]\npolicy = own",
	};
	struct mmlimit_conf conf;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		read_all_of(table[i], &conf);
		assert_int_equal(conf.count, 0);
		assert_int_equal(conf.interval_ms, 0);
		assert_int_equal(conf.policy, MM_LIMIT_POLICY_OWN);
		mmlimit_conf_free(&conf);
	}
}

static void lines_may_end_as_on_dos(void **state)
{
	struct mmlimit_conf conf;

	(void)state;
	read_all_of("10070 100M grace=2s\r\n\r\n10071 1G\r\n[mmlimitd]\r\n"
		    "interval=5s\r\npolicy=0\r",
		    &conf);
	assert_int_equal(conf.count, 2);
	assert_int_equal(conf.limits[0].grace_ms, 2000);
	assert_int_equal(conf.lines[1], 3);
	assert_int_equal(conf.interval_ms, 5000);
	assert_int_equal(conf.policy, 0);
	mmlimit_conf_free(&conf);
}

static void a_byte_order_mark_may_come_first(void **state)
{
	struct mmlimit_conf conf;

	(void)state;
	read_all_of("\xef\xbb\xbf"
		    "10070 100M\n",
		    &conf);
	assert_int_equal(conf.count, 1);
	assert_int_equal(conf.limits[0].uid, 10070);
	mmlimit_conf_free(&conf);
	read_all_of("\xef\xbb\xbf", &conf);
	assert_int_equal(conf.count, 0);
	mmlimit_conf_free(&conf);
}

static const struct {
	const char *text;
	unsigned int line;
	const char *reason;
} wrong[] = {
	/* Only the first one marks anything, and only a whole one does. */
	{ "\xef\xbb\xbf\xef\xbb\xbf"
	  "root 1G",
	  1,
	  "'???root' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "\xef\xbb"
	  "root 1G",
	  1,
	  "'??root' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "1 1G\n\xef\xbb\xbf"
	  "2 1G",
	  2,
	  "'???2' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	/* limits */
	{ "root", 1, "'root' has no size after it" },
	{ "\n\nnobody-of-that-name 1G", 3,
	  "'nobody-of-that-name' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "-1 1G", 1,
	  "'-1' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "4294967295 1G", 1,
	  "'4294967295' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "10070 1G\n\n10070 2G", 3, "'10070' has a limit in line 1" },
	{ "10070 1G\nroot 1G\n0 2G", 3, "'0' has a limit in line 2" },
	{ "root 1X", 1, "'1X' is not a size such as 100M, 1.5GiB or 50%" },
	{ "root none", 1, "'none' is not a size such as 100M, 1.5GiB or 50%" },
	{ "root 99999999999G", 1,
	  "'99999999999G' is out of range (at most 18446744073709551614 bytes, or 100%)" },
	{ "root 18446744073709551615", 1,
	  "'18446744073709551615' is out of range (at most 18446744073709551614 bytes, or 100%)" },
	{ "root 1G 2s", 1,
	  "'2s' is none of grace=DURATION, policy=POLICY, reclaim=PERCENT, swap_max=SIZE, warn=PERCENT, term=DURATION, dry_run=yes, pool=yes" },
	{ "root 1G grace", 1,
	  "'grace' is none of grace=DURATION, policy=POLICY, reclaim=PERCENT, swap_max=SIZE, warn=PERCENT, term=DURATION, dry_run=yes, pool=yes" },
	{ "root 1G grace = 2s", 1,
	  "'grace' is none of grace=DURATION, policy=POLICY, reclaim=PERCENT, swap_max=SIZE, warn=PERCENT, term=DURATION, dry_run=yes, pool=yes" },
	{ "root 1G graces=2s", 1,
	  "'graces=2s' is none of grace=DURATION, policy=POLICY, reclaim=PERCENT, swap_max=SIZE, warn=PERCENT, term=DURATION, dry_run=yes, pool=yes" },
	{ "root 1G Grace=2s", 1,
	  "'Grace=2s' is none of grace=DURATION, policy=POLICY, reclaim=PERCENT, swap_max=SIZE, warn=PERCENT, term=DURATION, dry_run=yes, pool=yes" },
	{ "root 1G grace=", 1, "'' is not a duration such as 2s or 500ms" },
	{ "root 1G grace=2", 1, "'2' is not a duration such as 2s or 500ms" },
	{ "root 1G grace=2000h", 1,
	  "'2000h' is out of range (0s to 4294967.295s)" },
	{ "root 1G grace=2s grace=2s", 1, "'grace=2s' is said twice" },
	{ "root 1G policy=0 policy=1", 1, "'policy=1' is said twice" },
	{ "root 1G policy=5", 1,
	  "'5' is not a policy (highest_rss, longest_run_time, badness, most_private, user_ranked)" },
	{ "root 1G policy=own", 1,
	  "'own' is not a policy (highest_rss, longest_run_time, badness, most_private, user_ranked)" },
	{ "root 1G policy=", 1,
	  "'' is not a policy (highest_rss, longest_run_time, badness, most_private, user_ranked)" },
	{ "root 1G reclaim=0%", 1, "'0%' is neither off nor from 1% to 100%" },
	{ "root 1G warn=0", 1, "'0' is neither off nor from 1% to 100%" },
	{ "root 1G warn=90% warn=90%", 1, "'warn=90%' is said twice" },
	{ "root 1G dry_run=", 1, "'' is neither yes nor no" },
	{ "root 1G dry_run=1", 1, "'1' is neither yes nor no" },
	{ "root 1G reclaim=101", 1,
	  "'101' is neither off nor from 1% to 100%" },
	{ "root 1G reclaim=80.5%", 1,
	  "'80.5%' is neither off nor from 1% to 100%" },
	{ "root 1G reclaim=", 1, "'' is neither off nor from 1% to 100%" },
	{ "root 1G reclaim=80% reclaim=off", 1, "'reclaim=off' is said twice" },
	{ "root 1G reclaim=80% swap_max=1X", 1,
	  "'1X' is not a size such as 100M, 1.5GiB or 50%" },
	{ "root 1G reclaim=80% swap_max=", 1,
	  "'' is not a size such as 100M, 1.5GiB or 50%" },
	{ "root 1G reclaim=80% swap_max=99999999999G", 1,
	  "'99999999999G' is out of range (at most 18446744073709551614 bytes, or 100%)" },
	{ "root 1G reclaim=80% swap_max=1 swap_max=1", 1,
	  "'swap_max=1' is said twice" },
	{ "1 1G\nroot 1G swap_max=1M", 2,
	  "swap_max= takes a limit that reclaims: add reclaim=80%" },
	{ "root 1G swap_max=none", 1,
	  "swap_max= takes a limit that reclaims: add reclaim=80%" },
	{ "root 1G reclaim=off swap_max=1M", 1,
	  "swap_max= takes a limit that reclaims: add reclaim=80%" },
	{ "root 1G\r grace=2s", 1,
	  "'1G?' is not a size such as 100M, 1.5GiB or 50%" },
	{ "ro\033[1mot 1G", 1,
	  "'ro?[1mot' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "interval=5s", 1, "'interval=5s' has no size after it" },
	/* rules */
	{ "20-10 1G", 1,
	  "'20-10' is not a range of users (FIRST-LAST, uids from a lower one to a higher one, up to 4294967294)" },
	{ "1-4294967295 1G", 1,
	  "'1-4294967295' is not a range of users (FIRST-LAST, uids from a lower one to a higher one, up to 4294967294)" },
	{ "10- 1G", 1,
	  "'10-' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "default", 1, "'default' has no size after it" },
	{ "10-20 1G\n10-21 1G\n10-20 2G pool=yes", 3,
	  "'10-20' has a limit in line 1" },
	{ "10-20 1G pool=on", 1, "'on' is neither yes nor no" },
	{ "10-20 1G pool=yes pool=yes", 1, "'pool=yes' is said twice" },
	{ "root 1G pool=yes", 1,
	  "pool=yes takes a range of users in the place of the user: FIRST-LAST, or default" },
	{ "10-20 1G reclaim=80% pool=yes", 1,
	  "a pool cannot reclaim: leave reclaim= out, or pool=yes" },
	/* the daemon */
	{ "[daemon]", 1, "'[daemon]' is no section; [mmlimitd] is" },
	{ "[mmlimitd", 1, "'[mmlimitd' is no section; [mmlimitd] is" },
	{ "[ mmlimitd ]", 1, "'[' is no section; [mmlimitd] is" },
	{ "[mmlimitd] x", 1, "'x' is one word too many" },
	{ "\n[mmlimitd]\n[mmlimitd]", 3, "'[mmlimitd]' is in line 2, too" },
	{ "[mmlimitd]\nroot 1G", 2,
	  "'root' is not a setting KEY=VALUE of mmlimitd" },
	{ "[mmlimitd]\nspeed=1", 2,
	  "'speed' is no setting of mmlimitd (interval, policy)" },
	{ "[mmlimitd]\n=1", 2, "no name before the =" },
	{ "[mmlimitd]\ninterval=", 2, "'interval' has no value" },
	{ "[mmlimitd]\ninterval = # 5s", 2, "'interval' has no value" },
	{ "[mmlimitd]\ninterval=5", 2,
	  "'5' is not a duration such as 2s or 500ms" },
	{ "[mmlimitd]\ninterval=0", 2,
	  "'0' is out of range (1ms to 4294967.295s)" },
	{ "[mmlimitd]\ninterval=0.0009s", 2,
	  "'0.0009s' is out of range (1ms to 4294967.295s)" },
	{ "[mmlimitd]\ninterval=9999h", 2,
	  "'9999h' is out of range (1ms to 4294967.295s)" },
	{ "[mmlimitd]\ninterval=5 s", 2, "'s' is one word too many" },
	{ "[mmlimitd]\nmy interval=5s", 2,
	  "'my' is no setting of mmlimitd (interval, policy)" },
	{ "[mmlimitd]\ninterval in=5s", 2, "'in' is one word too many" },
	{ "[mmlimitd]\ninterval=5s\ninterval=5s", 3,
	  "'interval' is in line 2, too" },
	{ "[mmlimitd]\npolicy=own\n\npolicy=1", 4,
	  "'policy' is in line 2, too" },
	{ "[mmlimitd]\npolicy=-1", 2,
	  "'-1' is not a policy (highest_rss, longest_run_time, badness, most_private, user_ranked, own)" },
	{ "[mmlimitd]\npolicy==own", 2,
	  "'=own' is not a policy (highest_rss, longest_run_time, badness, most_private, user_ranked, own)" },
	/* a long word is shortened */
	{ "0123456789012345678901234567890123456789x 1G", 1,
	  "'0123456789012345678901234567890123456789...' is not a user (a login name, a number up to 4294967294, a range FIRST-LAST, or default)" },
	{ "root 1G 0123456789012345678901234567890123456789x", 1,
	  "'0123456789012345678901234567890123456789...' is none of grace=DURATION, policy=POLICY, reclaim=PERCENT, swap_max=SIZE, warn=PERCENT, term=DURATION, dry_run=yes, pool=yes" },
};

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct mmlimit_conf conf = { .count = 77 };
		struct mmlimit_conf_error error = { 0 };
		int ret;

		ret = mmlimit_conf_parse(wrong[i].text, strlen(wrong[i].text),
					 &conf, &error);
		if (ret != -EINVAL || error.line != wrong[i].line ||
		    strcmp(error.reason, wrong[i].reason))
			fail_msg("%d: %u: %s, expected %u: %s", ret, error.line,
				 error.reason, wrong[i].line, wrong[i].reason);
		if (conf.count != 77 || conf.limits || conf.lines)
			fail_msg("'%s' left something behind", wrong[i].text);
	}
}

static void expect(const char *text, size_t length, unsigned int line,
		   const char *reason)
{
	struct mmlimit_conf_error error = { 0 };
	struct mmlimit_conf conf;

	assert_int_equal(mmlimit_conf_parse(text, length, &conf, &error),
			 -EINVAL);
	assert_int_equal(error.line, line);
	assert_string_equal(error.reason, reason);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
	static const char zero[] = "root 1G\n# \0\n";

	(void)state;
	expect(zero, sizeof(zero) - 1, 2, "the line contains a NUL byte");
	expect("\0", 1, 1, "the line contains a NUL byte");
}

static void lines_of_more_than_1000_bytes_are_refused(void **state)
{
	struct mmlimit_conf conf;
	char text[1100];
	int length;

	(void)state;
	length = snprintf(text, sizeof(text), "root %0994d1\n10070 1", 0);
	text[1000] = '\n';
	read_all_of(text, &conf);
	assert_int_equal(conf.count, 2);
	mmlimit_conf_free(&conf);

	length = snprintf(text, sizeof(text), "10070 1\nroot %0995d1\r\n", 0);
	expect(text, length, 2, "the line is longer than 1000 bytes");
	text[strlen(text) - 2] = '\0';
	expect(text, strlen(text), 2, "the line is longer than 1000 bytes");
}

static void files_are_read_to_their_end(void **state)
{
	struct mmlimit_conf_error error;
	struct mmlimit_conf conf;
	char text[100], path[40];
	int fd;

	(void)state;
	fd = memfd_create("conf", 0);
	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (int i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "%d %d\n", 20000 + i, i);
		assert_true(write(fd, text, strlen(text)) > 0);
	}
	assert_int_equal(mmlimit_conf_read(path, &conf, &error), 0);
	assert_int_equal(conf.count, 2000);
	assert_int_equal(conf.limits[1999].uid, 21999);
	assert_int_equal(conf.limits[1999].mm_max, 1999);
	assert_int_equal(conf.lines[1999], 2000);
	mmlimit_conf_free(&conf);

	assert_int_equal(ftruncate(fd, (1 << 20) + 1), 0);
	assert_int_equal(mmlimit_conf_read(path, &conf, &error), -EFBIG);
	assert_string_equal(error.reason, "File too large");
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(mmlimit_conf_read(path, &conf, &error), -EINVAL);
	assert_int_equal(error.line, 2001);
	close(fd);
}

static void failures_to_read_are_described(void **state)
{
	struct mmlimit_conf_error error = { .line = 5 };
	struct mmlimit_conf conf;

	(void)state;
	errno = 12345;
	assert_int_equal(mmlimit_conf_read("/nonexistent", &conf, &error),
			 -ENOENT);
	assert_int_equal(error.line, 0);
	assert_string_equal(error.reason, "No such file or directory");
	assert_int_equal(mmlimit_conf_read("/", &conf, &error), -EISDIR);
	assert_string_equal(error.reason, "Is a directory");
	assert_int_equal(mmlimit_conf_read("/dev/zero", &conf, &error), -EFBIG);
	assert_int_equal(errno, 12345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_setting_arrives),
		cmocka_unit_test(reclaim_is_set_with_all_that_belongs_to_it),
		cmocka_unit_test(rules_stand_in_the_place_of_users),
		cmocka_unit_test(an_empty_file_says_nothing),
		cmocka_unit_test(lines_may_end_as_on_dos),
		cmocka_unit_test(a_byte_order_mark_may_come_first),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(lines_of_more_than_1000_bytes_are_refused),
		cmocka_unit_test(files_are_read_to_their_end),
		cmocka_unit_test(failures_to_read_are_described),
	};

	return RUN_GROUP(tests);
}
