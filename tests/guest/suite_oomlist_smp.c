// SPDX-License-Identifier: GPL-2.0-only
/* /proc/oom under real concurrency: for a guest with several CPUs. */
#define _GNU_SOURCE 1
#include "ktap.h"
#include "oomlist_tests.h"

static const struct ktap_test tests[] = {
	KTAP_TEST(readers_see_one_list_or_the_other, 120),
	KTAP_TEST(machine_runs_out_while_lists_are_written, 300),
	KTAP_TEST(limit_kills_while_lists_are_written, 300),
	KTAP_TEST(sigterm_comes_only_once, 120),
};

KTAP_TESTS(tests);
