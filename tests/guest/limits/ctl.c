// SPDX-License-Identifier: GPL-2.0-only
/* Tests mm_limit_ctl(): values, sizes, errors, figures. */
#define _GNU_SOURCE 1
#include <stddef.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/reclaim.h"
#include "lib/usage.h"

#define LIMIT (100 * MIB)
#define SIZE sizeof(struct mm_limit_attr)

/* No test of this suite has processes of this user. */
#define SPARE (TEST_USER_FIRST + 50)

static long set(struct mm_limit_attr attr)
{
	return limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr));
}

KTAP_TEST(structure_has_the_size_that_is_promised, 10, "calls")
{
	EXPECT_EQ(SIZE, MM_LIMIT_ATTR_SIZE_VER5);
	EXPECT_EQ(offsetof(struct mm_limit_attr, anon),
		  MM_LIMIT_ATTR_SIZE_VER1);
	EXPECT_EQ(offsetof(struct mm_limit_attr, swap_max),
		  MM_LIMIT_ATTR_SIZE_VER0);
}

KTAP_TEST(both_parts_and_what_is_in_force_are_readable, 10, "calls")
{
	struct mm_limit_attr attr;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 500), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.mm_max, LIMIT);
	EXPECT_EQ(attr.grace_ms, 500);
	EXPECT_EQ(attr.hard_max, LIMIT);
	EXPECT_EQ(attr.hard_grace_ms, 500);
	EXPECT_TRUE(attr.self_max == MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(attr.policy, MM_LIMIT_HIGHEST_RSS);
	EXPECT_EQ(attr.flags, 0);
	EXPECT_EQ(attr.state, MM_LIMIT_IDLE);

	EXPECT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, LIMIT / 2, 200)), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.mm_max, LIMIT / 2);
	EXPECT_EQ(attr.grace_ms, 200);
	EXPECT_EQ(attr.hard_max, LIMIT);
	EXPECT_EQ(attr.hard_grace_ms, 500);
	EXPECT_EQ(attr.self_max, LIMIT / 2);
	EXPECT_EQ(attr.self_grace_ms, 200);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	attr = limit_read(USER_A);
	EXPECT_TRUE(attr.hard_max == MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(attr.self_max, LIMIT);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(named_fields_change_and_others_stay, 10, "calls")
{
	struct mm_limit_attr attr;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 500), 0);
	EXPECT_EQ(set((struct mm_limit_attr){ .uid = USER_A,
					      .fields = MM_LIMIT_FIELD_POLICY,
					      .policy = MM_LIMIT_BADNESS }),
		  0);
	EXPECT_EQ(set((struct mm_limit_attr){ .uid = USER_A,
					      .fields = MM_LIMIT_FIELD_MAX,
					      .mm_max = LIMIT / 2,
					      .grace_ms = 9,
					      .policy = 1 }),
		  0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.mm_max, LIMIT / 2);
	EXPECT_EQ(attr.grace_ms, 500);
	EXPECT_EQ(attr.policy, MM_LIMIT_BADNESS);
	EXPECT_EQ(set((struct mm_limit_attr){ .uid = USER_A,
					      .fields = MM_LIMIT_FIELD_GRACE,
					      .mm_max = 9,
					      .grace_ms = 700 }),
		  0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.mm_max, LIMIT / 2);
	EXPECT_EQ(attr.grace_ms, 700);
	EXPECT_EQ(attr.policy, MM_LIMIT_BADNESS);

	/* Fields that are only for reading have no effect. */
	EXPECT_EQ(set((struct mm_limit_attr){ .uid = USER_A,
					      .fields = MM_LIMIT_FIELD_MAX,
					      .mm_max = LIMIT,
					      .hard_max = 1,
					      .self_max = 2,
					      .peak = ~0ULL,
					      .kills = 77,
					      .kill_pid = 1,
					      .state = MM_LIMIT_STUCK }),
		  0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.hard_max, LIMIT);
	EXPECT_TRUE(attr.self_max == MM_LIMIT_ATTR_NONE);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_EQ(attr.kill_pid, 0);
	EXPECT_EQ(attr.state, MM_LIMIT_IDLE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* The older calls know nothing of a policy, so they leave it alone. */
KTAP_TEST(older_calls_keep_the_policy, 10, "calls")
{
	struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_POLICY,
		.mm_max = LIMIT,
		.policy = MM_LIMIT_MOST_PRIVATE,
	};

	ASSERT_EQ(set(attr), 0);
	EXPECT_EQ(mmlimit_set_time(USER_A, LIMIT / 2, 100), 0);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_MOST_PRIVATE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_HIGHEST_RSS);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(each_policy_is_accepted, 10, "calls")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_POLICY };

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	for (int i = MM_LIMIT_HIGHEST_RSS; i <= MM_LIMIT_USER_RANKED; i++) {
		attr.policy = i;
		EXPECT_EQ(set(attr), 0);
		EXPECT_EQ(limit_read(USER_A).policy, i);
		EXPECT_EQ(mmlimit_kill(i), 0);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(limit_is_made_if_the_size_is_named, 10, "calls")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_GRACE,
				      .grace_ms = 5 };

	EXPECT_EQ(set(attr), -ENODATA);
	limit_expect_none(USER_A);
	attr.fields = MM_LIMIT_FIELD_POLICY;
	EXPECT_EQ(set(attr), -ENODATA);
	limit_expect_none(USER_A);
	attr.fields = MM_LIMIT_FIELD_MAX;
	attr.mm_max = LIMIT;
	EXPECT_EQ(set(attr), 0);
	limit_expect(USER_A, LIMIT, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &attr, SIZE), -ENODATA);
}

/* A 32-bit machine can have more, page for page, than an unsigned long can say. */
KTAP_TEST(sizes_above_4_gib_are_exact, 10, "calls")
{
	struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_MAX,
		.mm_max = (6ULL << 30) + 12345,
	};
	struct mm_limit_user in_force;

	ASSERT_EQ(set(attr), 0);
	attr = limit_read(USER_A);
	EXPECT_TRUE(attr.mm_max == (6ULL << 30) + 12345);
	EXPECT_TRUE(attr.hard_max == (6ULL << 30) + 12345);
	/* The older calls tell what they can. */
	ASSERT_EQ(mmlimit_get(USER_A, &in_force), 0);
	EXPECT_EQ(in_force.mm_max, LIMIT_HUGE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(unknown_values_are_einval_and_change_nothing, 10, "calls")
{
	static const struct mm_limit_attr bad[] = {
		{ .fields = MM_LIMIT_FIELD_POLICY,
		  .policy = MM_LIMIT_USER_RANKED + 1 },
		{ .fields = MM_LIMIT_FIELD_POLICY, .policy = 1000 },
		{ .fields = MM_LIMIT_FIELD_POLICY, .policy = -1 },
		{ .fields = MM_LIMIT_FIELD_FLAGS, .flags = 1u << 31 },
		{ .fields = 1u << 31 },
		{ .fields = MM_LIMIT_FIELD_MAX | 1u << 30, .mm_max = LIMIT },
		{ .fields = MM_LIMIT_FIELD_MAX, .mm_max = MM_LIMIT_ATTR_NONE },
		{ .fields = MM_LIMIT_FIELD_TERM, .term_ms = 1ULL << 32 },
		/* One good, one bad */
		{ .fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_POLICY,
		  .mm_max = LIMIT / 3,
		  .policy = 99 },
	};
	struct mm_limit_attr before;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 500), 0);
	before = limit_read(USER_A);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct mm_limit_attr attr = bad[i];

		attr.uid = USER_A;
		EXPECT_EQ(set(attr), -EINVAL);
		limit_expect_unchanged(&before);
		/* No limit is made of it either. */
		attr.uid = SPARE;
		EXPECT_EQ(set(attr), -EINVAL);
		limit_expect_none(SPARE);
	}
	EXPECT_EQ(limit_ctl(2, &before, SIZE), -EINVAL);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_REMOVE_RULE + 1, &before, SIZE),
		  -EINVAL);
	EXPECT_EQ(limit_ctl(-1, &before, SIZE), -EINVAL);
	EXPECT_EQ(limit_ctl(0x7fffffff, &before, SIZE), -EINVAL);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* All that the kernel writes has to be writable: no part of it is left out in silence. */
KTAP_TEST(memory_that_cannot_take_the_figures_is_efault, 10, "calls")
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mm_limit_attr *attr = (void *)(pages + PAGE - SIZE);

	ASSERT_TRUE(pages != MAP_FAILED);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	/* A later version's structure reaches into the second page. */
	attr->uid = USER_A;
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, attr, SIZE + 8), 0);
	ASSERT_EQ(mprotect(pages + PAGE, PAGE, PROT_NONE), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, attr, SIZE + 8), -EFAULT);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, attr, SIZE), 0);
	ASSERT_EQ(mprotect(pages, PAGE, PROT_READ), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, attr, SIZE), -EFAULT);
	EXPECT_EQ(munmap(pages, 2 * PAGE), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(user_without_a_process_has_no_usage_and_no_peak, 10, "calls")
{
	struct mm_limit_attr attr;

	ASSERT_EQ(mmlimit_set(SPARE, LIMIT), 0);
	attr = limit_read(SPARE);
	EXPECT_EQ(attr.usage, 0);
	EXPECT_EQ(attr.peak, 0);
	EXPECT_EQ(mmlimit_remove(SPARE), 0);
}

KTAP_TEST(figures_of_nobody_are_einval, 10, "calls")
{
	struct mm_limit_attr attr = { .uid = -1 };

	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &attr, SIZE), -EINVAL);
}

/* 64-bit figures, where the kernel counts in 32 bits */
KTAP_TEST(large_values_are_never_cut, 10, "calls")
{
	static const uint64_t large[] = {
		1ULL << 32,
		(1ULL << 32) + 4096,
		1ULL << 44,
		~0ULL - 1,
	};

	for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
		struct mm_limit_attr attr = {
			.uid = SPARE,
			.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE,
			.mm_max = large[i],
		};

		if (set(attr) == 0) {
			EXPECT_GE(limit_read(SPARE).mm_max >> 12,
				  MMLIMIT_NONE >> 12);
			EXPECT_EQ(mmlimit_remove(SPARE), 0);
		}
		attr.mm_max = LIMIT;
		attr.grace_ms = large[i];
		if (set(attr) == 0) {
			EXPECT_GE(limit_read(SPARE).grace_ms, 0xffffffffLL);
			EXPECT_EQ(mmlimit_remove(SPARE), 0);
		}
		limit_expect_none(SPARE);
	}
}

KTAP_TEST(sizes_are_those_of_an_extensible_structure, 10, "calls")
{
	struct {
		struct mm_limit_attr attr;
		char tail[4096];
	} large = { .attr = { .uid = USER_A,
			      .fields = MM_LIMIT_FIELD_MAX,
			      .mm_max = LIMIT } };
	struct mm_limit_attr before;

	/* A newer program that asks for nothing new */
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &large, SIZE + 8), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &large, 4096), 0);
	limit_expect(USER_A, LIMIT, 0);
	memset(large.tail, 0x55, sizeof(large.tail));
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &large, SIZE + 8), 0);
	EXPECT_EQ(large.attr.mm_max, LIMIT);
	for (size_t i = 0; i < sizeof(large.tail); i++)
		EXPECT_EQ(large.tail[i], i < 8 ? 0 : 0x55);
	memset(large.tail, 0, sizeof(large.tail));
	before = limit_read(USER_A);

	/* One that asks for what this kernel does not know */
	large.attr.fields = MM_LIMIT_FIELD_MAX;
	large.attr.mm_max = LIMIT / 2;
	for (size_t at = 0; at < 64; at += 21) {
		large.tail[at] = 1;
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &large, SIZE + 64),
			  -E2BIG);
		/* Beyond the size it is nobody's business. */
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &before, SIZE), 0);
		large.tail[at] = 0;
	}
	/* A size that no program has is refused. */
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &large, 1 << 20), -E2BIG);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &large, -1), -E2BIG);
	for (size_t size = 0; size < MM_LIMIT_ATTR_SIZE_VER0; size += 8) {
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &large, size), -EINVAL);
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &large, size), -EINVAL);
	}
	limit_expect_unchanged(&before);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Programs that know nothing of reclaim */
KTAP_TEST(first_version_of_the_structure_still_works, 10, "calls")
{
	struct mm_limit_attr attr = { .uid = USER_A };

	reclaim_limit_with(USER_A, LIMIT, 70, LIMIT);
	memset(&attr.swap_max, 0x55, SIZE - MM_LIMIT_ATTR_SIZE_VER0);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &attr, MM_LIMIT_ATTR_SIZE_VER0),
		  0);
	EXPECT_EQ(attr.mm_max, LIMIT);
	EXPECT_EQ(attr.fields, MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
				       MM_LIMIT_FIELD_POLICY |
				       MM_LIMIT_FIELD_FLAGS);
	EXPECT_EQ(attr.swap_max, 0x5555555555555555);
	EXPECT_EQ(attr.refaults, 0x5555555555555555);

	attr.mm_max = 2 * LIMIT;
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, MM_LIMIT_ATTR_SIZE_VER0),
		  0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.mm_max, 2 * LIMIT);
	EXPECT_EQ(attr.threshold, 70);
	EXPECT_EQ(attr.swap_max, LIMIT);

	/* A field that is not in there */
	attr.fields = MM_LIMIT_FIELD_THRESHOLD;
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, MM_LIMIT_ATTR_SIZE_VER0),
		  -EINVAL);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(what_was_read_can_be_set, 10, "calls")
{
	struct mm_limit_attr attr, before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	attr = before = limit_read(USER_A);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, SIZE), 0);
	limit_expect_unchanged(&before);
	reclaim_limit_with(USER_A, LIMIT, 70, LIMIT);
	attr = before = limit_read(USER_A);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, SIZE), 0);
	limit_expect_unchanged(&before);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(bad_pointers_of_ctl_are_efault, 10, "calls")
{
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_MAX,
				      .mm_max = LIMIT / 2 };
	struct mm_limit_attr before;
	char *end;

	ASSERT_TRUE(page != MAP_FAILED);
	ASSERT_EQ(munmap(page + PAGE, PAGE), 0);
	end = page + PAGE - SIZE / 2;
	memcpy(end, &attr, SIZE / 2);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	before = limit_read(USER_A);
	for (int op = MM_LIMIT_CTL_GET; op <= MM_LIMIT_CTL_SET; op++) {
		EXPECT_EQ(limit_ctl(op, NULL, SIZE), -EFAULT);
		EXPECT_EQ(limit_ctl(op, (void *)0xc0008000, SIZE), -EFAULT);
		EXPECT_EQ(limit_ctl(op, (void *)-64, SIZE), -EFAULT);
		EXPECT_EQ(limit_ctl(op, end, SIZE), -EFAULT);
	}
	/* Readable is enough to set, and not enough to get. */
	memcpy(page, &attr, SIZE);
	ASSERT_EQ(mprotect(page, PAGE, PROT_READ), 0);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, page, SIZE), -EFAULT);
	limit_expect_unchanged(&before);
	EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_SET, page, SIZE), 0);
	limit_expect(USER_A, LIMIT / 2, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(figures_tell_what_has_happened, 20, "calls")
{
	const unsigned int grace_ms = 100 * ktap_slowdown();
	struct mm_limit_attr attr;
	struct kill_line kill;
	struct worker worker;
	struct klog log;

	klog_rest();
	log = klog_open();
	ASSERT_EQ(mmlimit_set_time(USER_A, 8 * MIB, grace_ms), 0);
	worker = start_holding(USER_A, 5 * MIB);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.usage, usage_exact(USER_A));
	EXPECT_EQ(attr.exceeds + attr.graces + attr.kills, 0);
	ASSERT_EQ(worker_call(&worker, held_shrink, 4 * MIB / PAGE), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.usage, usage_exact(USER_A));
	EXPECT_GE(attr.peak, 5 * MIB);
	EXPECT_LE(attr.peak, 8 * MIB);

	/* The user goes above its limit, and is back in time. */
	ASSERT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.state, MM_LIMIT_GRACE);
	EXPECT_EQ(attr.exceeds, 1);
	EXPECT_EQ(attr.graces, 1);
	EXPECT_GE(attr.peak, attr.usage);
	ASSERT_EQ(worker_call(&worker, held_shrink, 8 * MIB / PAGE), 0);
	usleep(2000 * grace_ms);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.state, MM_LIMIT_IDLE);
	EXPECT_EQ(attr.kills, 0);

	/* This time it stays above. */
	EXPECT_EQ(worker_call(&worker, held_grow, 8 * MIB / PAGE), 0);
	EXPECT_TRUE(worker_was_killed(&worker));
	ASSERT_TRUE(klog_next_kill(&log, &kill));
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.exceeds, 2);
	EXPECT_EQ(attr.graces, 2);
	EXPECT_EQ(attr.kills, 1);
	EXPECT_EQ(attr.kill_pid, kill.pid);
	EXPECT_EQ(attr.kill_pid, worker.pid);
	EXPECT_EQ(attr.kill_rss, kill.rss);
	EXPECT_EQ(attr.kill_usage, kill.user_rss);
	usage_wait_for(USER_A, 0);
	EXPECT_EQ(limit_read(USER_A).usage, 0);
	klog_close(&log);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	/* Another limit has a history of its own. */
	ASSERT_EQ(mmlimit_set(USER_A, 8 * MIB), 0);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.exceeds + attr.graces + attr.kills + attr.peak, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
