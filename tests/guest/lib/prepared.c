// SPDX-License-Identifier: GPL-2.0-only
/* Workers that are charged once for each further page. */
#define _GNU_SOURCE 1
#include "ktap/ktap.h"
#include "lib/prepared.h"

volatile unsigned long *kill_progress;

void share_progress(void)
{
	kill_progress = region_map_common(1).base;
}

struct worker start_prepared(uid_t uid, long pages)
{
	struct worker worker = worker_start(uid);

	ASSERT_EQ(worker_call(&worker, held_prepare, pages), 0);
	ASSERT_EQ(worker_call(&worker, held_grow, 1), 0);
	return worker;
}

long grow_and_count(long pages)
{
	volatile unsigned long *count = kill_progress;

	for (*count = 0; *count < (unsigned long)pages; ++*count)
		held_grow(1);
	return 0;
}
