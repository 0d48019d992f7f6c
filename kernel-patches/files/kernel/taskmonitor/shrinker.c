// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: when the system is short of memory, the oldest samples go.
 */

#include <linux/shrinker.h>

#include "taskmonitor.h"

static struct shrinker *shrinker;

static unsigned long count_samples(struct shrinker *s,
				   struct shrink_control *sc)
{
	struct taskmonitor_store *store = s->private_data;

	return READ_ONCE(store->nr_samples) ?: SHRINK_EMPTY;
}

static unsigned long scan_samples(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long given;

	given = taskmonitor_shrink(s->private_data, sc->nr_to_scan);
	sc->nr_scanned = given;
	return given ?: SHRINK_STOP;
}

/**
 * taskmonitor_shrinker_init - have reclaim look into a store
 * @store: the only one
 *
 * Return: 0 or -ENOMEM.
 */
int taskmonitor_shrinker_init(struct taskmonitor_store *store)
{
	shrinker = shrinker_alloc(0, "taskmonitor");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count_samples;
	shrinker->scan_objects = scan_samples;
	shrinker->private_data = store;
	shrinker_register(shrinker);
	return 0;
}

/**
 * taskmonitor_shrinker_exit - reclaim no longer looks
 *
 * Returns when the last look is over.
 */
void taskmonitor_shrinker_exit(void)
{
	shrinker_free(shrinker);
}
