// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whom the kernel kills by itself when the system runs out of memory, and whom
 * with oomrankd's ranking: the same processes, twice.
 * Documentation/mm/oom_candidates.rst has the table, with the reasons.
 */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "actor.h"
#include "files.h"
#include "klog.h"
#include "ktap.h"
#include "memory.h"
#include "oomlist.h"
#include "oomrankd_tests.h"
#include "program.h"
#include "swap.h"

#define MOST_ACTORS 3
#define DUMP_TASKS "/proc/sys/vm/oom_dump_tasks"

/* How much is left of memory when it is taken in small steps only */
#define SLOWLY (8 * MIB)

/**
 * struct scenario - who there is, and who is expected to die
 * @actors: who there is, up to one without a name
 * @kernel: the kernel's victim, by its name
 * @ranked: the victim of the ranking
 * @swap_mib: swap space
 */
struct scenario {
	struct actor actors[MOST_ACTORS + 1];
	const char *kernel;
	const char *ranked;
	unsigned int swap_mib;
};

static struct cast casts[MOST_ACTORS];
static int actors;

static unsigned long number_of(pid_t pid, const char *file)
{
	char path[48], text[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	return strtoul(text, NULL, 10);
}

/* The two measures; both have the largest die first. */
static void show_measures(void)
{
	char output[PROGRAM_OUTPUT];

	for (int i = 0; i < actors; i++)
		printf("%s: pid %d, oom_score %lu, total_vm %lu\n",
		       casts[i].actor->name, casts[i].workers[0].pid,
		       number_of(casts[i].workers[0].pid, "oom_score"),
		       number_of(casts[i].workers[0].pid, "statm"));
	EXPECT_EQ(PROGRAM(output, "oomrankd", "--dry-run"), 0);
}

static struct cast *cast_of(const char *name)
{
	for (int i = 0; i < actors; i++)
		if (!strcmp(casts[i].actor->name, name))
			return &casts[i];
	KTAP_FAIL("nobody is called '%s'", name);
	ktap_stop();
}

/*
 * Returns who is chosen, once memory is used up. The kernel tells; a victim that
 * takes its time to exit may cost others their lives before it is gone.
 */
static struct cast *run_out_of_memory(void)
{
	struct worker presser = presser_start();
	struct klog log = klog_open();
	char name[16] = "";

	presser_leave(&presser, SLOWLY);
	ktap_waiting_for("somebody to die");
	while (!*name) {
		presser_take(&presser);
		while (!*name && klog_next(&log))
			sscanf(log.text,
			       "Out of memory: Killed process %*d (%15[^)])",
			       name);
	}
	while (!actor_has_died(cast_of(name)))
		presser_take(&presser);
	ktap_waiting_for(NULL);
	klog_close(&log);
	presser_end(&presser);
	return cast_of(name);
}

static struct cast *run_ranked(void)
{
	struct cast *victim;
	pid_t pids[RANKD_MOST];

	RANKD_START("--interval", "100h");
	show_measures();
	victim = run_out_of_memory();
	/* It may have ranked anew since, under pressure. */
	EXPECT_GT(rankd_list(pids), 0);
	rankd_end();
	return victim;
}

/*
 * First with the ranking; then only who has died has to be started again, and
 * who has become old can stay.
 */
static void play(const struct scenario *scenario)
{
	struct cast *ranked, *kernel;

	printf("expect-splat invoked oom-killer\n");
	printf("expect-splat ^Out of memory: Killed process\n");
	ASSERT_EQ(file_write(DUMP_TASKS, "0"), 0);
	/*
	 * A victim may be reading itself in when it is killed; then that fails,
	 * and the kernel says so.
	 */
	if (scenario->swap_mib) {
		printf("expect-splat ^[a-z]*: page allocation failure: order:0\n");
		swap_on(scenario->swap_mib * MIB);
	}
	for (actors = 0; scenario->actors[actors].name; actors++)
		actor_start(&casts[actors], &scenario->actors[actors]);

	ranked = run_ranked();
	EXPECT_STREQ(ranked->actor->name, scenario->ranked);
	for (int i = 0; i < actors; i++)
		if (actor_has_died(&casts[i])) {
			actor_end(&casts[i]);
			actor_start(&casts[i], &scenario->actors[i]);
		}

	OOMLIST_EXPECT_EMPTY();
	kernel = run_out_of_memory();
	EXPECT_STREQ(kernel->actor->name, scenario->kernel);
	printf("table: kernel %s, ranking %s\n", kernel->actor->name,
	       ranked->actor->name);

	for (int i = 0; i < actors; i++)
		actor_end(&casts[i]);
	if (scenario->swap_mib)
		EXPECT_EQ(swap_remove(), 0);
	ASSERT_EQ(file_write(DUMP_TASKS, "1"), 0);
}

#define SCENARIO(test, ...)                                          \
	static void test(void)                                       \
	{                                                            \
		static const struct scenario scenario = __VA_ARGS__; \
		play(&scenario);                                     \
	}

SCENARIO(one_hog_dies_in_both,
	 {
		 .actors = { { .name = "hog", .touched_mib = 40 },
			     { .name = "other", .touched_mib = 16 } },
		 .kernel = "hog",
		 .ranked = "hog",
	 })

/* Neither knows whose memory it is; a per-user limit does. */
SCENARIO(innocent_dies_for_many_small_ones_in_both,
	 {
		 .actors = { { .name = "innocent", .touched_mib = 24 },
			     { .name = "small",
			       .touched_mib = 2,
			       .copies = 30 } },
		 .kernel = "innocent",
		 .ranked = "innocent",
	 })

/* Nor who is whose child. */
SCENARIO(tree_of_forks_survives_in_both,
	 {
		 .actors = { { .name = "single", .touched_mib = 20 },
			     { .name = "tree",
			       .touched_mib = 6,
			       .copies = 10,
			       .tree = true } },
		 .kernel = "single",
		 .ranked = "single",
	 })

SCENARIO(ranking_spares_who_has_worked_long,
	 {
		 .actors = { { .name = "busy", .touched_mib = 32, .cpu_s = 33 },
			     { .name = "idle", .touched_mib = 24 } },
		 .kernel = "busy",
		 .ranked = "idle",
	 })

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

SCENARIO(ranking_takes_the_niced_first,
	 {
		 .actors = { { .name = "normal", .touched_mib = 32 },
			     { .name = "niced",
			       .touched_mib = 24,
			       .nice = 10 } },
		 .kernel = "normal",
		 .ranked = "niced",
	 })

SCENARIO(ranking_spares_root,
	 {
		 .actors = { { .name = "root",
			       .touched_mib = 48,
			       .privilege = ACTOR_ROOT },
			     { .name = "user", .touched_mib = 24 } },
		 .kernel = "root",
		 .ranked = "user",
	 })

SCENARIO(ranking_spares_raw_io,
	 {
		 .actors = { { .name = "rawio",
			       .touched_mib = 48,
			       .privilege = ACTOR_RAW_IO },
			     { .name = "user", .touched_mib = 24 } },
		 .kernel = "rawio",
		 .ranked = "user",
	 })

/* The formula is older than oom_score_adj. */
SCENARIO(kernel_takes_who_offers_itself,
	 {
		 .actors = { { .name = "offered",
			       .touched_mib = 8,
			       .adj = "600" },
			     { .name = "large", .touched_mib = 40 } },
		 .kernel = "offered",
		 .ranked = "large",
	 })

SCENARIO(minus_1000_survives_in_both,
	 {
		 .actors = { { .name = "immune",
			       .touched_mib = 48,
			       .adj = "-1000" },
			     { .name = "other", .touched_mib = 16 } },
		 .kernel = "other",
		 .ranked = "other",
	 })

SCENARIO(swapped_memory_counts_in_both,
	 {
		 .actors = { { .name = "swapped",
			       .touched_mib = 40,
			       .swapped = true },
			     { .name = "present", .touched_mib = 24 } },
		 .kernel = "swapped",
		 .ranked = "swapped",
		 .swap_mib = 48,
	 })

/* To kill it frees little: the price of a measure that is not what is in use. */
SCENARIO(ranking_takes_who_only_reserves,
	 {
		 .actors = { { .name = "reserver",
			       .touched_mib = 4,
			       .reserved_mib = 200 },
			     { .name = "user", .touched_mib = 40 } },
		 .kernel = "user",
		 .ranked = "reserver",
	 })

static const struct ktap_test tests[] = {
	KTAP_TEST(one_hog_dies_in_both, 60),
	KTAP_TEST(innocent_dies_for_many_small_ones_in_both, 60),
	KTAP_TEST(tree_of_forks_survives_in_both, 60),
	KTAP_TEST(ranking_spares_who_has_worked_long, 120),
	KTAP_TEST(ranking_spares_who_is_old, 17000),
	KTAP_TEST(ranking_takes_the_niced_first, 60),
	KTAP_TEST(ranking_spares_root, 60),
	KTAP_TEST(ranking_spares_raw_io, 60),
	KTAP_TEST(kernel_takes_who_offers_itself, 60),
	KTAP_TEST(minus_1000_survives_in_both, 60),
	KTAP_TEST(swapped_memory_counts_in_both, 120),
	KTAP_TEST(ranking_takes_who_only_reserves, 60),
};

KTAP_SUITE(tests)
