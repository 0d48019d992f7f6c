// SPDX-License-Identifier: GPL-2.0-only
/* See watch.h. */
#define _GNU_SOURCE 1
#include <poll.h>
#include <sched.h>

#include "ktap/ktap.h"
#include "lib/actor.h"
#include "lib/held.h"
#include "lib/memory.h"
#include "lib/watch.h"

long watch_free(void)
{
	return (long)(memory_free() / KIB) + held_cpu_lists();
}

/* Looks whenever it is time to, however busy the user is */
static void come_first(bool first)
{
	const struct sched_param parameter = { .sched_priority = first };

	ASSERT_EQ(sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER,
				     &parameter),
		  0);
}

struct watch watch_begin(unsigned int each_us)
{
	come_first(true);
	return (struct watch){ .each_us = each_us, .before = watch_free() };
}

void watch_end(void)
{
	come_first(false);
}

bool watch_worker(struct watch *watch, const struct worker *worker, long most,
		  unsigned int ms)
{
	const struct timespec each = { .tv_nsec = 1000L * watch->each_us };
	const uint64_t end = ktap_now_us() + 1000ULL * ms;
	struct pollfd fds[] = {
		{ .fd = worker->answers, .events = POLLIN },
		{ .fd = worker->pidfd, .events = POLLIN },
	};
	bool over = false;

	while (!over && watch->worst < most && ktap_now_us() < end) {
		long kib;

		over = ppoll(fds, ARRAY_SIZE(fds), &each, NULL) > 0;
		kib = watch->before - watch_free();
		watch->worst = kib > watch->worst ? kib : watch->worst;
	}
	return over;
}
