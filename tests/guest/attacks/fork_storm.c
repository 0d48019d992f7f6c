// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that a limited user whose processes do nothing but fork harms nobody
 * else.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/storm.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define LIMIT (16 * MIB)
#define LEAF_PAGES 64

/**
 * struct tally - what the storm's processes have done; they share it
 * @attempts: to fork
 * @forks: that succeeded
 */
struct tally {
	unsigned int attempts;
	unsigned int forks;
};

static struct region shared;

static unsigned int wanted(void)
{
	return ktap_volume("forks");
}

static struct tally *tally(void)
{
	return (struct tally *)shared.base;
}

static _Noreturn void rest(void)
{
	for (;;)
		pause();
}

/*
 * One of four children forks as its parent does. The others take memory, so
 * that they are the largest, and most of those that fork live on. All that are
 * alive rest when the attempts are used up.
 */
static long fork_and_fork(long unused)
{
	pid_t began = getpid();

	while (__atomic_add_fetch(&tally()->attempts, 1, __ATOMIC_SEQ_CST) <=
	       wanted()) {
		pid_t pid = fork();

		if (pid > 0)
			__atomic_add_fetch(&tally()->forks, 1,
					   __ATOMIC_SEQ_CST);
		if (pid)
			continue;
		if (getpid() % 4) {
			held_grow(LEAF_PAGES);
			rest();
		}
	}
	if (getpid() != began)
		rest();
	return 0;
}

static unsigned int attempts(void)
{
	return __atomic_load_n(&tally()->attempts, __ATOMIC_SEQ_CST);
}

static void wait_until_below_the_limit(void)
{
	struct usage usage;

	ktap_waiting_for("the user to come below its limit");
	while (usage_read(USER_A, &usage) && usage.charged > LIMIT)
		usleep(1000);
	ktap_waiting_for(NULL);
}

KTAP_TEST(fork_storm_of_a_limited_user_hurts_nobody_else, 300,
	  "storm enforce_smp")
{
	const unsigned int fit = LIMIT / MIB;
	unsigned int starts = 0;
	struct storm storm = storm_begin();
	struct worker worker;
	bool lives;

	shared = region_map_common(1);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	/*
	 * The killer may take the last one that forks. One that begins anew at the limit may
	 * be refused the page of the pipe by which it answers.
	 */
	do {
		worker = worker_start(USER_A);
		starts++;
		lives = worker_call(&worker, fork_and_fork, 0) == 0;
		if (!lives)
			worker_wait(&worker);
	} while (!lives && attempts() < wanted());
	printf("%u attempts, %u forks, begun anew %u times\n", attempts(),
	       tally()->forks, starts - 1);
	EXPECT_GE(attempts(), wanted());
	/*
	 * At the limit forks are refused, and while the user has to pay for the killer. Until
	 * then none is, and a process takes less than an MiB.
	 */
	EXPECT_GE(tally()->forks, fit < wanted() / 2 ? fit : wanted() / 2);
	wait_until_below_the_limit();

	/* Nobody of the user is spared. */
	ASSERT_EQ(mmlimit_set(USER_A, 0), 0);
	if (lives)
		EXPECT_TRUE(worker_was_killed(&worker));
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	storm_end(&storm);
}
