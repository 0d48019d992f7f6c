/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimitd: its settings. */
#ifndef MMLIMITD_SETTINGS_H
#define MMLIMITD_SETTINGS_H

#include <stdbool.h>

#include "conf_files.h"
#include "mmlimit.h"

#define SETTINGS_WHY_SIZE CONF_WHY_SIZE

/* Neither a policy nor MM_LIMIT_POLICY_OWN, so it means that none was given */
#define POLICY_UNSET (MM_LIMIT_POLICY_OWN - 1)

/**
 * struct settings - when and how to kill
 * @interval_ms: how often; 0: not given
 * @policy: enum mm_limit_policy, or POLICY_UNSET
 */
struct settings {
	unsigned int interval_ms;
	int policy;
};

/**
 * settings_read - fill up settings from the configuration
 * @given: what the command line says, which goes first
 * @settings: filled on success; complete
 * @why: filled on failure
 *
 * No file need exist if @given has an interval.
 *
 * Return: whether there is an interval, and nothing wrong with the files.
 */
bool settings_read(const struct settings *given, struct settings *settings,
		   char why[SETTINGS_WHY_SIZE]);

#endif /* MMLIMITD_SETTINGS_H */
