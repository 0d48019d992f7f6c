// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that the kernel's own tests have run: KUnit prints their results before
 * init, where the runner counts them.
 */
#include <stdio.h>

#include "ktap/ktap.h"
#include "lib/klog.h"

static void expect_suite(const char *name)
{
	struct klog log = klog_open_from_boot();
	char line[64];
	bool found = false;

	snprintf(line, sizeof(line), "# Subtest: %s", name);
	while (!found && klog_next(&log))
		found = strstr(log.text, line);
	klog_close(&log);
	EXPECT_TRUE(found);
}

KTAP_TEST(kernel_has_tested_its_parts, 10, "system")
{
	expect_suite("mm_limit_arithmetic");
	expect_suite("mm_limit_policy");
	expect_suite("mm_limit_state");
	expect_suite("mm_limit_table");
	expect_suite("mm_limit_clock");
	expect_suite("mm_limit_reclaim");
	expect_suite("mm_limit_kills");
	expect_suite("mm_limit_levels");
	expect_suite("oom_candidates");
	expect_suite("taskmonitor_store");
}
