// SPDX-License-Identifier: GPL-2.0-only
/* Tests that the FIT image boots, in a guest that U-Boot started. */
#define _GNU_SOURCE 1
#include "ktap/files.h"
#include "ktap/ktap.h"

KTAP_TEST(u_boot_started_this_kernel, 10, "fit")
{
	char version[64];

	/* U-Boot leaves its name in the device tree that it hands over. */
	ASSERT_EQ(file_read("/proc/device-tree/chosen/u-boot,version", version,
			    sizeof(version)),
		  0);
	EXPECT_GT(strlen(version), 0);
}

KTAP_TEST(command_line_selects_this_suite, 10, "fit")
{
	char line[1024];

	ASSERT_EQ(file_read("/proc/cmdline", line, sizeof(line)), 0);
	EXPECT_TRUE(strstr(line, "MM_CHECK=fit"));
}
