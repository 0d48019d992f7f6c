// SPDX-License-Identifier: GPL-2.0-only
/* Measures whether the machine still answers, and what others who keep it busy leave of it. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <time.h>

#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/probe.h"

#define SLEEP_US 10000

/* What a probe tells; it is shared with the test, which sets @stop. */
struct findings {
	unsigned long stop;
	unsigned long sleeps;
	unsigned long longest_us;
};

static struct region page;

static long sleep_and_measure(long unused)
{
	struct findings *found = (struct findings *)page.base;
	const struct timespec pause = { .tv_nsec = 1000 * SLEEP_US };

	while (!__atomic_load_n(&found->stop, __ATOMIC_SEQ_CST)) {
		uint64_t end_us = ktap_now_us() + SLEEP_US, now_us;

		nanosleep(&pause, NULL);
		now_us = ktap_now_us();
		found->sleeps++;
		if (now_us > end_us && now_us - end_us > found->longest_us)
			found->longest_us = now_us - end_us;
	}
	return 0;
}

struct probe probe_start(uid_t uid)
{
	struct probe probe;

	page = region_map_common(1);
	probe.worker = worker_start(uid);
	worker_send(&probe.worker, sleep_and_measure, 0);
	return probe;
}

uint64_t probe_end(struct probe *probe)
{
	struct findings *found = (struct findings *)page.base;
	uint64_t longest_us;

	__atomic_store_n(&found->stop, 1, __ATOMIC_SEQ_CST);
	/* A stall that has not ended yet counts, too. */
	EXPECT_EQ(worker_receive(&probe->worker), 0);
	worker_end(&probe->worker);
	longest_us = found->longest_us;
	printf("probe: %lu sleeps of 10 ms, the longest %lu.%03lu ms too long\n",
	       found->sleeps, found->longest_us / 1000,
	       found->longest_us % 1000);
	EXPECT_GT(found->sleeps, 0);
	region_unmap(&page);
	return longest_us;
}

long probe_work(long ms)
{
	uint64_t end_us = ktap_now_us() + 1000ULL * ms;
	long done = 0;

	while (ktap_now_us() < end_us)
		done++;
	return done;
}
