// SPDX-License-Identifier: GPL-2.0-only
/* mmlimitd: when and how to kill, as the configuration has it. */
#define _GNU_SOURCE 1
#include <stdio.h>

#include "conf_files.h"
#include "settings.h"

static void fill_up(const struct settings *given,
		    const struct conf_files *files, struct settings *settings)
{
	settings->interval_ms = given->interval_ms ? given->interval_ms :
						     files->interval_ms;
	settings->policy = given->policy != POLICY_UNSET ? given->policy :
							   files->policy;
}

bool settings_read(const struct settings *given, struct settings *settings,
		   char why[SETTINGS_WHY_SIZE])
{
	struct settings complete;
	struct conf_files files;
	bool is_right;

	is_right =
		!conf_files_read(&files, MMLIMIT_CONF_PATH, CONF_FOLDER, why);
	if (is_right)
		fill_up(given, &files, &complete);
	conf_files_free(&files);
	if (!is_right)
		return false;
	if (!complete.interval_ms) {
		snprintf(
			why, SETTINGS_WHY_SIZE,
			"no interval: neither --interval nor interval= below [mmlimitd] in " MMLIMIT_CONF_PATH
			" or " CONF_FOLDER);
		return false;
	}
	*settings = complete;
	return true;
}
