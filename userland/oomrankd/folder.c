// SPDX-License-Identifier: GPL-2.0-only
/*
 * oomrankd: reads the numbers that name folders in a folder. opendir() is not
 * used, since it allocates memory each time.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <unistd.h>

#include <sys/syscall.h>

#include "folder.h"

/* An entry as the kernel writes it (include/linux/dirent.h) */
struct entry {
	uint64_t ino;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

void folder_start(struct folder *folder, int fd)
{
	folder->fd = fd;
	folder->length = 0;
	folder->next = 0;
	lseek(fd, 0, SEEK_SET);
}

pid_t folder_number(const char *name)
{
	int number = 0;

	for (; *name >= '0' && *name <= '9'; name++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *name - '0', &number))
			return 0;
	return *name ? 0 : number;
}

pid_t folder_next(struct folder *folder)
{
	for (;;) {
		const struct entry *entry;
		pid_t number;

		if (folder->next >= folder->length) {
			folder->length = syscall(SYS_getdents64, folder->fd,
						 folder->entries,
						 sizeof(folder->entries));
			folder->next = 0;
			if (folder->length <= 0)
				return folder->length ? -errno : 0;
		}
		entry = (const void *)(folder->entries + folder->next);
		folder->next += entry->size;
		number = folder_number(entry->name);
		if (number)
			return number;
	}
}
