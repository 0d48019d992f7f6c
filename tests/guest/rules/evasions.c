// SPDX-License-Identifier: GPL-2.0-only
/* Tests ways out of rules and pools, and changes beside them that must not open one. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/rules.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "lib/user.h"

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

/* The range has users A, B and C. */
#define FIRST 10050
#define LAST 10099
#define LIMIT (40 * MIB)
#define SWAPPED (10 * MIB)

#define MIN_UID "/proc/sys/vm/mm_limit_min_uid"

static long set_reclaim(long uid)
{
	const struct mm_limit_attr attr = {
		.uid = uid,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_FLAGS |
			  MM_LIMIT_FIELD_SWAP_MAX,
		.mm_max = 2 * LIMIT,
		.flags = MM_LIMIT_RECLAIM,
		.swap_max = MM_LIMIT_SWAP_UNBOUNDED,
	};

	return limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr));
}

KTAP_TEST(swap_of_a_member_that_reclaims_counts_for_its_pool, 30, "rules")
{
	struct worker worker;
	unsigned long usage;

	swap_on(64 * MIB);
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	worker = start_holding(USER_A, SWAPPED);
	ASSERT_EQ(worker_call(&worker, set_reclaim, USER_A), 0);
	usage = pool_exact(FIRST, LAST);
	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	EXPECT_GE(pool_exact(FIRST, LAST), SWAPPED);
	EXPECT_LE(pool_exact(FIRST, LAST), usage);
	EXPECT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(swap_remove(), 0);
}

KTAP_TEST(limits_of_a_member_in_swap_come_and_go_and_its_pool_stays_exact, 30,
	  "rules")
{
	struct worker worker;

	swap_on(64 * MIB);
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	worker = start_holding(USER_A, SWAPPED);
	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(set_reclaim(USER_A), 0);
		pool_expect(FIRST, LAST, USER_A, 0);
		ASSERT_EQ(mmlimit_remove(USER_A), 0);
		pool_expect(FIRST, LAST, USER_A, 0);
		EXPECT_GE(pool_exact(FIRST, LAST), SWAPPED);
	}
	/* Out of the pool, its limit may have swap that does not count. */
	ASSERT_EQ(set_reclaim(USER_A), 0);
	ASSERT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_LT(usage_exact(USER_A), SWAPPED);
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	pool_expect(FIRST, LAST, USER_A, 0);
	EXPECT_GE(usage_exact(USER_A), SWAPPED);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(swap_remove(), 0);
}

static long fill_file(long bytes)
{
	int file = syscall(SYS_memfd_create, "pool", 0);
	long ret = file < 0 || fallocate(file, 0, 0, bytes) ? -errno : 0;

	close(file);
	return ret;
}

KTAP_TEST(what_a_member_is_refused_by_its_own_limit_its_pool_never_has, 20,
	  "rules")
{
	struct worker a, b;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 8), 0);
	a = worker_start(USER_A);
	b = start_holding(USER_B, LIMIT / 2);
	EXPECT_EQ(worker_call(&a, fill_file, LIMIT), -ENOSPC);
	EXPECT_LE(rule_read(FIRST, LAST).peak, LIMIT * 3 / 4);
	EXPECT_EQ(rule_read(FIRST, LAST).refused, 0);
	EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
	worker_end(&a);
	worker_end(&b);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(change_of_a_wider_rule_is_none_for_users_of_a_narrower_one, 20,
	  "rules")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(rule_set(EACH, TEST_USER_FIRST, TEST_USER_LAST, 2 * LIMIT),
		  0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(limit_call_by(&worker, SET(USER_A, LIMIT / 2)), 0);
	ASSERT_EQ(rule_set(EACH, TEST_USER_FIRST, TEST_USER_LAST, 3 * LIMIT),
		  0);
	limit_expect(USER_A, LIMIT / 2, 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT + MIB), 0);
	limit_expect(USER_A, LIMIT + MIB, 0);
	worker_end(&worker);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	EXPECT_EQ(rule_remove(TEST_USER_FIRST, TEST_USER_LAST), 0);
}

KTAP_TEST(pool_set_below_its_usage_acts_at_once_whatever_the_trigger, 30,
	  "rules")
{
	static const char *const triggers[] = { "exact", "alloc", "hybrid" };

	for (size_t i = 0; i < ARRAY_SIZE(triggers); i++) {
		struct worker a = start_holding(USER_A, LIMIT / 2);
		struct worker b = start_holding(USER_B, LIMIT / 4);

		ASSERT_EQ(file_write(TRIGGER, triggers[i]), 0);
		ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT / 2), 0);
		EXPECT_TRUE(worker_was_killed(&a));
		EXPECT_EQ(worker_call(&b, held_damage, 0), 0);
		worker_end(&b);
		EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	}
	EXPECT_EQ(file_write(TRIGGER, "exact"), 0);
}

KTAP_TEST(users_that_can_be_limited_again_obey_rules_at_once, 20, "rules")
{
	struct worker worker;
	char min_uid[16];

	ASSERT_EQ(file_read(MIN_UID, min_uid, sizeof(min_uid)), 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	rule_wait_until_gone(USER_A);
	ASSERT_EQ(file_write(MIN_UID, "10150"), 0);
	worker = start_holding(USER_A, MIB);
	ASSERT_EQ(file_write(MIN_UID, min_uid), 0);
	rule_expect(USER_A, EACH, FIRST, LAST, LIMIT);
	usage_exact(USER_A);
	EXPECT_EQ(worker_call(&worker, held_grow, LIMIT / PAGE), WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

/* Its limit gives way while no rule may give it another. */
KTAP_TEST(member_that_cannot_be_limited_any_more_leaves_its_pool, 20, "rules")
{
	char min_uid[16], entries[16];
	struct worker worker;

	ASSERT_EQ(file_read(MIN_UID, min_uid, sizeof(min_uid)), 0);
	ASSERT_EQ(file_read(MAX_ENTRIES, entries, sizeof(entries)), 0);
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	worker = start_holding(USER_A, MIB);
	ASSERT_EQ(file_write(MIN_UID, "10150"), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "2"), 0);
	ASSERT_EQ(mmlimit_set_evict(10151, LIMIT), 1);
	/* A user of an earlier test may be a member until it has gone. */
	ktap_waiting_for("the pool to have no members");
	while (rule_read(FIRST, LAST).members)
		usleep(1000);
	ktap_waiting_for(NULL);
	pool_expect(FIRST, LAST, 0, 0);
	worker_end(&worker);
	ASSERT_EQ(file_write(MIN_UID, min_uid), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, entries), 0);
	EXPECT_EQ(mmlimit_remove(10151), 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

KTAP_TEST(rule_is_removed_and_read_as_the_kind_that_it_is, 10, "rules")
{
	struct mm_limit_attr attr = { .rule = POOL,
				      .first = FIRST,
				      .last = LAST };

	ASSERT_EQ(rule_set(EACH, FIRST, LAST, LIMIT), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET_RULE, &attr, sizeof(attr)),
		  -ENODATA);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_REMOVE_RULE, &attr, sizeof(attr)),
		  -ENODATA);
	attr.rule = EACH;
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_REMOVE_RULE, &attr, sizeof(attr)), 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), -ENODATA);
}

/* Addresses that are read only, so that their tables alone are charged */
#define SPARSE (1536 * MIB)
#define SPARSE_TABLES (SPARSE / TABLE_SPAN * PAGE)

/* What is private is taken from a victim that does not end; its tables are not. */
static long make_tables(long unused)
{
	volatile char *base = mmap(NULL, SPARSE, PROT_READ,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				   -1, 0);

	if (base == MAP_FAILED)
		return -errno;
	for (size_t at = 0; at < SPARSE; at += TABLE_SPAN)
		(void)base[at];
	return 0;
}

static long trace_exit(long pid)
{
	return ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT) ? -errno : 0;
}

/*
 * The tracer has less than the other member, and less than is too much, but its end
 * is that of the dead one, too.
 */
KTAP_TEST(member_that_keeps_its_dead_loses_its_others_before_other_members, 30,
	  "rules rules_smp")
{
	struct worker dead, tracer, other;
	unsigned long usage;

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT_HUGE), 0);
	dead = start_holding(USER_A, 8 * MIB);
	ASSERT_EQ(worker_call(&dead, make_tables, 0), 0);
	ASSERT_EQ(worker_call(&dead, become_dumpable, 0), 0);
	tracer = worker_start(USER_A);
	ASSERT_EQ(worker_call(&tracer, trace_exit, dead.pid), 0);
	other = start_holding(USER_B, 4 * MIB);

	usage = pool_exact(FIRST, LAST);
	ASSERT_EQ(rule_set(POOL, FIRST, LAST,
			   usage - 8 * MIB - SPARSE_TABLES / 2),
		  0);
	ktap_waiting_for("the tracer or the other member to die");
	while (worker_alive(&tracer) && worker_alive(&other))
		usleep(1000);
	ktap_waiting_for(NULL);
	ASSERT_TRUE(worker_alive(&other));
	/* What could not come back does now, and is enough. */
	EXPECT_TRUE(worker_was_killed(&tracer));
	EXPECT_TRUE(worker_was_killed(&dead));
	EXPECT_EQ(worker_call(&other, held_grow, SPARSE_TABLES / 4 / PAGE), 0);
	EXPECT_EQ(worker_call(&other, held_damage, 0), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).kills, 2);
	worker_end(&other);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

static long evict_for(long uid)
{
	return mmlimit_set_evict(uid, LIMIT);
}

/* Has somebody's order been carried out by now? */
static bool has_answered(struct worker *worker)
{
	struct pollfd fd = { .fd = worker->answers, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

/*
 * Whoever has its limit give way, and whoever changes another rule, both see to it that the
 * user has the narrower rule's, in either order: once.
 */
KTAP_TEST(user_whose_limit_gives_way_while_a_wider_rule_changes_has_one_grace,
	  60, "rules")
{
	const unsigned int grace_ms = 600000 * ktap_slowdown();
	struct worker evicter = worker_start(0), worker;
	unsigned int first = 0;
	char entries[16];

	worker = start_holding(USER_A, LIMIT + MIB);
	ASSERT_EQ(setpriority(PRIO_PROCESS, evicter.pid, 19), 0);
	ASSERT_EQ(file_read(MAX_ENTRIES, entries, sizeof(entries)), 0);
	ASSERT_EQ(file_write(MAX_ENTRIES, "3"), 0);
	ASSERT_EQ(rule_set(EACH, TEST_USER_FIRST, TEST_USER_LAST, 8 * LIMIT),
		  0);
	for (int i = 0; i < 24; i++) {
		ASSERT_EQ(mmlimit_set(USER_A, 4 * LIMIT), 0);
		ASSERT_EQ(rule_set_time(EACH, USER_A, USER_A, LIMIT, grace_ms),
			  0);
		worker_send(&evicter, evict_for, USER_B);
		usleep(i % 8 * 200 + i / 8);
		ASSERT_EQ(rule_set(EACH, TEST_USER_FIRST, TEST_USER_LAST,
				   8 * LIMIT + i * PAGE),
			  0);
		first += !has_answered(&evicter);
		EXPECT_EQ(worker_receive(&evicter), 1);
		rule_expect(USER_A, EACH, USER_A, USER_A, LIMIT);
		EXPECT_EQ(limit_read(USER_A).graces, 1);
		EXPECT_EQ(limit_read(USER_A).exceeds, 1);
		ASSERT_EQ(mmlimit_remove(USER_B), 0);
		ASSERT_EQ(rule_remove(USER_A, USER_A), 0);
	}
	printf("%u times the wider rule came first\n", first);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	worker_end(&worker);
	worker_end(&evicter);
	EXPECT_EQ(rule_remove(TEST_USER_FIRST, TEST_USER_LAST), 0);
	EXPECT_EQ(file_write(MAX_ENTRIES, entries), 0);
}
