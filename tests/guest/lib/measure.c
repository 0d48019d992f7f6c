// SPDX-License-Identifier: GPL-2.0-only
/* See measure.h. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/cgroup.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/measure.h"
#include "lib/memory.h"
#include "lib/usage.h"
#include "lib/watch.h"
#include "mmlimit.h"

/* How often the machine's memory is looked at while a user tries */
#define EACH_US 500

/*
 * What was used has come back when all but so much has, which slabs that are not full
 * and caches may keep, and so little becomes free from one grace period to the next.
 */
#define SLACK_KIB (4 * MIB / KIB)
#define SETTLED_KIB 64

/* Waits until what was free is free again. */
static void settle(long free)
{
	long before, now = watch_free();

	do {
		ktap_waiting_for("%ld KiB to be free again, not %ld", free,
				 now);
		before = now;
		grace_periods_pass();
		now = watch_free();
	} while (now < free - (long)SLACK_KIB || now > before + SETTLED_KIB);
	ktap_waiting_for(NULL);
}

/**
 * struct attempt - a user's, to have the machine hold as much as possible
 * @outcome: a word for it
 * @kib: the most that the machine had less meanwhile
 */
struct attempt {
	const char *outcome;
	long kib;
};

static const char *outcome_of(long came_to)
{
	if (came_to == WORKER_DIED || came_to == -EINTR)
		return "killed";
	if (came_to == -E2BIG)
		return "not stopped";
	if (came_to < 0)
		KTAP_FAIL("it could not begin: %s", strerror(-came_to));
	return "refused";
}

/* It has been enough when the machine holds four times what a limit allows. */
static struct attempt try_channel(struct worker *worker, worker_fn fill)
{
	struct attempt attempt = { .outcome = "not stopped" };
	struct watch watch = watch_begin(EACH_US);
	bool over;

	worker_send(worker, held_fill_and_tell, (long)fill);
	over = watch_worker(&watch, worker, 4 * held_limit() / KIB, UINT_MAX);
	watch_end();
	if (over)
		attempt.outcome = outcome_of(worker_receive(worker));
	attempt.kib = watch.worst;
	return attempt;
}

/* Ends all that a user has. */
static void clear_away(struct worker *worker)
{
	kill(worker->pid, SIGKILL);
	worker_wait(worker);
	ktap_waiting_for("the user's processes to end");
	while (usage_of_processes(USER_A))
		usleep(1000);
	ktap_waiting_for(NULL);
	held_remove_all();
}

static void measure_case(const char *name, const char *by, worker_fn fill)
{
	const bool cgroup = !strcmp(by, "memory.max");
	const bool limited = !cgroup && strcmp(by, "none") != 0;
	const long free = watch_free();
	struct worker worker = worker_start(USER_A);
	struct attempt attempt;

	if (cgroup) {
		cgroup_make(held_limit());
		cgroup_enter(worker.pid);
		/* It kills whom this limit would refuse. */
		printf("expect-splat invoked oom-killer\n"
		       "expect-splat ^Memory cgroup out of memory\n");
	} else if (limited) {
		limits_count(by);
		ASSERT_EQ(mmlimit_set(USER_A, held_limit()), 0);
	}
	attempt = try_channel(&worker, fill);
	printf("bench: channels,%s,%s,%s,%ld\n", name, by, attempt.outcome,
	       attempt.kib);
	clear_away(&worker);
	settle(free);
	if (cgroup)
		cgroup_remove();
	if (limited) {
		held_wait_for_nothing(USER_A);
		EXPECT_EQ(mmlimit_remove(USER_A), 0);
	}
}

void measure_channel(const char *name, worker_fn fill)
{
	measure_case(name, "none", fill);
	measure_case(name, "rss", fill);
	measure_case(name, "held", fill);
	measure_case(name, "memory.max", fill);
}
