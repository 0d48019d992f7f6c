/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of several files: a main one, and a folder of others. */
#ifndef COMMON_CONF_FILES_H
#define COMMON_CONF_FILES_H

#include "mmlimit.h"

/* What is read after MMLIMIT_CONF_PATH: the files *.conf in it, by their names */
#define CONF_FOLDER MMLIMIT_CONF_PATH ".d"

/* Room for what is wrong: "FILE:LINE: REASON" */
#define CONF_WHY_SIZE 512

/**
 * struct conf_limit - a limit that some file has
 * @attr: for mmlimit_change()
 * @path: the file, as messages call it
 * @line: where it stands there
 */
struct conf_limit {
	const struct mm_limit_attr *attr;
	const char *path;
	unsigned int line;
};

/**
 * struct conf_files - what all files say together
 * @files: each by itself
 * @count: their number; 0 if there is none
 * @limits: of a user, or a rule, in several files, what the last one has
 * @limits_count: their number
 * @interval_ms: of mmlimitd, from the last file that has it; 0: none has
 * @policy: likewise, or MM_LIMIT_POLICY_OWN
 */
struct conf_files {
	struct conf_file *files;
	size_t count;
	struct conf_limit *limits;
	size_t limits_count;
	unsigned int interval_ms;
	int policy;
};

/**
 * conf_files_read - read a configuration
 * @files: filled, for conf_files_free(), which may be called in any case
 * @path: the main file; "-" is standard input
 * @folder: that of the others, or NULL. If it is given, no file need exist.
 * @why: says what is wrong on failure
 *
 * Return: 0, or a negative error.
 */
int conf_files_read(struct conf_files *files, const char *path,
		    const char *folder, char why[CONF_WHY_SIZE]);
void conf_files_free(struct conf_files *files);

#endif /* COMMON_CONF_FILES_H */
