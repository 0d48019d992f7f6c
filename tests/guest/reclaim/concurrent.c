// SPDX-License-Identifier: GPL-2.0-only
/* Tests reclaim under real concurrency, in a guest with several CPUs. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/random.h"
#include "lib/reclaim.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "lib/user.h"

#define SWAP (256 * MIB)
#define LIMIT (16 * MIB)
#define WORKERS 6

static const uid_t users[] = { USER_A, USER_B };

/* Set by the test to end what the workers do; they share it. */
static struct region shared;

static bool go_on(void)
{
	return !__atomic_load_n(&shared.base[0], __ATOMIC_SEQ_CST);
}

static void let_go_on(bool on)
{
	__atomic_store_n(&shared.base[0], !on, __ATOMIC_SEQ_CST);
}

static void fork_and_check(const struct region *region)
{
	pid_t pid = fork();
	int status;

	/* Children that are left are for the killer, as everybody is. */
	if (pid < 0)
		return;
	if (!pid)
		_exit(region_damage(region, 0, region->pages) ? EXIT_FAILURE :
								EXIT_SUCCESS);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status))
		EXPECT_EQ(status, 0);
}

/*
 * Uses parts of more memory than there is room for, forks, gives some back and
 * takes it anew. Returns how many pages were damaged.
 */
static long churn(long seed)
{
	struct random numbers = random_from(seed);
	struct region region = region_map(6 * MIB / PAGE);

	region_touch(&region, 0, region.pages);
	while (go_on()) {
		size_t first = random_below(&numbers, region.pages);
		size_t pages = random_below(&numbers, region.pages - first);

		switch (random_below(&numbers, 8)) {
		case 0:
			fork_and_check(&region);
			break;
		case 1:
			region_drop(&region, first, pages);
			region_touch(&region, first, pages);
			break;
		case 2:
			madvise((char *)region.base + first * PAGE,
				pages * PAGE, MADV_PAGEOUT);
			break;
		default:
			if (region_damage(&region, first, pages))
				return -1;
		}
	}
	return region_damage(&region, 0, region.pages);
}

static void start(struct worker *worker, struct random *numbers, int number)
{
	*worker = worker_start(users[number % 2]);
	worker_send(worker, churn, random_next(numbers));
}

/* One that does not fit is killed, also after it has answered that all is well. */
static void end_churning(struct worker *worker)
{
	long damaged = worker_receive(worker);

	if (damaged == WORKER_DIED) {
		EXPECT_TRUE(worker_was_killed(worker));
		return;
	}
	EXPECT_EQ(damaged, 0);
	worker_end_or_die(worker);
}

/* Somebody does something to the users that are being reclaimed. */
static void disturb(struct worker *workers, struct random *numbers,
		    bool *killed)
{
	uid_t uid = users[random_below(numbers, 2)];
	int victim;

	switch (random_below(numbers, 5)) {
	case 0:
		ASSERT_EQ(mmlimit_remove(uid), 0);
		reclaim_limit(uid, LIMIT);
		break;
	case 1:
		reclaim_limit_with(uid, LIMIT, 1 + random_below(numbers, 100),
				   LIMIT + random_below(numbers, SWAP));
		break;
	case 2:
		victim = random_below(numbers, WORKERS);
		ASSERT_EQ(kill(workers[victim].pid, SIGKILL), 0);
		killed[victim] = true;
		break;
	case 3:
		reclaim_limit(uid, 2 * LIMIT);
		break;
	default:
		reclaim_limit(uid, LIMIT);
	}
}

KTAP_TEST(account_is_exact_and_memory_intact_whatever_happens, 300,
	  "account_smp")
{
	const int rounds = ktap_volume("rounds");
	const unsigned int apart_us = ktap_volume("apart_us");
	struct random numbers = random_from(ktap_seed());
	struct worker workers[WORKERS];

	shared = region_map_common(1);
	reclaim_begin(SWAP);
	for (int i = 0; i < 2; i++)
		reclaim_limit(users[i], LIMIT);
	for (int round = 0; round < rounds; round++) {
		bool killed[WORKERS] = { false };

		let_go_on(true);
		for (int i = 0; i < WORKERS; i++)
			start(&workers[i], &numbers, i);
		for (int i = 0; i < 5; i++) {
			usleep(random_below(&numbers, apart_us) *
			       ktap_slowdown());
			disturb(workers, &numbers, killed);
		}
		let_go_on(false);
		for (int i = 0; i < WORKERS; i++) {
			if (killed[i]) {
				EXPECT_TRUE(worker_was_killed(&workers[i]));
				continue;
			}
			end_churning(&workers[i]);
		}
		for (int i = 0; i < 2; i++) {
			usage_wait_for(users[i], 0);
			EXPECT_EQ(limit_read(users[i]).swap, 0);
			EXPECT_EQ(limit_read(users[i]).swap_stored, 0);
			held_exact(users[i]);
		}
	}
	for (int i = 0; i < 2; i++) {
		reclaim_read(users[i]);
		EXPECT_EQ(mmlimit_remove(users[i]), 0);
	}
	reclaim_finish();
}
