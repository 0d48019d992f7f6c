// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: the configuration file, from the disk. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "mmlimit.h"

/*
 * Room for some forty thousand limits. A file without an end, as a device, is
 * refused.
 */
#define MAX_FILE (1 << 20)

static int read_path(const char *path, struct mmlimit_file *file)
{
	int fd, ret;

	do {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	ret = __mmlimit_read_file(fd, false, MAX_FILE, file);
	close(fd);
	return ret;
}

int mmlimit_conf_read(const char *path, struct mmlimit_conf *conf,
		      struct mmlimit_conf_error *error)
{
	int saved_errno = errno;
	struct mmlimit_file file;
	int ret;

	ret = read_path(path, &file);
	errno = saved_errno;
	if (ret) {
		const char *why = strerrordesc_np(-ret);

		error->line = 0;
		snprintf(error->reason, sizeof(error->reason), "%s",
			 why ? why : mmlimit_strerror(ret));
		return ret;
	}
	ret = mmlimit_conf_parse(file.text, file.length, conf, error);
	free(file.text);
	return ret;
}

void mmlimit_conf_free(struct mmlimit_conf *conf)
{
	free(conf->limits);
	free(conf->lines);
	conf->limits = NULL;
	conf->lines = NULL;
	conf->count = 0;
}
