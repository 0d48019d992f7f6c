/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd: the numbers that name folders in a folder, read without malloc(). */
#ifndef OOMRANKD_FOLDER_H
#define OOMRANKD_FOLDER_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct folder - how far a folder is read
 * @fd: it
 * @length: what is in @entries
 * @next: the entry that comes next
 * @entries: as getdents64() has it
 */
struct folder {
	int fd;
	long length;
	long next;
	char entries[4096] __attribute__((aligned(8)));
};

/* Starts to read a folder from its beginning. */
void folder_start(struct folder *folder, int fd);

/*
 * folder_next - the next entry whose name is a positive number
 *
 * Return: the number, 0 at the end, or a negative error.
 */
pid_t folder_next(struct folder *folder);

/* The number that a name of digits stands for, or 0 for any other name */
pid_t folder_number(const char *name);

#endif /* OOMRANKD_FOLDER_H */
