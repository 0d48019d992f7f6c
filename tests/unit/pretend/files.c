// SPDX-License-Identifier: GPL-2.0-only
/* The files of the machine, which are below MM_ROOT. */
#define _GNU_SOURCE
#include "pretend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "array.h"

/* What the machine has of its own, even if it has it not */
static const char *const places[] = {
	"/etc/",	   "/proc/mm_",	    "/proc/oom",
	"/proc/pressure/", "/proc/sys/vm/", "/proc/self/oom_score_adj",
	"/sys/",	   "/lib/modules/", "/dev/kmsg",
	"/dev/log",
};

const char *pretend_path(const char *path, char room[PATH_MAX])
{
	const char *root = getenv("MM_ROOT");

	for (size_t i = 0; root && i < ARRAY_SIZE(places); i++) {
		if (strncmp(path, places[i], strlen(places[i])))
			continue;
		snprintf(room, PATH_MAX, "%s%s", root, path);
		return room;
	}
	return path;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	char room[PATH_MAX];
	va_list args;
	mode_t mode;
	int fd;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (pretend_fails(path))
		return -1;
	fd = __real_open(pretend_path(path, room), flags, mode);
	if (fd >= 0 && (!strcmp(path, MMLIMIT_LIST_PATH) ||
			!strcmp(path, "/proc/pressure/memory")))
		pretend_watch(fd, room);
	return fd;
}

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	char room[PATH_MAX];

	if (pretend_fails(path))
		return NULL;
	return __real_fopen(pretend_path(path, room), mode);
}

FILE *pretend_open(const char *path, const char *mode)
{
	return __wrap_fopen(path, mode);
}

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __wrap_access(const char *path, int mode)
{
	char room[PATH_MAX];

	return __real_access(pretend_path(path, room), mode);
}

int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...)
{
	return pretend_fails(path) ? -1 : __real_openat(folder, path, flags);
}

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
DIR *__wrap_opendir(const char *path)
{
	return pretend_fails(path) ? NULL : __real_opendir(path);
}

typedef int (*filter_fn)(const struct dirent *entry);
typedef int (*compare_fn)(const struct dirent **a, const struct dirent **b);

int __real_scandir(const char *path, struct dirent ***entries, filter_fn filter,
		   compare_fn compare);
int __wrap_scandir(const char *path, struct dirent ***entries, filter_fn filter,
		   compare_fn compare);
int __wrap_scandir(const char *path, struct dirent ***entries, filter_fn filter,
		   compare_fn compare)
{
	char room[PATH_MAX];

	if (pretend_fails(path))
		return -1;
	return __real_scandir(pretend_path(path, room), entries, filter,
			      compare);
}

/* What the log daemon is told ends up in its socket. */
void __wrap_syslog(int priority, const char *format, ...);
void __wrap_syslog(int priority, const char *format, ...)
{
	FILE *file = pretend_open("/dev/log", "ae");
	va_list args;

	if (!file)
		return;
	fprintf(file, "<%d>", priority);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fputc('\n', file);
	fclose(file);
}
