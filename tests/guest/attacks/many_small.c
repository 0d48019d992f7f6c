// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests what limits are for: a user fills the memory with many small processes,
 * and the kernel would kill a big process of another user for it.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/crowd.h"
#include "lib/klog.h"
#include "lib/pressure.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

#define ATTACKER USER_A
#define ATTACKERS 240 /* together larger than RAM */
#define SMALL MIB
#define BIG (32 * MIB)
#define LIMIT (100 * MIB)

static long be_small(long unused)
{
	return held_grow(SMALL / PAGE);
}

static long be_big(long unused)
{
	return held_grow(BIG / PAGE);
}

/**
 * struct others - processes that have nothing to do with the attack
 * @innocent: the largest on the machine
 * @root: a small one of root
 */
struct others {
	struct worker innocent;
	struct worker root;
};

static struct others start_others(void)
{
	struct others others = { .innocent = worker_start(USER_B),
				 .root = worker_start(0) };

	ASSERT_EQ(worker_call(&others.innocent, be_big, 0), 0);
	ASSERT_EQ(worker_call(&others.root, be_small, 0), 0);
	return others;
}

static void expect_unharmed(struct worker *worker)
{
	EXPECT_EQ(worker_call(worker, held_damage, 0), 0);
	worker_end(worker);
}

/* One after the other, until @victim dies, if there is one */
static void attack(struct crowd *attackers, struct worker *victim)
{
	crowd_start(attackers);
	while (attackers->count < ATTACKERS &&
	       (!victim || worker_alive(victim))) {
		crowd_add(attackers, ATTACKER, be_small, 0);
		crowd_settle(attackers);
	}
	printf("%zu processes of the attacker, of which %zu live\n",
	       attackers->count, crowd_number(attackers, CROWD_DONE));
}

KTAP_TEST(without_a_limit_the_kernel_kills_the_innocent, 60, "attacks")
{
	struct crowd attackers = crowd_make(ATTACKERS);
	struct others others = start_others();
	struct klog log = klog_open();
	char first[48];

	printf("expect-splat invoked oom-killer\n");
	printf("expect-splat ^Out of memory: Killed process\n");
	ASSERT_EQ(file_write("/proc/sys/vm/oom_dump_tasks", "0"), 0);
	attack(&attackers, &others.innocent);
	/* Until it has gone, memory can run out again, and others follow. */
	snprintf(first, sizeof(first), "Out of memory: Killed process %d ",
		 others.innocent.pid);
	klog_wait(&log, "Out of memory: Killed process");
	EXPECT_TRUE(strstr(log.text, first));
	EXPECT_TRUE(worker_was_killed(&others.innocent));
	expect_unharmed(&others.root);
	klog_close(&log);
	crowd_end(&attackers);
	ASSERT_EQ(file_write("/proc/sys/vm/oom_dump_tasks", "1"), 0);
}

KTAP_TEST(with_a_limit_only_the_attacker_loses_processes, 60, "attacks")
{
	unsigned long before = system_oom_kills();
	struct crowd attackers = crowd_make(ATTACKERS);
	struct others others = start_others();

	ASSERT_EQ(mmlimit_set(ATTACKER, LIMIT), 0);
	attack(&attackers, NULL);
	EXPECT_GT(crowd_number(&attackers, CROWD_KILLED), 0);
	EXPECT_LE(usage_exact(ATTACKER), LIMIT);
	/* No more processes died than had to. */
	EXPECT_GT(usage_exact(ATTACKER), LIMIT - 4 * MIB);
	EXPECT_EQ(system_oom_kills(), before);
	expect_unharmed(&others.innocent);
	expect_unharmed(&others.root);
	crowd_end(&attackers);
	usage_wait_for_nothing(ATTACKER);
	EXPECT_EQ(mmlimit_remove(ATTACKER), 0);
}
