// SPDX-License-Identifier: GPL-2.0-only
/* What all storms have in common: bystanders that must not notice. */
#define _GNU_SOURCE 1
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/storm.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define SIZE (16 * MIB)

/*
 * A machine that does not answer for longer than this, on a release kernel, is
 * said to hang.
 */
#define PATIENCE_US 1000000

/* With real concurrency, other work of the host delays the guest, too. */
static uint64_t patience_us(void)
{
	unsigned int host = ktap_time_is_counted() ? 1 : 10;

	return (uint64_t)PATIENCE_US * host * ktap_slowdown();
}

struct storm storm_begin(void)
{
	static const uid_t users[] = { 0, USER_B, USER_C };
	struct storm storm;

	limits_log_table(false);
	ASSERT_EQ(mmlimit_set(USER_C, SIZE + 4 * MIB), 0);
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		storm.bystanders[i] = worker_start(users[i]);
		ASSERT_EQ(worker_call(&storm.bystanders[i], held_grow,
				      SIZE / PAGE),
			  0);
	}
	storm.probe = probe_start(USER_B);
	return storm;
}

void storm_end(struct storm *storm)
{
	unsigned int users;

	EXPECT_LE(probe_end(&storm->probe), patience_us());
	for (size_t i = 0; i < ARRAY_SIZE(storm->bystanders); i++) {
		EXPECT_EQ(worker_call(&storm->bystanders[i], held_damage, 0),
			  0);
		worker_end(&storm->bystanders[i]);
	}
	usage_wait_for_nothing(USER_C);
	EXPECT_EQ(usage_exact_of_all(&users), 0);
	EXPECT_EQ(users, 1);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
	limits_log_table(true);
}
