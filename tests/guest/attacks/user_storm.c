// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that of a thousand users that allocate at once, each with a limit and a
 * process, only those that exceed their limits lose it.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/crowd.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/storm.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define USERS ktap_volume("users")

/*
 * What users may have beyond a process that takes a little, and what they take: so
 * little that all have room in RAM, and neither is close to the limit. Programs are
 * mapped around each page of theirs that is used, which differs by as much.
 */
#define ROOM (64 * PAGE)
#define MODEST_PAGES 16
#define GREEDY_PAGES 192

static uid_t nth_user(unsigned int n)
{
	return CROWD_USER_FIRST + n;
}

/* Two of three */
static bool is_greedy(unsigned int n)
{
	return n % 3 != 0;
}

/* Grows, and sees that nothing is lost. */
static long take(long pages)
{
	held_grow(pages);
	return held_damage(0);
}

/* A process that has taken a little is charged so much. */
static unsigned long usage_of_modest(void)
{
	struct crowd one = crowd_make(1);
	unsigned long usage;

	ASSERT_EQ(mmlimit_set(nth_user(0), LIMIT_HUGE), 0);
	crowd_add(&one, nth_user(0), take, MODEST_PAGES);
	crowd_start(&one);
	crowd_settle(&one);
	usage = usage_exact(nth_user(0));
	crowd_end(&one);
	return usage;
}

static void limit_all(unsigned long limit)
{
	for (unsigned int i = 0; i < USERS; i++)
		ASSERT_EQ(mmlimit_set(nth_user(i), limit), 0);
}

static void expect_only_the_greedy_dead(struct crowd *crowd)
{
	for (unsigned int i = 0; i < USERS; i++) {
		enum crowd_state expected = is_greedy(i) ? CROWD_KILLED :
							   CROWD_DONE;

		EXPECT_EQ(crowd_state(crowd, i), expected);
	}
	printf("%zu of %u users lost their process\n",
	       crowd_number(crowd, CROWD_KILLED), USERS);
}

KTAP_TEST(many_limited_users_at_once_lose_only_what_exceeds, 300,
	  "storm enforce_smp")
{
	struct storm storm = storm_begin();
	struct crowd crowd;
	unsigned int users;

	ASSERT_EQ(file_write(MAX_ENTRIES, "2000"), 0);
	limit_all(usage_of_modest() + ROOM);
	crowd = crowd_make(USERS);
	for (unsigned int i = 0; i < USERS; i++)
		crowd_add(&crowd, nth_user(i), take,
			  is_greedy(i) ? GREEDY_PAGES : MODEST_PAGES);
	crowd_await(&crowd);
	EXPECT_EQ(crowd_number(&crowd, CROWD_WAITING), USERS);

	crowd_start(&crowd);
	crowd_settle(&crowd);
	expect_only_the_greedy_dead(&crowd);
	EXPECT_GT(usage_exact_of_all(&users), 0);
	EXPECT_EQ(users, USERS + 1);
	crowd_end(&crowd);
	for (unsigned int i = 0; i < USERS; i++)
		EXPECT_EQ(mmlimit_remove(nth_user(i)), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
	storm_end(&storm);
}
