// SPDX-License-Identifier: GPL-2.0-only
/* The configuration of several files: a main one, and a folder of others. */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_files.h"

/**
 * struct conf_file - one of the files
 * @path: as messages call it
 * @conf: what it says
 */
struct conf_file {
	char *path;
	struct mmlimit_conf conf;
};

static int out_of_memory(char why[CONF_WHY_SIZE])
{
	snprintf(why, CONF_WHY_SIZE, "%s", mmlimit_strerror(-ENOMEM));
	return -ENOMEM;
}

static void explain(const char *path, const struct mmlimit_conf_error *error,
		    char why[CONF_WHY_SIZE])
{
	if (error->line)
		snprintf(why, CONF_WHY_SIZE, "%s:%u: %s", path, error->line,
			 error->reason);
	else
		snprintf(why, CONF_WHY_SIZE, "%s: %s", path, error->reason);
}

/* @open: what is opened for @path */
static int read_file(struct conf_files *files, const char *path,
		     const char *open, char why[CONF_WHY_SIZE])
{
	struct conf_file *more =
		reallocarray(files->files, files->count + 1, sizeof(*more));
	struct mmlimit_conf_error error;
	int ret;

	if (!more)
		return out_of_memory(why);
	files->files = more;
	more += files->count;
	ret = mmlimit_conf_read(open, &more->conf, &error);
	if (ret) {
		explain(path, &error, why);
		return ret;
	}
	files->count++;
	more->path = strdup(path);
	return more->path ? 0 : out_of_memory(why);
}

static int read_main(struct conf_files *files, const char *path, bool needed,
		     char why[CONF_WHY_SIZE])
{
	if (!strcmp(path, "-"))
		return read_file(files, "standard input", "/proc/self/fd/0",
				 why);
	if (!needed && access(path, F_OK) && errno == ENOENT)
		return 0;
	return read_file(files, path, path, why);
}

static int is_conf(const struct dirent *entry)
{
	return !fnmatch("*.conf", entry->d_name, FNM_PERIOD);
}

/* By bytes: the order must not depend on anybody's language. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_folder(struct conf_files *files, const char *folder,
		       char why[CONF_WHY_SIZE])
{
	struct dirent **entries;
	int count, ret = 0;

	count = scandir(folder, &entries, is_conf, compare_names);
	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0) {
		ret = -errno;
		snprintf(why, CONF_WHY_SIZE, "%s: %s", folder, strerror(errno));
		return ret;
	}
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (!ret &&
		    asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
			ret = out_of_memory(why);
		if (!ret)
			ret = read_file(files, path, path, why);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

/* Whether a file behind this one has a limit for the user, or the rule, too */
static bool is_overridden(const struct conf_files *files, size_t file,
			  const struct mm_limit_attr *limit)
{
	while (++file < files->count) {
		const struct mmlimit_conf *conf = &files->files[file].conf;

		for (size_t i = 0; i < conf->count; i++)
			if (mmlimit_is_same(&conf->limits[i], limit))
				return true;
	}
	return false;
}

static void merge_file(struct conf_files *files, size_t number)
{
	const struct conf_file *file = &files->files[number];
	const struct mmlimit_conf *conf = &file->conf;

	for (size_t i = 0; i < conf->count; i++)
		if (!is_overridden(files, number, &conf->limits[i]))
			files->limits[files->limits_count++] =
				(struct conf_limit){ .attr = &conf->limits[i],
						     .path = file->path,
						     .line = conf->lines[i] };
	if (conf->interval_ms)
		files->interval_ms = conf->interval_ms;
	if (conf->policy_line)
		files->policy = conf->policy;
}

static int merge(struct conf_files *files, char why[CONF_WHY_SIZE])
{
	size_t most = 0;

	for (size_t i = 0; i < files->count; i++)
		most += files->files[i].conf.count;
	files->limits = calloc(most + 1, sizeof(*files->limits));
	if (!files->limits)
		return out_of_memory(why);
	for (size_t i = 0; i < files->count; i++)
		merge_file(files, i);
	return 0;
}

int conf_files_read(struct conf_files *files, const char *path,
		    const char *folder, char why[CONF_WHY_SIZE])
{
	int ret;

	*files = (struct conf_files){ .policy = MM_LIMIT_POLICY_OWN };
	ret = read_main(files, path, !folder, why);
	if (!ret && folder)
		ret = read_folder(files, folder, why);
	return ret ? ret : merge(files, why);
}

void conf_files_free(struct conf_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		mmlimit_conf_free(&files->files[i].conf);
		free(files->files[i].path);
	}
	free(files->files);
	free(files->limits);
	*files = (struct conf_files){ 0 };
}
