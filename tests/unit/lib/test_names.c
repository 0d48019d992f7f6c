// SPDX-License-Identifier: GPL-2.0-only
/* Policies, states, users and errors: numbers and what they are called. */
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "mmlimit.h"

#define UNTOUCHED 12345

static void policies_go_by_name_or_number(void **state)
{
	static const struct {
		const char *name;
		const char *number;
		unsigned int policy;
	} table[] = {
		{ "highest_rss", "0", MM_LIMIT_HIGHEST_RSS },
		{ "longest_run_time", "1", MM_LIMIT_LONGEST_RUN_TIME },
		{ "badness", "2", MM_LIMIT_BADNESS },
		{ "most_private", "03", MM_LIMIT_MOST_PRIVATE },
		{ "user_ranked", "4", MM_LIMIT_USER_RANKED },
	};
	unsigned int policy;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(mmlimit_parse_policy(table[i].name, &policy),
				 0);
		assert_int_equal(policy, table[i].policy);
		policy = UNTOUCHED;
		assert_int_equal(mmlimit_parse_policy(table[i].number, &policy),
				 0);
		assert_int_equal(policy, table[i].policy);
		assert_string_equal(mmlimit_policy_name(policy), table[i].name);
	}
}

static void what_is_not_a_policy_is_refused(void **state)
{
	static const char *const table[] = {
		"",
		" ",
		"own",
		"-1",
		"5",
		"1.0",
		"0x1",
		"0 ",
		"highest_rss ",
		"highest_rs",
		"1B",
		"HIGHEST_RSS",
		"18446744073709551616",
		"4294967296",
	};
	unsigned int policy = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (mmlimit_parse_policy(table[i], &policy) != -EINVAL ||
		    policy != UNTOUCHED)
			fail_msg("'%s' passes for a policy", table[i]);
	assert_null(mmlimit_policy_name(5));
	assert_null(mmlimit_policy_name(MM_LIMIT_POLICY_OWN));
}

static void states_have_the_names_of_the_kernel(void **state)
{
	(void)state;
	assert_string_equal(mmlimit_state_name(MM_LIMIT_IDLE), "idle");
	assert_string_equal(mmlimit_state_name(MM_LIMIT_EXCEEDED), "exceeded");
	assert_string_equal(mmlimit_state_name(MM_LIMIT_GRACE), "grace");
	assert_string_equal(mmlimit_state_name(MM_LIMIT_KILLING), "killing");
	assert_string_equal(mmlimit_state_name(MM_LIMIT_STUCK), "stuck");
	assert_string_equal(mmlimit_state_name(MM_LIMIT_RECLAIMING),
			    "reclaiming");
	assert_string_equal(mmlimit_state_name(MM_LIMIT_TERMINATING),
			    "terminating");
	assert_null(mmlimit_state_name(MM_LIMIT_TERMINATING + 1));
	assert_null(mmlimit_state_name(-1));
}

static void users_go_by_name_or_number(void **state)
{
	uid_t uid = UNTOUCHED;

	(void)state;
	assert_int_equal(mmlimit_user("root", &uid), 0);
	assert_int_equal(uid, 0);
	assert_int_equal(mmlimit_user("10070", &uid), 0);
	assert_int_equal(uid, 10070);
	assert_int_equal(mmlimit_user("4294967294", &uid), 0);
	assert_true(uid == 4294967294);
}

static void what_is_not_a_user_is_refused(void **state)
{
	static const char *const table[] = {
		"",
		" ",
		"-1",
		"+1",
		"1 ",
		"0x1",
		"1.0",
		"1e3",
		"root:",
		"4294967295",
		"4294967296",
		"18446744073709551616",
		"no such user",
	};
	uid_t uid = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (mmlimit_user(table[i], &uid) != -ENOENT || uid != UNTOUCHED)
			fail_msg("'%s' passes for a user", table[i]);
}

static void each_error_has_words_of_its_own(void **state)
{
	static const int own[] = {
		0,	 -EACCES, -EPERM, -ENODATA, -ENOSPC, -ENOSYS, -ENOENT,
		-EINVAL, -ERANGE, -E2BIG, -EPROTO,  -EFBIG,  -ENOMEM,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		const char *text = mmlimit_strerror(own[i]);

		assert_true(strlen(text) > 5);
		assert_true(text[strlen(text) - 1] != '.');
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(text, mmlimit_strerror(own[j]));
	}
	assert_string_equal(mmlimit_strerror(-EFAULT), "Bad address");
	assert_string_equal(mmlimit_strerror(-100000), "unknown error");
	assert_string_equal(mmlimit_strerror(1), "unknown error");
	assert_string_equal(mmlimit_strerror(INT_MIN), "unknown error");
	assert_string_equal(mmlimit_strerror(INT_MAX), "unknown error");
}

static void names_leave_errno_alone(void **state)
{
	uid_t uid;

	(void)state;
	errno = UNTOUCHED;
	mmlimit_user("no such user", &uid);
	mmlimit_user("root", &uid);
	mmlimit_strerror(-100000);
	assert_int_equal(errno, UNTOUCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_go_by_name_or_number),
		cmocka_unit_test(what_is_not_a_policy_is_refused),
		cmocka_unit_test(states_have_the_names_of_the_kernel),
		cmocka_unit_test(users_go_by_name_or_number),
		cmocka_unit_test(what_is_not_a_user_is_refused),
		cmocka_unit_test(each_error_has_words_of_its_own),
		cmocka_unit_test(names_leave_errno_alone),
	};

	return RUN_GROUP(tests);
}
