// SPDX-License-Identifier: GPL-2.0-only
/* Tests random calls of mm_limit() and its kin, sane and wild, from MM_SEED. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>

#include <sys/mman.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/random.h"
#include "lib/usage.h"
#include "lib/user.h"

/* Enough users to fill a table of this size over and over */
#define USERS 12
#define PLACES 8

/* The first of them call for themselves; the others have no processes. */
#define CALLERS 3

/**
 * struct entry - what the kernel should know about a user
 * @hard: set by root; mm_max is MMLIMIT_NONE where there is none
 * @own: set by the user
 */
struct entry {
	struct mm_limit_user hard;
	struct mm_limit_user own;
};

static struct entry model[USERS];
static struct worker callers[CALLERS];
static struct random numbers;

static uid_t user(unsigned int index)
{
	return TEST_USER_FIRST + index;
}

static bool stands(const struct mm_limit_user *limit)
{
	return limit->mm_max != MMLIMIT_NONE;
}

static bool exists(const struct entry *entry)
{
	return stands(&entry->hard) || stands(&entry->own);
}

static unsigned int places_taken(void)
{
	unsigned int taken = 0;

	for (unsigned int i = 0; i < USERS; i++)
		taken += exists(&model[i]);
	return taken;
}

static struct mm_limit_user in_force(const struct entry *entry)
{
	struct mm_limit_user limit = entry->hard;

	if (!stands(&entry->hard))
		return entry->own;
	if (!stands(&entry->own))
		return limit;
	if (entry->own.mm_max < limit.mm_max)
		limit.mm_max = entry->own.mm_max;
	if (entry->own.time_allow_exceed_ms < limit.time_allow_exceed_ms)
		limit.time_allow_exceed_ms = entry->own.time_allow_exceed_ms;
	return limit;
}

/*
 * Returns what a set or a removal should return, and changes the model
 * accordingly.
 */
static long model_change(struct entry *entry, bool root,
			 struct mm_limit_user limit)
{
	struct mm_limit_user *part = root ? &entry->hard : &entry->own;

	if (!stands(&limit)) {
		if (!exists(entry))
			return -ENODATA;
		if (!root && !stands(part))
			return -EPERM;
		entry->own.mm_max = MMLIMIT_NONE;
		part->mm_max = MMLIMIT_NONE;
		return 0;
	}
	if (!root && stands(&entry->hard) &&
	    (limit.mm_max > entry->hard.mm_max ||
	     limit.time_allow_exceed_ms > entry->hard.time_allow_exceed_ms))
		return -EPERM;
	if (!exists(entry) && places_taken() == PLACES)
		return -ENOSPC;
	/* A privileged one is final. */
	if (root)
		entry->own.mm_max = MMLIMIT_NONE;
	*part = limit;
	return 0;
}

/* No caller comes near any of these. */
static unsigned long random_bytes(void)
{
	static const unsigned long sizes[] = {
		64 * MIB,   65 * MIB,	100 * MIB,
		0x7fffffff, 0x80000000, LIMIT_HUGE,
	};

	return sizes[random_below(&numbers, ARRAY_SIZE(sizes))];
}

static void change_something(void)
{
	unsigned int index = random_below(&numbers, USERS);
	unsigned int caller = random_below(&numbers, CALLERS + 3);
	bool root = caller >= CALLERS;
	struct mm_limit_user limit = {
		.mm_max = random_bytes(),
		.time_allow_exceed_ms = random_below(&numbers, 4) * 10,
	};
	struct limit_call call;
	long expected, ret;

	if (random_below(&numbers, 4) == 0)
		limit.mm_max = MMLIMIT_NONE;
	/* Mostly for oneself, or next to nothing would be allowed. */
	if (!root && random_below(&numbers, 8))
		index = caller;
	if (!limit.time_allow_exceed_ms && random_below(&numbers, 2))
		call = SET(user(index), limit.mm_max);
	else
		call = SET_TIME(user(index), limit.mm_max,
				limit.time_allow_exceed_ms);

	expected = root || index == caller ?
			   model_change(&model[index], root, limit) :
			   -EPERM;
	ret = root ? limit_call_do((long)&call) :
		     limit_call_by(&callers[caller], call);
	if (ret != expected)
		KTAP_FAIL(
			"%s sets user %u to %lu, %lu ms: expected %ld, got %ld",
			root ? "root" : "a user", user(index), limit.mm_max,
			limit.time_allow_exceed_ms, expected, ret);
}

static void compare_all(void)
{
	for (unsigned int i = 0; i < USERS; i++) {
		struct mm_limit_user expected = in_force(&model[i]);

		if (exists(&model[i]))
			limit_expect(user(i), expected.mm_max,
				     expected.time_allow_exceed_ms);
		else
			limit_expect_none(user(i));
	}
}

KTAP_TEST(random_calls_do_what_a_model_predicts, 60, "calls")
{
	const int changes = ktap_volume("changes");
	char places[16];

	limits_log_table(false);
	snprintf(places, sizeof(places), "%d", PLACES);
	ASSERT_EQ(file_write(MAX_ENTRIES, places), 0);
	numbers = random_from(ktap_seed());
	for (unsigned int i = 0; i < USERS; i++) {
		model[i].hard.mm_max = MMLIMIT_NONE;
		model[i].own.mm_max = MMLIMIT_NONE;
	}
	for (unsigned int i = 0; i < CALLERS; i++)
		callers[i] = worker_start(user(i));

	for (int round = 0; round < changes; round++) {
		change_something();
		if (round % 10 == 0)
			compare_all();
	}
	compare_all();
	for (unsigned int i = 0; i < CALLERS; i++)
		worker_end(&callers[i]);
	for (unsigned int i = 0; i < USERS; i++)
		EXPECT_EQ(mmlimit_remove(user(i)),
			  exists(&model[i]) ? 0 : -ENODATA);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
	limits_log_table(true);
}

static char *landing;

static unsigned long random_value(void)
{
	const unsigned long values[] = {
		0,
		1,
		4096,
		0x7fffffff,
		0x80000000,
		0xc0000000,
		0xffff0000,
		MMLIMIT_NONE,
		LIMIT_HUGE,
		(unsigned long)landing,
		(unsigned long)landing + 1,
		(unsigned long)landing + PAGE - 4,
		(unsigned long)landing + PAGE,
	};

	if (random_below(&numbers, 4) == 0)
		return 64 * MIB + random_next(&numbers) % (64 * MIB);
	return values[random_below(&numbers, ARRAY_SIZE(values))];
}

static const uid_t odd_users[] = {
	0,     1,     9999,	  10000,      10001,	  10199,
	65534, 65535, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
};

/* Wild arguments; a pointer that is good points to where nothing is hurt. */
static long call_wildly(long rounds)
{
	for (long i = 0; i < rounds; i++) {
		struct limit_call call = {
			.number = __NR_mm_limit + random_below(&numbers, 8),
			.uid = odd_users[random_below(&numbers,
						      ARRAY_SIZE(odd_users))],
			.second = random_value(),
			.third = random_value(),
		};
		long ret = limit_call_do((long)&call);

		if (ret > 0 || ret < -4095)
			return ret;
	}
	return 0;
}

KTAP_TEST(kernel_survives_wild_arguments, 60, "calls")
{
	static const uid_t users[] = { 0, 10000, 65534 };

	limits_log_table(false);
	numbers = random_from(ktap_seed() + 1);
	landing = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(landing != MAP_FAILED);
	ASSERT_EQ(munmap(landing + PAGE, PAGE), 0);

	/* A user may lose its life to the limit that it gave itself. */
	for (int i = 0; i < 30; i++) {
		uid_t uid = users[i % ARRAY_SIZE(users)];
		long ret;

		random_next(&numbers);
		ret = user_run(uid, call_wildly, 300);
		EXPECT_TRUE(ret == 0 || (uid && ret == WORKER_DIED));
	}
	for (size_t i = 0; i < ARRAY_SIZE(odd_users); i++)
		mmlimit_remove(odd_users[i]);
	for (size_t i = 0; i < ARRAY_SIZE(odd_users); i++)
		EXPECT_NE(mmlimit_get(odd_users[i], &limit_call_result), 0);
	limit_expect_none(USER_A);
	limits_log_table(true);
}

/* Mostly wild, but near enough to what is right to get through now and then */
static size_t make_up_attributes(char *bytes, size_t room)
{
	struct mm_limit_attr *attr = (struct mm_limit_attr *)bytes;

	for (size_t i = 0; i < room; i++)
		bytes[i] = random_below(&numbers, 4) ?
				   0 :
				   random_next(&numbers) >> 8;
	attr->uid = TEST_USER_FIRST + random_below(&numbers, 4);
	attr->fields = random_below(&numbers, 17);
	attr->policy = random_below(&numbers, 6) - 1;
	if (random_below(&numbers, 4))
		attr->mm_max = random_next(&numbers) >> 1;
	if (random_below(&numbers, 4))
		attr->grace_ms = random_below(&numbers, 5000);
	if (random_below(&numbers, 2))
		attr->flags = 0;
	return random_below(&numbers, 2) ? sizeof(struct mm_limit_attr) :
					   random_below(&numbers, room);
}

KTAP_TEST(random_attributes_do_what_they_say_or_nothing, 120, "calls")
{
	static char bytes[sizeof(struct mm_limit_attr) + 64]
		__attribute__((aligned(8)));
	struct mm_limit_attr *attr = (struct mm_limit_attr *)bytes;
	unsigned int done = 0, rounds = ktap_volume("calls");

	limits_log_table(false);
	numbers = random_from(ktap_seed());
	for (unsigned int i = 0; i < rounds; i++) {
		size_t size = make_up_attributes(bytes, sizeof(bytes));
		struct mm_limit_attr before = { .uid = attr->uid }, now;
		long had = limit_ctl(MM_LIMIT_CTL_GET, &before,
				     sizeof(struct mm_limit_attr));
		long ret = limit_ctl(MM_LIMIT_CTL_SET, bytes, size);

		now = (struct mm_limit_attr){ .uid = before.uid };
		EXPECT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &now,
				    sizeof(struct mm_limit_attr)),
			  ret ? had : 0);
		if (ret) {
			EXPECT_EQ(memcmp(&now, &before,
					 sizeof(struct mm_limit_attr)),
				  0);
		} else {
			done++;
			if (attr->fields & MM_LIMIT_FIELD_MAX)
				EXPECT_EQ(now.hard_max, attr->mm_max);
			if (attr->fields & MM_LIMIT_FIELD_GRACE)
				EXPECT_EQ(now.hard_grace_ms, attr->grace_ms);
			if (attr->fields & MM_LIMIT_FIELD_POLICY)
				EXPECT_EQ(now.policy, attr->policy);
		}
		if (random_below(&numbers, 16) == 0)
			mmlimit_remove(before.uid);
	}
	printf("%u of %u calls got through\n", done, rounds);
	EXPECT_GT(done, rounds / 100);
	for (uid_t uid = TEST_USER_FIRST; uid < TEST_USER_FIRST + 4; uid++)
		mmlimit_remove(uid);
	limits_log_table(true);
}
