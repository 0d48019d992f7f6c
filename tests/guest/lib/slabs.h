/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in the kernel's slabs: /proc/slabinfo. */
#ifndef GUEST_SLABS_H
#define GUEST_SLABS_H

#define SLABS_CACHES 256

/**
 * struct slab_cache - a line of /proc/slabinfo
 * @name: of the cache
 * @size: bytes of an object
 * @used: KiB of its objects that are in use
 * @kib: of its slabs
 */
struct slab_cache {
	char name[32];
	long size;
	long used;
	long kib;
};

/* All caches; those beyond the last have no name. */
void slabs_read(struct slab_cache caches[SLABS_CACHES]);

/* KiB of all slabs of the caches whose names begin like this */
long slabs_kib(const char *prefix);

/*
 * Frees slabs of such caches that have become empty, which the kernel keeps some of, and
 * what KASAN keeps of freed objects.
 */
void slabs_shrink(const char *prefix);

/*
 * KiB of objects in all slabs, once what can be freed is: what waits for grace periods, of which
 * kfree_rcu() takes its time until memory is asked for, dentries and inodes. Those of a CPU's
 * own slab all count as used until it is flushed, which this does. For tests of what is left
 * behind: where KASAN is in use it keeps much of what is freed, and kmemleak notices what
 * they do not.
 */
long slabs_used(void);

/*
 * Expects that they have grown by less than so many KiB: what is left behind stays, but what
 * others do comes and goes, and is waited for. Nothing is expected of a kernel that keeps
 * what is freed.
 */
void slabs_expect_grown_less(long before, long kib);

/* Bytes of an object of this cache, which must be there */
long slabs_object_size(const char *name);

/* Says which caches have grown by so many KiB and more. */
void slabs_show_grown(const struct slab_cache before[SLABS_CACHES],
		      const struct slab_cache after[SLABS_CACHES], long least);

#endif /* GUEST_SLABS_H */
