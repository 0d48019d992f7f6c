// SPDX-License-Identifier: GPL-2.0-only
/* mmlimitd: when and how to kill, as the configuration file has it. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "settings.h"

bool settings_read(const struct settings *given, struct settings *settings,
		   char *why, size_t size)
{
	struct mmlimit_conf conf = { .policy = MM_LIMIT_POLICY_OWN };
	struct mmlimit_conf_error error;
	int ret = 0;

	if (!access(MMLIMIT_CONF_PATH, F_OK) || errno != ENOENT)
		ret = mmlimit_conf_read(MMLIMIT_CONF_PATH, &conf, &error);
	if (ret == -ENOMEM) {
		snprintf(why, size, "%s", mmlimit_strerror(ret));
		return false;
	}
	if (ret) {
		if (error.line)
			snprintf(why, size, MMLIMIT_CONF_PATH ":%u: %s",
				 error.line, error.reason);
		else
			snprintf(why, size, MMLIMIT_CONF_PATH ": %s",
				 error.reason);
		return false;
	}
	if (!given->interval_ms && !conf.interval_ms) {
		snprintf(
			why, size,
			"no interval: neither --interval nor interval= below [mmlimitd] in " MMLIMIT_CONF_PATH);
		mmlimit_conf_free(&conf);
		return false;
	}
	settings->interval_ms = given->interval_ms ? given->interval_ms :
						     conf.interval_ms;
	settings->policy = given->policy != POLICY_UNSET ? given->policy :
							   conf.policy;
	mmlimit_conf_free(&conf);
	return true;
}
