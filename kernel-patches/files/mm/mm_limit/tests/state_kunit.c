// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of the state machine.
 */

#include <kunit/test.h>

#include "../enforce.h"

#define STATES	(MM_LIMIT_TERMINATING + 1)

/* Call a function for all that enforcement can find in a state, reclaim aside. */
static void for_all(struct kunit *test, enum mm_limit_state state,
		    void (*expect)(struct kunit *test, enum mm_limit_step step,
				   bool over, bool due, bool grace))
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		expect(test, mm_limit_next_step(state, i & 1, i & 2, i & 4,
						false),
		       i & 1, i & 2, i & 4);
}

static void expect_new(struct kunit *test, enum mm_limit_step step, bool over,
		       bool due, bool grace)
{
	if (!over)
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_REST);
	else if (grace)
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_START_GRACE);
	else
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_KILL);
}

static void new_exceed_starts_a_grace_or_kills(struct kunit *test)
{
	for_all(test, MM_LIMIT_EXCEEDED, expect_new);
	for_all(test, MM_LIMIT_IDLE, expect_new);
}

static void expect_grace(struct kunit *test, enum mm_limit_step step, bool over,
			 bool due, bool grace)
{
	if (!due)
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_WAIT);
	else if (over)
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_KILL);
	else
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_END_GRACE);
}

static void grace_lasts_until_its_end(struct kunit *test)
{
	for_all(test, MM_LIMIT_GRACE, expect_grace);
}

static void expect_killing(struct kunit *test, enum mm_limit_step step,
			   bool over, bool due, bool grace)
{
	if (!over)
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_REST);
	else if (due)
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_FORCE);
	else
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_KILL);
}

static void killing_is_by_force_after_the_wait(struct kunit *test)
{
	for_all(test, MM_LIMIT_KILLING, expect_killing);
}

static void expect_stuck(struct kunit *test, enum mm_limit_step step, bool over,
			 bool due, bool grace)
{
	KUNIT_EXPECT_EQ(test, step,
			over ? MM_LIMIT_STEP_KILL : MM_LIMIT_STEP_REST);
}

static void stuck_looks_again_without_another_grace(struct kunit *test)
{
	for_all(test, MM_LIMIT_STUCK, expect_stuck);
}

static void nobody_below_its_limit_is_killed(struct kunit *test)
{
	enum mm_limit_step step;
	unsigned int state, i;

	for (state = 0; state < STATES; state++) {
		for (i = 0; i < 8; i++) {
			step = mm_limit_next_step(state, false, i & 1, i & 2,
						  i & 4);
			KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_KILL);
			KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_FORCE);
		}
	}
}

static void without_grace_nobody_above_its_limit_is_left_alone(struct kunit *test)
{
	enum mm_limit_step step;
	unsigned int state;

	for (state = 0; state < STATES; state++) {
		step = mm_limit_next_step(state, true, true, false, false);
		KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_REST);
		KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_WAIT);
		KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_START_GRACE);
	}
}

static void victims_that_were_asked_to_end_have_their_time(struct kunit *test)
{
	enum mm_limit_step step;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		step = mm_limit_next_step(MM_LIMIT_TERMINATING, true, false,
					  i & 1, i & 2);
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_WAIT);
		step = mm_limit_next_step(MM_LIMIT_TERMINATING, true, true,
					  i & 1, i & 2);
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_KILL);
		step = mm_limit_next_step(MM_LIMIT_TERMINATING, false, false,
					  i & 1, i & 2);
		KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_REST);
	}
}

static void expect_no_kill(struct kunit *test, enum mm_limit_state state,
			   bool due, bool grace)
{
	enum mm_limit_step step;

	step = mm_limit_next_step(state, true, due, grace, true);
	KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_KILL);
	KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_START_GRACE);
	KUNIT_EXPECT_NE(test, step, MM_LIMIT_STEP_REST);
}

static void grace_and_killer_wait_for_reclaim(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		expect_no_kill(test, MM_LIMIT_IDLE, i & 1, i & 2);
		expect_no_kill(test, MM_LIMIT_EXCEEDED, i & 1, i & 2);
		expect_no_kill(test, MM_LIMIT_RECLAIMING, i & 1, i & 2);
	}
}

static void killing_that_has_begun_is_not_put_off_by_reclaim(struct kunit *test)
{
	enum mm_limit_step step;

	step = mm_limit_next_step(MM_LIMIT_KILLING, true, false, false, true);
	KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_KILL);
	step = mm_limit_next_step(MM_LIMIT_KILLING, true, true, false, true);
	KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_FORCE);
	step = mm_limit_next_step(MM_LIMIT_GRACE, true, true, true, true);
	KUNIT_EXPECT_EQ(test, step, MM_LIMIT_STEP_KILL);
}

static void exhausted_reclaim_is_followed_by_grace_or_kill(struct kunit *test)
{
	for_all(test, MM_LIMIT_RECLAIMING, expect_new);
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(new_exceed_starts_a_grace_or_kills),
	KUNIT_CASE(grace_lasts_until_its_end),
	KUNIT_CASE(killing_is_by_force_after_the_wait),
	KUNIT_CASE(stuck_looks_again_without_another_grace),
	KUNIT_CASE(nobody_below_its_limit_is_killed),
	KUNIT_CASE(without_grace_nobody_above_its_limit_is_left_alone),
	KUNIT_CASE(victims_that_were_asked_to_end_have_their_time),
	KUNIT_CASE(grace_and_killer_wait_for_reclaim),
	KUNIT_CASE(killing_that_has_begun_is_not_put_off_by_reclaim),
	KUNIT_CASE(exhausted_reclaim_is_followed_by_grace_or_kill),
	{}
};

static struct kunit_suite state_suite = {
	.name = "mm_limit_state",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
