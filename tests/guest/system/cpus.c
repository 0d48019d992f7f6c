// SPDX-License-Identifier: GPL-2.0-only
/* Tests that a guest for real concurrency has several CPUs. */
#define _GNU_SOURCE 1
#include <unistd.h>

#include "ktap/ktap.h"

KTAP_TEST(there_are_several_cpus, 10, "account_smp enforce_smp taskmonitor_smp")
{
	EXPECT_GT(sysconf(_SC_NPROCESSORS_ONLN), 1);
}
