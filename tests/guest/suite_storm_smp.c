// SPDX-License-Identifier: GPL-2.0-only
/* Storms under real concurrency: for a guest with several CPUs. */
#include "ktap.h"
#include "storm_tests.h"

static const struct ktap_test tests[] = {
	KTAP_TEST(fork_storm_of_a_limited_user_hurts_nobody_else, 300),
	KTAP_TEST(thousands_of_limits_come_and_go_while_users_allocate, 300),
	KTAP_TEST(many_limited_users_at_once_lose_only_what_exceeds, 300),
};

KTAP_TESTS(tests);
