// SPDX-License-Identifier: GPL-2.0-only
/* See slabs.h. */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/memory.h"
#include "lib/slabs.h"

/*
 *	slabinfo - version: 2.1
 *	# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables ...
 *	dentry  2100  2184  144  28  1 : tunables 0 0 0 : slabdata 78 78 0
 */
void slabs_read(struct slab_cache caches[SLABS_CACHES])
{
	FILE *f = fopen("/proc/slabinfo", "re");
	char line[256];
	int i = 0;

	ASSERT_TRUE(f);
	memset(caches, 0, SLABS_CACHES * sizeof(*caches));
	while (i < SLABS_CACHES && fgets(line, sizeof(line), f)) {
		unsigned long used, all, size, per_slab, pages;

		if (sscanf(line, "%31s %lu %lu %lu %lu %lu", caches[i].name,
			   &used, &all, &size, &per_slab, &pages) != 6)
			continue;
		caches[i].size = size;
		caches[i].used = used * size / KIB;
		caches[i].kib = all / per_slab * pages * PAGE / KIB;
		i++;
	}
	fclose(f);
	if (i < SLABS_CACHES)
		caches[i].name[0] = '\0';
}

static const struct slab_cache nothing;

static const struct slab_cache *
find(const struct slab_cache caches[SLABS_CACHES], const char *name)
{
	for (int i = 0; i < SLABS_CACHES && caches[i].name[0]; i++)
		if (!strcmp(caches[i].name, name))
			return &caches[i];
	return &nothing;
}

long slabs_kib(const char *prefix)
{
	static struct slab_cache caches[SLABS_CACHES];
	long kib = 0;

	slabs_read(caches);
	for (int i = 0; i < SLABS_CACHES && caches[i].name[0]; i++)
		if (!strncmp(caches[i].name, prefix, strlen(prefix)))
			kib += caches[i].kib;
	return kib;
}

void slabs_shrink(const char *prefix)
{
	char pattern[64];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "/sys/kernel/slab/%s*/shrink",
		 prefix);
	ASSERT_EQ(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		ASSERT_EQ(file_write(found.gl_pathv[i], "1"), 0);
	globfree(&found);
}

long slabs_used(void)
{
	static struct slab_cache caches[SLABS_CACHES];
	long used = 0;

	held_drop_caches();
	slabs_shrink("");
	slabs_read(caches);
	for (int i = 0; i < SLABS_CACHES && caches[i].name[0]; i++)
		used += caches[i].used;
	return used;
}

/* How often, with grace periods in between */
#define LOOKS 20

void slabs_expect_grown_less(long before, long kib)
{
	long grown = slabs_used() - before;

	for (int i = 0; i < LOOKS && grown >= kib; i++)
		grown = slabs_used() - before;
	printf("%ld KiB more\n", grown);
	if (ktap_slowdown() == 1)
		EXPECT_LT(grown, kib);
}

long slabs_object_size(const char *name)
{
	static struct slab_cache caches[SLABS_CACHES];

	slabs_read(caches);
	ASSERT_GT(find(caches, name)->size, 0);
	return find(caches, name)->size;
}

void slabs_show_grown(const struct slab_cache before[SLABS_CACHES],
		      const struct slab_cache after[SLABS_CACHES], long least)
{
	for (int i = 0; i < SLABS_CACHES && after[i].name[0]; i++) {
		const struct slab_cache *was = find(before, after[i].name);

		if (after[i].kib - was->kib >= least)
			printf("slabs of %s: %+ld KiB, objects in use %+ld KiB\n",
			       after[i].name, after[i].kib - was->kib,
			       after[i].used - was->used);
	}
}
