// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests mm_limit_ctl(): what users may do, and what only an administrator may.
 */
#define _GNU_SOURCE 1
#include <string.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/user.h"

#define LIMIT (100 * MIB)
#define SIZE sizeof(struct mm_limit_attr)

/* For workers; the attributes come in their parcel. */
struct ctl_order {
	uid_t uid;
	uint32_t fields;
	uint64_t mm_max;
	uint64_t grace_ms;
	uint32_t policy;
	int op;
};

static long ctl_by_order(long address)
{
	const struct ctl_order *order = (const struct ctl_order *)address;
	struct mm_limit_attr attr = {
		.uid = order->uid,
		.fields = order->fields,
		.mm_max = order->mm_max,
		.grace_ms = order->grace_ms,
		.policy = order->policy,
	};

	return limit_ctl(order->op, &attr, sizeof(attr));
}

static long ctl_as(uid_t uid, struct ctl_order order)
{
	memcpy(worker_parcel, &order, sizeof(order));
	return user_run(uid, ctl_by_order, (long)worker_parcel);
}

KTAP_TEST(users_reach_their_own_part_only, 10, "calls")
{
	struct ctl_order own = { .uid = USER_A,
				 .op = MM_LIMIT_CTL_SET,
				 .fields = MM_LIMIT_FIELD_MAX,
				 .mm_max = LIMIT / 2 },
			 order = own;
	struct mm_limit_attr before;

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 100), 0);
	EXPECT_EQ(ctl_as(USER_A, own), 0);
	before = limit_read(USER_A);
	EXPECT_EQ(before.hard_max, LIMIT);
	EXPECT_EQ(before.self_max, LIMIT / 2);

	order.mm_max = LIMIT + 1;
	EXPECT_EQ(ctl_as(USER_A, order), -EPERM);
	order = own;
	order.fields = MM_LIMIT_FIELD_GRACE;
	order.grace_ms = 101;
	EXPECT_EQ(ctl_as(USER_A, order), -EPERM);
	/* The policy is the affair of whoever set the hard limit. */
	order.fields = MM_LIMIT_FIELD_POLICY;
	order.policy = MM_LIMIT_MOST_PRIVATE;
	EXPECT_EQ(ctl_as(USER_A, order), -EPERM);
	EXPECT_EQ(ctl_as(USER_B, own), -EPERM);
	own.op = MM_LIMIT_CTL_GET;
	EXPECT_EQ(ctl_as(USER_A, own), 0);
	EXPECT_EQ(ctl_as(USER_B, own), -EPERM);
	limit_expect_unchanged(&before);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	/* Where there is no hard part, the policy is the user's own. */
	own.op = MM_LIMIT_CTL_SET;
	EXPECT_EQ(ctl_as(USER_A, own), 0);
	EXPECT_EQ(ctl_as(USER_A, order), 0);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_MOST_PRIVATE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	own.uid = 100;
	EXPECT_EQ(ctl_as(0, own), -EACCES);
	own.uid = -1;
	EXPECT_EQ(ctl_as(0, own), -EINVAL);
}

static long turn_reclaim(long on)
{
	const struct mm_limit_attr attr = {
		.uid = USER_A,
		.fields = MM_LIMIT_FIELD_FLAGS,
		.flags = on ? MM_LIMIT_RECLAIM : 0,
	};

	return limit_ctl(MM_LIMIT_CTL_SET, &attr, SIZE);
}

KTAP_TEST(reclaim_of_a_hard_limit_is_the_administrators, 10, "calls")
{
	ASSERT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	EXPECT_EQ(user_run(USER_A, turn_reclaim, true), 0);
	EXPECT_EQ(limit_read(USER_A).flags, MM_LIMIT_RECLAIM);
	/* The user's choice does not bind the administrator. */
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(limit_read(USER_A).flags, 0);
	EXPECT_EQ(user_run(USER_A, turn_reclaim, true), -EPERM);
	EXPECT_EQ(turn_reclaim(true), 0);
	EXPECT_EQ(user_run(USER_A, turn_reclaim, false), -EPERM);
	EXPECT_EQ(limit_read(USER_A).flags, MM_LIMIT_RECLAIM);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
