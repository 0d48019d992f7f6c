// SPDX-License-Identifier: GPL-2.0-only
/* Tests the message that the task monitor logs when it is loaded. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/monitor.h"

KTAP_TEST(loading_tells_the_size_of_a_sample, 10, "taskmonitor")
{
	struct klog log = klog_open();
	unsigned int bytes, takes;

	monitor_load("");
	klog_wait(&log, "taskmonitor: a sample has ");
	ASSERT_EQ(sscanf(strstr(log.text, "has "), "has %u bytes and takes %u",
			 &bytes, &takes),
		  2);
	EXPECT_GT(bytes, 0);
	EXPECT_GE(takes, bytes);
	klog_close(&log);
	EXPECT_EQ(access(MONITOR_HISTORY, F_OK), 0);
	EXPECT_EQ(access(MONITOR_NEWEST, F_OK), 0);
	EXPECT_EQ(monitor_samples(0, NULL, NULL), 0);
	monitor_unload();
}
