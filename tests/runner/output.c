// SPDX-License-Identifier: GPL-2.0-only
/* The folder for logs and reports. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

static int make_folders(const char *path)
{
	char part[PATH_MAX];
	char *slash = part;

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	strcpy(part, path);
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(part, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

bool output_is_ours(const char *name)
{
	static const char *const reports[] = {
		"junit.xml",
		"results.json",
		"index.html",
	};
	static const char *const logs[] = {
		".console.log",
		".qemu.log",
		".stdout.log",
		".stderr.log",
	};
	size_t length = strlen(name);
	size_t i;

	for (i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		if (!strcmp(name, reports[i]))
			return true;
	}
	for (i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		size_t suffix = strlen(logs[i]);

		if (length > suffix && !strcmp(name + length - suffix, logs[i]))
			return true;
	}
	return false;
}

/* Only files are removed, since a link may be in a log's place on purpose. */
static int clear(DIR *folder)
{
	struct dirent *entry;
	struct stat status;

	while ((entry = readdir(folder))) {
		if (!output_is_ours(entry->d_name) ||
		    fstatat(dirfd(folder), entry->d_name, &status,
			    AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(status.st_mode))
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) < 0 &&
		    errno != ENOENT)
			return -errno;
	}
	return 0;
}

int output_prepare(const char *path, struct text *why)
{
	int ret = make_folders(path);
	DIR *folder = NULL;

	if (!ret) {
		folder = opendir(path);
		ret = folder ? clear(folder) : -errno;
	}
	if (folder)
		closedir(folder);
	if (ret)
		text_printf(why, "%s: %s", path, strerror(-ret));
	return ret;
}
