// SPDX-License-Identifier: GPL-2.0-only
/* The same for a process that has become old, which takes hours of guest time. */
#include "ktap.h"
#include "oomchoice.h"

/* 16384 s is a divisor of 2, of 81920 s one of 3. */
SCENARIO(ranking_spares_who_is_old,
	 {
		 .actors = { { .name = "old",
			       .touched_mib = 32,
			       .age_s = 16400 },
			     { .name = "young", .touched_mib = 24 } },
		 .kernel = "old",
		 .ranked = "young",
	 })

static const struct ktap_test tests[] = {
	KTAP_TEST(ranking_spares_who_is_old, 17000),
};

KTAP_TESTS(tests);
