// SPDX-License-Identifier: GPL-2.0-only
/* Tests the victim of each policy, and the killer when it is called. */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/processes.h"
#include "lib/usage.h"

static void set_policy(uid_t uid, unsigned int policy)
{
	struct mm_limit_attr attr = { .uid = uid,
				      .fields = MM_LIMIT_FIELD_POLICY,
				      .policy = policy };

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
}

/* Whoever it is of @count workers that the next kill takes */
static int victim_of(struct worker *workers, int count, unsigned long bytes)
{
	int dead = -1;

	ASSERT_EQ(mmlimit_set(USER_A, bytes), 0);
	ktap_waiting_for("the kill");
	while (dead < 0) {
		for (int i = 0; i < count; i++)
			if (!worker_alive(&workers[i]))
				dead = i;
		usleep(1000);
	}
	ktap_waiting_for(NULL);
	return dead;
}

/* One of them has to go, the others are to be intact. Ends them all. */
static void expect_victim(struct worker *workers, int count,
			  unsigned long bytes, int victim)
{
	EXPECT_EQ(victim_of(workers, count, bytes), victim);
	/* Whatever is still on its way comes within a kill's wait. */
	usleep(200000 * ktap_slowdown());
	for (int i = 0; i < count; i++) {
		if (i == victim) {
			EXPECT_TRUE(worker_was_killed(&workers[i]));
			continue;
		}
		EXPECT_EQ(worker_call(&workers[i], held_damage, 0), 0);
		worker_end(&workers[i]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static void start_three(struct worker *workers)
{
	usage_begin(USER_A);
	workers[0] = start_holding(USER_A, 12 * MIB);
	workers[1] = start_holding(USER_A, 6 * MIB);
	workers[2] = start_holding(USER_A, 9 * MIB);
}

/* Returns a limit for which one death is enough, whichever process it is. */
static unsigned long a_little_less(void)
{
	return usage_exact(USER_A) - 4 * PAGE;
}

KTAP_TEST(highest_rss_takes_the_largest, 10, "enforce")
{
	struct worker workers[3];

	start_three(workers);
	set_policy(USER_A, MM_LIMIT_HIGHEST_RSS);
	expect_victim(workers, 3, a_little_less(), 0);
}

static long spin(long ms)
{
	uint64_t end_us = ktap_now_us() + 1000ULL * ms;

	while (ktap_now_us() < end_us)
		continue;
	return 0;
}

KTAP_TEST(longest_run_time_takes_the_busiest, 10, "enforce")
{
	struct worker workers[3];

	start_three(workers);
	ASSERT_EQ(worker_call(&workers[1], spin, 100 * ktap_slowdown()), 0);
	set_policy(USER_A, MM_LIMIT_LONGEST_RUN_TIME);
	expect_victim(workers, 3, a_little_less(), 1);
}

static void *spin_in_thread(void *unused)
{
	spin(100 * ktap_slowdown());
	return NULL;
}

/* The time of threads that are gone counts, it was the process's. */
static long spin_in_a_thread(long unused)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, spin_in_thread, NULL))
		return -1;
	pthread_join(thread, NULL);
	return 0;
}

KTAP_TEST(longest_run_time_counts_all_threads, 10, "enforce")
{
	struct worker workers[3];

	start_three(workers);
	ASSERT_EQ(worker_call(&workers[0], spin, 30 * ktap_slowdown()), 0);
	ASSERT_EQ(worker_call(&workers[2], spin_in_a_thread, 0), 0);
	set_policy(USER_A, MM_LIMIT_LONGEST_RUN_TIME);
	expect_victim(workers, 3, a_little_less(), 2);
}

KTAP_TEST(badness_adds_oom_score_adj, 10, "enforce")
{
	struct worker workers[3];

	start_three(workers);
	process_set_oom_score_adj(workers[1].pid, "500");
	set_policy(USER_A, MM_LIMIT_BADNESS);
	expect_victim(workers, 3, a_little_less(), 1);

	/* Without scores, the size decides. */
	start_three(workers);
	set_policy(USER_A, MM_LIMIT_BADNESS);
	expect_victim(workers, 3, a_little_less(), 0);
}

KTAP_TEST(highest_rss_ignores_oom_score_adj, 10, "enforce")
{
	struct worker workers[3];

	start_three(workers);
	process_set_oom_score_adj(workers[1].pid, "1000");
	process_set_oom_score_adj(workers[0].pid, "-999");
	expect_victim(workers, 3, a_little_less(), 0);
}

/* The user's real uid, with root's capabilities */
static long become_administrator(long uid)
{
	return syscall(SYS_setresuid32, uid, 0, 0) ? -errno : 0;
}

KTAP_TEST(badness_spares_administrators_a_little, 10, "enforce")
{
	struct worker workers[3];

	/* 30 thousandths are 15 MiB of 512, and more if there is more. */
	for (int larger = 0; larger < 2; larger++) {
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
		workers[0] = start_holding(0, larger ? 60 * MIB : 12 * MIB);
		ASSERT_EQ(worker_call(&workers[0], become_administrator,
				      USER_A),
			  0);
		workers[1] = start_holding(USER_A, 6 * MIB);
		workers[2] = start_holding(USER_A, 9 * MIB);
		set_policy(USER_A, MM_LIMIT_BADNESS);
		expect_victim(workers, 3, a_little_less(), larger ? 0 : 2);
	}
}

static struct region common;

static long touch_common(long pages)
{
	region_touch(&common, 0, pages);
	return 0;
}

/* The death of one that shares what it has would free nothing of that. */
KTAP_TEST(most_private_leaves_shared_memory_out, 10, "enforce")
{
	struct worker workers[3];

	common = region_map_shared(24 * MIB / PAGE);
	start_three(workers);
	for (int i = 1; i < 3; i++)
		ASSERT_EQ(worker_call(&workers[i], touch_common,
				      24 * MIB / PAGE),
			  0);
	set_policy(USER_A, MM_LIMIT_MOST_PRIVATE);
	expect_victim(workers, 3, a_little_less(), 0);
	region_unmap(&common);
}

KTAP_TEST(user_ranked_takes_the_first_of_the_list, 10, "enforce")
{
	struct worker workers[3], stranger = start_holding(USER_B, 12 * MIB);

	start_three(workers);
	/* Others on the list are not this user's affair. */
	OOMLIST_SET(stranger.pid, 1, 2, workers[2].pid, workers[0].pid);
	set_policy(USER_A, MM_LIMIT_USER_RANKED);
	expect_victim(workers, 3, a_little_less(), 2);
	OOMLIST_EXPECT(stranger.pid, 1, 2);
	EXPECT_EQ(worker_call(&stranger, held_damage, 0), 0);
	worker_end(&stranger);
	ASSERT_EQ(oomlist_write("\n"), 0);
}

static long share_memory(long unused)
{
	return process_share_memory(-1);
}

/* They die together, so the first of them is what its user has meant. */
KTAP_TEST(user_ranked_goes_by_the_first_of_those_who_share_memory, 10,
	  "enforce")
{
	struct worker workers[3];
	pid_t sharer;

	start_three(workers);
	sharer = worker_call(&workers[2], share_memory, 0);
	ASSERT_GT(sharer, 0);
	OOMLIST_SET(sharer, workers[1].pid, workers[2].pid);
	set_policy(USER_A, MM_LIMIT_USER_RANKED);
	expect_victim(workers, 3, a_little_less(), 2);
	ASSERT_EQ(oomlist_write("\n"), 0);
}

KTAP_TEST(user_ranked_without_a_list_takes_the_largest, 10, "enforce")
{
	struct worker workers[3], stranger = worker_start(USER_B);

	OOMLIST_SET(stranger.pid);
	start_three(workers);
	set_policy(USER_A, MM_LIMIT_USER_RANKED);
	expect_victim(workers, 3, a_little_less(), 0);
	worker_end(&stranger);
}

KTAP_TEST(user_ranked_passes_over_who_is_protected, 10, "enforce")
{
	struct worker workers[3];

	start_three(workers);
	process_set_oom_score_adj(workers[1].pid, "-1000");
	OOMLIST_SET(workers[1].pid, workers[2].pid);
	set_policy(USER_A, MM_LIMIT_USER_RANKED);
	expect_victim(workers, 3, a_little_less(), 2);
}

/*
 * There are more processes than are picked in one scan: those that are listed
 * go in order, then the rest by size.
 */
KTAP_TEST(user_ranked_kills_in_order_while_it_has_to, 20, "enforce")
{
	enum { ALL = 24, LISTED = 18, LEFT = 3 };
	unsigned long usage = 0, before, room = 0;
	struct worker workers[ALL];
	pid_t pids[LISTED];

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT_HUGE, 0), 0);
	set_policy(USER_A, MM_LIMIT_USER_RANKED);
	/* The later it was started, the larger: so ranks go against sizes. */
	for (int i = 0; i < ALL; i++) {
		before = usage;
		workers[i] = start_holding(USER_A, MIB + i * 64 * KIB);
		usage = usage_exact(USER_A);
		/* There is room for the smallest of those not listed. */
		if (i >= LISTED && i < LISTED + LEFT)
			room += usage - before;
	}
	for (int i = 0; i < LISTED; i++)
		pids[i] = workers[(i * 7) % LISTED].pid;
	oomlist_set(pids, LISTED);

	/* There is room for half of another one, too. */
	ASSERT_EQ(mmlimit_set(USER_A, room + MIB), 0);
	for (int i = 0; i < ALL; i++) {
		if (i >= LISTED && i < LISTED + LEFT)
			continue;
		EXPECT_TRUE(worker_was_killed(&workers[i]));
	}
	usleep(200000 * ktap_slowdown());
	for (int i = LISTED; i < LISTED + LEFT; i++) {
		EXPECT_EQ(worker_call(&workers[i], held_damage, 0), 0);
		worker_end(&workers[i]);
	}
	OOMLIST_EXPECT_EMPTY();
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(policy_can_be_changed_at_any_time, 10, "enforce")
{
	struct worker workers[3];

	start_three(workers);
	ASSERT_EQ(worker_call(&workers[1], spin, 100 * ktap_slowdown()), 0);
	set_policy(USER_A, MM_LIMIT_HIGHEST_RSS);
	ASSERT_EQ(mmlimit_set_time(USER_A, a_little_less(),
				   300 * ktap_slowdown()),
		  0);
	/* The killer is called in the middle of a grace, which goes on. */
	EXPECT_TRUE(worker_lives_for(&workers[0], 150 * ktap_slowdown()));
	set_policy(USER_A, MM_LIMIT_LONGEST_RUN_TIME);
	EXPECT_TRUE(worker_was_killed(&workers[1]));
	EXPECT_EQ(worker_call(&workers[0], held_damage, 0), 0);
	EXPECT_EQ(worker_call(&workers[2], held_damage, 0), 0);
	worker_end(&workers[0]);
	worker_end(&workers[2]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define FOREVER_MS 3600000

/* The process of USER_A that a trial of a policy names; one death would be enough. */
static pid_t named_by_trial(unsigned int policy)
{
	const struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_POLICY |
			  MM_LIMIT_FIELD_FLAGS,
		.mm_max = a_little_less(),
		.policy = policy,
		.flags = MM_LIMIT_DRY_RUN,
	};
	struct klog log = klog_open();
	const char *pid;

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	klog_wait(&log, "dry run: uid=10070");
	pid = strstr(log.text, "pid=");
	ASSERT_TRUE(pid);
	klog_close(&log);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	return atoi(pid + strlen("pid="));
}

KTAP_TEST(trial_names_whom_each_policy_would_kill, 20, "enforce")
{
	struct worker workers[3];

	/* It is the log that names them. */
	klog_rest();
	common = region_map_shared(24 * MIB / PAGE);
	start_three(workers);
	for (int i = 1; i < 3; i++)
		ASSERT_EQ(worker_call(&workers[i], touch_common,
				      24 * MIB / PAGE),
			  0);
	OOMLIST_SET(workers[1].pid, workers[0].pid);
	EXPECT_EQ(named_by_trial(MM_LIMIT_HIGHEST_RSS), workers[2].pid);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	EXPECT_EQ(named_by_trial(MM_LIMIT_MOST_PRIVATE), workers[0].pid);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	EXPECT_EQ(named_by_trial(MM_LIMIT_USER_RANKED), workers[1].pid);
	for (int i = 0; i < 3; i++)
		worker_end(&workers[i]);
	region_unmap(&common);
}

/* Two users above their limits by grace, the third below its own */
static void start_users(struct worker *workers)
{
	static const uid_t users[] = { USER_A, USER_B, USER_C };

	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(mmlimit_set_time(users[i],
					   i < 2 ? 20 * MIB : 40 * MIB,
					   FOREVER_MS),
			  0);
		workers[2 * i] = start_holding(users[i], 14 * MIB);
		workers[2 * i + 1] = start_holding(users[i], 10 * MIB);
		/* The smaller of the two is the busier. */
		ASSERT_EQ(worker_call(&workers[2 * i + 1], spin,
				      200 * ktap_slowdown()),
			  0);
	}
}

/* Ends all; those at the given places must have been killed, no others. */
static void expect_killed(struct worker *workers, int first, int second)
{
	for (int i = 0; i < 6; i++) {
		if (i == first || i == second) {
			EXPECT_TRUE(worker_was_killed(&workers[i]));
			continue;
		}
		EXPECT_EQ(worker_call(&workers[i], held_damage, 0), 0);
		worker_end(&workers[i]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
}

KTAP_TEST(kill_on_order_takes_all_users_above_their_limits, 10, "enforce")
{
	struct worker workers[6];

	start_users(workers);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_HIGHEST_RSS), 2);
	expect_killed(workers, 0, 2);
}

KTAP_TEST(kill_on_order_follows_each_limits_own_policy, 10, "enforce")
{
	struct worker workers[6];

	start_users(workers);
	set_policy(USER_B, MM_LIMIT_LONGEST_RUN_TIME);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 2);
	expect_killed(workers, 0, 3);
}

KTAP_TEST(kill_on_order_can_have_a_policy_of_its_own, 10, "enforce")
{
	struct worker workers[6];

	start_users(workers);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_LONGEST_RUN_TIME), 2);
	/* The policy holds for that call only. */
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_HIGHEST_RSS);
	expect_killed(workers, 1, 3);
}

KTAP_TEST(kill_on_order_returns_how_many_died, 10, "enforce")
{
	struct worker workers[6];

	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 0);
	ASSERT_EQ(mmlimit_set_time(USER_A, 20 * MIB, FOREVER_MS), 0);
	for (int i = 0; i < 6; i++)
		workers[i] = start_holding(USER_A, 8 * MIB);
	/* A process has something between 8 and 10 MiB: two have room. */
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 4);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 0);
	EXPECT_EQ(limit_read(USER_A).kills, 4);
	for (int i = 0; i < 6; i++) {
		ASSERT_EQ(kill(workers[i].pid, SIGKILL), 0);
		EXPECT_TRUE(worker_was_killed(&workers[i]));
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long order_kill(long policy)
{
	return mmlimit_kill(policy);
}

static void run_first(pid_t pid, int priority)
{
	const struct sched_param parameters = { .sched_priority = priority };

	ASSERT_EQ(sched_setscheduler(pid, priority ? SCHED_FIFO : SCHED_OTHER,
				     &parameters),
		  0);
}

/* The killer cannot run before the caller has died, and finds nothing to do then. */
KTAP_TEST(kill_on_order_ends_with_its_caller, 10, "enforce")
{
	struct worker victim, caller;

	ASSERT_EQ(mmlimit_set_time(USER_A, 20 * MIB, FOREVER_MS), 0);
	victim = start_holding(USER_A, 24 * MIB);
	caller = worker_start(0);
	run_first(caller.pid, 2);
	run_first(0, 1);
	worker_send(&caller, order_kill, MM_LIMIT_POLICY_OWN);
	EXPECT_EQ(process_state(caller.pid), 'D');
	ASSERT_EQ(kill(caller.pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&caller));
	run_first(0, 0);
	EXPECT_TRUE(worker_lives_for(&victim, 100 * ktap_slowdown()));
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 1);
	EXPECT_TRUE(worker_was_killed(&victim));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(kill_on_order_takes_privilege_and_a_known_policy, 10, "enforce")
{
	struct worker workers[6];

	start_users(workers);
	EXPECT_EQ(user_run(TEST_USER_FIRST, order_kill, MM_LIMIT_POLICY_OWN),
		  -EPERM);
	EXPECT_EQ(worker_call(&workers[4], order_kill, MM_LIMIT_HIGHEST_RSS),
		  -EPERM);
	EXPECT_EQ(mmlimit_kill(1000), -EINVAL);
	EXPECT_EQ(mmlimit_kill(-2), -EINVAL);
	EXPECT_EQ(mmlimit_kill(1 << 31), -EINVAL);
	expect_killed(workers, -1, -1);
}
