// SPDX-License-Identifier: GPL-2.0-only
/* See within.h. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/watch.h"
#include "lib/within.h"
#include "mmlimit.h"

/*
 * How often, and how long, what is free is looked at. Calls that are shorter than that are
 * seen all the same, since each of many is kept waiting by the others. A kernel that is much
 * slower does less in that time.
 */
#define EACH_US 5000
#define WATCHED_MS (ktap_slowdown() > 1 ? 10000 : 2000)

/*
 * What these calls hold they free all the time, and what KASAN keeps of that keeps the slabs
 * that it is in.
 */
static unsigned long slack(unsigned long limit)
{
	return held_slack(limit) * (ktap_slowdown() > 1 ? 2 : 1);
}

void within_expect(struct worker *worker, unsigned long limit, worker_fn run)
{
	struct watch watch = watch_begin(EACH_US);
	struct mm_limit_attr attr;

	worker_send(worker, run, limit);
	if (watch_worker(&watch, worker, LONG_MAX, WATCHED_MS))
		EXPECT_EQ(worker_receive(worker), WORKER_DIED);
	watch_end();
	attr = limit_read(USER_A);
	printf("%ld KiB fewer were free at worst, of %lu; peak %llu, %llu kills, refused %llu times\n",
	       watch.worst, limit / KIB, (unsigned long long)attr.peak / KIB,
	       (unsigned long long)attr.kills,
	       (unsigned long long)attr.refused);
	EXPECT_LE(watch.worst, (limit + slack(limit)) / KIB);
}

void within_end(struct worker *worker)
{
	kill(worker->pid, SIGKILL);
	worker_wait(worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

void within_check(worker_fn run)
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, held_limit()), 0);
	worker = worker_start(USER_A);
	within_expect(&worker, held_limit(), run);
	within_end(&worker);
}

bool within_has_room(unsigned long limit)
{
	return limit_read(getuid()).usage < limit / 2;
}
