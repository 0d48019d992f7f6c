// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the disk to swap to that suites with swap=disk and `make boot
 * SWAP=disk` have.
 */
#define _GNU_SOURCE 1
#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/swap.h"

#define HELD (16 * MIB)

KTAP_TEST(disk_is_there_to_swap_to, 10, "swap_disk")
{
	char text[512];

	ASSERT_EQ(file_read("/proc/swaps", text, sizeof(text)), 0);
	EXPECT_TRUE(strstr(text, "\n/dev/vda "));
	EXPECT_EQ(swap_used(), 0);
}

KTAP_TEST(memory_comes_back_from_disk_as_it_was, 60, "swap_disk")
{
	struct worker worker = start_holding(USER_A, HELD);

	ASSERT_EQ(worker_call(&worker, held_swap_out, 0), 0);
	EXPECT_GE(swap_used(), HELD);
	EXPECT_EQ(worker_call(&worker, held_damage, 0), 0);
	worker_end(&worker);
}
