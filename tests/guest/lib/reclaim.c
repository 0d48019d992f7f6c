// SPDX-License-Identifier: GPL-2.0-only
/* Users whose memory is swapped out before they are killed. */
#define _GNU_SOURCE 1
#include <stdio.h>

#include <sys/resource.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/reclaim.h"
#include "lib/swap.h"
#include "lib/usage.h"

static struct region hot;
static long refaults;

void reclaim_limit_with(uid_t uid, unsigned long bytes, unsigned int threshold,
			unsigned long long swap_max)
{
	const struct mm_limit_attr attr = {
		.uid = uid,
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
			  MM_LIMIT_FIELD_FLAGS | MM_LIMIT_FIELD_THRESHOLD |
			  MM_LIMIT_FIELD_SWAP_MAX,
		.mm_max = bytes,
		.flags = MM_LIMIT_RECLAIM,
		.threshold = threshold,
		.swap_max = swap_max,
	};

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
}

void reclaim_limit(uid_t uid, unsigned long bytes)
{
	reclaim_limit_with(uid, bytes, MM_LIMIT_THRESHOLD_DEFAULT,
			   MM_LIMIT_SWAP_UNBOUNDED);
}

void reclaim_thrash_after(unsigned int ms)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", ms);
	ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_thrash_ms", text), 0);
}

void reclaim_begin(unsigned long swap)
{
	swap_on(swap);
	/* Pages that a test brings back on purpose are not thrashing. */
	reclaim_thrash_after(3600000);
}

void reclaim_finish(void)
{
	EXPECT_EQ(swap_remove(), 0);
	reclaim_thrash_after(10000);
}

long hot_make(long mib)
{
	hot = region_map(mib * MIB / PAGE);
	return hot_use(1);
}

static long major_faults(void)
{
	struct rusage usage;

	ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_majflt;
}

long hot_use(long times)
{
	long before = major_faults();

	while (times--)
		region_touch(&hot, 0, hot.pages);
	refaults += major_faults() - before;
	return 0;
}

long hot_use_next(long pages)
{
	static size_t next;

	for (; pages; pages--)
		region_touch(&hot, next++ % hot.pages, 1);
	return 0;
}

long hot_beside_cold(long mib)
{
	while (mib--) {
		held_grow(MIB / PAGE);
		hot_use(1);
	}
	return 0;
}

long hot_refaults(long unused)
{
	return refaults;
}

long hot_damage(long unused)
{
	return region_damage(&hot, 0, hot.pages);
}

struct mm_limit_attr reclaim_read(uid_t uid)
{
	struct mm_limit_attr attr;

	usage_exact(uid);
	attr = limit_read(uid);
	printf("usage %llu, peak %llu, swap %llu, %llu kills, thrashed %u times\n",
	       attr.usage, attr.peak, attr.swap, attr.kills, attr.thrashed);
	printf("scanned %llu, spared %llu, swapped out %llu, dropped %llu, direct %llu, refaults %llu\n",
	       attr.scanned, attr.spared, attr.swapped_out, attr.dropped,
	       attr.direct_reclaims, attr.refaults);
	return attr;
}

void reclaim_end(uid_t uid, struct worker *worker)
{
	struct mm_limit_attr attr;

	EXPECT_EQ(worker_call(worker, held_damage, 0), 0);
	worker_end(worker);
	attr = reclaim_read(uid);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_EQ(attr.usage, 0);
	EXPECT_EQ(attr.swap, 0);
	EXPECT_EQ(attr.swap_stored, 0);
	EXPECT_EQ(mmlimit_remove(uid), 0);
}
