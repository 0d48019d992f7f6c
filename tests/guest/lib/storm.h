/* SPDX-License-Identifier: GPL-2.0-only */
/* What all storms have in common: bystanders that must not notice. */
#ifndef GUEST_STORM_H
#define GUEST_STORM_H

#include "lib/probe.h"
#include "lib/user.h"

/**
 * struct storm - processes that have nothing to do with a storm
 * @bystanders: of root, of a user without a limit, of a user below its limit;
 *	all larger than any process in the storm
 * @probe: sees whether the machine still answers
 */
struct storm {
	struct worker bystanders[3];
	struct probe probe;
};

struct storm storm_begin(void);

/*
 * The others must be alive and unharmed. Limits that the storm was about must
 * have been removed.
 */
void storm_end(struct storm *storm);

#endif /* GUEST_STORM_H */
