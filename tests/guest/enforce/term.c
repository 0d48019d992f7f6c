// SPDX-License-Identifier: GPL-2.0-only
/* Tests victims that are asked to end before they are killed. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/program.h"
#include "lib/usage.h"

#define LIMIT (16 * MIB)
#define ROOM (256 * KIB)
#define KILLS "/proc/mm_limit_kills"

static void set(uid_t uid, unsigned long bytes, unsigned int term_ms)
{
	const struct mm_limit_attr attr = {
		.uid = uid,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_TERM,
		.mm_max = bytes,
		.term_ms = term_ms,
	};

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
}

static struct region cleaning;

static void clean_up(int signal)
{
	(void)signal;
	region_touch(&cleaning, 0, cleaning.pages);
	_exit(7);
}

/* Uses so many pages more when it is asked to end, and ends. */
static long end_well(long pages)
{
	cleaning = region_map(pages);
	signal(SIGTERM, clean_up);
	return 0;
}

static long ignore(long unused)
{
	(void)unused;
	signal(SIGTERM, SIG_IGN);
	return 0;
}

/* A worker that needs one page more to be above the limit, and the limit */
static struct worker start_at_limit(unsigned long *limit)
{
	struct worker worker;

	set(USER_A, LIMIT_HUGE, 0);
	worker = start_holding(USER_A, 4 * MIB);
	ASSERT_EQ(worker_call(&worker, held_prepare, 8 * MIB / PAGE), 0);
	*limit = usage_exact(USER_A) + PAGE;
	return worker;
}

static unsigned int told(const char *text)
{
	static char kills[16 * KIB];

	ASSERT_EQ(file_read(KILLS, kills, sizeof(kills)), 0);
	return occurrences(kills, text);
}

static void wait_for_state(enum mm_limit_state state)
{
	ktap_waiting_for("state %d", state);
	while (limit_read(USER_A).state != state)
		usleep(1000);
	ktap_waiting_for(NULL);
}

KTAP_TEST(victim_that_ends_when_asked_is_not_killed, 20, "enforce enforce_smp")
{
	struct worker worker;
	int status;

	set(USER_A, LIMIT, 10000 * ktap_slowdown());
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, end_well, 16), 0);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * LIMIT / PAGE),
		  WORKER_DIED);
	status = worker_wait(&worker);
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	wait_for_state(MM_LIMIT_IDLE);
	EXPECT_EQ(limit_read(USER_A).terms, 1);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_LE(limit_read(USER_A).peak, LIMIT + ROOM);
	EXPECT_EQ(told(" action=term reason=exceeded "), 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(victim_that_ignores_it_dies_when_its_time_is_over, 20, "enforce")
{
	const unsigned int ms = 500 * ktap_slowdown();
	struct worker worker;
	unsigned long limit;
	uint64_t began_us;

	worker = start_at_limit(&limit);
	ASSERT_EQ(worker_call(&worker, ignore, 0), 0);
	set(USER_A, limit, ms);
	began_us = ktap_now_us();
	/* It may go on, in the room that it has. */
	ASSERT_EQ(worker_call(&worker, held_grow, ROOM / PAGE / 2), 0);
	EXPECT_EQ(limit_read(USER_A).state, MM_LIMIT_TERMINATING);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_GE(ktap_now_us() - began_us, ms * 1000ULL);
	EXPECT_LT(ktap_now_us() - began_us, ms * 1500ULL);
	EXPECT_EQ(told(" action=term "), 1);
	EXPECT_EQ(told(" action=kill reason=exceeded "), 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(victim_that_grows_beyond_its_room_dies_at_once, 20,
	  "enforce enforce_smp")
{
	struct worker worker;
	unsigned long limit;

	worker = start_at_limit(&limit);
	ASSERT_EQ(worker_call(&worker, ignore, 0), 0);
	/* Longer than the test may take */
	set(USER_A, limit, 3600000);
	EXPECT_EQ(worker_call(&worker, held_grow, 2 * ROOM / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(limit_read(USER_A).terms, 1);
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	EXPECT_GT(limit_read(USER_A).peak, limit + ROOM / 2);
	EXPECT_LE(limit_read(USER_A).peak, limit + ROOM);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(user_far_above_its_limit_has_no_room_to_end_in, 20, "enforce")
{
	struct worker worker = start_holding(USER_A, 4 * MIB);

	set(USER_A, 2 * MIB, 3600000);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(limit_read(USER_A).terms, 0);
	EXPECT_EQ(told(" action=kill reason=lowered "), 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(limit_is_what_it_was_when_its_victims_have_ended, 20, "enforce")
{
	struct worker first, second;
	unsigned long limit;

	first = start_at_limit(&limit);
	set(USER_A, limit + 4 * MIB, 10000 * ktap_slowdown());
	/* Neither has done anything about SIGTERM, so they die of it. */
	EXPECT_EQ(worker_call(&first, held_grow, 6 * MIB / PAGE), WORKER_DIED);
	EXPECT_EQ(WTERMSIG(worker_wait(&first)), SIGTERM);
	wait_for_state(MM_LIMIT_IDLE);
	second = worker_start(USER_A);
	EXPECT_EQ(worker_call(&second, held_grow, 16 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_EQ(WTERMSIG(worker_wait(&second)), SIGTERM);
	EXPECT_EQ(limit_read(USER_A).terms, 2);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_LE(limit_read(USER_A).peak, limit + 4 * MIB + 2 * PAGE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Sets its own part again and again, a little lower than the hard one. */
static long toggle(long limit)
{
	for (unsigned int i = 0;; i++)
		mmlimit_set(USER_A, limit - i % 2 * PAGE);
	return 0;
}

KTAP_TEST(changing_its_own_part_wins_a_victim_no_time, 30,
	  "enforce enforce_smp")
{
	const unsigned int ms = 500 * ktap_slowdown();
	struct worker worker, toggler;
	unsigned long limit;
	uint64_t began_us;

	toggler = worker_start(USER_A);
	worker = start_at_limit(&limit);
	ASSERT_EQ(worker_call(&worker, ignore, 0), 0);
	ASSERT_EQ(worker_call(&toggler, ignore, 0), 0);
	set(USER_A, limit + 16 * PAGE, ms);
	worker_send(&toggler, toggle, limit + 16 * PAGE);
	began_us = ktap_now_us();
	EXPECT_EQ(worker_call(&worker, held_grow, ROOM / PAGE / 2), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	if (ktap_time_is_counted())
		EXPECT_LT(ktap_now_us() - began_us, ms * 2000ULL);
	EXPECT_LE(limit_read(USER_A).peak, limit + 16 * PAGE + ROOM);
	ASSERT_EQ(kill(toggler.pid, SIGKILL), 0);
	worker_wait(&toggler);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(removal_and_order_do_not_wait_for_who_was_asked_to_end, 20, "enforce")
{
	struct worker worker;
	unsigned long limit;

	worker = start_at_limit(&limit);
	ASSERT_EQ(worker_call(&worker, ignore, 0), 0);
	set(USER_A, limit, 3600000);
	ASSERT_EQ(worker_call(&worker, held_grow, 4), 0);
	wait_for_state(MM_LIMIT_TERMINATING);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_TRUE(worker_lives_for(&worker, 300 * ktap_slowdown()));
	/* With room for the pages that are missing, and one that is not */
	set(USER_A, limit + 4 * PAGE, 3600000);
	ASSERT_EQ(worker_call(&worker, held_grow, 4), 0);
	wait_for_state(MM_LIMIT_TERMINATING);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 1);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(told(" action=kill reason=order "), 1);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
