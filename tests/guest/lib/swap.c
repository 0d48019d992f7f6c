// SPDX-License-Identifier: GPL-2.0-only
/* Swap space for a test: a device that compresses into memory (zram). */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/swap.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/swap.h"

#define DEVICE "/dev/zram0"
#define SETTINGS "/sys/block/zram0/"

/*
 * In the first page the fields and the magic stand here (include/linux/swap.h).
 */
#define HEADER_FIELDS 1024
#define HEADER_MAGIC "SWAPSPACE2"

static unsigned long device_size(void)
{
	unsigned long bytes;
	char text[32];

	ASSERT_EQ(file_read(SETTINGS "disksize", text, sizeof(text)), 0);
	ASSERT_EQ(sscanf(text, "%lu", &bytes), 1);
	return bytes;
}

/* Does what mkswap does. */
static void write_header(unsigned long bytes)
{
	const uint32_t fields[] = { 1 /* version */, bytes / PAGE - 1 };
	char header[PAGE] = { 0 };
	int fd;

	memcpy(header + HEADER_FIELDS, fields, sizeof(fields));
	memcpy(header + PAGE - strlen(HEADER_MAGIC), HEADER_MAGIC,
	       strlen(HEADER_MAGIC));
	fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(write(fd, header, PAGE), PAGE);
	ASSERT_EQ(fsync(fd), 0);
	close(fd);
}

int swap_try_on(void)
{
	return swapon(DEVICE, 0) ? -errno : 0;
}

void swap_on(unsigned long bytes)
{
	char text[32];

	if (!device_size()) {
		snprintf(text, sizeof(text), "%lu", bytes);
		ASSERT_EQ(file_write(SETTINGS "disksize", text), 0);
		write_header(bytes);
	}
	ASSERT_EQ(swap_try_on(), 0);
}

int swap_off(void)
{
	return swapoff(DEVICE) ? -errno : 0;
}

int swap_remove(void)
{
	int ret = swap_is_on() ? swap_off() : 0;

	return ret ? ret : file_write(SETTINGS "reset", "1");
}

/*
 * A sample: "Filename  Type  Size  Used  Priority\n/dev/zram0  partition
 * 65532  1024  -2\n", in KiB
 */
static bool read_swaps(unsigned long *used)
{
	char text[512];
	char *line;

	return !file_read("/proc/swaps", text, sizeof(text)) &&
	       (line = strchr(text, '\n')) &&
	       sscanf(line + 1, "%*s %*s %*u %lu", used) == 1;
}

bool swap_is_on(void)
{
	unsigned long used;

	return read_swaps(&used);
}

unsigned long swap_used(void)
{
	unsigned long used;

	return read_swaps(&used) ? used * KIB : 0;
}
