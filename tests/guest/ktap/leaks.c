// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the kernel's own leak detector, as the last test of every suite, in
 * kernels that have it.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <time.h>

#include "ktap/files.h"
#include "ktap/internal.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"

/*
 * It reports no object younger than this (MSECS_MIN_AGE in mm/kmemleak.c), and
 * a second more for what is still being freed.
 */
#define MIN_AGE_SECONDS 6

/*
 * Forgets what the boot leaked, if anything: it is no suite's fault. Says
 * whether the detector is there.
 */
bool ktap_leaks_prepare(void)
{
	return !file_write(KMEMLEAK, "clear");
}

/*
 * The detector believes in a leak only if an object is old enough, and if two
 * scans in a row found it unreferenced and unchanged. So a scan, the age, and a
 * scan.
 */
void no_kernel_memory_leaks(void)
{
	struct timespec age = { .tv_sec = MIN_AGE_SECONDS };
	char line[512];
	int objects = 0;
	FILE *report;

	ASSERT_EQ(file_write(KMEMLEAK, "scan"), 0);
	while (nanosleep(&age, &age) && errno == EINTR)
		continue;
	ASSERT_EQ(file_write(KMEMLEAK, "scan"), 0);
	report = fopen(KMEMLEAK, "re");
	ASSERT_TRUE(report);
	while (fgets(line, sizeof(line), report)) {
		objects += !strncmp(line, "unreferenced object",
				    strlen("unreferenced object"));
		fputs(line, stdout);
	}
	EXPECT_TRUE(!ferror(report));
	fclose(report);
	EXPECT_EQ(objects, 0);
}
