// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests vm.mm_limit_trigger: when each trigger has the killer look, and changes
 * of it at run time.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/captive.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/prepared.h"
#include "lib/processes.h"
#include "lib/usage.h"

#define LIMIT (12 * MIB)

static const char *const triggers[] = { "exact", "alloc", "hybrid",
					"periodic" };

static void set_trigger(const char *name)
{
	ASSERT_EQ(file_write(TRIGGER, name), 0);
}

static void expect_trigger(const char *name)
{
	char text[32];

	ASSERT_EQ(file_read(TRIGGER, text, sizeof(text)), 0);
	text[strcspn(text, "\n")] = '\0';
	EXPECT_STREQ(text, name);
}

KTAP_TEST(trigger_has_a_name, 10, "enforce")
{
	static const char *const wrong[] = {
		"exactly",
		"exac",
		"",
		"\n",
		"0",
		"1",
		"EXACT",
		"alloc hybrid",
		"exact                                                  ly",
	};

	expect_trigger("exact");
	for (size_t i = 0; i < ARRAY_SIZE(triggers); i++) {
		set_trigger(triggers[i]);
		expect_trigger(triggers[i]);
		for (size_t j = 0; j < ARRAY_SIZE(wrong); j++) {
			EXPECT_TRUE(file_write(TRIGGER, wrong[j]) != 0 ||
				    !wrong[j][0]);
			expect_trigger(triggers[i]);
		}
	}
	set_trigger("exact\n");
	expect_trigger("exact");
}

KTAP_TEST(periodic_does_nothing_by_itself, 20, "enforce")
{
	struct worker worker;

	set_trigger("periodic");
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = start_holding(USER_A, 4 * MIB);
	EXPECT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE), 0);
	EXPECT_TRUE(worker_lives_for(&worker, 1000 * ktap_slowdown()));
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 2), 0);
	EXPECT_TRUE(worker_lives_for(&worker, 1000 * ktap_slowdown()));
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	EXPECT_EQ(limit_read(USER_A).exceeds, 0);

	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 1);
	EXPECT_EQ(limit_read(USER_A).exceeds, 1);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	set_trigger("exact");
}

/* A kill that was ordered is seen through, by force if need be. */
KTAP_TEST(periodic_sees_an_ordered_kill_through, 10, "enforce")
{
	struct captivity captivity;
	struct worker victim;

	set_trigger("periodic");
	captivity_begin(&captivity);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	victim = start_holding(USER_A, 16 * MIB);
	captivity_take(&captivity, &victim);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 1);
	ktap_waiting_for("the memory of the victim");
	while (usage_exact(USER_A) > LIMIT)
		usleep(1000);
	EXPECT_TRUE(worker_alive(&victim));
	captivity_end(&captivity);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	set_trigger("exact");
}

/* Returns how far above its limit a growing process is when it is killed. */
static long overshoot_of(const char *trigger)
{
	struct worker worker, other;
	struct kill_line kill;
	struct klog log;

	klog_rest();
	log = klog_open();
	set_trigger(trigger);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	other = start_holding(USER_B, 2 * LIMIT);
	worker = start_holding(USER_A, MIB);
	EXPECT_EQ(worker_call(&worker, held_grow, 64 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	EXPECT_EQ(kill.pid, worker.pid);
	EXPECT_GT(kill.user_rss, LIMIT);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	set_trigger("exact");
	printf("%s: %ld bytes above\n", trigger, (long)(kill.user_rss - LIMIT));
	return kill.user_rss - LIMIT;
}

/*
 * It looks when a page is allocated, so before that page counts: a page and its
 * table later than "exact".
 */
KTAP_TEST(alloc_notices_at_the_next_page, 30, "enforce")
{
	EXPECT_LE(overshoot_of("exact"), 2 * PAGE);
	EXPECT_LE(overshoot_of("alloc"), 4 * PAGE);
}

/* Close to the limit its pauses are short: 10 ms for 4 MiB of room. */
KTAP_TEST(hybrid_notices_soon, 20, "enforce")
{
	EXPECT_LE(overshoot_of("hybrid"), 4 * MIB);
}

/* A worker of a user that is slow so far, and far from its limit: a long pause begins. */
static struct worker start_pausing(uid_t uid)
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(uid, 200 * MIB), 0);
	worker = start_holding(uid, MIB);
	for (int i = 0; i < 5; i++) {
		EXPECT_TRUE(worker_lives_for(&worker, 100));
		ASSERT_EQ(worker_call(&worker, held_grow, 1), 0);
	}
	return worker;
}

/*
 * It notices within its longest pause, and a process that then grows dies. The second user
 * does not have to pay for what it took to kill so large a process of the first one.
 */
KTAP_TEST(hybrid_pauses_for_half_a_second_at_most, 20, "enforce")
{
	uint64_t crossed_us, slow_us = 500000 + 20000 * ktap_slowdown();
	struct worker worker;

	set_trigger("hybrid");
	worker = start_pausing(USER_A);
	ASSERT_EQ(worker_call(&worker, held_grow, 200 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	worker = start_pausing(USER_B);
	ASSERT_EQ(mmlimit_set(USER_B, 4 * MIB), 0);
	crossed_us = ktap_now_us();
	while (worker_call(&worker, held_grow, 16) == 0 &&
	       ktap_now_us() < crossed_us + 10 * slow_us)
		continue;
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_LE(ktap_now_us(), crossed_us + slow_us);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	set_trigger("exact");
}

#define CROWD 40

/*
 * Returns how long a process takes to grow in a crowd of its user's processes.
 */
static uint64_t time_with(const char *trigger)
{
	const unsigned long pages = ktap_volume("pages");
	struct worker crowd[CROWD], worker;
	uint64_t began_us, took_us;

	set_trigger(trigger);
	ASSERT_EQ(mmlimit_set(USER_A, 256 * MIB), 0);
	for (int i = 0; i < CROWD; i++)
		crowd[i] = worker_start(USER_A);
	worker = start_holding(USER_A, MIB);
	began_us = ktap_now_us();
	ASSERT_EQ(worker_call(&worker, held_grow, pages), 0);
	took_us = ktap_now_us() - began_us;
	printf("%s: %llu us\n", trigger, (unsigned long long)took_us);
	for (int i = 0; i < CROWD; i++)
		worker_end(&crowd[i]);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	set_trigger("exact");
	return took_us;
}

KTAP_TEST(walking_costs_and_pausing_saves, 30, "enforce")
{
	uint64_t exact = time_with("exact");
	uint64_t hybrid = time_with("hybrid");
	uint64_t alloc = time_with("alloc");

	EXPECT_GT(alloc, 2 * exact);
	EXPECT_LT(hybrid, (alloc + exact) / 2);
}

/* Whoever could not be killed, and has shrunk since, has begun anew. */
KTAP_TEST(walk_finds_that_a_breach_is_over, 20, "enforce")
{
	for (int i = 1; i < 3; i++) {
		struct worker worker;

		set_trigger(triggers[i]);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
		worker = worker_start(USER_A);
		process_set_oom_score_adj(worker.pid, "-1000");
		ASSERT_EQ(worker_call(&worker, held_grow, 16 * MIB / PAGE), 0);
		limit_wait_for_state(USER_A, MM_LIMIT_STUCK);
		ASSERT_EQ(worker_call(&worker, held_shrink, 8 * MIB / PAGE), 0);
		ASSERT_EQ(worker_call(&worker, held_grow, 1), 0);
		limit_wait_for_state(USER_A, MM_LIMIT_IDLE);
		EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
		worker_end(&worker);
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
	set_trigger("exact");
}

static unsigned int grace_ms(void)
{
	return 400 * ktap_slowdown();
}

KTAP_TEST(grace_is_kept_by_all_that_notice, 20, "enforce")
{
	for (int i = 0; i < 3; i++) {
		struct worker worker;
		uint64_t began_us, after_us;

		set_trigger(triggers[i]);
		ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
		worker = start_holding(USER_A, LIMIT - 2 * MIB);
		began_us = ktap_now_us();
		EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
		after_us = ktap_now_us();
		EXPECT_TRUE(worker_was_killed(&worker));
		EXPECT_GE(ktap_now_us(), began_us + 1000ULL * grace_ms());
		EXPECT_LE(ktap_now_us(), after_us + 1500ULL * grace_ms());
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
	set_trigger("exact");
}

KTAP_TEST(change_during_a_grace_keeps_its_end, 10, "enforce")
{
	struct worker worker;
	uint64_t began_us, after_us;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_holding(USER_A, 4 * MIB);
	began_us = ktap_now_us();
	EXPECT_EQ(worker_call(&worker, held_grow, 12 * MIB / PAGE), 0);
	after_us = ktap_now_us();
	for (int i = 0; i < 6; i++) {
		EXPECT_TRUE(worker_lives_for(&worker, grace_ms() / 10));
		set_trigger(triggers[(i + 1) % 3]);
	}
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_GE(ktap_now_us(), began_us + 1000ULL * grace_ms());
	EXPECT_LE(ktap_now_us(), after_us + 1500ULL * grace_ms());
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	set_trigger("exact");
}

KTAP_TEST(periodic_during_a_grace_lets_live, 20, "enforce")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, grace_ms()), 0);
	worker = start_holding(USER_A, 16 * MIB);
	set_trigger("periodic");
	EXPECT_TRUE(worker_lives_for(&worker, 3 * grace_ms()));
	/* It is above still, so this is not the end of it. */
	set_trigger("exact");
	worker_call(&worker, held_grow, 1);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Whoever has grown beyond its limit unnoticed is noticed then. */
KTAP_TEST(change_from_periodic_finds_who_is_above, 10, "enforce")
{
	for (int i = 0; i < 3; i++) {
		struct worker worker;

		set_trigger("periodic");
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
		worker = start_holding(USER_A, 16 * MIB);
		set_trigger(triggers[i]);
		EXPECT_TRUE(worker_was_killed(&worker));
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
	set_trigger("exact");
}

static struct region shared;

static long touch_shared(long pages)
{
	region_touch(&shared, 0, pages);
	return 0;
}

/* A victim lingers, with memory that counts as gone; another waits for it. */
KTAP_TEST(changes_during_a_kill_take_nobody_else, 20, "enforce")
{
	struct captivity captivity;
	struct worker victim, other;

	limits_count("rss");
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	captivity_begin(&captivity);
	ASSERT_EQ(mmlimit_set(USER_A, 40 * MIB), 0);
	shared = region_map_shared(24 * MIB / PAGE);
	victim = worker_start(USER_A);
	ASSERT_EQ(worker_call(&victim, touch_shared, 24 * MIB / PAGE), 0);
	other = start_holding(USER_A, 4 * MIB);
	captivity_take(&captivity, &victim);
	worker_send(&other, held_grow, 20 * MIB / PAGE);
	ktap_waiting_for("the kill");
	while (limit_read(USER_A).kills == 0)
		usleep(1000);
	for (int i = 1; i <= 8; i++) {
		set_trigger(triggers[i % 4]);
		EXPECT_TRUE(worker_lives_for(&other, 20 * ktap_slowdown()));
	}
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	captivity_end(&captivity);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_EQ(worker_receive(&other), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	worker_end(&other);
	region_unmap(&shared);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
	limits_count("held");
}
