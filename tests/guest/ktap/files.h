/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads and writes small files, such as those of /proc and sysfs, in one go. */
#ifndef KTAP_FILES_H
#define KTAP_FILES_H

#include <stddef.h>

/* Reads a file that is shorter than @size, as a string. Returns 0 or -errno. */
int file_read(const char *path, char *text, size_t size);

/*
 * Writes a string to a file that exists, in one write(). Returns 0 or -errno.
 */
int file_write(const char *path, const char *text);

#endif /* KTAP_FILES_H */
