// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests which victim the kernel chooses by itself, and which by oomrankd's
 * ranking.
 */
#include "ktap/ktap.h"
#include "lib/oomchoice.h"

KTAP_TEST(one_hog_dies_in_both, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "hog", .touched_mib = 40 },
				   { .name = "other", .touched_mib = 16 } },
		       .kernel = "hog", .ranked = "hog");
}

/* Neither knows whose memory it is; a per-user limit does. */
KTAP_TEST(innocent_dies_for_many_small_ones_in_both, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "innocent", .touched_mib = 24 },
				   { .name = "small",
				     .touched_mib = 2,
				     .copies = 30 } },
		       .kernel = "innocent", .ranked = "innocent");
}

/* Neither knows which process is whose child. */
KTAP_TEST(tree_of_forks_survives_in_both, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "single", .touched_mib = 20 },
				   { .name = "tree",
				     .touched_mib = 6,
				     .copies = 10,
				     .tree = true } },
		       .kernel = "single", .ranked = "single");
}

KTAP_TEST(ranking_spares_who_has_worked_long, 120, "oomchoice_long")
{
	OOMCHOICE_PLAY(.actors = { { .name = "busy",
				     .touched_mib = 32,
				     .cpu_s = 33 },
				   { .name = "idle", .touched_mib = 24 } },
		       .kernel = "busy", .ranked = "idle");
}

KTAP_TEST(ranking_takes_the_niced_first, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "normal", .touched_mib = 32 },
				   { .name = "niced",
				     .touched_mib = 24,
				     .nice = 10 } },
		       .kernel = "normal", .ranked = "niced");
}

KTAP_TEST(ranking_spares_root, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "root",
				     .touched_mib = 48,
				     .privilege = ACTOR_ROOT },
				   { .name = "user", .touched_mib = 24 } },
		       .kernel = "root", .ranked = "user");
}

KTAP_TEST(ranking_spares_raw_io, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "rawio",
				     .touched_mib = 48,
				     .privilege = ACTOR_RAW_IO },
				   { .name = "user", .touched_mib = 24 } },
		       .kernel = "rawio", .ranked = "user");
}

/* The formula is older than oom_score_adj. */
KTAP_TEST(kernel_takes_who_offers_itself, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "offered",
				     .touched_mib = 8,
				     .adj = "600" },
				   { .name = "large", .touched_mib = 40 } },
		       .kernel = "offered", .ranked = "large");
}

KTAP_TEST(minus_1000_survives_in_both, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "immune",
				     .touched_mib = 48,
				     .adj = "-1000" },
				   { .name = "other", .touched_mib = 16 } },
		       .kernel = "other", .ranked = "other");
}

KTAP_TEST(swapped_memory_counts_in_both, 120, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "swapped",
				     .touched_mib = 40,
				     .swapped = true },
				   { .name = "present", .touched_mib = 24 } },
		       .kernel = "swapped", .ranked = "swapped",
		       .swap_mib = 48);
}

/*
 * To kill it frees little. That is the price of a measure that counts reserved
 * memory, not memory in use.
 */
KTAP_TEST(ranking_takes_who_only_reserves, 60, "oom")
{
	OOMCHOICE_PLAY(.actors = { { .name = "reserver",
				     .touched_mib = 4,
				     .reserved_mib = 200 },
				   { .name = "user", .touched_mib = 40 } },
		       .kernel = "user", .ranked = "reserver");
}

/*
 * To become old takes hours of guest time: the points are divided by 2 after
 * 16384 s, and by 3 after 81920 s.
 */
KTAP_TEST(ranking_spares_who_is_old, 17000, "oomchoice_long")
{
	OOMCHOICE_PLAY(.actors = { { .name = "old",
				     .touched_mib = 32,
				     .age_s = 16400 },
				   { .name = "young", .touched_mib = 24 } },
		       .kernel = "old", .ranked = "young");
}
