// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests random operations on memory and processes, from MM_SEED. Several
 * workers do them at the same time; whenever all of them rest, each user must
 * be charged for what its address spaces, and what it holds beside them, add up to.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/operations.h"
#include "lib/rules.h"
#include "lib/random.h"
#include "lib/reclaim.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

/* At most so many workers, and so many where large ranges are worked on */
#define CROWD 12
#define WORKERS 6

#define SWAP (64 * MIB)

/* Operations of one worker between two rests */
#define OPERATIONS 25

struct crew {
	struct worker workers[CROWD];
	size_t count;
};

static void begin_all(struct crew *crew, size_t count, enum operations_mix mix)
{
	operations_prepare(mix);
	crew->count = count;
	for (size_t i = 0; i < count; i++) {
		crew->workers[i] = worker_start(0);
		ASSERT_EQ(worker_call(&crew->workers[i], operations_begin,
				      ktap_seed() * 1000 + i),
			  0);
	}
}

static void order_all(struct crew *crew, worker_fn function, long argument)
{
	for (size_t i = 0; i < crew->count; i++)
		worker_send(&crew->workers[i], function, argument);
}

static void await_all(struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		ASSERT_EQ(worker_receive(&crew->workers[i]), 0);
}

/* The range of rules has all users of the operations. */
#define FIRST 10050
#define LAST 10099

static void limit_all(bool limited)
{
	for (size_t i = 0; i < OPERATIONS_USERS; i++) {
		uid_t uid = operations_users[i];

		if (limited)
			ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
		else
			ASSERT_EQ(mmlimit_remove(uid), 0);
	}
}

static void expect_exact(int batch)
{
	for (size_t i = 0; i < OPERATIONS_USERS; i++) {
		struct usage usage;

		ASSERT_TRUE(usage_read(operations_users[i], &usage));
		if (usage.charged != usage.walked)
			KTAP_FAIL("batch %d, user %u: charged %lu, walked %lu",
				  batch, operations_users[i], usage.charged,
				  usage.walked);
		held_exact(operations_users[i]);
	}
}

/* All end, so nothing may be charged, nor be left in the swap space. */
static void end_all(struct crew *crew)
{
	order_all(crew, operations_end, 0);
	await_all(crew);
	for (size_t i = 0; i < crew->count; i++)
		worker_end(&crew->workers[i]);
	for (size_t i = 0; i < OPERATIONS_USERS; i++)
		held_wait_for_nothing(operations_users[i]);
	limit_all(false);
	EXPECT_EQ(swap_remove(), 0);
}

/* While the workers do what they do, all that is swapped out comes back. */
static void swap_off_and_on(void)
{
	ASSERT_EQ(swap_off(), 0);
	swap_on(SWAP);
}

KTAP_TEST(random_operations_are_charged_exactly, 300,
	  "account account_smp held held_smp")
{
	const int batches = ktap_volume("batches");
	unsigned long swapped = 0;
	struct crew crew;

	swap_on(SWAP);
	begin_all(&crew, WORKERS, MIX_LARGE);
	limit_all(true);
	for (int batch = 0; batch < batches; batch++) {
		order_all(&crew, operations_do, OPERATIONS);
		await_all(&crew);
		expect_exact(batch);
		swapped += swap_used();
	}
	EXPECT_GT(swapped, 0);
	end_all(&crew);
}

static void change_some_limit(struct random *changes)
{
	uid_t uid = operations_users[random_below(changes, OPERATIONS_USERS)];

	switch (random_below(changes, 9)) {
	case 0:
		limits_count("rss");
		break;
	case 1:
		limits_count("held");
		break;
	case 2:
		mmlimit_remove(uid);
		break;
	case 3:
		/* It is there already, as a rule of the other kind, or it is set. */
		rule_set(MM_LIMIT_RULE_POOL, FIRST, LAST, LIMIT_HUGE);
		break;
	case 4:
		rule_set(MM_LIMIT_RULE_EACH, FIRST, LAST, LIMIT_HUGE);
		break;
	case 5:
		rule_remove(FIRST, LAST);
		break;
	case 6:
		/* Swap counts beyond this, at what it takes. */
		reclaim_limit_with(uid, LIMIT_HUGE, 100,
				   random_below(changes, SWAP));
		break;
	default:
		ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
	}
}

KTAP_TEST(
	random_operations_while_limits_and_swap_come_and_go_are_charged_exactly,
	300, "account account_smp held held_smp")
{
	const int batches = (ktap_volume("batches") + 1) / 2;
	struct random changes = random_from(ktap_seed());
	char counted[16];
	struct crew crew;

	ASSERT_EQ(file_read(COUNTED, counted, sizeof(counted)), 0);
	limits_log_table(false);
	swap_on(SWAP);
	begin_all(&crew, WORKERS, MIX_LARGE);
	for (int batch = 0; batch < batches; batch++) {
		order_all(&crew, operations_do, OPERATIONS);
		for (int i = 0; i < 6; i++) {
			change_some_limit(&changes);
			if (random_below(&changes, 4) == 0)
				swap_off_and_on();
			usleep(random_below(&changes, 3000));
		}
		limit_all(true);
		rule_remove(FIRST, LAST);
		ASSERT_EQ(rule_set(MM_LIMIT_RULE_POOL, FIRST, LAST, LIMIT_HUGE),
			  0);
		await_all(&crew);
		expect_exact(batch);
		pool_exact(FIRST, LAST);
	}
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	limits_count(counted);
	end_all(&crew);
	limits_log_table(true);
}

KTAP_TEST(many_random_operations_are_charged_exactly, 600,
	  "account_smp held_smp")
{
	const unsigned int operations = ktap_volume("operations");
	const int rests = ktap_volume("rests");
	unsigned long each = operations / (CROWD * rests) + 1;
	uint64_t begin_us = ktap_now_us();
	struct crew crew;

	swap_on(SWAP);
	begin_all(&crew, CROWD, MIX_SMALL);
	limit_all(true);
	for (int batch = 0; batch < rests; batch++) {
		order_all(&crew, operations_do, each);
		swap_off_and_on();
		await_all(&crew);
		expect_exact(batch);
		if (batch % 10 == 0)
			printf("%lu operations so far\n", operations_done());
	}
	end_all(&crew);
	printf("%lu operations of %lu processes and %u users in %llu s, compared %d times\n",
	       operations_done(), operations_processes(), OPERATIONS_USERS,
	       (ktap_now_us() - begin_us) / 1000000ULL, rests);
	operations_report();
	EXPECT_GE(operations_done(), operations);
}
