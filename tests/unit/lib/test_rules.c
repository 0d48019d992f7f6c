// SPDX-License-Identifier: GPL-2.0-only
/* Whom rules are for, and kernels that have none. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "mmlimit.h"

/*
 * The linker's --wrap makes a kernel that answers like this to the first call, and to
 * any other one.
 */
static int first_answer, answer;
static unsigned int calls;
static long last_op;
static struct mm_limit_attr asked;

long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	int error = calls++ ? answer : first_answer;
	struct mm_limit_attr *attr;
	va_list arguments;

	assert_int_equal(number, __NR_mm_limit_ctl);
	va_start(arguments, number);
	last_op = va_arg(arguments, int);
	attr = va_arg(arguments, struct mm_limit_attr *);
	assert_int_equal(va_arg(arguments, size_t), MM_LIMIT_ATTR_SIZE_VER5);
	va_end(arguments);
	if (calls == 1)
		asked = *attr;
	if (!error && last_op == MM_LIMIT_CTL_GET_RULE)
		attr->mm_max = 12345;
	errno = error;
	return error ? -1 : 0;
}

static void answers(int to_first_call, int to_others)
{
	first_answer = to_first_call;
	answer = to_others;
	calls = 0;
	errno = 4711;
}

static void ranges_are_two_uids_or_the_default(void **state)
{
	uid_t first = 1, last = 1;

	(void)state;
	assert_int_equal(mmlimit_parse_range("0-0", &first, &last), 0);
	assert_int_equal(first, 0);
	assert_int_equal(last, 0);
	assert_int_equal(mmlimit_parse_range("10000-4294967294", &first, &last),
			 0);
	assert_int_equal(first, 10000);
	assert_true(last == 4294967294);
	assert_int_equal(mmlimit_parse_range("default", &first, &last), 0);
	assert_true(last == 4294967294);
	/* a machine without limits, as this one surely is */
	if (access("/proc/sys/vm/mm_limit_min_uid", F_OK))
		assert_int_equal(first, 10000);
}

static void what_is_not_a_range_changes_nothing(void **state)
{
	static const struct {
		const char *text;
		int error;
	} table[] = {
		{ "", -ENOENT },
		{ "-", -ENOENT },
		{ "1", -ENOENT },
		{ "1-", -ENOENT },
		{ "-1", -ENOENT },
		{ "1-2-3", -ENOENT },
		{ "1 -2", -ENOENT },
		{ "a-b", -ENOENT },
		{ "1-2b", -ENOENT },
		{ "Default", -ENOENT },
		{ "default ", -ENOENT },
		{ "2-1", -ERANGE },
		{ "1-4294967295", -ERANGE },
		{ "99999999999999999999-1", -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		uid_t first = 5, last = 6;
		int ret = mmlimit_parse_range(table[i].text, &first, &last);

		if (ret != table[i].error || first != 5 || last != 6)
			fail_msg("'%s': %d", table[i].text, ret);
	}
}

static void ranges_are_written_so_that_they_can_be_read(void **state)
{
	char text[MMLIMIT_TEXT_SIZE];
	uid_t first, last;

	(void)state;
	assert_string_equal(mmlimit_format_range(10000, 10099, text),
			    "10000-10099");
	assert_string_equal(mmlimit_format_range(4294967294, 4294967294, text),
			    "4294967294-4294967294");
	mmlimit_parse_range("default", &first, &last);
	assert_string_equal(mmlimit_format_range(first, last, text), "default");
	mmlimit_format_range(first + 1, last, text);
	assert_true(*text != 'd');
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_null(mmlimit_rule_name(MM_LIMIT_RULE_NONE));
	assert_string_equal(mmlimit_rule_name(MM_LIMIT_RULE_EACH), "each");
	assert_string_equal(mmlimit_rule_name(MM_LIMIT_RULE_POOL), "pool");
	assert_null(mmlimit_rule_name(3));
	assert_null(mmlimit_rule_name(UINT_MAX));
}

static void
rules_are_the_same_by_their_range_and_users_by_their_uid(void **state)
{
	const struct mm_limit_attr rule = { .uid = -1, .first = 1, .last = 2 };
	const struct mm_limit_attr user = { .uid = 1, .first = 1, .last = 2 };
	struct mm_limit_attr other;

	(void)state;
	other = rule;
	other.rule = MM_LIMIT_RULE_POOL;
	assert_true(mmlimit_is_same(&rule, &other));
	other.first = 0;
	assert_false(mmlimit_is_same(&rule, &other));
	other = user;
	other.last = 7;
	assert_true(mmlimit_is_same(&user, &other));
	assert_false(mmlimit_is_same(&user, &rule));
}

static void each_call_asks_for_its_operation(void **state)
{
	const struct mm_limit_attr rule = { .uid = 99,
					    .fields = MM_LIMIT_FIELD_MAX,
					    .mm_max = 5,
					    .rule = MM_LIMIT_RULE_POOL,
					    .first = 10000,
					    .last = 10099 };
	struct mm_limit_attr attr;

	(void)state;
	answers(0, 0);
	assert_int_equal(mmlimit_rule_read(10000, 10099, &attr), 0);
	assert_int_equal(last_op, MM_LIMIT_CTL_GET_RULE);
	assert_int_equal(asked.first, 10000);
	assert_int_equal(asked.last, 10099);
	assert_int_equal(attr.mm_max, 12345);
	answers(0, 0);
	assert_int_equal(mmlimit_rule_change(&rule), 0);
	assert_int_equal(last_op, MM_LIMIT_CTL_SET_RULE);
	assert_memory_equal(&asked, &rule, sizeof(rule));
	answers(0, 0);
	assert_int_equal(mmlimit_rule_remove(10000, 10099), 0);
	assert_int_equal(last_op, MM_LIMIT_CTL_REMOVE_RULE);
	assert_int_equal(calls, 1);
}

static void kernels_without_rules_are_told_from_wrong_rules(void **state)
{
	struct mm_limit_attr attr = { .mm_max = 7 };

	(void)state;
	answers(EINVAL, EINVAL);
	assert_int_equal(mmlimit_rule_read(1, 2, &attr), -EOPNOTSUPP);
	assert_int_equal(attr.mm_max, 7);
	answers(EINVAL, ENODATA);
	assert_int_equal(mmlimit_rule_change(&attr), -EINVAL);
	answers(EINVAL, EPERM);
	assert_int_equal(mmlimit_rule_remove(2, 1), -EINVAL);
	answers(ENOSYS, ENOSYS);
	assert_int_equal(mmlimit_rule_remove(1, 2), -ENOSYS);
	assert_int_equal(errno, 4711);
	assert_string_equal(
		mmlimit_strerror(-EOPNOTSUPP),
		"this kernel has limits of users, but no rules for many of them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_two_uids_or_the_default),
		cmocka_unit_test(what_is_not_a_range_changes_nothing),
		cmocka_unit_test(ranges_are_written_so_that_they_can_be_read),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(
			rules_are_the_same_by_their_range_and_users_by_their_uid),
		cmocka_unit_test(each_call_asks_for_its_operation),
		cmocka_unit_test(
			kernels_without_rules_are_told_from_wrong_rules),
	};

	return RUN_GROUP(tests);
}
