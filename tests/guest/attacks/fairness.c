// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that a user whose work the killer never finishes pays for that itself:
 * others have the share of the CPU that they would have if it just kept the CPU
 * busy.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/probe.h"
#include "lib/processes.h"
#include "lib/reclaim.h"
#include "lib/usage.h"
#include "lib/user.h"

/* Processes that do nothing, but that each scan has to look at */
#define IDLE (ktap_slowdown() > 1 ? 50 : 300)

static long start_idle(long count)
{
	while (count--) {
		pid_t pid = fork();

		if (pid < 0)
			return -1;
		while (!pid)
			pause();
	}
	return 0;
}

/* Its children exceed the limit, one after the other, and die. */
static long exceed_for_ever(long unused)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			held_grow(64 * MIB / PAGE);
			_exit(EXIT_FAILURE);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return 0;
}

/* It crosses the limit, and falls below it, again and again, and nobody dies of that. */
static long cross_for_ever(long unused)
{
	for (;;) {
		held_grow(9 * MIB / PAGE);
		held_shrink(9 * MIB / PAGE);
	}
	return 0;
}

static long spin_for_ever(long unused)
{
	for (;;)
		getppid();
	return 0;
}

/**
 * struct opponent - a user that keeps the machine busy
 * @idle: the parent of its idle processes
 * @busy: its busy process
 */
struct opponent {
	struct worker idle;
	struct worker busy;
};

static struct opponent opponent_start(worker_fn function, unsigned int policy,
				      unsigned int flags)
{
	struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_POLICY | MM_LIMIT_FIELD_FLAGS,
		.policy = policy,
		.flags = flags,
	};
	struct opponent opponent;
	struct usage usage;

	opponent.idle = worker_start(USER_A);
	opponent.busy = worker_start(USER_A);
	ASSERT_EQ(worker_call(&opponent.idle, start_idle, IDLE), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_TRUE(usage_read(USER_A, &usage));
	ASSERT_EQ(mmlimit_set(USER_A, usage.charged + 8 * MIB), 0);
	ASSERT_EQ(mmlimit_change(&attr), 0);
	worker_send(&opponent.busy, function, 0);
	/* The CPU time that it has in credit is gone soon. */
	usleep(1000000);
	return opponent;
}

static void opponent_end(struct opponent *opponent)
{
	const struct mm_limit_attr attr = { .uid = USER_A,
					    .fields = MM_LIMIT_FIELD_FLAGS };

	ASSERT_EQ(kill(opponent->busy.pid, SIGKILL), 0);
	worker_wait(&opponent->busy);
	ASSERT_EQ(kill(opponent->idle.pid, SIGKILL), 0);
	worker_wait(&opponent->idle);
	printf("%llu kills, %llu in a trial\n",
	       (unsigned long long)limit_read(USER_A).kills,
	       (unsigned long long)limit_read(USER_A).dry_kills);
	ASSERT_EQ(mmlimit_change(&attr), 0);
	/* Its idle processes are orphans now, and have nothing to lose. */
	ASSERT_EQ(mmlimit_set(USER_A, 0), 0);
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* How far a bystander comes in so many milliseconds */
static long work_beside(worker_fn function, unsigned int policy,
			unsigned int flags, long ms)
{
	struct worker bystander = worker_start(USER_B);
	struct opponent opponent = opponent_start(function, policy, flags);
	long done = worker_call(&bystander, probe_work, ms);

	opponent_end(&opponent);
	worker_end(&bystander);
	return done;
}

/* How far it comes beside a process that computes: the same in each second */
static long fair_share(long ms)
{
	long long second =
		work_beside(spin_for_ever, MM_LIMIT_HIGHEST_RSS, 0, 1000);

	return second * ms / 1000;
}

KTAP_TEST(bystander_keeps_its_share_of_the_cpu, 120, "fairness")
{
	/* The first looks at page tables, and so takes longest. */
	static const unsigned int policies[] = {
		MM_LIMIT_MOST_PRIVATE,
		MM_LIMIT_HIGHEST_RSS,
		MM_LIMIT_LONGEST_RUN_TIME,
		MM_LIMIT_BADNESS,
	};
	const unsigned int count = ktap_volume("policies");
	long fair = fair_share(1000);

	ASSERT_LE(count, ARRAY_SIZE(policies));
	for (unsigned int i = 0; i < count; i++) {
		long got = work_beside(exceed_for_ever, policies[i], 0, 1000);

		printf("policy %u: %ld%% of a fair share\n", policies[i],
		       got * 100 / fair);
		/* A twentieth is what the killer may take from others. */
		EXPECT_GE(got * 20, fair * 19);
	}
}

KTAP_TEST(bystander_keeps_its_share_beside_a_trial, 60, "fairness")
{
	const long ms = ktap_volume("trial_ms");
	long fair = fair_share(ms);
	long got = work_beside(cross_for_ever, MM_LIMIT_MOST_PRIVATE,
			       MM_LIMIT_DRY_RUN, ms);

	printf("%ld%% of a fair share\n", got * 100 / fair);
	/*
	 * Nobody is stopped in a trial, so what the killer takes is half the
	 * bystander's, whose share is half the time: of 50 ms on credit and a
	 * twentieth of the time.
	 */
	EXPECT_GE(got * 20LL * ms, fair * (19LL * ms - 20 * 50));
}

#define USED (24 * MIB)
#define ALLOWED (16 * MIB)

/* Uses more memory than it may have, over and over, so that swapping has no end. */
static long thrash_for_ever(long unused)
{
	struct region region = region_map(USED / PAGE);

	for (;;)
		region_touch(&region, 0, region.pages);
	return 0;
}

/*
 * The bystander runs beside a user whose memory is swapped out and in all the
 * time.
 */
static long work_beside_swapping(long ms)
{
	struct worker bystander = worker_start(USER_B);
	struct worker swapper = worker_start(USER_A);
	struct mm_limit_attr attr;
	long done;

	reclaim_begin(64 * MIB);
	reclaim_limit(USER_A, ALLOWED);
	worker_send(&swapper, thrash_for_ever, 0);
	usleep(1000000);
	done = worker_call(&bystander, probe_work, ms);
	attr = reclaim_read(USER_A);
	/* Whatever does not fit has come back at least once. */
	EXPECT_GE(attr.refaults, (USED - ALLOWED) / PAGE);
	EXPECT_EQ(attr.kills, 0);
	ASSERT_EQ(kill(swapper.pid, SIGKILL), 0);
	worker_wait(&swapper);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	reclaim_finish();
	worker_end(&bystander);
	return done;
}

KTAP_TEST(bystander_keeps_its_share_beside_swapping, 60, "fairness")
{
	/*
	 * The scheduler shares in ticks of 10 ms, and the background works in bursts
	 * of several: in a second they are up to a tenth of the share.
	 */
	const long ms = ktap_volume("swapping_ms");
	long fair = fair_share(ms);
	long got = work_beside_swapping(ms);

	printf("%ld%% of a fair share\n", got * 100 / fair);
	/*
	 * A tenth of a CPU is what the background may take: turn_below_limit(). With a burst
	 * more at the end, which is a tenth of a second's share
	 */
	EXPECT_GE(got * 10 + fair * 1000 / ms, fair * 9);
}

/* Into memory that it has not used before, in one call; cannot be stopped in it */
static long read_much(long bytes)
{
	struct region region = region_map(bytes / PAGE);

	return read(open("/dev/zero", O_RDONLY), (void *)region.base, bytes);
}

/* While the killer does not come, for its user has had it work too much */
KTAP_TEST(long_read_of_a_user_that_owes_gets_no_further_than_the_limit, 60,
	  "fairness")
{
	struct worker reader = worker_start(USER_A);
	struct opponent opponent =
		opponent_start(exceed_for_ever, MM_LIMIT_MOST_PRIVATE, 0);
	const unsigned long copied = usage_of_process(opponent.busy.pid);
	struct mm_limit_attr attr;

	EXPECT_LT(worker_call(&reader, read_much, 48 * MIB), 48L * MIB);
	attr = limit_read(USER_A);
	printf("peak %llu of %llu, %lu copied\n", (unsigned long long)attr.peak,
	       (unsigned long long)attr.mm_max, copied);
	/*
	 * A page, and maybe a table, of each: the reader, and who exceeds. That one's
	 * parent forks, which stops only before a further table.
	 */
	EXPECT_LE(attr.peak, attr.mm_max + copied + 2 * 2 * PAGE);
	kill(reader.pid, SIGKILL);
	worker_wait(&reader);
	opponent_end(&opponent);
}

/*
 * Returns the microseconds from a limit that is too low to the end of the
 * process.
 */
static uint64_t kill_takes(void)
{
	enum { TIMES = 5 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TIMES; i++) {
		struct worker victim = worker_start(USER_B);
		uint64_t took;

		ASSERT_EQ(worker_call(&victim, held_grow, 2 * MIB / PAGE), 0);
		ASSERT_EQ(mmlimit_set(USER_B, 64 * MIB), 0);
		took = ktap_now_us();
		ASSERT_EQ(mmlimit_set(USER_B, MIB), 0);
		EXPECT_TRUE(worker_was_killed(&victim));
		took = ktap_now_us() - took;
		least = took < least ? took : least;
		ASSERT_EQ(mmlimit_remove(USER_B), 0);
	}
	return least;
}

KTAP_TEST(kill_of_another_user_is_not_delayed, 60, "fairness")
{
	struct opponent opponent;
	uint64_t beside_work, beside_kills;

	opponent = opponent_start(spin_for_ever, MM_LIMIT_HIGHEST_RSS, 0);
	beside_work = kill_takes();
	opponent_end(&opponent);
	opponent = opponent_start(exceed_for_ever, MM_LIMIT_MOST_PRIVATE, 0);
	beside_kills = kill_takes();
	opponent_end(&opponent);
	printf("%llu us beside a busy process, %llu us beside kills\n",
	       (unsigned long long)beside_work,
	       (unsigned long long)beside_kills);
	EXPECT_LE(beside_kills, beside_work + 2000 * ktap_slowdown());
}

/* A kill costs what its user has, not what others have. */
KTAP_TEST(kill_costs_the_same_among_many_processes_of_others, 60, "fairness")
{
	struct worker others = worker_start(USER_C);
	uint64_t alone = kill_takes(), among;

	ASSERT_EQ(worker_call(&others, start_idle, 3 * IDLE), 0);
	among = kill_takes();
	printf("%llu us alone, %llu us among %d processes of another user's\n",
	       (unsigned long long)alone, (unsigned long long)among, 3 * IDLE);
	EXPECT_LE(among * 10, alone * 11);
	ASSERT_EQ(kill(others.pid, SIGKILL), 0);
	worker_wait(&others);
}
