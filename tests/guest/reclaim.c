// SPDX-License-Identifier: GPL-2.0-only
/* Users whose memory is swapped out before they are killed. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include "ktap.h"
#include "limits.h"
#include "memory.h"
#include "reclaim.h"
#include "usage.h"

#define SET_PAGES (320 * MIB / PAGE)

static struct region cold, hot;
static size_t cold_pages, hot_pages;
static long hot_refaults;

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
			   MM_LIMIT_ATTR_NONE);
}

static long pages(long mib)
{
	return mib * (long)(MIB / PAGE);
}

long sets_cold(long mib)
{
	if (!cold.base)
		cold = region_map(SET_PAGES);
	region_touch(&cold, cold_pages, pages(mib));
	cold_pages += pages(mib);
	return 0;
}

long sets_hot(long mib)
{
	hot_pages = pages(mib);
	hot = region_map(hot_pages);
	region_touch(&hot, 0, hot_pages);
	return 0;
}

static long major_faults(void)
{
	struct rusage usage;

	ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_majflt;
}

long sets_use_hot(long times)
{
	long before = major_faults();

	while (times--)
		region_touch(&hot, 0, hot_pages);
	return major_faults() - before;
}

long sets_cold_beside_hot(long mib)
{
	while (mib--) {
		sets_cold(1);
		hot_refaults += sets_use_hot(1);
	}
	return 0;
}

long sets_hot_refaults(long unused)
{
	return hot_refaults + unused;
}

long sets_damage(long unused)
{
	return region_damage(&cold, 0, cold_pages) +
	       region_damage(&hot, 0, hot_pages) + unused;
}

long sets_fork(long unused)
{
	pid_t pid = fork();
	int status;

	ASSERT_GE(pid, 0);
	while (!pid)
		raise(SIGSTOP);
	ASSERT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	ASSERT_TRUE(WIFSTOPPED(status));
	return pid + unused;
}

struct mm_limit_attr reclaim_read_exact(uid_t uid)
{
	usage_exact(uid);
	return limit_read(uid);
}
