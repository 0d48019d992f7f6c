// SPDX-License-Identifier: GPL-2.0-only
/* Rules, which give many users a limit. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/rules.h"
#include "lib/usage.h"

#define POOLS "/sys/kernel/debug/mm_limit/pools"

long rule_set_time(unsigned int kind, uid_t first, uid_t last, uint64_t bytes,
		   unsigned int grace_ms)
{
	const struct mm_limit_attr attr = {
		.uid = (uid_t)-1,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE,
		.mm_max = bytes,
		.grace_ms = grace_ms,
		.rule = kind,
		.first = first,
		.last = last,
	};

	return limit_ctl(MM_LIMIT_CTL_SET_RULE, &attr, sizeof(attr));
}

long rule_set(unsigned int kind, uid_t first, uid_t last, uint64_t bytes)
{
	return rule_set_time(kind, first, last, bytes, 0);
}

long rule_remove(uid_t first, uid_t last)
{
	const struct mm_limit_attr attr = { .first = first, .last = last };

	return limit_ctl(MM_LIMIT_CTL_REMOVE_RULE, &attr, sizeof(attr));
}

struct mm_limit_attr rule_read(uid_t first, uid_t last)
{
	struct mm_limit_attr attr = { .first = first, .last = last };

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_GET_RULE, &attr, sizeof(attr)), 0);
	EXPECT_EQ(attr.uid, (uid_t)-1);
	EXPECT_EQ(attr.first, first);
	EXPECT_EQ(attr.last, last);
	return attr;
}

void rule_expect(uid_t uid, unsigned int kind, uid_t first, uid_t last,
		 uint64_t bytes)
{
	struct mm_limit_attr attr = limit_read(uid);

	EXPECT_EQ(attr.rule, kind);
	EXPECT_EQ(attr.first, first);
	EXPECT_EQ(attr.last, last);
	EXPECT_EQ(attr.mm_max, bytes);
}

/* What the kernel says of a pool, which must be there */
static void read_pool(uid_t first, uid_t last, unsigned long *usage,
		      unsigned long *walk)
{
	FILE *file = fopen(POOLS, "re");
	unsigned int from, to;
	bool found = false;
	char line[160];

	ASSERT_TRUE(file);
	while (!found && fgets(line, sizeof(line), file)) {
		ASSERT_EQ(sscanf(line, "uid=%u-%u usage=%lu walk=%lu", &from,
				 &to, usage, walk),
			  4);
		found = from == first && to == last;
	}
	fclose(file);
	ASSERT_TRUE(found);
}

unsigned long pool_exact(uid_t first, uid_t last)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned long usage, walk;

	read_pool(first, last, &usage, &walk);
	while (usage != walk) {
		ktap_waiting_for(
			"the pool of %u to %u to be charged what its members are: %lu bytes, not %lu",
			first, last, walk, usage);
		nanosleep(&pause, NULL);
		read_pool(first, last, &usage, &walk);
	}
	ktap_waiting_for(NULL);
	return usage;
}

void pool_expect(uid_t first, uid_t last, uid_t a, uid_t b)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned long pool, members;

	for (;;) {
		pool = pool_exact(first, last);
		members = a ? usage_exact(a) : 0;
		members += b ? usage_exact(b) : 0;
		if (pool == members)
			break;
		ktap_waiting_for(
			"the pool of %u to %u to be charged %lu bytes, not %lu",
			first, last, members, pool);
		nanosleep(&pause, NULL);
	}
	ktap_waiting_for(NULL);
}

void rule_wait_until_gone(uid_t uid)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct usage usage;

	while (usage_read(uid, &usage)) {
		usage_run_on_each_cpu();
		/* A CPU keeps pages of files that have gone until it has more for its lists. */
		ASSERT_EQ(file_write("/proc/sys/vm/drop_caches", "1"), 0);
		ktap_waiting_for(
			"user %u to go, which has %lu bytes in %u address spaces",
			uid, usage.charged, usage.mms);
		nanosleep(&pause, NULL);
	}
}
